"""A realistic mix of questions about invented licenses: 60 % names, 15 % numbers and codes, 25 % the hard kinds."""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from keys.code import show_code
from keys.places import places
from search import LicenseFacts

Make = Callable[[LicenseFacts, Random], str]
_MARKS = re.compile("[\u0e47-\u0e4c]")


def _name(one: LicenseFacts, rng: Random) -> str:
    return rng.choice([name for name in (one.holder, one.premises) if name])


def _beginning(one: LicenseFacts, rng: Random) -> str:
    name = _name(one, rng)
    return name[: max(3, int(len(name) * rng.uniform(0.4, 0.9)))]


def _number(one: LicenseFacts, rng: Random) -> str:
    return rng.choice((one.number, re.sub("[/-]", " ", one.number), one.number.replace("/", "-")))


def _part(one: LicenseFacts, rng: Random) -> str:
    return one.number[rng.randrange(len(one.number) // 3) :]


def _code(one: LicenseFacts, _: Random) -> str:
    return show_code(one.code)


def _mistyped(one: LicenseFacts, rng: Random) -> str:
    name = _name(one, rng)
    at = rng.randrange(len(name))
    return name[:at] + rng.choice(("", name[at] * 2, rng.choice(name))) + name[at + 1 :]


def _toneless(one: LicenseFacts, rng: Random) -> str:
    return _MARKS.sub("", _name(one, rng))


def _spaced(one: LicenseFacts, rng: Random) -> str:
    name = _name(one, rng)
    at = rng.randrange(1, len(name))
    return f"{name[:at]} {name[at:]}"


def _latin(one: LicenseFacts, rng: Random) -> str:
    english = next(iter(one.other_names), "")
    return english.lower() or _toneless(one, rng)


def _type_and_place(one: LicenseFacts, _: Random) -> str:
    return f"{one.type_names[0].split()[-1]} {places()[one.district or 0].thai}"


KINDS: Mapping[Make, float] = {
    _name: 30, _beginning: 30, _number: 7, _part: 4, _code: 4, _mistyped: 7, _toneless: 5, _spaced: 4, _latin: 5,
    _type_and_place: 4,
}  # fmt: skip


def mix(licenses: Sequence[LicenseFacts], count: int, seed: int = 7) -> list[str]:
    """`count` questions, the same for the same licenses and seed."""
    rng = Random(seed)
    makers = rng.choices(list(KINDS), weights=list(KINDS.values()), k=count)
    return [make(rng.choice(licenses), rng) for make in makers]
