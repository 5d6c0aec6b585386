"""Places of Thailand by DOPA code: 2 digits a province, 4 a district, 6 a subdistrict.

The table is an edition, that of 2025, not the truth: names change, so a statement keeps its own text, and a
code that is not in the table is allowed everywhere.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

BANGKOK_PROVINCE = 10


@dataclass(frozen=True, slots=True)
class Place:
    """One area: its code as a number, its bare Thai and English names."""

    code: int
    thai: str
    english: str


@cache
def places() -> dict[int, Place]:
    """Every place of the table by code."""
    text = resources.files("keys").joinpath("places.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {int(code): Place(int(code), thai, english) for code, thai, english in rows}


@cache
def former_places() -> dict[tuple[str, ...], int]:
    """Areas that were renamed, moved or divided: bare Thai names from the province down, and today's code."""
    text = resources.files("keys").joinpath("former-places.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {tuple(names.split("/")): int(code) for names, code in rows}


def ancestry(code: int) -> tuple[int | None, int | None, int | None]:
    """The codes of province, district and subdistrict that `code` names or lies in."""
    digits = str(code)
    if len(digits) not in (2, 4, 6):
        return None, None, None
    return (
        int(digits[:2]),
        int(digits[:4]) if len(digits) >= 4 else None,
        code if len(digits) == 6 else None,
    )


def show_place(code: int | None, language: str = "th") -> str:
    """The place as people write it, smallest area first; empty when the code is not known.

    Bangkok's areas are แขวง and เขต, the others ต., อ. and จ..
    """
    parts = [part for part in reversed(ancestry(code)) if part] if code else []
    known = [places()[part] for part in parts if part in places()]
    if language != "th":
        return ", ".join(place.english for place in known)
    capital = code is not None and str(code).startswith(str(BANGKOK_PROVINCE))
    titles = {2: "" if capital else "จ.", 4: "เขต" if capital else "อ.", 6: "แขวง" if capital else "ต."}
    return " ".join(titles[len(str(place.code))] + place.thai for place in known)


def show_address(address: str | None, code: int | None, language: str = "th") -> str:
    """The address with its place behind it; in Thai the place is left out where the address names it."""
    place = show_place(code, language)
    if not address or not place:
        return address or place
    if language == "th" and code and _names(address, code):
        return address
    return f"{address} {place}"


def _names(address: str, code: int) -> bool:
    # An address whose subdistrict has another name today still names the district and the province.
    province, district, _ = ancestry(code)
    return all(part in places() and places()[part].thai in address for part in (province, district) if part)
