"""Text typed while the keyboard stood on the other language: the Kedmanee layout of TIS 820-2538."""

import re

_ENGLISH = (
    "1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./`" + '!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?~'
)
_THAI = "ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฃฟหกดเ้่าสวงผปแอิืทมใฝ_" + '+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฅฤฆฏโฌ็๋ษศซ.()ฉฮฺ์?ฒฬฦ%'
_TO_THAI = {ord(english): thai for english, thai in zip(_ENGLISH, _THAI, strict=True)}
_TO_ENGLISH = {ord(thai): english for english, thai in reversed([*zip(_ENGLISH, _THAI, strict=True)])}


# No word of Thai begins with a mark or has two vowel signs, or tones, at one letter.
_NO_THAI = re.compile("(?<![ก-ฮ็-๎ะ-ฺ])[ะ-ฺ็-๎]|[ัิ-ฺ็]{2}|[่-๋]{2}|[เ-ไ](?![ก-ฮ])")
# The keys of ว บ ล ช, which few words of Thai lack.
_NO_ENGLISH = re.compile("[^a-zA-Z0-9 .,&'()/@#$!+-]")


def as_typed_on_thai(text: str) -> str | None:
    """What the keys of `text` give on the Thai layout (`pbh,l;p` is ยิ้มสวย); None unless that can be Thai."""
    # Digits that stand alone were meant: in Thai words their keys are letters.
    typed = " ".join(word if word.isdecimal() else word.translate(_TO_THAI) for word in text.split(" "))
    return typed if text.isascii() and not text.isspace() and not _NO_THAI.search(typed) else None


def as_typed_on_english(text: str) -> str | None:
    """What the keys of `text` give on the English layout (`้ีฟ` is hua); None unless that can be English."""
    typed = text.translate(_TO_ENGLISH)
    return typed if not text.isascii() and not _NO_ENGLISH.search(typed) else None
