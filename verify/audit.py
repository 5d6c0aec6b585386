"""The audit: replays the whole log from published files and says exactly what is wrong, and where.

It trusts the pinned ring and nothing else, and needs neither the register nor its database.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from keys import layout, merkle
from keys.checkpoint import LARGEST_NOTE, Checkpoint, open_checkpoint
from keys.cosignature import WitnessKey, open_witnessed
from keys.entry import parse_entry
from keys.errors import KeysError
from keys.keyring import LARGEST_RING, KeyRing, Role
from keys.statuslist import LARGEST_LIST_JWT
from keys.tiles import TILE_WIDTH, entries_path, entry_bundle, parse_bundle, tile_path
from verify.deniedsets import DeniedSetsAudit
from verify.errors import SourceAway
from verify.keyacts import KeyActs, check_key_acts
from verify.logreader import LARGEST_BUNDLE, LogReader
from verify.older import check_older_files, check_older_records, check_partials, partial_widths
from verify.published import Evidence, EvidenceWatch
from verify.records import RecordsAudit
from verify.replay import Replay
from verify.sources import Source

Progress = Callable[[int, int], None]
_MOST_FINDINGS = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: the file or the log index, and what."""

    where: str
    what: str


@dataclass
class Report:
    """What an audit looked at and what it found; nothing found is what an honest register gives."""

    findings: list[Finding] = field(default_factory=list)
    log_size: int = 0
    licenses: int = 0
    lists: int = 0
    statements: int = 0
    snapshot_version: int | None = None
    moment: datetime | None = None

    def add(self, where: str, what: str) -> None:
        """Keep a finding; a log that is wrong throughout need not be listed throughout."""
        if not self.full:
            self.findings.append(Finding(where, what))

    @property
    def full(self) -> bool:
        """Whether there are more findings than anybody reads."""
        return len(self.findings) >= _MOST_FINDINGS


def audit(
    public: Source,
    *,
    at: datetime,
    records: Source | None = None,
    pinned: bytes | None = None,
    progress: Progress | None = None,
    saved: Sequence[bytes] = (),
    witnesses: Sequence[WitnessKey] = (),
    quorum: int = 0,
) -> Report:
    """The report on what is published; `progress` is told entries done and entries in all.

    Without `pinned`, trust begins with the first ring that the source itself has.  `saved` are
    checkpoints seen before, each of which the log must extend; `quorum` of `witnesses` must have
    cosigned the published one.
    """
    report = Report()
    watching = EvidenceWatch(public, pinned)
    evidence = watching.current(at)
    if evidence is None:
        report.add(layout.SNAPSHOT, f"cannot be taken as evidence: {watching.fault}")
        return report
    report.snapshot_version, report.moment = evidence.snapshot.version, evidence.moment
    if at < evidence.moment:
        report.add(layout.SNAPSHOT, f"its moment {evidence.moment.isoformat()} lies in the future")
    checkpoint = _checkpoint(public, evidence, report, witnesses, quorum)
    of_records = RecordsAudit(records, evidence, report.add) if records is not None else None
    walk = _Walk(public, evidence, checkpoint, report, of_records)
    walk.run(_saved_roots(saved, evidence.ring, checkpoint, report), progress)
    _check_current_files(public, evidence, report)
    check_older_files(public, evidence, report.add, witnesses)
    if of_records is not None and records is not None:
        check_older_records(records, report.add)
        report.statements = of_records.statements
    return report


def _checkpoint(
    public: Source, evidence: Evidence, report: Report, witnesses: Sequence[WitnessKey], quorum: int
) -> Checkpoint:
    """The published checkpoint, or one of the snapshot's size where that cannot be used."""
    snapshot, ring = evidence.snapshot, evidence.ring
    ours = Checkpoint(ring.origin, snapshot.log_size, snapshot.log_root)
    keys = [key.public for key in ring.with_role(Role.LOG) if evidence.good_size(key) is None]
    try:
        note = public.read(layout.CHECKPOINT, limit=LARGEST_NOTE)
        checkpoint = open_witnessed(note, ring.origin, keys, witnesses, quorum=quorum)
    except (KeysError, SourceAway) as error:
        report.add(layout.CHECKPOINT, f"{type(error).__name__}: {error}")
        return ours
    # A stop between checkpoint and snapshot leaves a newer checkpoint, never an older one.
    if checkpoint.size < ours.size:
        report.add(layout.CHECKPOINT, f"covers {checkpoint.size} entries, the snapshot {ours.size}")
        return ours
    return checkpoint


