"""Places that a query names: runs of its words that are the name of a province, district or subdistrict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from keys.places import places
from search.normalize import clean

_LONGEST = 8  # Words of one place's name.
_LEVELS = {2: 0.99, 4: 0.98, 6: 0.97}
_TITLES: Mapping[str, int] = {
    "จ": 2, "จังหวัด": 2, "อ": 4, "อำเภอ": 4, "เขต": 4, "ต": 6, "ตำบล": 6, "แขวง": 6,
    "province": 2, "district": 4, "subdistrict": 6,
}  # fmt: skip
# What people say for a place that the table names otherwise.
_ALSO = {
    "กรุงเทพ": 10, "กทม": 10, "กทม.": 10, "bkk": 10, "โคราช": 30, "korat": 30, "อยุธยา": 14, "ayutthaya": 14,
    "อยุทธยา": 14, "ประจวบ": 77, "prachuap": 77, "อุบล": 34, "ubon": 34, "อุดร": 41, "udon": 41, "สุราษฎร์": 84,
    "สุราษ": 84, "นครศรี": 80, "แปดริ้ว": 24, "เมืองกาญจน์": 71, "เมืองจันท์": 22, "เมืองคอน": 80, "พัทยา": 2004,
    "pattaya": 2004, "สมุย": 8404, "samui": 8404, "แม่กลอง": 75, "มหาชัย": 74, "ปากน้ำ": 1101, "เยาวราช": 1013,
    "kanchanaburi": 71, "cnx": 50, "lopburi": 16, "chonburi": 20, "ratchaburi": 70, "hadyai": 9011, "hatyai": 9011,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """The words `begin` to `end` of a query name the places of `codes`."""

    begin: int
    end: int
    codes: frozenset[int]

    def holds(self, areas: Sequence[int | None]) -> float:
        """How surely one of `areas` is meant, 0 for none: of places that share a name the larger one."""
        return max((_LEVELS[len(str(area))] for area in areas if area in self.codes), default=0.0)


@cache
def _by_name() -> dict[str, frozenset[int]]:
    named: dict[str, set[int]] = {}
    for code, place in places().items():
        for name in (place.thai, place.english):
            named.setdefault(_joined(name), set()).add(code)
    for name, code in _ALSO.items():
        named.setdefault(_joined(name), set()).add(code)
    return {name: frozenset(codes) for name, codes in named.items()}


def _joined(name: str) -> str:
    return "".join(character for character in clean(name) if character not in " -.'()")


def named_places(words: Sequence[str]) -> tuple[NamedPlace, ...]:
    """The places named in `words`, longest first, with the จ., อ. or เขต before them; none overlap."""
    found: list[NamedPlace] = []
    begin = 0
    while begin < len(words):
        level = _TITLES.get(words[begin], 0)
        first = begin + bool(level)
        one = next(
            (
                NamedPlace(begin, end, codes)
                for end in range(min(len(words), first + _LONGEST), first, -1)
                if (codes := _of_level(_by_name().get("".join(words[first:end]), frozenset()), level))
            ),
            None,
        )
        found += [one] if one else []
        begin = one.end if one else begin + 1
    return tuple(found)


def _of_level(codes: frozenset[int], level: int) -> frozenset[int]:
    return frozenset(code for code in codes if len(str(code)) == level) if level else codes
