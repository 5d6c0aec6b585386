"""The questions of `queries.tsv`: what is asked, of which kind, and which licenses are wanted.

Every third question of a kind is held out: the rank is tuned on the others.  A question wants the known
licenses it names, or all of a type and a place (`type:pharmacy place:7707`).
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.licenses import KINDS, known_codes
from keys.code import show_code
from search import LicenseFacts

_QUERIES = Path(__file__).with_name("queries.tsv")
# How a code is typed; the rest of a row of kind `code` says which.
_SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "": str,
    "dashes": show_code,
    "blanks": lambda code: " ".join(re.findall("..?.?", code)),
    "thai": lambda code: code.translate({ord("0") + n: "๐๑๒๓๔๕๖๗๘๙"[n] for n in range(10)}),
}
_NUMBERS = frozenset({"number", "fragment", "old-number"})
# These say only with the place which of several is wanted, or want all of a type.
_NOT_LITERAL = frozenset({"code", "place", "type", "mixed", "address", "layout"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One question; `wanted` are codes, of which the first ten places should hold as many as they can."""

    kind: str
    words: str
    wanted: frozenset[str]
    held_out: bool

    def recall(self, found: Iterable[str]) -> float:
        """The share of the wanted licenses that ten codes can hold and `found` does."""
        return len(self.wanted & set(found)) / min(10, len(self.wanted))

    def reciprocal(self, found: Iterable[str]) -> float:
        """1 divided by the place of the first wanted license, 0 without one."""
        return next((1 / place for place, code in enumerate(found, 1) if code in self.wanted), 0.0)


def questions(licenses: Collection[LicenseFacts], seed: int = 1) -> Iterator[Asked]:
    """All questions, of the row of `licenses` made with `seed`."""
    codes = known_codes(len(licenses), seed)
    seen: Counter[str] = Counter()
    for line in _QUERIES.read_text("utf-8").splitlines():
        kind, words, wanted = line.split("\t")
        if words.startswith("@"):
            key, _, spelling = words[1:].partition(":")
            words = _SPELLINGS[spelling](codes[key])
        held_out = seen[kind] % 3 == 2
        seen[kind] += 1
        yield Asked(kind, words, _wanted(wanted, codes, licenses), held_out)


def _wanted(text: str, codes: Mapping[str, str], licenses: Iterable[LicenseFacts]) -> frozenset[str]:
    conditions = dict(part.split(":") for part in text.split() if ":" in part)
    if not conditions:
        return frozenset(codes[key] for key in text.split())
    kind = KINDS[conditions["type"]].number if "type" in conditions else None
    place = int(conditions["place"]) if "place" in conditions else None
    return frozenset(
        one.code
        for one in licenses
        if kind in {None, one.license_type} and place in {None, one.province, one.district, one.subdistrict}
    )


def ambiguous(asked: Iterable[Asked], licenses: Iterable[LicenseFacts]) -> list[tuple[str, str]]:
    """Questions by a name or a number that another license holds literally as well, and that license."""
    names = {_bare(one.words): one for one in asked if one.kind not in _NOT_LITERAL | _NUMBERS}
    numbers = {_bare(one.words): one for one in asked if one.kind in _NUMBERS}
    found = []
    for license_ in licenses:
        text = "\n".join(
            map(_bare, filter(None, (license_.holder, license_.premises, *license_.other_names)))
        )
        number = "\n".join(map(_bare, (license_.number, *license_.numbers)))
        for where, held in ((names, text), (numbers, number)):
            found += [
                (one.words, held)
                for bare, one in where.items()
                if bare in held and license_.code not in one.wanted
            ]
    return found


def _bare(text: str) -> str:
    return re.sub(r"[^\w\u0e31-\u0e4e]", "", text).lower()
