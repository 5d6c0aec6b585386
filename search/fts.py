"""An index in one SQLite file, by FTS5: fed by one process at a time, read by many."""

# ruff: noqa: S608 -- the SQL is put together from constants of this package; all values are bound.

import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Self

from search.document import STAMP, LicenseDocument
from search.errors import SearchAway, SearchDamaged
from search.find import answer
from search.fts_engine import FtsEngine
from search.query import SearchPage, SearchQuery
from search.sqlite import connect, driver
from search.store import COLUMNS, INSERT, create, document_of, row_of, tokens

__all__ = ["FtsIndex"]

_BLOCK = 1000
_FORGET = "INSERT INTO posting (posting, rowid, tokens) VALUES ('delete', ?, ?)"
_MERGE_ALL = "INSERT INTO posting (posting) VALUES ('optimize')"
_DAMAGES = frozenset({11, 26})  # SQLITE_CORRUPT and SQLITE_NOTADB.
_TAKE = "INSERT INTO posting (rowid, tokens) VALUES (?, ?)"


class _Here(threading.local):
    """What one thread holds open, and of which process and file."""

    connection: "driver.Connection | None" = None
    opened: tuple[int, int, int] = (0, 0, 0)


class FtsIndex:
    """One index file.  Threads may share it: each has its own connection, also after a fork.

    A reader may be made before the file is there: each call raises `SearchAway` until a feeder
    has made the file, and again whenever it is missing, locked for more than 5 seconds, damaged,
    or made by another analyzer.  A file that was replaced is opened anew.
    """

    def __init__(self, path: str | Path, *, read_only: bool) -> None:
        self._path = Path(path)
        self._read_only = read_only
        self._here = _Here()
        self._all: list[driver.Connection] = []
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: str | Path, *, read_only: bool) -> Self:
        """The index in the file at `path`; a writer makes the file when there is none."""
        index = cls(path, read_only=read_only)
        if not read_only:
            with index._connected():
                pass
        return index

    def cursor(self) -> int:
        """The log size that the index reflects; 0 of a new one, and for a writer of an outdated one.

        Raises `SearchAway`.
        """
        with self._connected() as connection:
            return self._state(connection)[0]

    def find(self, query: SearchQuery) -> SearchPage:
        """The codes that answer `query`.  Each text gives a page; raises `SearchAway` only."""
        with self._connected() as connection:
            connection.execute("BEGIN")  # One state of the index for all that a page takes.
            try:
                return answer(FtsEngine(connection, query, self._state(connection)[1]), query)
            finally:
                _roll_back(connection)

    def documents(self) -> Iterator[LicenseDocument]:
        """All documents in order of their codes, also those not visible; raises `SearchAway`."""
        with self._connected() as connection:
            self._state(connection)
            for row in connection.execute(f"SELECT {COLUMNS} FROM document ORDER BY code"):
                yield document_of(row)

    def size(self) -> tuple[int, int]:
        """How many visible documents there are, and the bytes of the file; raises `SearchAway`."""
        with self._connected() as connection:
            return self._state(connection)[1], self._path.stat().st_size

    def apply(self, documents: Iterable[LicenseDocument], *, cursor: int) -> None:
        """Takes `documents` and the log size `cursor` in one transaction.

        In any order and any number of times: a document that is not newer than the one held is
        left out, and the cursor never goes back.  When one that was visible no longer is, no byte
        of it stays in the file: this takes a second or two in an index of 100,000.
        Raises `SearchAway`, and then nothing is taken.
        """
        with self._connected() as connection:
            with _transaction(connection):
                if not self._current(connection):
                    create(connection, STAMP)
                hidden = _take(connection, documents, cursor)
                if hidden:  # FTS5 keeps what it was told to forget until it merges.
                    connection.execute(_MERGE_ALL)
            if hidden:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def rebuild(self, documents: Iterable[LicenseDocument], *, cursor: int) -> None:
        """Replaces all that is held by `documents` and `cursor` in one transaction.

        With WAL, readers see the old index until the new one is whole.  Raises `SearchAway`.
        """
        with self._connected() as connection:
            with _transaction(connection):
                create(connection, STAMP)
                _take(connection, documents, cursor)
                connection.execute(_MERGE_ALL)
            connection.execute("PRAGMA optimize")

    def close(self) -> None:
        """Closes the connections of all threads; a later call opens new ones."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._here = _Here()

    def _state(self, connection: "driver.Connection") -> tuple[int, int]:
        """Cursor and number of visible documents."""
        if not self._current(connection):
            if self._read_only:
                raise SearchAway(f"{self._path.name} was made by another analyzer: rebuild it")
            return 0, 0
        cursor, documents = connection.execute("SELECT cursor, documents FROM state").fetchone()
        return cursor, documents

    def _current(self, connection: "driver.Connection") -> bool:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone():
            return False
        row = connection.execute("SELECT stamp FROM state").fetchone()
        return row is not None and row[0] == STAMP

    @contextmanager
    def _connected(self) -> Iterator["driver.Connection"]:
        """This thread's connection; what SQLite raises becomes `SearchAway`."""
        try:
            yield self._connection()
        except (driver.Error, OSError) as error:
            damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGES  # The rest says how.
            raise (SearchDamaged if damaged else SearchAway)(f"{self._path.name}: {error}") from error

    def _connection(self) -> "driver.Connection":
        here = self._here
        identity = self._identity() if self._read_only or here.connection else None
        if here.connection is None or here.opened != identity:
            # After a fork the parent's connection must be left alone, not even closed.
            connection = connect(self._path, self._read_only)
            connection.execute("PRAGMA cache_size=-16000")
            if not self._read_only:
                connection.execute("PRAGMA secure_delete=ON")
            with self._lock:
                if here.connection is not None and here.opened[0] == os.getpid():
                    here.connection.close()
                    self._all.remove(here.connection)
                self._all.append(connection)
            here.connection, here.opened = connection, self._identity()
        return here.connection

    def _identity(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return os.getpid(), found.st_dev, found.st_ino


@contextmanager
def _transaction(connection: "driver.Connection") -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: "driver.Connection") -> None:
    if connection.in_transaction:  # SQLite itself may have, where the disk is full or the file damaged.
        connection.execute("ROLLBACK")


