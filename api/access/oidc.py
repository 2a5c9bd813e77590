"""Tokens of an OpenID Connect provider: whose they are, once everything that could be wrong with them is checked.

The provider says in its discovery document, fetched over https (plain http only from this machine), where its keys
are. Only signatures with a private key count (`ALGORITHMS`): no `none`, and no HMAC, whose key a public one could pass
for. Keys are kept for a while; a key id that is not among them has them fetched anew, but not more than once in
`REFETCH` seconds, so that made-up tokens do not turn into requests to the provider.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt

from api.access.refusals import ProviderUnusable, SignInFailed, TokenRefused
from api.settings import Settings
from ledger.language import Said

ALGORITHMS: Mapping[str, str] = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "EdDSA": "OKP"}
"""What a token may be signed with, and the type of key that it takes."""
NO_TOKENS_OF_ACCESS = ("logout+jwt", "dpop+jwt")
SKEW = 60  # seconds that the provider's clock may differ from ours
LONGEST = 16_000  # characters of a token
KEPT = 600  # seconds for which discovery and keys are used without asking again
STALE = 86_400  # seconds for which they are, while the provider does not answer
REFETCH = 30  # seconds between two fetches at least
TIMEOUT = 5  # seconds for the provider to answer
MOST_BYTES = 1_000_000
_PIECE = 1 << 16
_FAR = 1e12  # seconds from 1970 that no token's time is away

Fetch = Callable[[str, bytes | None, Mapping[str, str]], bytes]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, as the provider knows them; `name` is for people to read and decides nothing."""

    issuer: str
    subject: str
    name: str = ""

    @property
    def actor(self) -> str:
        """How this person is named where something was done."""
        return f"oidc:{self.issuer}#{self.subject}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """A provider that answers from elsewhere is not the one that was named."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def fetch(url: str, form: bytes | None, headers: Mapping[str, str]) -> bytes:
    """The body of an answer of the provider, if it is one and not too long."""
    _guard(url)
    request = urllib.request.Request(url, form, {"Accept": "application/json", **headers})  # noqa: S310 - guarded
    try:
        with _OPENER.open(request, timeout=TIMEOUT) as answer:
            found = _whole(answer)
    except urllib.error.HTTPError as error:
        if form is not None and 400 <= error.code < 500:
            raise SignInFailed(fault=Said("the sign-in service refused it")) from None
        raise ProviderUnusable(fault=Said("{url} answers {code}", url=_place(url), code=error.code)) from None
    except (OSError, ValueError, HTTPException) as error:
        raise ProviderUnusable(fault=Said("{url} does not answer as it should ({name})", url=_place(url),
                                          name=type(error).__name__)) from None
    if len(found) > MOST_BYTES:
        raise ProviderUnusable(fault=Said("{url} answers too much", url=_place(url)))
    return found


def _whole(answer: HTTPResponse) -> bytes:
    """What an answer says, within the time and as long as is read; one that drips would hold up every sign-in."""
    until, found = time.monotonic() + TIMEOUT, b""
    while len(found) <= MOST_BYTES and (piece := answer.read1(_PIECE)):
        found += piece
        if time.monotonic() > until:
            raise TimeoutError
    return found


def _guard(url: str) -> None:
    """https, or http on this machine alone."""
    parts = urlsplit(url)
    if parts.scheme != "https" and (parts.scheme, parts.hostname) not in (
            ("http", "localhost"), ("http", "127.0.0.1"), ("http", "::1")):
        raise ProviderUnusable(fault=Said("{url} is not an https address", url=_place(url)))


def _place(url: str) -> str:
    return url.partition("?")[0][:200]


@dataclass
class _Known:
    """What the provider said, and when (by a clock that only goes forward)."""

    document: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=list)
    at: float = float("-inf")
    asked: float = float("-inf")


