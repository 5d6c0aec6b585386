"""What every reader must refuse: by door, why, the bytes or the text, and the error's name."""

from collections.abc import Callable, Iterator
from typing import Any

from keys import cbor, cose
from keys.base10 import from_digits
from keys.card import encode_card, parse_card
from keys.catalog import parse_catalog
from keys.checkpoint import open_checkpoint, parse_verifier_key
from keys.code import parse_code
from keys.dates import parse_date
from keys.entry import encode_entry, parse_entry
from keys.extract import parse_extract
from keys.keyring import encode_ring, follow_ring, parse_ring, pin_ring
from keys.layout import (
    encode_list_index,
    encode_manifest,
    encode_page,
    parse_bundle,
    parse_list_index,
    parse_manifest,
    parse_page,
    sha256,
)
from keys.opening import open_card, open_denied_set, open_receipt, open_snapshot, open_statement
from keys.phone import parse_phone_bundle
from keys.proposal import parse_proposal
from keys.record import encode_order, encode_record, parse_statement
from keys.signing import PublicKey
from keys.snapshot import encode_snapshot, parse_snapshot
from keys.statuslist import open_list
from keys.tiles import parse_bundle as parse_entry_bundle
from tests.keys import examples, life_vectors, receipt_vectors, refused_extracts, refused_texts, refused_trust
from tests.keys.examples import AGENCY, LOG, ORIGIN, RING
from tests.keys.refused_texts import Case

BYTE_DOORS: dict[str, Callable[[bytes], object]] = {
    "cbor": cbor.decode,
    "sign1": cose.parse_sign1,
    "sign": cose.parse_many,
    "card": parse_card,
    "statement": parse_statement,
    "entry": parse_entry,
    "entry bundle": parse_entry_bundle,
    "ring": parse_ring,
    "first ring": pin_ring,
    "next ring": lambda data: follow_ring(refused_trust.SECOND_RING, data),
    "snapshot": parse_snapshot,
    "list index": parse_list_index,
    "manifest": parse_manifest,
    "page": parse_page,
    "bundle": parse_bundle,
    "extract": parse_extract,
    "public key": PublicKey,
    "signed card": lambda data: open_card(data, RING),
    "signed statement": lambda data: open_statement(data, RING),
    "signed snapshot": lambda data: open_snapshot(data, RING),
    "phone bundle": parse_phone_bundle,
    "signed denied set": lambda data: open_denied_set(data, RING),
    "signed receipt": lambda data: open_receipt(data, RING),
    "proposal of a ring": parse_proposal,
}
TEXT_DOORS: dict[str, Callable[[str], object]] = {
    "digits": from_digits,
    "code": parse_code,
    "date": parse_date,
    "catalog": lambda text: parse_catalog(text.encode("utf-8", "surrogatepass")),
    "checkpoint": lambda text: open_checkpoint(text.encode(), ORIGIN, [LOG.public]),
    "verifier key": parse_verifier_key,
    "status list": lambda text: open_list(text.encode(), RING),
}


def refused() -> list[dict[str, str]]:
    """Every case, as the file has it."""
    rows = []
    for door, why, content, *error in _cases():
        kind = ("hex", content.hex()) if isinstance(content, bytes) else ("text", content)
        rows.append({"door": door, "why": why, kind[0]: kind[1], "error": error[0] if error else "Malformed"})
    return rows


def _cases() -> Iterator[Case]:
    yield from _cbor_cases()
    yield from _cose_cases()
    yield from _card_cases()
    yield from _statement_cases()
    yield from _entry_cases()
    yield from _ring_cases()
    yield from _published_cases()
    yield from refused_extracts.cases()
    yield from life_vectors.cases()
    yield from receipt_vectors.cases()
    yield from refused_texts.cases()
    yield from refused_trust.cases()