def _take(connection: "driver.Connection", documents: Iterable[LicenseDocument], cursor: int) -> int:
    """Applies `documents` inside the caller's transaction; how many are no longer visible."""
    remaining = iter(documents)
    hidden = 0
    while block := list(islice(remaining, _BLOCK)):
        newest: dict[str, LicenseDocument] = {}
        for document in block:
            held = newest.get(document.code)
            if held is None or document.version > held.version:
                newest[document.code] = document
        hidden += _take_block(connection, newest)
    connection.execute("UPDATE state SET cursor = max(cursor, ?)", (cursor,))
    return hidden


def _take_block(connection: "driver.Connection", newest: dict[str, LicenseDocument]) -> int:
    frequency: Counter[str] = Counter()
    visible = hidden = 0
    places = ", ".join("?" * len(newest))
    rows = connection.execute(f"SELECT id, {COLUMNS} FROM document WHERE code IN ({places})", tuple(newest))
    for row in rows.fetchall():
        held = document_of(row[1:])
        if held.version >= newest[held.code].version:
            del newest[held.code]
            continue
        connection.execute("DELETE FROM document WHERE id = ?", row[:1])
        if held.visible:
            terms = held.terms
            frequency.subtract(terms)
            visible -= 1
            hidden += not newest[held.code].visible
            connection.execute(_FORGET, (row[0], tokens(held, terms)))
    for document in newest.values():
        connection.execute(INSERT, row_of(document))
        if document.visible:
            terms = document.terms
            frequency.update(terms)
            visible += 1
            connection.execute(_TAKE, (document.place, tokens(document, terms)))
    _count(connection, frequency)
    connection.execute("UPDATE state SET documents = documents + ?", (visible,))
    return hidden


def _count(connection: "driver.Connection", frequency: Counter[str]) -> None:
    """Adds changes of how many documents hold a term; a term of none is forgotten."""
    connection.executemany(
        "INSERT INTO term VALUES (?, ?)"
        " ON CONFLICT (term) DO UPDATE SET documents = documents + excluded.documents",
        [(term, change) for term, change in frequency.items() if change],
    )
    connection.executemany(
        "DELETE FROM term WHERE term = ? AND documents = 0",
        [(term,) for term, change in frequency.items() if change < 0],
    )
