"""The tree and its tiles against a naive reading of RFC 6962."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import merkle, tiles
from keys.errors import BadProof, Malformed

SIZES = 70
LEAVES = [merkle.leaf_hash(str(n).encode()) for n in range(1100)]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = naive_split(len(leaves))
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def naive_split(count: int) -> int:
    split = 1
    while split * 2 < count:
        split *= 2
    return split


def naive_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962 §2.1.1."""
    if len(leaves) == 1:
        return []
    split = naive_split(len(leaves))
    if index < split:
        return [*naive_path(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(index - split, leaves[split:]), naive_root(leaves[:split])]


def naive_proof(old: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 §2.1.2."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    split = naive_split(len(leaves))
    if old <= split:
        return [*naive_proof(old, leaves[:split], whole=whole), naive_root(leaves[split:])]
    return [*naive_proof(old - split, leaves[split:], whole=False), naive_root(leaves[:split])]


def tile_files(size: int) -> dict[str, bytes]:
    """The hash tiles of the first `size` leaves, as published."""
    files, row, level = {}, LEAVES[:size], 0
    while row:
        full, rest = divmod(len(row), 256)
        for number in range(full + (rest > 0)):
            part = row[number * 256 : number * 256 + 256]
            files[tiles.tile_path(level, number, len(part))] = b"".join(part)
        row = [naive_root(row[n * 256 : n * 256 + 256]) for n in range(full)]
        level += 1
    return files


def node_of(size: int) -> merkle.Node:
    return tiles.TileTree(tile_files(size).__getitem__).node(size)


ROOTS = [naive_root(LEAVES[:n]) for n in range(SIZES + 1)]


def test_roots_equal_the_naive_ones_at_every_size() -> None:
    edge = merkle.Edge()
    for size in range(SIZES + 1):
        assert (
            edge.root()
            == ROOTS[size]
            == merkle.root_of(LEAVES[:size])
            == merkle.tree_root(size, node_of(size))
        )
        assert merkle.Edge(size, edge.hashes).root() == ROOTS[size]
        edge.append(LEAVES[size])


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_leaf_of_every_small_tree_is_proved(size: int) -> None:
    node = node_of(size)
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, node)
        assert proof == naive_path(index, LEAVES[:size])
        merkle.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize("new", range(SIZES + 1))
def test_every_small_tree_is_proved_to_extend_every_smaller_one(new: int) -> None:
    node = node_of(new)
    for old in range(new + 1):
        proof = merkle.consistency_proof(old, new, node)
        assert proof == (naive_proof(old, LEAVES[:new]) if old else [])
        merkle.verify_consistency(old, new, proof, ROOTS[old], ROOTS[new])


@given(st.data())
@settings(max_examples=25)
def test_proofs_of_larger_trees_from_tiles(data: st.DataObject) -> None:
    new = data.draw(st.sampled_from([255, 256, 257, 511, 512, 513, 1024, 1100]) | st.integers(71, 1100))
    old, index = data.draw(st.integers(0, new)), data.draw(st.integers(0, new - 1))
    node, root = node_of(new), merkle.root_of(LEAVES[:new])
    assert merkle.tree_root(new, node) == root
    merkle.verify_inclusion(LEAVES[index], index, new, merkle.inclusion_proof(index, new, node), root)
    proof = merkle.consistency_proof(old, new, node)
    merkle.verify_consistency(old, new, proof, merkle.root_of(LEAVES[:old]), root)


@given(st.data())
@settings(max_examples=150)
def test_an_altered_inclusion_proof_leads_nowhere(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, SIZES))
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, node_of(size))
    altered = data.draw(_altered(proof))
    leaf = data.draw(st.sampled_from([LEAVES[index], LEAVES[index + 1], bytes(32), b""]))
    place = data.draw(st.integers(-1, size + 1))
    if (altered, leaf, place) == (proof, LEAVES[index], index):
        return
    with pytest.raises(BadProof):
        merkle.verify_inclusion(leaf, place, size, altered, ROOTS[size])


@given(st.data())
@settings(max_examples=150)
def test_an_altered_consistency_proof_leads_nowhere(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, SIZES))
    old = data.draw(st.integers(1, new))
    proof = merkle.consistency_proof(old, new, node_of(new))
    altered = data.draw(_altered(proof))
    other = data.draw(st.integers(1, new))
    if other == old and altered == proof:
        return
    with pytest.raises(BadProof):
        merkle.verify_consistency(old, new, altered, ROOTS[other], ROOTS[new] if other == old else bytes(32))


@st.composite
def _altered(draw: st.DrawFn, proof: list[bytes]) -> list[bytes]:
    action = draw(st.sampled_from(("keep", "cut", "append", "turn", "short")))
    if action == "append" or not proof:
        return [*proof, *([bytes(32)] if action != "keep" else [])]
    at = draw(st.integers(0, len(proof) - 1))
    if action == "turn":
        return [*proof[:at], bytes(b ^ 1 for b in proof[at]), *proof[at + 1 :]]
    if action == "short":
        return [*proof[:at], proof[at][:31], *proof[at + 1 :]]
    return [*proof[:at], *proof[at + 1 :]] if action == "cut" else proof


