"""The typed code: what a person mistypes is noticed, what the person means is understood."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.code import MistypedCode, check_digits, looks_like_code, make_code, parse_code, show_code

numbers = st.integers(0, 10**12 - 1)
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")


@given(numbers)
def test_a_code_is_14_digits_that_leave_one_after_division_by_97(number: int) -> None:
    code = make_code(number)
    assert len(code) == 14
    assert int(code) % 97 == 1
    assert 2 <= check_digits(number) <= 98
    assert parse_code(show_code(code)) == parse_code(code) == code


@given(numbers, st.sampled_from([" ", "-", "\u2013", "\u00a0", "/", ".", "\u200b", "  "]))
def test_separators_and_thai_digits_are_accepted(number: int, separator: str) -> None:
    code = make_code(number)
    typed = separator.join((code[:4], code[4:8], code[8:12], code[12:]))
    for text in (typed, typed.translate(THAI_DIGITS), typed.translate(WIDE_DIGITS)):
        assert parse_code(text) == code
        assert looks_like_code(text)


@given(numbers)
def test_every_single_wrong_digit_is_noticed(number: int) -> None:
    code = make_code(number)
    for at, digit in itertools.product(range(14), "0123456789"):
        if digit != code[at]:
            with pytest.raises(MistypedCode):
                parse_code(code[:at] + digit + code[at + 1 :])


@given(numbers)
def test_every_two_digits_exchanged_are_noticed(number: int) -> None:
    code = make_code(number)
    for first, second in itertools.combinations(range(14), 2):
        swapped = list(code)
        swapped[first], swapped[second] = code[second], code[first]
        if code[first] != code[second]:
            with pytest.raises(MistypedCode):
                parse_code("".join(swapped))


@given(st.text(max_size=20))
def test_any_text_is_a_code_or_mistyped(text: str) -> None:
    try:
        code = parse_code(text)
    except MistypedCode:
        return
    assert make_code(int(code[:12])) == code


@pytest.mark.parametrize("number", [-1, 10**12])
def test_numbers_beyond_twelve_digits_make_no_code(number: int) -> None:
    with pytest.raises(ValueError, match=r"10\*\*12"):
        make_code(number)
