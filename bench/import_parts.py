"""The parts of `bench.import`, each run in a process of its own: `python -m bench.import_parts PART FOLDER FILE`."""

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.log import HOST
from keys import merkle
from keys.catalog import Agency, Text
from keys.dates import bangkok_date
from keys.signing import SeedSigner
from registry import acts, founding
from registry.applications import Application
from registry.catalogs import current_catalog, put_type
from registry.config import RegistryConfig
from registry.db import open_database
from registry.demo.license_types import HAZARD, license_types
from registry.drafts import Authority
from registry.feed import FACTS
from registry.founding import KeyFolder
from registry.intake.batches import Missing, Options, Release
from registry.intake.columns import map_sheet, read_mapping
from registry.intake.entering import enter_batch
from registry.intake.filing import BLOCK, Filing
from registry.intake.proposing import propose
from registry.intake.releasing import release
from registry.migrate import upgrade
from registry.models import LicenseRow
from registry.rings import RING_LIFETIME, current_ring
from registry.services import Services, now
from search import sqlite, store
from search.document import STAMP, LicenseDocument, analyze

HEADER = ("number", "holder", "holder_id", "premises", "address", "place", "valid_from", "field.activity")
_BLOCK = 700  # No less than an import enters at a time.
_SIGNATURE = 64
_ONE_ACT_EVERY = 0.1
_TABLES = ("batch_rows", "log_entries", "licenses", "tree_nodes")
_PROPOSED = "proposed.sqlite"
_MARK = "UPDATE batch_rows SET code = ?, log_index = ?, application = NULL WHERE batch = ? AND position = ?"


def write_file(path: Path, rows: int) -> None:
    """A file of this many licenses, each with another number, in windows-874 as agencies write it."""
    with path.open("w", encoding="cp874", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADER)
        for n in range(rows):
            lines.writerow(
                (
                    f"{n % 90 + 1}/{n}/2569",
                    f"บริษัท ก้าวหน้าการช่าง {n % 997} จำกัด",
                    "0105558004940",
                    f"อู่ช่างพงษ์ สาขา {n}",
                    f"{n % 300}/{n % 7} ถนนเพชรเกษม",
                    "770701",
                    f"{n % 28 + 1}/1/2569",
                    "พ่นสี เคาะ ปะผุ",
                )
            )


def found(folder: Path) -> None:
    """An empty register on SQLite, with one agency."""
    folder.mkdir()
    config = _config(folder)
    database = open_database(config.database_url)
    upgrade(database)
    passphrase, folders, at = (
        founding.make_passphrase(config.passphrase_file),
        KeyFolder(config.key_folder),
        now(),
    )
    with database.writing.begin() as session:
        vault = founding.found(session, folders, passphrase, host=HOST, lifetime=RING_LIFETIME, at=at)
        put_type(session, license_types()[HAZARD])
        roots = founding.root_signers(folders, passphrase, current_ring(session))
        words = Text("เทศบาลเมืองตัวอย่าง", "Example Town")
        agency = Agency(1, "town", words, "0-2000-0000", words, (), {HAZARD: date(2026, 1, 1)})
        founding.admit(session, [agency], vault, roots, at=at)
    Services(config, database, vault).publish()


def _config(folder: Path) -> RegistryConfig:
    return RegistryConfig.from_environment({"PERMITS_DATA": str(folder), "PERMITS_HOST": HOST})


def _silent(_count: int, _total: int) -> None:
    pass


# --- the parts, each run in a process of its own ------------------------------------------------


