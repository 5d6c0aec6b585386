"""Filling the look-up: what the records say and the log confirms, and nothing else.

The records are a tree of files named by their hashes, so only what changed is read again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keys import layout, merkle
from keys.entry import parse_entry
from keys.errors import KeysError
from keys.layout import BUNDLE_ENTRIES, PAGE_BUNDLES, sha256
from keys.merkle import EMPTY_ROOT
from keys.opening import open_statement
from verify.errors import EvidenceMissing, LookupAway
from verify.published import Evidence
from verify.sources import Source

if TYPE_CHECKING:
    from search.sqlite import driver

FORMAT = "lookup/1"
LARGEST_PAGE = 1 << 20
LARGEST_MANIFEST = 16 << 20
LARGEST_RECORDS_BUNDLE = 64 << 20

SCHEMA = (
    """CREATE TABLE state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        format TEXT NOT NULL,
        identity BLOB NOT NULL,
        cursor INTEGER NOT NULL,
        root BLOB NOT NULL,
        version INTEGER NOT NULL,
        records BLOB NOT NULL
    ) STRICT""",
    "CREATE TABLE page (number INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT",
    "CREATE TABLE bundle (number INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT",
    """CREATE TABLE statement (
        log_index INTEGER PRIMARY KEY,
        code TEXT NOT NULL,
        digest BLOB NOT NULL,
        signed BLOB NOT NULL,
        card BLOB
    ) STRICT""",
    "CREATE INDEX statement_of_code ON statement (code, log_index)",
)


class OtherLog(LookupAway):
    """The file was filled from another log, or in another format: it must be built anew."""


@dataclass(frozen=True, slots=True)
class State:
    """How far a look-up has come: log size and root, and the snapshot taken in as a whole.

    `version` and `records` are those of that snapshot; 0 and empty before the first.
    """

    cursor: int
    root: bytes
    version: int
    records: bytes

    def has_reached(self, evidence: Evidence) -> bool:
        """Whether all that `evidence` covers is in the look-up."""
        snapshot = evidence.snapshot
        return self.version >= snapshot.version or (
            self.records == snapshot.records and self.cursor == snapshot.log_size
        )


def create(connection: "driver.Connection", identity: bytes) -> None:
    """Make an empty look-up for one register."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute("INSERT INTO state VALUES (1, ?, ?, 0, ?, 0, x'')", (FORMAT, identity, EMPTY_ROOT))
    connection.execute("COMMIT")


