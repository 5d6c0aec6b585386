"""Status lists: each position holds its own status, and nothing but the signed list opens."""

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.acts import Status
from keys.errors import KeysError, Malformed
from keys.statuslist import (
    LARGEST_LIST_JWT,
    LIST_POSITIONS,
    ListName,
    StatusList,
    compress,
    decompress,
    empty_nibbles,
    is_known,
    open_list,
    put,
    sign_list,
    vars_of,
)
from tests.keys import strategies
from tests.keys.examples import LIST, RING, STATUS, example_nibbles

SIGNED = sign_list(LIST, STATUS)
writes = st.lists(
    st.tuples(st.integers(0, LIST_POSITIONS - 1) | st.integers(0, 5), st.integers(0, 15)), max_size=30
)


@given(writes)
@settings(max_examples=50)
def test_each_position_holds_what_was_put_there_last(writes: list[tuple[int, int]]) -> None:
    nibbles, expected = empty_nibbles(), dict[int, int]()
    for position, value in writes:
        put(nibbles, position, value)
        expected[position] = value
    listed = dataclasses.replace(LIST, nibbles=bytes(nibbles))
    for position in {*expected, *(p ^ 1 for p in expected)}:
        assert listed.status_at(position) == expected.get(position, Status.VALID)
    assert decompress(compress(listed.nibbles), limit=LIST_POSITIONS // 2) == listed.nibbles


def test_the_first_position_is_the_low_half_of_the_first_byte() -> None:
    assert example_nibbles()[:4] == bytes.fromhex("1032cb0d")


@pytest.mark.parametrize("position", [-1, LIST_POSITIONS, 2**40])
def test_a_position_outside_the_list_is_malformed(position: int) -> None:
    with pytest.raises(Malformed):
        LIST.status_at(position)


@given(
    st.builds(ListName, strategies.naturals, strategies.naturals, strategies.naturals),
    strategies.any_text,
    st.lists(strategies.naturals, min_size=4, max_size=4),
    writes,
)
@settings(max_examples=30)
def test_a_list_opens_to_what_was_signed(
    name: ListName, uri: str, numbers: list[int], writes: list[tuple[int, int]]
) -> None:
    nibbles = empty_nibbles()
    for position, value in writes:
        put(nibbles, position, value)
    version, size, issued, expires = numbers
    listed = StatusList(name, uri, version, size, issued, expires, bytes(nibbles))
    assert open_list(sign_list(listed, STATUS), RING) == listed
    assert name.path() == "/".join(map(str, vars_of(name)))


@given(st.data())
@settings(max_examples=150)
def test_a_damaged_list_is_refused(data: st.DataObject) -> None:
    damaged = data.draw(strategies.damaged(SIGNED))
    if damaged == SIGNED:
        return
    with pytest.raises(KeysError):
        open_list(damaged, RING)


def test_every_single_flipped_bit_of_a_list_is_refused() -> None:
    for at in range(0, len(SIGNED) * 8, 3):
        flipped = bytearray(SIGNED)
        flipped[at // 8] ^= 1 << (at % 8)
        with pytest.raises(KeysError):
            open_list(bytes(flipped), RING)


def test_a_compressed_flood_is_refused_before_it_fills_memory() -> None:
    with pytest.raises(Malformed):
        decompress(compress(bytes(1 << 26)), limit=LIST_POSITIONS // 2)


def test_the_least_compressible_list_stays_under_the_bound() -> None:
    nibbles = random.Random(1).randbytes(LIST_POSITIONS // 2)
    assert len(sign_list(dataclasses.replace(LIST, nibbles=nibbles), STATUS)) < LARGEST_LIST_JWT


def test_only_the_seven_statuses_are_known() -> None:
    assert [value for value in range(16) if is_known(value)] == [0, 1, 2, 3, 11, 12, 13]
