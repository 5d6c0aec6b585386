"""One order for candidates of all channels: from their tokens alone, the same on every engine."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from rapidfuzz.fuzz import partial_ratio

from search.document import GRAM, LicenseDocument, folded_name
from search.normalize import grams
from search.reading import Reading, Token
from search.sound import sound, word_sound

_WORDS, _GRAMS, _DICE, _PARTIAL, _SOUND = 0.30, 0.30, 0.20, 0.20, 0.75
_HEARD, _SURELY_HEARD = 0.96, 6  # A whole question heard in a name, and the fewest letters that is no chance.
_NUMBER_IS, _NUMBER_NAMES, _NUMBER_ENDS, _NUMBER_BEGINS, _NUMBER_HOLDS = 3.0, 2.5, 2.0, 1.5, 1.0
# A license whose address or type explains the whole question is found, but after those so named.
_NOT_A_NAME, _LISTED = 0.6, 0.9
# What is asked by type and place is that: ร้านยา หัวหิน.
_TYPE_AND_PLACE = 0.97
_ANOTHER_PLACE = 0.5  # Words of a place's name, in the address of another place.
_NOT_AT_BEGIN = 0.95  # A name that begins with what was typed comes before one that contains it.
_BEGINNING = 0.95  # A word that is only begun may be another word.
_MISSPELT = 0.8  # A word that only the folded name holds, or that was cut in another way there.
_SHORTEST_GRAM = 3
_LEAST, _LEAST_OF_BEST = 0.35, 0.7


@dataclass(frozen=True, slots=True)
class Weights:
    """How rare terms are: `documents` in all, and of each term asked about."""

    documents: int
    frequency: Mapping[str, int]
    _known: dict[str, float] = field(default_factory=dict, repr=False)

    def of(self, term: str) -> float:
        """The inverse document frequency; a term that is nowhere weighs most."""
        weight = self._known.get(term)
        if weight is None:
            seen = min(self.frequency.get(term, 0), self.documents)
            weight = self._known[term] = math.log(1 + (self.documents - seen + 0.5) / (seen + 0.5))
        return weight

    def whole(self, term: str) -> int:
        """`of(term)` as a whole number, 2 ** 10 for each 1: every engine adds these exactly."""
        return round(1024 * self.of(term))


@dataclass(frozen=True, slots=True)
class _Name:
    folded: str
    pairs: frozenset[str]


@lru_cache(maxsize=1024)
def _asked(folded: str) -> tuple[Sequence[str], frozenset[str]]:
    """The grams of a question in one order, for a sum of floats depends on it, and its pairs."""
    return sorted(grams(folded)), _pairs(folded)


def _pairs(folded: str) -> frozenset[str]:
    return frozenset(folded[i : i + 2] for i in range(len(folded) - 1))


class _Words:
    """Words of a document; `spaced` has a blank before each, so that a beginning is found in one look."""

    __slots__ = ("spaced", "words")

    def __init__(self, *words: Iterable[str]) -> None:
        self.words = frozenset(chain(*words))
        self.spaced = " " + " ".join(self.words)

    def hold(self, token: Token, *, open_end: bool) -> bool:
        """Whether `token` is one of the words, all its parts are, or with `open_end` one begins with it."""
        if token.parts:
            return self.words.issuperset(token.parts)
        return token.text in self.words or (open_end and f" {token.text}" in self.spaced)


class Candidate:
    """A document with the features that every reading is compared with."""

    __slots__ = (
        "_names",
        "_sounds",
        "areas",
        "document",
        "name_words",
        "other_words",
        "type_words",
        "wholes",
    )

    def __init__(self, document: LicenseDocument) -> None:
        self.document = document
        self.name_words = _Words(word for name in document.names for word in name.split())
        self.type_words = _Words(document.types)
        self.other_words = _Words(document.types, document.address)
        self.areas = (document.province, document.district, document.subdistrict)
        self.wholes = document.wholes
        self._names: tuple[_Name, ...] | None = None
        self._sounds: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[_Name, ...]:
        """The names folded, made when first asked for."""
        if self._names is None:
            folded = map(folded_name, self.document.names)
            self._names = tuple(_Name(name, _pairs(name)) for name in folded)
        return self._names

    @property
    def sounds(self) -> tuple[str, ...]:
        """The names' sounds, made when first asked for."""
        if self._sounds is None:
            self._sounds = tuple(sound(tuple(name.split())) for name in self.document.names)
        return self._sounds


