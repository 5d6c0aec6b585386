"""A mapping proposed from what columns are called and from the values that stand in them.

A guess is shown with how sure it is and three samples; a person corrects it by `assign`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from keys.acts import Status
from keys.catalog import LicenseType
from keys.places import places
from keys.text import fold_digits
from registry.applications import is_thirteen_digit_number
from registry.intake.columns import ColumnMapping, items_of
from registry.intake.eras import DATE_ITEMS
from registry.intake.header_words import COUNTING, HEADER_WORDS, NUMBER_PARTS, STANDING_WORDS
from registry.intake.places import find_address_place
from registry.intake.readers import Sheet, spellings, squeeze
from registry.own_fields import OwnField, own_fields
from registry.terms import DateFault, read_day

LOOKED_AT = 300
_SURE_ENOUGH = 0.5
_SHORTEST_PART = 5
_MOST_WORDS = 30
_CODE = "รหัส"


@dataclass(frozen=True, slots=True)
class Guess:
    """One column: the item it seems to feed (None for none), how sure that is (0 to 1), three values."""

    header: str
    item: str | None
    confidence: float
    samples: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "column": self.header,
            "item": self.item,
            "confidence": round(self.confidence, 2),
            "samples": list(self.samples),
        }


@dataclass(frozen=True, slots=True)
class Guessed:
    """A mapping to begin with, and each column's guess in the order of the file."""

    mapping: ColumnMapping
    columns: tuple[Guess, ...]


def guess_columns(sheet: Sheet, kind: LicenseType) -> Guessed:
    """What the columns of a sheet seem to be, from their names and their first 300 rows.

    Raises `Refused` where the file breaks within them.
    """
    rows = list(islice(sheet.rows(), LOOKED_AT))
    values = {
        header: [text for row in rows if (text := row.cells.get(header, "").strip())]
        for header in sheet.header
    }
    items = _items(kind)
    ranked = sorted(
        (
            (_likeness(header, item, found), item.name, header)
            for header, found in values.items()
            if found and squeeze(header) not in COUNTING
            for item in items
        ),
        key=lambda one: -one[0],
    )
    chosen: dict[str, tuple[str, float]] = {}
    for score, item, header in ranked:
        taken = {name for name, _ in chosen.values()}
        if score >= _SURE_ENOUGH and header not in chosen and item not in taken:
            chosen[header] = (item, score)
    guesses = tuple(
        Guess(header, item, confidence, tuple(dict.fromkeys(found))[:3])
        for header, found in values.items()
        for item, confidence in [chosen.get(header, (None, 0.0))]
    )
    return Guessed(_mapping(chosen, values), guesses)


def assign(mapping: ColumnMapping, header: str, item: str | None) -> ColumnMapping:
    """The mapping with one column feeding `item`, or ignored; what fed the item before feeds it no more."""
    columns = {
        name: headers
        for name, headers in mapping.columns.items()
        if name != item and squeeze(header) not in {squeeze(one) for one in headers}
    }
    ignored = tuple(one for one in mapping.ignored if squeeze(one) != squeeze(header))
    joined = {name: parts for name, parts in mapping.joined.items() if name != item}
    if item is None:
        ignored += (header,)
    else:
        columns[item] = (header,)
    return replace(mapping, columns=columns, ignored=ignored, joined=joined)


def _mapping(chosen: Mapping[str, tuple[str, float]], values: Mapping[str, Sequence[str]]) -> ColumnMapping:
    columns = {item: (header,) for header, (item, _) in chosen.items()}
    number = columns.get("number")
    if number and "holder_id" not in columns and _share(values[number[0]], _is_thirteen) > 0.95:
        columns["holder_id"] = number  # A company's number is its registration's.
    joined = {} if number else _number_in_parts(values)
    if "issued" in columns and "valid_from" not in columns:
        columns["valid_from"] = columns["issued"]  # Most papers are valid from the day they bear.
    standings: dict[str, Status] = {}
    for header in columns.get("standing", ()):
        for word in islice(dict.fromkeys(map(squeeze, values[header])), _MOST_WORDS):
            if word in _standing_words():
                standings[word] = _standing_words()[word]
    ignored = tuple(header for header in values if squeeze(header) in COUNTING)
    return ColumnMapping(columns, ignored=ignored, joined=joined, standings=standings)


