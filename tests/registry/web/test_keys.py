"""The key officer's pages: each act is that of the command, logged, published, and shown."""

from collections.abc import Callable

import pytest
from bs4 import Tag
from sqlalchemy import select

from keys.acts import ActKind
from keys.dates import BANGKOK
from keys.keyring import KeyState, Role
from keys.proposal import parse_proposal
from registry.key_life import denials
from registry.models import AuditEvent
from registry.rings import current_ring
from registry.services import Services
from tests.registry.key_steps import acts_on, card, key_of, sign, standing_of, stolen, verdict_on
from tests.registry.two_agencies import CHA_AM, HUA_HIN, Founded
from tests.registry.web.conftest import ADDRESS, Visitor, upload
from verify.verdict import Detail, Kind

Enter = Callable[[str], Visitor]


@pytest.fixture
def keys_officer(as_officer: Enter, register: Founded) -> Visitor:
    register.publish()
    return as_officer("kanya")


def line_of(officer: Visitor, kid: str) -> str:
    officer.get("/keys/")
    rows = [row for row in officer.page.select("tbody tr") if kid in row.get_text()]
    assert len(rows) == 1
    return rows[0].get_text(" ", strip=True)


def kid_of(services: Services, role: Role, agency: int | None = None) -> str:
    return key_of(services, role, agency).public.kid.hex()


def test_the_list_names_every_key_by_owner_year_types_and_state(
    keys_officer: Visitor, register: Founded
) -> None:
    services = register.services
    keys_officer.get("/keys/")
    ring = services.ring()
    assert len(keys_officer.page.select("tbody tr")) == len(ring.keys)
    line = line_of(keys_officer, kid_of(services, Role.AGENCY, CHA_AM))
    for words in ("เทศบาลเมืองชะอำ", "2569", "กิจการที่เป็นอันตรายต่อสุขภาพ", "ใช้งาน"):
        assert words in line
    assert "ไม่มีสิ่งที่ต้องทำ" in keys_officer.text()
    register.clock.advance(days=345)
    keys_officer = Visitor(keys_officer.app)
    assert keys_officer.log_in("kanya").status_code == 302
    keys_officer.get("/keys/")
    assert "ชุดกุญแจจะหมดอายุใน 55 วัน" in keys_officer.text()
    assert "ไม่มีกุญแจบันทึกของปี 2571" in keys_officer.text()


def test_a_key_waits_for_the_roots_until_the_signed_ring_is_uploaded(
    keys_officer: Visitor, register: Founded
) -> None:
    services = register.services
    keys_officer.get("/keys/")
    keys_officer.submit("เสนอกุญแจดอกนี้", {"owner": str(CHA_AM), "year": "2026"})
    key = key_of(services, Role.AGENCY, CHA_AM, nth=1)
    kid = key.public.kid.hex()
    assert "เสนอแล้ว รอกุญแจราก" in line_of(keys_officer, kid)
    file = keys_officer.get("/keys/ring.proposal")
    assert file.headers["Content-Disposition"] == 'attachment; filename="ring-3.proposal"'
    assert key in parse_proposal(file.data).after.keys
    answer = upload(keys_officer, sign(services, file.data, 0), sign(services, file.data, 2))
    keys_officer.follow(answer)
    assert "ชุดกุญแจฉบับที่ 3 มีผลแล้ว · เผยแพร่แล้ว" in keys_officer.text()
    assert "ใช้งาน" in line_of(keys_officer, kid)
    assert "รอกุญแจราก" not in line_of(keys_officer, kid)
    assert acts_on(services, key) == [ActKind.KEY_PROPOSED, ActKind.KEY_ACTIVATED]


def test_a_ring_without_enough_roots_is_refused_and_nothing_changes(
    keys_officer: Visitor, register: Founded
) -> None:
    file = keys_officer.get("/keys/ring.proposal").data
    for sent in ([sign(register.services, file, 1)], [file], [b"\xa0"], [b"x" * 300_000], []):
        answer = upload(keys_officer, *sent)
        assert answer.status_code == 409, answer.status_code
    assert register.services.ring().version == 2
    too_much = keys_officer.client.post(
        "/keys/ring",
        base_url=ADDRESS,
        data=b"x" * 19_000_000,
        content_type="multipart/form-data; boundary=x",
    )
    assert too_much.status_code == 413


def test_a_retired_key_signs_on_until_the_roots_have_signed(keys_officer: Visitor, register: Founded) -> None:
    key = key_of(register.services, Role.AGENCY, HUA_HIN)
    keys_officer.get(f"/keys/{key.public.kid.hex()}")
    keys_officer.follow(keys_officer.submit("เลิกใช้กุญแจ"))
    assert "จะเลิกใช้ รอกุญแจราก" in line_of(keys_officer, key.public.kid.hex())
    upload(keys_officer, sign(register.services, keys_officer.get("/keys/ring.proposal").data))
    assert standing_of(register.services, key).word == KeyState.RETIRED


def test_a_proposed_key_can_be_withdrawn_but_not_marked(keys_officer: Visitor, register: Founded) -> None:
    keys_officer.get("/keys/")
    keys_officer.submit("เสนอกุญแจดอกนี้", {"owner": "log", "year": "2026"})
    kid = key_of(register.services, Role.LOG, nth=1).public.kid.hex()
    assert keys_officer.get(f"/keys/{kid}/compromise").status_code == 409
    keys_officer.get(f"/keys/{kid}")
    keys_officer.submit("ถอนกุญแจ")
    assert keys_officer.get(f"/keys/{kid}").status_code == 404


