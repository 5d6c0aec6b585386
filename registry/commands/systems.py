"""Keys of agencies' own systems, from the terminal."""

from datetime import timedelta
from pathlib import Path

import click

from registry.api_keys import LONGEST_LIFE, Scope, add_key, keys_of, opens, revoke_key
from registry.catalogs import current_catalog
from registry.commands.shared import (
    agency_named,
    config_of,
    data_option,
    faults_told,
    officer_named,
    open_register,
    type_named,
)
from registry.errors import ConfigurationError
from registry.models import ApiKey, Officer
from registry.services import now


@click.group("api-key")
def api_key_group() -> None:
    """Keys with which an agency's own systems use the API."""


@api_key_group.command("add")
@data_option
@click.option("--officer", required=True, help="Log-in of the officer in whose name the system acts.")
@click.option("--label", required=True, help="What people call the system.")
@click.option("--type", "slugs", multiple=True, required=True, help="Slug of a license type it may send.")
@click.option("--release", is_flag=True, help="It may also release what needs no second person.")
@click.option("--days", type=click.IntRange(1, LONGEST_LIFE.days), default=90, show_default=True)
def api_key_add(
    data: Path | None, *, officer: str, label: str, slugs: tuple[str, ...], release: bool, days: int
) -> None:
    """Make a key and print it, this once."""
    with faults_told(), open_register(config_of(data)).writing.begin() as session:
        catalog = current_catalog(session)
        types = [type_named(catalog, slug).number for slug in slugs]
        scope = Scope(label, types, release, timedelta(days=days))
        click.echo(add_key(session, officer_named(session, officer), scope, at=now()))


@api_key_group.command("list")
@data_option
@click.option("--agency", required=True, help="Slug of the agency.")
def api_key_list(data: Path | None, *, agency: str) -> None:
    """Print each key's name, system, officer, state and last use; no secret is kept to print."""
    with faults_told(), open_register(config_of(data)).reading() as session:
        for key, officer in keys_of(session, agency_named(session, agency).number):
            state = "valid until" if opens(key, officer, at=now()) else "closed, was until"
            used = f"used {key.used_at:%Y-%m-%d %H:%M}" if key.used_at else "never used"
            click.echo(f"{key.id}\t{key.label}\t{officer.login}\t{state} {key.expires_at:%Y-%m-%d}\t{used}")


@api_key_group.command("revoke")
@data_option
@click.argument("key")
def api_key_revoke(data: Path | None, key: str) -> None:
    """Have the key of that name (its first 16 characters after `permits_`) open nothing from now on."""
    with faults_told(), open_register(config_of(data)).writing.begin() as session:
        found = session.get(ApiKey, key)
        if found is None:
            raise ConfigurationError(f"there is no key {key!r}: see `permits api-key list`")
        revoke_key(session, found, session.get_one(Officer, found.officer), at=now())
        click.echo(f"{key} opens nothing from now on.")