def _number_in_parts(values: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """A number that stands in columns of its own for the book, the number in it and the year."""
    found = [next((h for h in values if squeeze(h) in words), None) for words in NUMBER_PARTS]
    book, number, *_ = found
    return {"number": ("/".join(f"{{{header}}}" for header in found if header),)} if book and number else {}


@dataclass(frozen=True, slots=True)
class _Item:
    """An item with the words for it, and the share of values that can be of it (None: any text can)."""

    name: str
    words: tuple[str, ...]
    fit: Callable[[Sequence[str]], float] | None


def _items(kind: LicenseType) -> list[_Item]:
    items = []
    own = {field.name: field for field in own_fields(kind)}
    units = {f"field.{field.key}": field.unit for field in kind.fields if field.unit}
    for name, label in items_of(kind).items():
        words = [*HEADER_WORDS.get(name, ()), name.removeprefix("field."), label.th, label.en]
        if name in units:
            words += [units[name].th, units[name].en]
        items.append(_Item(name, tuple(map(_joined, words)), _fit(name, own.get(name), kind)))
    return items


def _likeness(header: str, item: _Item, values: Sequence[str]) -> float:
    """How much a column is like an item: its name counts for two thirds, its values for one or against it."""
    named = max(_alike(_joined(name), word) for name in spellings(header) for word in item.words)
    if item.fit is None or not named:
        return named
    fits = item.fit(values)
    if fits < _SURE_ENOUGH:
        # What is named just so is that, with values to be told of; left out, nobody would hear of them.
        return _SURE_ENOUGH if named == 1 else 0.0
    return 0.65 * named + 0.35 * fits


@lru_cache(maxsize=4096)
def _joined(name: str) -> str:
    return squeeze(name).replace("_", "")


@lru_cache(maxsize=65536)
def _alike(header: str, word: str) -> float:
    if header.startswith(_CODE) != word.startswith(_CODE):
        return 0.0  # A code of something is not the thing.
    if header == word:
        return 1.0
    if len(header) >= _SHORTEST_PART and word.startswith(header):
        return 0.85  # Some programs cut names at ten characters.
    if len(word) >= _SHORTEST_PART - 1 and word in header:
        return 0.5 + 0.4 * len(word) / len(header)
    return 0.0


def _fit(name: str, own: OwnField | None, kind: LicenseType) -> Callable[[Sequence[str]], float] | None:
    if own is not None:
        return lambda values: _share(values, lambda text: own.problem(own.typed(text)) is None)
    if name == "number":
        pattern = re.compile(kind.number_pattern)
        return lambda values: (
            len(set(values))
            / len(values)
            * _share(values, lambda text: not pattern.pattern or bool(pattern.fullmatch(fold_digits(text))))
        )
    test = _is_day if name in DATE_ITEMS else _TESTS.get(name)
    return (lambda values: _share(values, test)) if test else None


def _share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, values)) / len(values)


def _is_day(text: str) -> bool:
    try:
        read_day(text)
    except DateFault:
        return text.startswith("0000")
    return True


def _is_thirteen(text: str) -> bool:
    return is_thirteen_digit_number(fold_digits(text).replace("-", "").replace(" ", ""))


@cache
def _standing_words() -> dict[str, Status]:
    return {squeeze(word): status for status, words in STANDING_WORDS.items() for word in words}


@cache
def _areas(digits: int) -> frozenset[str]:
    return frozenset(squeeze(place.thai) for code, place in places().items() if len(str(code)) == digits)


def _is_area(digits: int) -> Callable[[str], bool]:
    return lambda text: (
        squeeze(text).removeprefix("เมือง") in _areas(digits) or squeeze(text) in _areas(digits)
    )


_TESTS: dict[str, Callable[[str], bool]] = {
    "holder_id": _is_thirteen,
    "standing": lambda text: squeeze(text) in _standing_words(),
    "province": lambda text: find_address_place(f"จ.{text}").code is not None,
    "district": _is_area(4),
    "subdistrict": _is_area(6),
    "place": lambda text: text.isdecimal() and len(text) in (2, 4, 6) and int(text) in places(),
    "address": lambda text: not text.isdecimal(),
    "holder": lambda text: not text.isdecimal(),
    "premises": lambda text: not text.isdecimal(),
}