def number_score(asked: tuple[str, ...], candidate: Candidate) -> float:
    """How well a number answers: as a whole, as a word of the name, as an end, a beginning, or inside."""
    best = _NUMBER_NAMES if not candidate.name_words.words.isdisjoint(asked) else 0.0
    for number in candidate.wholes:
        for part in asked:
            if part == number:
                return _NUMBER_IS
            if number.endswith(part):
                best = max(best, _NUMBER_ENDS)
            elif number.startswith(part):
                best = max(best, _NUMBER_BEGINS)
            elif part in number:
                best = max(best, _NUMBER_HOLDS)
    return best


def names_hold(reading: Reading, candidate: Candidate) -> bool:
    """Whether a name begins with `reading`, however it is cut, or the names hold all its words."""
    begins = any(name.folded.startswith(reading.beginning) for name in candidate.names)
    return begins or not _elsewhere_or_nowhere(reading, candidate)


def _elsewhere_or_nowhere(reading: Reading, candidate: Candidate) -> set[int]:
    """Places of the tokens that the names do not hold."""
    last = len(reading.tokens) - 1
    missing = {
        place
        for place, token in enumerate(reading.tokens)
        if not candidate.name_words.hold(token, open_end=reading.open_end and place == last)
    }
    for count, joined in reading.endings:
        if missing and candidate.name_words.hold(Token(joined), open_end=True):
            missing -= set(range(last + 1 - count, last + 1))
    return missing


def _weight(token: Token, weights: Weights) -> float:
    return max(map(weights.of, token.parts)) if token.parts else weights.of(token.text)


def text_score(reading: Reading, candidate: Candidate, weights: Weights) -> float:
    """How well names, address and type answer `reading`, 0 to 1.

    Words that only the address or the type has count as found and are no part of the name: the
    rest is compared with each name.
    """
    all_weight = found_weight = elsewhere_weight = 0.0
    rest: list[str] = []
    missing = _elsewhere_or_nowhere(reading, candidate)
    about = _about(reading, candidate)
    for place, token in enumerate(reading.tokens):
        weight = _weight(token, weights)
        all_weight += weight
        folded = reading.folded[token.text]
        if place in missing and about[place]:
            elsewhere_weight += weight * about[place]
            continue
        rest.append(folded)
        if place not in missing:
            found_weight += weight * (
                _BEGINNING if token.text not in candidate.name_words.words and not token.parts else 1.0
            )
        elif len(folded) >= _SHORTEST_GRAM and any(folded in name.folded for name in candidate.names):
            found_weight += weight * _MISSPELT
    covered, dice, partial = _compare_names("".join(rest), candidate, weights)
    if not missing:  # The words in another order are still all of them.
        partial = max(partial, _NOT_AT_BEGIN)
    elsewhere = elsewhere_weight / all_weight
    score = _WORDS * (found_weight / all_weight + elsewhere)
    score += _GRAMS * (covered * (1 - elsewhere) + elsewhere)
    alike = _DICE * dice + _PARTIAL * partial
    not_a_name = _LISTED if not rest and len(about) > 1 else _NOT_A_NAME
    score += alike * (1 - elsewhere) + (_DICE + _PARTIAL) * not_a_name * elsewhere
    score = max(score, _type_and_place(reading, candidate, about))
    return max(score, _sound_score(reading, candidate, about)) if reading.latin else score


def _about(reading: Reading, candidate: Candidate) -> list[float]:
    """How far address, type or number hold each token, 0 to 1; the words of a place count as one."""
    last = len(reading.tokens) - 1
    held = [
        float(_elsewhere(token, candidate, open_end=reading.open_end and place == last))
        for place, token in enumerate(reading.tokens)
    ]
    for named in reading.places:
        level = named.holds(candidate.areas)
        for place in range(named.begin, named.end):
            held[place] = level or _ANOTHER_PLACE * held[place]
    return held


