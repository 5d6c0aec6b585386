"""How a name sounds, in one rough Latin spelling for both scripts.

Thai is read by the rules of the Royal Thai General System, simplified to what survives the fold;
Latin is taken as typed.  Then one fold makes equal what people who romanize spell differently.
"""

import re
from functools import lru_cache

_INITIALS = {
    "k": "กขฃคฅฆ",
    "ng": "ง",
    "ch": "จฉชฌ",
    "s": "ซศษส",
    "y": "ญย",
    "d": "ฎด",
    "t": "ฏตฐฑฒถทธ",
    "n": "ณน",
    "b": "บ",
    "p": "ปผพภ",
    "f": "ฝฟ",
    "m": "ม",
    "r": "ร",
    "l": "ลฬ",
    "w": "ว",
    "h": "หฮ",
    "": "อ",
}
_FINALS = {
    "k": "กขฃคฅฆ",
    "ng": "ง",
    "t": "จชซฌฎดฏตฐฑฒถทธศษสฉ",
    "n": "ญณนรลฬ",
    "p": "บปผพภฝฟ",
    "m": "ม",
    "i": "ย",
    "o": "ว",
    "": "หฮอ",
}
_INITIAL = {letter: latin for latin, letters in _INITIALS.items() for letter in letters}
_FINAL = {letter: latin for latin, letters in _FINALS.items() for letter in letters}

_C = "ก-ฮ"
# A consonant or two that begin a syllable.
_HEAD = f"(ห[งญนมยรลว](?![ะ-ู])|[กขคตทปผพส][รลว]|[{_C}])"
# Vowels with the head's place marked by *, those that contain others first; `<` is the head.
_VOWELS = [
    (re.compile(pattern.replace("*", _HEAD)), sound.replace("<", r"\1"))
    for pattern, sound in (
        ("เ*ียว", "<iao"),
        ("เ*ือย", "<ueai"),
        ("เ*ียะ?", "<ia"),
        ("เ*ือะ?", "<uea"),
        ("เ*อะ?", "<oe"),
        ("เ*ิ", "<oe"),
        ("เ*าะ", "<o"),
        ("เ*า", "<ao"),
        ("เ*ย(?![ะ-ู])", "<oei"),
        ("เ*ว(?![ะ-ู])", "<eo"),
        ("เ*ะ?", "<e"),
        ("แ*ว(?![ะ-ู])", "<aeo"),
        ("แ*ะ?", "<ae"),
        ("โ*ะ?", "<o"),
        ("[ใไ]*(?:ย(?![ะ-ู]))?", "<ai"),
        ("*ัวะ?", "<ua"),
        ("*ัย", "<ai"),
        ("*ั", "<a"),
        ("*าว(?![ะ-ู])", "<ao"),
        ("*าย(?![ะ-ู])", "<ai"),
        ("*ำ", "<am"),
        ("*[าะ]", "<a"),
        ("*ิว(?![ะ-ู])", "<io"),
        ("*[ิี]", "<i"),
        ("*ือ?", "<ue"),
        ("*ึ", "<ue"),
        ("*ุย(?![ะ-ู])", "<ui"),
        ("*[ุู]", "<u"),
        ("*วย(?![ะ-ู])", "<uai"),
        (f"*ว(?=[{_C}](?![ะ-ู]))", "<ua"),
        ("*อย(?![ะ-ู])", "<oi"),
        ("*อ(?![ะ-ู])", "<o"),
        (f"*รร(?=[{_C}])", "<a"),
        ("*รร", "<an"),
        ("ฤ", "rue"),
        ("ฦ", "lue"),
    )
]
_SILENT = re.compile(f"จน์|ทร์|ตร์|[{_C}][ิุ]?์|[็่้๊๋ํ๎ๆฯฺ]")
_RUN = re.compile(f"[{_C}]+|[^{_C}]+")
_TRUE_CLUSTER = re.compile("[กขคตทปผพส][รลว]|ห[งญนมยรลว]|อย")

