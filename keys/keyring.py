"""The key ring: which keys exist, what each may sign and when, vouched for by k of n roots.

A reader pins the first ring it is given and follows the chain: ring n + 1 must bear the threshold
of ring n's roots and of its own (formats §Keys; the idea is that of The Update Framework §5.3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from keys import cbor, cose
from keys.cbor import Reader
from keys.errors import Malformed, RingRefused, UnknownKey
from keys.signing import PublicKey, Signer, base64url

RING_FORMAT = "keyring/1"
LARGEST_RING = 4 << 20


class Role(StrEnum):
    """What a key signs: statements and cards, checkpoints, or lists and snapshots."""

    AGENCY = "agency"
    LOG = "log"
    STATUS = "status"


class KeyState(StrEnum):
    """`active` signs and verifies, `retired` verifies, `compromised` verifies what was logged before."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key: its term (seconds since 1970) bounds the moments of log entries, never dates of licenses."""

    public: PublicKey
    role: Role
    valid_from: int
    valid_until: int
    state: KeyState = KeyState.ACTIVE
    agency: int | None = None
    types: tuple[int, ...] = ()
    good_size: int | None = None


@dataclass(frozen=True)
class KeyRing:
    """One version of the ring; `expires` and `issued` are seconds since 1970."""

    version: int
    origin: str
    host: str
    issued: int
    expires: int
    threshold: int
    roots: tuple[PublicKey, ...]
    keys: tuple[RingKey, ...]

    @cached_property
    def _by_kid(self) -> dict[bytes, RingKey]:
        return {key.public.kid: key for key in self.keys}

    def key(self, kid: bytes) -> RingKey:
        """The key with identifier `kid`; raises `UnknownKey`."""
        try:
            return self._by_kid[kid]
        except KeyError:
            raise UnknownKey(kid) from None

    def with_role(self, role: Role) -> tuple[RingKey, ...]:
        """The keys of one role, in the ring's order."""
        return tuple(key for key in self.keys if key.role is role)

    def jwks(self) -> dict[str, list[dict[str, object]]]:
        """The ring as a JSON Web Key Set (RFC 7517, RFC 8037) for other programs."""
        return {"keys": [_jwk(key) for key in self.keys]}


def _jwk(key: RingKey) -> dict[str, object]:
    jwk: dict[str, object] = {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "Ed25519",
        "use": "sig",
        "kid": key.public.kid.hex(),
        "x": base64url(key.public.raw),
        "role": key.role.value,
        "state": key.state.value,
        "nbf": key.valid_from,
        "exp": key.valid_until,
    }
    return jwk if key.agency is None else jwk | {"agency": key.agency}


def encode_ring(ring: KeyRing) -> bytes:
    """The payload the roots sign."""
    return cbor.encode(
        {
            "format": RING_FORMAT,
            "version": ring.version,
            "origin": ring.origin,
            "host": ring.host,
            "issued": ring.issued,
            "expires": ring.expires,
            "threshold": ring.threshold,
            "roots": [root.raw for root in ring.roots],
            "keys": [_write_key(key) for key in ring.keys],
        }
    )


def _write_key(key: RingKey) -> dict[str, object]:
    return cbor.without_absent(
        {
            "public": key.public.raw,
            "role": key.role.value,
            "agency": key.agency,
            "types": list(key.types),
            "from": key.valid_from,
            "until": key.valid_until,
            "state": key.state.value,
            "good_size": key.good_size,
        }
    )


def parse_ring(payload: bytes) -> KeyRing:
    """The ring of a payload; raises `Malformed`.  Callers use `pin_ring` and `follow_ring`."""
    read = Reader(cbor.decode(payload), "key ring")
    read.literal("format", RING_FORMAT)
    ring = KeyRing(
        version=read.natural("version"),
        origin=read.required("origin", str),
        host=read.required("host", str),
        issued=read.natural("issued"),
        expires=read.natural("expires"),
        threshold=read.natural("threshold"),
        roots=tuple(map(_public, read.required("roots", list))),
        keys=tuple(map(_read_key, read.required("keys", list))),
    )
    read.done()
    kids = [key.public.kid for key in ring.keys] + [root.kid for root in ring.roots]
    if len(set(kids)) != len(kids):
        raise read.fail("two keys share an identifier")
    if not 1 <= ring.threshold <= len(ring.roots) or ring.version < 1:
        raise read.fail("the threshold must lie between 1 and the number of roots")
    if encode_ring(ring) != payload:
        raise read.fail("empty items must be absent")
    return ring


def _public(raw: object) -> PublicKey:
    if not isinstance(raw, bytes):
        raise Malformed("key ring: a public key is 32 bytes")
    return PublicKey(raw)


def _read_key(value: object) -> RingKey:
    read = Reader(value, "key of the ring")
    types = read.optional("types", list) or []
    if any(type(number) is not int or number < 0 for number in types) or types != sorted(set(types)):
        raise read.fail("license types are numbers in ascending order")
    try:
        key = RingKey(
            public=_public(read.required("public", bytes)),
            role=Role(read.required("role", str)),
            agency=read.optional_natural("agency"),
            types=tuple(types),
            valid_from=read.natural("from"),
            valid_until=read.natural("until"),
            state=KeyState(read.required("state", str)),
            good_size=read.optional_natural("good_size"),
        )
    except ValueError as error:
        raise read.fail("unknown role or state") from error
    read.done()
    if (key.role is Role.AGENCY) != (key.agency is not None):
        raise read.fail("agency keys, and no others, name an agency")
    if (key.state is KeyState.COMPROMISED) != (key.good_size is not None):
        raise read.fail("compromised keys, and no others, name a last good size")
    return key


def sign_ring(ring: KeyRing, roots: Iterable[Signer]) -> bytes:
    """The signed ring: an untagged COSE_Sign with one signature a root."""
    payload = encode_ring(ring)
    return cose.write_many(cose.SignMany(payload, tuple(cose.cosign(payload, root) for root in roots)))


def _require_threshold(parts: cose.SignMany, roots: Sequence[PublicKey], threshold: int, whose: str) -> None:
    count = parts.signed_by(roots)
    if count < threshold:
        raise RingRefused(f"{count} of {threshold} signatures by {whose} roots")


def pin_ring(signed: bytes) -> KeyRing:
    """The ring a reader starts from: handed over by a trusted way, complete in its own signatures.

    Raises `Malformed`, `BadSignature` or `RingRefused`.
    """
    parts = cose.parse_many(signed)
    ring = parse_ring(parts.payload)
    _require_threshold(parts, ring.roots, ring.threshold, "its own")
    return ring


def follow_ring(trusted: KeyRing, signed: bytes) -> KeyRing:
    """The next version of a trusted ring, or the same one again.

    Raises `RingRefused` for an older version, a skipped one, another log, or too few roots of the
    old or of the new threshold; `Malformed` or `BadSignature` for damage.
    """
    parts = cose.parse_many(signed)
    ring = parse_ring(parts.payload)
    _require_threshold(parts, trusted.roots, trusted.threshold, "the trusted")
    _require_threshold(parts, ring.roots, ring.threshold, "its own")
    if ring == trusted:
        return trusted
    if ring.version != trusted.version + 1 or (ring.origin, ring.host) != (trusted.origin, trusted.host):
        raise RingRefused(f"version {ring.version} of {ring.origin!r} cannot follow {trusted.version}")
    return ring
