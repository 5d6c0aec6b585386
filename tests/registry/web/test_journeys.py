"""The office's journeys from log-in to the public page, as an officer's visitor goes them."""

from collections.abc import Callable

from sqlalchemy import select

from keys.acts import ActKind, Status
from registry.models import AuditEvent, Proposal
from tests.registry.two_agencies import FORM, HAZARD, TRADE, Founded
from tests.registry.web.conftest import Visitor

Enter = Callable[[str], Visitor]


def issue_by_pages(visitor: Visitor, kind: int = HAZARD, **changes: str) -> str:
    """Go from the empty form over the preview to the license's page; gives the code."""
    visitor.get(f"/issue/{kind}")
    answer = visitor.submit("ดูตัวอย่าง", {**FORM, **changes})
    assert answer.status_code == 200, visitor.text()
    answer = visitor.submit("ออกใบอนุญาต")
    assert answer.status_code == 302, visitor.text()
    code = answer.headers["Location"].rsplit("/", 1)[1]
    assert visitor.follow(answer).status_code == 200
    return code


def test_an_officer_logs_in_issues_and_the_license_is_public(visitor: Visitor, register: Founded) -> None:
    answer = visitor.log_in("somying")
    assert visitor.follow(answer).status_code == 200
    assert "งานของฉัน" in visitor.text()
    code = issue_by_pages(visitor)
    assert "อู่ช่างพงษ์ สาขาหัวหิน" in visitor.text()
    assert "ใบอนุญาตแท้ · ประกอบกิจการได้วันนี้" in visitor.text()
    assert register.row(code).status == Status.VALID
    assert f"https://permit.example.go.th/c/{code}" in str(visitor.page)


def test_a_preview_signs_nothing(as_officer: Enter, register: Founded) -> None:
    visitor = as_officer("somying")
    with register.services.database.reading() as session:
        before = session.scalars(select(AuditEvent.id)).all()
    size = _log_size(register)
    visitor.get("/issue/1")
    assert visitor.submit("ดูตัวอย่าง", FORM).status_code == 200
    assert "ยังไม่ได้ลงนาม" in visitor.text()
    assert _log_size(register) == size
    with register.services.database.reading() as session:
        assert session.scalars(select(AuditEvent.id)).all() == before
        assert session.scalars(select(Proposal)).all() == []


def _log_size(register: Founded) -> int:
    from registry.queries import log_size

    with register.services.database.reading() as session:
        return log_size(session)


def test_try_all_pages(as_officer: Enter, register: Founded) -> None:
    code = register.issue()
    trade = register.issue(kind=TRADE)
    register.publish()
    b = as_officer("somying")
    for path in [
        "/",
        "/licenses/",
        f"/licenses/{code}",
        f"/licenses/{trade}",
        "/issue/",
        "/issue/1",
        "/issue/2",
        "/approvals/",
        "/account/sessions",
        f"/licenses/{code}/plate",
        f"/licenses/{code}/qr.svg",
        f"/licenses/{code}/qr.png",
    ]:
        for lang in ("en", "th"):
            a = b.get(f"{path}?lang={lang}")
            assert a.status_code == 200, (path, a.status_code, b.text()[:500])
    for act in ActKind:
        if act.makes_record or act.makes_order:
            a = b.get(f"/licenses/{code}/acts/{act.name.lower().replace('_', '-')}")
            print(act, a.status_code)
    assert as_officer("adisak").get("/officers/").status_code == 200
