"""How fast acts are logged and published, against the bare cost of the same bytes in the same run.

    python -m bench.log              at 10,000 and 100,000 entries
    python -m bench.log --full       at 1,000,000 too

One log grows; each line is about its newest 20,000 acts or fewer.  Ours and bare take turns, a block of 2,000 acts or
a publication of 10,000 at a time, so that a busy machine slows both alike.  What lies before them came through the
same append and publish, but its statements are random bytes of the usual length: nobody waits for signatures there.

*append* is `registry.log.append` in its transaction, from drafts to the commit; *publish* is
`Services.publish`, from the commit to a signed snapshot.  Of append, *sign* is the part in `registry.log.sign_act`,
which makes and signs statements and cards: that happens with or without a log.

The bare side is plain Python without our log, database layer or publisher, over the very bytes that ours made:
*hash*, SHA-256 of each statement, card, subject, entry and node of the tree; *files*, every published file that the
publication wrote: hashed where it is named by its hash, written, synced with the others by eight threads as the
publisher does, renamed, the folders synced; and what
the register keeps of each act, in two ways: *row file*, appended to one file that is synced once a block, and
*row table*, inserted by `executemany` into a table of the same columns in WAL mode with synchronous=FULL.

`strict` is ours against hash + files + row file, `table` against hash + files + row table, and `all` the same with the
signatures on both sides; first by the clock, then in seconds of the processor, which a busy machine blurs less.  One act is its publication alone, the median of 20, beside the bare writing of the files it changes.
"""

import argparse
import hashlib
import os
import re
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, type_coerce
from sqlalchemy.types import NullType

from keys import merkle
from keys.acts import ActKind, Status
from keys.catalog import Agency, Text
from keys.code import make_code
from keys.record import LicenseRecord
from registry import founding, log
from registry.catalogs import put_type
from registry.config import RegistryConfig
from registry.db import open_database
from registry.demo.license_types import HAZARD, license_types
from registry.founding import KeyFolder
from registry.log import UNPLACED, Draft
from registry.migrate import upgrade
from registry.models import EntryRow, LogHead, table_of
from registry.rings import current_ring
from registry.services import Services
from search import sqlite

BLOCK, PUBLISHED, MEASURED, ACTS = 2_000, 10_000, 20_000, 20
NAMED_BY_HASH = re.compile(r"[0-9a-f]{64}|\.jwt$|\.cbor$")
SALT = bytes(16)
HEAD = (
    "  entries    append   publish      sign      hash     files  row file row table  entries/s"
    "  strict   table     all | cpu:    table     all   one act    bare  files"
)
HOST = "permit.example.go.th"
START = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


COLUMNS = ("append", "publish", "sign", "hash", "files", "row file", "row table")


@dataclass
class Seconds:
    """Where the time went for `entries` entries: seconds by the clock, and of the processor."""

    entries: int = 0
    written: int = 0
    clock: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def measured(self, what: str) -> Iterator[None]:
        """Add what happens inside to one of the sums."""
        began, worked = time.perf_counter(), time.process_time()
        yield
        self.clock[what] += time.perf_counter() - began
        self.cpu[what] += time.process_time() - worked

    def line(self) -> str:
        """The sums by the clock, entries a second, and the ratios of both kinds of seconds."""
        ours = self.clock["append"] + self.clock["publish"]
        shown = "".join(f"{self.clock[name]:10.2f}" for name in COLUMNS) + f"{self.entries / ours:11,.0f}"
        return shown + "".join(f"{ratio:8.2f}" for ratio in (*_ratios(self.clock), *_ratios(self.cpu)))


def _ratios(spent: Mapping[str, float]) -> tuple[float, float, float]:
    ours, bare = spent["append"] + spent["publish"], spent["hash"] + spent["files"]
    return (
        (ours - spent["sign"]) / (bare + spent["row file"]),
        (ours - spent["sign"]) / (bare + spent["row table"]),
        ours / (bare + spent["row table"] + spent["sign"]),
    )


