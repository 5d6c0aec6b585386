"""From what an officer types to an area code: a code, a line of the list, or the names of the place."""

import re
from functools import cache

from keys.places import Place, ancestry, places, show_place
from keys.text import canonical, fold_digits

MOST_CHOICES = 60
_CODE = re.compile(r"(?:.*\()?(\d{2}|\d{4}|\d{6})\)?")
_TITLES = re.compile(r"(?:ตำบล|แขวง|อำเภอ|เขต|จังหวัด|ต\.|อ\.|จ\.)\s*")


def resolve_place(text: str, territory: tuple[int, ...] = ()) -> list[int]:
    """The codes that `text` may mean: one when it is certain, none when nothing fits, 60 at most.

    Of places with the same name those in the agency's territory are meant.
    """
    typed = fold_digits(canonical(text))
    by_code = _CODE.fullmatch(typed)
    if by_code:
        return [int(by_code[1])]
    words = [word.casefold() for word in _TITLES.sub(" ", typed).replace(",", " ").split()]
    if not words:
        return []
    found = _by_words(words, exact=True) or _by_words(words, exact=False)
    own = [code for code in found if set(ancestry(code)) & set(territory)]
    return (own or found)[:MOST_CHOICES]


def _by_words(words: list[str], *, exact: bool) -> list[int]:
    # The first word names the place itself, the others it or what it lies in.
    def fits(word: str, names: set[str]) -> bool:
        return word in names if exact else any(name.startswith(word) for name in names)

    return [
        place.code
        for place in places().values()
        if place.code > 9999
        and fits(words[0], _names(place.code, 6))
        and all(fits(word, _names(place.code, 2)) for word in words[1:])
    ]


@cache
def _names(code: int, shortest: int) -> set[str]:
    lines = [places()[part] for part in ancestry(code) if part in places() and len(str(part)) >= shortest]
    thai = {line.thai for line in lines}
    english = {line.english.casefold() for line in lines}
    return thai | english | {word for name in english for word in name.split()}


def places_of(territory: tuple[int, ...]) -> list[Place]:
    """The subdistricts of a territory, when they are few enough to be offered as a list."""
    if not territory:
        return []
    found = [
        place
        for place in places().values()
        if place.code > 99999 and set(ancestry(place.code)) & set(territory)
    ]
    return found if len(found) <= MOST_CHOICES else []


def spell_place(code: int, language: str = "th") -> str:
    """A place as a line of the list, which `resolve_place` reads back."""
    known = show_place(code, language)
    return f"{known} ({code})" if known else str(code)
