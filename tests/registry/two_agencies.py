"""A register of two agencies with officers of every role, for tests of the office; all of it real.

Hua Hin (1) issues `HAZARD` (QR; a revocation takes two persons) and `TRADE` (image only, not openly
displayed); Cha-am (2) issues `HAZARD` too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import delete

from keys.acts import ActKind
from keys.catalog import Agency, LicenseType, Text
from registry import founding
from registry.catalogs import put_reason, put_type
from registry.config import RegistryConfig
from registry.db import Database
from registry.models import AuditEvent, LicenseRow, Officer, Proposal, Tables
from registry.passwords import hash_password
from registry.permissions import Role
from registry.proposals import DONE, Wish, propose
from registry.rings import current_ring
from registry.services import Services
from tests.registry.founded import Clock

HOST = "permit.example.go.th"
PASSWORD = "อู่ช่างพงษ์-1234"
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HUA_HIN, CHA_AM = 1, 2
HAZARD, TRADE = 1, 2

HAZARD_TYPE = LicenseType(
    number=HAZARD,
    slug="health-hazard",
    name=Text("ใบอนุญาตประกอบกิจการที่เป็นอันตรายต่อสุขภาพ", "Health-hazard business license"),
    kind=Text("ใบอนุญาต", "license"),
    legal_basis=Text("พ.ร.บ. การสาธารณสุข พ.ศ. 2535 มาตรา 31", "Public Health Act B.E. 2535, section 31"),
    schema={
        "type": "object",
        "properties": {
            "activity": {"type": "string", "x-label": {"th": "ประเภทกิจการ", "en": "Activity"}, "x-order": 1},
            "horsepower": {
                "type": "integer",
                "minimum": 0,
                "x-label": {"th": "กำลังเครื่องจักร", "en": "Machinery"},
                "x-order": 2,
                "x-unit": {"th": "แรงม้า", "en": "hp"},
            },
            "group": {
                "type": "string",
                "enum": ["vehicle", "food"],
                "x-label": {"th": "กลุ่ม", "en": "Group"},
                "x-order": 3,
                "x-choices": {
                    "vehicle": {"th": "ยานยนต์", "en": "Vehicles"},
                    "food": {"th": "อาหาร", "en": "Food"},
                },
            },
            "fee": {
                "type": "integer",
                "x-label": {"th": "ค่าธรรมเนียม", "en": "Fee"},
                "x-order": 4,
                "x-mark": "withheld",
            },
            "remark": {
                "type": "string",
                "x-label": {"th": "บันทึกเจ้าหน้าที่", "en": "Officers' remark"},
                "x-order": 5,
                "x-mark": "officers",
            },
        },
        "required": ["activity"],
    },
    term_rule="years",
    term_length=1,
    number_pattern=r"\d+/\d+/\d{4}",
    number_example="12/345/2569",
    display=("image", "qr"),
    gazette="",
    openly_displayed=True,
    territorial=True,
    four_eyes=("revocation",),
    activity="activity",
    has_holder=True,
    has_premises=True,
)
TRADE_TYPE = LicenseType(
    number=TRADE,
    slug="trade",
    name=Text("ทะเบียนพาณิชย์", "Commercial registration"),
    kind=Text("ใบทะเบียน", "certificate"),
    legal_basis=Text("พ.ร.บ. ทะเบียนพาณิชย์ พ.ศ. 2499", "Commercial Registration Act B.E. 2499"),
    schema={"type": "object", "properties": {}, "required": []},
    term_rule="none",
    term_length=0,
    number_pattern="",
    number_example="0105512345674",
    display=("image",),
    gazette="",
    openly_displayed=False,
    territorial=False,
    four_eyes=(),
    activity=None,
    has_holder=True,
    has_premises=False,
)
AGENCIES = (
    Agency(
        HUA_HIN,
        "huahin",
        Text("เทศบาลเมืองหัวหิน", "Hua Hin Municipality"),
        "032-511-047",
        Text("จันทร์–ศุกร์ 08:30–16:30 น.", "Mon–Fri 08:30–16:30"),
        (7707,),
        {HAZARD: date(2026, 1, 1), TRADE: None},
    ),
    Agency(
        CHA_AM,
        "chaam",
        Text("เทศบาลเมืองชะอำ", "Cha-am Municipality"),
        "032-471-665",
        Text("จันทร์–ศุกร์ 08:30–16:30 น.", "Mon–Fri 08:30–16:30"),
        (7604,),
        {HAZARD: date(2026, 1, 1)},
    ),
)
REASONS = {
    "conditions": Text("ผิดเงื่อนไขใบอนุญาต", "Conditions broken"),
    "closed": Text("เลิกประกอบกิจการโดยไม่แจ้ง", "Closed without notice"),
}
# Log-in name → agency, role, name and position.
OFFICERS = {
    "somying": (HUA_HIN, Role.ISSUER, "สมหญิง ใจดี", "นักวิชาการสาธารณสุข"),
    "prayoon": (HUA_HIN, Role.APPROVER, "ประยูร มั่นคง", "ปลัดเทศบาล"),
    "wanna": (HUA_HIN, Role.VIEWER, "วรรณา เรียบร้อย", "เจ้าพนักงานธุรการ"),
    "adisak": (HUA_HIN, Role.ADMIN, "อดิศักดิ์ ระบบดี", "นักวิชาการคอมพิวเตอร์"),
    "kanya": (HUA_HIN, Role.KEY_OFFICER, "กัญญา ถือกุญแจ", "นักวิชาการคอมพิวเตอร์"),
    "chalong": (CHA_AM, Role.ISSUER, "ฉลอง ริมทะเล", "นักวิชาการสาธารณสุข"),
    "chamnan": (CHA_AM, Role.APPROVER, "ชำนาญ ชายหาด", "ปลัดเทศบาล"),
}
FORM = {
    "number": "12/345/2569",
    "holder": "บริษัท ก้าวหน้าการช่าง จำกัด",
    "holder_en": "Kaona Karnchang Co., Ltd.",
    "holder_id": "0105558004940",
    "premises": "อู่ช่างพงษ์ สาขาหัวหิน",
    "address": "88/4 ถนนเพชรเกษม",
    "place": "770701",
    "valid_from": "22/11/2569",
    "issued": "22/11/2569",
    "field.activity": "พ่นสี เคาะ ปะผุ",
    "field.horsepower": "๑๐",
    "field.group": "vehicle",
    "field.fee": "1,500",
    "field.remark": "ตรวจพื้นที่แล้ว",
    "conditions": "ห้ามพ่นสีนอกอาคาร\nทำงาน 08:00–18:00 น.",
}
TRADE_FORM = {
    "number": "7707000123",
    "holder": "นายสมชาย ใจงาม",
    "premises": "ร้านใจงาม",
    "address": "9 ถนนสระสรง",
    "place": "770701",
    "valid_from": "22/11/2569",
}


@dataclass(frozen=True)
class Founded:
    """A register to test with: its services, its clock, its folder, and short ways to act in it."""

    services: Services
    clock: Clock
    folder: Path

    def officer(self, login: str) -> Officer:
        """One of `OFFICERS`."""
        with self.services.database.reading() as session:
            return session.query(Officer).filter_by(login=login).one()

    def issue(
        self, changes: Mapping[str, str] | None = None, *, kind: int = HAZARD, by: str = "somying"
    ) -> str:
        """Issue a license from `FORM` (or `TRADE_FORM`) with changes; gives its code."""
        form = {**(FORM if kind == HAZARD else TRADE_FORM), **(changes or {})}
        if by in ("chalong", "chamnan"):
            form["place"] = form["place"].replace("770701", "760401")
        return self.act(ActKind.ISSUANCE, form, kind=kind, by=by)

    def act(
        self,
        act: ActKind,
        raw: Mapping[str, str],
        *,
        code: str | None = None,
        kind: int = HAZARD,
        by: str = "somying",
    ) -> str:
        """Propose an act that needs one person, which executes it; gives the license's code."""
        done = self.propose(act, raw, code=code, kind=kind, by=by)
        assert done.state == DONE, done.state
        assert done.code is not None
        return done.code

    def propose(
        self,
        act: ActKind,
        raw: Mapping[str, str],
        *,
        code: str | None = None,
        kind: int = HAZARD,
        by: str = "somying",
        base_index: int | None = None,
    ) -> Proposal:
        """Propose an act as an officer does; what one person may do is done then."""
        with self.services.database.writing.begin() as session:
            officer = session.query(Officer).filter_by(login=by).one()
            wish = Wish(act=act, license_type=kind, raw=raw, code=code, base_index=base_index)
            return propose(session, wish, officer, office=self.services.office(session), at=self.clock())

    def row(self, code: str) -> LicenseRow:
        """The row of a license."""
        with self.services.database.reading() as session:
            return session.get_one(LicenseRow, code)

    def publish(self) -> None:
        """Publish and index everything logged so far."""
        self.services.publish()
        self.services.feed()


