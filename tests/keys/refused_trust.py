"""What is well spelled and signed, yet refused: status lists, and things signed by the wrong key."""

import dataclasses
import json
import zlib
from collections.abc import Iterator
from typing import Any

from keys import cose
from keys.keyring import KeyRing, sign_ring
from keys.opening import sign_card, sign_snapshot, sign_statement
from keys.signing import SeedSigner, base64url
from keys.statuslist import compress, sign_list
from tests.keys import examples
from tests.keys.examples import AGENCY, LOG, RING, ROOTS, STATUS, STOLEN, YEAR, seed
from tests.keys.refused_texts import Case, odd_bits

_URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# The ring that the cases for "next ring" are followed from.
SECOND_RING = dataclasses.replace(RING, version=2)
OTHER_ROOTS = tuple(SeedSigner(seed(f"other root {n}")) for n in (1, 2))


def cases() -> Iterator[Case]:
    """Every case of this file."""
    yield from _list_cases()
    yield from _list_spellings()
    yield from _opened_cases()
    yield from _ring_cases()


def _text(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _jwt(header: bytes, claims: bytes, signer: SeedSigner = STATUS) -> str:
    signing_input = f"{base64url(header)}.{base64url(claims)}"
    return f"{signing_input}.{base64url(signer.sign(signing_input.encode()))}"


def _header(signer: SeedSigner = STATUS) -> dict[str, Any]:
    return {"alg": "Ed25519", "kid": signer.public.kid.hex(), "typ": "statuslist+jwt"}


def _claims() -> dict[str, Any]:
    value = examples.LIST
    return {
        "sub": value.uri,
        "iat": value.issued,
        "exp": value.expires,
        "ttl": 300,
        "status_list": {"bits": 4, "lst": compress(value.nibbles)},
        "list": [1, 2026, 0],
        "version": value.version,
        "log_size": value.log_size,
    }


def _list_cases() -> Iterator[Case]:
    header, claims = _header(), _claims()
    headers: dict[str, dict[str, Any]] = {
        "no algorithm": {"alg": "none"},
        "the algorithm's older name": {"alg": "EdDSA"},
        "another type": {"typ": "JWT"},
        "kid in upper case": {"kid": STATUS.public.kid.hex().upper()},
        "kid with a blank": {"kid": STATUS.public.kid.hex()[:4] + " " + STATUS.public.kid.hex()[4:]},
        "kid as a number": {"kid": 1},
        "a key in the header": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": base64url(bytes(32))}},
    }
    for why, edit in headers.items():
        yield "status list", why, _jwt(_text(header | edit), _text(claims))
    nibbles = examples.LIST.nibbles
    edits: dict[str, dict[str, Any]] = {
        "an unknown claim": {"iss": "x"},
        "8 bits": {"status_list": {"bits": 8, "lst": compress(nibbles)}},
        "an aggregation address": {"status_list": claims["status_list"] | {"aggregation_uri": "x"}},
        "another time to live": {"ttl": 43_200},
        "a time to live with a point": {"ttl": 300.0},
        "true as version": {"version": True},
        "a negative size": {"log_size": -1},
        "an address that is a number": {"sub": 1},
        "a name of two numbers": {"list": [1, 2026]},
        "a name as text": {"list": "abc"},
        "no list": {"status_list": None},
    }
    for why, edit in edits.items():
        yield "status list", why, _jwt(_text(header), _text(claims | edit))
    yield "status list", "no expiry", _jwt(_text(header), _text({k: claims[k] for k in claims if k != "exp"}))
    for why, lst in {
        "half the positions": compress(nibbles[: 1 << 14]),
        "twice the positions": compress(nibbles * 2),
        "bytes after the end": base64url(zlib.compress(nibbles, 9) + b"\0"),
        "no end": base64url(zlib.compress(nibbles, 9)[:-1]),
        "bare deflate": base64url(zlib.compress(nibbles, 9)[2:-4]),
        "padding": compress(nibbles) + "=" * (-len(compress(nibbles)) % 4 or 4),
        "not base64": "?" + compress(nibbles)[1:],
        "nothing": "",
    }.items():
        inner = {"status_list": {"bits": 4, "lst": lst}}
        yield "status list", why, _jwt(_text(header), _text(claims | inner))


def _list_spellings() -> Iterator[Case]:
    header, claims = _text(_header()), _text(_claims())
    good = sign_list(examples.LIST, STATUS).decode()
    first, second, third = good.split(".")
    yield "status list", "blanks in the claims", _jwt(header, claims.replace(b":", b": "))
    yield "status list", "blanks in the header", _jwt(header.replace(b":", b": "), claims)
    yield (
        "status list",
        "claims out of order",
        _jwt(header, json.dumps(_claims(), separators=(",", ":")).encode()),
    )
    yield "status list", "a claim twice", _jwt(header, claims[:-1] + b',"version":4}')
    yield "status list", "claims as an array", _jwt(header, b"[]")
    yield "status list", "padding after the signature", good + "=="
    yield "status list", "bits left over in the signature", f"{first}.{second}.{odd_bits(third, _URL_SAFE)}"
    yield "status list", "a signature of 63 bytes", f"{first}.{second}.{base64url(bytes(63))}", "BadSignature"
    yield "status list", "no signature", f"{first}.{second}."
    yield "status list", "two parts", f"{first}.{second}"
    yield "status list", "four parts", f"{good}.{third}"
    yield "status list", "a newline at the end", good + "\n"
    yield "status list", "letters beyond ASCII", good + "ก"
    yield "status list", "a log key", _jwt(_text(_header(LOG)), claims, LOG), "KeyNotAllowed"
    stranger = ROOTS[0]
    yield (
        "status list",
        "a key that is not in the ring",
        _jwt(_text(_header(stranger)), claims, stranger),
        "UnknownKey",
    )
    yield "status list", "another key's signature", _jwt(header, claims, LOG), "BadSignature"
    later = _text(_claims() | {"version": 5})
    yield "status list", "claims changed after signing", f"{first}.{base64url(later)}.{third}", "BadSignature"


def _opened_cases() -> Iterator[Case]:
    card, record, snapshot = examples.CARD, examples.RECORD, examples.SNAPSHOT
    good = bytearray(examples.SIGNED_CARD)
    good[-1] ^= 1
    yield "signed card", "one bit of the signature", bytes(good), "BadSignature"
    other = sign_card(dataclasses.replace(card, index=card.index + 1), AGENCY)
    swapped = other[:-64] + examples.SIGNED_CARD[-64:]
    yield "signed card", "another card's signature", swapped, "BadSignature"
    yield "signed card", "a signature of zeros", examples.SIGNED_CARD[:-64] + bytes(64), "BadSignature"
    yield "signed card", "a key that is not in the ring", sign_card(card, OTHER_ROOTS[0]), "UnknownKey"
    yield "signed card", "a root's signature", sign_card(card, ROOTS[0]), "UnknownKey"
    yield "signed card", "the log's signature", sign_card(card, LOG), "KeyNotAllowed"
    yield "signed card", "another agency's key", sign_card(card, STOLEN), "KeyNotAllowed"
    foreign = dataclasses.replace(card, license_type=4)
    yield "signed card", "a type that the key does not sign", sign_card(foreign, AGENCY), "KeyNotAllowed"
    yield "signed card", "a statement", examples.SIGNED_RECORD
    yield "signed card", "signed bytes that are no card", cose.sign1(b"card", AGENCY)
    yield "signed statement", "a card", examples.SIGNED_CARD
    abroad = dataclasses.replace(record, agency=2)
    yield "signed statement", "another agency", sign_statement(abroad, AGENCY), "KeyNotAllowed"
    yield "signed snapshot", "an agency's signature", sign_snapshot(snapshot, AGENCY), "KeyNotAllowed"
    early = dataclasses.replace(snapshot, moment=examples.START - 1)
    late = dataclasses.replace(snapshot, moment=examples.START + YEAR)
    yield "signed snapshot", "before the key's term", sign_snapshot(early, STATUS), "KeyNotAllowed"
    yield "signed snapshot", "after the key's term", sign_snapshot(late, STATUS), "KeyNotAllowed"


def _ring_cases() -> Iterator[Case]:
    parts = cose.parse_many(sign_ring(RING, ROOTS))
    kid = parts.signatures[0][0]
    damaged = cose.SignMany(parts.payload, ((kid, bytes(64)), *parts.signatures[1:]))
    yield "first ring", "a wrong signature beside two right ones", cose.write_many(damaged), "BadSignature"
    yield "first ring", "one of two signatures", sign_ring(RING, ROOTS[:1]), "RingRefused"
    yield "first ring", "two strangers' signatures", sign_ring(RING, OTHER_ROOTS), "RingRefused"
    yield "first ring", "no signature", sign_ring(RING, []), "RingRefused"
    new_roots = tuple(root.public for root in OTHER_ROOTS)

    def turned(**edit: Any) -> KeyRing:
        return dataclasses.replace(SECOND_RING, **{"version": 3} | edit)

    for why, ring in {
        "an older version": turned(version=1),
        "a skipped version": turned(version=4),
        "the same version, other content": turned(version=2, expires=RING.expires + 1),
        "another log": turned(origin="other"),
        "another host": turned(host="other.example"),
    }.items():
        yield "next ring", why, sign_ring(ring, ROOTS), "RingRefused"
    yield "next ring", "one of two signatures", sign_ring(turned(), ROOTS[:1]), "RingRefused"
    replaced = turned(roots=new_roots)
    yield "next ring", "new roots alone", sign_ring(replaced, OTHER_ROOTS), "RingRefused"
    yield "next ring", "old roots alone", sign_ring(replaced, ROOTS), "RingRefused"
    half = [*ROOTS[:1], *OTHER_ROOTS]
    yield "next ring", "new roots and one old one", sign_ring(replaced, half), "RingRefused"
    halves = [*ROOTS[:2], OTHER_ROOTS[0]]
    yield "next ring", "old roots and one new one", sign_ring(replaced, halves), "RingRefused"