def part_import(folder: Path, file: Path) -> None:
    """From the file to the snapshot."""
    services = Services.open(_config(folder))
    with _timed() as spent:
        with services.database.reading() as session:
            catalog = current_catalog(session)
        kind = catalog.types[HAZARD]
        options = Options(Release.ALL_OR_NOTHING, Missing.LEAVE)
        filing = Filing(map_sheet(file, read_mapping(None, kind)), kind, catalog.agencies[1], options)
        database, clock = services.database, services.clock
        number = propose(database, services.office, filing, None, clock=clock, progress=_silent)
        spent.lap("propose")
        with spent.paused():
            _keep_proposed(folder)
        with services.database.writing.begin() as session:
            release(session, number, None, office=services.office(session), at=services.clock())
        done = enter_batch(database, services.office, number, clock=clock, progress=_silent)
        spent.lap("enter")
        services.publish()
        spent.lap("publish")
    spent.tell(entered=done.entered)


def _keep_proposed(folder: Path) -> None:
    # What a row of the batch says is emptied when it is entered, and the bare loop wants its bytes.
    database = sqlite.connect(folder / "register.sqlite")
    database.execute("ATTACH ? AS kept", (str(folder / _PROPOSED),))
    database.execute("CREATE TABLE kept.batch_rows AS SELECT * FROM main.batch_rows")
    database.close()