def _cbor_cases() -> Iterator[Case]:
    for why, text in {
        "nothing at all": "",
        "trailing bytes": "0000",
        "a byte where two are said": "4200",
        "a number that fits its head": "1817",
        "a number that fits one byte": "1900ff",
        "a number that fits two bytes": "1a0000ffff",
        "a number that fits four bytes": "1b00000000ffffffff",
        "a length that fits its head": "580101",
        "an indefinite byte string": "5f4101ff",
        "an indefinite text": "7f6161ff",
        "an indefinite array": "9f01ff",
        "an indefinite map": "bf0102ff",
        "a break alone": "ff",
        "a reserved length": "1c",
        "a tag": "c100",
        "the tag of CBOR itself": "d9d9f700",
        "a bignum": "c249010000000000000000",
        "a bignum as a key": "a1c24901000000000000000000",
        "shared values that make a cycle": "d81c81d81d00",
        "a half float": "f93c00",
        "a single float": "fa3f800000",
        "a double float": "fb3ff0000000000000",
        "undefined": "f7",
        "a simple value": "e0",
        "a simple value of two bytes": "f820",
        "a duplicate key": "a201010102",
        "keys out of order": "a202000100",
        "keys out of order by length": "a262616100616200",
        "a key that is a byte string": "a1410100",
        "a key that is an array": "a18000",
        "a key that is true": "a1f500",
        "keys of two kinds": "a20100616100",
        "text that is not UTF-8": "61ff",
        "a surrogate in UTF-8": "63eda080",
        "an array longer than the input": "9b7fffffffffffffff",
        "more than 16 levels": "81" * 17 + "00",
    }.items():
        yield "cbor", why, bytes.fromhex(text)


def _cose_cases() -> Iterator[Case]:
    good = cose.sign1(b"payload", AGENCY)
    kid = AGENCY.public.kid
    protected, _, payload, signature = cbor.decode(good)

    def with_header(protected: dict[Any, Any], unprotected: dict[Any, Any]) -> bytes:
        # Signed over its own header, so that only the header's shape is wrong.
        head = cbor.encode(protected)
        signed = AGENCY.sign(cbor.encode(["Signature1", head, b"", b"payload"]))
        return cbor.encode([head, unprotected, b"payload", signed])

    yield "sign1", "tagged 18", b"\xd2" + good
    yield "sign1", "tagged 98", b"\xd8\x62" + good
    yield "sign1", "algorithm EdDSA (-8)", with_header({1: -8, 4: kid}, {})
    yield "sign1", "algorithm ES256 (-7)", with_header({1: -7, 4: kid}, {})
    yield "sign1", "algorithm as text", with_header({1: "Ed25519", 4: kid}, {})
    yield "sign1", "no algorithm", with_header({4: kid}, {})
    yield "sign1", "kid unprotected", with_header({1: -19}, {4: kid})
    yield "sign1", "kid in both headers", with_header({1: -19, 4: kid}, {4: kid})
    yield "sign1", "no kid", with_header({1: -19}, {})
    yield "sign1", "kid of three bytes", with_header({1: -19, 4: kid[:3]}, {})
    yield "sign1", "kid of 32 bytes", with_header({1: -19, 4: AGENCY.public.thumbprint}, {})
    yield "sign1", "an extra protected header", with_header({1: -19, 3: 0, 4: kid}, {})
    yield "sign1", "a critical header", with_header({1: -19, 2: [4], 4: kid}, {})
    yield "sign1", "an extra unprotected header", with_header({1: -19, 4: kid}, {3: 0})
    yield "sign1", "header in another order", _sign1(bytes.fromhex("a20444") + kid + bytes.fromhex("0132"))
    yield "sign1", "header with trailing bytes", _sign1(protected + b"\x00")
    yield "sign1", "detached payload", cbor.encode([protected, {}, None, signature])
    yield "sign1", "payload as text", cbor.encode([protected, {}, "payload", signature])
    yield "sign1", "empty signature", cbor.encode([protected, {}, payload, b""])
    yield "sign1", "signature of 63 bytes", cbor.encode([protected, {}, payload, signature[:63]])
    yield "sign1", "signature of 65 bytes", cbor.encode([protected, {}, payload, signature + b"\0"])
    yield "sign1", "five parts", cbor.encode([protected, {}, payload, signature, 0])
    yield "sign1", "a map", cbor.encode({1: protected})
    yield "sign1", "trailing bytes", good + b"\0"
    yield from _sign_cases(kid)


