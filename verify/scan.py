"""What was scanned or typed becomes a signed card or a code, or is refused; nothing is guessed."""

from collections.abc import Collection
from dataclasses import dataclass

from keys.base10 import from_digits
from keys.code import parse_code
from keys.cose import parse_sign1
from keys.errors import Malformed
from keys.opening import SignedCard
from verify.errors import Foreign

# A QR of version 15 at level M holds fewer than 1,000 digits.
LONGEST_TEXT = 1200


@dataclass(frozen=True, slots=True)
class Code:
    """A typed code: 14 ASCII digits that check."""

    digits: str


def scan_digits(digits: str) -> SignedCard:
    """The signed card of a link's digits, in its outer form; raises `Malformed`.

    Whether the signature is right is not asked here: `check_card` opens it.
    """
    if not digits or len(digits) > LONGEST_TEXT:
        raise Malformed("a link has between one and some hundred digits")
    signed = from_digits(digits)
    parse_sign1(signed)
    return SignedCard(signed)


def scan(text: str, *, addresses: Collection[str]) -> SignedCard | Code:
    """The card or code of a whole link, a link's digits, or a typed code.

    `addresses` are the beginnings of official links, such as `https://permit.example.go.th`,
    compared exactly.  Raises `Foreign` for any other link and `Malformed` for anything else.
    """
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise Malformed("longer than any link or code")
    if "://" not in text:
        digits_only = text.isascii() and text.isdigit()
        return scan_digits(text) if digits_only and len(text) > 100 else Code(parse_code(text))
    for address in addresses:
        if text.startswith(f"{address}/v/"):
            return scan_digits(text.removeprefix(f"{address}/v/"))
        if text.startswith(f"{address}/c/"):
            return Code(parse_code(text.removeprefix(f"{address}/c/")))
    raise Foreign("this link does not lead to the official host")
