"""Deterministic CBOR behind a strict door (RFC 8949 §4.2.1).

Only integers, byte strings, text strings, arrays, maps, booleans and null are written; maps have
integer or text keys.  What `encode` would not have written byte for byte, `decode` refuses.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import cbor2

from keys.errors import Malformed

Value = Any  # CBOR is recursive; the readers of each format narrow it.

MAX_DEPTH = 16
# Major types (RFC 8949 §3.1); 7 holds floats and simple values.
_NATURAL, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG = range(7)
_FALSE_TRUE_NULL = (0xF4, 0xF5, 0xF6)


def encode(value: Value) -> bytes:
    """The one encoding of `value`: shortest integers, definite lengths, keys in bytewise order.

    Raises `TypeError` for a value of any other type, and `OverflowError` for an integer beyond 64 bits.
    """
    # Written here and not by the library, which takes three times as long to put keys in order.
    try:
        return _WRITERS[type(value)](value)
    except KeyError as error:
        raise TypeError(f"a value of {error} has no place in these formats") from error


def _heads(major: int) -> tuple[bytes, ...]:
    return tuple(bytes((major << 5 | n,) if n < 24 else (major << 5 | 24, n)) for n in range(256))


# Each major type with each number up to 255: what nearly every item begins with.
_SHORT = tuple(map(_heads, range(_TAG)))
_NATURALS, _TEXTS, _STRINGS = _SHORT[_NATURAL], _SHORT[_TEXT], _SHORT[_BYTES]


def _head(major: int, number: int) -> bytes:
    if number < 256:
        return _SHORT[major][number]
    width = 1 if number < 1 << 16 else 2 if number < 1 << 32 else 3
    return bytes((major << 5 | 24 + width,)) + number.to_bytes(1 << width, "big")


def _write_whole(value: int) -> bytes:
    if 0 <= value < 256:
        return _NATURALS[value]
    return _head(_NATURAL, value) if value >= 0 else _head(_NEGATIVE, -1 - value)


def _write_text(value: str) -> bytes:
    data = value.encode()
    return (_TEXTS[len(data)] if len(data) < 256 else _head(_TEXT, len(data))) + data


def _write_bytes(value: bytes) -> bytes:
    return (_STRINGS[len(value)] if len(value) < 256 else _head(_BYTES, len(value))) + value


def _write_array(value: Sequence[Value]) -> bytes:
    return _head(_ARRAY, len(value)) + b"".join([_WRITERS[type(item)](item) for item in value])


def _write_map(value: Mapping[Any, Value]) -> bytes:
    # No encoded key is the beginning of another, so pairs stand in the order of their keys.
    pairs = [_write_key(key) + _WRITERS[type(item)](item) for key, item in value.items()]
    pairs.sort()
    return _head(_MAP, len(value)) + b"".join(pairs)


def encode_numbered(items: Sequence[Value]) -> bytes:
    """The map of 0, 1, 2 … to `items`, at most 24; those that are None or empty are absent."""
    return _write_items(_NATURALS[: len(items)], items)


class Named:
    """A map whose keys are always these texts: `encode` takes its items in the order of the names.

    Raises `ValueError` when the names do not stand in the bytewise order of their encodings.
    """

    def __init__(self, *names: str) -> None:
        self._keys = tuple(map(_write_text, names))
        if list(self._keys) != sorted(self._keys):
            raise ValueError("names stand in the order of their encodings")

    def encode(self, items: Sequence[Value]) -> bytes:
        """What `cbor.encode` writes of the map; items that are None or empty are absent."""
        return _write_items(self._keys, items)


def _write_items(keys: Sequence[bytes], items: Sequence[Value]) -> bytes:
    writers, pairs = _WRITERS, []
    for key, item in zip(keys, items, strict=True):
        if item or item == 0:
            pairs.append(key + writers[type(item)](item))
    return _head(_MAP, len(pairs)) + b"".join(pairs)


@lru_cache(maxsize=1024, typed=True)  # The formats' own names, over and over.
def _write_key(key: int | str) -> bytes:
    return encode(key)


_WRITERS: dict[type, Callable[[Any], bytes]] = {
    bool: lambda value: b"\xf5" if value else b"\xf4",
    bytes: _write_bytes,
    dict: _write_map,
    int: _write_whole,
    list: _write_array,
    str: _write_text,
    tuple: _write_array,
    type(None): lambda _: b"\xf6",
}


def decode(data: bytes) -> Value:
    """The value of `data`; raises `Malformed` unless `encode` would write exactly these bytes."""
    _require_plain_heads(data)
    try:
        value = cbor2.loads(
            data,
            max_depth=MAX_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except (cbor2.CBORDecodeError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Malformed("not CBOR as this service writes it") from error
    _require_plain_keys(value)
    if encode(value) != data:
        raise Malformed("not the deterministic encoding of its value")
    return value


def _require_plain_heads(data: bytes) -> None:
    # The library acts on tags while it decodes: two that share values (28, 29) can build a cycle, or
    # a value of 2**30 items from 200 bytes.  So heads are looked at first, in one pass without depth.
    at = 0
    while at < len(data):
        first = data[at]
        major, short = first >> 5, first & 31
        if major >= _TAG and first not in _FALSE_TRUE_NULL:
            raise Malformed("tags, floats and simple values have no place in these formats")
        if short >= 28:
            raise Malformed("lengths are definite")
        width = 0 if short < 24 else 1 << (short - 24)
        at += 1 + width
        if major in (_BYTES, _TEXT):
            at += int.from_bytes(data[at - width : at], "big") if width else short


def _require_plain_keys(value: Value) -> None:
    if type(value) is list:
        for item in value:
            _require_plain_keys(item)
    elif type(value) is dict:
        kinds = {type(key) for key in value}
        if not kinds <= {int} and not kinds <= {str}:
            raise Malformed("map keys must be all integers or all text")
        for item in value.values():
            _require_plain_keys(item)


class Reader:
    """Takes the items out of a decoded map, each at most once, each of the type asked for.

    Everything it refuses is `Malformed`; `done` refuses items nobody asked for, so that an
    unknown key can never pass unnoticed.
    """

    def __init__(self, value: Value, what: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(f"{what}: a map was expected")
        self._rest: dict[Any, Any] = dict(value)
        self._what = what

    def fail(self, why: str) -> Malformed:
        """A `Malformed` that names what was being read, for the caller to raise."""
        return Malformed(f"{self._what}: {why}")

    def optional(self, key: int | str, kind: type[Any]) -> Any:
        """The item under `key`, or None where it is absent; null is not absence and is refused."""
        if key not in self._rest:
            return None
        value = self._rest.pop(key)
        if type(value) is not kind:
            raise self.fail(f"{key!r} must be {kind.__name__}")
        return value

    def required(self, key: int | str, kind: type[Any]) -> Any:
        """The item under `key`, which must be there."""
        if key not in self._rest:
            raise self.fail(f"{key!r} is missing")
        return self.optional(key, kind)

    def natural(self, key: int | str) -> int:
        """The non-negative integer under `key`."""
        value: int = self.required(key, int)
        if value < 0:
            raise self.fail(f"{key!r} must not be negative")
        return value

    def optional_natural(self, key: int | str) -> int | None:
        """The non-negative integer under `key`, or None where it is absent."""
        return self.natural(key) if key in self._rest else None

    def hash(self, key: int | str) -> bytes:
        """The 32 bytes under `key`."""
        value: bytes = self.required(key, bytes)
        if len(value) != 32:
            raise self.fail(f"{key!r} must be 32 bytes")
        return value

    def anything(self, key: int | str) -> Any:
        """The item under `key` of whatever type, or None where it is absent."""
        return self._rest.pop(key, None)

    def literal(self, key: int | str, expected: int | str) -> None:
        """Refuse unless the item under `key` is exactly `expected`."""
        if self.required(key, type(expected)) != expected:
            raise self.fail(f"{key!r} must be {expected!r}")

    def done(self) -> None:
        """Refuse any item that nobody asked for."""
        if self._rest:
            raise self.fail(f"unknown items {sorted(map(str, self._rest))}")


def without_absent(items: Mapping[Any, Any]) -> dict[Any, Any]:
    """`items` less those that are None or empty: absence is written as absence, in one way.

    Zero and false are values and stay.
    """
    return {key: value for key, value in items.items() if value or value == 0}
