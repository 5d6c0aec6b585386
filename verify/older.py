"""The audit of files that the newest snapshot no longer names: they too must be what they were.

Only a folder can be listed; over the network the audit looks at what the snapshot names.  A file
that is gone is missed only where the snapshot kept of a day names it: readers do without the others.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from keys import layout, merkle
from keys.catalog import LARGEST_CATALOG
from keys.checkpoint import LARGEST_NOTE
from keys.cosignature import WitnessKey, open_witnessed
from keys.dates import bangkok_date, from_seconds
from keys.errors import KeysError
from keys.keyring import Role
from keys.opening import open_snapshot
from keys.snapshot import LARGEST_SNAPSHOT, Snapshot
from keys.statuslist import LARGEST_LIST_JWT, ListName, open_list
from keys.tiles import TILE_WIDTH
from verify.errors import SourceAway
from verify.published import LARGEST_LIST_INDEX, Evidence
from verify.sources import Source

Add = Callable[[str, str], None]

_LARGEST_NAMED_BY_HASH = 1 << 28
_LIST = re.compile(r"status/(\d+)/(\d+)/(\d+)/(\d+)\.jwt", re.ASCII)
_INDEX = re.compile(r"status/index/([0-9a-f]{64})\.cbor", re.ASCII)
_DAY = re.compile(r"snapshots/\d{4}-\d\d-\d\d\.(cbor|checkpoint)", re.ASCII)
_RECORD = re.compile(r"(?:manifest|page|bundle/[x\d/]+)/([0-9a-f]{64})\.cbor", re.ASCII)
_PARTIAL = re.compile(r"(log/tile/.+)\.p/(\d+)", re.ASCII)


def check_older_files(
    public: Source, evidence: Evidence, add: Add, witnesses: Sequence[WitnessKey] = ()
) -> None:
    """Every list index is what its name says, every version of a list is signed and says so.

    What is kept of a day belongs together and is whole; no line in it that claims to be of `witnesses`
    is wrong.
    """
    for path in public.names("status"):
        index, of_list = _INDEX.fullmatch(path), _LIST.fullmatch(path)
        if index is not None:
            _check_hash(public, path, index[1], LARGEST_LIST_INDEX, add)
        elif of_list is not None:
            *name, version = map(int, of_list.groups())
            _check_list(public, path, (ListName(*name), version), evidence, add)
    parts = _DayParts(public, add)
    for path in public.names(layout.DAYS):
        if _DAY.fullmatch(path):
            snapshot = _check_day(public, path, evidence, add, witnesses)
            if snapshot is not None:
                parts.check(path, snapshot, evidence)


def check_older_records(records: Source, add: Add) -> None:
    """Every file of the records is what its name says."""
    for path in records.names(""):
        named = _RECORD.fullmatch(path)
        if named is not None:
            _check_hash(records, path, named[1], _LARGEST_NAMED_BY_HASH, add)


def partial_widths(public: Source) -> Mapping[str, Sequence[int]]:
    """The widths of the partial tiles and bundles still there, by the path of the full one."""
    widths = defaultdict(list)
    for path in public.names("log/tile"):
        partial = _PARTIAL.fullmatch(path)
        if partial is not None:
            widths[partial[1]].append(int(partial[2]))
    return widths


def check_partials(
    public: Source, path: str, parts: Sequence[bytes], widths: Mapping[str, Sequence[int]], add: Add
) -> None:
    """Compare the partial files of `path` with the tile's `parts` as they are now."""
    whole = path.partition(".p/")[0]
    for width in widths.get(whole, ()):
        older = f"{whole}.p/{width}"
        if older == path or not 0 < width <= min(len(parts), TILE_WIDTH - 1):
            continue
        expected = b"".join(parts[:width])
        try:
            if public.read(older, limit=len(expected)) != expected:
                add(older, "is not the beginning of the tile that it grew into")
        except SourceAway as error:
            add(older, str(error))


