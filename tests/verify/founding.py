"""The ring and the catalog that a test's register is founded with; keys come from fixed seeds."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from keys.catalog import Agency, Catalog, Text, parse_type
from keys.dates import BANGKOK, to_seconds
from keys.keyring import KeyRing, RingKey, Role
from keys.signing import SeedSigner

HOST = "permit.example.go.th"
ORIGIN = f"{HOST}/log"
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
HAZARD, COMMERCE, CLOSED = 1, 2, 3
TOWN, CITY = 1, 2
# Most tests stand in 2026; commands ask the machine what time it is, and it may be any later year.
_THIS_YEAR = datetime.now(BANGKOK).year
_YEARS = sorted({2025, 2026, 2027, _THIS_YEAR, _THIS_YEAR + 1})


def signer(name: str) -> SeedSigner:
    """A signer whose seed is a hash of its name."""
    return SeedSigner(hashlib.sha256(f"test {name}".encode()).digest())


ROOTS = tuple(signer(f"root {n}") for n in range(3))


def _moment(year: int) -> int:
    return to_seconds(datetime(year, 1, 1, tzinfo=BANGKOK))


def first_ring() -> KeyRing:
    """Roots, and for each year a log key, a status key and a key an agency."""
    keys = []
    for year in _YEARS:
        term: dict[str, Any] = {"valid_from": _moment(year), "valid_until": _moment(year + 1)}
        keys += [
            RingKey(signer(f"log {year}").public, Role.LOG, **term),
            RingKey(signer(f"status {year}").public, Role.STATUS, **term),
            RingKey(
                signer(f"agency {TOWN} {year}").public,
                Role.AGENCY,
                agency=TOWN,
                types=(HAZARD, COMMERCE, CLOSED),
                **term,
            ),
            RingKey(
                signer(f"agency {CITY} {year}").public, Role.AGENCY, agency=CITY, types=(HAZARD,), **term
            ),
        ]
    return KeyRing(
        version=1,
        origin=ORIGIN,
        host=HOST,
        issued=_moment(2025),
        expires=_moment(max(2030, _THIS_YEAR + 2)),
        threshold=2,
        roots=tuple(root.public for root in ROOTS),
        keys=tuple(keys),
    )


def _field(order: int, th: str, en: str, kind: str = "string") -> dict[str, Any]:
    return {"type": kind, "x-label": {"th": th, "en": en}, "x-order": order}


def license_type(number: int, th: str, en: str, **more: Any) -> Any:
    """A license type in its JSON form, parsed."""
    return parse_type(
        {
            "id": number,
            "slug": f"type-{number}",
            "name": {"th": th, "en": en},
            "kind": {"th": "ใบอนุญาต", "en": "License"},
            "legal_basis": {"th": "พ.ร.บ. การสาธารณสุข พ.ศ. 2535", "en": "Public Health Act B.E. 2535"},
            "schema": {
                "type": "object",
                "properties": {
                    "activity": _field(1, "กิจการที่ทำ", "Business"),
                    "power": _field(2, "กำลังเครื่องจักร", "Power", "integer")
                    | {"x-unit": {"th": "แรงม้า", "en": "hp"}},
                    "age": _field(3, "อายุผู้รับใบอนุญาต", "Age", "integer") | {"x-mark": "withheld"},
                    "class": _field(4, "ชั้นของกิจการ", "Class")
                    | {"x-choices": {"a": {"th": "ชั้นหนึ่ง", "en": "First class"}}},
                },
            },
            "term": {"rule": "years", "length": 1},
            "number": {"pattern": ".*", "example": "12/345/2569"},
            "display": {"methods": ["image", "qr"], "gazette": ""},
            "openly_displayed": True,
            "territorial": True,
            "four_eyes": [],
            "activity": "activity",
            "holder": True,
            "premises": True,
            **more,
        }
    )


def first_catalog() -> Catalog:
    """Two agencies, two public types and one that is not openly displayed."""
    since = date(2025, 1, 1)
    town = Agency(
        TOWN,
        "huahin",
        Text("เทศบาลเมืองหัวหิน", "Hua Hin Town Municipality"),
        "032 511 047",
        Text("จันทร์ถึงศุกร์ 08:30 ถึง 16:30 น.", "Monday to Friday 08:30 to 16:30"),
        (77,),
        {HAZARD: since, COMMERCE: since, CLOSED: since},
    )
    city = replace(
        town, number=CITY, slug="city", name=Text("นครตัวอย่าง", "Example City"), types={HAZARD: since}
    )
    kinds = (
        license_type(
            HAZARD, "ใบอนุญาตประกอบกิจการที่เป็นอันตรายต่อสุขภาพ", "License for a business hazardous to health"
        ),
        license_type(
            COMMERCE, "ทะเบียนพาณิชย์", "Commercial registration", display={"methods": ["image"], "gazette": ""}
        ),
        license_type(
            CLOSED, "ใบอนุญาตที่ไม่แสดงต่อสาธารณะ", "License not openly displayed", openly_displayed=False
        ),
    )
    return Catalog(
        1,
        {TOWN: town, CITY: city},
        {kind.number: kind for kind in kinds},
        {"conditions": Text("ผิดเงื่อนไขใบอนุญาต", "Broke the conditions of the license")},
    )
