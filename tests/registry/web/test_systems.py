"""The page of keys for the agency's systems."""

from collections.abc import Callable

import pytest

from registry.api_keys import UnknownKey, system_of
from registry.models import ApiKey
from tests.registry.two_agencies import HAZARD, TRADE, Founded
from tests.registry.web.conftest import Visitor

Enter = Callable[[str], Visitor]
FORM = {"label": "ระบบทะเบียนเดิม", "types": str(HAZARD), "release": "no", "days": "30"}


def test_a_new_key_is_shown_once_and_opens(as_officer: Enter, register: Founded) -> None:
    chief = as_officer("prayoon")
    chief.get("/systems/")
    answer = chief.post("/systems/", FORM)
    assert answer.headers["Cache-Control"] == "no-store"
    shown = chief.page.select_one(".digest")
    assert shown is not None
    with register.services.database.reading() as session:
        system = system_of(session, shown.text, at=register.clock())
    assert (system.officer.login, system.types, system.may_release) == ("prayoon", frozenset({HAZARD}), False)
    chief.get("/systems/")
    assert "ระบบทะเบียนเดิม" in chief.text()
    assert shown.text.split("_", 2)[2] not in str(chief.page)
    assert chief.submit("เพิกถอนกุญแจของ").status_code == 302
    with register.services.database.reading() as session, pytest.raises(UnknownKey):
        system_of(session, shown.text, at=register.clock())


@pytest.mark.parametrize(
    "changes",
    [{"label": " "}, {"types": "77"}, {"types": "๑"}, {"types": ""}, {"days": "3650"}, {"days": "x"}],
    ids=repr,
)
def test_what_is_missing_is_said_beside_its_field(
    as_officer: Enter, register: Founded, changes: dict[str, str]
) -> None:
    chief = as_officer("prayoon")
    chief.get("/systems/")
    assert chief.post("/systems/", {**FORM, **changes}).status_code == 422
    assert chief.page.select_one(".wrong") is not None
    with register.services.database.reading() as session:
        assert session.query(ApiKey).count() == 0


def test_another_agency_s_key_is_neither_seen_nor_revoked(as_officer: Enter, register: Founded) -> None:
    chief, other = as_officer("prayoon"), as_officer("chamnan")
    chief.get("/systems/")
    chief.post("/systems/", {**FORM, "types": str(TRADE)})
    with register.services.database.reading() as session:
        name = session.query(ApiKey).one().id
    other.get("/systems/")
    assert name not in str(other.page)
    assert other.post("/systems/revoke", {"key": name}).status_code == 404
    with register.services.database.reading() as session:
        assert session.query(ApiKey).one().revoked_at is None