def _check_hash(source: Source, path: str, digest: str, limit: int, add: Add) -> None:
    try:
        if layout.sha256(source.read(path, limit=limit)).hex() != digest:
            add(path, "is not the file that its name says")
    except SourceAway as error:
        add(path, str(error))


def _check_list(public: Source, path: str, said: tuple[ListName, int], evidence: Evidence, add: Add) -> None:
    named = evidence.named_lists.get(said[0])
    if named is not None and named.version == said[1]:
        return  # Checked by its hash when the snapshot was loaded.
    try:
        found = open_list(public.read(path, limit=LARGEST_LIST_JWT), evidence.ring)
    except (KeysError, SourceAway) as error:
        add(path, f"{type(error).__name__}: {error}")
        return
    if (found.name, found.version) != said:
        add(path, "is another list than its name says")


def _check_day(
    public: Source, path: str, evidence: Evidence, add: Add, witnesses: Sequence[WitnessKey]
) -> Snapshot | None:
    """What is kept of a day is signed, is of that day, and of a tree that the log has grown from.

    Gives the snapshot where `path` is of one that is signed.
    """
    ring, ours, kept = evidence.ring, evidence.snapshot, f"{path.rpartition('.')[0]}.cbor"
    try:
        snapshot = open_snapshot(public.read(kept, limit=LARGEST_SNAPSHOT), ring).value
    except (KeysError, SourceAway) as error:
        add(path, f"{type(error).__name__}: {error}" if path == kept else f"{kept} beside it is of no use")
        return None
    try:
        size, root = snapshot.log_size, snapshot.log_root
        if path.endswith(".checkpoint"):
            note = public.read(path, limit=LARGEST_NOTE)
            keys = [key.public for key in ring.with_role(Role.LOG)]
            checkpoint = open_witnessed(note, ring.origin, keys, witnesses, quorum=0)
            if (checkpoint.size, checkpoint.root) != (size, root):
                add(path, "is not the checkpoint of the snapshot kept of that day")
        elif layout.day_snapshot_path(bangkok_date(from_seconds(snapshot.moment))) != path:
            add(path, f"is of {bangkok_date(from_seconds(snapshot.moment))}")
        node = evidence.log.node
        proof = merkle.consistency_proof(size, ours.log_size, node)
        merkle.verify_consistency(size, ours.log_size, proof, root, ours.log_root)
    except (KeysError, SourceAway) as error:
        add(path, f"{type(error).__name__}: {error}")
    return snapshot if path == kept else None


class _DayParts:
    """Looks once at each file that the snapshots kept of days name."""

    def __init__(self, public: Source, add: Add) -> None:
        self._public, self._add = public, add
        self._seen: set[tuple[str, bytes]] = set()

    def check(self, day: str, snapshot: Snapshot, evidence: Evidence) -> None:
        """Name every part of the evidence of a day that is gone or another than its snapshot names."""
        ring, catalog, lists = snapshot.keyring, snapshot.catalog, layout.list_index_path(snapshot.lists)
        if evidence.rings.get(ring.version, (None, ring.digest))[1] != ring.digest:
            self._add(day, f"names another key ring {ring.version} than the one that is followed")
        self._read(layout.catalog_path(catalog.version), catalog.digest, LARGEST_CATALOG)
        index = self._read(lists, snapshot.lists, LARGEST_LIST_INDEX)
        if index is None:
            return
        try:
            named = layout.parse_list_index(index)
        except KeysError as error:
            self._add(lists, str(error))
            return
        for name, one in named.items():
            self._read(layout.list_path(name, one.version), one.digest, LARGEST_LIST_JWT)

    def _read(self, path: str, digest: bytes, limit: int) -> bytes | None:
        """The file, or None when it was looked at before or is not the one."""
        if (path, digest) in self._seen:
            return None
        self._seen.add((path, digest))
        try:
            content = self._public.read(path, limit=limit)
        except SourceAway as error:
            self._add(path, f"{error}, and the evidence of a day is lost with it")
            return None
        if layout.sha256(content) != digest:
            self._add(path, "is not the file that the snapshot kept of a day names")
            return None
        return content
