"""Invented Thai licenses for the search benchmarks: as many as are asked for, the same for the same seed.

Each license is drawn from its own place in the row, so a longer row begins as a shorter one does, and no
number or code comes twice.  Among them stand the known licenses of `known.tsv`, which `queries.tsv` asks for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from bench.words import (
    COMPANY_TRADES,
    GIVEN_BEGINNINGS,
    GIVEN_ENDINGS,
    ROADS,
    SHOP_BEGINNINGS,
    SHOP_ENDINGS,
    SIGNS,
    SURNAME_BEGINNINGS,
    SURNAME_ENDINGS,
    Pair,
)
from keys.code import make_code
from keys.places import ancestry, places, show_place
from registry.collation import sort_key
from registry.demo import people, words
from search import LicenseFacts

TODAY = 20_800  # Days since 1970-01-01.
_KNOWN = Path(__file__).with_name("known.tsv")
_BUSY = (10, 10, 10, 20, 50, 77, 83, 30, 40, 90)  # Provinces that half of all licenses lie in.
_SPREAD = 7_919  # A prime: multiples of it within 10**12 stay apart.


@dataclass(frozen=True, slots=True)
class Kind:
    """One type: its number, names, how often it comes, and its licenses' numbers by count and Buddhist year."""

    number: int
    thai: str
    english: str
    share: int
    form: str


