"""Canonical Thai text: one spelling for what looks the same.

Signing, storing and comparing all go through `canonical`.  NFC alone leaves Thai marks in any
order of typing, and NFKC tears ำ apart; the rules here are stated in `docs/formats.md`.
"""

import re
import unicodedata
from functools import lru_cache

SARA_AA = "\u0e32"
SARA_AM = "\u0e33"
NIKHAHIT = "\u0e4d"
TONES = "\u0e48\u0e49\u0e4a\u0e4b"

# The order in which marks stand on one consonant.  It agrees with Unicode's combining classes
# (phinthu 9, lower vowels 103, tones 107, the others 0 and so immovable for NFC).
_MARK_ORDER = {
    "\u0e3a": 0,  # phinthu
    "\u0e38": 1,  # sara u
    "\u0e39": 1,  # sara uu
    "\u0e31": 2,  # mai han akat
    "\u0e34": 2,
    "\u0e35": 2,
    "\u0e36": 2,
    "\u0e37": 2,
    "\u0e47": 2,  # mai taikhu
    NIKHAHIT: 2,
    "\u0e48": 3,
    "\u0e49": 3,
    "\u0e4a": 3,
    "\u0e4b": 3,
    "\u0e4c": 4,  # thanthakhat
    "\u0e4e": 4,  # yamakkan
}
_MARKS = "".join(_MARK_ORDER)
_MARK_RUN = re.compile(f"[{_MARKS}]{{2,}}")
_AM_THEN_TONE = re.compile(f"{SARA_AM}([{TONES}]+)")
_AM_APART = re.compile(f"{NIKHAHIT}([{TONES}]*){SARA_AA}")
_DOUBLE_E = re.compile("\u0e40{2,}")
_SPACES = re.compile(" {2,}")
_BLANKS = re.compile(r"\s+")


def _tables() -> tuple[bytes, bytes]:
    # For each byte of windows-874: what it is, and what may not come right after it in a text that
    # needs no work.  That is: single blanks, and on each Thai base at most one vowel mark and one above it.
    blank, vowel, tone, double_e, other = 1, 2, 4, 8, 16
    marks = vowel | tone | other
    kinds = [(0, 255, other, other), (0x20, 0x20, blank, blank | marks), (0x21, 0x7E, 0, marks)]
    kinds += [(0xA1, 0xD2, 0, other), (0xCF, 0xCF, 0, marks), (0xD3, 0xD3, 0, marks), (0xEF, 0xFB, 0, marks)]
    kinds += [(0xE0, 0xE0, double_e, double_e | other), (0xE1, 0xE6, 0, other), (0xE8, 0xEC, tone, marks)]
    kinds += [(byte, byte, vowel, vowel | other) for byte in (0xD1, *range(0xD4, 0xDA), 0xE7)]
    is_one, not_after = bytearray(256), bytearray(256)
    for first, last, kind, never in kinds:
        for byte in range(first, last + 1):
            is_one[byte], not_after[byte] = kind, never
    return bytes(is_one), bytes(not_after)


_IS, _NOT_AFTER = _tables()
_ONE_BYTE = bytes((*range(0x20, 0x7F), *range(0xA1, 0xDB), *range(0xDF, 0xFC)))
# Invisible, yet letters or marks by category: joiner, fillers, variation selectors (the rest of
# Unicode's Default_Ignorable_Code_Point, whose other members are dropped by category).
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_DIGITS = {start + n: str(n) for start in (0x0E50, 0xFF10) for n in range(10)}  # Thai and full-width.


def _order_marks(run: re.Match[str]) -> str:
    return "".join(sorted(dict.fromkeys(run.group()), key=_MARK_ORDER.__getitem__))


class _Kept(dict[int, str]):
    """A table for `str.translate` that works out each character once."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        category = unicodedata.category(character)
        if category.startswith("Z") or character in "\t\n\v\f\r\x85":
            kept = " "
        elif category in {"Cc", "Cf", "Cs", "Co", "Cn"} or _INVISIBLE.match(character):
            kept = ""
        else:
            kept = character
        self[point] = kept
        return kept


_KEPT = _Kept()


def _pass(text: str) -> str:
    text = unicodedata.normalize("NFC", text.translate(_KEPT))
    text = _AM_THEN_TONE.sub(rf"\1{SARA_AM}", text)
    text = _MARK_RUN.sub(_order_marks, text)
    text = _AM_APART.sub(rf"\1{SARA_AM}", text)
    text = _DOUBLE_E.sub("\u0e41", text)
    text = _BLANKS.sub(" ", text).strip()
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=4096)  # A text is asked about twice: for its spelling, and for its marks.
def _is_plain(text: str) -> bool:
    if text.isascii():
        return text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " "
    try:
        # The blanks stand for both ends: there may be no other blank beside them, and no mark.
        encoded = b" %b " % text.encode("cp874")
    except UnicodeEncodeError:
        return False
    # All pairs at once: as whole numbers, each byte meets the one after it in a single operation,
    # which takes a tenth of the time that a pattern takes.
    before = int.from_bytes(encoded.translate(_NOT_AFTER), "big")
    after = int.from_bytes(encoded.translate(_IS), "big") << 8
    return not before & after


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The one spelling of `text`: what is signed, stored and compared.

    Decomposed ํา becomes ำ, marks stand in one order and once, เเ is แ, zero-width, directional
    and control characters are gone, every blank is one space and none is at the ends; then NFC.
    Idempotent: `canonical(canonical(text)) == canonical(text)`.  Thai digits stay.
    """
    if "  " in text or text[:1] == " " or text[-1:] == " ":  # What texts most often need, and cheap.
        text = _SPACES.sub(" ", text).strip(" ")
    if _is_plain(text):  # Nothing to do, and most texts are so.
        return text
    previous, current = text, _pass(text)
    while current != previous:  # Removing one thing can bring two others together; two passes do.
        previous, current = current, _pass(current)
    return current


def has_mark_flood(text: str, *, most: int = 3) -> bool:
    """Whether more than `most` combining marks stand on one base, which no writing needs."""
    if _is_plain(text):
        return False
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if run > most:
            return True
    return False


def fold_digits(text: str) -> str:
    """`text` with Thai ๐–๙ and full-width digits as ASCII digits: for numbers, codes, dates."""
    return text if text.isascii() else text.translate(_DIGITS)


def to_windows_874(text: str) -> bytes | None:
    """`text` at one byte a character, or None when a character is outside ASCII and Thai.

    The repertoire is printable ASCII and U+0E01–U+0E3A, U+0E3F–U+0E5B, so that any language can
    convert by an offset of 0xD60 without a table.
    """
    try:
        data = text.encode("cp874")
    except UnicodeEncodeError:
        return None
    return None if data.translate(None, _ONE_BYTE) else data


def from_windows_874(data: bytes) -> str | None:
    """The text of bytes that `to_windows_874` wrote, or None when it would not have."""
    return None if data.translate(None, _ONE_BYTE) else data.decode("cp874")