def test_what_is_missing_is_proposed_at_once(keys_officer: Visitor, register: Founded) -> None:
    keys_officer.get("/keys/")
    assert keys_officer.submit("เสนอกุญแจที่ขาด").status_code == 409
    register.clock.advance(days=40)
    keys_officer = Visitor(keys_officer.app)
    keys_officer.log_in("kanya")
    keys_officer.get("/keys/")
    keys_officer.follow(keys_officer.submit("เสนอกุญแจที่ขาด"))
    assert "เสนอกุญแจใหม่ 4 ดอก รอกุญแจราก" in keys_officer.text()


# --- the mark of compromise -----------------------------------------------------------------------


def test_a_mark_says_first_what_the_public_will_see_and_takes_effect_with_the_answer(
    keys_officer: Visitor, register: Founded
) -> None:
    services = register.services
    before = register.issue(by="chalong")
    register.clock.advance(minutes=5)
    after = register.issue({"number": "2/1/2569"}, by="chalong")
    register.publish()
    key = key_of(services, Role.AGENCY, CHA_AM)
    kid = key.public.kid.hex()
    good_size = register.row(after).record_index
    keys_officer.get(f"/keys/{kid}")
    link = keys_officer.page.find("a", string="ระงับกุญแจนี้")
    assert isinstance(link, Tag)
    keys_officer.get(str(link["href"]))
    page = keys_officer.submit("ดูสิ่งที่ประชาชนจะเห็น", {"reason": "stolen", "good_size": str(good_size)})
    assert page.status_code == 200
    text = keys_officer.text()
    for words in ("ป้ายนี้ใช้ยืนยันไม่ได้", "สำหรับ 1 ใบ", "1 ใบที่บันทึกก่อนหน้านั้นไม่เปลี่ยน", "ไม่มีกุญแจสำรอง"):
        assert words in text
    assert verdict_on(services, card(services, after)).kind is Kind.VALID  # A preview marks nothing.
    done = keys_officer.submit(f"ระงับกุญแจ {kid} ของเทศบาลเมืองชะอำ ตั้งแต่บันทึกลำดับ {good_size}")
    assert "key-compromised" in events(services)
    found = verdict_on(services, card(services, after))
    assert (found.kind, found.detail) == (Kind.NOT_GENUINE, Detail.KEY_DENIED)
    assert verdict_on(services, card(services, before)).kind is Kind.VALID
    assert acts_on(services, key)[-1] is ActKind.KEY_COMPROMISED
    keys_officer.follow(done)
    assert "ระงับกุญแจ" in keys_officer.text()
    assert "มีผลแล้ว ชุดกุญแจรอกุญแจราก" in line_of(keys_officer, kid)
    assert stolen(services, key).public == key.public  # The file stays; nothing signs by it any more.


def test_the_last_good_size_follows_from_the_day_and_time(keys_officer: Visitor, register: Founded) -> None:
    register.clock.advance(minutes=5)
    after = register.issue(by="chalong")
    kid = kid_of(register.services, Role.AGENCY, CHA_AM)
    keys_officer.get(f"/keys/{kid}/compromise")
    since = register.clock.moment
    day, clock = since.astimezone(BANGKOK).strftime("%d/%m/%Y"), since.astimezone(BANGKOK).strftime("%H:%M")
    keys_officer.submit("ดูสิ่งที่ประชาชนจะเห็น", {"reason": "suspected", "day": day, "clock": clock})
    assert f"ตั้งแต่บันทึกลำดับ {register.row(after).record_index}" in keys_officer.text()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"good_size": "1"}, "ยังไม่ได้เลือกเหตุผล"),
        ({"reason": "because", "good_size": "1"}, "ยังไม่ได้เลือกเหตุผล"),
        ({"reason": "stolen"}, "ใส่วันและเวลา หรือขนาดบันทึก"),
        ({"reason": "stolen", "good_size": "999999"}, "ต้องเป็นตัวเลข 0 ถึง"),
        ({"reason": "stolen", "good_size": "-1"}, "ต้องเป็นตัวเลข 0 ถึง"),
        ({"reason": "stolen", "good_size": "๑"}, "ต้องเป็นตัวเลข 0 ถึง"),
        ({"reason": "stolen", "day": "29/02/2568"}, "29"),
        ({"reason": "stolen", "day": "1/11/2569", "clock": "25:00"}, "ใส่วันและเวลา"),
    ],
)
def test_a_mark_without_reason_or_moment_is_not_made(
    keys_officer: Visitor, register: Founded, typed: dict[str, str], told: str
) -> None:
    kid = kid_of(register.services, Role.AGENCY, CHA_AM)
    for path in (f"/keys/{kid}/compromise/preview", f"/keys/{kid}/compromise"):
        keys_officer.get(f"/keys/{kid}/compromise")
        assert keys_officer.post(path, typed).status_code == 422
        assert told in keys_officer.text()
    with register.services.database.reading() as session:
        assert denials(session) == ()
        assert current_ring(session).version == 2


def events(services: Services) -> list[str]:
    with services.database.reading() as session:
        return list(session.scalars(select(AuditEvent.event)))
