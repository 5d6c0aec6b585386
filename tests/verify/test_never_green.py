"""Verdicts on codes, and what must never be green: forgeries, failures, the wrong side of midnight."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keys import layout
from keys.acts import ActKind, Status
from keys.base10 import to_digits
from keys.errors import Malformed
from keys.snapshot import Denial
from tests.verify.founding import CLOSED, NOON
from tests.verify.judging import TOWN_KEY, code_verdict, evidence_of, held_of, issue_and_publish, verdict_on
from tests.verify.register import Register
from verify import check as check_module
from verify.check import check_card, check_code
from verify.errors import EvidenceMissing
from verify.logreader import LogReader
from verify.published import Evidence
from verify.scan import scan_digits
from verify.verdict import GREEN, Detail, Grounds, Kind, Verdict


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path)


# --- codes --------------------------------------------------------------------------------------


def test_a_code_gives_the_verdict_of_its_newest_version(register: Register) -> None:
    issued = register.issue()
    register.issue(ActKind.RENEWAL, after=issued, valid_until=date(2026, 1, 1))
    register.publish()
    verdict = code_verdict(register, issued.code)
    assert (verdict.kind, verdict.older_plate) == (Kind.EXPIRED, False)


def test_an_unknown_code_is_not_found_only_when_the_look_up_has_reached_a_fresh_snapshot(
    register: Register,
) -> None:
    issue_and_publish(register)
    assert code_verdict(register, "00000000000098").kind is Kind.NOT_FOUND
    assert code_verdict(register, "00000000000098", caught_up=False).kind is Kind.CANNOT_TELL
    stale = code_verdict(register, "00000000000098", at=NOON + timedelta(hours=1))
    assert (stale.kind, stale.detail) == (Kind.CANNOT_TELL, Detail.STALE)


def test_a_code_of_a_type_that_is_not_public_is_not_found(register: Register) -> None:
    issued = issue_and_publish(register, license_type=CLOSED)
    closed, unknown = (code_verdict(register, code) for code in (issued.code, "00000000000098"))
    assert replace(closed, evidence=None) == replace(unknown, evidence=None)
    assert closed.kind is Kind.NOT_FOUND
    scanned = verdict_on(register, issued.signed_card)
    assert scanned.kind is Kind.VALID
    assert scanned.license is not None
    assert scanned.license.acts == ()


def test_a_statement_that_the_log_does_not_hold_cannot_tell(register: Register) -> None:
    issued = issue_and_publish(register)
    [held] = held_of(register, issued.code)
    other = register.issue()
    verdict = check_code(
        issued.code,
        (replace(held, signed=other.signed),),
        evidence_of(register),
        at=NOON,
        caught_up=True,
    )
    assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.EVIDENCE_MISSING)


def test_an_order_under_a_denied_key_is_not_shown_but_its_status_stands(register: Register) -> None:
    issued = register.issue()
    good = len(register.entries)
    register.order(ActKind.REVOCATION, issued, Status.INVALID, reason="conditions")
    register.denied = (Denial(TOWN_KEY.public.thumbprint, good),)
    register.publish()
    verdict = code_verdict(register, issued.code)
    assert verdict.kind is Kind.REVOKED
    assert verdict.license is not None
    assert [act.statement.act for act in verdict.license.acts] == [ActKind.ISSUANCE]


# --- what must never happen ---------------------------------------------------------------------


def test_a_flip_of_any_bit_is_not_genuine_or_malformed(register: Register) -> None:
    issued = issue_and_publish(register)
    evidence = evidence_of(register)
    for position in range(8 * len(issued.signed_card)):
        flipped = bytearray(issued.signed_card)
        flipped[position >> 3] ^= 1 << (position & 7)
        try:
            verdict = check_card(bytes(flipped), evidence, at=NOON)
        except Malformed:
            continue
        assert verdict.kind is Kind.NOT_GENUINE, position
        assert verdict.license is None


def test_a_change_of_any_digit_is_not_genuine_or_malformed(register: Register) -> None:
    issued = issue_and_publish(register)
    evidence, digits = evidence_of(register), to_digits(issued.signed_card)
    for place, digit in enumerate(digits):
        changed = digits[:place] + str((int(digit) + 1) % 10) + digits[place + 1 :]
        try:
            verdict = check_card(scan_digits(changed), evidence, at=NOON)
        except Malformed:
            continue
        assert verdict.kind is Kind.NOT_GENUINE, place


def test_without_evidence_nothing_can_be_told(register: Register) -> None:
    issued = issue_and_publish(register)
    for verdict in (
        check_card(issued.signed_card, None, at=NOON),
        check_code(issued.code, (), None, at=NOON, caught_up=True),
    ):
        assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.EVIDENCE_MISSING)
        assert (verdict.evidence_age, verdict.license) == (None, None)


def test_midnight_in_bangkok_ends_the_last_day(register: Register) -> None:
    register.now = datetime(2026, 11, 22, 16, 59, 30, tzinfo=UTC)
    issued = issue_and_publish(register, valid_until=date(2026, 11, 22))
    last = datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC)
    assert verdict_on(register, issued.signed_card, at=last).kind is Kind.VALID
    assert verdict_on(register, issued.signed_card, at=last + timedelta(seconds=1)).kind is Kind.EXPIRED


def test_midnight_in_bangkok_begins_the_first_day(register: Register) -> None:
    register.now = datetime(2026, 11, 22, 16, 59, 30, tzinfo=UTC)
    issued = issue_and_publish(register, valid_from=date(2026, 11, 23))
    last = datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC)
    assert verdict_on(register, issued.signed_card, at=last).kind is Kind.NOT_YET_VALID
    assert verdict_on(register, issued.signed_card, at=last + timedelta(seconds=1)).kind is Kind.VALID


@pytest.mark.parametrize("kind", sorted(GREEN))
def test_green_cannot_be_made_without_grounds(kind: Kind) -> None:
    with pytest.raises(ValueError, match="grounds"):
        Verdict(kind, NOON, timedelta(0))


def test_grounds_cannot_be_made_from_less_than_all(register: Register) -> None:
    issued = issue_and_publish(register)
    grounds = verdict_on(register, issued.signed_card).grounds
    assert grounds is not None
    assert grounds.entry is not None
    lacks: tuple[dict[str, Any], ...] = (
        {"entry": None},
        {"entry": replace(grounds.entry, card=b"x" * 32)},
        {"status": Status.SUSPENDED},
        {"age": timedelta(minutes=16)},
        {"age": timedelta(minutes=-6)},
    )
    for lacking in lacks:
        with pytest.raises(ValueError, match="green"):
            replace(grounds, **lacking)


_STEPS = [
    (check_module, "open_card"),
    (check_module, "open_acts"),
    (check_module, "standing"),
    (check_module, "bangkok_date"),
    (check_module, "sha256"),
    (check_module, "is_known"),
    (LogReader, "entry"),
    (LogReader, "bundle"),
    (Evidence, "status_value"),
    (Evidence, "good_size"),
    (Evidence, "age"),
    (Grounds, "__post_init__"),
]


@pytest.mark.parametrize(
    "error", [RuntimeError("injected"), EvidenceMissing("injected"), KeyError("injected")]
)
@pytest.mark.parametrize(("place", "name"), _STEPS)
def test_a_failure_anywhere_on_the_path_is_never_green(
    register: Register, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, error: Exception
) -> None:
    issued = issue_and_publish(register)
    evidence = evidence_of(register)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(place, name, fail)
    try:
        verdict = check_card(issued.signed_card, evidence, at=NOON, look=lambda c: held_of(register, c))
    except type(error):
        return
    if name == "open_acts":
        assert verdict.license is not None
        assert verdict.license.acts == ()  # The verdict does not need the history.
    else:
        assert verdict.kind not in GREEN


def test_the_list_index_lies_under_the_name_that_the_snapshot_says(register: Register) -> None:
    issue_and_publish(register)
    assert register.snapshot is not None
    assert (register.public / layout.list_index_path(register.snapshot.lists)).exists()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Bangkok", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_midnight_is_bangkok_s_whatever_the_zone_of_the_machine(
    register: Register, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    register.now = datetime(2026, 11, 22, 16, 59, 30, tzinfo=UTC)
    issued = issue_and_publish(register, valid_until=date(2026, 11, 22))
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        last = datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC)
        assert verdict_on(register, issued.signed_card, at=last).kind is Kind.VALID
        local = (last + timedelta(seconds=1)).astimezone()
        assert verdict_on(register, issued.signed_card, at=local).kind is Kind.EXPIRED
    finally:
        monkeypatch.undo()
        time.tzset()