def test_the_empty_tree_is_extended_by_any_with_an_empty_proof() -> None:
    merkle.verify_consistency(0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    merkle.verify_consistency(0, 5, [], merkle.EMPTY_ROOT, ROOTS[5])
    for old, new, proof, first, second in (
        (0, 5, [ROOTS[5]], merkle.EMPTY_ROOT, ROOTS[5]),
        (0, 5, [], bytes(32), ROOTS[5]),
        (0, 0, [], merkle.EMPTY_ROOT, bytes(32)),
        (5, 4, [], ROOTS[5], ROOTS[4]),
        (-1, 4, [], ROOTS[5], ROOTS[4]),
    ):
        with pytest.raises(BadProof):
            merkle.verify_consistency(old, new, proof, first, second)


def test_no_proof_is_made_for_what_is_not_in_the_tree() -> None:
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(BadProof):
            merkle.inclusion_proof(index, size, node_of(5))
    with pytest.raises(BadProof):
        merkle.consistency_proof(6, 5, node_of(5))


def test_an_edge_of_the_wrong_shape_is_refused() -> None:
    for size, hashes in ((3, [bytes(32)]), (1, [bytes(31)]), (0, [bytes(32)])):
        with pytest.raises(BadProof):
            merkle.Edge(size, hashes)


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "000"),
        (7, "007"),
        (999, "999"),
        (1000, "x001/000"),
        (1_234_067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_numbers_are_paths_of_three_digits(number: int, path: str) -> None:
    assert tiles.number_path(number) == path
    assert tiles.tile_path(2, number) == f"tile/2/{path}"
    assert tiles.entries_path(number, 9) == f"tile/entries/{path}.p/9"


@pytest.mark.parametrize(
    ("size", "level", "expected"),
    [(0, 0, (0, 0)), (256, 0, (1, 0)), (300, 0, (1, 44)), (300, 1, (0, 1)), (65_536, 2, (0, 1))],
)
def test_the_size_says_how_wide_tiles_are(size: int, level: int, expected: tuple[int, int]) -> None:
    assert tiles.widths(size, level) == expected


def test_a_tile_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(Malformed):
        merkle.tree_root(5, tiles.TileTree(lambda _: bytes(31)).node(5))


def test_a_changed_tile_gives_proofs_that_fail() -> None:
    files = tile_files(300)
    path = tiles.tile_path(0, 0)
    files[path] = bytes(32) + files[path][32:]
    proof = merkle.inclusion_proof(1, 300, tiles.TileTree(files.__getitem__).node(300))
    with pytest.raises(BadProof):
        merkle.verify_inclusion(LEAVES[1], 1, 300, proof, naive_root(LEAVES[:300]))


def test_bytes_cannot_move_from_one_hash_to_the_next() -> None:
    """Of 31 and 33 bytes the concatenation is that of two hashes, and so would be the root."""
    leaf, sibling = LEAVES[0][:31], LEAVES[0][31:] + LEAVES[1]
    assert merkle.node_hash(leaf, sibling) == ROOTS[2]
    with pytest.raises(BadProof):
        merkle.verify_inclusion(leaf, 0, 2, [sibling], ROOTS[2])


def test_a_proof_that_ends_below_the_top_of_the_tree_is_refused() -> None:
    """Whoever made the root as well could otherwise claim any size for a small tree."""
    with pytest.raises(BadProof):
        merkle.verify_inclusion(LEAVES[0], 0, 4, [], LEAVES[0])
    with pytest.raises(BadProof):
        merkle.verify_inclusion(LEAVES[0], 0, 4, [LEAVES[1]], ROOTS[2])
    root = merkle.node_hash(ROOTS[4], ROOTS[5])
    with pytest.raises(BadProof):
        merkle.verify_consistency(4, 16, [ROOTS[5]], ROOTS[4], root)


def test_both_roots_of_a_consistency_proof_are_checked() -> None:
    proof = merkle.consistency_proof(3, 7, node_of(7))
    for old_root, new_root in ((ROOTS[2], ROOTS[7]), (ROOTS[3], ROOTS[6])):
        with pytest.raises(BadProof):
            merkle.verify_consistency(3, 7, proof, old_root, new_root)


class Dropping(OrderedDict[tuple[int, int, int], list[list[bytes]]]):
    """What is looked for is gone right after: the worst that threads sharing a cache can do to each other."""

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        self.clear()
        return found


def test_a_tile_that_another_thread_drops_meanwhile_is_read_again() -> None:
    tree = tiles.TileTree(tile_files(300).__getitem__)
    tree._tiles = Dropping()
    assert [merkle.tree_root(300, tree.node(300)) for _ in range(2)] == [naive_root(LEAVES[:300])] * 2
