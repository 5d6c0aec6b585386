"""One order for candidates of all channels: from their tokens alone, the same on every engine."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from rapidfuzz.fuzz import partial_ratio, ratio

from search.document import GRAM, LicenseDocument, folded_name
from search.normalize import grams
from search.reading import Reading, Token
from search.sound import sound, word_sound

_WORDS, _GRAMS, _WHOLE, _PARTIAL, _SOUND = 0.30, 0.30, 0.20, 0.20, 0.75
_HEARD, _SURELY_HEARD = 0.96, 6  # A whole question heard in a name, and the fewest letters that is no chance.
_NUMBER_IS, _NUMBER_NAMES, _NUMBER_ENDS, _NUMBER_BEGINS, _NUMBER_HOLDS = 3.0, 2.5, 2.0, 1.5, 1.0
_ONE_WAY = 0.1  # Of the difference, where a name sounds alike as a whole and not word by word, or so only.
_SURELY_ALIKE = 0.85
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
    _grams: dict[str, Sequence[tuple[str, float]]] = field(default_factory=dict, repr=False)

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

    def of_grams(self, folded: str) -> Sequence[tuple[str, float]]:
        """The grams of `folded` and their weights, in one order, for a sum of floats depends on it."""
        found = self._grams.get(folded)
        if found is None:
            found = self._grams[folded] = [(gram, self.of(GRAM + gram)) for gram in sorted(grams(folded))]
        return found


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
    """A document with the features that readings are compared with, each made when first asked for."""

    def __init__(self, document: LicenseDocument) -> None:
        self.document = document
        self.name_words = _Words(word for name in document.names for word in name.split())

    @cached_property
    def type_words(self) -> _Words:
        """The words of its type."""
        return _Words(self.document.types)

    @cached_property
    def other_words(self) -> _Words:
        """The words of its type and address."""
        return _Words(self.document.types, self.document.address)

    @cached_property
    def areas(self) -> tuple[int | None, ...]:
        """Its province, district and subdistrict."""
        return self.document.province, self.document.district, self.document.subdistrict

    @cached_property
    def wholes(self) -> frozenset[str]:
        """Its numbers squeezed."""
        return self.document.wholes

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names folded."""
        return tuple(map(folded_name, self.document.names))

    @cached_property
    def sounds(self) -> tuple[str, ...]:
        """The names' sounds."""
        return tuple(sound(tuple(name.split())) for name in self.document.names)

    @cached_property
    def latin_sounds(self) -> tuple[str, ...]:
        """The sounds of the Latin names: what is typed in Thai may be one of these."""
        return tuple(sound(tuple(name.split())) for name in self.document.names if name.isascii())


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
    begins = any(name.startswith(reading.beginning) for name in candidate.names)
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


def least_shown(best: float) -> float:
    """The least score that is shown beside `best`."""
    return max(_LEAST, _LEAST_OF_BEST * best)


def text_score(reading: Reading, candidate: Candidate, weights: Weights, least: float) -> float:
    """How well names, address and type answer `reading`, 0 to 1.

    Words that only the address or the type has count as found and are no part of the name: the
    rest is compared with each name.  Where that cannot lead to `least` it is left out, and what is
    given is more than the score and less than `least`.
    """
    missing = _elsewhere_or_nowhere(reading, candidate)
    about = _about(reading, candidate, missing)
    found, elsewhere, rest = _by_words(reading, candidate, weights, missing, about)
    not_a_name = _LISTED if not rest and len(about) > 1 else _NOT_A_NAME
    score = _WORDS * (found + elsewhere) + _GRAMS * elsewhere + (_WHOLE + _PARTIAL) * not_a_name * elsewhere
    score += _GRAMS * _covered(rest, candidate, weights) * (1 - elsewhere)
    alike = _WHOLE + _PARTIAL
    if score + alike * (1 - elsewhere) >= least:
        alike = _alike(rest, candidate, all_words=not missing)
    score = max(score + alike * (1 - elsewhere), _type_and_place(reading, candidate, about))
    if score >= _HEARD:  # No sound is worth more.
        return score
    return max(
        score, _sound_score(reading, candidate, about) if reading.latin else _latin_name(reading, candidate)
    )


