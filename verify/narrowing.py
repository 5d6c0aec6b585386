"""What a search is narrowed to: the filters of an address, their choices with counts, and the way out of each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from keys.catalog import Agency, LicenseType
from keys.dates import bangkok_date, to_days
from keys.places import places
from search import SearchPage, SearchQuery
from search.query import VERDICTS, Sorting
from verify.headlines import KIND_WORDS
from verify.problems import Problem
from verify.verdict import Kind
from verify.words import say

PAGE_SIZE = 10  # With these a page of results is below 15 kB.
# What stands in the address → the field of a query.
FIELDS: Mapping[str, str] = {
    "type": "license_type",
    "province": "province",
    "district": "district",
    "subdistrict": "subdistrict",
    "agency": "agency",
    "status": "verdict",
}
_AREAS = ("province", "district", "subdistrict")
_LONGEST_NUMBER = 9
_MOST_CHOICES = 30  # With counts: the commonest.  What is rarer is found by its name among the words.
_LEADING = re.compile("([เ-ไ])([ก-ฮ])")
ORDERS = tuple(order.value for order in Sorting)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter: what stands in the address, what a person reads, how many have it if known."""

    value: str
    words: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter with its choices; `chosen` is a choice's value or empty."""

    name: str
    choices: Sequence[Choice]
    chosen: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The words, filters and order of an address; raises the problem `bad_request` when made of nonsense."""

    words: str
    filters: Mapping[str, str]
    order: Sorting

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> "Asked":
        """What `arguments` ask for; an area outside a larger one that is also chosen is left out."""
        filters = {name: text for name in FIELDS if (text := arguments.get(name, ""))}
        for name in FIELDS:
            if name in filters and name != "status":
                _number(filters[name])
        if filters.get("status", VERDICTS[0]) not in VERDICTS:
            raise Problem("bad_request")
        for larger, area in combinations(_AREAS, 2):
            if larger in filters and not filters.get(area, filters[larger]).startswith(filters[larger]):
                del filters[area]
        order = arguments.get("sort") or Sorting.BEST.value
        if order not in ORDERS:
            raise Problem("bad_request")
        return cls(arguments.get("q", "").strip(), filters, Sorting(order))

    def query(self, at: datetime, after: str | None) -> SearchQuery:
        """The question for the index on the day of `at`."""
        numbers = {FIELDS[name]: int(text) for name, text in self.filters.items() if name != "status"}
        return SearchQuery(
            words=self.words,
            verdict=self.filters.get("status"),
            order=self.order,
            today=to_days(bangkok_date(at)),
            after=after,
            size=PAGE_SIZE,
            **numbers,
        )

    @property
    def arguments(self) -> dict[str, str]:
        """What asks the same again."""
        asked = {"q": self.words, **self.filters}
        if self.order is not Sorting.BEST:
            asked["sort"] = self.order.value
        return {name: value for name, value in asked.items() if value}

    def without(self, name: str) -> dict[str, str]:
        """The arguments without one filter, and without the areas inside it."""
        dropped = _AREAS[_AREAS.index(name) :] if name in _AREAS else (name,)
        return {key: value for key, value in self.arguments.items() if key not in dropped}


def _number(text: str) -> None:
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_NUMBER:
        raise Problem("bad_request")


class Names:
    """What a person reads for the values of filters, in one language."""

    def __init__(self, types: Sequence[LicenseType], agencies: Sequence[Agency], language: str) -> None:
        self._language = language
        self._named = {
            "type": {str(kind.number): kind.name.show(language) for kind in types},
            "agency": {str(agency.number): agency.name.show(language) for agency in agencies},
            "status": {name: KIND_WORDS[Kind(name)].show(language) for name in VERDICTS},
        }

    def of(self, name: str, value: str) -> str:
        """The words for one value; a number that nothing is known of stays one."""
        if name in _AREAS:
            place = places().get(int(value))
            return (place.english if self._language == "en" else place.thai) if place else value
        return self._named[name].get(value, value)

    def all(self, name: str, within: str) -> list[str]:
        """Every value of a filter; of areas those inside `within`."""
        if name not in _AREAS:
            return list(self._named[name])
        digits = 2 * _AREAS.index(name) + 2
        return [str(code) for code in places() if len(str(code)) == digits and str(code).startswith(within)]


def filters_of(asked: Asked, found: SearchPage, names: Names) -> list[Filter]:
    """The filters to offer: with counts of what was found, or where these are not known every value.

    Districts are offered within a province, subdistricts within a district.
    """
    offered = []
    for name, field in FIELDS.items():
        chosen, larger = asked.filters.get(name, ""), ""
        if name in _AREAS[1:]:
            larger = _only(asked, found, _AREAS[_AREAS.index(name) - 1])
            if not larger:
                continue
        counts = {str(value): count for value, count in found.facets.get(field, {}).items()}
        known = sorted(counts, key=lambda value: (-counts[value], value))[:_MOST_CHOICES]
        values = {*known, *filter(None, [chosen])} if found.facets else names.all(name, larger)
        choices = [
            Choice(value, names.of(name, value), counts.get(value, 0) if found.facets else None)
            for value in values
        ]
        offered.append(Filter(name, sorted(choices, key=_as_in_a_dictionary), chosen))
    return [one for one in offered if one.chosen or len(one.choices) > 1]


def _as_in_a_dictionary(choice: Choice) -> str:
    """Where Thai stands among Thai: a vowel written before its consonant counts behind it."""
    return _LEADING.sub(r"\2\1", choice.words)


def _only(asked: Asked, found: SearchPage, name: str) -> str:
    """The area chosen, or the only one that anything was found in."""
    values = list(found.facets.get(FIELDS[name], ()))
    return asked.filters.get(name) or (str(values[0]) if len(values) == 1 else "")


def orders(asked: Asked, language: str) -> Filter:
    """The orders to list in: without words there is no best."""
    values = [value for value in ORDERS if asked.words or value != Sorting.BEST.value]
    choices = [Choice(value, say(f"by_{value}", language), None) for value in values]
    chosen = asked.order.value if asked.order.value in values else Sorting.NAME.value
    return Filter("sort", choices, chosen)
