"""Invented persons and companies with believable names; every choice comes from the caller's generator."""

from dataclasses import dataclass
from datetime import date
from random import Random

from keys.dates import BUDDHIST_OFFSET
from registry.demo.words import (
    BUSINESS_BEGINNINGS,
    BUSINESS_ENDINGS,
    BUSINESS_TRADES,
    MEN,
    SURNAME_BEGINNINGS,
    SURNAME_ENDINGS,
    WOMEN,
)

# Digits 6 to 8 of a company's number: the last three of the Buddhist year of its registration.
_COMPANY_YEARS = range(540, 569)
_COMPANY, _PARTNERSHIP, _PUBLIC = "5", "3", "7"


@dataclass(frozen=True, slots=True)
class Party:
    """A holder: name in Thai, often in English, and a 13-digit number that checks.

    `short` is the part of the name that a sign on a shop would take up.
    """

    name: str
    english: str | None
    number: str
    short: str


def with_check_digit(twelve: str) -> str:
    """Twelve digits and the thirteenth: (11 − Σ digitᵢ·(14 − i) mod 11) mod 10."""
    total = sum(int(digit) * (13 - at) for at, digit in enumerate(twelve))
    return f"{twelve}{(11 - total % 11) % 10}"


def person(rng: Random, district: int, *, titles: tuple[str, str] = ("นาย", "")) -> Party:
    """A natural person registered in `district`; `titles` are a man's and a woman's, if not the usual."""
    man = rng.random() < 0.5
    first, english_first = rng.choice(MEN if man else WOMEN)
    last, english_last = _surname(rng)
    title = titles[0] if man else titles[1] or rng.choice(("นาง", "นางสาว"))
    # The first digit of a person's number is 1 to 8; 0 is kept for juristic persons.
    twelve = f"{rng.choice('13355')}{district:04d}{rng.randrange(10**7):07d}"
    english = f"{english_first} {english_last}" if rng.random() < 0.4 else None
    return Party(f"{title}{first} {last}", english, with_check_digit(twelve), first)


def _surname(rng: Random) -> tuple[str, str]:
    begin, english_begin = rng.choice(SURNAME_BEGINNINGS)
    end, english_end = rng.choice(SURNAME_ENDINGS)
    return begin + end, (english_begin + english_end).capitalize()


def company(
    rng: Random, province: int, *, trade: tuple[str, str] | None = None, registered: date | None = None
) -> Party:
    """A company or partnership registered in `province`, in a trade of its own or in the one given.

    Its number tells the Buddhist year of `registered`, or of some year since 2540.
    """
    begin, english_begin = rng.choice(BUSINESS_BEGINNINGS)
    end, english_end = rng.choice(BUSINESS_ENDINGS)
    if begin == end:
        end, english_end = "", ""
    core, english_core = begin + end, f"{english_begin}{english_end.lower()}"
    trade_thai, trade_english = trade or rng.choice(BUSINESS_TRADES)
    draw = rng.random()
    year = (registered.year + BUDDHIST_OFFSET) % 1000 if registered else rng.choice(_COMPANY_YEARS)
    form = _PARTNERSHIP if draw < 0.2 else _PUBLIC if draw > 0.95 else _COMPANY
    twelve = f"0{province:02d}{form}{year:03d}{rng.randrange(10**5):05d}"
    words = " ".join(filter(None, (core, trade_thai)))
    english_words = " ".join(filter(None, (english_core, trade_english)))
    thai, english = {
        _COMPANY: (f"บริษัท {words} จำกัด", f"{english_words} Co., Ltd."),
        _PARTNERSHIP: (f"ห้างหุ้นส่วนจำกัด {words}", f"{english_words} Limited Partnership"),
        _PUBLIC: (f"บริษัท {words} จำกัด (มหาชน)", f"{english_words} Public Co., Ltd."),
    }[form]
    return Party(thai, english if rng.random() < 0.6 else None, with_check_digit(twelve), core)