def _saved_roots(
    saved: Sequence[bytes], ring: KeyRing, checkpoint: Checkpoint, report: Report
) -> dict[int, set[bytes]]:
    """What the log's root must have been at each size that a saved checkpoint is of."""
    keys = [key.public for key in ring.with_role(Role.LOG)]
    roots: dict[int, set[bytes]] = {}
    for number, note in enumerate(saved, 1):
        where = f"saved checkpoint {number}"
        try:
            old = open_checkpoint(note, ring.origin, keys)
        except KeysError as error:
            report.add(where, f"{type(error).__name__}: {error}")
            continue
        if old.size > checkpoint.size:
            report.add(where, f"covers {old.size} entries, what is published only {checkpoint.size}")
        roots.setdefault(old.size, set()).add(old.root)
    return roots


class _Walk:
    """One pass over the log: bundles, tiles of every level, roots, rules, lists, records."""

    def __init__(
        self,
        public: Source,
        evidence: Evidence,
        checkpoint: Checkpoint,
        report: Report,
        records: RecordsAudit | None,
    ) -> None:
        self._public, self._evidence, self._checkpoint = public, evidence, checkpoint
        self._records, self._report = records, report
        self._edge, self._replay = merkle.Edge(), Replay()
        self._key_acts: dict[bytes, KeyActs] = {}
        self._denied_sets = DeniedSetsAudit(evidence, report.add)
        self._rows: list[list[bytes]] = [[]]  # Per level, the hashes of the tile being filled.
        self._written = [0]  # Per level, the number of that tile.
        self._partials = partial_widths(public)
        self._saved: Mapping[int, set[bytes]] = {}

    def run(self, saved: Mapping[int, set[bytes]], progress: Progress | None) -> None:
        """Walk to the checkpoint's size; every finding goes into the report.

        `saved` gives for some sizes the roots that the log had.
        """
        size, self._saved = self._checkpoint.size, saved
        if self._evidence.snapshot.log_size == 0:
            self._at_snapshot()
        reader = LogReader(self._public, size, self._checkpoint.root)
        for number in range(-(-size // TILE_WIDTH)):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            for content in self._bundle(reader, number, width):
                self._take(content)
            if progress is not None:
                progress(self._edge.size, size)
            if self._report.full:
                # Whoever signs for a log of any size must not keep the audit busy for ever.
                what = f"so much is wrong that the audit stopped after {self._edge.size} of {size} entries"
                self._report.findings.append(Finding(layout.CHECKPOINT, what))
                return
        self._close_tiles()
        self._denied_sets.close()
        if self._records is not None:
            self._records.close()
        if self._edge.size == size and self._edge.root() != self._checkpoint.root:
            self._report.add(layout.CHECKPOINT, "its root is not that of the published entries")
        self._report.log_size, self._report.licenses = self._edge.size, self._replay.licenses

    def _bundle(self, reader: LogReader, number: int, width: int) -> list[bytes | None]:
        """The entries of a bundle; what is missing is None, so that the indexes behind it stay right."""
        path = f"log/{entries_path(number, width)}"
        try:
            entries = parse_bundle(reader.read(path, LARGEST_BUNDLE))
        except (KeysError, SourceAway) as error:
            self._report.add(path, f"{type(error).__name__}: {error}")
            return [None] * width
        if len(entries) != width:
            self._report.add(path, f"holds {len(entries)} entries instead of {width}")
        parts = [entry_bundle([entry]) for entry in entries]
        check_partials(self._public, path, parts, self._partials, self._report.add)
        return [*entries, *[None] * width][:width]

    def _take(self, content: bytes | None) -> None:
        index, snapshot = self._edge.size, self._evidence.snapshot
        leaf = merkle.leaf_hash(content or b"")
        self._edge.append(leaf)
        self._add_to_tile(0, leaf)
        try:
            entry = parse_entry(content) if content is not None else None
        except KeysError as error:
            self._report.add(f"log index {index}", str(error))
            entry = None
        if entry is None:
            self._replay.size += 1
        else:
            for what in self._replay.read(entry):
                self._report.add(f"log index {index}", what)
            if self._records is not None and index < snapshot.log_size:
                self._records.check(index, entry)
            self._denied_sets.take(index, entry)
            if entry.thumbprint is not None and index < snapshot.log_size:
                self._key_acts.setdefault(entry.thumbprint, KeyActs()).take(index, entry)
        if self._edge.size == snapshot.log_size:
            self._at_snapshot()
        if self._edge.size in self._saved and self._saved[self._edge.size] != {self._edge.root()}:
            self._report.add(f"log index {index}", "a saved checkpoint has another root up to here")

    def _at_snapshot(self) -> None:
        if self._edge.root() != self._evidence.snapshot.log_root:
            self._report.add(layout.SNAPSHOT, "its root is not that of the published entries")
        for where, what in _list_findings(self._evidence, self._replay):
            self._report.add(where, what)
        self._report.lists = len(self._evidence.lists)
        check_key_acts(self._public, self._evidence, self._key_acts, self._report.add)

    # --- tiles ------------------------------------------------------------------------------

    def _add_to_tile(self, level: int, node: bytes) -> None:
        if level == len(self._rows):
            self._rows.append([])
            self._written.append(0)
        row = self._rows[level]
        row.append(node)
        if len(row) == TILE_WIDTH:
            self._compare(tile_path(level, self._written[level]), row)
            self._rows[level] = []
            self._written[level] += 1
            self._add_to_tile(level + 1, merkle.perfect_root(row))

    def _close_tiles(self) -> None:
        for level, row in enumerate(self._rows):
            if row:
                self._compare(tile_path(level, self._written[level], len(row)), row)

    def _compare(self, path: str, row: list[bytes]) -> None:
        path = f"log/{path}"
        try:
            content = self._public.read(path, limit=TILE_WIDTH * merkle.HASH_BYTES)
        except SourceAway as error:
            self._report.add(path, str(error))
            return
        if content != b"".join(row):
            self._report.add(path, "its hashes are not those of the entries")
        check_partials(self._public, path, row, self._partials, self._report.add)


def _list_findings(evidence: Evidence, replay: Replay) -> Iterator[tuple[str, str]]:
    """Where the lists that the snapshot names differ from what the entries say."""
    for name in sorted(replay.lists.keys() - evidence.lists.keys(), key=str):
        yield layout.LIST_INDEX, f"list {name.path()} is missing"
    for name, published in evidence.lists.items():
        where = layout.list_path(name, published.version)
        state = replay.lists.get(name)
        if state is None:
            yield where, "no entry has a position in this list"
            continue
        if state.touched >= published.log_size:
            yield where, f"reflects {published.log_size} entries, but entry {state.touched} changed it"
        if bytes(state.nibbles) != published.nibbles:
            wrong = [
                2 * i + half
                for i, (ours, theirs) in enumerate(zip(state.nibbles, published.nibbles, strict=True))
                for half in (0, 1)
                if (ours ^ theirs) >> (4 * half) & 0xF
            ]
            shown = ", ".join(map(str, wrong[:10]))
            yield where, f"{len(wrong)} positions differ from what the entries say: {shown}"


def _check_current_files(public: Source, evidence: Evidence, report: Report) -> None:
    """The files of a standing name must be the newest of those with a version in theirs."""
    ring, catalog = evidence.snapshot.keyring, evidence.snapshot.catalog
    pairs = [
        (layout.KEYRING, layout.keyring_path(ring.version), ring.digest),
        (layout.keyring_path(ring.version), "the ring that the snapshot names", ring.digest),
        (layout.keyring_path(evidence.first_ring), "the ring that trust begins with", evidence.identity),
        (layout.CATALOG, layout.catalog_path(catalog.version), catalog.digest),
        (layout.LIST_INDEX, layout.list_index_path(evidence.snapshot.lists), evidence.snapshot.lists),
    ]
    pairs += [
        (layout.current_list_path(name), layout.list_path(name, named.version), named.digest)
        for name, named in evidence.named_lists.items()
    ]
    limit = max(LARGEST_RING, LARGEST_LIST_JWT, 16 << 20)
    for path, newest, digest in pairs:
        try:
            if layout.sha256(public.read(path, limit=limit)) != digest:
                report.add(path, f"is not {newest}")
        except SourceAway as error:
            report.add(path, str(error))
    _check_jwks(public, evidence.ring, report)


def _check_jwks(public: Source, ring: KeyRing, report: Report) -> None:
    try:
        if json.loads(public.read(layout.JWKS, limit=LARGEST_RING)) != ring.jwks():
            report.add(layout.JWKS, "does not say what the key ring says")
    except (SourceAway, ValueError, RecursionError) as error:
        report.add(layout.JWKS, f"{type(error).__name__}: {error}")
