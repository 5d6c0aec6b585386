"""What an index holds of one license: tokens, filters, code and version; nothing to display."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from search.normalize import clean, fold, grams, name_words, words
from search.segment import SEGMENTER
from search.sound import sound, sound_grams

_RULES = 3
# An index made under another stamp was cut by other rules: its tokens would not meet a query's.
STAMP = f"rules-{_RULES} {SEGMENTER}"

_REVISION_BITS = 16
_NUMBER_PART = re.compile("[0-9]+|[^0-9]+")
_LONGEST_NUMBER = 40  # Squeezed; what is longer is no number but a text, and is cut.
_SHORTEST_INSIDE = 3
LONGEST_BEGINNING = 40
GRAM, SOUND = "~", "@"  # Before a trigram of spelling or sound in `LicenseDocument.terms`.
_INDEX_BITS = 32
_STEP, _STEPS = 16, 7


@dataclass(frozen=True, slots=True)
class LicenseFacts:
    """What the register lets be searched of one license: raw text, decided on by the register.

    `log_index` is the license's newest entry, below 2 ** 32; no other license has it.
    `standing` is a status as the lists have it (0, 1, 2, 3, 12, 13); `valid_from` and
    `valid_until` are days since 1970-01-01, no end is None; places are DOPA codes.
    """

    code: str
    log_index: int
    revision: int
    visible: bool
    agency: int
    license_type: int
    province: int | None
    district: int | None
    subdistrict: int | None
    standing: int
    valid_from: int
    valid_until: int | None
    number: str
    numbers: tuple[str, ...]
    holder: str | None
    premises: str | None
    other_names: tuple[str, ...]
    address: str
    type_names: tuple[str, ...]
    sort_key: str


@dataclass(frozen=True, slots=True)
class LicenseDocument:
    """One license as an index takes it.  All token fields follow from the five stored ones.

    `names` are the names' words and `numbers` the numbers' parts, each joined by one blank;
    `words`, `english`, `address` and `types` are words; `insides`, `beginnings`, `grams` and
    `sound` find a part of a number, a name being typed, a misspelt and a romanized one.
    """

    code: str
    version: int
    visible: bool
    agency: int
    license_type: int
    province: int | None
    district: int | None
    subdistrict: int | None
    standing: int
    valid_from: int
    valid_until: int | None
    sort_key: str
    names: tuple[str, ...]
    address: tuple[str, ...]
    types: tuple[str, ...]
    numbers: tuple[str, ...]

    @property
    def log_index(self) -> int:
        """The license's newest entry."""
        return self.version >> _REVISION_BITS

    @property
    def place(self) -> int:
        """Where it stands among others that answer alike: shorter names first, then older entries.

        Its own for as long as the license has no newer entry.  Lengths are told apart in steps, so that
        neighbors in most postings have near places, which FTS5 keeps in half the bytes.
        """
        length = sum(len(name) - name.count(" ") for name in self.names)
        return min(length // _STEP, _STEPS) << _INDEX_BITS | self.log_index

    @property
    def terms(self) -> frozenset[str]:
        """What is found by how rare it is: all words, the names' `grams` and `sound` each with its sign."""
        words = (self.words, self.english, self.address, self.types)
        signed = (map(GRAM.__add__, self.grams), map(SOUND.__add__, self.sound))
        return frozenset(chain(*words, *signed))

    @property
    def words(self) -> frozenset[str]:
        """The words of the names that are not Latin."""
        return frozenset(word for name in self.names for word in name.split() if not word.isascii())

    @property
    def english(self) -> frozenset[str]:
        """The Latin words and digits of the names."""
        return frozenset(word for name in self.names for word in name.split() if word.isascii())

    @property
    def wholes(self) -> frozenset[str]:
        """The numbers squeezed, each also without the leading zeros of its parts."""
        return frozenset(chain.from_iterable(map(squeezed, self.numbers)))

    @property
    def insides(self) -> frozenset[str]:
        """Ends of the squeezed numbers: each part of a number is a beginning of one of them."""
        return frozenset(chain.from_iterable(map(_ends, self.numbers)))

    @property
    def beginnings(self) -> frozenset[str]:
        """The folded names without blanks, as one word each, up to 40 characters."""
        return frozenset(folded_name(name)[:LONGEST_BEGINNING] for name in self.names)

    @property
    def grams(self) -> frozenset[str]:
        """Trigrams of the folded names without blanks."""
        return frozenset(chain.from_iterable(grams(folded_name(name)) for name in self.names))

    @property
    def sound(self) -> frozenset[str]:
        """Grams of the names' sounds."""
        return frozenset(chain.from_iterable(sound_grams(sound(tuple(name.split()))) for name in self.names))


def folded_name(name: str) -> str:
    """A name of `LicenseDocument.names` folded for spelling, without blanks."""
    return "".join(map(fold, name.split()))


def number_parts(number: str) -> str:
    """The parts of `number` joined by one blank: `จ3-9(6)-100/51ปจ` is `จ 3 9 6 100 51 ปจ`."""
    parts = (part for run in words_of_number(number) for part in _NUMBER_PART.findall(run))
    return " ".join(parts)[: 2 * _LONGEST_NUMBER].strip()


def words_of_number(number: str) -> list[str]:
    """The runs of letters and digits of `number`, Thai never cut into words."""
    return re.findall("[0-9a-z\u0e01-\u0e4e]+", clean(number))


def squeezed(parts: str) -> tuple[str, ...]:
    """The parts of a number as one: as they are and, where that differs, without leading zeros."""
    whole = parts.replace(" ", "")
    bare = "".join(part.lstrip("0") or "0" for part in parts.split())
    return (whole,) if whole == bare else (whole, bare)


def _ends(parts: str) -> Iterator[str]:
    whole = parts.replace(" ", "")
    yield from (whole[start:] for start in range(len(whole) - _SHORTEST_INSIDE + 1))
    split = parts.split()
    for first in range(len(split)):
        yield from squeezed(" ".join(split[first:]))


def _type_words(name: str) -> Iterator[str]:
    """The words of a type's name, also without ประกอบ, which the word cutter joins to the next word."""
    cleaned = clean(name)
    yield from words(cleaned)
    yield from words(cleaned.removeprefix("ประกอบกิจการ").removeprefix("ประกอบ"))


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for item in items if item))


def analyze(facts: LicenseFacts) -> LicenseDocument:
    """The document of `facts`.  Of one that is not visible only code and version are left."""
    shown = facts.visible
    names = (facts.holder or "", facts.premises or "", *facts.other_names) if shown else ()
    numbers = (facts.number, *facts.numbers) if shown else ()
    return LicenseDocument(
        code=facts.code,
        version=facts.log_index << _REVISION_BITS | facts.revision,
        visible=shown,
        agency=facts.agency,
        license_type=facts.license_type,
        province=facts.province if shown else None,
        district=facts.district if shown else None,
        subdistrict=facts.subdistrict if shown else None,
        standing=facts.standing,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
        sort_key=facts.sort_key if shown else "",
        names=_unique(" ".join(name_words(name)) for name in names),
        address=_unique(words(clean(facts.address))) if shown else (),
        types=_unique(chain.from_iterable(map(_type_words, facts.type_names))) if shown else (),
        numbers=_unique(map(number_parts, numbers)),
    )
