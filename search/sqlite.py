"""The one place that chooses the SQLite driver and how a file is opened.

The bundled driver comes first because SQLite 3.7.0 to 3.51.2 can damage a WAL file when two
connections reset it at once; on such a version files are opened with a rollback journal instead.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Both modules have one interface; only the standard one is typed.
    import sqlite3 as driver
else:
    try:
        import pysqlite3.dbapi2 as driver
    except ImportError:
        import sqlite3 as driver

__all__ = ["BUSY_SECONDS", "busy_timeout", "connect", "driver", "journal_mode"]

# Without an adapter the driver asks each blob and each NULL in vain how it wants to be stored, which
# takes five times as long as storing a row of them.  These two give back what they were given.
driver.register_adapter(bytes, bytes)
driver.register_adapter(type(None), lambda nothing: nothing)

BUSY_SECONDS = 5
_WAL_IS_SAFE_FROM = (3, 51, 3)
# The older release lines to which the repair was carried back: line -> first good patch.
_WAL_REPAIRED_IN = {(3, 44): 6, (3, 50): 7}


def journal_mode(version: tuple[int, ...] = driver.sqlite_version_info) -> str:
    """`WAL` where SQLite's `version` resets it safely, else `TRUNCATE`.

    With `synchronous=FULL`, which `connect` sets, neither loses an acknowledged transaction
    when the power fails.
    """
    if version >= _WAL_IS_SAFE_FROM:
        return "WAL"
    patch = _WAL_REPAIRED_IN.get((version[0], version[1]))
    return "WAL" if patch is not None and version[2] >= patch else "TRUNCATE"


def connect(path: str | Path, read_only: bool = False) -> "driver.Connection":  # noqa: FBT001, FBT002
    """A connection to the file at `path`, made when it is missing unless `read_only`.

    It is in autocommit: a writer begins with `BEGIN IMMEDIATE` and commits itself.  A lock is
    waited for up to 5 seconds.  A connection may be closed, but not used, by another thread.
    Raises `driver.Error` when the file cannot be opened.
    """
    mode = "ro" if read_only else "rwc"
    connection = driver.connect(
        f"{Path(path).absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
    )
    try:
        pragmas = [
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "mmap_size=0",
            "query_only=ON" if read_only else f"journal_mode={journal_mode()}",
            "synchronous=FULL",
        ]
        busy_timeout(connection, BUSY_SECONDS)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def busy_timeout(connection: "driver.Connection", seconds: int) -> None:
    """Let the connection wait so long for a lock that another one holds."""
    connection.execute(f"PRAGMA busy_timeout={1000 * seconds}").fetchall()