def _elsewhere(token: Token, candidate: Candidate, *, open_end: bool) -> bool:
    """Whether address, type or number hold `token`."""
    if candidate.other_words.hold(token, open_end=open_end):
        return True
    is_number = bool(token.parts) or token.text[0].isdecimal()
    return is_number and any(token.text in number for number in candidate.wholes)


def _type_and_place(reading: Reading, candidate: Candidate, about: Sequence[float]) -> float:
    """The score of a license of the very type and place that are all of the question, else 0."""
    of_place = {place for named in reading.places for place in range(named.begin, named.end)}
    types = [token for place, token in enumerate(reading.tokens) if place not in of_place]
    if (
        not of_place
        or not types
        or not all(candidate.type_words.hold(token, open_end=False) for token in types)
    ):
        return 0.0
    level = min(about[place] for place in of_place)
    return _TYPE_AND_PLACE * level if level > _ANOTHER_PLACE else 0.0


def _compare_names(folded: str, candidate: Candidate, weights: Weights) -> tuple[float, float, float]:
    """How far the names cover `folded` by grams, the best Dice of pairs, the best partial ratio: 0 to 1."""
    names = candidate.names
    if len(folded) < _SHORTEST_GRAM:
        begins = folded != "" and any(name.folded.startswith(folded) for name in names)
        holds = begins or (folded != "" and any(folded in name.folded for name in names))
        return float(holds), float(begins), holds * _NOT_AT_BEGIN
    asked, pairs = _asked(folded)
    known = " ".join(name.folded for name in names)
    all_weight = found = 0.0
    for gram in asked:
        weight = weights.of(GRAM + gram)
        all_weight += weight
        found += weight if gram in known else 0.0
    dice = partial = 0.0
    for name in names:
        dice = max(dice, 2 * len(pairs & name.pairs) / (len(pairs) + len(name.pairs)))
        whole = min(1.0, len(name.folded) / len(folded))  # A name shorter than the question is not all of it.
        like = (
            1.0
            if name.folded.startswith(folded)
            else partial_ratio(folded, name.folded) / 100 * _NOT_AT_BEGIN
        )
        partial = max(partial, like * whole)
    return found / all_weight, dice, partial


def _sound_score(reading: Reading, candidate: Candidate, about: Sequence[float]) -> float:
    """How well the names sound like what was typed; words of the address and type need no sound."""
    asked = reading.sound
    best = 0.0
    for heard in candidate.sounds:
        if len(heard) > 1 and len(asked) > 1:
            whole = min(1.0, len(heard) / len(asked))
            alike = partial_ratio(asked, heard) / 100 * whole
            sure = asked in heard and len(asked) >= _SURELY_HEARD
            best = max(best, _HEARD if sure else _SOUND * alike)
    if len(reading.tokens) > 1 and best < _HEARD:
        best = max(best, _SOUND * _words_heard(reading, candidate, about))
    return best


def _words_heard(reading: Reading, candidate: Candidate, about: Sequence[float]) -> float:
    """The share of the letters typed whose words are heard in one name, in any order, or stand elsewhere."""
    letters = [word_sound(token.text) for token in reading.tokens]
    best = 0.0
    for heard in candidate.sounds:
        found = sum(
            len(sounds)
            * max(held, (partial_ratio(sounds, heard) / 100) ** 2 if len(sounds) <= len(heard) else 0.0)
            for sounds, held in zip(letters, about, strict=True)
        )
        best = max(best, found / (sum(map(len, letters)) or 1))
    return best


def in_order(
    scores: Mapping[str, float], candidates: Mapping[str, Candidate], operates: Mapping[str, bool]
) -> list[str]:
    """The codes worth showing, best first; equal ones: may operate first, shorter name, number, code."""
    least = max(_LEAST, _LEAST_OF_BEST * max(scores.values(), default=0.0))

    def place(found: str) -> tuple[float, bool, int, tuple[str, ...], str]:
        document = candidates[found].document
        length = min((len(name) for name in document.names), default=0)
        return (-round(scores[found], 6), not operates[found], length, document.numbers, document.code)

    return sorted((found for found in scores if scores[found] >= least), key=place)