@cache
def _password_hash() -> bytes:
    return hash_password(PASSWORD)


def found_in(folder: Path, database: Database) -> None:
    """Found the register in `database`, its keys in `folder`/private."""
    Tables.metadata.create_all(database.engine)
    passphrase = founding.make_passphrase(folder / "private" / "passphrase")
    folders = founding.KeyFolder(folder / "private")
    with database.writing.begin() as session:
        vault = founding.found(
            session, folders, passphrase, host=HOST, lifetime=timedelta(days=400), at=START
        )
        for kind in (HAZARD_TYPE, TRADE_TYPE):
            put_type(session, kind)
        for code, words in REASONS.items():
            put_reason(session, code, words)
        roots = founding.root_signers(folders, passphrase, current_ring(session))
        founding.admit(session, AGENCIES, vault, roots, at=START)
        # Tests count the events of what they do, not of the founding.
        session.execute(delete(AuditEvent))
        for login, (agency, role, name, position) in OFFICERS.items():
            session.add(
                Officer(
                    login=login,
                    agency=agency,
                    name=name,
                    position=position,
                    role=role,
                    password_hash=_password_hash(),
                    created_at=START,
                )
            )


def settings_in(folder: Path, **changes: object) -> RegistryConfig:
    """The embedded profile in `folder`, under the host of the tests."""
    config = RegistryConfig.from_environment({"PERMITS_DATA": str(folder), "PERMITS_HOST": HOST})
    return replace(config, **changes)  # type: ignore[arg-type]