def read_state(connection: "driver.Connection", identity: bytes) -> State:
    """How far the file has come; raises `OtherLog` when it is not this register's."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone():
        raise OtherLog("the look-up is empty")
    row = connection.execute("SELECT format, identity, cursor, root, version, records FROM state").fetchone()
    if row is None or row[0] != FORMAT or row[1] != identity:
        raise OtherLog("the look-up was made for another register or in another format")
    return State(*row[2:])


def ingest(connection: "driver.Connection", records: Source, evidence: Evidence) -> None:
    """Bring the look-up to the snapshot of `evidence`; what was done before a failure stays done.

    Raises `OtherLog`, `LookupAway`, `EvidenceMissing`, `SourceAway`, or what SQLite raises.
    """
    snapshot = evidence.snapshot
    state = read_state(connection, evidence.identity)
    if state.has_reached(evidence):
        return
    if state.cursor > snapshot.log_size:
        raise LookupAway("the look-up is ahead of the evidence")
    try:
        _require_extends(state.cursor, state.root, evidence)
    except KeysError as error:
        raise OtherLog("the log does not extend what the look-up holds") from error
    size, pages = layout.parse_manifest(
        _read(records, layout.manifest_path(snapshot.records), snapshot.records, LARGEST_MANIFEST)
    )
    if size != snapshot.log_size:
        raise EvidenceMissing(f"the records cover {size} entries, the snapshot {snapshot.log_size}")
    for number, digest in _changed(connection, "page", 0, pages):
        _ingest_page(connection, records, evidence, number, digest)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "UPDATE state SET cursor = ?, root = ?, version = ?, records = ?",
        (snapshot.log_size, snapshot.log_root, snapshot.version, snapshot.records),
    )
    connection.execute("COMMIT")


def _ingest_page(
    connection: "driver.Connection", records: Source, evidence: Evidence, number: int, digest: bytes
) -> None:
    page = layout.parse_page(_read(records, layout.page_path(digest), digest, LARGEST_PAGE))
    connection.execute("BEGIN IMMEDIATE")
    try:
        for bundle, wanted in _changed(connection, "bundle", number * PAGE_BUNDLES, page.digests):
            content = _read(records, layout.bundle_path(bundle, wanted), wanted, LARGEST_RECORDS_BUNDLE)
            _ingest_bundle(connection, evidence, bundle, layout.parse_bundle(content))
            connection.execute("INSERT OR REPLACE INTO bundle VALUES (?, ?)", (bundle, wanted))
        connection.execute("INSERT OR REPLACE INTO page VALUES (?, ?)", (number, digest))
        size = min((number + 1) * layout.PAGE_ENTRIES, evidence.snapshot.log_size)
        root = merkle.tree_root(size, evidence.log.node)
        _require_extends(size, root, evidence)
        connection.execute("UPDATE state SET cursor = ?, root = ? WHERE cursor < ?", (size, root, size))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _ingest_bundle(
    connection: "driver.Connection",
    evidence: Evidence,
    number: int,
    pairs: list[tuple[bytes, bytes | None] | None],
) -> None:
    first = number * BUNDLE_ENTRIES
    span = (first, first + BUNDLE_ENTRIES)
    rows = connection.execute(
        "SELECT log_index, digest FROM statement WHERE log_index >= ? AND log_index < ?", span
    )
    held = dict(rows.fetchall())
    found = {first + offset: pair for offset, pair in enumerate(pairs) if pair is not None}
    gone = [(index,) for index in held if index not in found]
    connection.executemany("DELETE FROM statement WHERE log_index = ?", gone)
    entries = evidence.log.bundle(number) if found else []
    added = []
    for index, (signed, card) in found.items():
        digest = sha256(signed)
        if held.get(index) != digest:
            offset = index - first
            if offset >= len(entries):
                raise EvidenceMissing(f"a statement at {index} lies beyond the log")
            code = _code_of(signed, card, digest, entries[offset], evidence)
            added.append((index, code, digest, signed, card))
    connection.executemany("INSERT OR REPLACE INTO statement VALUES (?, ?, ?, ?, ?)", added)


def _code_of(signed: bytes, card: bytes | None, digest: bytes, entry: bytes, evidence: Evidence) -> str:
    """The code of a statement that its log entry holds and an agency's key signed."""
    logged = parse_entry(entry)
    if logged.statement != digest or logged.card != (None if card is None else sha256(card)):
        raise EvidenceMissing("the records hold another statement or card than the log")
    return open_statement(signed, evidence.ring).value.code


def _require_extends(size: int, root: bytes, evidence: Evidence) -> None:
    snapshot = evidence.snapshot
    proof = merkle.consistency_proof(size, snapshot.log_size, evidence.log.node)
    merkle.verify_consistency(size, snapshot.log_size, proof, root, snapshot.log_root)


def _changed(
    connection: "driver.Connection", table: str, first: int, digests: tuple[bytes, ...]
) -> Iterator[tuple[int, bytes]]:
    query = f"SELECT digest FROM {table} WHERE number = ?"  # noqa: S608 - one of two names above
    for number, digest in enumerate(digests, start=first):
        row = connection.execute(query, (number,)).fetchone()
        if row is None or row[0] != digest:
            yield number, digest


def _read(source: Source, path: str, digest: bytes, limit: int) -> bytes:
    content = source.read(path, limit=limit)
    if sha256(content) != digest:
        raise EvidenceMissing(f"{path} is not the file that its name says")
    return content