def _sign1(protected: bytes) -> bytes:
    signed = AGENCY.sign(cbor.encode(["Signature1", protected, b"", b"payload"]))
    return cbor.encode([protected, {}, b"payload", signed])


def _sign_cases(kid: bytes) -> Iterator[Case]:
    signatures = [cose.cosign(b"payload", root) for root in examples.ROOTS]
    good = cose.write_many(cose.SignMany(b"payload", tuple(signatures)))
    empty, _, payload, rows = cbor.decode(good)
    yield "sign", "tagged 98", b"\xd8\x62" + good
    yield "sign", "out of order of kid", cbor.encode([empty, {}, payload, rows[::-1]])
    yield "sign", "one key twice", cbor.encode([empty, {}, payload, [rows[0], rows[0]]])
    yield "sign", "a body header", cbor.encode([cbor.encode({1: -19}), {}, payload, rows])
    yield "sign", "an empty map as body header", cbor.encode([b"\xa0", {}, payload, rows])
    yield "sign", "an unprotected body header", cbor.encode([empty, {4: kid}, payload, rows])
    yield (
        "sign",
        "an unprotected signer's header",
        cbor.encode([empty, {}, payload, [[rows[0][0], {3: 0}, rows[0][2]]]]),
    )
    yield "sign", "a short signature", cbor.encode([empty, {}, payload, [[rows[0][0], {}, b""]]])
    yield "sign", "a COSE_Sign1", cose.sign1(b"payload", AGENCY)


def _edited(payload: bytes, edit: dict[Any, Any]) -> bytes:
    """`payload` with items replaced, or taken out where the new one is `...`."""
    value = cbor.decode(payload) | edit
    return cbor.encode({k: v for k, v in value.items() if v is not ...})


def _edits(door: str, payload: bytes, edits: dict[str, dict[Any, Any]]) -> Iterator[Case]:
    yield door, "trailing bytes", payload + b"\0"
    yield door, "an array", cbor.encode([])
    for why, edit in edits.items():
        yield door, why, _edited(payload, edit)


def _card_cases() -> Iterator[Case]:
    edits: dict[str, dict[Any, Any]] = {
        "another version": {0: 2},
        "no version": {0: ...},
        "an unknown item": {14: 0},
        "null in place of absence": {7: None},
        "an empty text": {4: b""},
        "an empty UTF-8 text": {4: ""},
        "UTF-8 where windows-874 would do": {5: "ร้าน"},
        "windows-874 bytes that stand for nothing": {5: b"\xdb"},
        "the blank that does not break": {5: b"\xa0"},
        "a control character": {5: b"\x1f"},
        "a text that is a number": {5: 5},
        "a code of four bytes": {3: b"\1\2\3\4"},
        "a code of 13 digits": {3: (10**12).to_bytes(5, "big")},
        "no code": {3: ...},
        "place 0": {8: 0},
        "a negative index": {13: -1},
        "a negative list": {11: -1},
        "a day beyond the calendar": {9: 2_932_897},
        "a day before the calendar": {9: -719_163},
        "a day beyond any clock": {10: 2**63},
        "no first day": {9: ...},
        "true as a number": {1: True},
    }
    payload = encode_card(examples.CARD)
    yield from _edits("card", payload, edits)
    yield "card", "text keys", cbor.encode({str(k): v for k, v in cbor.decode(payload).items()})


