"""The keys the register signs with: proposed, listed, retired, marked compromised, and what follows."""

import sys
from datetime import datetime
from pathlib import Path

import click

from keys.catalog import Catalog
from keys.dates import BANGKOK, bangkok_date, from_seconds
from keys.keyring import Role
from registry.catalogs import current_catalog
from registry.commands.shared import (
    agency_named,
    config_of,
    data_option,
    faults_told,
    officer_named,
    open_register,
    sharing,
)
from registry.errors import ConfigurationError
from registry.key_life import (
    Standing,
    compromise_key,
    key_named,
    propose_key,
    propose_missing,
    retire_key,
    size_before,
    standings,
)
from registry.key_warnings import key_warnings
from registry.reissue import count_late, reissue
from registry.rings import year_of
from registry.services import Services, now

_WAITS = "It waits for the roots: permits ring propose --out FILE"


@click.group("key")
def key_group() -> None:
    """Keys of agencies, of the log and of status lists."""


@key_group.command("propose")
@data_option
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--agency", "slug", help="Slug of the agency, for --role agency.")
@click.option("--year", type=click.IntRange(2020, 2999), help="Year of its term (default: this year).")
def key_propose(data: Path | None, role: str, slug: str | None, year: int | None) -> None:
    """Make a key in the vault; it signs once a ring of the roots names it.

    A second key for the same year is a spare: it takes over when the first is denied.
    """
    with faults_told():
        if (role == Role.AGENCY) != (slug is not None):
            raise ConfigurationError("--agency goes with --role agency")
        services = Services.open(config_of(data))
        at = services.clock()
        with services.database.writing.begin() as session:
            agency = agency_named(session, slug) if slug else None
            key = propose_key(
                session,
                services.vault,
                Role(role),
                year or year_of(at),
                agency=agency.number if agency else None,
                types=agency.types if agency else (),
                at=at,
            )
        click.echo(f"Proposed {role} key {key.public.kid.hex()}. {_WAITS}")


@key_group.command("renew")
@data_option
def key_renew(data: Path | None) -> None:
    """Propose every key of this year and the next that is missing: of log, status lists, agencies."""
    with faults_told():
        services = Services.open(config_of(data))
        with services.database.writing.begin() as session:
            made = propose_missing(session, services.vault, at=services.clock())
        for key in made:
            click.echo(f"Proposed {key.role.value} key {key.public.kid.hex()}.")
        click.echo(_WAITS if made else "No key is missing.")


@key_group.command("list")
@data_option
def key_list(data: Path | None) -> None:
    """Print every key with its state, then what the key officer has to do."""
    with faults_told(), open_register(config_of(data)).reading() as session:
        catalog = current_catalog(session)
        for standing in standings(session):
            click.echo(_line(standing, catalog))
        for warning in key_warnings(session, now()):
            click.echo(f"! {warning.en}")


def _line(standing: Standing, catalog: Catalog) -> str:
    key = standing.then
    whose = key.role.value if key.agency is None else f"agency {catalog.agencies[key.agency].slug}"
    term = " to ".join(
        from_seconds(moment).astimezone(BANGKOK).strftime("%Y-%m-%d")
        for moment in (key.valid_from, key.valid_until)
    )
    good = f" below {key.good_size}" if key.good_size is not None else ""
    types = f"\ttypes {', '.join(catalog.types[kind].slug for kind in key.types)}" if key.types else ""
    waits = "\twaits for the roots" if standing.waits else ""
    return f"{key.public.kid.hex()}\t{whose}\t{standing.word}{good}\t{term}{types}{waits}"


@key_group.command("retire")
@data_option
@click.argument("key")
def key_retire(data: Path | None, key: str) -> None:
    """Let KEY (its identifier) sign no more; what it signed stays valid."""
    with faults_told():
        services = Services.open(config_of(data))
        with services.database.writing.begin() as session:
            standing = key_named(session, key)
            waits = retire_key(session, standing, at=services.clock())
        services.publish()
        kid = standing.then.public.kid.hex()
        click.echo(f"Key {kid} retires. {_WAITS}" if waits else f"Key {kid} is withdrawn.")


@key_group.command("compromise")
@data_option
@click.argument("key")
@click.option("--good-size", type=click.IntRange(0), help="Log size up to which the key was in good hands.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"]),
    help="Instead: the moment in Bangkok from which it may have been in wrong ones.",
)
def key_compromise(data: Path | None, key: str, good_size: int | None, since: datetime | None) -> None:
    """Deny KEY (its identifier) at once: what the log has of it at that size or later is not genuine."""
    with faults_told():
        if (good_size is None) == (since is None):
            raise ConfigurationError("name either --good-size or --since")
        services = Services.open(config_of(data))
        with services.database.writing.begin() as session:
            standing = key_named(session, key)
            if since is not None:
                good_size = size_before(session, since.replace(tzinfo=BANGKOK))
            compromise_key(session, standing, good_size or 0, at=services.clock())
        snapshot = services.publish()
        kid = standing.then.public.kid.hex()
        click.echo(
            f"Key {kid} is denied from snapshot {snapshot.version} on, good below {good_size}. {_WAITS}"
        )


@key_group.command("reissue")
@data_option
@click.option("--agency", "slug", required=True, help="Slug of the agency.")
@click.option("--officer", required=True, help="Log-in of the officer who orders it.")
@click.option(
    "--reviewed",
    is_flag=True,
    help="Also licenses entered when the key was not in good hands any more: review each before.",
)
def key_reissue(data: Path | None, slug: str, officer: str, *, reviewed: bool) -> None:
    """Replace every license in force whose newest version bears a denied key, under a new key.

    Stopped half-way it is simply run again.
    """
    with faults_told():
        services = Services.open(config_of(data))
        with services.database.reading() as session:
            agency, person = agency_named(session, slug), officer_named(session, officer)
            if person.agency != agency.number:
                raise ConfigurationError(f"{officer} is no officer of {slug}")
        report = reissue(
            services.database,
            services.office,
            agency.number,
            person.id,
            reviewed=reviewed,
            clock=services.clock,
            progress=sharing("licenses replaced"),
        )
        if report.done:
            services.publish()
            services.feed()
        with services.database.reading() as session:
            late = count_late(
                session, services.signers(session), agency.number, bangkok_date(services.clock())
            )
    click.echo(f"{report.done} licenses replaced{'; print their plates again' if report.done else ''}.")
    for code, why in report.left:
        click.echo(f"{code}: {why}", err=True)
    if late:
        click.echo(f"{late} were entered at or after the last good size: review them, then --reviewed.")
    sys.exit(1 if report.left else 0)