def _by_words(
    reading: Reading, candidate: Candidate, weights: Weights, missing: Collection[int], about: Sequence[float]
) -> tuple[float, float, str]:
    """The shares of `reading`, by weight, that names hold and that only stand elsewhere; and the rest folded."""
    all_weight = found = elsewhere = 0.0
    rest = ""
    for place, token in enumerate(reading.tokens):
        weight = _weight(token, weights)
        all_weight += weight
        if place in missing and about[place]:
            elsewhere += weight * about[place]
            continue
        folded = reading.folded[token.text]
        rest += folded
        if place not in missing:
            whole = token.text in candidate.name_words.words or token.parts
            found += weight if whole else weight * _BEGINNING
        elif len(folded) >= _SHORTEST_GRAM and any(folded in name for name in candidate.names):
            found += weight * _MISSPELT
    return found / all_weight, elsewhere / all_weight, rest


def _about(reading: Reading, candidate: Candidate, missing: Collection[int]) -> list[float]:
    """How far address, type or number hold each token that no name does, 0 to 1; a place's words count as one."""
    last = len(reading.tokens) - 1
    held = [
        float(place in missing and _elsewhere(token, candidate, open_end=reading.open_end and place == last))
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
    if not reading.places:
        return 0.0
    of_place = {place for named in reading.places for place in range(named.begin, named.end)}
    types = [token for place, token in enumerate(reading.tokens) if place not in of_place]
    if not types or not all(candidate.type_words.hold(token, open_end=False) for token in types):
        return 0.0
    level = min(about[place] for place in of_place)
    return _TYPE_AND_PLACE * level if level > _ANOTHER_PLACE else 0.0


def _covered(folded: str, candidate: Candidate, weights: Weights) -> float:
    """The share of the grams of `folded`, by weight, that the names hold."""
    known = " ".join(candidate.names)
    if folded and folded in known:
        return 1.0
    weighed = weights.of_grams(folded)
    found = sum(weight for gram, weight in weighed if gram in known)
    return found / (sum(weight for _, weight in weighed) or 1)


def _alike(folded: str, candidate: Candidate, *, all_words: bool) -> float:
    """How like `folded` the names are, as a whole and in part; `all_words` may stand in another order there."""
    names = candidate.names
    whole = partial = 0.0
    if len(folded) < _SHORTEST_GRAM:
        whole = float(folded != "" and any(name.startswith(folded) for name in names))
        partial = float(folded != "" and any(folded in name for name in names)) * _NOT_AT_BEGIN
    else:
        for name in names:
            whole = max(whole, ratio(folded, name) / 100)
            shorter = min(1.0, len(name) / len(folded))  # A name shorter than the question is not all of it.
            begins = name.startswith(folded)
            like = 1.0 if begins else partial_ratio(folded, name) / 100 * _NOT_AT_BEGIN
            partial = max(partial, like * shorter)
    return _WHOLE * whole + _PARTIAL * max(partial, _NOT_AT_BEGIN if all_words else 0.0)


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
        by_words = _SOUND * _words_heard(reading, candidate, about)
        best = max(best, by_words) - _ONE_WAY * abs(best - by_words)
    return best


def _latin_name(reading: Reading, candidate: Candidate) -> float:
    """How surely a Latin name is what was typed in Thai: เบอร์เกอร์คิง is Burger King."""
    asked = reading.sound
    if len(asked) < _SURELY_HEARD:
        return 0.0
    alike = (
        partial_ratio(asked, name) / 100 * min(1.0, len(name) / len(asked)) for name in candidate.latin_sounds
    )
    best = max(alike, default=0.0)
    return _HEARD * best if best >= _SURELY_ALIKE else 0.0


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
    least = least_shown(max(scores.values(), default=0.0))

    def place(found: str) -> tuple[float, bool, int, tuple[str, ...], str]:
        document = candidates[found].document
        length = min((len(name) for name in document.names), default=0)
        return (-round(scores[found], 6), not operates[found], length, document.numbers, document.code)

    return sorted((found for found in scores if scores[found] >= least), key=place)