class Provider:
    """One provider of sign-ins, as this server is set up for it."""

    def __init__(self, issuer: str, audience: str, client_id: str = "", client_secret: str = "",
                 fetch: Fetch = fetch, ticks: Callable[[], float] = time.monotonic) -> None:
        self.issuer, self.audience = issuer, audience
        self.client_id, self.client_secret = client_id, client_secret
        self._fetch, self._ticks = fetch, ticks
        self._known, self._lock = _Known(), threading.Lock()

    def verify(self, token: str, now: dt.datetime) -> Identity:
        """Who sent a token in the header Authorization: an access token, or an ID token, for this server."""
        return self._identity(self._claims(token, now, self.audience))

    def exchanged(self, code: str, verifier: str, redirect: str, nonce: str, now: dt.datetime) -> Identity:
        """Who signed in with a browser: trades the code for an ID token, which must be for us and for this sign-in."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier,
                "client_id": self.client_id, **({"client_secret": self.client_secret} if self.client_secret else {})}
        answer = self._json(self.endpoint("token_endpoint"), urlencode(form).encode())
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise TokenRefused(fault=Said("the provider sent no ID token"))
        claims = self._claims(token, now, self.client_id)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode("utf-8", "replace"), nonce.encode()):
            raise TokenRefused(fault=Said("it was made for another sign-in"))
        return self._identity(claims)

    def endpoint(self, name: str) -> str:
        """One of the addresses that the provider names."""
        found = self._current().document.get(name)
        if not isinstance(found, str):
            raise ProviderUnusable(fault=Said("its discovery document names no {name}", name=name))
        _guard(found)
        return found

    # Tokens

    def _claims(self, token: str, now: dt.datetime, audience: str) -> dict[str, Any]:
        if len(token) > LONGEST:
            raise TokenRefused(fault=Said("it is too long"))
        try:
            header = jwt.get_unverified_header(token)
            algorithm = str(header.get("alg"))
            if algorithm not in ALGORITHMS or str(header.get("typ", "")).lower() in NO_TOKENS_OF_ACCESS:
                raise TokenRefused(fault=Said("it is signed by {algorithm!r}, or it is no token of access",
                                              algorithm=algorithm[:20]))
            key = self._key(header.get("kid"), algorithm)
            claims: dict[str, Any] = jwt.decode(token, key, algorithms=[algorithm], issuer=self.issuer,
                                                audience=audience, options={
                "require": ["exp", "iss", "aud", "sub"], "verify_exp": False, "verify_nbf": False, "verify_iat": False})
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise TokenRefused(fault=_FAULTS.get(type(error),
                                                 Said("it cannot be read, or its signature is wrong"))) from None
        self._on_time(claims, now.timestamp())
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if audience == self.client_id and "azp" in claims and claims["azp"] != self.client_id and several:
            raise TokenRefused(fault=Said("it was made for another application"))
        return claims

    @staticmethod
    def _on_time(claims: Mapping[str, Any], now: float) -> None:
        for name in ("exp", "nbf", "iat"):
            at = claims.get(name, 0)
            if isinstance(at, bool) or not isinstance(at, int | float) or not abs(at) < _FAR:
                raise TokenRefused(fault=Said("its {name} is no time", name=name))
        if now >= claims["exp"] + SKEW:
            raise TokenRefused(fault=Said("it has expired"))
        if max(claims.get("nbf", 0), claims.get("iat", 0)) > now + SKEW:
            raise TokenRefused(fault=Said("its time has not come yet"))

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject, name = claims["sub"], claims.get("name") or claims.get("email") or ""
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255 or not subject.isprintable():
            raise TokenRefused(fault=Said("it says of nobody whose it is"))
        return Identity(self.issuer, subject, "".join(c for c in str(name)[:200] if c.isprintable()))

    def _key(self, kid: object, algorithm: str) -> jwt.PyJWK:
        found = _matching(self._current().keys, kid, algorithm) or _matching(
            self._current(unless=kid).keys, kid, algorithm)
        if len(found) != 1:
            raise TokenRefused(fault=Said("the provider has no such key"))
        return jwt.PyJWK(found[0], algorithm)

    # What the provider says

    def _current(self, unless: object = None) -> _Known:
        """Discovery and keys; fetched again when they are old, or (`unless`) when a key id is not among them."""
        with self._lock:
            known, now = self._known, self._ticks()
            fresh = now - known.at < KEPT and (unless is None or any(k.get("kid") == unless for k in known.keys))
            if fresh or now - known.asked < REFETCH:
                if not known.document:
                    raise ProviderUnusable(fault=Said("it did not answer a moment ago"))
                return known
            known.asked = now
            try:
                document = self._discovered()
                keys = self._json(document["jwks_uri"]).get("keys")
            except ProviderUnusable:
                if now - known.at > STALE:
                    raise
                return known
            usable = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
            self._known = _Known(document, usable, now, now)
            return self._known

    def _discovered(self) -> dict[str, Any]:
        document = self._json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != self.issuer or not isinstance(document.get("jwks_uri"), str):
            raise ProviderUnusable(fault=Said("its discovery document is of another issuer, or names no keys"))
        return document

    def _json(self, url: str, form: bytes | None = None) -> dict[str, Any]:
        try:
            found = json.loads(self._fetch(url, form, {}))
        except (ValueError, RecursionError):
            raise ProviderUnusable(fault=Said("{url} does not answer in JSON", url=_place(url))) from None
        if not isinstance(found, dict):
            raise ProviderUnusable(fault=Said("{url} does not answer with an object", url=_place(url)))
        return found


_FAULTS: Mapping[type[Exception], str] = {
    jwt.InvalidIssuerError: Said("it comes from another issuer"),
    jwt.InvalidAudienceError: Said("it is for another audience"),
    jwt.MissingRequiredClaimError: Said("it does not say by whom, about whom, for whom or until when it is")}


def _matching(keys: list[dict[str, Any]], kid: object, algorithm: str) -> list[dict[str, Any]]:
    """The keys that may have signed: of the right type, meant for signing, and the one named, if one is."""
    return [key for key in keys if key.get("kty") == ALGORITHMS[algorithm] and key.get("use", "sig") == "sig"
            and key.get("alg", algorithm) == algorithm and (kid is None or key.get("kid") == kid)]


def provider_of(settings: Settings) -> Provider | None:
    """The provider that the settings name, if they name one."""
    if not settings.oidc_issuer:
        return None
    return Provider(settings.oidc_issuer, settings.oidc_audience or settings.oidc_client_id, settings.oidc_client_id,
                    settings.oidc_client_secret)
