"""C2SP tlog-tiles: where the log's hashes and entries lie, and reading proofs from them.

A tile holds up to 256 hashes of one level; level L's hash n is the root of 256**L leaves.  A tile
that is not full has its width in its name; a full one never changes again.
"""

import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable

from keys import merkle
from keys.errors import BadProof, Malformed

TILE_WIDTH = 256
_LEVEL_BITS = 8
_CACHED_TILES = 4096

Fetch = Callable[[str], bytes]


def number_path(number: int) -> str:
    """`number` in groups of three digits, all but the last with an x: 1234067 → x001/x234/067."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """The path below `log/` of a hash tile; a width under 256 names a partial tile."""
    return f"tile/{level}/{number_path(number)}" + _partial(width)


def entries_path(number: int, width: int = TILE_WIDTH) -> str:
    """The path below `log/` of an entry bundle."""
    return f"tile/entries/{number_path(number)}" + _partial(width)


def _partial(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"


def widths(size: int, level: int) -> tuple[int, int]:
    """How many full tiles `level` has in a log of `size`, and the width of the partial one."""
    return divmod(size >> (level * _LEVEL_BITS), TILE_WIDTH)


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries, each with its length as a big-endian uint16 before it."""
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def parse_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; raises `Malformed` when it does not end where an entry ends."""
    entries, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise Malformed("an entry bundle ends inside a length")
        end = at + 2 + struct.unpack_from(">H", data, at)[0]
        if end > len(data):
            raise Malformed("an entry bundle ends inside an entry")
        entries.append(data[at + 2 : end])
        at = end
    return entries


class TileTree:
    """The Merkle tree of `size` leaves, read from tiles as they are needed.

    `fetch` takes a path below `log/` and gives bytes or raises.  Nothing read is trusted: proofs
    made from it must be verified against a signed root by the caller.  Full tiles are kept.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._tiles: OrderedDict[tuple[int, int, int], list[list[bytes]]] = OrderedDict()

    def node(self, size: int) -> merkle.Node:
        """The `merkle.Node` function of the tree of `size` leaves."""

        def node_at(level: int, index: int) -> bytes:
            tile_level, within = divmod(level, _LEVEL_BITS)
            number, offset = divmod(index << within, TILE_WIDTH)
            full, rest = widths(size, tile_level)
            levels = self._levels(tile_level, number, TILE_WIDTH if number < full else rest)
            try:
                return levels[within][offset >> within]
            except IndexError:
                raise BadProof(f"no subtree {index} on level {level} of a tree of {size}") from None

        return node_at

    def _levels(self, level: int, number: int, width: int) -> list[list[bytes]]:
        key = (level, number, width)
        known = self._tiles.get(key)  # Asked once: another thread may drop it between two questions.
        if known is not None:
            return known
        data = self._fetch(tile_path(level, number, width))
        if len(data) != width * merkle.HASH_BYTES:
            raise Malformed(f"a tile of width {width} has {len(data)} bytes")
        row = [data[i : i + 32] for i in range(0, len(data), 32)]
        levels = [row]
        while len(row) > 1:
            row = [merkle.node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
            levels.append(row)
        self._tiles[key] = levels
        while len(self._tiles) > _CACHED_TILES:
            # gthread workers share this cache, and losing a tile twice only costs a read.
            self._tiles.popitem(last=False)
        return levels
