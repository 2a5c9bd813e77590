"""The key with which a host signs receipts: Ed25519, from the setting, or kept beside an embedded SQLite file."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from api.secret_file import kept_beside
from api.settings import Settings
from ledger.errors import PoolbookError
from ledger.receipt import KEY_SIZE


class SigningKeyMissing(PoolbookError):
    code = "signing-key-missing"
    what = "there is no key with which receipts of this database could be signed"
    remedy = ("set POOLBOOK_SIGNING_KEY to what `openssl genpkey -algorithm ed25519` prints, the same for every server "
              "of this database, and keep a copy: partners know the host by it")
    status = 503


class SigningKeyUnreadable(PoolbookError):
    code = "signing-key-unreadable"
    what = "the key for signing receipts cannot be read: it is no Ed25519 private key in PEM without a password"
    remedy = ("put the whole text in POOLBOOK_SIGNING_KEY, from -----BEGIN PRIVATE KEY----- on; \\n may stand for a "
              "new line")
    status = 503


class PublicKeyUnreadable(PoolbookError):
    code = "public-key-unreadable"
    what = "{text!r} is not a public key"
    remedy = "give the 64 hexadecimal digits that the host's `poolbook key public` prints"


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The host's key: POOLBOOK_SIGNING_KEY, or for an embedded SQLite file the one beside it, made once."""
    pem = settings.signing_key or kept_beside(settings.database, ".signing-key", _new)
    if pem is None:
        raise SigningKeyMissing()
    try:
        key = load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SigningKeyUnreadable() from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnreadable()
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public key as partners note it: 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def read_public(text: str) -> bytes:
    """A public key that somebody noted."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_SIZE:
        raise PublicKeyUnreadable(text=text[:80])
    return key


def _new() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