def _statement_cases() -> Iterator[Case]:
    edits: dict[str, dict[Any, Any]] = {
        "another format": {"format": "license-record/2"},
        "no format": {"format": ...},
        "an order's format": {"format": "order/1"},
        "an unknown item": {"note": "x"},
        "an order's act": {"act": 10},
        "an unknown act": {"act": 99},
        "an act that signs nothing": {"act": 20},
        "a code that does not check": {"code": "12345678901245"},
        "a code with dashes": {"code": "1234-5678-9012-44"},
        "a code in Thai digits": {"code": "๑๒๓๔๕๖๗๘๙๐๑๒๔๔"},
        "a linked code that does not check": {"linked": ["00000000000000"]},
        "empty conditions": {"conditions": []},
        "an empty map of fields": {"fields": {}},
        "an empty text": {"premises": ""},
        "null in place of absence": {"earlier": None},
        "a date without dashes": {"issued": "20260410"},
        "a week date": {"issued": "2026-W15-5"},
        "a date with a time": {"issued": "2026-04-10T00:00:00"},
        "a date as days": {"issued": 20_553},
        "the Buddhist era": {"issued": "10/04/2569"},
        "a day that is not": {"valid_until": "2027-02-29"},
        "no first day": {"valid_from": ...},
        "no number": {"number": ...},
        "a salt of 15 bytes": {"salt": b"s" * 15},
        "a withheld item of 31 bytes": {"number": {"withheld": b"w" * 31}},
        "a withheld item with more": {"number": {"withheld": b"w" * 32, "x": 1}},
        "a nested map": {"fields": {"a": {"b": 1}}},
        "numbers in a list of texts": {"fields": {"a": [1]}},
        "bytes as a field": {"fields": {"a": b"b"}},
        "null as a field": {"fields": {"a": None}},
        "a field named by a number": {"fields": {1: "a"}},
        "place 0": {"place": 0},
        "a negative index": {"index": -1},
        "a status of two numbers": {"status": [2026, 0]},
        "a status with true": {"status": [2026, 0, True]},
        "a signer who is a number": {"signer": {"name": 1}},
    }
    yield from _edits("statement", encode_record(examples.RECORD), edits)
    yield "statement", "an ending without outcome", _edited(encode_order(examples.ENDING), {"outcome": ...})
    yield "statement", "an unknown outcome", _edited(encode_order(examples.ENDING), {"outcome": "sold"})
    suspension = encode_order(examples.SUSPENSION)
    yield "statement", "a suspension with outcome", _edited(suspension, {"outcome": "ceased"})
    yield "statement", "an issuance as an order", _edited(suspension, {"act": 1})
    yield "statement", "an order without legal basis", _edited(suspension, {"legal_basis": ...})
    yield "statement", "an order with an empty legal basis", _edited(suspension, {"legal_basis": ""})
    yield "statement", "an order with a salt", _edited(suspension, {"salt": b"s" * 16})


def _entry_cases() -> Iterator[Case]:
    edits: dict[str, dict[Any, Any]] = {
        "another version": {0: 2},
        "an unknown item": {11: 0},
        "an unknown act": {1: 0},
        "an unknown status": {8: 4},
        "no status": {8: ...},
        "no subject": {4: ...},
        "no statement": {5: ...},
        "no agency": {3: ...},
        "a negative agency": {3: -1},
        "a subject of 31 bytes": {4: b"s" * 31},
        "a card of no bytes": {6: b""},
        "a reference of two numbers": {7: [2026, 0]},
        "an empty reference": {7: []},
        "a negative position": {7: [2026, 0, -1]},
        "a negative moment": {2: -1},
        "null in place of absence": {9: None},
    }
    yield from _edits("entry", encode_entry(examples.ENTRIES[1]), edits)
    key_act = encode_entry(examples.ENTRIES[0])
    yield "entry", "a key act without thumbprint", _edited(key_act, {9: ...})
    yield "entry bundle", "half a length", b"\0"
    yield "entry bundle", "an entry cut short", b"\0\2x"


