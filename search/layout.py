"""Text typed while the keyboard stood on the other language: the Kedmanee layout of TIS 820-2538."""

_ENGLISH = (
    "1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./`" + '!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?~'
)
_THAI = "ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฃฟหกดเ้่าสวงผปแอิืทมใฝ_" + '+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฅฤฆฏโฌ็๋ษศซ.()ฉฮฺ์?ฒฬฦ%'
_TO_THAI = {ord(english): thai for english, thai in zip(_ENGLISH, _THAI, strict=True)}
_TO_ENGLISH = {ord(thai): english for english, thai in reversed([*zip(_ENGLISH, _THAI, strict=True)])}


def as_typed_on_thai(text: str) -> str | None:
    """What the keys of `text` give on the Thai layout (`pbh,l;p` is ยิ้มสวย); None unless all ASCII."""
    return text.translate(_TO_THAI) if text.isascii() and not text.isspace() else None


def as_typed_on_english(text: str) -> str | None:
    """What the keys of `text` give on the English layout (`้ีฟ` is hua); None unless each is on the Thai one."""
    typed = text.translate(_TO_ENGLISH)
    return typed if typed.isascii() and not text.isascii() else None
