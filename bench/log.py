"""How fast acts are logged and published, against bare hashing and file writing of the same bytes.

    python -m bench.log              10,000 and 100,000 entries
    python -m bench.log --full       1,000,000 too

Both sides run in turn in one process. *Bare* takes the very bytes: SHA-256 over every statement and card,
over every entry as a leaf and every node of the tree; what the database keeps written to one file, synced
once a block; and each published file written, synced and renamed.
*Log* is from drafts to a signed snapshot: what is signed, the database, tiles, records and lists.
The signatures are measured apart, since a statement is signed whether or not there is a log.
"""

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from keys import merkle
from keys.acts import ActKind, Status
from keys.card import card_of
from keys.catalog import Agency, Text
from keys.code import make_code
from keys.opening import sign_card, sign_statement
from keys.record import LicenseRecord, StatusRef
from keys.signing import SeedSigner
from registry import founding, log
from registry.catalogs import put_type
from registry.config import RegistryConfig
from registry.db import open_database
from registry.demo.license_types import HAZARD, license_types
from registry.founding import KeyFolder
from registry.log import UNPLACED, Draft
from registry.migrate import upgrade
from registry.models import EntryRow
from registry.rings import current_ring
from registry.services import Services

BLOCK = 2_000
HOST = "permit.example.go.th"
START = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Figures:
    """Seconds for one size of log."""

    size: int
    append: float
    publish: float
    signing: float
    bare: float
    one_act: float

    @property
    def publishing(self) -> float:
        """Publishing alone against the bare cost of the same bytes."""
        return self.publish / self.bare

    @property
    def ratio(self) -> float:
        """Logging and publishing, without what signing alone costs, against the bare cost."""
        return (self.append + self.publish - self.signing) / self.bare


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
    return Draft(record, record.salt, Status.VALID, None, has_card=True)


def append(services: Services, numbers: range) -> None:
    """Log issuances in blocks of `BLOCK`."""
    for start in range(numbers.start, numbers.stop, BLOCK):
        drafts = [draft(n) for n in range(start, min(start + BLOCK, numbers.stop))]
        with services.database.writing.begin() as session:
            log.append(session, drafts, signers=services.signers(session), host=HOST, at=services.clock())


def timed(run: Callable[[], object]) -> float:
    """Seconds that `run` takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def sign_alone(count: int) -> None:
    """Make and sign as many statements and cards, and do nothing with them."""
    signer = SeedSigner(b"s" * 32)
    for number in range(count):
        record = draft(number).statement
        assert isinstance(record, LicenseRecord)
        record = replace(record, index=number, status=StatusRef(2026, 1, number % 65_536))
        sign_statement(record, signer)
        sign_card(card_of(record, host=HOST), signer)


Row = tuple[bytes, bytes, bytes]


def bare(folder: Path, files: list[tuple[Path, bytes]], rows: list[Row]) -> bytes:
    """Hash what was logged to a root, keep it in a file, and write every published file; all synced."""
    folder.mkdir()
    with (folder / "rows").open("wb") as kept:
        for start in range(0, len(rows), BLOCK):
            for entry, statement, card in rows[start : start + BLOCK]:
                hashlib.sha256(statement).digest()
                hashlib.sha256(card).digest()
                kept.write(entry + statement + card)
            kept.flush()
            os.fsync(kept.fileno())
    root = merkle.root_of(merkle.leaf_hash(row[0]) for row in rows)
    folders = set()
    for path, content in files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
        folders.add(target.parent)
    for parent in folders:
        descriptor = os.open(parent, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    return root


def published(services: Services) -> tuple[list[tuple[Path, bytes]], list[Row]]:
    """Every published file, and what the log holds, in its order."""
    folder = services.config.published.parent
    files = [(p.relative_to(folder), p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()]
    with services.database.reading() as session:
        found = session.execute(
            select(EntryRow.entry, EntryRow.statement, EntryRow.card).order_by(EntryRow.log_index)
        ).all()
    return files, [(row.entry, row.statement or b"", row.card or b"") for row in found]


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on the disk under test, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bench-log-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def measure(size: int) -> Figures:
    """One log of `size` entries: appended, published, then the same bytes barely hashed and written."""
    with scratch() as folder:
        services = register_in(folder / "register")
        services.publish()
        appending = timed(lambda: append(services, range(size)))
        roots: list[bytes] = []
        publishing = timed(lambda: roots.append(services.publish().log_root))
        files, rows = published(services)
        hashing = timed(lambda: roots.append(bare(folder / "bare", files, rows)))
        assert roots[0] == roots[1]
        signing = timed(lambda: sign_alone(size))
        acts = []
        for number in range(size, size + 20):
            append(services, range(number, number + 1))
            acts.append(timed(services.publish))
    return Figures(size, appending, publishing, signing, hashing, sorted(acts)[len(acts) // 2])


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Log and publish, against bare hashing and writing.")
    parser.add_argument("--full", action="store_true", help="1,000,000 entries too")
    parser.add_argument("--sizes", type=int, nargs="*", help="these sizes instead")
    arguments = parser.parse_args()
    sizes = arguments.sizes or [10_000, 100_000, *([1_000_000] if arguments.full else [])]
    print(
        "  entries   append  publish  signing     bare  publish/bare  (all-signing)/bare  entries/s  one act"
    )
    for size in sizes:
        f = measure(size)
        print(
            f"{f.size:9,}{f.append:8.2f}s{f.publish:8.2f}s{f.signing:8.2f}s{f.bare:8.2f}s"
            f"{f.publishing:14.2f}{f.ratio:19.2f}{f.size / (f.append + f.publish):11,.0f}{f.one_act * 1000:7.1f}ms"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