def _ring_cases() -> Iterator[Case]:
    payload = encode_ring(RING)
    keys, roots = cbor.decode(payload)["keys"], cbor.decode(payload)["roots"]
    agency, log = keys[0], keys[3]
    edits: dict[str, dict[Any, Any]] = {
        "another format": {"format": "keyring/2"},
        "version 0": {"version": 0},
        "threshold 0": {"threshold": 0},
        "a threshold above the roots": {"threshold": 4},
        "one key twice": {"keys": [agency, agency]},
        "a root among the keys": {"keys": [agency, log | {"public": roots[0]}]},
        "empty types": {"keys": [agency | {"types": []}]},
        "types out of order": {"keys": [agency | {"types": [7, 3]}]},
        "a type twice": {"keys": [agency | {"types": [3, 3]}]},
        "an unknown role": {"keys": [agency | {"role": "root"}]},
        "an unknown state": {"keys": [agency | {"state": "lost"}]},
        "a log key with an agency": {"keys": [log | {"agency": 1}]},
        "an agency key without agency": {"keys": [log | {"role": "agency"}]},
        "an active key with a last good size": {"keys": [log | {"good_size": 1}]},
        "a compromised key without last good size": {"keys": [log | {"state": "compromised"}]},
        "a key of low order": {"keys": [log | {"public": b"\1" + bytes(31)}]},
        "a key of 31 bytes": {"keys": [log | {"public": bytes(31)}]},
        "a key as text": {"keys": [log | {"public": "key"}]},
        "an unknown item in a key": {"keys": [log | {"x": 1}]},
    }
    yield from _edits("ring", payload, edits)
    for why, raw in {
        "the neutral point": b"\1" + bytes(31),
        "a point of order two": b"\xec" + b"\xff" * 30 + b"\x7f",
        "a point of order four": bytes(32),
        "a point of order eight": bytes.fromhex(
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
        ),
        "y beyond the prime": b"\xee" + b"\xff" * 30 + b"\x7f",
        "not on the curve": b"\2" + bytes(31),
        "31 bytes": bytes(31),
    }.items():
        yield "public key", why, raw


def _published_cases() -> Iterator[Case]:
    snapshot: dict[str, dict[Any, Any]] = {
        "another format": {"format": "snapshot/2"},
        "an unknown item": {"x": 1},
        "no root": {"log_root": ...},
        "a root of 31 bytes": {"log_root": bytes(31)},
        "a ring without hash": {"keyring": [1]},
        "a negative version of the ring": {"keyring": [-1, bytes(32)]},
        "nobody denied, written": {"denied": []},
        "a denial the wrong way round": {"denied": [[1, bytes(32)]]},
    }
    yield from _edits("snapshot", encode_snapshot(examples.SNAPSHOT), snapshot)
    index = encode_list_index(examples.LISTS)
    first, second = cbor.decode(index)["lists"]
    lists: dict[str, dict[Any, Any]] = {
        "out of order": {"lists": [second, first]},
        "one list twice": {"lists": [first, first]},
        "a negative agency": {"lists": [[-1, *first[1:]]]},
        "a hash of 31 bytes": {"lists": [[*first[:4], bytes(31)]]},
        "a row of four": {"lists": [first[:4]]},
    }
    yield from _edits("list index", index, lists)
    page: dict[str, dict[Any, Any]] = {
        "a hash of 31 bytes": {"bundles": [[bytes(31), b""]]},
        "257 states": {"bundles": [[bytes(32), bytes(65)]]},
        "257 bundles": {"bundles": [[bytes(32), b""]] * 257},
    }
    yield from _edits("page", encode_page(examples.PAGE), page)
    manifest: dict[str, dict[Any, Any]] = {
        "too few pages": {"size": 65_537},
        "too many pages": {"size": 0},
        "a page of 31 bytes": {"pages": [bytes(31)]},
    }
    yield from _edits("manifest", encode_manifest(5, [sha256(b"")]), manifest)
    yield "bundle", "a map", cbor.encode({})
    yield "bundle", "257 rows", cbor.encode([None] * 257)
    yield "bundle", "a card without statement", cbor.encode([[None, b"card"]])
    yield "bundle", "a row of one", cbor.encode([[b"statement"]])
    yield "bundle", "text", cbor.encode([["statement", None]])
