"""Token Status Lists (IETF draft-ietf-oauth-status-list-21) of 4 bits an entry, as signed JWTs."""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys.acts import Status
from keys.errors import BadSignature, KeyNotAllowed, Malformed
from keys.keyring import KeyRing, Role
from keys.signing import Signer, base64url

BITS = 4
LIST_POSITIONS = 1 << 16
TTL_SECONDS = 5 * 60
LIFETIME_SECONDS = 7 * 24 * 3600
LARGEST_LIST_JWT = 256 << 10


@dataclass(frozen=True, slots=True)
class ListName:
    """Which list: the agency's `number` of `year`, the year being that of the entries in Bangkok."""

    agency: int
    year: int
    number: int

    def path(self) -> str:
        """The list's folder below `status/`."""
        return f"{self.agency}/{self.year}/{self.number}"


@dataclass(frozen=True, slots=True)
class StatusList:
    """One version of one list; `log_size` is the size of the log that it reflects."""

    name: ListName
    uri: str
    version: int
    log_size: int
    issued: int
    expires: int
    nibbles: bytes

    def status_at(self, position: int) -> int:
        """The 4-bit value at `position`; raises `Malformed` out of range."""
        if not 0 <= position < 2 * len(self.nibbles):
            raise Malformed(f"position {position} lies outside the list")
        return self.nibbles[position >> 1] >> (BITS * (position & 1)) & 0xF


def empty_nibbles() -> bytearray:
    """The content of a new list: every position VALID, as the draft wants unused ones."""
    return bytearray(LIST_POSITIONS // 2)


def put(nibbles: bytearray, position: int, value: int) -> None:
    """Write the 4-bit `value` at `position`; even positions are the low halves of bytes."""
    shift = BITS * (position & 1)
    nibbles[position >> 1] = nibbles[position >> 1] & (0xF0 >> shift) | value << shift


def compress(nibbles: bytes) -> str:
    """The `lst` value: zlib (level 9) of the packed statuses, base64url."""
    return base64url(zlib.compress(nibbles, 9))


def decompress(lst: str, *, limit: int) -> bytes:
    """The packed statuses of an `lst` value of at most `limit` bytes; raises `Malformed`."""
    try:
        packed = _unbase64url(lst)
        inflater = zlib.decompressobj()
        nibbles = inflater.decompress(packed, limit + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise Malformed("a status list is base64url of zlib") from error
    if len(nibbles) > limit or not inflater.eof or inflater.unused_data:
        raise Malformed("a status list is too long or does not end where it should")
    if base64url(packed) != lst:
        raise Malformed("base64url has one spelling: no padding, no bits left over")
    return nibbles


def _json(value: Mapping[str, Any]) -> str:
    return base64url(json.dumps(value, separators=(",", ":"), sort_keys=True).encode("ascii"))


def _header(kid: bytes) -> str:
    return _json({"alg": "Ed25519", "kid": kid.hex(), "typ": "statuslist+jwt"})


def _claims(value: StatusList, lst: str) -> dict[str, Any]:
    return {
        "sub": value.uri,
        "iat": value.issued,
        "exp": value.expires,
        "ttl": TTL_SECONDS,
        "status_list": {"bits": BITS, "lst": lst},
        "list": list(vars_of(value.name)),
        "version": value.version,
        "log_size": value.log_size,
    }


def sign_list(value: StatusList, signer: Signer) -> bytes:
    """The list as a compact JWT (RFC 7515, RFC 9864) with the claims of the draft's §5.1."""
    claims = _claims(value, compress(value.nibbles))
    signing_input = f"{_header(signer.public.kid)}.{_json(claims)}"
    return f"{signing_input}.{base64url(signer.sign(signing_input.encode('ascii')))}".encode("ascii")


def _unbase64url(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _unjson(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_unbase64url(part))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Malformed("a JWT is JSON in base64url") from error
    if not isinstance(value, dict) or _json(value) != part:
        raise Malformed("a JWT here has sorted keys, no blanks and no padding")
    return value


def open_list(signed: bytes, ring: KeyRing) -> StatusList:
    """The list that a status key of the ring signed.

    Raises `Malformed`, `UnknownKey`, `BadSignature` or `KeyNotAllowed`.  Expiry is the caller's:
    what counts is that a fresh snapshot names these bytes.
    """
    try:
        header_part, claims_part, signature_part = signed.decode("ascii").split(".")
        header = _unjson(header_part)
        kid = bytes.fromhex(header["kid"])
        signature = _unbase64url(signature_part)
    except (UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise Malformed("not a compact JWT") from error
    if header_part != _header(kid) or not signature or base64url(signature) != signature_part:
        raise Malformed("the JWT's header or signature is not spelled as this service spells it")
    key = ring.key(kid)
    if key.role is not Role.STATUS:
        raise KeyNotAllowed("only status keys sign status lists")
    if len(signature) != 64:
        raise BadSignature("an Ed25519 signature has 64 bytes")
    key.public.verify(f"{header_part}.{claims_part}".encode("ascii"), signature)
    return _read_claims(_unjson(claims_part))


def list_expiry(signed: bytes) -> tuple[int, bytes]:
    """When a list of our own expires (seconds since 1970) and whose key (kid) signed it.

    Read without verifying; what cannot be read expired long ago.
    """
    parts = signed.split(b".")
    try:
        header, claims = (_unjson(part.decode("ascii")) for part in parts[:2])
        return int(claims["exp"]), bytes.fromhex(header["kid"])
    except (IndexError, KeyError, TypeError, ValueError, Malformed):
        return 0, b""


def _read_claims(claims: dict[str, Any]) -> StatusList:
    try:
        lst = claims["status_list"]["lst"]
        value = StatusList(
            name=ListName(*claims["list"]),
            uri=claims["sub"],
            version=claims["version"],
            log_size=claims["log_size"],
            issued=claims["iat"],
            expires=claims["exp"],
            nibbles=decompress(lst, limit=LIST_POSITIONS // 2),
        )
    except (KeyError, TypeError) as error:
        raise Malformed("a status list lacks a claim") from error
    numbers = (*vars_of(value.name), value.version, value.log_size, value.issued, value.expires)
    if any(type(n) is not int or n < 0 for n in numbers) or not isinstance(value.uri, str):
        raise Malformed("a status list's numbers are whole and not negative")
    # As text, because in JSON 300.0 equals 300.  Only the compressed bytes may differ from ours.
    if _json(_claims(value, lst)) != _json(claims):
        raise Malformed("a status list has other claims than it should")
    if len(value.nibbles) != LIST_POSITIONS // 2:
        raise Malformed("a status list has 65,536 positions")
    return value


def vars_of(name: ListName) -> tuple[int, int, int]:
    """The three numbers of a list's name."""
    return name.agency, name.year, name.number


def is_known(value: int) -> bool:
    """Whether a 4-bit value is one that acts set."""
    return value in Status._value2member_map_
