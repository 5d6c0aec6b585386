"""Fixed examples of every format: the golden vectors, the document and the tests are made from them."""

import hashlib
from datetime import date

from nacl.pwhash import argon2id
from nacl.secret import SecretBox

from keys.acts import ActKind, Status
from keys.card import LicenseCard, card_of
from keys.catalog import Agency, Catalog, LicenseType, Text
from keys.entry import LogEntry, subject_of
from keys.keyring import KeyRing, KeyState, RingKey, Role, sign_ring
from keys.layout import Page, Presence, pack_presence, sha256
from keys.opening import sign_card, sign_statement
from keys.record import LicenseRecord, Order, StatusRef, Withheld
from keys.signing import SeedSigner
from keys.snapshot import Denial, Named, Snapshot
from keys.statuslist import ListName, StatusList, empty_nibbles, put

HOST = "permits.example.go.th"
ORIGIN = "permits.example.go.th/log"
YEAR = 365 * 24 * 3600
START = 1_767_200_400  # 2026-01-01T00:00:00+07:00
MOMENT = START + 100 * 24 * 3600


def seed(name: str) -> bytes:
    """The 32 bytes that stand for a secret in the examples; never use them elsewhere."""
    return hashlib.sha256(f"permit registry example: {name}".encode()).digest()


ROOTS = tuple(SeedSigner(seed(f"root {n}")) for n in (1, 2, 3))
AGENCY = SeedSigner(seed("agency 1, 2026"))
OLD_AGENCY = SeedSigner(seed("agency 1, 2025"))
STOLEN = SeedSigner(seed("agency 2, 2025"))
LOG = SeedSigner(seed("log"))
STATUS = SeedSigner(seed("status"))

RING = KeyRing(
    version=1,
    origin=ORIGIN,
    host=HOST,
    issued=START,
    expires=START + 400 * 24 * 3600,
    threshold=2,
    roots=tuple(root.public for root in ROOTS),
    keys=(
        RingKey(AGENCY.public, Role.AGENCY, START, START + YEAR, agency=1, types=(3, 7)),
        RingKey(
            *(OLD_AGENCY.public, Role.AGENCY, START - YEAR, START, KeyState.RETIRED), agency=1, types=(3,)
        ),
        RingKey(
            *(STOLEN.public, Role.AGENCY, START - YEAR, START, KeyState.COMPROMISED),
            agency=2,
            good_size=17,
        ),
        RingKey(LOG.public, Role.LOG, START, START + YEAR),
        RingKey(STATUS.public, Role.STATUS, START, START + YEAR),
    ),
)
SIGNED_RING = sign_ring(RING, ROOTS[:2])

SALT = seed("salt")[:16]
BLIND = seed("blind")[:16]
CODE = "12345678901244"

