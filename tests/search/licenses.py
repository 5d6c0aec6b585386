"""Made-up licenses to search for."""

from dataclasses import replace

from search import LicenseDocument, LicenseFacts, SearchPage, SearchQuery, analyze
from tests.search.indexes import Index

TODAY = 20_000
PLAIN = LicenseFacts(
    code="00000000000000",
    log_index=1,
    revision=0,
    visible=True,
    agency=1,
    license_type=1,
    province=10,
    district=1001,
    subdistrict=None,
    standing=0,
    valid_from=TODAY - 100,
    valid_until=TODAY + 100,
    number="",
    numbers=(),
    holder=None,
    premises=None,
    other_names=(),
    address="",
    type_names=(),
    sort_key="",
)

SMILE = replace(
    PLAIN,
    code="11111111111111",
    number="จ3-9(6)-100/51ปจ",
    numbers=("0105559007128",),
    holder="บริษัท ยิ้มสวยเดนทัล จำกัด",
    premises="คลินิกทันตกรรมยิ้มสวย",
    other_names=("Smile Dental Co., Ltd.",),
    address="99/1 ถนนเพชรเกษม หัวหิน ประจวบคีรีขันธ์ Hua Hin Prachuap Khiri Khan",
    type_names=("ประกอบกิจการสถานพยาบาล",),
    province=77,
    district=7707,
    license_type=2,
    sort_key="ก",
)
PHARMACY = replace(
    PLAIN,
    code="22222222222222",
    log_index=2,
    number="12/2560",
    holder="นายสมชาย ใจดี",
    premises="รุ่งเรืองเภสัช",
    address="5 หมู่ 2 หัวหิน ประจวบคีรีขันธ์ Hua Hin",
    type_names=("ร้านยา",),
    province=77,
    district=7707,
    license_type=3,
    sort_key="ข",
)
HOTEL = replace(
    PLAIN,
    code="33333333333333",
    log_index=3,
    number="0012/0045/2561",
    holder="ห้างหุ้นส่วนจำกัด เจริญทรัพย์การโรงแรม",
    premises="โรงแรมอินเตอร์เทรดดิ้งเพลส",
    address="เมืองเชียงใหม่ เชียงใหม่ Chiang Mai",
    type_names=("โรงแรม",),
    province=50,
    district=5001,
    agency=2,
    license_type=4,
    sort_key="ค",
)
NANG_RONG = replace(
    PLAIN,
    code="44444444444444",
    log_index=4,
    number="77/2562",
    holder="นางสาวสมหญิง ณ ระนอง",
    premises="ร้านนางรองการยาง",
    address="นางรอง บุรีรัมย์ Buri Ram",
    type_names=("ร้านยา",),
    province=31,
    district=3104,
    license_type=3,
    sort_key="ง",
)
LICENSES = (SMILE, PHARMACY, HOTEL, NANG_RONG)


def documents(*licenses: LicenseFacts) -> list[LicenseDocument]:
    """The analyzed documents of `licenses`."""
    return [analyze(facts) for facts in licenses]


def ask(index: Index, words: str = "", **filters: object) -> SearchPage:
    """The page for `words` and filters on the day that these licenses are of."""
    return index.find(SearchQuery(words=words, **{"today": TODAY, **filters}))  # type: ignore[arg-type]


def found(index: Index, words: str = "", **filters: object) -> tuple[str, ...]:
    """The codes on the first page for `words` and filters."""
    return ask(index, words, **filters).codes
