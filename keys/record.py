"""Statements: the license record and the order, what an agency signs (formats §Statements)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

from keys import cbor
from keys.acts import ActKind
from keys.cbor import Reader
from keys.code import make_code
from keys.dates import parse_date
from keys.errors import Malformed

RECORD_FORMAT = "license-record/1"
ORDER_FORMAT = "order/1"
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class StatusRef:
    """Where the status of one version stands: agency's list `number` of `year`, and the position."""

    year: int
    number: int
    position: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """An item that stands on the face but is not shown: SHA-256(16 random bytes ‖ CBOR of value)."""

    digest: bytes

    @classmethod
    def of(cls, value: "Plain", blind: bytes) -> "Withheld":
        """The withheld form of `value` under 16 random bytes that the register keeps."""
        if len(blind) != SALT_BYTES:
            raise ValueError("16 random bytes blind a withheld value")
        return cls(hashlib.sha256(blind + cbor.encode(value)).digest())


Plain = str | int | bool | list[str]
Item = Plain | Withheld


@dataclass(frozen=True, slots=True)
class LicenseRecord:
    """All items on the face of one version of a license."""

    act: ActKind
    catalog: int
    agency: int
    license_type: int
    code: str
    version: int
    number: Item
    valid_from: date
    valid_until: date | None
    status: StatusRef
    index: int
    salt: bytes
    holder: Mapping[str, Item] = field(default_factory=dict)  # name, name_en, id
    premises: str | None = None
    address: str | None = None
    place: int | None = None
    fields: Mapping[str, Item] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    issued: date | None = None
    term_from: date | None = None  # First day of a renewal's term when its entry came before it.
    signer: Mapping[str, str] = field(default_factory=dict)  # name, position
    linked: tuple[str, ...] = ()
    earlier: str | None = None


def placed(record: LicenseRecord, status: StatusRef, index: int) -> LicenseRecord:
    """The record with its place; what `dataclasses.replace` gives, which takes four times as long."""
    return LicenseRecord(*(*_BEFORE_PLACE(record), status, index, *_AFTER_PLACE(record)))


_BEFORE_PLACE = attrgetter(*LicenseRecord.__slots__[: LicenseRecord.__slots__.index("status")])
_AFTER_PLACE = attrgetter(*LicenseRecord.__slots__[LicenseRecord.__slots__.index("index") + 1 :])


@dataclass(frozen=True, slots=True)
class Order:
    """An official act about a license that makes no new version."""

    act: ActKind
    catalog: int
    agency: int
    license_type: int
    code: str
    version: int
    legal_basis: str
    index: int
    reason: str | None = None  # A reason code of the catalog, never narrative.
    begins: date | None = None
    until: date | None = None
    outcome: str | None = None  # Of an ending: ceased, surrendered or succeeded.
    successor: str | None = None
    signer: Mapping[str, str] = field(default_factory=dict)


Statement = LicenseRecord | Order
OUTCOMES = ("ceased", "surrendered", "succeeded")


def _date_text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _write_item(item: Item) -> Any:
    return {"withheld": item.digest} if isinstance(item, Withheld) else item


_RECORD = cbor.Named(
    *("act", "code", "salt", "type", "index", "place", "agency", "fields", "format", "holder", "issued"),
    *("linked", "number", "signer", "status", "address", "catalog", "earlier", "version", "premises"),
    *("term_from", "conditions", "valid_from", "valid_until"),
)


def encode_record(record: LicenseRecord) -> bytes:
    """The payload that is signed: deterministic CBOR of the record."""
    return _RECORD.encode(
        (
            int(record.act),
            record.code,
            record.salt,
            record.license_type,
            record.index,
            record.place,
            record.agency,
            {k: _write_item(v) for k, v in record.fields.items()},
            RECORD_FORMAT,
            {k: _write_item(v) for k, v in record.holder.items()},
            _date_text(record.issued),
            record.linked,
            _write_item(record.number),
            dict(record.signer),
            (record.status.year, record.status.number, record.status.position),
            record.address,
            record.catalog,
            record.earlier,
            record.version,
            record.premises,
            _date_text(record.term_from),
            record.conditions,
            record.valid_from.isoformat(),
            _date_text(record.valid_until),
        )
    )


def encode_order(order: Order) -> bytes:
    """The payload that is signed: deterministic CBOR of the order."""
    return cbor.encode(
        cbor.without_absent(
            {
                "format": ORDER_FORMAT,
                "act": int(order.act),
                "catalog": order.catalog,
                "agency": order.agency,
                "type": order.license_type,
                "code": order.code,
                "version": order.version,
                "legal_basis": order.legal_basis,
                "index": order.index,
                "reason": order.reason,
                "begins": _date_text(order.begins),
                "until": _date_text(order.until),
                "outcome": order.outcome,
                "successor": order.successor,
                "signer": dict(order.signer),
            }
        )
    )


def encode_statement(statement: Statement) -> bytes:
    """The payload of either kind of statement."""
    return encode_record(statement) if isinstance(statement, LicenseRecord) else encode_order(statement)


