"""The plan of the demonstration register: every license and every later act, dated, before anything is made.

Pure: the same seed, day and number give the same plan.  Codes, salts and keys are not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from keys.acts import ActKind
from registry.demo import license_types as kinds
from registry.demo.agencies import (
    ADMINISTRATION,
    BUSINESS,
    CHIANG_MAI,
    EXCISE,
    FACTORIES,
    HEALTH,
    HUA_HIN,
    LIVESTOCK,
    PATHUM_WAN,
    TOURISM,
    agency,
)
from registry.demo.calendar import Calendar, moment, working_day
from registry.demo.faces import Texts, draw_texts, operation_texts
from registry.demo.license_types import license_types
from registry.terms import last_day

# A text that begins so stands for the code of the planned license of that name.
REFERENCE = "@"


@dataclass(frozen=True, slots=True)
class Deed:
    """One act after the issuance: what an officer enters, and whether it is left to the second person."""

    at: datetime
    act: ActKind
    texts: Mapping[str, str]
    left_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One license: who issues it, when it is entered, its texts, and what happens to it later."""

    name: str
    agency: int
    license_type: int
    entered: datetime
    texts: Texts
    deeds: tuple[Deed, ...] = field(default=())


# How much of the register each agency's type makes up; the second license of a pair comes on top.
_SHARES: Mapping[tuple[int, int], int] = {
    (HUA_HIN, kinds.HAZARD): 190,
    (HUA_HIN, kinds.FOOD): 170,
    (HUA_HIN, kinds.COMMERCIAL): 90,
    (CHIANG_MAI, kinds.HAZARD): 120,
    (CHIANG_MAI, kinds.FOOD): 110,
    (CHIANG_MAI, kinds.COMMERCIAL): 50,
    (PATHUM_WAN, kinds.HAZARD): 90,
    (PATHUM_WAN, kinds.FOOD): 90,
    (PATHUM_WAN, kinds.COMMERCIAL): 40,
    (EXCISE, kinds.LIQUOR): 230,
    (HEALTH, kinds.CLINIC): 150,
    (ADMINISTRATION, kinds.HOTEL): 160,
    (ADMINISTRATION, kinds.FIREARM): 25,
    (ADMINISTRATION, kinds.SECOND_HAND): 40,
    (FACTORIES, kinds.FACTORY): 130,
    (BUSINESS, kinds.JURISTIC): 120,
    (TOURISM, kinds.TOUR): 70,
    (LIVESTOCK, kinds.ANIMALS): 30,
}
_PAIRS: Mapping[int, int] = {
    kinds.CLINIC: kinds.CLINIC_OPERATION,
    kinds.ANIMALS: kinds.ANIMALS_OPERATION,
}
_OLDEST_DAYS = 3650
_EXPIRED_SHARE, _FUTURE_SHARE = 0.08, 0.01


def plan_bulk(seed: int, calendar: Calendar, count: int) -> list[Planned]:
    """`count` licenses of all types, in the shares of the table; numbers are put in later."""
    keys, weights = list(_SHARES), list(_SHARES.values())
    planned: list[Planned] = []
    for at in range(count):
        if len(planned) == count:
            break
        rng = Random(f"{seed}/{at}")  # noqa: S311  # Content must repeat; keys and codes come from elsewhere.
        office, license_type = rng.choices(keys, weights=weights)[0]
        one = _plan_one(f"{at}", office, license_type, rng, calendar)
        planned.append(one)
        if license_type in _PAIRS and len(planned) < count:
            planned.append(_plan_partner(one, rng, calendar))
    return planned


def _plan_one(name: str, office: int, license_type: int, rng: Random, calendar: Calendar) -> Planned:
    start = _first_day(license_type, rng, calendar.today)
    texts = draw_texts(license_type, office, start, rng)
    entered = calendar.entry_of(start, agency(office).joins)
    one = Planned(name, office, license_type, entered, texts)
    return replace(one, deeds=_later_life(one, rng, calendar))


def _plan_partner(first: Planned, rng: Random, calendar: Calendar) -> Planned:
    license_type = _PAIRS[first.license_type]
    begun = date.fromisoformat(first.texts["valid_from"])
    start = max(begun, _first_day(license_type, rng, calendar.today))
    texts = operation_texts(first.texts, rng) | {
        "valid_from": start.isoformat(),
        "issued": start.isoformat(),
        "linked": REFERENCE + first.name,
    }
    entered = calendar.entry_of(start, agency(first.agency).joins)
    # The first license must have its code before the second can name it.
    after = max(entered, first.entered) + timedelta(hours=1)
    return Planned(f"{first.name}-operation", first.agency, license_type, after, texts)


def _first_day(license_type: int, rng: Random, today: date) -> date:
    kind = license_types()[license_type]
    draw = rng.random()
    if draw < _FUTURE_SHARE and kind.term_rule != "none":
        return today + timedelta(days=rng.randint(2, 40))
    expired = draw > 1 - _EXPIRED_SHARE
    if kind.term_rule == "year_end":
        return date(today.year - 1, 1, 1) if expired else date(today.year, 1, 1)
    days = 365 * kind.term_length if kind.term_rule == "years" else _OLDEST_DAYS
    age = days + rng.randint(2, 150) if expired else rng.randrange(days - 2)
    return working_day(today - timedelta(days=age))


_Life = tuple[float, ActKind, Mapping[str, str]]
# What becomes of licenses in the ordinary run of things: share of all, act, what is entered.
_LIVES: tuple[_Life, ...] = (
    (0.025, ActKind.REPLACEMENT, {}),
    (0.020, ActKind.AMENDMENT, {"conditions": "เปิดทำการไม่เกิน 22.00 น."}),
    (0.012, ActKind.ENDING, {"outcome": "ceased"}),
    (0.006, ActKind.ENDING, {"outcome": "surrendered"}),
    (0.004, ActKind.REVOCATION, {"reason": "unqualified"}),
)


def _later_life(one: Planned, rng: Random, calendar: Calendar) -> tuple[Deed, ...]:
    kind = license_types()[one.license_type]
    start = date.fromisoformat(one.texts["valid_from"])
    end = last_day(kind, start)
    if end and end < calendar.today and rng.random() < 0.7:
        renewed = moment(working_day(end - timedelta(days=9)), 14, rng.randrange(60))
        if renewed > one.entered:
            texts = {"valid_from": (end + timedelta(days=1)).isoformat(), "valid_until": ""}
            return (Deed(renewed, ActKind.RENEWAL, texts),)
    if end and end < calendar.today:
        return ()
    draw = rng.random()
    for share, act, entered in _LIVES:
        if draw < share:
            at = moment(calendar.ago(rng.randint(2, 150)), 10, rng.randrange(60))
            basis = {} if act.makes_record else {"legal_basis": kind.legal_basis.th}
            later = at > one.entered + timedelta(days=5) and start <= calendar.today
            return (Deed(at, act, {**entered, **basis}),) if later else ()
        draw -= share
    return ()