def part_bare(folder: Path, file: Path) -> None:
    """The same signatures, hashes, inserts and file writes, and nothing else."""
    source = sqlite.connect(folder / "register.sqlite", read_only=True)
    source.execute("ATTACH ? AS kept", (str(folder / _PROPOSED),))
    kept = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in _TABLES[1:]}  # noqa: S608
    kept["batch_rows"] = source.execute("SELECT * FROM kept.batch_rows").fetchall()
    kept["marks"] = source.execute("SELECT code, log_index, batch, position FROM main.batch_rows").fetchall()
    shapes = source.execute("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    names = [column[1] for column in source.execute("PRAGMA table_info(log_entries)")]
    at = {name: names.index(name) for name in ("entry", "statement", "card")}
    published = folder / "published"
    files = [(p.relative_to(published), p.read_bytes()) for p in published.rglob("*") if p.is_file()]
    target = folder / "bare"
    target.mkdir()
    with _timed() as spent:
        with file.open(encoding="cp874", newline="") as lines:
            read = sum(1 for _ in csv.DictReader(lines))
        signer, edge = SeedSigner(b"s" * 32), merkle.Edge()
        for row in kept["log_entries"]:
            for signed in (row[at["statement"]], row[at["card"]]):
                if signed is not None:
                    signer.sign(signed[:-_SIGNATURE])
                    sha256(signed).digest()
            edge.append(merkle.leaf_hash(row[at["entry"]]))
        spent.lap("sign and hash")
        _insert(target / "bare.sqlite", [sql for name, sql in shapes if name in _TABLES], kept)
        spent.lap("insert")
        _write(target, files)
        spent.lap("files")
    spent.tell(entered=read)


def _insert(path: Path, shapes: list[str], kept: dict[str, list[Any]]) -> None:
    database = sqlite.connect(path)
    database.execute("PRAGMA foreign_keys=OFF")
    for sql in shapes:
        database.execute(sql)
    proposed, entries, licenses = kept["batch_rows"], kept["log_entries"], kept["licenses"]
    for start in range(0, len(proposed), BLOCK):
        database.execute("BEGIN IMMEDIATE")
        _insert_rows(database, "batch_rows", proposed[start : start + BLOCK])
        database.execute("COMMIT")
    for start in range(0, len(entries), _BLOCK):
        database.execute("BEGIN IMMEDIATE")
        _insert_rows(database, "log_entries", entries[start : start + _BLOCK])
        _insert_rows(database, "licenses", licenses[start : start + _BLOCK])
        if not start:
            _insert_rows(database, "tree_nodes", kept["tree_nodes"])
        database.executemany(_MARK, kept["marks"][start : start + _BLOCK])
        database.execute("COMMIT")
    database.close()


def _insert_rows(database: Any, table: str, rows: list[Any]) -> None:
    if rows:
        places = ",".join("?" * len(rows[0]))
        database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608


def _write(target: Path, files: list[tuple[Path, bytes]]) -> None:
    folders = set()
    for path, content in files:
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(f".{place.name}")
        with beside.open("wb", buffering=0) as file:
            file.write(content)
            os.fsync(file.fileno())
        beside.replace(place)
        folders.add(place.parent)
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def part_feed(folder: Path, _file: Path) -> None:
    """Both search indexes, as the follower brings them up."""
    services = Services.open(_config(folder))
    with _timed() as spent:
        services.feed()
    spent.tell()


def part_bare_feed(folder: Path, _file: Path) -> None:
    """The same texts analyzed, the same rows and tokens inserted into empty files of the same shape."""
    services = Services.open(_config(folder))
    with _timed() as spent:
        for audience, facts in FACTS.items():
            index = sqlite.connect(folder / "bare" / f"{audience}.sqlite")
            store.create(index, STAMP)
            with services.database.reading() as session:
                catalog, today = current_catalog(session), bangkok_date(now())
                rows = session.scalars(select(LicenseRow).execution_options(yield_per=_BLOCK))
                for block in rows.partitions():
                    documents = [analyze(facts(row, catalog, today)) for row in block]
                    _insert_documents(index, documents)
            index.close()
    spent.tell()


def _insert_documents(index: Any, documents: list[LicenseDocument]) -> None:
    index.execute("BEGIN IMMEDIATE")
    index.executemany(store.INSERT, [store.row_of(document) for document in documents])
    index.executemany(
        "INSERT INTO posting (rowid, tokens) VALUES (?, ?)",
        [(one.place, store.tokens(one, one.terms)) for one in documents if one.visible],
    )
    index.execute("COMMIT")


def part_acts(folder: Path, _file: Path) -> None:
    """Single issues, one each 100 ms, until the folder's `stop` is there; tells their latencies."""
    services = Services.open(_config(folder))
    with services.database.reading() as session:
        office = services.office(session)
    waits = list[float]()
    number = 0
    while not (folder / "stop").exists():
        number += 1
        one = Application(
            1, HAZARD, f"99/{number}/2570", date(2026, 3, 1), None, holder="นาย ก", premises="ร้าน"
        )
        began = time.perf_counter()
        with services.database.writing.begin() as session:
            acts.issue(session, [one], office=office, authority=Authority(None), at=datetime.now(UTC))
        waits.append(time.perf_counter() - began)
        time.sleep(_ONE_ACT_EVERY)
    print(json.dumps({"waits": waits}))


PARTS: dict[str, Callable[[Path, Path], None]] = {
    "import": part_import,
    "bare": part_bare,
    "feed": part_feed,
    "bare-feed": part_bare_feed,
    "acts": part_acts,
}


class _Spent:
    """Seconds of clock and processor, lap by lap, and the process's peak of memory."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        # Unlocking the keys has taken 256 MB for a moment: the peak is counted from here.
        Path("/proc/self/clear_refs").write_text("5", "ascii")
        self.before = _memory("VmRSS")
        self.began = self.last = time.perf_counter()
        self.worked = time.process_time()
        self.seconds = self.cpu = 0.0

    def lap(self, name: str) -> None:
        moment = time.perf_counter()
        self.laps[name], self.last = moment - self.last, moment

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What is done meanwhile counts for nothing."""
        began, worked = time.perf_counter(), time.process_time()
        yield
        took = time.perf_counter() - began
        self.began, self.last = self.began + took, self.last + took
        self.worked += time.process_time() - worked

    def stop(self) -> None:
        self.seconds = time.perf_counter() - self.began
        self.cpu = time.process_time() - self.worked

    def tell(self, **more: int) -> None:
        found = {"seconds": self.seconds, "cpu": self.cpu, "laps": self.laps, "before": self.before}
        print(json.dumps({**found, "peak": _memory("VmHWM"), **more}))


@contextmanager
def _timed() -> Iterator[_Spent]:
    spent = _Spent()
    yield spent
    spent.stop()


def _memory(name: str) -> float:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


if __name__ == "__main__":
    PARTS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
