"""The licenses that show one thing each: every verdict, every act, and what the office has to decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from keys.acts import ActKind
from registry.demo import license_types as kinds
from registry.demo.agencies import ADMINISTRATION, FACTORIES, HEALTH, HUA_HIN, TOURISM, agency
from registry.demo.calendar import Calendar, moment
from registry.demo.faces import Texts, draw_texts, operation_texts
from registry.demo.license_types import license_types
from registry.demo.people import company, person
from registry.demo.plan import REFERENCE, Deed, Planned
from registry.terms import last_day

_SUSPEND = "พระราชบัญญัติการสาธารณสุข พ.ศ. 2535 มาตรา 59"
_REVOKE = "พระราชบัญญัติการสาธารณสุข พ.ศ. 2535 มาตรา 60"
_RENEW = "พระราชบัญญัติการสาธารณสุข พ.ศ. 2535 มาตรา 55"
_VOID = "พระราชบัญญัติวิธีปฏิบัติราชการทางปกครอง พ.ศ. 2539 มาตรา 49"
_END = "พระราชบัญญัติการสาธารณสุข พ.ศ. 2535 มาตรา 33"
_FIFTEEN_DAYS = 14


@dataclass(frozen=True, slots=True)
class Later:
    """An act `days` before today; an item of `texts` that is a number means days after the act."""

    days: int
    act: ActKind
    texts: Mapping[str, str | int] = field(default_factory=dict)
    left_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A license entered `entered` days ago that ends `ends` days from now (or has no end)."""

    name: str
    entered: int
    ends: int | None
    later: tuple[Later, ...] = ()
    agency: int = HUA_HIN
    license_type: int = kinds.HAZARD
    texts: Mapping[str, str] = field(default_factory=dict)
    begins: int | None = None


def _suspension(days: int, until: int = _FIFTEEN_DAYS) -> Later:
    return Later(days, ActKind.SUSPENSION, {"reason": "nuisance", "until": until, "legal_basis": _SUSPEND})


def _filing(days: int) -> Later:
    return Later(days, ActKind.RENEWAL_FILING, {"legal_basis": _RENEW})


def _ending(days: int, outcome: str, legal_basis: str = _END, **texts: str) -> Later:
    return Later(days, ActKind.ENDING, {"outcome": outcome, "legal_basis": legal_basis, **texts})


STORIES: tuple[Story, ...] = (
    Story("valid", 200, 164, texts={"conditions": "ห้ามพ่นสีนอกห้องพ่นสี\nจัดให้มีบ่อดักไขมัน"}),
    Story("renewal-pending", 320, -9, (_filing(30),)),
    Story("not-yet-valid", 3, 384, begins=20),
    Story("expired", 320, -40),
    Story(
        "renewal-refused",
        320,
        -20,
        (
            _filing(45),
            Later(12, ActKind.RENEWAL_REFUSAL, {"reason": "requirements-unmet", "legal_basis": _RENEW}),
        ),
    ),
    Story("suspended", 220, 120, (_suspension(5),)),
    Story("suspended-and-filed", 310, 25, (_filing(20), _suspension(6))),
    Story("suspension-over", 250, 90, (_suspension(60),)),
    Story(
        "revoked",
        320,
        30,
        (
            _suspension(200),
            _suspension(150),
            Later(90, ActKind.REVOCATION, {"reason": "repeated-suspension", "legal_basis": _REVOKE}),
        ),
    ),
    Story(
        "voided", 70, 290, (Later(50, ActKind.VOIDING, {"reason": "issued-in-error", "legal_basis": _VOID}),)
    ),
    Story(
        "ceased",
        320,
        700,
        (_ending(80, "ceased", "พระราชบัญญัติโรงแรม พ.ศ. 2547 มาตรา 24"),),
        agency=ADMINISTRATION,
        license_type=kinds.HOTEL,
    ),
    Story(
        "surrendered",
        300,
        None,
        (_ending(60, "surrendered", "พระราชบัญญัติธุรกิจนำเที่ยวและมัคคุเทศก์ พ.ศ. 2551 มาตรา 15"),),
        agency=TOURISM,
        license_type=kinds.TOUR,
    ),
    Story("succeeded", 310, 40, (_ending(40, "succeeded", successor=f"{REFERENCE}successor"),)),
    Story("successor", 46, 318, texts={"earlier": f"{REFERENCE}succeeded"}),
    Story(
        "replaced",
        280,
        900,
        (Later(30, ActKind.REPLACEMENT),),
        agency=ADMINISTRATION,
        license_type=kinds.HOTEL,
    ),
    Story("renewed-without-gap", 310, 10, (_filing(40), Later(15, ActKind.RENEWAL))),
    Story("transferred", 240, 130, (Later(100, ActKind.TRANSFER),)),
    Story(
        "ten-acts",
        325,
        -190,
        (
            Later(295, ActKind.AMENDMENT, {"field.area": "140", "field.horsepower": "15"}),
            _suspension(260),
            Later(252, ActKind.REINSTATEMENT, {"legal_basis": _SUSPEND}),
            _filing(225),
            Later(205, ActKind.RENEWAL),
            Later(160, ActKind.AMENDMENT, {"field.area": "180"}),
            Later(120, ActKind.TRANSFER),
            Later(70, ActKind.REPLACEMENT),
            Later(25, ActKind.AMENDMENT, {"conditions": "เปิดดำเนินการไม่เกิน 20.00 น."}),
        ),
    ),
    Story(
        "clinic",
        300,
        2400,
        (Later(290, ActKind.AMENDMENT, {"linked": f"{REFERENCE}clinic-operation"}),),
        agency=HEALTH,
        license_type=kinds.CLINIC,
    ),
    Story(
        "clinic-operation",
        296,
        400,
        agency=HEALTH,
        license_type=kinds.CLINIC_OPERATION,
        texts={"linked": f"{REFERENCE}clinic"},
    ),
    Story("no-end", 300, None, agency=FACTORIES, license_type=kinds.FACTORY),
    Story("image-only", 150, None, license_type=kinds.COMMERCIAL),
    Story("closed", 200, None, agency=ADMINISTRATION, license_type=kinds.FIREARM),
    Story(
        "closed-replaced",
        210,
        None,
        (Later(35, ActKind.REPLACEMENT),),
        agency=ADMINISTRATION,
        license_type=kinds.FIREARM,
    ),
    Story(
        "revocation-proposed",
        230,
        110,
        (
            Later(
                1,
                ActKind.REVOCATION,
                {"reason": "unlicensed-activity", "legal_basis": _REVOKE},
                left_waiting=True,
            ),
        ),
    ),
    Story(
        "suspension-ahead",
        190,
        150,
        (
            Later(
                1,
                ActKind.SUSPENSION,
                {"reason": "unhygienic", "begins": 6, "until": 20, "legal_basis": _SUSPEND},
            ),
        ),
    ),
)


