"""One way to understand the words of a query, and how it is asked of an inverted index."""

import re
from dataclasses import dataclass
from functools import cached_property

from search.document import number_parts, squeezed
from search.layout import as_typed_on_english, as_typed_on_thai
from search.normalize import clean, fold, grams, without_legal_form, without_title, words
from search.places import NamedPlace, named_places
from search.query import LONGEST_WORDS
from search.sound import sound, sound_grams

_MOST_TOKENS = 24
_SHORTEST_OF_OTHER_LAYOUT = 3  # Anything typed is something on the other layout; less is chance.
# A number as people write it: runs of letters and digits joined by punctuation, a digit among them.
_NUMBER_CHUNK = re.compile(r"(?=[^\s\d]*\d)[0-9a-z\u0e01-\u0e4e]*(?:[-/().:,]+[0-9a-z\u0e01-\u0e4e]+)+\)?")
_LAST_RUN = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]+$")
_YEAR = re.compile("(?:25)?[4-7][0-9]")
_SHORTEST_BEFORE_YEAR = 2  # Parts: of 12/61 it is not sure that 61 is a year.
_SHORTEST_WITHIN = 7  # Digits.
_CODE = re.compile(r"(?<![0-9])[0-9](?:[\s\-.·–—_/]{0,3}[0-9]){13}(?![0-9])")
_NUMBER_WORDS = re.compile(r"เลขทะเบียน|ใบอนุญาต|ทะเบียน|เล่มที่|เลขที่|เล่ม|เลข|ปี|ที่|\bno\b\.?")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a query, or a number with punctuation: `text` is then squeezed, `parts` its words."""

    text: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One way to understand a query.

    `open_end`: the last word may still be being typed; `typed_end` is then the last run of Thai.
    """

    tokens: tuple[Token, ...]
    open_end: bool
    typed_end: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All words, those of numbers too."""
        return tuple(word for token in self.tokens for word in (token.parts or (token.text,)))

    @cached_property
    def endings(self) -> tuple[tuple[int, str], ...]:
        """Other ways to cut the end of a Thai word being typed: how many last tokens, and as one.

        ยูนิ is cut ยู|นิ, yet it is the beginning of ยูนิค, which is one word.
        """
        if not self.open_end:
            return ()
        found = []
        for count in (2, 3):
            last = [token.text for token in self.tokens[-count:]]
            if len(last) == count and "".join(last) in self.typed_end:
                found.append((count, "".join(last)))
        return tuple(found)

    @cached_property
    def folded(self) -> dict[str, str]:
        """Each token's text folded for spelling."""
        return {token.text: "".join(map(fold, token.parts or (token.text,))) for token in self.tokens}

    @cached_property
    def places(self) -> tuple[NamedPlace, ...]:
        """The places that the tokens name."""
        return named_places([token.text for token in self.tokens])

    @cached_property
    def beginning(self) -> str:
        """The whole of it folded, without blanks: the beginning of a name, perhaps."""
        return "".join(self.folded[token.text] for token in self.tokens)

    @cached_property
    def grams(self) -> frozenset[str]:
        """Trigrams of all tokens folded and joined."""
        return grams(self.beginning)

    @cached_property
    def sound(self) -> str:
        """The sound of the words."""
        return sound(self.words)

    @property
    def sound_grams(self) -> frozenset[str]:
        """The grams of the sound."""
        return sound_grams(self.sound)

    @property
    def latin(self) -> bool:
        """Whether it is written in Latin letters."""
        return all(word.isascii() for word in self.words) and any(word.isalpha() for word in self.words)


def _tokens(cleaned: str) -> tuple[Token, ...]:
    found: list[Token] = []
    end = 0
    for chunk in _NUMBER_CHUNK.finditer(cleaned):
        found.extend(map(Token, words(cleaned[end : chunk.start()])))
        parts = words(chunk.group())
        if len(parts) > 1:
            found.append(Token(number_parts(chunk.group()).replace(" ", ""), parts))
        else:
            found.extend(map(Token, parts))
        end = chunk.end()
    found.extend(map(Token, words(cleaned[end:])))
    return tuple(found[:_MOST_TOKENS])


def readings(asked: str) -> tuple[Reading, ...]:
    """The ways to understand `asked`: without titles and legal forms first, then with the title.

    The second matters where a name only begins like a title: นางรอง, นายก.
    """
    asked = asked[:LONGEST_WORDS]
    cleaned = clean(asked)
    bare = without_legal_form(cleaned) or cleaned
    open_end = not asked[-1:].isspace()
    ways = dict.fromkeys(_tokens(text) for text in (without_title(bare), bare))
    typed_end = _LAST_RUN.search(bare)
    return tuple(
        Reading(tokens, open_end, typed_end.group() if typed_end else "") for tokens in ways if tokens
    )


def other_layout(asked: str) -> tuple[Reading, ...]:
    """The readings of `asked` as if typed on the other keyboard; none when it cannot have been."""
    asked = asked[:LONGEST_WORDS]
    typed = as_typed_on_thai(asked) or as_typed_on_english(asked)
    found = readings(typed)[:1] if typed else ()
    return tuple(way for way in found if len("".join(way.words)) >= _SHORTEST_OF_OTHER_LAYOUT)


def asked_numbers(asked: str) -> tuple[str, ...]:
    """`asked` squeezed as a number, with and without leading zeros; none if it is no number.

    A number has at least two digits, and as many digits as letters.  A year at its end may be
    written in two digits or in four.
    """
    parts = number_parts(_NUMBER_WORDS.sub(" ", clean(asked[:LONGEST_WORDS])))
    whole = parts.replace(" ", "")
    digits = sum(character.isdecimal() for character in whole)
    if digits < 2 or 2 * digits < len(whole):
        return ()
    return tuple(dict.fromkeys((*squeezed(parts), *squeezed(_with_other_year(parts)))))


def _with_other_year(parts: str) -> str:
    """A number whose last part is a Buddhist year, with the year in its other form."""
    *rest, last = parts.split() or [""]
    if len(rest) < _SHORTEST_BEFORE_YEAR or not _YEAR.fullmatch(last):
        return parts
    return " ".join((*rest, last[2:] if len(last) > len("61") else f"25{last}"))


def numbers_within(asked: str) -> tuple[str, ...]:
    """The numbers among the words of `asked`, squeezed; none is short enough to be a year, house or postcode."""
    chunks = _NUMBER_WORDS.sub(" ", clean(asked[:LONGEST_WORDS])).split()
    parts = [number_parts(chunk) for chunk in chunks if sum(map(str.isdecimal, chunk)) >= _SHORTEST_WITHIN]
    return tuple(dict.fromkeys(number for each in parts for number in squeezed(each)))


def asked_code(asked: str) -> str | None:
    """The 14 digits in `asked`, in any grouping and among any words, or None when there are not so many in a row."""
    found = _CODE.search(clean(asked[:LONGEST_WORDS]))
    return re.sub("[^0-9]", "", found.group()) if found else None