class Clock:
    """A clock that moves a second at each look, so that snapshots follow each other."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


def register_in(folder: Path) -> Services:
    """An empty register on SQLite, with one agency."""
    folder.mkdir()
    config = RegistryConfig.from_environment({"PERMITS_DATA": str(folder), "PERMITS_HOST": HOST})
    database = open_database(config.database_url)
    upgrade(database)
    passphrase = founding.make_passphrase(config.passphrase_file)
    folders = KeyFolder(config.key_folder)
    with database.writing.begin() as session:
        lifetime = timedelta(days=400)
        vault = founding.found(session, folders, passphrase, host=HOST, lifetime=lifetime, at=START)
        put_type(session, license_types()[HAZARD])
        roots = founding.root_signers(folders, passphrase, current_ring(session))
        words = Text("เทศบาลเมืองตัวอย่าง", "Example Town")
        agency = Agency(1, "town", words, "0-2000-0000", words, (), {HAZARD: date(2026, 1, 1)})
        founding.admit(session, [agency], vault, roots, at=START)
    return Services(config, database, vault, Clock())


def draft(number: int) -> Draft:
    """One issuance, as long as a typical one."""
    record = LicenseRecord(
        act=ActKind.ISSUANCE,
        catalog=1,
        agency=1,
        license_type=HAZARD,
        code=make_code(number),
        version=1,
        number=f"12/{number}/2569",
        holder={"name": "บริษัท ก้าวหน้าการช่าง จำกัด", "id": "0105559012345"},
        premises=f"อู่ช่างพงษ์ สาขา {number}",
        address="88/4 ถนนเพชรเกษม",
        place=770701,
        fields={"activity": "พ่นสี เคาะ ปะผุ", "power": 15},
        conditions=("ห้ามพ่นสีนอกห้องพ่น",),
        issued=date(2026, 3, 2),
        valid_from=date(2026, 3, 2),
        valid_until=date(2027, 3, 1),
        signer={"name": "นายสมชาย ใจดี", "position": "นายกเทศมนตรี"},
        salt=number.to_bytes(16, "big"),
        status=UNPLACED,
        index=0,
    )
    return Draft(record, record.salt, Status.VALID, None, None, has_card=True)


Sign = Callable[..., tuple[bytes, bytes | None]]


@contextmanager
def signing(sign: Sign) -> Iterator[None]:
    """Let acts be signed so for a while."""
    before = log.sign_act
    setattr(log, before.__name__, sign)
    yield
    setattr(log, before.__name__, before)


def timed(sums: Seconds) -> Sign:
    """The register's own signing with a stop watch around each act."""
    sign = log.sign_act

    def sign_timed(*given: Any, **named: Any) -> tuple[bytes, bytes | None]:
        began, worked = time.perf_counter(), time.process_time()
        signed = sign(*given, **named)
        sums.clock["sign"] += time.perf_counter() - began
        sums.cpu["sign"] += time.process_time() - worked
        return signed

    return sign_timed


def unsigned(*_: Any, **_named: Any) -> tuple[bytes, bytes | None]:
    """As many bytes as the draft's statement and card have."""
    return os.urandom(751), os.urandom(197)


Row = tuple[Any, ...]
_COLUMNS = [column.name for column in table_of(EntryRow).columns]


def append(services: Services, drafts: list[Draft]) -> None:
    """Log drafts in a transaction of their own."""
    with services.database.writing.begin() as session:
        log.append(session, drafts, signers=services.signers(session), host=HOST, at=services.clock())


def rows_from(services: Services, start: int) -> list[Row]:
    """What the register keeps of each act from `start`, as it lies in the database."""
    table = table_of(EntryRow)
    with services.database.reading() as session:
        found = session.connection().execute(
            select(*(type_coerce(column, NullType()) for column in table.columns))
            .where(table.c.log_index >= start)
            .order_by(table.c.log_index)
        )
        return [tuple(row) for row in found]


def sync_one(path: Path) -> None:
    """Make a file or a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


class Bare:
    """The bare side: one tree, one file of rows, one table of rows, one folder of published files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.edge = merkle.Edge()
        self._folder = folder / "published"
        self._rows = (folder / "rows").open("wb")
        self._table = sqlite.connect(folder / "rows.sqlite")
        kinds = {"statement": "BLOB", "card": "BLOB", "entry": "BLOB", "leaf": "BLOB", "code": "TEXT"}
        columns = ", ".join(f"{name} {kinds.get(name, 'INTEGER')}" for name in _COLUMNS)
        self._table.execute(f"CREATE TABLE rows ({columns}, PRIMARY KEY (log_index)) STRICT")
        self._insert = f"INSERT INTO rows VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608

    def hash(self, rows: list[Row]) -> None:
        """Hash what was logged, and let the tree grow."""
        at = _COLUMNS.index
        entry, statement, card, code = at("entry"), at("statement"), at("card"), at("code")
        for row in rows:
            for content in (row[statement], row[card]):
                if content is not None:
                    hashlib.sha256(content).digest()
            if row[code] is not None:
                hashlib.sha256(SALT + row[code].encode()).digest()
            self.edge.append(merkle.leaf_hash(row[entry]))

    def write_rows(self, rows: list[Row]) -> None:
        """Append what is kept to one file, and sync it."""
        for row in rows:
            self._rows.write(b"".join([item for item in row if isinstance(item, bytes)]))
        self._rows.flush()
        os.fsync(self._rows.fileno())

    def insert_rows(self, rows: list[Row]) -> None:
        """Insert what is kept in one transaction."""
        self._table.execute("BEGIN IMMEDIATE")
        self._table.executemany(self._insert, rows)
        self._table.execute("COMMIT")

    def write_files(self, files: list[tuple[str, bytes]]) -> None:
        """Write files beside their names, sync them together, rename them, and sync their folders."""
        drafts = {}
        for path, content in files:
            if NAMED_BY_HASH.search(path):
                hashlib.sha256(content).digest()
            target = self._folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            drafts[target] = target.with_name(f".{target.name}")
            drafts[target].write_bytes(content)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(sync_one, drafts.values()))
            for target, draft_ in drafts.items():
                draft_.replace(target)
            list(threads.map(sync_one, {target.parent for target in drafts}))


