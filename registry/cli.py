"""The register's commands: each parses, calls one function, prints.

Exit code 0 when all went well, 1 on any fault, 2 on wrong usage.
"""

import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import click
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from keys.acts import ActKind
from keys.catalog import Agency, Text, parse_type
from keys.code import show_code
from keys.dates import BANGKOK, bangkok_date
from keys.errors import KeysError
from keys.vault import Vault
from registry import founding
from registry.acts import Authority
from registry.applications import Faulty
from registry.audit_events import record_event
from registry.catalogs import current_catalog, put_type, renew_catalog
from registry.config import RegistryConfig
from registry.db import Database, open_database
from registry.demo.build import build_demo
from registry.errors import ConfigurationError, RegistryError
from registry.feed import INDEXES, feed
from registry.follow import follow
from registry.intake.columns import map_sheet, read_mapping
from registry.intake.imports import Import, Report, run_import
from registry.migrate import is_current, upgrade
from registry.models import Officer, OfficerSession, Register
from registry.passwords import hash_password
from registry.permissions import Role
from registry.proposals import DONE, Wish, propose
from registry.rings import RING_LIFETIME, current_ring
from registry.serving import serve
from registry.services import Services, now

_SHOWN_FAULTS = 50
_PROGRESS_SECONDS = 1.0


@contextmanager
def _faults_told() -> Iterator[None]:
    """Turn what our packages raise into one clear line and exit code 1."""
    try:
        yield
    except Faulty as error:
        lines = [f"{f.name}: {f.value!r}: {f.what.en} · {f.remedy.en}" for f in error.faults]
        raise click.ClickException("\n".join(lines)) from error
    except (RegistryError, KeysError) as error:
        raise click.ClickException(str(error)) from error


def _config(data: Path | None) -> RegistryConfig:
    environment = dict(os.environ)
    if data is not None:
        environment["PERMITS_DATA"] = str(data)
    return RegistryConfig.from_environment(environment)


def open_register(config: RegistryConfig) -> Database:
    """The database of an existing register; raises `ConfigurationError` when there is none."""
    database = open_database(config.database_url)
    if not is_current(database):
        raise ConfigurationError("the database is missing or of another release: run `permits init`")
    return database


def is_founded(database: Database) -> bool:
    """Whether a register has been founded in this database, of the shape this release needs."""
    with database.reading() as session:
        return session.scalars(select(Register.id)).first() is not None


def _agency(session: Session, slug: str) -> Agency:
    for agency in current_catalog(session).agencies.values():
        if agency.slug == slug:
            return agency
    raise ConfigurationError(f"there is no agency {slug!r}: see `permits agency list`")


def _officer(session: Session, login: str) -> Officer:
    officer = session.scalars(select(Officer).where(Officer.login == login)).one_or_none()
    if officer is None:
        raise ConfigurationError(f"there is no officer {login!r}")
    return officer


_data = click.option("--data", type=click.Path(path_type=Path), help="Data folder (default PERMITS_DATA).")


@click.command("init")
@_data
def init_command(data: Path | None) -> None:
    """Make the tables and, in an empty database, found a register: keys, ring, catalog."""
    with _faults_told():
        config = _config(data)
        config.data.mkdir(parents=True, exist_ok=True)
        database = open_database(config.database_url)
        upgrade(database)
        if is_founded(database):
            click.echo("The register is there already; its tables are up to date.")
            return
        passphrase = founding.make_passphrase(config.passphrase_file)
        folders = founding.KeyFolder(config.key_folder)
        with database.writing.begin() as session:
            founding.found(session, folders, passphrase, host=config.host, lifetime=RING_LIFETIME, at=now())
        click.echo(f"Founded a register for {config.host}. Its keys are in {config.key_folder}.")
        click.echo(f"Move {folders.roots} off this machine: see docs/operations.md.")


@click.command("demo")
@_data
@click.option("--seed", type=int, default=2569, show_default=True)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The demo's today (default today).")
@click.option("--licenses", type=click.IntRange(100, 200_000), default=2000, show_default=True)
def demo_command(data: Path | None, seed: int, as_of: datetime | None, licenses: int) -> None:
    """Fill an empty data folder with a demonstration register."""
    with _faults_told():
        config = _config(data)
        make_demo(config, seed=seed, as_of=_noon(as_of.date()) if as_of else now(), licenses=licenses)
        click.echo(f"Made {licenses} licenses in {config.data}.")


def _noon(day: date) -> datetime:
    return datetime.combine(day, clock_time(12), BANGKOK)


