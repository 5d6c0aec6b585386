"""Bytes as decimal digits for a numeric QR segment, as in FIDO CTAP 2.2 hybrid transport.

Seven bytes, little-endian, become 17 digits; 1 to 6 trailing bytes become 3, 5, 8, 10, 13, 15.
"""

from keys.errors import Malformed

_DIGITS_OF = {1: 3, 2: 5, 3: 8, 4: 10, 5: 13, 6: 15, 7: 17}
_BYTES_OF = {digits: count for count, digits in _DIGITS_OF.items()}


def to_digits(data: bytes) -> str:
    """The digits of `data`."""
    chunks = (data[start : start + 7] for start in range(0, len(data), 7))
    return "".join(f"{int.from_bytes(c, 'little'):0{_DIGITS_OF[len(c)]}d}" for c in chunks)


def digits_for(count: int) -> int:
    """How many digits `count` bytes become."""
    return 17 * (count // 7) + (_DIGITS_OF[count % 7] if count % 7 else 0)


def from_digits(digits: str) -> bytes:
    """The bytes of `digits`; raises `Malformed` unless `to_digits` could have written them."""
    if not set(digits) <= set("0123456789"):
        raise Malformed("only the digits 0 to 9 stand in a QR link")
    out = bytearray()
    for start in range(0, len(digits), 17):
        chunk = digits[start : start + 17]
        count = _BYTES_OF.get(len(chunk))
        if count is None or int(chunk) >= 1 << (8 * count):
            raise Malformed("not a number of digits or a value that bytes can give")
        out += int(chunk).to_bytes(count, "little")
    return bytes(out)
