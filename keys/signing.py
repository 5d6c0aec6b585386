"""Ed25519 keys (RFC 8032): those that verify, and those that sign.

A signer is a small interface, so that a hardware module can stand in for the sealed files.
"""

import base64
import hashlib
from typing import Protocol

import nacl.bindings
import nacl.exceptions
import nacl.signing

from keys.errors import BadSignature, Malformed

SIGNATURE_BYTES = 64
KID_BYTES = 4


def base64url(data: bytes) -> str:
    """Unpadded base64url (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class PublicKey:
    """A public key whose point is on the curve, in the main subgroup and written canonically.

    `thumbprint` is the SHA-256 JWK thumbprint (RFC 7638, RFC 8037 §2), 32 bytes; `kid` is its
    first four bytes, which is what COSE headers carry.
    """

    __slots__ = ("_key", "kid", "raw", "thumbprint")

    def __init__(self, raw: bytes) -> None:
        """Take the 32 bytes of RFC 8032; raises `Malformed`, for low-order points too."""
        if len(raw) != 32 or not nacl.bindings.crypto_core_ed25519_is_valid_point(raw):
            raise Malformed("not an Ed25519 public key of full order")
        self.raw = raw
        self._key = nacl.signing.VerifyKey(raw)
        self.thumbprint = hashlib.sha256(self.jwk()).digest()
        self.kid = self.thumbprint[:KID_BYTES]

    def jwk(self) -> bytes:
        """The text whose SHA-256 is the thumbprint (RFC 7638): the key as a JSON Web Key."""
        return f'{{"crv":"Ed25519","kty":"OKP","x":"{base64url(self.raw)}"}}'.encode("ascii")

    def verify(self, message: bytes, signature: bytes) -> None:
        """Return if `signature` is this key's over `message`; raise `BadSignature` otherwise."""
        try:
            self._key.verify(message, signature)
        except (nacl.exceptions.CryptoError, nacl.exceptions.TypeError, ValueError) as error:
            raise BadSignature(f"wrong signature for key {self.kid.hex()}") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.kid.hex()})"


def parse_jwk(content: bytes) -> PublicKey:
    """The key of a JSON Web Key spelled as its thumbprint wants it; raises `Malformed`."""
    head, tail = b'{"crv":"Ed25519","kty":"OKP","x":"', b'"}'
    try:
        raw = base64.b64decode(
            content.removeprefix(head).removesuffix(tail) + b"=", altchars=b"-_", validate=True
        )
    except ValueError as error:
        raise Malformed("not the JSON Web Key of an Ed25519 key") from error
    key = PublicKey(raw)
    if key.jwk() != content:
        raise Malformed("not the JSON Web Key of an Ed25519 key")
    return key


class Signer(Protocol):
    """Something that signs with one private key and never shows it."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of `message` (RFC 8032 §5.1.6)."""


class SeedSigner:
    """A signer whose 32-byte seed (RFC 8032 §5.1.5) is in this process's memory."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        self._key = nacl.signing.SigningKey(seed)
        self.public = PublicKey(bytes(self._key.verify_key))

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""
        return self._key.sign(message).signature

    def __repr__(self) -> str:
        return f"SeedSigner({self.public.kid.hex()})"
