"""What a search asks of an index, whichever engine holds it.

An engine finds documents by tokens and counts them; it orders nothing by a judgement of its own.
What it gives first is told by weights that it is handed and by `LicenseDocument.place`, so two
engines that hold the same documents give the same answers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from search.document import LicenseDocument
from search.query import Facets, Key


class Kind(Enum):
    """Where a token is sought."""

    NAME = "a word of a name"
    ANYWHERE = "a word of a name, of the address or of the type"
    BEGINNING = "a whole name, folded"
    WHOLE = "a whole number"
    INSIDE = "an end of a number"
    AREA = "the DOPA code of its province, district or subdistrict"


@dataclass(frozen=True, slots=True)
class Term:
    """Documents that hold `text` as a token of its kind, or one that begins with it."""

    kind: Kind
    text: str
    begins: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Documents that answer each part."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Documents that answer one part or more."""

    parts: tuple["Expression", ...]


Expression = Term | All | Either


@dataclass(frozen=True, slots=True)
class InTurn:
    """The first `most` documents of the first expression, in order of place, then those of the next.

    With `first_only` those after the first expression that finds anything are not asked.
    """

    expressions: tuple[Expression, ...]
    most: int
    first_only: bool = False


@dataclass(frozen=True, slots=True)
class Heaviest:
    """The first `most` documents by the sum of the weights of `LicenseDocument.terms`, then by place.

    Weights are whole numbers whose sum stays below 2 ** 24: no engine rounds it.
    """

    weights: Mapping[str, int]
    most: int


Question = InTurn | Heaviest


@dataclass(frozen=True, slots=True)
class Answer:
    """The documents for each question, and what was counted: all documents, and those of each term."""

    found: tuple[Sequence[LicenseDocument], ...]
    documents: int
    frequency: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows of a list, each a key and a code, and how many there are up to the number asked for.

    The facets count all of them, and are empty where there are as many as the number asked for.
    """

    rows: Sequence[tuple[Key, str]]
    found: int
    facets: Facets


class Engine(Protocol):
    """An index narrowed to the filters of one query.  Only visible documents are found.

    Each method raises `SearchAway` when the index cannot answer.
    """

    def ask(self, questions: Sequence[Question], terms: Collection[str] = ()) -> Answer:
        """The answers of all questions, and how many documents of the whole index hold each of `terms`.

        Where the index is another process this is one round trip.  Counts do not heed the filters.
        """

    def holds(self, code: str) -> LicenseDocument | None:
        """The license of these 14 digits, if it is there and passes the filters."""

    def listed(self, after: tuple[Key, str] | None, *, size: int, most: int) -> Listed:
        """Up to `size` rows behind `after`, by key and then code; counts all, up to `most`.

        The key is what the query's order names: the sort key, the first day counted downwards (the
        newest first), or the last day, `NEVER` where there is none.
        """
