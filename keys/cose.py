"""COSE_Sign1 and COSE_Sign (RFC 9052 §4.2, §4.1), untagged, one algorithm: Ed25519, −19 (RFC 9864).

The protected header is exactly {1: −19, 4: kid}; the unprotected header is empty.  Anything else
is `Malformed`, however well it is signed: what a reader accepts must have one spelling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from keys import cbor
from keys.errors import Malformed
from keys.signing import KID_BYTES, SIGNATURE_BYTES, PublicKey, Signer

_PROTECTED_HEAD = bytes.fromhex("a201320444")  # {1: -19, 4: h'…4 bytes'} up to the key identifier
_NO_BODY_HEADER = _NO_EXTERNAL = b""
KID_AT = 2 + len(_PROTECTED_HEAD)  # Where the key identifier stands in a COSE_Sign1 of ours.


def _protected(kid: bytes) -> bytes:
    return _PROTECTED_HEAD + kid


def _kid_of(protected: bytes) -> bytes:
    if len(protected) != len(_PROTECTED_HEAD) + KID_BYTES or not protected.startswith(_PROTECTED_HEAD):
        raise Malformed("the protected header must be exactly algorithm −19 and a key identifier")
    return protected[len(_PROTECTED_HEAD) :]


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    # Sig_structure: ["Signature1", body_protected, external_aad, payload] (RFC 9052 §4.4).
    return cbor.encode(["Signature1", protected, _NO_EXTERNAL, payload])


@dataclass(frozen=True, slots=True)
class Sign1:
    """The parts of one COSE_Sign1, not yet verified: `kid` says only which key to look up."""

    kid: bytes
    payload: bytes
    signature: bytes

    def verify(self, key: PublicKey) -> None:
        """Return if `key` signed this; raise `BadSignature` otherwise."""
        key.verify(_to_be_signed(_protected(self.kid), self.payload), self.signature)


def sign1(payload: bytes, signer: Signer) -> bytes:
    """The bytes of an untagged COSE_Sign1 over `payload`."""
    head, signed_head = _heads(signer.public.kid)
    body = cbor.encode(payload)
    return head + body + cbor.encode(signer.sign(signed_head + body))


@lru_cache(maxsize=64)
def _heads(kid: bytes) -> tuple[bytes, bytes]:
    # What stands before the payload, which is always the same: an empty byte string is one byte.
    protected = _protected(kid)
    return cbor.encode([protected, {}, b"", b""])[:-2], _to_be_signed(protected, b"")[:-1]


def parse_sign1(data: bytes) -> Sign1:
    """The parts of `data`; raises `Malformed` unless `sign1` could have written it."""
    value = cbor.decode(data)
    if not isinstance(value, list) or len(value) != 4:
        raise Malformed("a COSE_Sign1 is an array of four")
    protected, unprotected, payload, signature = value
    if unprotected != {} or not all(isinstance(part, bytes) for part in (protected, payload, signature)):
        raise Malformed("a COSE_Sign1 here has byte strings and an empty unprotected header")
    if len(signature) != SIGNATURE_BYTES:
        raise Malformed("an Ed25519 signature has 64 bytes")
    return Sign1(_kid_of(protected), payload, signature)


def _to_be_cosigned(protected: bytes, payload: bytes) -> bytes:
    # Sig_structure: ["Signature", body_protected, sign_protected, external_aad, payload].
    return cbor.encode(["Signature", _NO_BODY_HEADER, protected, _NO_EXTERNAL, payload])


@dataclass(frozen=True, slots=True)
class SignMany:
    """The parts of one COSE_Sign with several signers, not yet verified."""

    payload: bytes
    signatures: tuple[tuple[bytes, bytes], ...]

    def signed_by(self, keys: Sequence[PublicKey]) -> int:
        """How many of `keys` signed this, each counted once; a wrong signature raises.

        Raises `BadSignature` when a signature under one of these keys is wrong, so that a damaged
        file is never mistaken for one that merely has fewer signers.
        """
        by_kid = {key.kid: key for key in keys}
        seen = set()
        for kid, signature in self.signatures:
            if kid in by_kid:
                by_kid[kid].verify(_to_be_cosigned(_protected(kid), self.payload), signature)
                seen.add(kid)
        return len(seen)


def cosign(payload: bytes, signer: Signer) -> tuple[bytes, bytes]:
    """One signer's (kid, signature) for `write_many`."""
    kid = signer.public.kid
    return kid, signer.sign(_to_be_cosigned(_protected(kid), payload))


def write_many(parts: SignMany) -> bytes:
    """The bytes of an untagged COSE_Sign: an empty body header, signatures in order of kid."""
    signatures = [[_protected(kid), {}, signature] for kid, signature in sorted(parts.signatures)]
    return cbor.encode([_NO_BODY_HEADER, {}, parts.payload, signatures])


def parse_many(data: bytes) -> SignMany:
    """The parts of `data`; raises `Malformed` unless `write_many` could have written it."""
    value = cbor.decode(data)
    if not isinstance(value, list) or len(value) != 4 or value[:2] != [b"", {}]:
        raise Malformed("a COSE_Sign here is an array of four with empty body headers")
    if not isinstance(value[2], bytes) or not isinstance(value[3], list):
        raise Malformed("a COSE_Sign has a payload and a list of signatures")
    signatures = []
    for item in value[3]:
        if not (isinstance(item, list) and len(item) == 3 and isinstance(item[0], bytes) and item[1] == {}):
            raise Malformed("a COSE_Signature here is protected header, empty map, signature")
        if not isinstance(item[2], bytes) or len(item[2]) != SIGNATURE_BYTES:
            raise Malformed("an Ed25519 signature has 64 bytes")
        signatures.append((_kid_of(item[0]), item[2]))
    parts = SignMany(value[2], tuple(signatures))
    if len({kid for kid, _ in signatures}) != len(signatures) or write_many(parts) != data:
        raise Malformed("signatures must be one a key, in order of key identifier")
    return parts
