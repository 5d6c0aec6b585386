"""What stands on one invented license of each type: holder, premises, place and the type's own fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

from keys.dates import BUDDHIST_OFFSET
from keys.places import BANGKOK_PROVINCE, places
from registry.demo import license_types as kinds
from registry.demo.agencies import agency as agency_of
from registry.demo.people import Party, company, person
from registry.demo.words import (
    CARE_TRADES,
    CLINICS,
    FACTORY_ACTIVITIES,
    FACTORY_TRADES,
    FIREARMS,
    FOODS,
    HAZARDS,
    HOTEL_TRADES,
    HOTELS,
    NICKNAMES,
    OBJECTIVES,
    ROADS,
    SECOND_HAND,
    TOUR_TRADES,
    TRADES_SMALL,
)

_HOURS = ("ทุกวัน 08.00–20.00 น.", "จันทร์–เสาร์ 09.00–19.00 น.", "จันทร์–ศุกร์ 17.00–20.00 น.", "ทุกวัน 24 ชั่วโมง")


@dataclass(frozen=True, slots=True)
class Draw:
    """What a face is drawn from: a generator of its own, its place and its first day."""

    rng: Random
    place: int
    start: date

    @property
    def district(self) -> int:
        """The district's code."""
        return self.place // 100

    @property
    def province(self) -> int:
        """The province's code."""
        return self.place // 10000

    def telephone(self) -> str:
        """An invented number."""
        return f"0-2555-{self.rng.randrange(10**4):04d}"

    def either(self, companies: float, trades: tuple[tuple[str, str], ...] | None = None) -> Party:
        """A holder: a company in a share `companies` of all draws, a person otherwise."""
        if self.rng.random() >= companies:
            return person(self.rng, self.district)
        return company(self.rng, self.province, trade=self.rng.choice(trades) if trades else None)


Texts = dict[str, str]