class Published:
    """Which published files each publication wrote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, int] = {}

    def written(self) -> list[tuple[str, bytes]]:
        """Path and content of every file that is new or another since the last call."""
        found = []
        for path in filter(Path.is_file, self._folder.rglob("*")):
            name, moment = str(path.relative_to(self._folder)), path.stat().st_mtime_ns
            if self._seen.get(name) != moment:
                self._seen[name] = moment
                found.append((name, path.read_bytes()))
        return found


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on the disk under test, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bench-log-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class Race:
    """One log that grows, with the bare side beside it."""

    def __init__(self, folder: Path) -> None:
        self.services = register_in(folder / "register")
        self.bare = Bare(folder / "bare")
        self._published = Published(self.services.config.published.parent)
        self._kept = 0
        self.number = 0
        self.services.publish()
        self._published.written()
        self._bare_rows(Seconds())

    def fill(self, size: int) -> None:
        """Append and publish up to `size`, nothing being measured."""
        while self.number < size:
            with signing(unsigned):
                append(self.services, self._drafts(min(BLOCK, size - self.number)))
            if self.number % PUBLISHED == 0 or self.number == size:
                self.services.publish()
        with self.services.database.reading() as session:
            self.bare.edge = log.edge_of(session.scalars(select(LogHead)).one())
        self._kept = self.bare.edge.size
        self._published.written()

    def _drafts(self, count: int) -> list[Draft]:
        self.number += count
        return [draft(number) for number in range(self.number - count, self.number)]

    def grow(self, sums: Seconds, entries: int) -> None:
        """Append and publish `entries` more, both ways."""
        for start in range(0, entries, BLOCK):
            drafts = self._drafts(min(BLOCK, entries - start))
            with signing(timed(sums)), sums.measured("append"):
                append(self.services, drafts)
            self._bare_rows(sums)
        with sums.measured("publish"):
            snapshot = self.services.publish()
        files = self._published.written()
        with sums.measured("files"):
            self.bare.write_files(files)
        sums.written = len(files)
        assert snapshot.log_root == self.bare.edge.root()
        sums.entries += entries

    def _bare_rows(self, sums: Seconds) -> None:
        rows = rows_from(self.services, self._kept)
        self._kept += len(rows)
        with sums.measured("hash"):
            self.bare.hash(rows)
        with sums.measured("row file"):
            self.bare.write_rows(rows)
        with sums.measured("row table"):
            self.bare.insert_rows(rows)

    def one_act(self) -> tuple[float, float, int]:
        """Median milliseconds to publish one act, and to barely write its files; how many those are."""
        ours, bare, sums = [], [], Seconds()
        for _ in range(ACTS):
            sums = Seconds()
            self.grow(sums, 1)
            ours.append(sums.clock["publish"] * 1000)
            bare.append(sums.clock["files"] * 1000)
        return statistics.median(ours), statistics.median(bare), sums.written


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Log and publish, against bare hashing and writing.")
    parser.add_argument("--full", action="store_true", help="at 1,000,000 entries too")
    parser.add_argument("--sizes", type=int, nargs="*", help="these sizes instead")
    arguments = parser.parse_args()
    sizes = arguments.sizes or [10_000, 100_000, *([1_000_000] if arguments.full else [])]
    print(HEAD)
    with scratch() as folder:
        race = Race(folder)
        for size in sizes:
            race.fill(max(race.number, size - MEASURED))
            sums = Seconds()
            while race.number < size:
                race.grow(sums, min(PUBLISHED, size - race.number))
            print(f"{size:9,}{sums.line()}", end="", flush=True)
            ours, bare, files = race.one_act()
            print(f"{ours:10.1f}{bare:8.1f}{files:7}", flush=True)


if __name__ == "__main__":
    main()
