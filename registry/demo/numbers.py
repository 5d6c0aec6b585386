"""License numbers in the form of each type, counted per agency, type and year in the order of the first days."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from keys.dates import BUDDHIST_OFFSET
from registry.demo import license_types as kinds
from registry.demo.faces import Texts
from registry.demo.words import PROVINCE_LETTERS

_BOOK = 100
# What had been issued in a year before the first of the demonstration's licenses.
_ALREADY_ISSUED = 40


@dataclass(frozen=True, slots=True)
class _Turn:
    """Whose turn it is for a number: the texts, the count within the year, the Buddhist year."""

    texts: Texts
    count: int
    year: int

    @property
    def province(self) -> int:
        return int(self.texts["place"]) // 10000


def _booked(turn: _Turn) -> str:
    return f"{turn.count // _BOOK + 1}/{turn.count}/{turn.year}"


def _liquor(turn: _Turn) -> str:
    area = int(turn.texts["place"]) // 100
    return f"{area}-{turn.texts['field.sale_class']}-{turn.count:05d}/{turn.year}"


def _factory(turn: _Turn) -> str:
    letters, texts = PROVINCE_LETTERS[turn.province], turn.texts
    new = "จ" if turn.count % 3 == 0 else ""
    return f"{new}{texts['field.class']}-{texts['field.factory_type']}-{turn.count}/{turn.year % 100:02d}{letters}"


def _tour(turn: _Turn) -> str:
    region = {"local": 34, "domestic": 12, "inbound": 13, "general": 11}[turn.texts["field.tour_kind"]]
    return f"{region}/{turn.year % 100 * 1000 + turn.count:05d}"


_NUMBERS: Mapping[int, Callable[[_Turn], str]] = {
    kinds.LIQUOR: _liquor,
    kinds.CLINIC: lambda turn: f"{turn.province}101{turn.count:04d}{turn.year % 100:02d}",
    kinds.CLINIC_OPERATION: lambda turn: f"{turn.province}102{turn.count:04d}{turn.year % 100:02d}",
    kinds.HOTEL: lambda turn: f"{turn.count}/{turn.year}",
    kinds.FACTORY: _factory,
    kinds.HAZARD: _booked,
    kinds.FOOD: _booked,
    kinds.COMMERCIAL: lambda turn: turn.texts["holder_id"],
    kinds.JURISTIC: lambda turn: turn.texts["holder_id"],
    kinds.TOUR: _tour,
    kinds.ANIMALS: lambda turn: f"01-{turn.count:04d}/{turn.year}",
    kinds.ANIMALS_OPERATION: lambda turn: f"02-{turn.count:04d}/{turn.year}",
    kinds.FIREARM: lambda turn: f"{turn.count}/{turn.year}",
    kinds.SECOND_HAND: _booked,
}


def number_all(faces: Sequence[tuple[int, int, Texts]]) -> None:
    """Put a number into each face, given as agency, type and texts; the texts are changed in place."""
    counts: Counter[tuple[int, int, int]] = Counter()
    for agency, license_type, texts in sorted(
        faces, key=lambda face: (face[2]["valid_from"], face[0], face[1])
    ):
        year = date.fromisoformat(texts["valid_from"]).year + BUDDHIST_OFFSET
        counts[agency, license_type, year] += 1
        count = _ALREADY_ISSUED + counts[agency, license_type, year]
        texts["number"] = _NUMBERS[license_type](_Turn(texts, count, year))