# A holder of 40 letters, premises and address of 80, as the QR's version is measured by.
RECORD = LicenseRecord(
    act=ActKind.ISSUANCE,
    catalog=1,
    agency=1,
    license_type=3,
    code=CODE,
    version=1,
    number="กท 0012/2569",
    valid_from=date(2026, 4, 11),
    valid_until=date(2027, 4, 10),
    status=StatusRef(2026, 0, 40_321),
    index=70_123,
    salt=SALT,
    holder={
        "name": "บริษัท เจริญกรุงอาหารและเครื่องดื่ม จำกัด",
        "id": Withheld.of("0105556012345", BLIND),
    },
    premises="ร้านเจริญกรุง สาขาตลาดน้อย",
    address="1204/15-16 ถนนเจริญกรุง แขวงตลาดน้อย เขตสัมพันธวงศ์",
    place=101302,
    fields={"area_m2": 180, "kinds": ["จำหน่าย", "สะสม"], "alcohol": False},
    conditions=("ห้ามประกอบกิจการหลังเวลา 24.00 น.",),
    issued=date(2026, 4, 10),
    signer={"name": "นางสาวสมใจ ตัวอย่าง", "position": "ผู้อำนวยการเขตสัมพันธวงศ์"},
    linked=("00000000000098",),
)
SHORT_RECORD = LicenseRecord(
    act=ActKind.RENEWAL,
    catalog=2,
    agency=1,
    license_type=7,
    code="00000000000098",
    version=2,
    number=Withheld.of("ก 7", BLIND),
    valid_from=date(2026, 12, 30),
    valid_until=None,
    status=StatusRef(2026, 1, 0),
    index=0,
    salt=SALT,
    term_from=date(2027, 1, 1),
    earlier=CODE,
)
SUSPENSION = Order(
    act=ActKind.SUSPENSION,
    catalog=1,
    agency=1,
    license_type=3,
    code=CODE,
    version=1,
    legal_basis="พระราชบัญญัติการสาธารณสุข พ.ศ. 2535 มาตรา 59",
    index=70_200,
    reason="conditions",
    begins=date(2026, 5, 1),
    until=date(2026, 5, 15),
    signer={"name": "นายสมชาย ตัวอย่าง", "position": "เจ้าพนักงานท้องถิ่น"},
)
ENDING = Order(
    act=ActKind.ENDING,
    catalog=1,
    agency=1,
    license_type=3,
    code=CODE,
    version=1,
    legal_basis="มาตรา 60",
    index=70_300,
    outcome="succeeded",
    successor="00000000000098",
)

CARD = card_of(RECORD, host=HOST)
# A name in other letters, everything optional absent.
BARE_CARD = LicenseCard(
    agency=1,
    license_type=7,
    code="00000000000098",
    number=None,
    holder="Café Ørsted",
    premises=None,
    address=None,
    place=None,
    valid_from=date(1969, 12, 31),
    valid_until=None,
    status=StatusRef(2020, 0, 0),
    index=0,
)
SIGNED_RECORD = sign_statement(RECORD, AGENCY)
SIGNED_ORDER = sign_statement(SUSPENSION, AGENCY)
SIGNED_CARD = sign_card(CARD, AGENCY)

ENTRIES = (
    LogEntry(ActKind.KEY_ACTIVATED, START, agency=1, thumbprint=AGENCY.public.thumbprint),
    LogEntry(
        ActKind.ISSUANCE,
        MOMENT,
        agency=1,
        subject=subject_of(SALT, CODE),
        statement=sha256(SIGNED_RECORD),
        card=sha256(SIGNED_CARD),
        ref=RECORD.status,
        status=Status.VALID,
    ),
    LogEntry(
        ActKind.SUSPENSION,
        MOMENT + 86_400,
        agency=1,
        subject=subject_of(SALT, CODE),
        statement=sha256(SIGNED_ORDER),
        ref=RECORD.status,
        status=Status.SUSPENDED,
    ),
    LogEntry(ActKind.ERASURE, MOMENT + 172_800, agency=1, subject=subject_of(SALT, CODE)),
    LogEntry(
        ActKind.KEY_COMPROMISED,
        MOMENT + 259_200,
        agency=2,
        thumbprint=STOLEN.public.thumbprint,
        good_size=17,
    ),
)


def example_nibbles() -> bytes:
    """A list with one position of each status, the rest VALID."""
    nibbles = empty_nibbles()
    for position, status in enumerate(Status):
        put(nibbles, position, status)
    put(nibbles, 40_321, Status.SUSPENDED)
    return bytes(nibbles)


LIST_NAME = ListName(1, 2026, 0)
LIST = StatusList(
    name=LIST_NAME,
    uri=f"https://{HOST}/status/1/2026/0/current.jwt",
    version=4,
    log_size=5,
    issued=MOMENT,
    expires=MOMENT + 7 * 24 * 3600,
    nibbles=example_nibbles(),
)

