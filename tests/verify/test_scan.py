"""What is scanned or typed: exact hosts, strict digits, and `Malformed` for all the rest."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.base10 import to_digits
from keys.errors import Malformed
from tests.verify.founding import HOST
from tests.verify.register import Register
from verify.errors import Foreign
from verify.scan import Code, scan, scan_digits

ADDRESSES = (f"https://{HOST}",)
SIGNED = Register(Path()).issue().signed_card
DIGITS = to_digits(SIGNED)


def test_a_link_its_digits_and_a_code_are_told_apart() -> None:
    assert scan(f"https://{HOST}/v/{DIGITS}", addresses=ADDRESSES) == SIGNED
    assert scan(f" {DIGITS}\n", addresses=ADDRESSES) == SIGNED
    for text in (f"https://{HOST}/c/4821-0937-5501-69", "4821 0937 5501 69", "๔๘๒๑๐๙๓๗๕๕๐๑๖๙"):
        assert scan(text, addresses=ADDRESSES) == Code("48210937550169")


@pytest.mark.parametrize(
    "text",
    [
        f"http://{HOST}/v/{DIGITS}",
        f"https://{HOST}:8443/v/{DIGITS}",
        f"https://{HOST}.evil.example/v/{DIGITS}",
        f"https://{HOST}@evil.example/v/{DIGITS}",
        f"https://evil.example/{HOST}/v/{DIGITS}",
        f"https://evil.example#https://{HOST}/v/{DIGITS}",
        f"https://{HOST.upper()}/v/{DIGITS}",
        f"HTTPS://{HOST}/v/{DIGITS}",
        f"https://permlt.example.go.th/v/{DIGITS}",
        f"https://permit.examp\u04cfe.go.th/v/{DIGITS}",
        f"https://xn--{HOST}/v/{DIGITS}",
        f"https://{HOST}./v/{DIGITS}",
        f"https:\\\\{HOST}\\v\\{DIGITS}://",
        f"https://{HOST}/V/{DIGITS}",
        "javascript://alert(1)",
    ],
)
def test_a_link_to_any_other_host_is_foreign(text: str) -> None:
    with pytest.raises(Foreign):
        scan(text, addresses=ADDRESSES)


@pytest.mark.parametrize("tail", ["?lang=en", "#x", "/", " ", "%30", "0", "٣", "\n1"])
def test_nothing_may_follow_the_digits_of_a_link(tail: str) -> None:
    with pytest.raises(Malformed):
        scan(f"https://{HOST}/v/{DIGITS}{tail}x", addresses=ADDRESSES)
    with pytest.raises(Malformed):
        scan_digits(DIGITS + tail)


@given(st.text())
def test_any_other_text_is_malformed_or_foreign(text: str) -> None:
    try:
        found = scan(text, addresses=ADDRESSES)
    except (Malformed, Foreign):
        return
    assert isinstance(found, Code)


@given(st.text(alphabet="0123456789", max_size=1300))
def test_any_other_digits_are_malformed(digits: str) -> None:
    with pytest.raises(Malformed):
        scan_digits(digits)


@given(st.binary(max_size=400))
def test_any_other_bytes_as_digits_are_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        scan_digits(to_digits(content))
