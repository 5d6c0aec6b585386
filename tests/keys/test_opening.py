"""Opening: verify first, then parse what was verified; every altered bit is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import cose
from keys.errors import BadSignature, KeysError, Malformed, UnknownKey
from keys.layout import Page, Presence, pack_presence
from keys.opening import open_card, open_snapshot, open_statement, sign_snapshot
from keys.record import Withheld
from keys.signing import PublicKey, SeedSigner
from tests.keys import strategies
from tests.keys.examples import BLIND, RING, SIGNED_CARD, SIGNED_RECORD, SNAPSHOT, STATUS, seed

SIGNED_SNAPSHOT = sign_snapshot(SNAPSHOT, STATUS)
# A coordinate of each point of small order, and of the same points written beyond the prime.
LOW_ORDER = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)


def test_every_flipped_bit_of_a_card_is_refused() -> None:
    for at in range(len(SIGNED_CARD) * 8):
        flipped = bytearray(SIGNED_CARD)
        flipped[at // 8] ^= 1 << (at % 8)
        with pytest.raises((Malformed, BadSignature, UnknownKey)):
            open_card(bytes(flipped), RING)


@given(st.data())
@settings(max_examples=200)
def test_a_damaged_signed_thing_is_refused(data: st.DataObject) -> None:
    good, opener = data.draw(
        st.sampled_from(
            [(SIGNED_CARD, open_card), (SIGNED_RECORD, open_statement), (SIGNED_SNAPSHOT, open_snapshot)]
        )
    )
    damaged = data.draw(strategies.damaged(good))
    if damaged == good:
        return
    with pytest.raises(KeysError):
        opener(damaged, RING)


@given(st.binary(max_size=400), strategies.signers)
def test_what_was_signed_verifies_under_its_key_and_no_other(payload: bytes, signer: SeedSigner) -> None:
    parts = cose.parse_sign1(cose.sign1(payload, signer))
    assert (parts.payload, parts.kid) == (payload, signer.public.kid)
    parts.verify(signer.public)
    with pytest.raises(BadSignature):
        parts.verify(STATUS.public)


def test_one_payload_and_key_have_one_signature() -> None:
    assert cose.sign1(b"payload", STATUS) == cose.sign1(b"payload", STATUS)


@pytest.mark.parametrize("point", LOW_ORDER)
def test_points_of_low_order_are_no_keys(point: str) -> None:
    with pytest.raises(Malformed):
        PublicKey(bytes.fromhex(point))


@given(st.binary(min_size=30, max_size=34))
def test_32_bytes_are_a_key_or_malformed(raw: bytes) -> None:
    try:
        assert PublicKey(raw).raw == raw
    except Malformed:
        return


@given(st.binary(max_size=70))
def test_a_signature_of_any_length_is_bad(signature: bytes) -> None:
    with pytest.raises(BadSignature):
        STATUS.public.verify(b"message", signature)


def test_a_signer_shows_its_key_identifier_and_nothing_else() -> None:
    secret = seed("status")
    for shown in (repr(STATUS), str(STATUS), repr(STATUS.public)):
        assert STATUS.public.kid.hex() in shown
        assert secret.hex() not in shown
        assert repr(secret) not in shown


@given(strategies.items, strategies.items)
def test_a_withheld_item_commits_to_its_value(first: object, second: object) -> None:
    if isinstance(first, Withheld) or isinstance(second, Withheld):
        return
    same = Withheld.of(first, BLIND) == Withheld.of(second, BLIND)  # type: ignore[arg-type]
    assert same == (first == second and type(first) is type(second))


def test_a_withheld_item_is_blinded_by_16_bytes() -> None:
    with pytest.raises(ValueError, match="16"):
        Withheld.of("value", BLIND[:15])


@given(st.lists(st.sampled_from(Presence), max_size=256))
def test_presence_is_read_back_and_none_beyond_its_end(states: list[Presence]) -> None:
    page = Page((bytes(32),), (pack_presence(states),))
    assert [page.at(0, offset) for offset in range(256)] == [*states, *[Presence.NONE] * (256 - len(states))]
    assert len(page.presence[0]) == -(-len(states) // 4)
