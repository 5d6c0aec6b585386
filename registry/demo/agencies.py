"""The agencies and reason codes of the demonstration register; telephone numbers are invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from keys.catalog import Agency, Text

HUA_HIN, EXCISE, HEALTH, ADMINISTRATION, FACTORIES = 1, 2, 3, 4, 5
BUSINESS, TOURISM, LIVESTOCK, CHIANG_MAI, PATHUM_WAN = 6, 7, 8, 9, 10

_OFFICE_HOURS = Text("จันทร์–ศุกร์ 08.30–16.30 น.", "Monday–Friday 8:30–16:30")
_COUNTER_HOURS = Text("จันทร์–ศุกร์ 08.30–16.30 น. (ไม่หยุดพักกลางวัน)", "Monday–Friday 8:30–16:30, open at noon")
_SATURDAY_HOURS = Text(
    "จันทร์–ศุกร์ 08.00–16.00 น. เสาร์ 08.30–12.00 น.", "Monday–Friday 8:00–16:00, Saturday 8:30–12:00"
)


@dataclass(frozen=True, slots=True)
class DemoAgency:
    """An agency, how many days after the founding it joins, and where its licenses' places lie.

    `places` gives the weight of each district whose subdistricts its licenses are spread over.
    """

    number: int
    slug: str
    name: Text
    phone: str
    hours: Text
    types: tuple[int, ...]
    joins: int
    places: Mapping[int, int]
    territory: tuple[int, ...] = ()

    def for_catalog(self, joined: date) -> Agency:
        """The agency as the catalog has it, its types published from the day after it joined."""
        since = joined + timedelta(days=1)
        return Agency(
            number=self.number,
            slug=self.slug,
            name=self.name,
            phone=self.phone,
            hours=self.hours,
            territory=self.territory,
            types=dict.fromkeys(self.types, since),
        )


# Districts of the whole country, where people and trade are: district code → weight.
_COUNTRY: Mapping[int, int] = {
    1007: 4, 1030: 4, 1033: 4, 1017: 3, 1019: 2, 7707: 5, 5001: 6, 8301: 4, 8302: 2, 4001: 5,
    9011: 5, 2004: 4, 3001: 4, 2001: 2, 4101: 3, 1201: 3, 3401: 2, 6501: 2, 8404: 2, 5701: 2,
}  # fmt: skip
_HOTELS: Mapping[int, int] = {
    7707: 6, 8301: 4, 8302: 4, 8303: 3, 5001: 6, 2004: 5, 8404: 4, 8103: 2, 1007: 3, 9011: 3, 4001: 2,
}  # fmt: skip
_INDUSTRY: Mapping[int, int] = {
    2501: 3, 2502: 4, 2508: 5, 1104: 4, 1303: 3, 7401: 4, 2001: 4, 3001: 3, 4001: 2, 9011: 2,
}  # fmt: skip

AGENCIES: tuple[DemoAgency, ...] = (
    DemoAgency(
        HUA_HIN,
        "huahin",
        Text("เทศบาลเมืองหัวหิน", "Hua Hin Municipality"),
        "0-3255-0101",
        _COUNTER_HOURS,
        (6, 7, 8),
        0,
        {7707: 1},
        (7707,),
    ),
    DemoAgency(
        EXCISE,
        "excise-phuket",
        Text("สำนักงานสรรพสามิตพื้นที่ภูเก็ต", "Phuket Area Excise Office"),
        "0-7655-0102",
        _OFFICE_HOURS,
        (1,),
        0,
        {8301: 4, 8302: 4, 8303: 3},
    ),
    DemoAgency(
        HEALTH,
        "health-service-support",
        Text("กรมสนับสนุนบริการสุขภาพ", "Department of Health Service Support"),
        "0-2555-0103",
        _OFFICE_HOURS,
        (2, 3),
        0,
        _COUNTRY,
    ),
    DemoAgency(
        ADMINISTRATION,
        "provincial-administration",
        Text("กรมการปกครอง", "Department of Provincial Administration"),
        "0-2555-0104",
        _OFFICE_HOURS,
        (4, 13, 14),
        0,
        _HOTELS,
    ),
    DemoAgency(
        FACTORIES,
        "industrial-works",
        Text("กรมโรงงานอุตสาหกรรม", "Department of Industrial Works"),
        "0-2555-0105",
        _OFFICE_HOURS,
        (5,),
        0,
        _INDUSTRY,
    ),
    DemoAgency(
        BUSINESS,
        "business-development",
        Text("กรมพัฒนาธุรกิจการค้า", "Department of Business Development"),
        "0-2555-0106",
        _OFFICE_HOURS,
        (9,),
        7,
        _COUNTRY,
    ),
    DemoAgency(
        TOURISM,
        "tourism",
        Text("กรมการท่องเที่ยว", "Department of Tourism"),
        "0-2555-0107",
        _OFFICE_HOURS,
        (10,),
        7,
        _HOTELS,
    ),
    DemoAgency(
        LIVESTOCK,
        "livestock",
        Text("กรมปศุสัตว์", "Department of Livestock Development"),
        "0-2555-0108",
        _OFFICE_HOURS,
        (11, 12),
        21,
        _COUNTRY,
    ),
    DemoAgency(
        CHIANG_MAI,
        "chiangmai-city",
        Text("เทศบาลนครเชียงใหม่", "Chiang Mai City Municipality"),
        "0-5355-0109",
        _SATURDAY_HOURS,
        (6, 7, 8),
        21,
        {5001: 1},
        (500101, 500102, 500103, 500104, 500105, 500106, 500107, 500108, 500110, 500111),
    ),
    DemoAgency(
        PATHUM_WAN,
        "pathumwan",
        Text("สำนักงานเขตปทุมวัน กรุงเทพมหานคร", "Pathum Wan District Office, Bangkok"),
        "0-2555-0110",
        _OFFICE_HOURS,
        (6, 7, 8),
        21,
        {1007: 1},
        (1007,),
    ),
)

REASONS: Mapping[str, Text] = {
    "unlicensed-activity": Text("ประกอบกิจการนอกเหนือจากที่ได้รับอนุญาต", "Activity beyond what was licensed"),
    "nuisance": Text("ก่อเหตุรำคาญและไม่แก้ไขตามคำสั่ง", "Nuisance not remedied as ordered"),
    "unhygienic": Text("สุขลักษณะไม่ถูกต้องตามเงื่อนไข", "Hygiene below the conditions"),
    "unsafe": Text("อาคารหรือระบบความปลอดภัยไม่เป็นไปตามกฎหมาย", "Building or safety systems below the law"),
    "repeated-suspension": Text(
        "ถูกสั่งพักใช้แล้วสองครั้งขึ้นไป และมีเหตุต้องพักใช้อีก", "Cause again after two suspensions"
    ),
    "unqualified": Text("ผู้รับใบอนุญาตขาดคุณสมบัติ", "The holder is no longer qualified"),
    "fee-unpaid": Text("ไม่ชำระค่าธรรมเนียมตามกำหนด", "Fee not paid when due"),
    "requirements-unmet": Text("สถานที่ไม่ผ่านหลักเกณฑ์เมื่อตรวจเพื่อต่ออายุ", "Premises below the rules at renewal"),
    "documents-missing": Text("ไม่ส่งเอกสารเพิ่มเติมภายในกำหนด", "Documents not supplied in time"),
    "issued-in-error": Text("ออกโดยผิดพลาดในสาระสำคัญ", "Issued with a material error"),
    "false-statement": Text("ผู้ขอแจ้งข้อความอันเป็นเท็จ", "False statement by the applicant"),
    "duplicate": Text("ออกซ้ำกับใบที่มีอยู่แล้ว", "Duplicate of one already issued"),
}


def agency(number: int) -> DemoAgency:
    """The agency with this number."""
    return next(one for one in AGENCIES if one.number == number)
