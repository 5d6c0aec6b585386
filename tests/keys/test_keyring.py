"""The ring: vouched for by k of n roots, followed one version at a time, never backwards."""

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.errors import BadSignature, KeysError, Malformed, RingRefused, UnknownKey
from keys.keyring import KeyRing, RingKey, Role, encode_ring, follow_ring, parse_ring, pin_ring, sign_ring
from keys.signing import SeedSigner
from tests.keys import strategies
from tests.keys.examples import AGENCY, LOG, RING, ROOTS, SIGNED_RING, START, STATUS, YEAR, seed

NEW_ROOTS = tuple(SeedSigner(seed(f"new root {n}")) for n in (1, 2, 3))


def next_ring(**changes: object) -> KeyRing:
    return dataclasses.replace(RING, **{"version": 2} | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "roots", [ROOTS[:n] for n in range(4)] + [(ROOTS[0], ROOTS[2]), ROOTS[1:], ROOTS[2:]]
)
def test_a_ring_is_pinned_with_its_threshold_of_roots_and_not_with_fewer(
    roots: tuple[SeedSigner, ...],
) -> None:
    signed = sign_ring(RING, roots)
    if len(roots) >= RING.threshold:
        assert pin_ring(signed) == RING
    else:
        with pytest.raises(RingRefused):
            pin_ring(signed)


def test_the_next_version_follows() -> None:
    ring = next_ring(expires=RING.expires + YEAR)
    assert follow_ring(RING, sign_ring(ring, ROOTS[1:])) == ring


def test_the_same_ring_again_is_the_trusted_one_whoever_of_the_roots_signed() -> None:
    assert follow_ring(RING, sign_ring(RING, ROOTS[1:])) is RING


def test_new_roots_need_the_old_threshold_and_the_new_one() -> None:
    ring = next_ring(roots=tuple(root.public for root in NEW_ROOTS), threshold=3)
    for old, new in itertools.product(range(4), range(4)):
        signed = sign_ring(ring, [*ROOTS[:old], *NEW_ROOTS[:new]])
        if old >= 2 and new >= 3:
            assert follow_ring(RING, signed) == ring
        else:
            with pytest.raises(RingRefused):
                follow_ring(RING, signed)


def test_a_root_that_stays_counts_for_the_old_and_the_new_threshold() -> None:
    ring = next_ring(roots=(ROOTS[0].public, ROOTS[1].public, NEW_ROOTS[0].public))
    assert follow_ring(RING, sign_ring(ring, ROOTS[:2])) == ring


def test_a_raised_threshold_counts_at_once() -> None:
    ring = next_ring(threshold=3)
    with pytest.raises(RingRefused):
        follow_ring(RING, sign_ring(ring, ROOTS[:2]))
    assert follow_ring(RING, sign_ring(ring, ROOTS)) == ring


def test_a_lowered_threshold_needs_the_old_one_once_more() -> None:
    ring = next_ring(threshold=1)
    with pytest.raises(RingRefused):
        follow_ring(RING, sign_ring(ring, ROOTS[:1]))
    assert follow_ring(RING, sign_ring(ring, ROOTS[:2])) == ring


@pytest.mark.parametrize(
    "changes",
    [{"version": 3}, {"version": 1, "issued": START + 1}, {"origin": "other"}, {"host": "other"}],
    ids=["skipped", "rewritten", "another log", "another host"],
)
def test_what_cannot_follow_is_refused_however_well_signed(changes: dict[str, object]) -> None:
    with pytest.raises(RingRefused):
        follow_ring(RING, sign_ring(next_ring(**changes), ROOTS))


def test_an_older_version_is_refused_for_ever() -> None:
    second = follow_ring(RING, sign_ring(next_ring(), ROOTS))
    with pytest.raises(RingRefused):
        follow_ring(second, SIGNED_RING)


def test_damage_is_not_mistaken_for_a_missing_signature() -> None:
    signed = bytearray(sign_ring(RING, ROOTS))
    signed[-1] ^= 1
    with pytest.raises(BadSignature):
        pin_ring(bytes(signed))


def test_two_keys_that_share_an_identifier_cannot_be_in_one_ring() -> None:
    """The identifier has four bytes, so a pair takes seconds to find; these two are such a pair."""
    first, second = (SeedSigner(n.to_bytes(32, "big")).public for n in (42_360, 127_194))
    assert first != second
    assert first.kid == second.kid
    for colliding in (
        dataclasses.replace(RING, keys=tuple(RingKey(key, Role.LOG, 0, 1) for key in (first, second))),
        dataclasses.replace(RING, keys=(RingKey(first, Role.LOG, 0, 1),), roots=(second, ROOTS[0].public)),
    ):
        with pytest.raises(Malformed, match="share"):
            parse_ring(encode_ring(colliding))


def test_keys_are_found_by_identifier_and_by_role() -> None:
    assert RING.key(AGENCY.public.kid).public == AGENCY.public
    assert [key.public for key in RING.with_role(Role.LOG)] == [LOG.public]
    with pytest.raises(UnknownKey, match=ROOTS[0].public.kid.hex()):
        RING.key(ROOTS[0].public.kid)


def test_roots_are_not_in_the_key_set() -> None:
    listed = {key["kid"] for key in RING.jwks()["keys"]}
    assert STATUS.public.kid.hex() in listed
    assert not listed & {root.public.kid.hex() for root in ROOTS}


@given(st.data())
@settings(max_examples=150)
def test_a_damaged_ring_is_refused(data: st.DataObject) -> None:
    damaged = data.draw(strategies.damaged(SIGNED_RING))
    if damaged == SIGNED_RING:
        return
    with pytest.raises(KeysError):
        pin_ring(damaged)
