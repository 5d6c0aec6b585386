"""The look-up: code → signed statements, a disposable file that each verify host builds for itself.

What it gives is opened and proven again before it is shown; it only has to find.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from keys.errors import KeysError
from search.sqlite import connect, driver
from verify.errors import LookupAway, VerifyError
from verify.ingest import OtherLog, State, create, ingest, read_state
from verify.license import Held
from verify.published import Evidence
from verify.sources import Source

if TYPE_CHECKING:
    from sqlite3 import Connection

_POLL_SECONDS = 0.005
_MOST_STATEMENTS = 500


class _Mine(threading.local):
    connection: "Connection | None" = None
    opened: tuple[int, ...] = ()


class Lookup:
    """The file at `path`, filled from the records; safe for several threads and processes.

    One process at a time advances it, under a lock on a file beside it.
    """

    def __init__(self, path: Path, records: Source) -> None:
        self._path = path
        self._records = records
        self._mine = _Mine()
        self._busy = threading.Lock()
        self._broken = False
        self.fault: str | None = None

    def held(self, code: str) -> tuple[Held, ...]:
        """The statements on `code` in the order of the log; raises `LookupAway`."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT log_index, signed, card FROM statement WHERE code = ? ORDER BY log_index DESC LIMIT ?",
                (code, _MOST_STATEMENTS),
            ).fetchall()
        return tuple(Held(*row) for row in reversed(rows))

    def state(self, evidence: Evidence) -> State:
        """How far the look-up has come; raises `LookupAway`."""
        with self._reading() as connection:
            return read_state(connection, evidence.identity)

    def has_reached(self, evidence: Evidence) -> bool:
        """Whether all that `evidence` covers can be found."""
        try:
            return not self._broken and self.state(evidence).has_reached(evidence)
        except LookupAway:
            return False

    def catch_up(self, evidence: Evidence, *, wait: float) -> bool:
        """Whether the look-up has reached `evidence`, after waiting up to `wait` seconds for it.

        The work goes on in the background when it takes longer, in one process of the host.
        """
        if self.has_reached(evidence):
            return True
        if self._busy.acquire(blocking=False):
            threading.Thread(target=self._advance_and_release, args=(evidence,), daemon=True).start()
        until = time.monotonic() + wait
        while time.monotonic() < until:
            if self.has_reached(evidence):
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _advance_and_release(self, evidence: Evidence) -> None:
        try:
            self.advance(evidence)
        except LookupAway:
            pass  # Kept in `fault`; the next request that lacks something tries again.
        finally:
            self._busy.release()

    def advance(self, evidence: Evidence) -> None:
        """Bring the file to `evidence`, unless another process is doing so; raises `LookupAway`."""
        try:
            with self._locked() as mine:
                if mine:
                    self._fill(evidence)
            self.fault = None
        except (KeysError, VerifyError, driver.Error, OSError) as error:
            self.fault = f"{type(error).__name__}: {error}"
            raise LookupAway(self.fault) from error

    def _fill(self, evidence: Evidence) -> None:
        if not self._broken:
            try:
                with self._writing() as connection:
                    ingest(connection, self._records, evidence)
            except driver.OperationalError:  # Locked, or no room: building anew would not help.
                raise
            except (OtherLog, driver.DatabaseError):
                self._broken = True
        if self._broken:
            self._discard()
            with self._writing() as connection:
                create(connection, evidence.identity)
                ingest(connection, self._records, evidence)
            self._broken = False

    def _discard(self) -> None:
        # Readers keep the old file open and notice by its inode that there is a new one.
        for suffix in ("", "-wal", "-shm", "-journal"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator["Connection"]:
        connection = connect(self._path)
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _locked(self) -> Iterator[bool]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    @contextmanager
    def _reading(self) -> Iterator["Connection"]:
        try:
            yield self._connection()
        except (driver.Error, OSError) as error:
            damaged = isinstance(error, driver.DatabaseError) and not isinstance(
                error, driver.OperationalError
            )
            self._broken = self._broken or damaged
            raise LookupAway(f"{self._path.name}: {error}") from error

    def _connection(self) -> "Connection":
        mine, found = self._mine, self._path.stat()
        # A connection of before a fork must be left alone; one to a replaced file is of no use.
        identity = (os.getpid(), found.st_dev, found.st_ino)
        if mine.connection is None or mine.opened != identity:
            if mine.connection is not None and mine.opened[0] == os.getpid():
                with suppress(driver.Error):
                    mine.connection.close()
            mine.connection, mine.opened = connect(self._path, read_only=True), identity
        return mine.connection
