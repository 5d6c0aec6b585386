"""The migrations make exactly the tables of the models, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text, update

from registry.applications import number_key
from registry.db import open_database
from registry.migrate import is_current, upgrade
from registry.models import LicenseRow, Tables
from registry.services import Services
from search import sqlite
from tests.registry.founded import Clock, found_at, founded, issue


def test_migrations_and_models_agree(database_url: str):
    database = open_database(database_url)
    assert not is_current(database)
    upgrade(database)
    upgrade(database)
    assert is_current(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Tables.metadata) == []
    database.engine.dispose()


def test_a_register_is_founded_and_issues_on_either_database(database_url: str, tmp_path: Path):
    services = found_at(tmp_path, database_url, Clock())
    (done,) = issue(services, 1)
    snapshot = services.publish()
    assert snapshot.log_size == done.index + 1
    services.database.engine.dispose()


def test_numbers_of_an_older_register_get_their_keys_anew(small_register: Services):
    services = small_register
    (done,) = issue(services, 1)
    old = update(LicenseRow).values(number_key="1212569")
    with services.database.engine.begin() as connection:
        connection.execute(old)
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
    upgrade(services.database)
    with services.database.reading() as session:
        row = session.get_one(LicenseRow, done.code)
    assert row.number_key == number_key(row.number) == "12/1/2569"


def test_sqlite_is_opened_in_the_mode_that_loses_no_acknowledged_act(tmp_path: Path):
    database = open_database(f"sqlite:///{tmp_path / 'register.sqlite'}")
    with database.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert str(connection.scalar(text("PRAGMA journal_mode"))).upper() == sqlite.journal_mode()
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    assert sqlite.journal_mode((3, 40, 1)) == "TRUNCATE"
    assert sqlite.journal_mode((3, 51, 2)) == "TRUNCATE"
    assert sqlite.journal_mode((3, 51, 3)) == "WAL"


def test_sqlite_writers_queue_instead_of_failing(tmp_path: Path):
    services = founded(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        done = [issued[0] for issued in pool.map(lambda n: issue(services, n), range(1, 41))]
    indexes = sorted(d.index for d in done)
    assert indexes == list(range(indexes[0], indexes[0] + 40))
