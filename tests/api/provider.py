"""A small OpenID Connect provider over HTTP for the tests: discovery, keys that rotate, the code flow with PKCE."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CLIENT, SECRET = "poolbook", "a secret of the client"


class SigningKey:
    """A key pair of the provider."""

    def __init__(self, kid: str, algorithm: str) -> None:
        self.kid, self.algorithm = kid, algorithm
        makes: dict[str, Callable[[], Any]] = {
            "RS": lambda: rsa.generate_private_key(65537, 2048), "PS": lambda: rsa.generate_private_key(65537, 2048),
            "ES": lambda: ec.generate_private_key(ec.SECP256R1()), "Ed": ed25519.Ed25519PrivateKey.generate}
        self.private = makes[algorithm[:2]]()

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half, as the provider shows it."""
        kind: Any = jwt.get_algorithm_by_name(self.algorithm)
        shown = json.loads(type(kind).to_jwk(self.private.public_key()))
        return {**{k: v for k, v in shown.items() if k != "key_ops"}, "kid": self.kid, "use": "sig",
                "alg": self.algorithm}

    @property
    def pem(self) -> bytes:
        """The public half, as an attacker would use it for a secret."""
        found: bytes = self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return found


class LocalProvider:
    """What the provider knows; a test changes it as it goes."""

    def __init__(self, clock: Callable[[], Any]) -> None:
        self.clock, self.issuer = clock, ""
        self.keys = [SigningKey("one", "RS256")]
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: Counter[str] = Counter()
        self.subject, self.name, self.claims = "ann", "Ann Hill", dict[str, Any]()
        self.document: dict[str, Any] = {}
        self.down = False

    def token(self, key: SigningKey | None = None, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token as the provider would make it, but for what is said otherwise; None leaves a claim out."""
        key, now = key or self.keys[0], int(self.clock().timestamp())
        whole = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "name": self.name, "iat": now,
                 "exp": now + 300, **self.claims, **claims}
        return jwt.encode({k: v for k, v in whole.items() if v is not None}, key.private, key.algorithm,
                          {"kid": key.kid, **(headers or {})})

    def answer(self, path: str, query: dict[str, str], form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.asked[path] += 1
        if self.down:
            return 500, {}, b"down"
        if path == "/.well-known/openid-configuration":
            return 200, {}, json.dumps({
                "issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", "token_endpoint": f"{self.issuer}/token",
                "authorization_endpoint": f"{self.issuer}/authorize", **self.document}).encode()
        if path == "/keys":
            return 200, {}, json.dumps({"keys": [key.jwk for key in self.keys]}).encode()
        if path == "/authorize":
            assert query["code_challenge_method"] == "S256"
            code = secrets.token_hex(8)
            self.codes[code] = query
            back = {"code": code, "state": query["state"]}
            return 302, {"Location": f"{query['redirect_uri']}?{urlencode(back)}"}, b""
        if path == "/token":
            return self._traded(form)
        return 404, {}, b""

    def _traded(self, form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode()
        if asked is None or challenge.rstrip("=") != asked["code_challenge"] or (
                form["redirect_uri"], form["client_id"], form.get("client_secret")) != (
                asked["redirect_uri"], CLIENT, SECRET):
            return 400, {}, json.dumps({"error": "invalid_grant"}).encode()
        return 200, {}, json.dumps({"access_token": "opaque", "token_type": "Bearer", "id_token": self.token(
            **{"nonce": asked["nonce"], **self.claims})}).encode()


@contextmanager
def running(clock: Callable[[], Any]) -> Iterator[LocalProvider]:
    """The provider, answering on this machine until the context ends."""
    provider = LocalProvider(clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            form = parse_qs(self.rfile.read(length).decode())
            status, headers, body = provider.answer(parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()},
                                                    {k: v[0] for k, v in form.items()})
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name that the server looks for

        def log_message(self, *_args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