def make_demo(config: RegistryConfig, *, seed: int, as_of: datetime, licenses: int) -> None:
    """Make, publish and index the demonstration register; raises `ConfigurationError` if one is there."""
    config.data.mkdir(parents=True, exist_ok=True)
    database = open_database(config.database_url)
    upgrade(database)
    if is_founded(database):
        raise ConfigurationError(f"{config.data} holds a register already")
    build_demo(config, seed=seed, as_of=as_of, licenses=licenses, progress=_progress("licenses", licenses))
    services = Services.open(config)
    services.publish()
    feed(services.database.reading, config.search, at=now(), progress=_indexing())


def _progress(what: str, total: int | None = None) -> Callable[[int], None]:
    """Progress on stderr, at most once a second: count, share, rate and time left."""
    began = last = time.monotonic()

    def show(count: int) -> None:
        nonlocal last
        if time.monotonic() - last < _PROGRESS_SECONDS and count != total:
            return
        last = time.monotonic()
        rate = count / max(last - began, 1e-3)
        left = f" · {(total - count) / max(rate, 1e-3):.0f} s left" if total else ""
        of = f" of {total:,}" if total else ""
        click.echo(f"{count:,}{of} {what} · {rate:,.0f}/s{left}", err=True)

    return show


def _indexing() -> Callable[[int, int], None]:
    show: dict[int, Callable[[int], None]] = {}

    def progress(done: int, total: int) -> None:
        show.setdefault(total, _progress("entries indexed", total))(done)

    return progress


@click.group("agency")
def agency_group() -> None:
    """Agencies and the license types they issue."""


@agency_group.command("add")
@_data
@click.argument("slug")
@click.option("--name", "name_th", required=True, help="Name in Thai.")
@click.option("--name-en", required=True)
@click.option("--phone", required=True)
@click.option("--hours", default="วันราชการ 08:30–16:30 น.", show_default=True)
@click.option("--hours-en", default="Weekdays 08:30–16:30", show_default=True)
@click.option("--place", "places", type=int, multiple=True, help="Area code of its territory.")
@click.option("--type", "types", multiple=True, help="Slug of a type it issues; published from today.")
@click.option("--unpublished", "closed", multiple=True, help="Slug of a type it issues, not yet published.")
def agency_add(
    data: Path | None, slug: str, types: tuple[str, ...], closed: tuple[str, ...], **words: Any
) -> None:
    """Add an agency, or types to one: with keys of this year and the next, in a new ring."""
    with _faults_told():
        config = _config(data)
        database, at = open_register(config), now()
        passphrase = founding.read_passphrase(config.passphrase_file)
        folders = founding.KeyFolder(config.key_folder)
        vault = Vault.unlock(folders.keys, passphrase)
        with database.writing.begin() as session:
            catalog = current_catalog(session)
            numbers = {kind.slug: kind.number for kind in catalog.types.values()}
            unknown = sorted({*types, *closed} - set(numbers))
            if unknown:
                raise ConfigurationError(f"no license type {', '.join(unknown)}: `permits type load` first")
            agencies = {agency.slug: agency.number for agency in catalog.agencies.values()}
            agency = Agency(
                number=agencies.get(slug, max(agencies.values(), default=0) + 1),
                slug=slug,
                name=Text(words["name_th"], words["name_en"]),
                phone=words["phone"],
                hours=Text(words["hours"], words["hours_en"]),
                territory=words["places"],
                types={numbers[s]: bangkok_date(at) for s in types} | {numbers[s]: None for s in closed},
            )
            roots = founding.root_signers(folders, passphrase, current_ring(session))
            ring = founding.admit(session, [agency], vault, roots, at=at)
        click.echo(f"Agency {agency.number} ({slug}); key ring {ring.version}.")


@agency_group.command("list")
@_data
def agency_list(data: Path | None) -> None:
    """Print each agency's slug, name and types."""
    with _faults_told(), open_register(_config(data)).reading() as session:
        catalog = current_catalog(session)
        for agency in catalog.agencies.values():
            slugs = ", ".join(catalog.types[number].slug for number in agency.types)
            click.echo(f"{agency.slug}\t{agency.name.th}\t{slugs}")


@click.group("type")
def type_group() -> None:
    """License types, as data."""


