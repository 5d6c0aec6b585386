"""What the commands share: settings, people and agencies by name, faults in words, progress."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from keys.catalog import Agency, Catalog, LicenseType
from keys.errors import KeysError
from registry.applications import Faulty
from registry.behind import guard
from registry.catalogs import current_catalog
from registry.config import RegistryConfig, take_environment
from registry.db import Database, open_database
from registry.errors import ConfigurationError, RegistryError
from registry.migrate import is_current
from registry.models import Officer, Register

_PROGRESS_SECONDS = 1.0

data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Data folder (default PERMITS_DATA, else `data`)."
)


@contextmanager
def faults_told() -> Iterator[None]:
    """Turn what our packages raise into clear lines and exit code 1."""
    try:
        yield
    except Faulty as error:
        lines = [f"{f.name}: {f.value!r}: {f.what.en} · {f.remedy.en}" for f in error.faults]
        raise click.ClickException("\n".join(lines)) from error
    except (RegistryError, KeysError) as error:
        raise click.ClickException(str(error)) from error
    except BrokenPipeError:
        raise  # Whoever read the output has enough of it; click ends quietly.
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'the system'}: {error.strerror or error}") from error
    except DBAPIError as error:
        said = str(error.orig).partition("\n")[0]  # Below it PostgreSQL quotes the row.
        raise click.ClickException(
            f"the database does not answer: {said} (run `permits init` to make one)"
        ) from error


def config_of(data: Path | None) -> RegistryConfig:
    """The settings, with the data folder that the command names."""
    environment = take_environment(os.environ)
    if data is not None:
        environment["PERMITS_DATA"] = str(data)
    return RegistryConfig.from_environment(environment)


def open_register(config: RegistryConfig) -> Database:
    """The database of an existing register; raises `ConfigurationError` when there is none."""
    database = open_database(config.database_url)
    if not is_current(database):
        raise ConfigurationError("the database is missing or of another release: run `permits init`")
    guard(database, config.published)
    return database


def is_founded(database: Database) -> bool:
    """Whether a register has been founded in this database, of the shape this release needs."""
    with database.reading() as session:
        return session.scalars(select(Register.id)).first() is not None


def agency_named(session: Session, slug: str) -> Agency:
    """The agency of that slug; raises `ConfigurationError`."""
    for agency in current_catalog(session).agencies.values():
        if agency.slug == slug:
            return agency
    raise ConfigurationError(f"there is no agency {slug!r}: see `permits agency list`")


def type_named(catalog: Catalog, slug: str) -> LicenseType:
    """The license type of that slug; raises `ConfigurationError`."""
    for kind in catalog.types.values():
        if kind.slug == slug:
            return kind
    known = ", ".join(kind.slug for kind in catalog.types.values())
    raise ConfigurationError(f"there is no license type {slug!r} (known: {known})")


def officer_named(session: Session, login: str) -> Officer:
    """The officer of that log-in; raises `ConfigurationError`."""
    officer = session.scalars(select(Officer).where(Officer.login == login)).one_or_none()
    if officer is None:
        raise ConfigurationError(f"there is no officer {login!r}")
    return officer


def counting(what: str) -> Callable[[int], None]:
    """Progress on stderr, at most once a second: count and rate."""
    show = sharing(what)
    return lambda count: show(count, 0)


def sharing(what: str) -> Callable[[int, int], None]:
    """Progress on stderr, at most once a second: count of total (0: unknown), rate and time left."""
    began = last = time.monotonic()

    def show(count: int, total: int) -> None:
        nonlocal last
        if not count or time.monotonic() - last < _PROGRESS_SECONDS:
            return
        last = time.monotonic()
        rate = count / max(last - began, 1e-3)
        left = f" · {max(total - count, 0) / max(rate, 1e-3):.0f} s left" if total else ""
        of = f" of {total:,}" if total else ""
        click.echo(f"{count:,}{of} {what} · {rate:,.0f}/s{left}", err=True)

    return show
