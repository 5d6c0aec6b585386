"""Agencies, license types and officers."""

import json
import secrets
from pathlib import Path
from typing import Any

import click
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from keys.catalog import Agency, Text, parse_type
from keys.dates import bangkok_date
from keys.vault import Vault
from registry import founding
from registry.audit_events import record_event
from registry.catalogs import current_catalog, put_agency, put_type, renew_catalog
from registry.commands.shared import (
    agency_named,
    config_of,
    data_option,
    faults_told,
    officer_named,
    open_register,
)
from registry.errors import ConfigurationError
from registry.key_life import propose_agency_keys
from registry.models import Officer, OfficerSession
from registry.passwords import hash_password
from registry.permissions import Role
from registry.rings import current_ring, year_of
from registry.services import now


@click.group("agency")
def agency_group() -> None:
    """Agencies and the license types they issue."""


@agency_group.command("add")
@data_option
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
    """Add an agency, or types to one: with keys of this year and the next, in the next ring."""
    with faults_told():
        config = config_of(data)
        database, at = open_register(config), now()
        passphrase = founding.passphrase_of(config)
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
            if folders.roots.exists():
                roots = founding.root_signers(folders, passphrase, current_ring(session))
                ring = founding.admit(session, [agency], vault, roots, at=at)
                said = f"key ring {ring.version}."
            else:
                put_agency(session, agency)
                renew_catalog(session)
                years = (year_of(at), year_of(at) + 1)
                propose_agency_keys(session, vault, agency.number, agency.types, years, at=at)
                said = "its keys wait for the roots: permits ring propose --out FILE"
        click.echo(f"Agency {agency.number} ({slug}); {said}")


@agency_group.command("list")
@data_option
def agency_list(data: Path | None) -> None:
    """Print each agency's slug, name and types."""
    with faults_told(), open_register(config_of(data)).reading() as session:
        catalog = current_catalog(session)
        for agency in catalog.agencies.values():
            slugs = ", ".join(catalog.types[number].slug for number in agency.types)
            click.echo(f"{agency.slug}\t{agency.name.th}\t{slugs}")


@click.group("type")
def type_group() -> None:
    """License types, as data."""


@type_group.command("load")
@data_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def type_load(data: Path | None, file: Path) -> None:
    """Add the license types of a JSON FILE (one, or a list), or replace their definitions."""
    with faults_told():
        try:
            content = json.loads(file.read_text("utf-8"))
        except ValueError as error:
            raise ConfigurationError(f"{file} is no JSON: {error}") from error
        kinds = [parse_type(value) for value in (content if isinstance(content, list) else [content])]
        with open_register(config_of(data)).writing.begin() as session:
            for kind in kinds:
                put_type(session, kind)
            version = renew_catalog(session).version
        click.echo(f"Loaded {', '.join(kind.slug for kind in kinds)}; catalog {version}.")


@click.group("officer")
def officer_group() -> None:
    """The people who may act."""


@officer_group.command("add")
@data_option
@click.argument("login")
@click.option("--agency", required=True, help="Slug of the agency.")
@click.option("--name", required=True, help="Name as it stands under documents.")
@click.option("--position", required=True, help="Position as it stands under documents.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
def officer_add(data: Path | None, login: str, *, agency: str, name: str, position: str, role: str) -> None:
    """Add an officer and print a first password."""
    with faults_told(), open_register(config_of(data)).writing.begin() as session:
        if session.scalars(select(Officer).where(Officer.login == login)).first():
            raise ConfigurationError(f"the log-in {login!r} is taken")
        password = secrets.token_urlsafe(12)
        officer = Officer(
            login=login,
            agency=agency_named(session, agency).number,
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
@data_option
@click.argument("login")
def officer_reset(data: Path | None, login: str) -> None:
    """Give an officer a new password, printed once, and end every log-in."""
    with faults_told(), open_register(config_of(data)).writing.begin() as session:
        officer, password = officer_named(session, login), secrets.token_urlsafe(12)
        officer.password_hash = hash_password(password)
        _end_sessions(session, officer)
        record_event(session, "password-reset", officer, at=now())
        click.echo(f"Password of {login}: {password}")


@officer_group.command("disable")
@data_option
@click.argument("login")
def officer_disable(data: Path | None, login: str) -> None:
    """Take an officer's rights away at once; what they did stays."""
    with faults_told(), open_register(config_of(data)).writing.begin() as session:
        officer = officer_named(session, login)
        officer.disabled_at = now()
        _end_sessions(session, officer)
        record_event(session, "officer-disabled", officer, at=now())
        click.echo(f"{login} can no longer log in or act.")


def _end_sessions(session: Session, officer: Officer) -> None:
    session.execute(delete(OfficerSession).where(OfficerSession.officer_id == officer.id))
