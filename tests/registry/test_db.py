"""How the register's database is written to: one writer after the other, rows as the driver takes them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from sqlalchemy import text

from registry.db import Database, open_database


def _database(folder: Path) -> Database:
    database = open_database(f"sqlite:///{folder / 'file.sqlite'}")
    with database.writing.begin() as session:
        session.execute(text("CREATE TABLE t (n)"))
    return database


def test_a_writer_waits_until_the_one_before_is_through(tmp_path: Path):
    database, waiting = _database(tmp_path), Event()

    def second() -> int:
        waiting.set()
        with database.writing.begin() as session:
            found: int = session.execute(text("SELECT count(*) FROM t")).scalar_one()
        return found

    with ThreadPoolExecutor(1) as threads:
        with database.writing.begin() as session:
            session.execute(text("INSERT INTO t VALUES (1)"))  # Only now the lock is taken.
            found = threads.submit(second)
            waiting.wait()
        assert found.result() == 1


def test_a_connection_waits_for_other_locks_as_long_as_before(tmp_path: Path):
    with _database(tmp_path).writing.begin() as session:
        assert session.execute(text("PRAGMA busy_timeout")).scalar_one() == 5000
