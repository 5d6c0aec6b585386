"""How a name sounds, in one rough Latin spelling for both scripts.

Thai is read by the rules of the Royal Thai General System, simplified to what survives the fold;
Latin is taken as typed.  Then one fold makes equal what people who romanize spell differently.
"""

import re
from functools import lru_cache

from search.normalize import grams
from search.romanized import LETTERS, LINKED, ROMANIZED

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
_HEAD = f"(ห[งญนมยรลว]|[กขคพ][รลว]|ป[รล]|ตร|ผล|[ทสศ]ร|[{_C}])"
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
        ("เ*ย(?![ะ-ูaeiou])", "<oei"),
        ("เ*ว(?![ะ-ูaeiou])", "<eo"),
        ("เ*ะ?", "<e"),
        ("แ*ว(?![ะ-ูaeiou])", "<aeo"),
        ("แ*ะ?", "<ae"),
        ("โ*ะ?", "<o"),
        ("[ใไ]*(?:ย(?![ะ-ูaeiou]))?", "<ai"),
        ("*ัวะ?", "<ua"),
        ("*ัย", "<ai"),
        ("*ั", "<a"),
        ("*าว(?![ะ-ูaeiou])", "<ao"),
        ("*าย(?![ะ-ูaeiou])", "<ai"),
        ("*ำ", "<am"),
        ("*[าะ]", "<a"),
        ("*ิว(?![ะ-ูaeiou])", "<io"),
        ("*[ิี]", "<i"),
        ("*ือ?", "<ue"),
        ("*ึ", "<ue"),
        ("*ุย(?![ะ-ูaeiou])", "<ui"),
        ("*[ุู]", "<u"),
        ("*วย(?![ะ-ูaeiou])", "<uai"),
        (f"*ว(?=[{_C}](?![ะ-ูaeiou]))", "<ua"),
        ("*อย(?![ะ-ูaeiou])", "<oi"),
        ("*อ(?![ะ-ูaeiou])", "<o"),
        (f"*รร(?=[{_C}])", "<a"),
        ("*รร", "<an"),
        ("ฤ", "rue"),
        ("ฦ", "lue"),
    )
]
_SILENT = re.compile(f"จน์|ทร์|ตร์|[{_C}][ิุ]?์|[็่้๊๋ํ๎ๆฯฺ]|(?<=าต|ูม|กต)[ิุ]$")
# In loan words: what is spoken though it is marked silent, and one letter written as two.
_LOAN_SPELLINGS = (("ส์", "s"), ("ซ์", "s"), ("ฟ์", "f"), ("ลล", "ล"))
_SOFT = re.compile("(?:^|(?<=[เแโไใ]))[ทสศ]ร(?!ร)")  # ทราย, ศรี, เสริม: an s.
_RUN = re.compile(f"[{_C}]+|[^{_C}]+")
_TRUE_CLUSTER = re.compile("[กขคพ][รลว]|ป[รล]|ตร|ผล|[ทสศ]ร|ห[งญนมยรลว]|อย")

_MOST_JOINED = 5  # The word cutter may break a loan word: ด|รัก|สโตร์ is drugstore.

_LETTER = re.compile("|".join(sorted(LETTERS, key=len, reverse=True)))
_LETTERS = re.compile(f"(?:{_LETTER.pattern})+")
_AND = "แอนด์"

# Spellings of one sound made one, in this order; `C` stands for ch until every c has its sound.
_LATIN = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("[^a-z0-9]", ""),
        ("(?<=[^aeiou][^aeiou])e$|(?<=[aeiou][^aeiou])e$", ""),
        ("sr", "s"),
        ("([bdg])h", r"\1"),
        ("[eiu]r(?![aeiou])", "oe"),
        ("(?<=[ao])r(?![aeiou])", ""),
        ("ieo|iew|iaw|eow|eaw", "iao"),
        ("ie(?=[mnk])", "ia"),
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
        ("oo|ou|uea|ue|ua", "u"),
        ("y|ee|ea(?!i)", "i"),
        ("ah(?![aeiou])", "a"),
        ("aw(?![aeiou])|au|oa|oe", "o"),
        ("ae", "e"),
        ("(?<=[aeiou])w(?![aeiou])|(?<=[aeiou])o", "u"),
        (r"(.)\1+", r"\1"),
    )
]