def plan_stories(seed: int, calendar: Calendar) -> list[Planned]:
    """Every story as a planned license, dated; numbers are put in later."""
    planned: dict[str, Planned] = {}
    for story in STORIES:
        planned[story.name] = _plan(story, planned, seed, calendar)
    return list(planned.values())


def _plan(story: Story, before: Mapping[str, Planned], seed: int, calendar: Calendar) -> Planned:
    rng = Random(f"{seed}/{story.name}")  # noqa: S311  # Content must repeat; nothing is kept secret by it.
    end = calendar.today + timedelta(days=story.ends) if story.ends is not None else None
    entered = calendar.ago(story.entered)
    start = _start(story, end, entered, calendar)
    if story.license_type == kinds.CLINIC_OPERATION:
        texts = operation_texts(before["clinic"].texts, rng)
        texts |= {"valid_from": start.isoformat(), "issued": start.isoformat()}
    else:
        texts = draw_texts(story.license_type, story.agency, start, rng)
    texts |= {"valid_until": end.isoformat()} if end else {}
    texts |= story.texts
    deeds = tuple(_deed(later, story, end, rng, calendar) for later in story.later)
    return Planned(story.name, story.agency, story.license_type, moment(entered, 11), texts, deeds)


def _start(story: Story, end: date | None, entered: date, calendar: Calendar) -> date:
    """The first day: the earliest from which the type's term reaches the end."""
    if story.begins is not None:
        return calendar.today + timedelta(days=story.begins)
    if end is None:
        return entered
    kind = license_types()[story.license_type]
    start = end - timedelta(days=366 * kind.term_length)
    while (last_day(kind, start) or end) < end:
        start += timedelta(days=1)
    return start


def _deed(later: Later, story: Story, end: date | None, rng: Random, calendar: Calendar) -> Deed:
    day = calendar.ago(later.days)
    texts: Texts = {
        name: (day + timedelta(days=value)).isoformat() if isinstance(value, int) else value
        for name, value in later.texts.items()
    }
    if later.act is ActKind.RENEWAL and end:
        texts |= {"valid_from": (end + timedelta(days=1)).isoformat(), "valid_until": ""}
    if later.act in (ActKind.TRANSFER, ActKind.REPLACEMENT):
        texts["issued"] = day.isoformat()
    if later.act is ActKind.TRANSFER:
        district = next(iter(agency(story.agency).places))
        new = company(rng, district // 100) if rng.random() < 0.5 else person(rng, district)
        texts |= {"holder": new.name, "holder_en": new.english or "", "holder_id": new.number}
    return Deed(moment(day, 10, 30), later.act, texts, left_waiting=later.left_waiting)