# Words whose spelling in Thai does not tell how they are romanized, and loan words of firms' names.
_ROMANIZED_WORDS = """
เจริญ=charoen สิริ=siri ศรี=sri ทรัพย์=sap ทราย=sai สร้าง=sang ไทย=thai ไชย=chai ชัย=chai
วิชัย=wichai พันธุ์=phan พันธ์=phan ศักดิ์=sak สิทธิ์=sit จันทร์=chan ยนต์=yon บุตร=but
เพชร=phet มิตร=mit เกษตร=kaset สมุทร=samut นคร=nakhon บุญ=boon อินเตอร์=inter เทรด=trade
ดิ้ง=ding เทรดดิ้ง=trading กรุ๊ป=group เซอร์วิส=service เอ็นจิเนียริ่ง=engineering คอน=con
สตรัคชั่น=struction เทค=tech เทคโนโลยี=technology ดีไซน์=design โฮม=home เฮ้าส์=house
คลินิก=clinic แคร์=care ฟู้ด=food ฟาร์ม=farm ฟาร์มา=pharma เซ็นเตอร์=center มาร์เก็ต=market
พลัส=plus โฮลดิ้ง=holding อินเตอร์เนชั่นแนล=international เอ็กซ์พอร์ต=export อิมพอร์ต=import
โปรดักส์=products ซัพพลาย=supply โลจิสติกส์=logistics ทราเวล=travel ทัวร์=tour รีสอร์ท=resort
สปา=spa คาเฟ่=cafe โซลูชั่น=solution ซิสเต็ม=system มอเตอร์=motor พาวเวอร์=power กรีน=green
โกลด์=gold สมาร์ท=smart เดนทัล=dental กอล์ฟ=golf อีสเทิร์น=eastern อีสเทอร์น=eastern
เพาเวอร์=power รีเทล=retail สมายล์=smile เบสท์=best
"""
_ROMANIZED = dict(pair.split("=") for pair in _ROMANIZED_WORDS.split())

# Spellings of one sound made one, in this order; `C` stands for ch until every c has its sound.
_LATIN = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("[^a-z0-9]", ""),
        ("tch|ch|sh|j", "C"),
        ("ph", "p"),
        ("th", "t"),
        ("kh|ck|qu?|(?<!n)g", "k"),
        ("c(?=[eiy])", "s"),
        ("c", "k"),
        ("C", "c"),
        ("x", "ks"),
        ("z", "s"),
        ("v", "w"),
        ("d", "t"),
        ("b", "p"),
        ("r", "l"),
        ("oo|ou|uea|ue", "u"),
        ("y|ee|ea(?!i)", "i"),
        ("ah(?![aeiou])", "a"),
        ("aw|au|oa|oe", "o"),
        ("ae", "e"),
        ("(?<=[aeiou])[wo]", "u"),
        (r"(.)\1+", r"\1"),
    )
]


def _consonants(run: str, *, first: bool, last: bool) -> str:
    """A run of consonants read between vowels; it holds the last syllable's end and the next one's head."""
    out = ""
    if first and last:  # No vowel is written at all: พร, คน, ถนน, มงคล.
        while len(run) > 1:
            take = 1 if len(run) == 3 else 2
            out += _INITIAL[run[0]] + ("a" if take == 1 else "o" + _FINAL[run[1]])
            run = run[take:]
        return out + (_INITIAL[run] if run else "")
    if not first:
        if last:
            return _FINAL[run[0]]  # What follows it is not spoken: จักร, บัตร.
        if len(run) > 1 and not (len(run) == 2 and _TRUE_CLUSTER.fullmatch(run)):
            out, run = _FINAL[run[0]], run[1:]
    while len(run) > 2 or (len(run) == 2 and not _TRUE_CLUSTER.fullmatch(run)):
        out, run = out + _INITIAL[run[0]] + "a", run[1:]
    if len(run) == 2 and run[0] in "หอ":
        run = run[1:]
    return out + "".join(_INITIAL[letter] for letter in run)


def _read_thai(word: str) -> str:
    text = _SILENT.sub("", word)
    for pattern, sound in _VOWELS:
        text = pattern.sub(sound, text)
    runs = _RUN.findall(text)
    out = []
    for place, run in enumerate(runs):
        if "ก" <= run[0] <= "ฮ":
            out.append(_consonants(run, first=place == 0, last=place == len(runs) - 1))
        else:
            out.append(run)
    return "".join(out)


@lru_cache(maxsize=65536)
def word_sound(word: str) -> str:
    """The sound of one word of `normalize.words`, of either script: ASCII letters and digits."""
    latin = _ROMANIZED.get(word, word)
    if "ก" <= latin[:1] <= "๎":
        latin = _read_thai(latin)
    for pattern, sound in _LATIN:
        latin = pattern.sub(sound, latin)
    return latin


def sound(words: tuple[str, ...]) -> str:
    """The sound of a name: its words' sounds joined, doubled letters once."""
    return _LATIN[-1][0].sub(r"\1", "".join(map(word_sound, words)))