FOOD_SHOP = LicenseType(
    number=3,
    slug="food-shop",
    name=Text("ใบอนุญาตจัดตั้งสถานที่จำหน่ายอาหาร", "Food premises license"),
    kind=Text("ใบอนุญาต", "License"),
    legal_basis=Text("พระราชบัญญัติการสาธารณสุข พ.ศ. 2535 มาตรา 38", "Public Health Act B.E. 2535, section 38"),
    schema={
        "type": "object",
        "required": ["area_m2"],
        "properties": {
            "area_m2": {
                "type": "integer",
                "minimum": 1,
                "x-label": {"th": "พื้นที่", "en": "Area"},
                "x-order": 1,
                "x-unit": {"th": "ตารางเมตร", "en": "m²"},
            },
            "service": {
                "type": "string",
                "enum": ["sell", "store"],
                "x-choices": {
                    "sell": {"th": "จำหน่าย", "en": "Sale"},
                    "store": {"th": "สะสม", "en": "Storage"},
                },
                "x-label": {"th": "ประเภท", "en": "Kind"},
                "x-mark": "public",
                "x-order": 2,
            },
            "phone": {
                "type": "string",
                "x-label": {"th": "โทรศัพท์", "en": "Telephone"},
                "x-mark": "withheld",
                "x-order": 3,
            },
        },
    },
    term_rule="years",
    term_length=1,
    number_pattern="[ก-ฮ]{2} [0-9]{4}/[0-9]{4}",
    number_example="กท 0012/2569",
    display=("qr", "image"),
    gazette="",
    openly_displayed=True,
    territorial=True,
    four_eyes=("revocation", "voiding"),
    activity="service",
    has_holder=True,
    has_premises=True,
)
CATALOG = Catalog(
    version=1,
    agencies={
        1: Agency(
            number=1,
            slug="samphanthawong",
            name=Text("สำนักงานเขตสัมพันธวงศ์", "Samphanthawong District Office"),
            phone="02 000 0000",
            hours=Text("จันทร์–ศุกร์ 8.30–16.30 น.", "Monday to Friday, 8:30 to 16:30"),
            territory=(1013,),
            types={3: date(2026, 1, 1), 7: None},
        )
    },
    types={3: FOOD_SHOP},
    reasons={"conditions": Text("ไม่ปฏิบัติตามเงื่อนไข", "Conditions not met")},
)

LISTS = {LIST_NAME: Named(4, sha256(b"a list")), ListName(1, 2025, 3): Named(9, sha256(b"another"))}
PRESENCE = (Presence.NONE, Presence.PRESENT, Presence.PRESENT, Presence.CLOSED, Presence.ERASED)
PAGE = Page((sha256(b"a bundle"),), (pack_presence(PRESENCE),))
STATEMENTS = (None, (SIGNED_RECORD, SIGNED_CARD), (SIGNED_ORDER, None), None)

SNAPSHOT = Snapshot(
    version=812,
    moment=MOMENT + 300_000,
    log_size=5,
    log_root=sha256(b"stands for a root"),
    keyring=Named(1, sha256(SIGNED_RING)),
    catalog=Named(1, sha256(b"stands for a catalog")),
    lists=sha256(b"stands for a list index"),
    records=sha256(b"stands for a manifest"),
    denied=(Denial(STOLEN.public.thumbprint, 17),),
)

PASSPHRASE = "ตัวอย่าง correct horse".encode()


def vault_files() -> dict[str, bytes]:
    """The files of a vault that holds the log's key, made from the specification with fixed randomness."""
    salt, nonce = seed("vault salt")[: argon2id.SALTBYTES], seed("vault nonce")[: SecretBox.NONCE_SIZE]
    key = argon2id.kdf(32, PASSPHRASE, salt, opslimit=3, memlimit=256 << 20)
    box = SecretBox(key)
    return {
        "vault": b"permit-vault/1\n" + salt + bytes(box.encrypt(b"this passphrase opens this vault", nonce)),
        f"{LOG.public.thumbprint.hex()}.key": b"permit-key/1\n" + bytes(box.encrypt(seed("log"), nonce)),
    }
