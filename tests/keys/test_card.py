"""The card in its QR: a typical Thai license fits version 12, nothing goes beyond 15."""

import dataclasses
from typing import Any

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.base10 import from_digits
from keys.card import (
    LARGEST_VERSION,
    TYPICAL_VERSION,
    LicenseCard,
    card_link,
    card_of,
    encode_card,
    surely_fits,
)
from keys.errors import TooLong
from keys.opening import open_card, sign_card
from keys.record import LicenseRecord, StatusRef, Withheld
from tests.keys import examples, strategies

LONGEST_HOST = "permits.samutprakan.go.th"[:24]
THAI_LETTERS = "บริษัทเจริญกรุงอาหารและเครื่องดื่มจำกัดมหาชน"


def thai(length: int) -> str:
    """Thai words of `length` letters and marks."""
    return (THAI_LETTERS * (length // len(THAI_LETTERS) + 1))[:length]


def qr_version(record: LicenseRecord, host: str) -> int:
    """The version of the smallest QR at level M that holds the record's card."""
    signed = sign_card(card_of(record, host=host), examples.AGENCY)
    prefix, digits = card_link(signed, base_url=f"https://{host}")
    assert from_digits(digits) == signed
    segments: Any = [(prefix, segno.consts.MODE_BYTE), (digits, segno.consts.MODE_NUMERIC)]
    version = segno.make(segments, error="m", boost_error=False).version
    assert isinstance(version, int)
    return version


def license_with(holder: int, premises: int, address: int, *, place: int | None = 101302) -> LicenseRecord:
    """The example with a holder, premises and address of so many letters, and late numbers."""
    return dataclasses.replace(
        examples.RECORD,
        holder={"name": thai(holder)},
        premises=thai(premises) or None,
        address=thai(address) or None,
        place=place,
        status=StatusRef(2031, 12, 65_535),
        index=9_999_999,
    )


@pytest.mark.parametrize("host", [examples.HOST, LONGEST_HOST])
def test_a_typical_thai_license_fits_version_12(host: str) -> None:
    assert len(LONGEST_HOST) == 24
    assert qr_version(license_with(40, 26, 54), host) <= TYPICAL_VERSION


def test_the_whole_of_a_short_license_stays_on_its_card() -> None:
    """Holder, premises, address and number of up to 108 letters together need not be shortened."""
    record = license_with(40, 20, 36)
    assert card_of(record, host=LONGEST_HOST).address == record.address
    assert qr_version(record, LONGEST_HOST) <= TYPICAL_VERSION


def test_when_too_long_the_address_gives_way_to_the_place_and_the_holder_never_does() -> None:
    record = license_with(60, 40, 80)
    card = card_of(record, host=LONGEST_HOST)
    assert (card.address, card.place) == (None, 101302)
    assert (card.holder, card.premises) == (record.holder["name"], record.premises)


def test_an_address_without_place_code_stays_while_version_15_carries_it() -> None:
    record = license_with(40, 40, 80, place=None)
    assert card_of(record, host=LONGEST_HOST).address == record.address
    assert TYPICAL_VERSION < qr_version(record, LONGEST_HOST) <= LARGEST_VERSION


@given(st.integers(1, 300), st.integers(0, 200), st.integers(0, 300), st.sampled_from([None, 101302]))
@settings(max_examples=60)
def test_no_card_needs_more_than_version_15(
    holder: int, premises: int, address: int, place: int | None
) -> None:
    record = license_with(holder, premises, address, place=place)
    try:
        version = qr_version(record, LONGEST_HOST)
    except TooLong:
        assert holder + premises > 150
        return
    assert version <= LARGEST_VERSION


def test_names_that_no_qr_can_carry_are_refused() -> None:
    with pytest.raises(TooLong):
        card_of(license_with(300, 10, 10), host=LONGEST_HOST)


@pytest.mark.parametrize("ref", [StatusRef(2019, 0, 0), StatusRef(2026, 1024, 0), StatusRef(2026, -1, 0)])
def test_a_list_that_the_card_cannot_name_is_refused(ref: StatusRef) -> None:
    with pytest.raises(TooLong):
        encode_card(dataclasses.replace(examples.CARD, status=ref))


def test_withheld_numbers_and_names_are_not_on_the_card() -> None:
    hidden = Withheld(bytes(32))
    record = dataclasses.replace(examples.RECORD, number=hidden, holder={"name": hidden})
    card = card_of(record, host=examples.HOST)
    assert (card.number, card.holder) == (None, None)
    assert open_card(sign_card(card, examples.AGENCY), examples.RING).value == card


@given(strategies.cards, st.integers(0, 130), st.integers(0, 130), st.sampled_from(["ก", "a", "字"]))
def test_what_surely_fits_does_fit(card: LicenseCard, holder: int, premises: int, letter: str) -> None:
    card = dataclasses.replace(card, holder=letter * holder or None, premises=letter * premises or None)
    if surely_fits(card.number, card.holder, card.premises, host=LONGEST_HOST):
        record = dataclasses.replace(
            license_with(1, 1, 1),
            **{name: getattr(card, name) for name in ("agency", "license_type", "code", "place", "status")},
            **{name: getattr(card, name) for name in ("valid_from", "valid_until", "index", "premises")},
            number=card.number or "",
            holder={"name": card.holder} if card.holder else {},
            address=None,
        )
        card_of(record, host=LONGEST_HOST)


def test_a_typical_license_surely_fits() -> None:
    assert surely_fits("12/345/2569", thai(40), thai(40), host=LONGEST_HOST)
    assert not surely_fits("12/345/2569", thai(150), thai(150), host=LONGEST_HOST)
