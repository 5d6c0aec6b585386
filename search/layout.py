"""Thai typed while the keyboard stood on English: the Kedmanee layout of TIS 820-2538."""

_ENGLISH = (
    "1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./`" + '!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?~'
)
_THAI = "ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฃฟหกดเ้่าสวงผปแอิืทมใฝ_" + '+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฅฤฆฏโฌ็๋ษศซ.()ฉฮฺ์?ฒฬฦ%'
_TO_THAI = {ord(english): thai for english, thai in zip(_ENGLISH, _THAI, strict=True)}


def as_typed_on_thai(text: str) -> str | None:
    """What the keys of `text` give on the Thai layout (`pbh,l;p` is ยิ้มสวย); None unless all ASCII."""
    return text.translate(_TO_THAI) if text.isascii() and not text.isspace() else None
