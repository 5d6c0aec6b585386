"""The status on an earlier day: what was known then, what is known now, and never more than is sure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keys import layout
from keys.acts import ActKind, Status
from keys.dates import bangkok_date
from keys.errors import Malformed
from keys.keyring import KeyState
from keys.snapshot import Denial
from tests.verify.founding import CLOSED, NOON, signer
from tests.verify.judging import TOWN_KEY, evidence_of, held_of
from tests.verify.register import Issued, Register, with_key
from tests.verify.site import Site, make_site
from verify.asof import AsOf, as_of
from verify.days import evidence_on
from verify.errors import EvidenceMissing
from verify.past import parse_day
from verify.sources import FolderSource
from verify.verdict import GREEN, Detail, Kind

JSON = {"Accept": "application/json"}
ISSUED_ON = bangkok_date(NOON)


def day(n: int) -> date:
    """The n-th day after the one on which the test begins."""
    return ISSUED_ON + timedelta(days=n)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path)


def pass_days(register: Register, days: int = 1) -> None:
    """Publish on each of so many next days."""
    for _ in range(days):
        register.later(days=1)
        register.publish()


def asked(register: Register, issued: Issued, on: date) -> AsOf:
    now, held = evidence_of(register), held_of(register, issued.code)
    source = FolderSource(register.public)
    then = evidence_on(source, now, on, held)
    return as_of(issued.code, held, on, then=then, now=now, at=register.now, caught_up=True)


def kinds(found: AsOf) -> tuple[Kind, Kind]:
    return found.then.kind, found.now.kind


def test_each_day_is_judged_by_its_own_list_and_date(register: Register) -> None:
    issued = register.issue(valid_from=day(1), valid_until=day(5))
    register.publish()
    pass_days(register, 2)
    register.order(ActKind.SUSPENSION, issued, Status.SUSPENDED, begins=day(2))
    pass_days(register, 1)
    register.order(ActKind.REINSTATEMENT, issued, Status.VALID, begins=day(3))
    pass_days(register, 3)
    told = [kinds(asked(register, issued, day(n))) for n in range(7)]
    assert told == [
        (Kind.NOT_YET_VALID, Kind.NOT_YET_VALID),
        (Kind.VALID, Kind.VALID),
        (Kind.VALID, Kind.SUSPENDED),  # Entered after that day's last snapshot, with effect on it.
        (Kind.SUSPENDED, Kind.VALID),  # And so was the end of it.
        (Kind.VALID, Kind.VALID),
        (Kind.VALID, Kind.VALID),
        (Kind.EXPIRED, Kind.EXPIRED),
    ]


def test_what_was_voided_since_was_never_right(register: Register) -> None:
    issued = register.issue()
    register.publish()
    pass_days(register)
    register.order(ActKind.VOIDING, issued, Status.INVALID, begins=day(1))
    pass_days(register)
    found = asked(register, issued, day(0))
    assert kinds(found) == (Kind.VALID, Kind.REVOKED)
    assert found.now.detail is Detail.VOIDED
    assert [act.statement.act for act in found.since] == [ActKind.VOIDING]


def test_an_order_counts_from_the_day_it_names_and_not_before(register: Register) -> None:
    issued = register.issue()
    register.publish()
    pass_days(register, 4)
    register.order(ActKind.REVOCATION, issued, Status.INVALID, begins=day(2), reason="conditions")
    pass_days(register)
    told = [kinds(asked(register, issued, day(n)))[1] for n in range(4)]
    assert told == [Kind.VALID, Kind.VALID, Kind.REVOKED, Kind.REVOKED]


def test_a_version_entered_later_does_not_change_an_earlier_day(register: Register) -> None:
    issued = register.issue(valid_until=day(1))
    register.publish()
    pass_days(register, 3)
    register.issue(ActKind.RENEWAL, after=issued, valid_until=day(300))
    pass_days(register)
    assert [kinds(asked(register, issued, day(n))) for n in (1, 2, 4)] == [
        (Kind.VALID, Kind.VALID),
        (Kind.EXPIRED, Kind.EXPIRED),
        (Kind.VALID, Kind.VALID),
    ]


def test_a_filed_renewal_kept_the_license_open_on_that_day(register: Register) -> None:
    issued = register.issue(valid_until=day(1))
    register.order(ActKind.RENEWAL_FILING, issued, Status.RENEWAL_PENDING, begins=day(0))
    register.publish()
    pass_days(register, 3)
    register.order(ActKind.RENEWAL_REFUSAL, issued, Status.VALID, begins=day(3))
    pass_days(register)
    assert kinds(asked(register, issued, day(2))) == (Kind.RENEWAL_PENDING, Kind.RENEWAL_PENDING)
    assert kinds(asked(register, issued, day(3))) == (Kind.RENEWAL_PENDING, Kind.EXPIRED)


def test_before_it_was_entered_a_license_is_never_green(register: Register) -> None:
    register.issue()
    register.publish()
    pass_days(register, 2)
    issued = register.issue(valid_from=day(1), valid_until=day(400))
    gone = register.issue(valid_from=day(-400), valid_until=day(0))
    pass_days(register)
    assert kinds(asked(register, issued, day(0))) == (Kind.NOT_FOUND, Kind.NOT_YET_VALID)
    found = asked(register, issued, day(1))
    assert kinds(found) == (Kind.NOT_FOUND, Kind.CANNOT_TELL)
    assert found.now.detail is Detail.ENTERED_LATER
    assert kinds(asked(register, gone, day(1))) == (Kind.NOT_FOUND, Kind.EXPIRED)


def test_a_key_marked_compromised_since_takes_the_day_s_trust_away(register: Register) -> None:
    issued = register.issue()
    register.publish()
    pass_days(register)
    again = register.issue(ActKind.REPLACEMENT, after=issued, by=signer("agency 1 2027"))
    keys = with_key(register.ring, TOWN_KEY.public.thumbprint, state=KeyState.COMPROMISED, good_size=0)
    keys = with_key(
        replace(register.ring, keys=keys), signer("agency 1 2027").public.thumbprint, valid_from=0
    )
    register.next_ring(keys=keys)
    pass_days(register)
    assert again.code == issued.code
    assert kinds(asked(register, issued, day(0))) == (Kind.VALID, Kind.NOT_GENUINE)


def test_a_day_without_a_snapshot_cannot_be_told(register: Register) -> None:
    issued = register.issue()
    register.publish()
    register.later(days=3)
    register.publish()
    for n in (-1, 1, 2):
        found = asked(register, issued, day(n))
        assert kinds(found) == (Kind.CANNOT_TELL, Kind.CANNOT_TELL)
        assert found.then.detail is Detail.NO_SNAPSHOT


def test_stale_evidence_of_today_says_nothing_about_any_day(register: Register) -> None:
    issued = register.issue()
    register.publish()
    pass_days(register)
    now, held = evidence_of(register), held_of(register, issued.code)
    then = evidence_on(FolderSource(register.public), now, day(0), held)
    late = register.now + timedelta(minutes=16)
    found = as_of(issued.code, held, day(0), then=then, now=now, at=late, caught_up=True)
    assert (found.now.kind, found.now.detail) == (Kind.CANNOT_TELL, Detail.STALE)


def damage(register: Register, path: str, how: str) -> None:
    file = register.public / path
    content = file.read_bytes()
    if how == "truncated":
        file.write_bytes(content[:-7])
    elif how == "flipped":
        file.write_bytes(content[:40] + bytes([content[40] ^ 1]) + content[41:])
    else:
        file.write_bytes((register.public / layout.day_snapshot_path(day(1))).read_bytes())


@pytest.mark.parametrize("how", ["truncated", "flipped", "of another day"])
def test_a_damaged_or_exchanged_snapshot_is_no_evidence(register: Register, how: str) -> None:
    issued = register.issue()
    register.publish()
    pass_days(register, 2)
    damage(register, layout.day_snapshot_path(day(0)), how)
    with pytest.raises(EvidenceMissing):
        asked(register, issued, day(0))


def test_a_snapshot_by_a_key_denied_since_is_no_evidence(register: Register) -> None:
    issued = register.issue()
    register.publish()
    register.now = datetime(2027, 1, 2, 5, tzinfo=UTC)
    register.denied = (Denial(signer("status 2026").public.thumbprint, 0),)
    register.publish()
    with pytest.raises(EvidenceMissing):
        asked(register, issued, day(0))


def test_a_snapshot_of_another_log_is_no_evidence(tmp_path: Path) -> None:
    ours, other = Register(tmp_path / "ours"), Register(tmp_path / "other")
    issued = ours.issue()
    other.issue(premises="ร้านอื่น")
    for register in (ours, other):
        register.publish()
        pass_days(register)
    path = layout.day_snapshot_path(day(0))
    (ours.public / path).write_bytes((other.public / path).read_bytes())
    with pytest.raises(EvidenceMissing):
        asked(ours, issued, day(0))


def test_an_act_that_is_not_at_hand_makes_the_day_unsure(register: Register) -> None:
    issued = register.issue()
    register.publish()
    pass_days(register)
    register.order(ActKind.REVOCATION, issued, Status.INVALID, begins=day(0), reason="conditions")
    pass_days(register)
    now, held = evidence_of(register), held_of(register, issued.code)[:1]
    then = evidence_on(FolderSource(register.public), now, day(0), held)
    found = as_of(issued.code, held, day(0), then=then, now=now, at=register.now, caught_up=True)
    assert (found.now.kind, found.now.detail) == (Kind.CANNOT_TELL, Detail.EVIDENCE_MISSING)


def test_green_needs_that_the_day_s_list_said_so_or_a_later_order(register: Register) -> None:
    """Whatever is entered later without a date before, an earlier day is never greener than it was."""
    issued = register.issue()
    register.order(ActKind.SUSPENSION, issued, Status.SUSPENDED, begins=day(0))
    register.publish()
    pass_days(register)
    register.order(ActKind.REINSTATEMENT, issued, Status.VALID)
    register.issue(ActKind.AMENDMENT, after=issued, premises="ร้านใหม่")
    pass_days(register)
    assert kinds(asked(register, issued, day(0))) == (Kind.SUSPENDED, Kind.SUSPENDED)
    assert asked(register, issued, day(2)).now.kind in GREEN


# --- days as people type them ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("31/12/2569", date(2026, 12, 31)),
        ("๓๑/๑๒/๒๕๖๙", date(2026, 12, 31)),
        (" 1-2-2569 ", date(2026, 2, 1)),
        ("1.2.2026", date(2026, 2, 1)),
        ("29/2/2567", date(2024, 2, 29)),
    ],
)
def test_a_day_is_read_as_people_type_it(text: str, meant: date) -> None:
    assert parse_day(text) == meant


@pytest.mark.parametrize(
    "text", ["29/2/2569", "31/12/69", "2026-1-1", "2026-13-01", "x", "1" * 5000, "0/1/2569", "1/1/0000", "-1"]
)
def test_what_is_no_day_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_day(text)


# --- the page ----------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def json_of(site: Site, path: str) -> Mapping[str, Any]:
    answer = site.client.get(path, headers=JSON)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def voided_since(site: Site) -> Issued:
    issued = site.register.issue()
    site.publish()
    site.register.later(days=1)
    site.register.order(ActKind.VOIDING, issued, Status.INVALID, begins=day(1))
    site.publish()
    return issued


def test_the_page_and_the_json_say_both_what_was_known_and_what_is_known(site: Site) -> None:
    issued = voided_since(site)
    said = json_of(site, f"/c/{issued.code}?on=2026-11-22")
    assert (said["known_then"]["verdict"], said["known_now"]["verdict"]) == ("VALID", "REVOKED")
    assert said["known_now"]["detail"] == "voided"
    assert said["known_then"]["moment"] == "2026-11-22T05:00:00Z"
    assert said["entered_since"][0]["act"] == "VOIDING"
    assert said["extract"] == f"/c/{issued.code}/extract?on=2026-11-22"
    assert "may_operate_today" not in said
    page = site.client.get(f"/c/{issued.code}?on=22/11/2569&lang=en").text
    for words in (
        "Status on 22\u00a0November\u00a02026",
        '<p class="said">valid</p>',
        '<p class="said">voided: issued in error</p>',
    ):
        assert words in page
    assert 'class="v none"' in page
    assert 'class="v yes"' not in page
    assert f'href="/c/{issued.code}?on=2026-11-22&amp;lang=th"' in page


def test_the_verdict_page_leads_to_an_earlier_day_and_that_to_the_verdict(site: Site) -> None:
    issued = voided_since(site)
    assert f'<form action="/c/{issued.code}">' in site.client.get(f"/c/{issued.code}").text
    assert f'href="/c/{issued.code}"' in site.client.get(f"/c/{issued.code}?on=2026-11-22").text
    empty = site.client.get(f"/c/{issued.code}?on=", headers=JSON)
    assert empty.json is not None
    assert empty.json["verdict"] == "REVOKED"


def test_today_is_told_by_the_newest_snapshot(site: Site) -> None:
    issued = voided_since(site)
    said = json_of(site, f"/c/{issued.code}?on=2026-11-23")
    assert (said["known_then"]["verdict"], said["known_now"]["verdict"]) == ("REVOKED", "REVOKED")
    assert said["entered_since"] == []


def test_a_day_of_which_nothing_is_kept_is_said_clearly(site: Site) -> None:
    issued = voided_since(site)
    said = json_of(site, f"/c/{issued.code}?on=2026-11-21")
    assert said["known_then"] == {
        "verdict": "CANNOT_TELL",
        "detail": "no_snapshot",
        "moment": None,
        "snapshot": None,
        "log_size": None,
    }
    assert (said["known_now"]["verdict"], said["extract"]) == ("CANNOT_TELL", None)
    assert (
        "no evidence is kept of that day" in site.client.get(f"/c/{issued.code}?on=2026-11-21&lang=en").text
    )
    assert site.client.get(f"/c/{issued.code}/extract?on=2026-11-21").status_code == 404


@pytest.mark.parametrize(
    ("on", "problem"), [("2026-11-24", "future_day"), ("9999-12-31", "future_day"), ("soon", "bad_day")]
)
def test_a_day_to_come_or_no_day_is_told_before_anything_is_looked_up(
    site: Site, on: str, problem: str
) -> None:
    issued = voided_since(site)
    for path in (f"/c/{issued.code}", "/c/00000000000098", f"/c/{issued.code}/extract"):
        answer = site.client.get(f"{path}?on={on}", headers=JSON)
        assert answer.status_code == 400
        assert answer.json is not None
        assert answer.json["type"].endswith(f":{problem}")


def test_closed_and_unknown_codes_give_the_same_404_on_any_day(site: Site) -> None:
    closed = site.register.issue(license_type=CLOSED)
    site.publish()
    site.register.later(days=1)
    site.publish()
    for path in ("?on=2026-11-22", "/extract", "/extract?on=2026-11-22", "?on=2026-11-20"):
        answers = [site.client.get(f"/c/{code}{path}") for code in (closed.code, "00000000000098")]
        assert [answer.status_code for answer in answers] == [404, 404]
        bodies = [answer.text.replace("4821-0937-5501", "").split("</h1>")[1][-500:] for answer in answers]
        assert bodies[0] == bodies[1]


def test_days_and_extracts_are_limited_as_codes_are(tmp_path: Path) -> None:
    site = make_site(tmp_path, PERMITS_CODE_LIMIT="3/minute")
    issued = voided_since(site)
    paths = ("", "?on=2026-11-22", "/extract?on=2026-11-22", "/extract")
    assert [site.client.get(f"/c/{issued.code}{path}").status_code for path in paths] == [200, 200, 200, 429]


def test_without_evidence_nothing_is_said_of_any_day(site: Site) -> None:
    answer = site.client.get("/c/00000000000098?on=2026-11-20", headers=JSON)
    assert answer.json is not None
    assert answer.json["verdict"] == "CANNOT_TELL"
    assert site.client.get("/c/00000000000098/extract").status_code == 503


def test_a_kept_snapshot_is_served_as_a_file_that_never_changes(site: Site) -> None:
    voided_since(site)
    for path in ("/snapshots/2026-11-22.cbor", "/snapshots/2026-11-22.checkpoint"):
        answer = site.client.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.data == (site.register.public / path[1:]).read_bytes()
    assert site.client.get("/snapshots/2026-11-21.cbor").status_code == 404
