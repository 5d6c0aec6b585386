"""The demonstration register, from an empty folder to about 18 months of history."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from keys.acts import ActKind
from keys.dates import parse_date
from registry.config import RegistryConfig
from registry.db import open_database
from registry.demo.agencies import AGENCIES, agency
from registry.demo.calendar import Calendar, moment
from registry.demo.numbers import number_all
from registry.demo.officers import OFFICERS, SHOWN, DemoOfficer
from registry.demo.plan import Planned, plan_bulk
from registry.demo.register import DemoRegister
from registry.demo.showcase import Login, Showcase, make_links, save_showcase
from registry.demo.stories import plan_stories
from registry.passwords import hash_password

SEED = 2569
LICENSES = 2000
# What is left of an alphabet without letters and digits that look alike.
_PLAIN_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

Progress = Callable[[int, int], None]


def make_plan(seed: int, calendar: Calendar, licenses: int) -> list[Planned]:
    """Everything the register will hold: the stories, and as many others as make up `licenses`."""
    stories = plan_stories(seed, calendar)
    if licenses < len(stories):
        raise ValueError(f"a demonstration has at least {len(stories)} licenses")
    planned = stories + plan_bulk(seed, calendar, licenses - len(stories))
    number_all([(one.agency, one.license_type, one.texts) for one in planned])
    return planned


def build_demo(
    config: RegistryConfig,
    *,
    as_of: datetime,
    seed: int = SEED,
    licenses: int = LICENSES,
    progress: Progress | None = None,
) -> Showcase:
    """Fill empty tables with the demonstration and save its showcase beside them.

    The content depends on `seed`, the Bangkok day of `as_of` and `licenses` alone; keys, codes, salts
    and passwords are drawn anew.  No act is later than `as_of`.  Feeding and publishing are the caller's.
    `progress` is told how many licenses have been entered, and of how many.
    """
    calendar = Calendar.of(as_of)
    planned = make_plan(seed, calendar, licenses)
    passwords = {login: _password() for login in SHOWN}
    config.data.mkdir(parents=True, exist_ok=True)
    database = open_database(config.database_url)
    try:
        register = DemoRegister.found(config, database, at=moment(calendar.founded, 9))
        steps = _steps(register, calendar, planned, passwords)
        _run(steps, len(planned), progress or _say_nothing)
        with database.reading() as session:
            links = make_links(session, register.codes)
    finally:
        database.engine.dispose()
    logins = tuple(_login(one, passwords[one.login]) for one in OFFICERS if one.login in SHOWN)
    showcase = Showcase(seed, calendar.today.isoformat(), licenses, logins, links)
    save_showcase(config.data, showcase)
    return showcase


def _password() -> str:
    groups = ("".join(secrets.choice(_PLAIN_LETTERS) for _ in range(4)) for _ in range(3))
    return "demo-" + "-".join(groups)


def _login(one: DemoOfficer, password: str) -> Login:
    return Login(one.login, password, one.name, one.role.value, agency(one.agency).name)


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that happens at a moment; at the same one, `rank` says what comes first."""

    at: datetime
    rank: int
    run: Callable[[], None]
    entered: int = 0


def _say_nothing(entered: int, of: int) -> None:
    """Progress that nobody asked for."""


def _steps(
    register: DemoRegister, calendar: Calendar, planned: list[Planned], passwords: dict[str, str]
) -> list[_Step]:
    # Nobody logs in as the officers who are not shown: they share a password that is not kept.
    unknown = hash_password(_password())
    hashes = {one.login: unknown for one in OFFICERS}
    hashes |= {login: hash_password(password) for login, password in passwords.items()}
    steps = [
        *_growth(register, calendar, hashes),
        *_issuing(register, planned),
        *_deeds(register, planned, calendar),
    ]
    return sorted(steps, key=lambda step: (step.at, step.rank))


def _run(steps: list[_Step], licenses: int, progress: Progress) -> None:
    entered = 0
    for step in steps:
        step.run()
        entered += step.entered
        progress(entered, licenses)


def _growth(register: DemoRegister, calendar: Calendar, hashes: dict[str, bytes]) -> Iterator[_Step]:
    for joins in sorted({one.joins for one in AGENCIES}):
        at = calendar.joined(joins)
        joining = [one for one in AGENCIES if one.joins == joins]
        officers = [one for one in OFFICERS if agency(one.agency).joins == joins]
        yield _Step(at, 0, partial(register.admit, joining, at=at))
        yield _Step(at, 1, partial(register.appoint, officers, hashes, at=at))
    at = calendar.turn_of_year()
    yield _Step(at, 0, partial(register.turn_year, at=at))


def _issuing(register: DemoRegister, planned: list[Planned]) -> Iterator[_Step]:
    blocks: dict[tuple[datetime, int], list[Planned]] = defaultdict(list)
    for one in planned:
        blocks[one.entered, one.agency].append(one)
    for (at, _), block in blocks.items():
        yield _Step(at, 2, partial(register.issue, block, at=at), entered=len(block))


def _deeds(register: DemoRegister, planned: list[Planned], calendar: Calendar) -> Iterator[_Step]:
    midnights = set()
    for one in planned:
        for deed in one.deeds:
            yield _Step(deed.at, 3, partial(register.act, one, deed))
            if deed.act is ActKind.SUSPENSION:
                over = parse_date(deed.texts["until"]) + timedelta(days=1)
                midnights |= {over} if over <= calendar.today else set()
    for day in sorted(midnights):
        yield _Step(moment(day, 0), 1, partial(register.enter_due, at=moment(day, 0)))
