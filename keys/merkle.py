"""RFC 6962 / RFC 9162 Merkle trees over SHA-256: hashes, growth by appending, proofs.

A tree never needs to be in memory: growth keeps the hashes of the perfect subtrees on its right
edge (`Edge`), and proofs ask a `Node` function for the hashes of perfect subtrees.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from keys.errors import BadProof

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

# (level, index) → hash of the perfect subtree over leaves [index << level, (index + 1) << level).
Node = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry) (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Edge:
    """The right edge of a growing tree: one hash a set bit of its size, the largest first."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count() or any(len(h) != HASH_BYTES for h in self.hashes):
            raise BadProof(f"{len(self.hashes)} hashes cannot be the edge of a tree of {size}")

    def append(self, leaf: bytes) -> list[bytes]:
        """Grow by one leaf hash; gives the perfect subtrees this completes, by level, leaf first."""
        bits, node = self.size, leaf
        completed = [leaf]
        while bits & 1:
            node = node_hash(self.hashes.pop(), node)
            completed.append(node)
            bits >>= 1
        self.hashes.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root of the tree as it stands; of the empty tree, SHA-256 of nothing."""
        return fold_right(self.hashes) if self.hashes else EMPTY_ROOT


def fold_right(hashes: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees that stand side by side, the largest first."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    edge = Edge()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of sibling hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def _range_root(start: int, end: int, node: Node) -> bytes:
    # The root of leaves [start, end), where start is a multiple of a power of two >= end - start.
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(node(level, start >> level))
        start += 1 << level
    return fold_right(parts)


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def tree_root(size: int, node: Node) -> bytes:
    """The root of the first `size` leaves."""
    return _range_root(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` (RFC 6962 §2.1.1), leaf upwards."""
    if not 0 <= index < size:
        raise BadProof(f"no leaf {index} in a tree of {size}")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start = middle
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if `leaf` stands at `index` under `root` (RFC 9162 §2.1.3.2); raise `BadProof`."""
    if not 0 <= index < size:
        raise BadProof("the index lies outside the tree")
    _require_hashes([leaf, root, *proof])
    fn, sn, node = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise BadProof("the proof is too long")
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or node != root:
        raise BadProof("the proof does not lead to the root")


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """The proof that the tree of `new` extends the tree of `old` (RFC 6962 §2.1.2)."""
    if not 0 <= old <= new:
        raise BadProof(f"a tree of {new} cannot extend one of {old}")
    if old in (0, new):
        return []
    start, end, whole, path = 0, new, True, []
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_range_root(start, end, node))
    return path[::-1]


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Return if the tree under `new_root` extends the one under `old_root`; raise `BadProof`.

    RFC 9162 §2.1.4.2.  An old size of 0 is accepted with an empty proof, as the C2SP witness
    protocol requires; then `old_root` must be the empty tree's.
    """
    _require_hashes([old_root, new_root, *proof])
    if not 0 <= old <= new:
        raise BadProof("the new tree is smaller than the old one")
    if old in (0, new):
        if proof or old_root != (new_root if old else EMPTY_ROOT) or (new == 0 and new_root != EMPTY_ROOT):
            raise BadProof("equal or empty trees need an empty proof and fitting roots")
    elif not proof:
        raise BadProof("the proof is empty")
    else:
        _require_path(old, new, proof, old_root, new_root)


def _require_path(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    path = list(proof) if old.bit_count() != 1 else [old_root, *proof]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise BadProof("the proof is too long")
        if fn & 1 or fn == sn:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or first != old_root or second != new_root:
        raise BadProof("the proof does not lead from the old root to the new one")


def _require_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(h) != HASH_BYTES for h in hashes):
        raise BadProof("every hash has 32 bytes")
