"""The license card: what a QR carries, and how it fits (formats §Card, §QR).

Integer keys; Thai text as windows-874 bytes (a CBOR byte string) whenever it fits, else as a UTF-8
text string.  The type of the string says which, so one text has one spelling.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from keys import cbor
from keys.base10 import digits_for, to_digits
from keys.cbor import Reader
from keys.code import make_code
from keys.dates import from_days, to_days
from keys.errors import TooLong
from keys.record import LicenseRecord, StatusRef
from keys.text import from_windows_874, to_windows_874

CARD_FORMAT = 1
LINK_SCHEME = "https://"
LINK_PATH = "/v/"
TYPICAL_VERSION = 12
LARGEST_VERSION = 15
SIGNED_OVERHEAD = 80  # COSE_Sign1 around a payload of 24 to 255 bytes; 81 above.
_LIST_YEAR_BASE = 2020
_LISTS_A_YEAR = 1024
# Data codewords at level M (ISO/IEC 18004, table 7), for the two versions that matter here.
_CODEWORDS = {TYPICAL_VERSION: 290, LARGEST_VERSION: 415}


@dataclass(frozen=True, slots=True)
class LicenseCard:
    """A license record's essentials; dates are plain dates, an absent end means no end."""

    agency: int
    license_type: int
    code: str
    number: str | None
    holder: str | None
    premises: str | None
    address: str | None
    place: int | None
    valid_from: date
    valid_until: date | None
    status: StatusRef
    index: int


def _write_text(text: str | None) -> bytes | str | None:
    if text is None:
        return None
    short = to_windows_874(text)
    return text if short is None else short


def _read_text(read: Reader, key: int) -> str | None:
    value = read.anything(key)
    if value is None:
        return None
    if isinstance(value, bytes) and value:
        text = from_windows_874(value)
        if text is not None:
            return text
    elif isinstance(value, str) and value and to_windows_874(value) is None:
        return value
    raise read.fail(f"item {key} is not text as cards spell it")


@lru_cache(maxsize=2)  # Whether a card fits and what is signed are asked one after the other.
def encode_card(card: LicenseCard) -> bytes:
    """The payload that is signed: deterministic CBOR with integer keys.

    Raises `TooLong` for a list that item 11 has no number for.
    """
    if card.status.year < _LIST_YEAR_BASE or not 0 <= card.status.number < _LISTS_A_YEAR:
        raise TooLong(f"cards know lists 0 to {_LISTS_A_YEAR - 1} of the years from {_LIST_YEAR_BASE}")
    return cbor.encode_numbered(
        (
            CARD_FORMAT,
            card.agency,
            card.license_type,
            int(card.code[:12]).to_bytes(5, "big"),
            _write_text(card.number),
            _write_text(card.holder),
            _write_text(card.premises),
            _write_text(card.address),
            card.place,
            to_days(card.valid_from),
            to_days(card.valid_until) if card.valid_until else None,
            (card.status.year - _LIST_YEAR_BASE) * _LISTS_A_YEAR + card.status.number,
            card.status.position,
            card.index,
        )
    )


def parse_card(payload: bytes) -> LicenseCard:
    """The card of a verified payload; raises `Malformed`.  Callers use `open_card`."""
    read = Reader(cbor.decode(payload), "card")
    read.literal(0, CARD_FORMAT)
    twelve = read.required(3, bytes)
    if len(twelve) != 5 or int.from_bytes(twelve, "big") >= 10**12:
        raise read.fail("a code is a number below 10**12 in five bytes")
    until = read.optional(10, int)
    place = read.optional(8, int)
    if place is not None and place <= 0:
        raise read.fail("a place code is positive")
    years, number = divmod(read.natural(11), _LISTS_A_YEAR)
    card = LicenseCard(
        agency=read.natural(1),
        license_type=read.natural(2),
        code=make_code(int.from_bytes(twelve, "big")),
        number=_read_text(read, 4),
        holder=_read_text(read, 5),
        premises=_read_text(read, 6),
        address=_read_text(read, 7),
        place=place,
        valid_from=from_days(read.required(9, int)),
        valid_until=None if until is None else from_days(until),
        status=StatusRef(_LIST_YEAR_BASE + years, number, read.natural(12)),
        index=read.natural(13),
    )
    read.done()
    if encode_card(card) != payload:
        raise read.fail("null is no item")
    return card


def card_of(record: LicenseRecord, *, host: str) -> LicenseCard:
    """The card of a record that fits a QR under `host`: version 12 if it can be, 15 at most.

    When the whole is too long for version 12 and a place code is known, the address gives way to
    the code; the holder never does.  Raises `TooLong` when even that exceeds version 15.
    """
    card = whole_card(record)
    if _fits(card, host, TYPICAL_VERSION):
        return card
    shorter = replace(card, address=None) if card.place else card
    if _fits(shorter, host, LARGEST_VERSION):
        return shorter
    shortest = replace(card, address=None)
    if _fits(shortest, host, LARGEST_VERSION):
        return shortest
    raise TooLong("the names on this license are too long for a QR of version 15")


def whole_card(record: LicenseRecord) -> LicenseCard:
    """All that a card takes from a record, however long that is; a printed one may lack the address."""
    name = record.holder.get("name")
    return LicenseCard(
        agency=record.agency,
        license_type=record.license_type,
        code=record.code,
        number=record.number if isinstance(record.number, str) else None,
        holder=name if isinstance(name, str) else None,
        premises=record.premises,
        address=record.address,
        place=record.place,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        status=record.status,
        index=record.index,
    )


def card_link(signed_card: bytes, *, base_url: str) -> tuple[str, str]:
    """The two QR segments of a signed card: the byte-mode prefix and the numeric digits."""
    return f"{base_url}{LINK_PATH}", to_digits(signed_card)


def surely_fits(*texts: str | None, host: str) -> bool:
    """Whether every card with this number, holder and premises fits a QR; no means that it must be tried.

    Counts lengths only, for imports: all other items together never take more than 94 bytes.
    """
    return 94 + sum(3 + _length(text) for text in texts if text) <= _room(host)


def _length(text: str) -> int:
    short = to_windows_874(text)
    return len(text.encode()) if short is None else len(short)


@lru_cache(maxsize=16)
def _room(host: str) -> int:
    """The longest payload of a card that the largest version takes."""
    return max(size for size in range(600) if _takes(size, host, LARGEST_VERSION))


def _fits(card: LicenseCard, host: str, version: int) -> bool:
    return _takes(len(encode_card(card)), host, version)


def _takes(payload: int, host: str, version: int) -> bool:
    digits = digits_for(payload + SIGNED_OVERHEAD + (payload > 255))
    prefix = len(LINK_SCHEME) + len(host) + len(LINK_PATH)
    numeric = 10 * (digits // 3) + (0, 4, 7)[digits % 3]
    # Mode and count indicators of versions 10 to 26: 4 + 16 bits for bytes, 4 + 12 for digits.
    return 4 + 16 + 8 * prefix + 4 + 12 + numeric <= 8 * _CODEWORDS[version]
