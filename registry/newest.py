"""What was published last, as far as a copy shows it: read, verified, nothing taken over yet.

Trust begins with the newest ring that the register itself has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from keys import layout, tiles
from keys.catalog import parse_catalog
from keys.checkpoint import Checkpoint, open_checkpoint
from keys.errors import KeysError
from keys.keyring import KeyRing, KeyState, Role, follow_ring
from keys.layout import BUNDLE_ENTRIES, PAGE_BUNDLES, Page, Presence
from keys.opening import open_snapshot
from keys.snapshot import Snapshot
from keys.statuslist import ListName, StatusList, open_list
from registry.copies import Copy
from registry.errors import CannotRecover

Pair = tuple[bytes, bytes | None]
NEEDED = (
    "the newest copy of the public folder: snapshot, log/checkpoint, log/tile/entries/…, keyring/…, "
    "catalog/…, status/index/… and status/…; and of the records folder: manifest/…, page/… and bundle/…"
)


@dataclass(frozen=True)
class Newest:
    """One verified snapshot with all that a register needs to catch up with it."""

    copy: Copy
    rings: Sequence[tuple[KeyRing, bytes]]  # The versions after the register's own, signed bytes beside.
    ring: KeyRing
    snapshot: Snapshot
    signed_snapshot: bytes
    checkpoint: Checkpoint
    signed_checkpoint: bytes | None
    catalogs: Mapping[int, bytes]
    list_index: bytes
    lists: Mapping[ListName, tuple[StatusList, bytes]]

    @property
    def size(self) -> int:
        """The log size to catch up with: what was signed, by the snapshot or by a later checkpoint."""
        return self.checkpoint.size

    def tile(self, path: str) -> bytes:
        """A tile by its path below `log/`; raises `CannotRecover` when it is missing."""
        return _needed(self.copy, f"log/{path}")

    def entries(self, start: int) -> Iterator[bytes]:
        """The entries from `start`; only a root over all of them tells whether they are true."""
        for number in range(start // tiles.TILE_WIDTH, -(-self.size // tiles.TILE_WIDTH)):
            low = number * tiles.TILE_WIDTH
            width = min(tiles.TILE_WIDTH, self.size - low)
            path = f"log/{tiles.entries_path(number, width)}"
            found = tiles.parse_bundle(_needed(self.copy, path))
            if len(found) != width:
                raise CannotRecover(f"{self.copy.place}/{path}: {len(found)} entries instead of {width}")
            yield from found[max(start - low, 0) :]


def read_newest(copy: Copy, trusted: KeyRing, *, catalog: int) -> Newest | None:
    """What `copy` published last, or None without a snapshot; `catalog` is the register's newest version.

    Raises `CannotRecover` when a file is missing or does not fit, `KeysError` for one that is false.
    """
    signed = copy.read(layout.SNAPSHOT)
    if signed is None:
        return None
    rings = _later_rings(copy, trusted)
    ring = rings[-1][0] if rings else trusted
    opened = open_snapshot(signed, ring)
    snapshot = opened.value
    denied = {denial.thumbprint for denial in snapshot.denied}
    if opened.key.state is KeyState.COMPROMISED or opened.key.public.thumbprint in denied:
        raise CannotRecover(f"{copy.place}/{layout.SNAPSHOT}: signed by a key that was compromised")
    if snapshot.keyring.version > ring.version:
        raise CannotRecover(f"{copy.place}/{layout.keyring_path(ring.version + 1)} is missing")
    checkpoint, note = _checkpoint(copy, snapshot, ring)
    index = _named(copy, layout.list_index_path(snapshot.lists), snapshot.lists)
    return Newest(
        copy=copy,
        rings=rings,
        ring=ring,
        snapshot=snapshot,
        signed_snapshot=signed,
        checkpoint=checkpoint,
        signed_checkpoint=note,
        catalogs=_catalogs(copy, snapshot, catalog),
        list_index=index,
        lists=_lists(copy, index, ring),
    )


def _needed(copy: Copy, path: str) -> bytes:
    content = copy.read(path)
    if content is None:
        raise CannotRecover(f"{copy.place}/{path} is missing; a recovery needs {NEEDED}")
    return content


def _named(copy: Copy, path: str, digest: bytes) -> bytes:
    content = _needed(copy, path)
    if layout.sha256(content) != digest:
        raise CannotRecover(f"{copy.place}/{path} is not the file that the snapshot names")
    return content


def _later_rings(copy: Copy, trusted: KeyRing) -> list[tuple[KeyRing, bytes]]:
    rings: list[tuple[KeyRing, bytes]] = []
    while (signed := copy.read(layout.keyring_path(trusted.version + 1))) is not None:
        trusted = follow_ring(trusted, signed)
        rings.append((trusted, signed))
    return rings


def _checkpoint(copy: Copy, snapshot: Snapshot, ring: KeyRing) -> tuple[Checkpoint, bytes | None]:
    # A stop between the two leaves a checkpoint newer than the snapshot: what it signed is signed.
    ours = Checkpoint(ring.origin, snapshot.log_size, snapshot.log_root)
    note = copy.read(layout.CHECKPOINT)
    if note is None:
        return ours, None
    try:
        found = open_checkpoint(note, ring.origin, [key.public for key in ring.with_role(Role.LOG)])
    except KeysError as error:
        raise CannotRecover(f"{copy.place}/{layout.CHECKPOINT}: {error}") from error
    if found.size == ours.size and found.root != ours.root:
        raise CannotRecover(f"{copy.place}: snapshot and checkpoint speak of two logs")
    return (found if found.size >= ours.size else ours), note


def _catalogs(copy: Copy, snapshot: Snapshot, newest: int) -> dict[int, bytes]:
    catalogs = {}
    for version in range(newest + 1, snapshot.catalog.version + 1):
        path = layout.catalog_path(version)
        body = _needed(copy, path)
        if version == snapshot.catalog.version:
            body = _named(copy, path, snapshot.catalog.digest)
        if parse_catalog(body).version != version:
            raise CannotRecover(f"{copy.place}/{path} is another version than its name says")
        catalogs[version] = body
    return catalogs


def _lists(copy: Copy, index: bytes, ring: KeyRing) -> dict[ListName, tuple[StatusList, bytes]]:
    lists = {}
    for name, named in layout.parse_list_index(index).items():
        signed = _named(copy, layout.list_path(name, named.version), named.digest)
        lists[name] = (open_list(signed, ring), signed)
    return lists


# --- the records ---------------------------------------------------------------------------------


class Records:
    """Signed statements and cards by log index, out of the bundles that the snapshot names.

    For indexes that only a later checkpoint covers, every bundle that a folder holds is looked at.
    Callers believe a statement because the log holds its hash, not because it lies here.
    """

    def __init__(self, copy: Copy, newest: Newest) -> None:
        """Raises `CannotRecover` when the manifest or one of its pages is missing."""
        self._copy = copy
        digest = newest.snapshot.records
        self._size, pages = layout.parse_manifest(_named(copy, layout.manifest_path(digest), digest))
        self._pages = [layout.parse_page(_named(copy, layout.page_path(page), page)) for page in pages]
        self._bundle: tuple[int, list[Pair | None]] = (-1, [])

    def erased(self, size: int) -> Iterator[int]:
        """The indexes below `size` whose statements were erased."""
        for index in range(min(size, self._size)):
            page, bundle, offset = self._where(index)
            if page.at(bundle, offset) is Presence.ERASED:
                yield index

    def at(self, index: int) -> list[Pair]:
        """Statement and card at `index`, if they are here: one pair, or several to choose from by hash."""
        if index >= self._size:
            return self._unnamed(index)
        page, bundle, offset = self._where(index)
        if page.at(bundle, offset) is not Presence.PRESENT:
            return []
        number = index // BUNDLE_ENTRIES
        if self._bundle[0] != number:
            digest = page.digests[bundle]
            content = _named(self._copy, layout.bundle_path(number, digest), digest)
            self._bundle = (number, layout.parse_bundle(content))
        found = self._bundle[1][offset]
        return [found] if found is not None else []

    def _where(self, index: int) -> tuple[Page, int, int]:
        bundle, offset = divmod(index, BUNDLE_ENTRIES)
        return self._pages[bundle // PAGE_BUNDLES], bundle % PAGE_BUNDLES, offset

    def _unnamed(self, index: int) -> list[Pair]:
        number, offset = divmod(index, BUNDLE_ENTRIES)
        pairs = []
        for path in self._copy.names(layout.bundle_path(number, b"").rpartition("/")[0]):
            try:
                found = layout.parse_bundle(self._copy.read(path) or b"")
            except KeysError:
                continue
            pair = found[offset] if offset < len(found) else None
            if pair is not None:
                pairs.append(pair)
        return pairs