def _end(run: str) -> str:
    """The consonants after a word's last vowel; of most words only the first is spoken: จักร, บัตร."""
    if len(run) == 2 and run[1] in "มงนลบก" and run[0] != run[1]:  # นิคม, อุดม.
        return _INITIAL[run[0]] + "o" + _FINAL[run[1]]
    if len(run) == 3 and run[1:] not in {"ทร", "ตร"}:  # สังคม, มังกร, ชุมพล.
        return _FINAL[run[0]] + _INITIAL[run[1]] + "o" + _FINAL[run[2]]
    return _FINAL[run[0]]


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
            return _end(run)
        if len(run) > 1 and not (len(run) == 2 and _TRUE_CLUSTER.fullmatch(run)):
            out, run = _FINAL[run[0]], run[1:]
    if first and len(run) > 2 and run[1] in "มณง":  # สมบูรณ์, มณฑา, องค์.
        out, run = _INITIAL[run[0]] + "o" + _FINAL[run[1]], run[2:]
    while len(run) > 2 or (len(run) == 2 and not _TRUE_CLUSTER.fullmatch(run)):
        out, run = out + _INITIAL[run[0]] + "a", run[1:]
    if len(run) == 2 and run[0] in "หอ":
        run = run[1:]
    return out + "".join(_INITIAL[letter] for letter in run)


def _read_thai(word: str) -> str:
    for written, spoken in _LOAN_SPELLINGS:
        word = word.replace(written, spoken)
    text = _SOFT.sub("ส", _SILENT.sub("", word))
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
    latin = ROMANIZED.get(word, word)
    if "ก" <= latin[:1] <= "๎":
        latin = _read_thai(latin)
    for pattern, sound in _LATIN:
        latin = pattern.sub(sound, latin)
    return latin


def sound_grams(heard: str) -> frozenset[str]:
    """The runs of four letters of a sound: so few letters are left of it that three are in every name."""
    return grams(heard, 4)


def _joined_words(words: tuple[str, ...]) -> int:
    """How many of the first words are one whose romanization is known; else 1."""
    counts = (count for count in range(min(len(words), _MOST_JOINED), 1, -1))
    return next((count for count in counts if "".join(words[:count]) in ROMANIZED), 1)


def _letters(words: tuple[str, ...]) -> tuple[int, str]:
    """How many of the first words are the names of two English letters or more, and these letters; else 0."""
    count, said = 0, ""
    while count < len(words):
        two = "".join(words[count : count + 2])
        if two in LETTERS:  # The word cutter breaks ดับเบิ้ล|ยู.
            count, said = count + 1, said + LETTERS[two]
        elif _LETTERS.fullmatch(words[count]) and _joined_words(words[count:]) == 1:
            said += "".join(LETTERS[name] for name in _LETTER.findall(words[count]))
        elif said and words[count] == _AND and _LETTERS.fullmatch(two.removeprefix(_AND)):
            said += "and"
        else:
            break
        count += 1
    return (count, said) if len(said) > 1 else (0, "")


def sound(words: tuple[str, ...]) -> str:
    """The sound of a name: its words' sounds joined, doubled letters once."""
    heard, place = "", 0
    while place < len(words):
        count, letters = _letters(words[place:])
        if count:
            heard += "".join(map(word_sound, letters))
        else:
            count = _joined_words(words[place:])
            word = "".join(words[place : place + count])
            heard += word_sound(LINKED.get(word, word) if place + count < len(words) else word)
        place += count
    return _LATIN[-1][0].sub(r"\1", heard.replace("tc", "c"))  # วัฒน์ชัย may be watchai.
