"""A key that sorts Thai as dictionaries do; code-point order does not."""

import re

from keys.text import canonical

_LEADING_VOWEL = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])")
_MARKS = re.compile("[\u0e47-\u0e4c]")


def sort_key(text: str) -> str:
    """The sort key of a name: leading vowels after their consonant, tone marks only as a tie-break.

    Royal Institute order: consonants first, vowels next, marks last (Thai Industrial Standard 620
    order within each).
    """
    plain = canonical(text).casefold()
    swapped = _LEADING_VOWEL.sub(r"\2\1", _MARKS.sub("", plain))
    return f"{swapped}\u0001{''.join(_MARKS.findall(plain))}"
