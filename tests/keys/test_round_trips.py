"""What encode wrote, decode gives back; anything else is refused, and by nothing but our own errors."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import cbor
from keys.base10 import digits_for, from_digits, to_digits
from keys.catalog import encode_json, parse_type, write_type
from keys.errors import KeysError, Malformed
from keys.record import LicenseRecord, StatusRef, placed
from tests.keys import examples, strategies
from tests.keys.strategies import FORMATS, Format

formats = pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)


def accept_only_what_we_write(form: Format, data: bytes) -> None:
    """Parse `data`: refuse it as ours, or give a value that is written as exactly these bytes."""
    try:
        value = form.parse(data)
    except KeysError:
        return
    assert form.encode(value) == data


@formats
@given(st.data())
@settings(max_examples=25)
def test_what_was_written_is_read_back(form: Format, data: st.DataObject) -> None:
    value = data.draw(form.values)
    assert form.parse(form.encode(value)) == value


@formats
@given(st.binary(max_size=200))
@settings(max_examples=25)
def test_random_bytes_are_refused_or_ours(form: Format, data: bytes) -> None:
    accept_only_what_we_write(form, data)


@formats
@given(st.data())
@settings(max_examples=40)
def test_damaged_bytes_are_refused_or_ours(form: Format, data: st.DataObject) -> None:
    good = form.encode(data.draw(form.values))
    accept_only_what_we_write(form, data.draw(strategies.damaged(good)))


@formats
@given(st.data())
@settings(max_examples=50)
def test_altered_values_are_refused_or_ours(form: Format, data: st.DataObject) -> None:
    good = form.encode(data.draw(form.values))
    if good.startswith(b"{"):
        value = data.draw(strategies.altered(json.loads(good)))
        accept_only_what_we_write(form, _json(value))
    elif form is not FORMATS["entry bundle"]:
        value = data.draw(strategies.altered(cbor2.loads(good)))
        accept_only_what_we_write(form, cbor2.dumps(value, canonical=True))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=False, separators=(",", ":"), default=repr).encode(
        "utf-8", "surrogatepass"
    )


@given(strategies.odd_values)
def test_a_license_type_of_any_shape_is_read_or_malformed(value: Any) -> None:
    for shape in (value, write_type(examples.FOOD_SHOP) | {"display": {"methods": [value], "gazette": ""}}):
        try:
            parse_type(shape)
        except Malformed:
            continue
        raise AssertionError(shape)


_WHOLE = st.integers(-(2**64), 2**64 - 1)
_LEAVES = (
    st.none() | st.booleans() | _WHOLE | st.text() | st.binary() | st.binary(min_size=250, max_size=70_000)
)


def _maps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[Any, Any]]:
    return st.dictionaries(_WHOLE, values, max_size=5) | st.dictionaries(st.text(), values, max_size=5)


def _as_the_rfc_says(value: Any) -> bytes:
    """RFC 8949 §4.2.1 by the library's encoder of single items and a plain sort."""
    if isinstance(value, list):
        return cbor2.dumps([None] * len(value))[: -len(value) or None] + b"".join(
            map(_as_the_rfc_says, value)
        )
    if isinstance(value, dict):
        head = cbor2.dumps(dict.fromkeys(range(len(value))))[
            : len(cbor2.dumps([None] * len(value))) - len(value)
        ]
        pairs = sorted((cbor2.dumps(key), _as_the_rfc_says(item)) for key, item in value.items())
        return head + b"".join(key + item for key, item in pairs)
    return cbor2.dumps(value)


@given(st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=30) | _maps(inner), max_leaves=30))
def test_the_encoding_is_the_one_of_rfc_8949(value: Any) -> None:
    assert cbor.encode(value) == _as_the_rfc_says(value)
    assert cbor2.loads(cbor.encode(value)) == value


@given(st.dictionaries(st.text(), _LEAVES | st.lists(_LEAVES, max_size=3), max_size=30))
def test_a_map_of_fixed_names_is_written_as_every_map_is(value: dict[str, Any]) -> None:
    names = sorted(value, key=cbor.encode)
    written = cbor.Named(*names).encode([value[name] for name in names])
    assert written == cbor.encode(cbor.without_absent(value))


def test_names_stand_in_the_order_of_their_encodings() -> None:
    with pytest.raises(ValueError, match="order"):
        cbor.Named("number", "act")


@given(strategies.records, strategies.refs, strategies.naturals)
def test_a_placed_record_differs_in_its_place_alone(
    record: LicenseRecord, status: StatusRef, index: int
) -> None:
    assert placed(record, status, index) == replace(record, status=status, index=index)


@pytest.mark.parametrize("value", [1.5, {1: b"", 2: {3}}, [Decimal(1)], 2**64, -(2**64) - 1, {"a": {1.0: 1}}])
def test_what_has_no_place_in_the_formats_is_not_written(value: Any) -> None:
    with pytest.raises((TypeError, OverflowError)):
        cbor.encode(value)


@given(st.data())
def test_an_altered_license_type_is_what_it_says_or_malformed(data: st.DataObject) -> None:
    value = data.draw(strategies.altered(write_type(examples.FOOD_SHOP)))
    try:
        kind = parse_type(value)
    except Malformed:
        return
    assert write_type(kind) == value
    encode_json(write_type(kind))


@given(st.binary(max_size=300))
def test_bytes_come_back_from_their_digits(data: bytes) -> None:
    digits = to_digits(data)
    assert from_digits(digits) == data
    assert len(digits) == digits_for(len(data))


@given(st.text(st.sampled_from("0123456789"), max_size=60) | st.text(max_size=20))
def test_digits_are_refused_or_ours(digits: str) -> None:
    try:
        data = from_digits(digits)
    except Malformed:
        return
    assert to_digits(data) == digits


def test_shared_values_cannot_swell() -> None:
    """Forty levels of one list twice would be 2**40 items; the door looks at tags before it follows them."""
    swollen = b"\xd8\x1c\x82\x00\x00"
    for level in range(40):
        swollen = b"\xd8\x1c\x82" + swollen + b"\xd8\x1d" + cbor2.dumps(39 - level)
    with pytest.raises(Malformed):
        cbor.decode(swollen)


@pytest.mark.parametrize("depth", [16, 17, 1000, 100_000])
def test_depth_is_bounded(depth: int) -> None:
    nested = b"\x81" * depth + b"\x00"
    if depth <= cbor.MAX_DEPTH:
        assert cbor.encode(cbor.decode(nested)) == nested
    else:
        with pytest.raises(Malformed):
            cbor.decode(nested)