@type_group.command("load")
@_data
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def type_load(data: Path | None, file: Path) -> None:
    """Add the license types of a JSON FILE (one, or a list), or replace their definitions."""
    with _faults_told():
        try:
            content = json.loads(file.read_text("utf-8"))
        except ValueError as error:
            raise ConfigurationError(f"{file} is no JSON: {error}") from error
        kinds = [parse_type(value) for value in (content if isinstance(content, list) else [content])]
        with open_register(_config(data)).writing.begin() as session:
            for kind in kinds:
                put_type(session, kind)
            version = renew_catalog(session).version
        click.echo(f"Loaded {', '.join(kind.slug for kind in kinds)}; catalog {version}.")


@click.group("officer")
def officer_group() -> None:
    """The people who may act."""


@officer_group.command("add")
@_data
@click.argument("login")
@click.option("--agency", required=True, help="Slug of the agency.")
@click.option("--name", required=True, help="Name as it stands under documents.")
@click.option("--position", required=True, help="Position as it stands under documents.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
def officer_add(data: Path | None, login: str, agency: str, name: str, position: str, role: str) -> None:
    """Add an officer and print a first password."""
    with _faults_told(), open_register(_config(data)).writing.begin() as session:
        if session.scalars(select(Officer).where(Officer.login == login)).first():
            raise ConfigurationError(f"the log-in {login!r} is taken")
        password = secrets.token_urlsafe(12)
        officer = Officer(
            login=login,
            agency=_agency(session, agency).number,
            name=name,
            position=position,
            role=role,
            password_hash=hash_password(password),
            created_at=now(),
        )
        session.add(officer)
        session.flush()
        record_event(session, "officer-added", officer, at=now(), role=role)
        click.echo(f"Password of {login}: {password}")


@officer_group.command("reset")
@_data
@click.argument("login")
def officer_reset(data: Path | None, login: str) -> None:
    """Give an officer a new password, printed once, and end every log-in."""
    with _faults_told(), open_register(_config(data)).writing.begin() as session:
        officer, password = _officer(session, login), secrets.token_urlsafe(12)
        officer.password_hash = hash_password(password)
        _end_sessions(session, officer)
        record_event(session, "password-reset", officer, at=now())
        click.echo(f"Password of {login}: {password}")


@officer_group.command("disable")
@_data
@click.argument("login")
def officer_disable(data: Path | None, login: str) -> None:
    """Take an officer's rights away at once; what they did stays."""
    with _faults_told(), open_register(_config(data)).writing.begin() as session:
        officer = _officer(session, login)
        officer.disabled_at = now()
        _end_sessions(session, officer)
        record_event(session, "officer-disabled", officer, at=now())
        click.echo(f"{login} can no longer log in or act.")


def _end_sessions(session: Session, officer: Officer) -> None:
    session.execute(delete(OfficerSession).where(OfficerSession.officer_id == officer.id))


@click.command("issue")
@_data
@click.option("--officer", required=True, help="Log-in of the officer who issues.")
@click.option("--type", "type_slug", required=True)
@click.option("--set", "items", multiple=True, metavar="NAME=VALUE", help="An item: number, holder, field.… ")
@click.option("--backdating", default="", help="Reason for a start before today.")
def issue_command(
    data: Path | None, officer: str, type_slug: str, items: tuple[str, ...], backdating: str
) -> None:
    """Issue one license, as the officer's form does; policy may want a second officer's approval."""
    with _faults_told():
        raw = dict(item.partition("=")[::2] for item in items)
        services = Services.open(_config(data))
        with services.database.writing.begin() as session:
            office = services.office(session)
            kind = next((k for k in office.catalog.types.values() if k.slug == type_slug), None)
            if kind is None:
                raise ConfigurationError(f"there is no license type {type_slug!r}")
            wish = Wish(ActKind.ISSUANCE, kind.number, raw, backdating=backdating)
            proposal = propose(session, wish, _officer(session, officer), office=office, at=services.clock())
        if proposal.state != DONE or proposal.code is None:
            click.echo(f"Proposal {proposal.id} waits for another officer's approval.")
            return
        services.publish()
        services.feed()
        click.echo(show_code(proposal.code))


@click.command("import")
@_data
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--agency", required=True, help="Slug of the agency.")
@click.option("--type", "type_slug", required=True, help="Slug of the license type.")
@click.option(
    "--mapping", type=click.Path(exists=True, path_type=Path), help="Which column feeds which item."
)
@click.option("--proposer", help="Log-in of the officer who proposes, where the type wants two.")
@click.option("--approver", help="Log-in of the officer who approves.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_command(
    data: Path | None,
    file: Path,
    agency: str,
    type_slug: str,
    mapping: Path | None,
    proposer: str | None,
    approver: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import a CSV FILE: good rows become licenses, each fault is told by row and column."""
    with _faults_told():
        services = Services.open(_config(data))
        with services.database.reading() as session:
            office, owner = services.office(session), _agency(session, agency)
            kind = next(
                (office.catalog.types[n] for n in owner.types if office.catalog.types[n].slug == type_slug),
                None,
            )
            if kind is None:
                raise ConfigurationError(f"{agency} issues no type {type_slug!r}")
            people = [_officer(session, login) if login else None for login in (proposer, approver)]
        first, second = people
        signs = second or first
        authority = Authority(
            first.id if first else None,
            second.id if second else None,
            name=signs.name if signs else "",
            position=signs.position if signs else "",
        )
        job = Import(map_sheet(file, read_mapping(mapping, kind)), kind, owner, authority)
        report = run_import(
            job,
            services.database,
            services.office,
            dry_run=dry_run,
            clock=services.clock,
            progress=_progress("rows"),
        )
        if not dry_run and report.issued:
            services.publish()
            feed(services.database.reading, services.config.search, at=now(), progress=_indexing())
    _print_report(report, dry_run=dry_run, as_json=as_json)
    sys.exit(1 if report.faulty_rows else 0)


def _print_report(report: Report, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
        return
    for f in report.faults[:_SHOWN_FAULTS]:
        click.echo(f"แถว {f.row} · {f.column} · `{f.fault.value}` · {f.fault.what.th} · {f.fault.remedy.th}")
        click.echo(f"    row {f.row} · {f.label.en} · {f.fault.what.en} · {f.fault.remedy.en}")
    if len(report.faults) > _SHOWN_FAULTS:
        click.echo(f"… {len(report.faults) - _SHOWN_FAULTS} more faults: --json prints them all")
    if report.unmapped:
        click.echo(f"Columns that feed nothing: {', '.join(report.unmapped)}")
    verb = "would be issued" if dry_run else "issued"
    click.echo(
        f"{report.rows} rows ({report.encoding}): {report.issued} {verb}, "
        f"{report.unchanged} in the register already, {report.faulty_rows} with faults"
    )


@click.command("publish")
@_data
def publish_command(data: Path | None) -> None:
    """Publish everything logged so far and sign a snapshot."""
    with _faults_told():
        snapshot = Services.open(_config(data)).publish()
        click.echo(f"Snapshot {snapshot.version}: {snapshot.log_size} entries.")


@click.command("follow")
@_data
def follow_command(data: Path | None) -> None:
    """Keep published files and indexes up to the register until stopped."""
    with _faults_told():
        services, stop = Services.open(_config(data)), threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        follow(services, stop)


@click.command("rebuild")
@_data
def rebuild_command(data: Path | None) -> None:
    """Throw the search indexes away and build them again from the register."""
    with _faults_told():
        config = _config(data)
        database = open_register(config)
        for name in INDEXES:
            for path in config.search.glob(f"{name}*"):
                if path.suffix != ".lock":
                    path.unlink()
        feed(database.reading, config.search, at=now(), progress=_indexing())
        click.echo("Both search indexes are built.")


@click.command("serve")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default PERMITS_DATA).")
@click.option("--port", type=click.IntRange(1, 65534), default=8000, show_default=True)
@click.option("--lan", is_flag=True, help="Answer to other machines in the network too.")
@click.option("--demo-if-empty", is_flag=True, help="Make a demonstration register in an empty data folder.")
def serve_command(data: Path | None, port: int, *, lan: bool, demo_if_empty: bool) -> None:
    """Serve the public pages on PORT, the officers' on PORT + 1, with the follower."""
    with _faults_told():
        config = _config(data)
        upgrade_or_demo(config, demo_if_empty=demo_if_empty)
        sys.exit(serve(data=config.data, port=port, lan=lan))


def upgrade_or_demo(config: RegistryConfig, *, demo_if_empty: bool) -> None:
    """Bring an existing register's tables up to date, or make a demonstration where there is none."""
    config.data.mkdir(parents=True, exist_ok=True)
    database = open_database(config.database_url)
    upgrade(database)
    if is_founded(database):
        return
    if not demo_if_empty:
        raise ConfigurationError(f"{config.data} holds no register: run `permits init` or `permits demo`")
    click.echo("Making a demonstration register (once) …", err=True)
    make_demo(config, seed=2569, as_of=now(), licenses=2000)
