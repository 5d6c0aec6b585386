"""The typed code: 12 random digits and two ISO 7064 MOD 97-10 check digits, shown 4-4-4-2."""

import re

from keys.errors import Malformed
from keys.text import fold_digits

CODE_DIGITS = 14
_SEPARATORS = re.compile("[\\s\u200b\u2010-\u2015\u2212._/-]+")
_ASCII_DIGITS = re.compile(r"[0-9]{14}")


class MistypedCode(Malformed):
    """Fourteen digits whose check digits do not fit, or not fourteen digits at all."""


def check_digits(twelve: int) -> int:
    """The check digits of a number below 10**12, 2 to 98 (ISO 7064, MOD 97-10)."""
    return 98 - twelve * 100 % 97


def make_code(twelve: int) -> str:
    """The 14-digit code of a random number below 10**12, without separators."""
    if not 0 <= twelve < 10**12:
        raise ValueError("a code is made from a number below 10**12")
    return f"{twelve:012d}{check_digits(twelve):02d}"


def parse_code(text: str) -> str:
    """The 14 ASCII digits of what a person typed; blanks, dashes and Thai digits are accepted.

    Raises `MistypedCode`, which means "please compare with the plate", never "not found".
    """
    digits = _SEPARATORS.sub("", fold_digits(text))
    if not _ASCII_DIGITS.fullmatch(digits) or make_code(int(digits[:12])) != digits:
        raise MistypedCode("a code has 14 digits, the last two being check digits")
    return digits


def looks_like_code(text: str) -> bool:
    """Whether a search word was meant as a code: 14 digits with or without separators."""
    return bool(_ASCII_DIGITS.fullmatch(_SEPARATORS.sub("", fold_digits(text))))


def show_code(code: str) -> str:
    """`code` grouped 4-4-4-2 with dashes, as plates and pages print it."""
    return f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}"