KINDS = {
    "pharmacy": Kind(1, "ขายยาแผนปัจจุบัน ร้านยา", "Pharmacy", 8, "ขย.1 {p}-{n}/{y}"),
    "liquor": Kind(2, "ขายสุรา", "Sale of liquor", 16, "{p}07-2-{n:05d}/{y}"),
    "clinic": Kind(3, "ประกอบกิจการสถานพยาบาล", "Health facility: to establish", 10, "{p}101{n:06d}"),
    "hotel": Kind(4, "ประกอบธุรกิจโรงแรม", "Hotel business", 8, "{n}/{y}"),
    "factory": Kind(5, "ประกอบกิจการโรงงาน (ร.ง.4)", "Factory operation (Ror Ngor 4)", 10, "จ3-{t}({s})-{n}/{yy}กท"),
    "hazard": Kind(6, "ประกอบกิจการที่เป็นอันตรายต่อสุขภาพ", "Activity hazardous to health", 14, "{b}/{n}/{y}"),
    "food": Kind(7, "แจ้งจัดตั้งสถานที่จำหน่ายหรือสะสมอาหาร", "Notified place for selling or storing food", 12, "{b}/{n}/{y}"),
    "commercial": Kind(8, "ทะเบียนพาณิชย์", "Commercial registration", 6, "พค {n:07d}"),
    "juristic": Kind(9, "ทะเบียนนิติบุคคล", "Juristic person registration", 6, ""),
    "tour": Kind(10, "ประกอบธุรกิจนำเที่ยว", "Tour business", 4, "{p}/{n:05d}"),
    "animals": Kind(11, "ตั้งสถานพยาบาลสัตว์", "Animal health facility: to establish", 2, "01-{n:04d}/{y}"),
    "antiques": Kind(14, "ค้าของเก่า", "Second-hand trade", 2, "{b}/{n}/{y}"),
    "massage": Kind(15, "ประกอบกิจการสถานประกอบการเพื่อสุขภาพ", "Spa and massage", 2, "สพ {n}-{yy}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """One license written by hand, a line of `known.tsv`."""

    key: str
    kind: str
    number: str
    company_number: str
    holder: str
    english: str
    premises: str
    place: str
    address: str


@cache
def known() -> dict[str, Known]:
    """The known licenses by key, in the order of the file."""
    rows = (line.split("\t") for line in _KNOWN.read_text("utf-8").splitlines())
    return {row[0]: Known(*row) for row in rows}


def known_codes(count: int, seed: int = 1) -> dict[str, str]:
    """The code of each known license in a row of `count`."""
    return {key: _code(place) for place, key in _known_places(count, seed).items()}


def licenses(count: int, seed: int = 1) -> Iterator[LicenseFacts]:
    """`count` licenses, the known ones among them."""
    at = _known_places(count, seed)
    for place in range(count):
        rng = Random(f"{seed}/{place}")
        yield _known_license(known()[at[place]], place, rng) if place in at else _invented(place, rng)


@cache
def _known_places(count: int, seed: int) -> dict[int, str]:
    drawn = sorted(Random(seed).sample(range(count), len(known())))
    return dict(zip(drawn, known(), strict=True))


def _code(place: int) -> str:
    return make_code((place + 1) * _SPREAD * 97 % 10**12)


def _known_license(one: Known, place: int, rng: Random) -> LicenseFacts:
    return _facts(
        place,
        one.kind,
        int(one.place),
        rng,
        number=one.number,
        numbers=tuple(filter(None, (one.company_number,))),
        holder=one.holder,
        premises=one.premises or None,
        english=one.english,
        street=one.address,
    )


def _invented(place: int, rng: Random) -> LicenseFacts:
    (kind,) = rng.choices(list(KINDS), weights=[kind.share for kind in KINDS.values()])
    where = rng.choice(_subdistricts(rng.choice(_BUSY) if rng.random() < 0.5 else 0))
    by_company = kind == "juristic" or rng.random() < 0.4
    short, english = _shop(rng)
    if by_company:
        holder, holder_english = _company(rng, short, english)
        founded = 540 + place // 10**5 % 29
        company_number = people.with_check_digit(f"0{where // 10000:02d}5{founded}{place % 10**5:05d}")
    else:
        holder, holder_english, given = _person(rng)
        company_number = ""
        short = rng.choice((short, short, given, rng.choice(words.NICKNAMES)))
    year = rng.randrange(2555, 2570)
    number = KINDS[kind].form.format(
        p=where // 10000, n=place + 1, y=year, yy=year % 100, b=place // 100 + 1, t=place % 90 + 10, s=place % 5 + 1
    )  # fmt: skip
    return _facts(
        place,
        kind,
        where,
        rng,
        number=number or company_number,
        numbers=tuple(filter(None, (company_number,))),
        holder=holder,
        premises=rng.choice(SIGNS[kind]).format(short) if kind in SIGNS else None,
        english=holder_english if rng.random() < 0.5 else "",
        street=_street(rng),
    )


def _facts(
    place: int,
    kind: str,
    where: int,
    rng: Random,
    *,
    number: str,
    numbers: tuple[str, ...],
    holder: str,
    premises: str | None,
    english: str,
    street: str,
) -> LicenseFacts:
    province, district, subdistrict = ancestry(where)
    begin = TODAY - rng.randrange(30, 1800)
    standing = rng.choices((0, 2, 1, 3, 12), weights=(92, 1, 1, 4, 2))[0]
    return LicenseFacts(
        code=_code(place),
        log_index=place,
        revision=0,
        visible=True,
        agency=100 + (province or 0) if kind in {"hazard", "food", "commercial"} else KINDS[kind].number,
        license_type=KINDS[kind].number,
        province=province,
        district=district,
        subdistrict=subdistrict,
        standing=standing,
        valid_from=begin,
        valid_until=begin + 1826 if rng.random() < 0.8 else None,
        number=number,
        numbers=numbers,
        holder=holder,
        premises=premises,
        other_names=(english,) if english else (),
        address=" ".join(filter(None, (street, show_place(where), show_place(where, "en")))),
        type_names=(KINDS[kind].thai, KINDS[kind].english),
        sort_key=sort_key(premises or holder),
    )


@cache
def _subdistricts(province: int) -> tuple[int, ...]:
    """The subdistricts of a province, or with 0 of all."""
    return tuple(code for code in places() if code > 99_999 and province in {0, code // 10_000})


def _both(first: Pair, second: Pair) -> Pair:
    return first[0] + second[0], first[1] + second[1]


def _shop(rng: Random) -> Pair:
    if rng.random() < 0.3:
        thai, english = _both(rng.choice(words.BUSINESS_BEGINNINGS), rng.choice(words.BUSINESS_ENDINGS))
    else:
        thai, english = _both(rng.choice(SHOP_BEGINNINGS), rng.choice(SHOP_ENDINGS))
    return thai, english.capitalize()


def _company(rng: Random, short: str, english: str) -> Pair:
    trade, trade_english = rng.choice(COMPANY_TRADES)
    thai_form, english_form = rng.choice(
        (
            ("บริษัท {} จำกัด", "{} Co., Ltd."),
            ("บริษัท {} จำกัด", "{} Company Limited"),
            ("ห้างหุ้นส่วนจำกัด {}", "{} Limited Partnership"),
            ("บริษัท {} จำกัด (มหาชน)", "{} Public Company Limited"),
        )
    )
    return thai_form.format(f"{short} {trade}"), english_form.format(f"{english} {trade_english}")


def _person(rng: Random) -> tuple[str, str, str]:
    """The name of a person in Thai and English, and the given name."""
    title, english_title = rng.choice((("นาย", "Mr."), ("นาง", "Mrs."), ("นางสาว", "Miss")))
    if rng.random() < 0.4:
        given, english = rng.choice(words.MEN if title == "นาย" else words.WOMEN)
    else:
        given, english = _both(rng.choice(GIVEN_BEGINNINGS), rng.choice(GIVEN_ENDINGS))
    beginnings = rng.choice((SURNAME_BEGINNINGS, words.SURNAME_BEGINNINGS))
    last, last_english = _both(rng.choice(beginnings), rng.choice((*SURNAME_ENDINGS, *words.SURNAME_ENDINGS)))
    return f"{title}{given} {last}", f"{english_title} {english} {last_english.capitalize()}", given


def _street(rng: Random) -> str:
    house = f"{rng.randint(1, 999)}" + (f"/{rng.randint(1, 99)}" if rng.random() < 0.5 else "")
    village = f"หมู่ที่ {rng.randint(1, 14)}" if rng.random() < 0.4 else ""
    lane = f"ซอย {rng.randint(1, 80)}" if rng.random() < 0.2 else ""
    road = f"ถนน{rng.choice(ROADS)}" if rng.random() < 0.7 else ""
    return " ".join(filter(None, (house, village, lane, road)))
