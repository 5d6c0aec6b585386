"""How a name sounds, in one rough Latin spelling for both scripts.

Thai is read by the rules of the Royal Thai General System, simplified to what survives the fold;
Latin is taken as typed.  Then one fold makes equal what people who romanize spell differently.
"""

import re
from functools import lru_cache

from search.normalize import grams

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
_SILENT = re.compile(f"จน์|ทร์|ตร์|[{_C}][ิุ]?์|[็่้๊๋ํ๎ๆฯฺ]|(?<=าต|ูม|กต)[ิุ]$")
_SOFT = re.compile("(?:^|(?<=[เแโไใ]))[ทสศ]ร(?!ร)")  # ทราย, ศรี, เสริม: an s.
_RUN = re.compile(f"[{_C}]+|[^{_C}]+")
_TRUE_CLUSTER = re.compile("[กขคพ][รลว]|ป[รล]|ตร|ผล|[ทสศ]ร|ห[งญนมยรลว]|อย")

# Words whose spelling in Thai does not tell how they are romanized, and loan words of firms' names.
_ROMANIZED_WORDS = """
เจริญ=charoen สิริ=siri ทรัพย์=sap ไทย=thai ไชย=chai ชัย=chai วิชัย=wichai พันธุ์=phan พันธ์=phan ศักดิ์=sak
สิทธิ์=sit จันทร์=chan ยนต์=yon บุตร=but เพชร=phet มิตร=mit เกษตร=kaset สมุทร=samut นคร=nakhon บุญ=boon
พัฒนา=phatthana วัฒนา=watthana รัตนา=rattana พัฒน=phatthana วัฒน=watthana รัตน=rattana เกษม=kasem พรหม=phrom
พรม=phrom สวรรค์=sawan หลง=long หล่ม=lom แคว=khwae แหวน=waen ชมพู=chomphu สาคร=sakhon สามารถ=samat กฤษณา=kritsana
ภูเก็ต=phuket เบตง=betong เพชรบุรี=phetchaburi ราชบุรี=ratchaburi สงขลา=songkhla สระบุรี=saraburi นนทบุรี=nonthaburi
พิษณุโลก=phitsanulok กาฬสินธุ์=kalasin ยโสธร=yasothon สุวรรณ=suwan วรรณ=wan ธรรม=tham พรรณ=phan กรรณ=kan
สวัสดิ์=sawat ประสงค์=prasong อุตร=uttara บูรพา=burapha ทวี=thawi นิยม=niyom ถาวร=thawon ราช=rat
อินเตอร์=inter เทรด=trade ดิ้ง=ding เทรดดิ้ง=trading กรุ๊ป=group เซอร์วิส=service เอ็นจิเนียริ่ง=engineering
คอน=con สตรัคชั่น=struction คอนสตรัคชั่น=construction เทค=tech เทคโนโลยี=technology ดีไซน์=design โฮม=home
เฮ้าส์=house เฮาส์=house คลินิก=clinic แคร์=care ฟู้ด=food ฟู้ดส์=foods ฟาร์ม=farm ฟาร์มา=pharma ฟาร์มาซี=pharmacy
เซ็นเตอร์=center เซนเตอร์=center มาร์เก็ต=market มินิมาร์ท=minimart พลัส=plus โฮลดิ้ง=holding โฮลดิงส์=holdings
อินเตอร์เนชั่นแนล=international เอ็กซ์พอร์ต=export อิมพอร์ต=import โปรดักส์=products ซัพพลาย=supply
โลจิสติกส์=logistics ทราเวล=travel ทัวร์=tour รีสอร์ท=resort รีสอร์ต=resort สปา=spa คาเฟ่=cafe โซลูชั่น=solution
ซิสเต็ม=system มอเตอร์=motor พาวเวอร์=power เพาเวอร์=power กรีน=green โกลด์=gold โกลเด้น=golden สมาร์ท=smart
เดนทัล=dental กอล์ฟ=golf อีสเทิร์น=eastern อีสเทอร์น=eastern รีเทล=retail สมายล์=smile เบสท์=best โลตัส=lotus
ดรักสโตร์=drugstore สโตร์=store สไตล์=style บัตเตอร์=butter เบเกอรี่=bakery ไนท์=night ไลท์=light มูนไลท์=moonlight
เพลส=place เพลซ=place พาเลซ=palace แกรนด์=grand รอยัล=royal การ์เด้น=garden การ์เดน=garden วิลล่า=villa วิลล์=ville
โฮเทล=hotel โฮเต็ล=hotel โฮสเทล=hostel บีช=beach ซี=sea ซีฟู้ด=seafood ลอนดรี้=laundry ไลฟ์=life ไวน์=wine
เลค=lake วิว=view ไรซ์=rice ฟิวเจอร์=future ดิจิทัล=digital โซลาร์=solar ซันไรส์=sunrise เอ็นเนอร์ยี่=energy
พร็อพเพอร์ตี้=property แพคเกจจิ้ง=packaging พลาสติก=plastic เมดิคอล=medical เฮลท์=health แคปปิตอล=capital
ไอที=it คอมพิวเตอร์=computer โมบาย=mobile เอเชีย=asia แปซิฟิก=pacific โอเชี่ยน=ocean เวิลด์=world ซิตี้=city
ทาวน์=town เซาท์=south นอร์ท=north เวสต์=west อีสต์=east พอยท์=point ช็อป=shop บูติค=boutique แฟชั่น=fashion
บิวตี้=beauty คอฟฟี่=coffee คิทเช่น=kitchen เรสเตอรองท์=restaurant เลิฟ=love แฮปปี้=happy ฮิลล์=hill โมเดิร์น=modern
คลับ=club ฟิตเนส=fitness เพ็ท=pet เวท=vet ไอซ์=ice เพิร์ล=pearl ออคิด=orchid ออร์คิด=orchid พรีเมียร์=premier
"""
_ROMANIZED = dict(pair.split("=") for pair in _ROMANIZED_WORDS.split())
_MOST_JOINED = 4  # The word cutter may break a loan word: ด|รัก|สโตร์ is drugstore.

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
        ("aw|au|oa|oe", "o"),
        ("ae", "e"),
        ("(?<=[aeiou])[wo]", "u"),
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
    latin = _ROMANIZED.get(word, word)
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
    counts = (count for count in range(len(words), 1, -1) if "".join(words[:count]) in _ROMANIZED)
    return next(counts, 1)


def sound(words: tuple[str, ...]) -> str:
    """The sound of a name: its words' sounds joined, doubled letters once."""
    heard, place = "", 0
    while place < len(words):
        count = _joined_words(words[place : place + _MOST_JOINED])
        heard += word_sound("".join(words[place : place + count]))
        place += count
    return _LATIN[-1][0].sub(r"\1", heard)
