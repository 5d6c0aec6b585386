"""Bringing a database to the shape that this release needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from registry.db import Database
from registry.errors import ConfigurationError


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database) -> None:
    """Run the migrations that the database lacks, all in one transaction; harmless to repeat."""
    with database.engine.begin() as connection:
        upgrade_within(connection)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision` in the caller's transaction.

    Raises `ConfigurationError` for a revision that this release does not know.
    """
    try:
        command.upgrade(alembic_config(connection), revision)
    except CommandError as error:
        raise ConfigurationError(f"tables of another release: {error}") from error


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables that are there."""
    found: str | None = MigrationContext.configure(connection).get_current_revision()
    return found


def is_current(database: Database) -> bool:
    """Whether the database has the shape this release needs."""
    with database.engine.connect() as connection:
        return (
            revision_of(connection)
            == ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
        )