def parse_statement(payload: bytes) -> Statement:
    """The statement of a verified payload; raises `Malformed`.  Callers use `open_statement`."""
    read = Reader(cbor.decode(payload), "statement")
    kind = read.required("format", str)
    if kind == RECORD_FORMAT:
        statement: Statement = _read_record(read)
    elif kind == ORDER_FORMAT:
        statement = _read_order(read)
    else:
        raise read.fail(f"unknown format {kind!r}")
    read.done()
    if encode_statement(statement) != payload:
        raise read.fail("empty items must be absent")
    return statement


def _read_record(read: Reader) -> LicenseRecord:
    act = _read_act(read)
    if not act.makes_record:
        raise read.fail(f"{act.name} makes no license record")
    number = _item(read, "number", read.anything("number"))
    salt = read.required("salt", bytes)
    if len(salt) != SALT_BYTES:
        raise read.fail("the salt has 16 bytes")
    return LicenseRecord(
        act=act,
        catalog=read.natural("catalog"),
        agency=read.natural("agency"),
        license_type=read.natural("type"),
        code=_code(read, read.required("code", str)),
        version=read.natural("version"),
        number=number,
        holder=_items(read, "holder"),
        premises=read.optional("premises", str),
        address=read.optional("address", str),
        place=_place(read),
        fields=_items(read, "fields"),
        conditions=_texts(read, "conditions"),
        issued=_date(read, "issued"),
        valid_from=_some_date(read, "valid_from"),
        valid_until=_date(read, "valid_until"),
        term_from=_date(read, "term_from"),
        signer=_text_map(read, "signer"),
        linked=tuple(_code(read, text) for text in _texts(read, "linked")),
        earlier=_optional_code(read, "earlier"),
        status=_status_ref(read),
        index=read.natural("index"),
        salt=salt,
    )


def _read_order(read: Reader) -> Order:
    act = _read_act(read)
    if not act.makes_order:
        raise read.fail(f"{act.name} is no order")
    outcome = read.optional("outcome", str)
    if (outcome is not None) != (act is ActKind.ENDING) or outcome not in (None, *OUTCOMES):
        raise read.fail("an ending, and nothing else, has an outcome")
    return Order(
        act=act,
        catalog=read.natural("catalog"),
        agency=read.natural("agency"),
        license_type=read.natural("type"),
        code=_code(read, read.required("code", str)),
        version=read.natural("version"),
        legal_basis=read.required("legal_basis", str),
        index=read.natural("index"),
        reason=read.optional("reason", str),
        begins=_date(read, "begins"),
        until=_date(read, "until"),
        outcome=outcome,
        successor=_optional_code(read, "successor"),
        signer=_text_map(read, "signer"),
    )


def _read_act(read: Reader) -> ActKind:
    try:
        return ActKind(read.natural("act"))
    except ValueError as error:
        raise read.fail("unknown act") from error


def _code(read: Reader, text: str) -> str:
    if len(text) != 14 or not text.isascii() or not text.isdigit() or make_code(int(text[:12])) != text:
        raise read.fail("a code is 14 ASCII digits that check")
    return text


def _optional_code(read: Reader, key: str) -> str | None:
    text = read.optional(key, str)
    return None if text is None else _code(read, text)


def _date(read: Reader, key: str) -> date | None:
    text = read.optional(key, str)
    return None if text is None else parse_date(text)


def _some_date(read: Reader, key: str) -> date:
    return parse_date(read.required(key, str))


def _place(read: Reader) -> int | None:
    place = read.optional_natural("place")
    if place == 0:
        raise read.fail("a place code is positive")
    return place


def _item(read: Reader, key: str, value: Any) -> Item:
    if isinstance(value, dict):
        inner = Reader(value, key)
        item = Withheld(inner.hash("withheld"))
        inner.done()
        return item
    if isinstance(value, str | int | bool):
        return value
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return value
    raise read.fail(f"{key!r} must be text, a whole number, yes or no, texts, or withheld")


def _items(read: Reader, key: str) -> dict[str, Item]:
    value = read.optional(key, dict) or {}
    if any(not isinstance(name, str) for name in value):
        raise read.fail(f"names in {key!r} must be text")
    return {name: _item(read, name, item) for name, item in value.items()}


def _texts(read: Reader, key: str) -> tuple[str, ...]:
    value = read.optional(key, list) or []
    if any(not isinstance(text, str) for text in value):
        raise read.fail(f"{key!r} must be texts")
    return tuple(value)


def _text_map(read: Reader, key: str) -> dict[str, str]:
    value = read.optional(key, dict) or {}
    if any(not isinstance(part, str) for pair in value.items() for part in pair):
        raise read.fail(f"{key!r} must be texts by name")
    return value


def _status_ref(read: Reader) -> StatusRef:
    value = read.required("status", list)
    if len(value) != 3 or any(type(part) is not int or part < 0 for part in value):
        raise Malformed("statement: 'status' must be year, number, position")
    return StatusRef(*value)
