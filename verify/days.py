"""The evidence of a day that is over: its last snapshot and what that names, under today's trust.

A snapshot of a day counts only when its key still does, when its log is the beginning of the log
of today, and when its ring belongs to the chain that is followed today.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from keys import layout, merkle
from keys.catalog import LARGEST_CATALOG, Catalog, parse_catalog
from keys.cose import parse_sign1
from keys.dates import bangkok_date
from keys.entry import LogEntry
from keys.errors import KeysError
from keys.keyring import KeyRing
from keys.opening import open_snapshot
from keys.record import LicenseRecord, parse_statement
from keys.snapshot import LARGEST_SNAPSHOT, Named, Snapshot
from keys.statuslist import LARGEST_LIST_JWT, ListName, StatusList, open_list
from verify.errors import EvidenceMissing, Missing, SourceAway
from verify.license import Held
from verify.logreader import LogReader
from verify.published import LARGEST_LIST_INDEX, Evidence
from verify.sources import Source

# (path, SHA-256, longest) → the bytes of exactly that hash; raises `EvidenceMissing` or `SourceAway`.
ReadNamed = Callable[[str, bytes, int], bytes]
Rings = Mapping[int, tuple[KeyRing, bytes]]


class KnownEntries(LogReader):
    """The first `size` entries of a log, each taken from where it was proven under a later root."""

    def __init__(self, size: int, root: bytes, entry_at: Callable[[int], LogEntry]) -> None:
        self.size = size
        self.root = root
        self._entry_at = entry_at

    def entry(self, index: int) -> LogEntry:
        """The entry at `index`; raises `EvidenceMissing`."""
        if not 0 <= index < self.size:
            raise EvidenceMissing(f"no entry {index} in a log of {self.size}")
        return self._entry_at(index)

    def bundle(self, number: int) -> list[bytes]:
        """Never: only single entries are known."""
        raise EvidenceMissing(f"entry bundle {number} is not at hand")


def read_named(source: Source) -> ReadNamed:
    """The way to files of a source by path and hash."""

    def read(path: str, digest: bytes, limit: int) -> bytes:
        content = source.read(path, limit=limit)
        if layout.sha256(content) != digest:
            raise EvidenceMissing(f"{path} is not the file that the snapshot names")
        return content

    return read


def lists_of(held: Iterable[Held], size: int) -> set[ListName]:
    """The status lists in which the versions below `size` have their positions; nothing is verified."""
    names = set()
    for item in held:
        statement = _unverified(item.signed) if item.index < size else None
        if isinstance(statement, LicenseRecord):
            ref = statement.status
            names.add(ListName(statement.agency, ref.year, ref.number))
    return names


def _unverified(signed: bytes) -> object:
    # Only to know which lists to read; what the statement says counts after it was opened.
    try:
        return parse_statement(parse_sign1(signed).payload)
    except KeysError:
        return None


def evidence_of(
    signed: bytes,
    read: ReadNamed,
    rings: Rings,
    held: Iterable[Held],
    log: LogReader,
    *,
    like: Evidence | None = None,
) -> Evidence:
    """What a signed snapshot says of one license; only the lists that concern it are loaded.

    What is the same in `like` is taken from there.  Raises `EvidenceMissing`, `SourceAway`, or of the
    family of `keys`.
    """
    newest = rings[max(rings)][0]
    snapshot = open_snapshot(signed, newest).value
    ring, digest = rings.get(snapshot.keyring.version, (None, b""))
    if ring is None or digest != snapshot.keyring.digest:
        raise EvidenceMissing(f"key ring {snapshot.keyring.version} is not the one the snapshot names")
    open_snapshot(signed, ring)
    if (log.size, log.root) != (snapshot.log_size, snapshot.log_root):
        raise EvidenceMissing("the entries are not those that the snapshot covers")
    named = _named_lists(snapshot, read, like)
    return Evidence(
        snapshot=snapshot,
        ring=ring,
        catalog=_catalog(snapshot, read, like),
        named_lists=named,
        lists=_lists(named, snapshot, read, newest, lists_of(held, snapshot.log_size)),
        log=log,
        first_ring=min(rings),
        identity=rings[min(rings)][1],
        rings=rings,
        signed=signed,
    )


def _catalog(snapshot: Snapshot, read: ReadNamed, like: Evidence | None) -> Catalog:
    named = snapshot.catalog
    if like is not None and like.snapshot.catalog == named:
        return like.catalog
    return parse_catalog(read(layout.catalog_path(named.version), named.digest, LARGEST_CATALOG))


def _named_lists(snapshot: Snapshot, read: ReadNamed, like: Evidence | None) -> Mapping[ListName, Named]:
    digest = snapshot.lists
    if like is not None and like.snapshot.lists == digest:
        return like.named_lists
    return layout.parse_list_index(read(layout.list_index_path(digest), digest, LARGEST_LIST_INDEX))


def _lists(
    named: Mapping[ListName, Named],
    snapshot: Snapshot,
    read: ReadNamed,
    ring: KeyRing,
    names: Iterable[ListName],
) -> Mapping[ListName, StatusList]:
    lists = {}
    for name in names:
        if name not in named:
            continue
        wanted = named[name]
        path = layout.list_path(name, wanted.version)
        found = open_list(read(path, wanted.digest, LARGEST_LIST_JWT), ring)
        if (found.name, found.version) != (name, wanted.version) or found.log_size > snapshot.log_size:
            raise EvidenceMissing(f"{path} is another list than its name says")
        lists[name] = found
    return lists


def evidence_then(
    signed: bytes,
    read: ReadNamed,
    now: Evidence,
    held: Iterable[Held],
    *,
    day: date,
    growth: Callable[[int], list[bytes]],
) -> Evidence:
    """The evidence of `day` from its last snapshot, shown to belong to the log of `now`.

    `growth` gives the consistency proof from a size.  Raises as `evidence_of` does.
    """
    opened = open_snapshot(signed, now.rings[max(now.rings)][0])
    snapshot = opened.value
    if now.good_size(opened.key) is not None:
        raise EvidenceMissing("the day's snapshot is signed by a key that has been denied since")
    log = KnownEntries(snapshot.log_size, snapshot.log_root, now.log.entry)
    _require_prefix(snapshot, now, growth)
    then = evidence_of(signed, read, now.rings, held, log, like=now)
    if bangkok_date(then.moment) != day:
        raise EvidenceMissing(f"the snapshot kept for {day} is of {bangkok_date(then.moment)}")
    return then


def _require_prefix(then: Snapshot, now: Evidence, growth: Callable[[int], list[bytes]]) -> None:
    later = now.snapshot
    if then.version > later.version or then.moment > later.moment:
        raise EvidenceMissing("the day's snapshot is newer than that of today")
    merkle.verify_consistency(
        then.log_size, later.log_size, growth(then.log_size), then.log_root, later.log_root
    )


def grown(now: Evidence, size: int) -> list[bytes]:
    """The consistency proof from the log of `size` to that of `now`, from the published tiles."""
    return merkle.consistency_proof(size, now.snapshot.log_size, now.log.node)


def signed_on(source: Source, now: Evidence, day: date) -> bytes | None:
    """The last snapshot of `day` as it was signed, or None when none is kept; raises `SourceAway`."""
    if bangkok_date(now.moment) == day:
        return now.signed
    try:
        return source.read(layout.day_snapshot_path(day), limit=LARGEST_SNAPSHOT)
    except Missing:
        return None


def evidence_on(source: Source, now: Evidence, day: date, held: Iterable[Held]) -> Evidence | None:
    """The evidence of `day` on one license, or None when none is kept.

    Raises `EvidenceMissing` when what is kept cannot be trusted or read.
    """
    try:
        signed = signed_on(source, now, day)
        if signed is None:
            return None
        return evidence_then(
            signed, read_named(source), now, held, day=day, growth=lambda size: grown(now, size)
        )
    except (KeysError, SourceAway) as error:
        raise EvidenceMissing(f"the evidence of {day} cannot be used") from error
