"""A small real register for tests: real keys, a real database, a clock that tests set."""

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from keys.acts import ActKind
from keys.catalog import Agency, LicenseType, Text
from keys.vault import Vault
from registry import acts, founding
from registry.acts import Done, OrderRequest
from registry.applications import Application, validate
from registry.catalogs import put_reason, put_type
from registry.config import RegistryConfig
from registry.db import open_database
from registry.demo.license_types import COMMERCIAL, FIREARM, HAZARD, JURISTIC, license_types
from registry.drafts import Authority
from registry.faces import application_in_force
from registry.migrate import upgrade
from registry.models import LicenseRow
from registry.rings import current_ring
from registry.services import Services

START = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
TOWN, CAPITAL = 1, 2
TYPES = (HAZARD, COMMERCIAL, FIREARM, JURISTIC)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> datetime:
        self.moment += timedelta(**by)
        return self.moment


def _agency(number: int, slug: str) -> Agency:
    types: dict[int, date | None] = dict.fromkeys(TYPES, date(2026, 1, 1))
    words = Text(f"หน่วยงาน {slug}", f"Agency {slug}")
    return Agency(number, slug, words, "0-2000-0000", Text("วันราชการ", "Weekdays"), (), types)


def simple(kind: LicenseType) -> LicenseType:
    """The type without a four-eyes policy, for tests that are about something else."""
    return replace(kind, four_eyes=())


def found_at(folder: Path, database_url: str, clock: Clock) -> Services:
    """A register in `folder` with two agencies that issue four types; nothing issued yet."""
    config = _config(folder, database_url)
    database = open_database(config.database_url)
    upgrade(database)
    passphrase = founding.make_passphrase(config.passphrase_file)
    folders = founding.KeyFolder(config.key_folder)
    with database.writing.begin() as session:
        vault = founding.found(
            session, folders, passphrase, host=config.host, lifetime=timedelta(days=400), at=clock()
        )
        for number in TYPES:
            put_type(session, simple(license_types()[number]))
        put_reason(session, "conditions", Text("ผิดเงื่อนไขใบอนุญาต", "Broke a condition"))
        roots = founding.root_signers(folders, passphrase, current_ring(session))
        agencies = [_agency(TOWN, "town"), _agency(CAPITAL, "capital")]
        founding.admit(session, agencies, vault, roots, at=clock())
    return Services(config, database, vault, clock)


def _config(folder: Path, database_url: str) -> RegistryConfig:
    return RegistryConfig.from_environment(
        {
            "PERMITS_DATA": str(folder),
            "PERMITS_HOST": "permit.example.go.th",
            "PERMITS_DATABASE_URL": database_url,
        }
    )


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="permits-founded-"))
    services = found_at(folder, f"sqlite:///{folder / 'register.sqlite'}", Clock())
    services.database.engine.dispose()
    return folder


def founded(folder: Path, clock: Clock | None = None) -> Services:
    """A copy of one founded register (its keys unlocked once a test run) in `folder`, on SQLite."""
    return copied(_template(), folder, f"sqlite:///{folder / 'register.sqlite'}", clock or Clock())


def copied(template: Path, folder: Path, database_url: str, clock: Clock) -> Services:
    """A copy in `folder` of the register that `found_at` made in `template`; its database is a copy already."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    config = _config(folder, database_url)
    return Services(config, open_database(config.database_url), _unlocked(template), clock)


@cache
def _unlocked(template: Path) -> Vault:

    private = template / "private"
    return Vault.unlock(private / "keys", founding.read_passphrase(private / "passphrase"))


def raw(n: int, **changes: str) -> dict[str, str]:
    """The texts of a form for one hazardous activity, valid for a year from 2 March 2026."""
    return {
        "number": f"12/{n}/2569",
        "holder": "บริษัท ก้าวหน้าการช่าง จำกัด",
        "holder_id": "0105558004940",
        "premises": f"อู่ช่างพงษ์ สาขา {n}",
        "address": "88/4 ถนนเพชรเกษม",
        "place": "770701",
        "valid_from": "2/3/2569",
        **{f"field.{own.key}": "1" for own in license_types()[HAZARD].fields if own.required},
        **changes,
    }


def application(services: Services, n: int, *, agency: int = TOWN, **changes: str) -> Application:
    """A validated application of the hazardous type."""
    with services.database.reading() as session:
        catalog = services.office(session).catalog
    return validate(
        raw(n, **changes), catalog.types[HAZARD], catalog.agencies[agency], today=date(2026, 3, 2)
    )


def issue(services: Services, *numbers: int, agency: int = TOWN, **changes: str) -> list[Done]:
    """Issue licenses with these numbers in one block."""
    applications = [application(services, n, agency=agency, **changes) for n in numbers]
    with services.database.writing.begin() as session:
        return acts.issue(
            session,
            applications,
            office=services.office(session),
            authority=Authority(None, name="สมศักดิ์ ใจดี", position="นายทะเบียน"),
            at=services.clock(),
        )


def order(services: Services, code: str, act: ActKind, **content: object) -> Done:
    """Enter one order."""
    request = OrderRequest(act, legal_basis="มาตรา 45", **content)  # type: ignore[arg-type]
    with services.database.writing.begin() as session:
        return acts.order(
            session,
            code,
            request,
            base_index=None,
            office=services.office(session),
            authority=Authority(None),
            at=services.clock(),
        )


def revise(services: Services, code: str, act: ActKind, **changes: object) -> Done:
    """Make a new version with some items of the face changed."""
    with services.database.writing.begin() as session:
        office = services.office(session)
        row = acts.locked_license(session, code, base_index=None)
        current = application_in_force(session, row, office.signers.ring)
        return acts.revise(
            session,
            code,
            act,
            replace(current, **changes),  # type: ignore[arg-type]
            current=current,
            base_index=None,
            office=office,
            authority=Authority(None),
            at=services.clock(),
        )


def row_of(services: Services, code: str) -> LicenseRow:
    """The license's row as it stands."""
    with services.database.reading() as session:
        return session.get_one(LicenseRow, code)
