"""Values of every format, for properties, and ways to damage their bytes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import cbor2
from hypothesis import strategies as st

from keys import catalog, denied, entry, keyring, layout, phone, receipt, record, snapshot
from keys.acts import ActKind, Status
from keys.card import LicenseCard, encode_card, parse_card
from keys.code import make_code
from keys.cose import Sign1, SignMany, parse_many, parse_sign1, sign1, write_many
from keys.record import LicenseRecord, Order, StatusRef, Withheld
from keys.signing import SeedSigner
from keys.statuslist import ListName
from keys.tiles import entry_bundle
from keys.tiles import parse_bundle as parse_entry_bundle
from tests.keys import examples

THAI = "".join(map(chr, (*range(0x0E01, 0x0E3B), *range(0x0E3F, 0x0E5C))))
naturals = st.integers(0, 2**64 - 1)
small = st.integers(0, 100)
hashes = st.binary(min_size=32, max_size=32)
words = st.one_of(
    st.text(st.sampled_from(THAI + "0123456789 abc/-"), min_size=1, max_size=30),
    st.text(min_size=1, max_size=10),
)
any_text = words | st.just("")
days = st.dates()
codes = st.integers(0, 10**12 - 1).map(make_code)
refs = st.builds(StatusRef, naturals, naturals, naturals)
withheld = st.builds(Withheld, hashes)
items = st.one_of(
    any_text, st.integers(-(2**64), 2**64 - 1), st.booleans(), st.lists(any_text, max_size=3), withheld
)
texts = st.dictionaries(any_text, any_text, max_size=3)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of `values`, or None."""
    return st.none() | values