@cache
def _subdistricts(district: int) -> tuple[int, ...]:
    return tuple(code for code in places() if code // 100 == district)


def draw_texts(license_type: int, agency: int, start: date, rng: Random) -> Texts:
    """The flat texts of a license that begins on `start`, all but its number and its end."""
    office = agency_of(agency)
    district = rng.choices(list(office.places), weights=list(office.places.values()))[0]
    within = [code for code in _subdistricts(district) if _is_in(code, office.territory)]
    drawn = Draw(rng, rng.choice(within), start)
    texts = {"place": str(drawn.place), "address": _address(drawn), **_FACES[license_type](drawn)}
    return texts | {"valid_from": start.isoformat(), "issued": start.isoformat()}


def _is_in(place: int, territory: tuple[int, ...]) -> bool:
    return not territory or place in territory or place // 100 in territory


def _address(drawn: Draw) -> str:
    rng = drawn.rng
    house = f"{rng.randint(1, 399)}" + (f"/{rng.randint(1, 60)}" if rng.random() < 0.5 else "")
    road = rng.choice(ROADS[drawn.district])
    in_village = drawn.province != BANGKOK_PROVINCE and rng.random() < 0.4
    return " ".join(
        filter(
            None,
            (
                house,
                f"หมู่ที่ {rng.randint(1, 12)}" if in_village else "",
                road if road.startswith("ทางหลวง") else f"ถนน{road}",
            ),
        )
    )


def _holder(party: Party) -> Texts:
    english = {"holder_en": party.english} if party.english else {}
    return {"holder": party.name, "holder_id": party.number, **english}


def _liquor(drawn: Draw) -> Texts:
    rng = drawn.rng
    sign = rng.choice(("ร้าน{} มินิมาร์ท", "{} บาร์ แอนด์ เรสเตอรองท์", "ร้านชำ{}", "{} พาณิชย์", "{} บีชคลับ"))
    holder = drawn.either(0.35)
    wholesale = rng.random() < 0.15
    return {
        **_holder(holder),
        "premises": sign.format(holder.short),
        "field.sale_class": "1" if wholesale else "2",
        "field.consumption": "off" if wholesale or rng.random() < 0.5 else "on",
        "field.fee": "5500" if wholesale else rng.choice(("330", "2200")),
        "field.telephone": drawn.telephone(),
    }


def _clinic(drawn: Draw) -> Texts:
    rng = drawn.rng
    facility = rng.choices(list(CLINICS), weights=(8, 7, 4, 3, 2, 3, 1))[0]
    holder = drawn.either(1.0 if facility == "hospital" else 0.5, CARE_TRADES)
    texts = {
        **_holder(holder),
        "premises": CLINICS[facility][0].format(holder.short),
        "field.facility_class": facility,
        "field.hours": _HOURS[3] if facility == "hospital" else rng.choice(_HOURS[:3]),
        "field.telephone": drawn.telephone(),
        "field.inspection_note": "ตรวจมาตรฐานผ่านเมื่อยื่นคำขอ",
    }
    return texts | ({"field.beds": str(rng.choice((30, 60, 100)))} if facility == "hospital" else {})


def operation_texts(first: Texts, rng: Random) -> Texts:
    """The second license of a clinic, for people or animals: of the person who operates `first`."""
    profession, titles = "", ("นายสัตวแพทย์", "สัตวแพทย์หญิง")
    facility = first["field.facility_class"]
    if facility in CLINICS:
        _, profession, titles = CLINICS[facility]
    who = person(rng, int(first["place"]) // 100, titles=titles)
    born = date(1965, 1, 1) + timedelta(days=rng.randrange(30 * 365))
    texts = {
        **{name: first[name] for name in ("premises", "address", "place")},
        **_holder(who),
        "field.professional_number": f"{rng.randrange(10**4, 10**5)}",
        "field.hours": rng.choice(_HOURS[:3]),
    }
    if profession:
        texts |= {"field.profession": profession, "field.birth_date": born.isoformat()}
    return texts


def _hotel(drawn: Draw) -> Texts:
    rng = drawn.rng
    holder = drawn.either(0.75, HOTEL_TRADES)
    hotel_type = rng.choices("1234", weights=(4, 5, 2, 1))[0]
    rooms = rng.randint(8, 49) if hotel_type == "1" else rng.randint(30, 420)
    return {
        **_holder(holder),
        "premises": rng.choice(HOTELS).format(holder.short),
        "field.hotel_type": hotel_type,
        "field.rooms": str(rooms),
        "field.hotel_manager": person(rng, drawn.district).name,
        "field.fee": str({"1": 10000, "2": 20000, "3": 30000, "4": 40000}[hotel_type]),
        "conditions": "จัดทำทะเบียนผู้พักตามมาตรา 35",
    }


def _factory(drawn: Draw) -> Texts:
    rng = drawn.rng
    holder = drawn.either(0.93, FACTORY_TRADES)
    factory_type, activity = rng.choice(FACTORY_ACTIVITIES)
    return {
        **_holder(holder),
        "premises": holder.name if holder.number.startswith("0") else f"โรงงาน{holder.short}",
        "field.class": "2" if rng.random() < 0.1 else "3",
        "field.factory_type": factory_type,
        "field.activity": activity,
        "field.horsepower": f"{rng.randint(55, 4800)}.{rng.choice((0, 25, 5, 75))}",
        "field.workers": str(rng.randint(8, 650)),
        "field.investment": str(rng.randint(2, 400) * 500_000),
    }


def _hazard(drawn: Draw) -> Texts:
    rng = drawn.rng
    holder = drawn.either(0.3)
    activity, of_person, of_company = rng.choice(HAZARDS)
    sign = of_company if holder.number.startswith("0") else of_person
    return {
        **_holder(holder),
        "premises": sign.format(holder.short),
        "field.activity": activity,
        "field.horsepower": str(rng.randint(0, 48)),
        "field.area": str(rng.randint(24, 600)),
        "field.fee": str(rng.choice((500, 750, 1000, 1500, 2000, 3000))),
        "field.receipt": f"{rng.randint(1, 60)}/{rng.randint(1, 99)}",
        "field.telephone": drawn.telephone(),
        "field.inspection_note": "ตรวจสถานที่แล้ว ระบบระบายน้ำถูกสุขลักษณะ",
    }


def _food(drawn: Draw) -> Texts:
    rng = drawn.rng
    holder = drawn.either(0.12)
    food, sign = rng.choice(FOODS)
    nickname = rng.choice(NICKNAMES) if not holder.number.startswith("0") else holder.short
    return {
        **_holder(holder),
        "premises": sign.format(nickname),
        "field.food_kind": food,
        "field.area": str(rng.randint(9, 200)),
        "field.fee_year": str(drawn.start.year + BUDDHIST_OFFSET),
        "field.telephone": drawn.telephone(),
    }


def _commercial(drawn: Draw) -> Texts:
    rng = drawn.rng
    holder = drawn.either(0.15)
    return {
        **_holder(holder),
        "premises": f"ร้าน{rng.choice(NICKNAMES)}{rng.choice(('พาณิชย์', 'การค้า', 'เซอร์วิส', 'ช็อป', 'ทรัพย์เจริญ'))}",
        "field.business": rng.choice(TRADES_SMALL),
        "field.capital": str(rng.choice((20, 50, 100, 200, 500)) * 1000),
        "field.nationality": "ไทย",
        "field.request": f"{rng.randint(1, 900)}/{drawn.start.year + BUDDHIST_OFFSET}",
    }


def _juristic(drawn: Draw) -> Texts:
    holder = company(drawn.rng, drawn.province, registered=drawn.start)
    capital = drawn.rng.choice((100, 500, 1000, 1000, 1000, 2000, 3000, 5000, 20000)) * 1000
    return {
        **_holder(holder),
        "field.capital": str(capital),
        "field.objective": drawn.rng.choice(OBJECTIVES),
    }


def _tour(drawn: Draw) -> Texts:
    rng = drawn.rng
    holder = company(rng, drawn.province, trade=rng.choice(TOUR_TRADES))
    kind = rng.choice(("local", "domestic", "inbound", "general"))
    guarantee = {"local": 10_000, "domestic": 50_000, "inbound": 100_000, "general": 200_000}[kind]
    return {
        **_holder(holder),
        "premises": f"{holder.short} {rng.choice(('ทราเวล', 'ทัวร์', 'ฮอลิเดย์', 'ทริป'))}",
        "field.tour_kind": kind,
        "field.guarantee": str(guarantee),
        "field.fee_until": (drawn.start + timedelta(days=730)).isoformat(),
        "field.director": person(rng, drawn.district).name,
    }


def _animals(drawn: Draw) -> Texts:
    rng = drawn.rng
    holder = drawn.either(0.5, CARE_TRADES)
    overnight = rng.random() < 0.4
    return {
        **_holder(holder),
        "premises": f"{'โรงพยาบาลสัตว์' if overnight else 'คลินิกรักษาสัตว์'}{holder.short}",
        "field.facility_class": "hospital" if overnight else "clinic",
        "field.beds": str(rng.randint(4, 40) if overnight else 0),
        "field.hours": rng.choice(_HOURS[:3]),
        "field.telephone": drawn.telephone(),
    }


def _firearm(drawn: Draw) -> Texts:
    rng = drawn.rng
    # A person's home is told by province and district only.
    return {
        **_holder(person(rng, drawn.district)),
        "place": str(drawn.district),
        "address": "",
        "field.weapon": rng.choice(FIREARMS),
        "field.mark": f"กท {rng.randrange(10**6, 10**7)}",
        "field.serial": f"{rng.choice('ABCDEFGH')}{rng.randrange(10**5, 10**6)}",
    }


def _second_hand(drawn: Draw) -> Texts:
    rng = drawn.rng
    holder = drawn.either(0.1)
    return {
        **_holder(holder),
        "premises": f"ร้าน{holder.short}{rng.choice(('ของเก่า', 'แอนทีค', 'โมบาย', 'เฟอร์นิเจอร์มือสอง'))}",
        "field.goods": rng.choice(SECOND_HAND),
        "field.fee": "5000",
        "field.telephone": drawn.telephone(),
    }


_FACES: Mapping[int, Callable[[Draw], Texts]] = {
    kinds.LIQUOR: _liquor,
    kinds.CLINIC: _clinic,
    kinds.HOTEL: _hotel,
    kinds.FACTORY: _factory,
    kinds.HAZARD: _hazard,
    kinds.FOOD: _food,
    kinds.COMMERCIAL: _commercial,
    kinds.JURISTIC: _juristic,
    kinds.TOUR: _tour,
    kinds.ANIMALS: _animals,
    kinds.FIREARM: _firearm,
    kinds.SECOND_HAND: _second_hand,
}
