"""Entries of the log, proven to stand under a signed root; nothing unproven comes out."""

from collections import OrderedDict
from collections.abc import Mapping

from keys import merkle
from keys.entry import LARGEST_ENTRY, LogEntry, parse_entry
from keys.errors import KeysError, Malformed
from keys.tiles import TILE_WIDTH, TileTree, entries_path, parse_bundle
from verify.errors import EvidenceMissing, Missing, SourceAway
from verify.sources import Source

LARGEST_BUNDLE = TILE_WIDTH * (LARGEST_ENTRY + 2)
_BUNDLE_LEVEL = 8
_CACHED_BUNDLES = 256


class LogReader:
    """The first `size` entries of the log under `root`, read from tiles as they are needed.

    Entries are proven a bundle at a time: a tree of more than 256 leaves is an RFC 6962 tree over
    the roots of its bundles, because such trees split at powers of two.
    """

    def __init__(self, source: Source, size: int, root: bytes) -> None:
        self._source = source
        self.size = size
        self.root = root
        self.node = TileTree(self._tile).node(size)
        self._bundles: OrderedDict[int, list[bytes]] = OrderedDict()

    def whole_bundles(self) -> dict[int, list[bytes]]:
        """The bundles proven so far that will never grow."""
        return {n: entries for n, entries in self._bundles.copy().items() if len(entries) == TILE_WIDTH}

    def inherit(self, proven: Mapping[int, list[bytes]]) -> None:
        """Take over whole bundles of a log that this one was proven to extend."""
        self._bundles.update(proven)

    def entry(self, index: int) -> LogEntry:
        """The entry at `index`; raises `EvidenceMissing` when it cannot be proven."""
        if not 0 <= index < self.size:
            raise EvidenceMissing(f"no entry {index} in a log of {self.size}")
        try:
            return parse_entry(self.bundle(index // TILE_WIDTH)[index % TILE_WIDTH])
        except KeysError as error:
            raise EvidenceMissing(f"log entry {index} is not one that we would write") from error

    def bundle(self, number: int) -> list[bytes]:
        """The up to 256 entries of a bundle, proven; raises `EvidenceMissing`."""
        known = self._bundles.get(number)
        if known is not None:
            return known
        try:
            entries = self._read_bundle(number)
            self._prove(number, entries)
        except (KeysError, SourceAway) as error:
            raise EvidenceMissing(f"entry bundle {number} cannot be proven") from error
        self._bundles[number] = entries
        while len(self._bundles) > _CACHED_BUNDLES:
            self._bundles.popitem(last=False)
        return entries

    def _read_bundle(self, number: int) -> list[bytes]:
        width = min(TILE_WIDTH, self.size - number * TILE_WIDTH)
        if number < 0 or width <= 0:
            raise Malformed(f"no entry bundle {number} in a log of {self.size}")
        path, whole = f"log/{entries_path(number, width)}", f"log/{entries_path(number)}"
        entries = parse_bundle(self._first_of(path, whole, LARGEST_BUNDLE))[:width]
        if len(entries) != width:
            raise Malformed(f"entry bundle {number} has {len(entries)} entries")
        return entries

    def _prove(self, number: int, entries: list[bytes]) -> None:
        count = -(-self.size // TILE_WIDTH)
        root = merkle.root_of(map(merkle.leaf_hash, entries))
        proof = merkle.inclusion_proof(number, count, self._over_bundles)
        merkle.verify_inclusion(root, number, count, proof, self.root)

    def _over_bundles(self, level: int, index: int) -> bytes:
        """The root of the bundles [index << level, (index + 1) << level); the last may be partial."""
        if (index + 1) << level <= self.size // TILE_WIDTH:
            return self.node(level + _BUNDLE_LEVEL, index)
        if level:
            below = level - 1
            left = self._over_bundles(below, 2 * index)
            return merkle.node_hash(left, self._over_bundles(below, 2 * index + 1))
        parts, start = [], index * TILE_WIDTH
        while start < self.size:
            step = (self.size - start).bit_length() - 1
            parts.append(self.node(step, start >> step))
            start += 1 << step
        return merkle.fold_right(parts)

    def read(self, path: str, limit: int) -> bytes:
        """The bytes at `path`, taken from the full tile when a partial one is gone."""
        return self._first_of(path, path.partition(".p/")[0], limit)

    def _tile(self, path: str) -> bytes:
        whole, _, width = path.partition(".p/")
        content = self._first_of(f"log/{path}", f"log/{whole}", TILE_WIDTH * merkle.HASH_BYTES)
        return content[: int(width) * merkle.HASH_BYTES] if width else content

    def _first_of(self, path: str, whole: str, limit: int) -> bytes:
        # A partial tile may be gone once the full one is there (C2SP tlog-tiles, "Partial Tiles").
        try:
            return self._source.read(path, limit=limit)
        except Missing:
            if path == whole:
                raise
            return self._source.read(whole, limit=limit)
