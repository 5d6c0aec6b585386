"""How files are opened."""

from contextlib import closing
from pathlib import Path

import pytest

from search.sqlite import connect, driver, journal_mode


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "TRUNCATE"),
        ((3, 44, 5), "TRUNCATE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 9), "TRUNCATE"),
        ((3, 50, 6), "TRUNCATE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 2), "TRUNCATE"),
        ((3, 51, 3), "WAL"),
        ((3, 53, 0), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_wal_only_where_it_is_reset_safely(version: tuple[int, int, int], mode: str) -> None:
    assert journal_mode(version) == mode


def test_a_file_is_opened_so_that_no_acknowledged_row_is_lost(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "file")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == (journal_mode().lower(),)
        expected = {
            "synchronous": 2,
            "busy_timeout": 5000,
            "foreign_keys": 1,
            "trusted_schema": 0,
            "cell_size_check": 1,
            "query_only": 0,
        }
        for pragma, value in expected.items():
            assert connection.execute(f"PRAGMA {pragma}").fetchone() == (value,), pragma


def test_a_reader_writes_nothing_and_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(driver.OperationalError):
        connect(tmp_path / "file", read_only=True)
    with closing(connect(tmp_path / "file")) as writer:
        writer.execute("CREATE TABLE t (x)")
    with closing(connect(tmp_path / "file", read_only=True)) as reader:
        assert reader.execute("PRAGMA query_only").fetchone() == (1,)
        with pytest.raises(driver.OperationalError):
            reader.execute("INSERT INTO t VALUES (1)")


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "ที่ ?mode=memory#%41"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    assert path.is_file()
