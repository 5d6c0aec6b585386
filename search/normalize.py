"""Text as search sees it: cleaned, without titles and legal forms, cut into words, folded.

Documents and queries go through the same functions, so what is lost is lost on both sides.
"""

import re
import unicodedata
from functools import lru_cache

from keys.text import canonical, fold_digits
from search.segment import thai_words

# Text that `canonical` leaves as it is, told faster than by doing it: most text is so.
_ALREADY_CANONICAL = re.compile("(?:(?:[!-~กขฃคฅฆง-ฮฯะาแโใไๅๆ๐-๙]|เ(?!เ))[ุูัิีึื็]?[่้๊๋]?์?ำ?| (?! |$))*")
_BLANKS = re.compile(" {2,}")
_ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]")

_THAI = "\u0e01-\u0e3a\u0e40-\u0e4e"
# A run of Thai, of digits, or of letters of any other script.
_RUN = re.compile(rf"[{_THAI}]+|\d+|(?:(?![{_THAI}])[^\W\d_])+")
_THAI_LETTER = re.compile("[\u0e01-\u0e2e\u0e30\u0e32\u0e33\u0e40-\u0e44]")
# ASCII for Thai digits and all that is full-width; ๆ and ฯ are no part of a word.
_FOLDED = (
    {ord(d): fold_digits(d) for d in "๐๑๒๓๔๕๖๗๘๙"}
    | {0xFF00 + n: chr(0x20 + n) for n in range(1, 0x5F)}
    | {0x0E46: " ", 0x0E2F: " "}
)

# Ranks and titles that stand before a person's name.  Those of the first group may be joined to it.
_TITLE_WORDS = "นางสาว|นาง|นาย|เด็กชาย|เด็กหญิง"
_TITLES = re.compile(
    rf"^(?:(?:{_TITLE_WORDS})\s*(?=[ก-ฮเ-ไ])"
    r"|น\.\s?ส\.|ด\.\s?[ชญ]\.|ม\.\s?(?:ล|ร\.\s?ว)\.|ว่าที่\s*ร\.\s?[ตทอ]\."
    r"|(?:พล\s?\.\s?)?[รพสตอท]\.\s?[ตทอ]\.(?:\s?[ตทอ]\.)?(?:\s?หญิง)?|จ\.\s?ส\.\s?[ตทอ]\."
    r"|(?:ผศ|รศ|ศ|ดร|นพ|พญ|ทพ|ทพญ|ภก|ภญ|สพ\.?ญ|น\.?สพ)\.(?:\s?ดร\.)?"
    r"|(?:คุณ|น\.?ส|นส|ดร|นพ|พญ|ทพ|ทพญ|ภก|ภญ)\s"
    r"|(?:mr|mrs|ms|dr|prof)\.\s?|(?:mr|mrs|ms|miss|dr)\s)\s*"
)
_LEGAL_FORMS = re.compile(
    r"\(\s*มหาชน\s*\)|(?<=จำกัด)\s*มหาชน"
    r"|(?:^|(?<=[\s(]))(?:บริษัท|ห้างหุ้นส่วน(?:จำกัด|สามัญนิติบุคคล|สามัญ)?)"
    r"|(?:^|(?<=[\s(]))(?:บมจ|บจก|บจ|หจก|หจ|หสน|หสม|บ\.จ\.ก|บ\.ม\.จ|ห\.จ\.ก|บ\.จ|ห\.จ)(?:\.|(?=\s|$))"
    r"|(?<!ไม่)จำกัด(?=\s|\(|$|มหาชน)"
    r"|\b(?:public\s+)?(?:company|co)\b\.?[\s,]*(?:limited|ltd)\b\.?"
    r"|\b(?:limited|registered\s+ordinary)\s+partnership\b|\bpartnership\s+limited\b"
    r"|\b(?:ltd|limited)\b\.?[\s,]*part(?:nership)?\b\.?|\bpart\b\.?[\s,]*(?:ltd|limited)\b\.?"
    r"|\b(?:ltd|limited|plc|pcl|inc|corp)\b\.?"
    r"|\(\s*(?:public|plc)\s*\)"
)

# Letters of one sound, and vowels of one sound but another length: people mistake them.
_SAME_SOUND = str.maketrans(
    {
        **dict.fromkeys("ณ", "น"),
        **dict.fromkeys("ญ", "ย"),
        **dict.fromkeys("ศษซ", "ส"),
        **dict.fromkeys("ภผ", "พ"),
        **dict.fromkeys("ขฃฅฆ", "ค"),
        **dict.fromkeys("ถธฐฑฒ", "ท"),
        **dict.fromkeys("ฉฌ", "ช"),
        **dict.fromkeys("ฎ", "ด"),
        **dict.fromkeys("ฏ", "ต"),
        **dict.fromkeys("ฬ", "ล"),
        **dict.fromkeys("ใ", "ไ"),
        **dict.fromkeys("ี", "ิ"),
        **dict.fromkeys("ื", "ึ"),
        **dict.fromkeys("ู", "ุ"),
        **dict.fromkeys("ะ็่้๊๋์ํ๎ฺ", None),
    }
)
_KILLED = re.compile("[ก-ฮ][ิุ]?์")


def _one_blank(text: str) -> str:
    return (_BLANKS.sub(" ", text) if "  " in text else text).strip()


def clean(text: str) -> str:
    """`text` canonical, with ASCII digits, in lower case, without accents, ๆ and ฯ."""
    text = _one_blank(text)
    if not _ALREADY_CANONICAL.fullmatch(text):
        text = canonical(text)
    text = text.translate(_FOLDED).lower()
    if _ACCENTED.search(text):
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
        text = canonical(text)  # NFD also tears Hangul and others apart.
    return _one_blank(text)


def without_legal_form(cleaned: str) -> str:
    """`cleaned` without บริษัท … จำกัด (มหาชน), บจ., หจก., Co., Ltd. and their like."""
    return _LEGAL_FORMS.sub(" ", cleaned).strip(" ,.-()")


def without_title(cleaned: str) -> str:
    """`cleaned` without the titles at its beginning, joined to the name or not."""
    return _TITLES.sub("", cleaned, count=1)


@lru_cache(maxsize=65536)
def words(cleaned: str) -> tuple[str, ...]:
    """The words of `cleaned` in order: Thai as it is cut, Latin and digits as they stand."""
    found: list[str] = []
    for run in _RUN.findall(cleaned):
        if _THAI_LETTER.search(run):
            found.extend(word for word in thai_words(run) if _THAI_LETTER.search(word))
        elif not "\u0e00" <= run[0] <= "\u0e7f":
            found.append(run)
    return tuple(found)


def name_words(name: str) -> tuple[str, ...]:
    """The words of the name of a person, a firm or a place, without title and legal form."""
    cleaned = clean(name)
    return words(without_title(without_legal_form(cleaned))) or words(cleaned)


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """`word` with what people mistake in spelling made equal: tones, การันต์, letters of one sound."""
    return _KILLED.sub("", word).replace("รร", "ั").translate(_SAME_SOUND)


def grams(folded: str, size: int = 3) -> frozenset[str]:
    """The runs of `size` letters of `folded`, a name without blanks; a shorter one is its own gram."""
    if len(folded) <= size:
        return frozenset((folded,)) if folded else frozenset()
    return frozenset(folded[i : i + size] for i in range(len(folded) + 1 - size))