records = st.builds(
    LicenseRecord,
    act=st.sampled_from([act for act in ActKind if act.makes_record]),
    catalog=naturals,
    agency=naturals,
    license_type=naturals,
    code=codes,
    version=naturals,
    number=words | withheld | naturals,
    valid_from=days,
    valid_until=maybe(days),
    status=refs,
    index=naturals,
    salt=st.binary(min_size=16, max_size=16),
    holder=st.dictionaries(any_text, items, max_size=3),
    premises=maybe(words),
    address=maybe(words),
    place=maybe(st.integers(1, 2**64 - 1)),
    fields=st.dictionaries(any_text, items, max_size=4),
    conditions=st.lists(any_text, max_size=3).map(tuple),
    issued=maybe(days),
    term_from=maybe(days),
    signer=texts,
    linked=st.lists(codes, max_size=2).map(tuple),
    earlier=maybe(codes),
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Orders of every act; an ending, and nothing else, has an outcome."""
    act = draw(st.sampled_from([act for act in ActKind if act.makes_order]))
    return Order(
        act=act,
        catalog=draw(naturals),
        agency=draw(naturals),
        license_type=draw(naturals),
        code=draw(codes),
        version=draw(naturals),
        legal_basis=draw(words),
        index=draw(naturals),
        reason=draw(maybe(words)),
        begins=draw(maybe(days)),
        until=draw(maybe(days)),
        outcome=draw(st.sampled_from(record.OUTCOMES)) if act is ActKind.ENDING else None,
        successor=draw(maybe(codes)),
        signer=draw(texts),
    )


cards = st.builds(
    LicenseCard,
    agency=naturals,
    license_type=naturals,
    code=codes,
    number=maybe(words),
    holder=maybe(words),
    premises=maybe(words),
    address=maybe(words),
    place=maybe(st.integers(1, 2**64 - 1)),
    valid_from=days,
    valid_until=maybe(days),
    status=st.builds(StatusRef, st.integers(2020, 2**50), st.integers(0, 1023), naturals),
    index=naturals,
)


@st.composite
def entries(draw: st.DrawFn) -> entry.LogEntry:
    """Entries of every act, with what the act needs."""
    act = draw(st.sampled_from(ActKind))
    about_license, about_key = act < ActKind.ERASURE, act >= ActKind.KEY_PROPOSED

    def part(values: st.SearchStrategy[Any], *, needed: bool) -> Any:
        return draw(values if needed else maybe(values))

    return entry.LogEntry(
        act=act,
        moment=draw(naturals),
        agency=part(naturals, needed=about_license),
        subject=part(hashes, needed=about_license),
        statement=part(hashes, needed=about_license),
        card=part(hashes, needed=False),
        ref=part(refs, needed=about_license),
        status=part(st.sampled_from(Status), needed=about_license),
        thumbprint=part(hashes, needed=about_key),
        good_size=part(naturals, needed=False),
    )


KEYS = tuple(SeedSigner(examples.seed(f"strategy {n}")).public for n in range(12))


@st.composite
def rings(draw: st.DrawFn) -> keyring.KeyRing:
    """Rings with one to four roots and any mixture of keys."""
    publics = draw(st.permutations(KEYS))
    roots = draw(st.integers(1, 4))
    count = draw(st.integers(0, 5))
    return keyring.KeyRing(
        version=draw(st.integers(1, 2**64 - 1)),
        origin=draw(any_text),
        host=draw(any_text),
        issued=draw(naturals),
        expires=draw(naturals),
        threshold=draw(st.integers(1, roots)),
        roots=tuple(publics[:roots]),
        keys=tuple(draw(ring_keys(public)) for public in publics[roots : roots + count]),
    )


@st.composite
def ring_keys(draw: st.DrawFn, public: Any) -> keyring.RingKey:
    """One key of a ring."""
    role, state = draw(st.sampled_from(keyring.Role)), draw(st.sampled_from(keyring.KeyState))
    return keyring.RingKey(
        public=public,
        role=role,
        valid_from=draw(naturals),
        valid_until=draw(naturals),
        state=state,
        agency=draw(naturals) if role is keyring.Role.AGENCY else None,
        types=tuple(sorted(draw(st.sets(naturals, max_size=3)))),
        good_size=draw(naturals) if state is keyring.KeyState.COMPROMISED else None,
    )


named = st.builds(snapshot.Named, naturals, hashes)
snapshots = st.builds(
    snapshot.Snapshot,
    version=naturals,
    moment=naturals,
    log_size=naturals,
    log_root=hashes,
    keyring=named,
    catalog=named,
    lists=hashes,
    records=hashes,
    denied=st.lists(st.builds(snapshot.Denial, hashes, naturals), max_size=3).map(tuple),
)
receipts = st.builds(
    receipt.Receipt,
    *(naturals, naturals, naturals, hashes, naturals),
    st.dictionaries(any_text, naturals, max_size=3),
    st.dictionaries(naturals, hashes, min_size=1, max_size=4).map(
        lambda acts: tuple(
            receipt.ReceiptEntry(3, make_code(index % 10**12), ActKind.ISSUANCE, index, digest)
            for index, digest in sorted(acts.items())
        )
    ),
    st.binary(min_size=1, max_size=40),
    maybe(naturals),
)
list_names = st.builds(ListName, naturals, naturals, naturals)
pages = st.lists(st.tuples(hashes, st.binary(max_size=64)), max_size=4).map(
    lambda rows: layout.Page(tuple(row[0] for row in rows), tuple(row[1] for row in rows))
)
bundles = st.lists(maybe(st.tuples(st.binary(max_size=20), maybe(st.binary(max_size=20)))), max_size=5)
manifests = small.flatmap(
    lambda size: (
        st.tuples(st.just(size * 65_536), st.tuples(*[hashes] * size)) if size < 4 else st.just((0, ()))
    )
)

labels = st.builds(catalog.Text, any_text, any_text)
agencies = st.builds(
    catalog.Agency,
    number=small,
    slug=any_text,
    name=labels,
    phone=any_text,
    hours=labels,
    territory=st.lists(naturals, max_size=3).map(tuple),
    types=st.dictionaries(naturals, maybe(days), max_size=3),
)


def _catalog(version: int, offices: list[Any], reasons: dict[str, Any], rule: str) -> catalog.Catalog:
    kind = replace(examples.FOOD_SHOP, term_rule=rule)
    by_number = {office.number: office for office in offices}
    return catalog.Catalog(version, by_number, {kind.number: kind}, reasons)


catalogs = st.builds(
    _catalog,
    naturals,
    st.lists(agencies, max_size=3),
    st.dictionaries(any_text, labels, max_size=3),
    st.sampled_from(catalog.TERM_RULES),
)
signers = st.sampled_from([examples.AGENCY, examples.LOG, *examples.ROOTS])


def _signed(payload: bytes, signer: SeedSigner) -> Sign1:
    return parse_sign1(sign1(payload, signer))


def _write_sign1(parts: Sign1) -> bytes:
    head = bytes.fromhex("a201320444") + parts.kid
    return cbor2.dumps([head, {}, parts.payload, parts.signature])


many_signatures = st.dictionaries(
    st.binary(min_size=4, max_size=4), st.binary(min_size=64, max_size=64), max_size=3
)


@dataclass(frozen=True)
class Format:
    """One format: its values, and the two functions that must undo each other."""

    values: st.SearchStrategy[Any]
    encode: Callable[[Any], bytes]
    parse: Callable[[bytes], Any]


FORMATS = {
    "license record": Format(records, record.encode_statement, record.parse_statement),
    "order": Format(orders(), record.encode_statement, record.parse_statement),
    "card": Format(cards, encode_card, parse_card),
    "log entry": Format(entries(), entry.encode_entry, entry.parse_entry),
    "key ring": Format(rings(), keyring.encode_ring, keyring.parse_ring),
    "snapshot": Format(snapshots, snapshot.encode_snapshot, snapshot.parse_snapshot),
    "denied set": Format(
        st.builds(denied.denied_set, hashes, naturals, st.lists(hashes, max_size=4)),
        denied.encode_denied_set,
        denied.parse_denied_set,
    ),
    "phone bundle": Format(
        st.builds(
            lambda content, path, file: {"snapshot": content, path: file},
            st.binary(max_size=9),
            st.sampled_from(["log/checkpoint", "keyring/7.cbor", "catalog/1.json", "status/1/2026/0/3.jwt"]),
            st.binary(max_size=9),
        ),
        phone.encode_phone_bundle,
        phone.parse_phone_bundle,
    ),
    "receipt": Format(receipts, receipt.encode_receipt, receipt.parse_receipt),
    "list index": Format(
        st.dictionaries(list_names, named, max_size=4), layout.encode_list_index, layout.parse_list_index
    ),
    "records manifest": Format(
        manifests, lambda parts: layout.encode_manifest(*parts), layout.parse_manifest
    ),
    "records page": Format(pages, layout.encode_page, layout.parse_page),
    "records bundle": Format(bundles, layout.encode_bundle, layout.parse_bundle),
    "entry bundle": Format(st.lists(st.binary(max_size=40), max_size=4), entry_bundle, parse_entry_bundle),
    "catalog": Format(catalogs, catalog.encode_catalog, catalog.parse_catalog),
    "COSE_Sign1": Format(st.builds(_signed, st.binary(max_size=40), signers), _write_sign1, parse_sign1),
    "COSE_Sign": Format(
        st.builds(lambda p, s: SignMany(p, tuple(sorted(s.items()))), st.binary(max_size=9), many_signatures),
        write_many,
        parse_many,
    ),
}

# --- damage -------------------------------------------------------------------------------------

odd_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        st.binary(max_size=33),
        st.text(max_size=5),
        st.dates(min_value=date(1970, 1, 2)).map(date.isoformat),
        st.just(cbor2.CBORTag(24, b"")),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.integers(-3, 30), inner, max_size=3)
    ),
    max_leaves=4,
)


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` with one to three wounds: bits turned, pieces cut, doubled or put in."""
    wounded = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(wounded)))
        end = draw(st.integers(at, min(at + 8, len(wounded))))
        wounded[at:end] = draw(
            st.sampled_from((b"", bytes(wounded[at:end]) * 2, bytes(b ^ 1 for b in wounded[at:end])))
            | st.binary(max_size=4)
        )
    return bytes(wounded)


@st.composite
def altered(draw: st.DrawFn, value: Any) -> Any:
    """`value` (as decoded) with something in it replaced, taken out or added."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value, key=str)))
        action = draw(st.sampled_from(("alter", "alter", "remove", "add")))
        if action == "remove":
            return {k: v for k, v in value.items() if k != key}
        if action == "add":
            return value | {draw(st.text(max_size=3) | st.integers(0, 20)): draw(odd_values)}
        return value | {key: draw(altered(value[key]))}
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], draw(altered(value[at])), *value[at + draw(st.integers(0, 1)) :]]
    return draw(odd_values)
