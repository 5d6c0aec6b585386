"""The verdict table of formats §Verdict: a test a row, in its order."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from keys.acts import ActKind, Status
from keys.cose import sign1
from keys.errors import Malformed
from keys.keyring import KeyState
from keys.opening import sign_card
from keys.signing import SeedSigner
from keys.snapshot import Denial
from keys.statuslist import put
from tests.verify.founding import CITY, CLOSED, HAZARD, NOON, TOWN, signer
from tests.verify.judging import TOWN_KEY, evidence_of, held_of, issue_and_publish, verdict_on
from tests.verify.register import Register, a_card, with_key
from verify.check import check_card
from verify.scan import scan_digits
from verify.verdict import OFF_LINE, Detail, Kind, MayOperate


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path)


# --- the rows, in the order of the table --------------------------------------------------------


@pytest.mark.parametrize("digits", ["", "1", "12", "99999", "x" * 17, "๑๒๓", "9" * 17, "0" * 5000])
def test_digits_that_we_would_not_write_give_no_verdict(digits: str) -> None:
    with pytest.raises(Malformed):
        scan_digits(digits)


@pytest.mark.parametrize("payload", [b"", b"\x00", b"\xa0", b"\xff" * 9])
def test_bytes_that_we_would_not_write_give_no_verdict(register: Register, payload: bytes) -> None:
    issue_and_publish(register)
    with pytest.raises(Malformed):
        check_card(payload, evidence_of(register), at=NOON)
    with pytest.raises(Malformed):
        check_card(sign1(payload, TOWN_KEY), evidence_of(register), at=NOON)


def test_a_wrong_signature_is_not_genuine(register: Register) -> None:
    issued = issue_and_publish(register)
    forged = issued.signed_card[:-1] + bytes([issued.signed_card[-1] ^ 1])
    verdict = verdict_on(register, forged)
    assert verdict.kind is Kind.NOT_GENUINE
    assert verdict.license is None
    assert verdict.may_operate_today is MayOperate.CANNOT_TELL


@pytest.mark.parametrize("by", [signer(f"agency {CITY} 2026"), signer("status 2026"), signer("log 2026")])
def test_a_key_of_another_agency_or_role_is_not_genuine(register: Register, by: SeedSigner) -> None:
    issued = issue_and_publish(register)
    assert verdict_on(register, a_card(register, issued, by=by)).kind is Kind.NOT_GENUINE


def test_a_key_for_other_types_is_not_genuine(register: Register) -> None:
    issued = issue_and_publish(register, agency=CITY)
    forged = a_card(register, issued, by=signer(f"agency {CITY} 2026"), license_type=2)
    assert verdict_on(register, forged).kind is Kind.NOT_GENUINE


def test_an_entry_outside_the_term_of_its_key_is_not_genuine(register: Register) -> None:
    issued = issue_and_publish(register, by=signer(f"agency {TOWN} 2025"))
    assert verdict_on(register, issued.signed_card).kind is Kind.NOT_GENUINE


def test_an_unknown_key_is_not_genuine_under_a_fresh_snapshot_and_unsure_otherwise(
    register: Register,
) -> None:
    issued = issue_and_publish(register)
    forged = a_card(register, issued, by=signer("somebody"))
    evidence = evidence_of(register)
    assert verdict_on(register, forged).kind is Kind.NOT_GENUINE
    old = check_card(forged, evidence, at=NOON + timedelta(minutes=16))
    assert (old.kind, old.detail, old.license) == (Kind.CANNOT_TELL, Detail.STALE, None)
    phone = check_card(forged, evidence, at=NOON, rules=OFF_LINE)
    assert (phone.kind, phone.detail) == (Kind.CANNOT_TELL, Detail.UNKNOWN_KEY)


@pytest.mark.parametrize("how", ["denied", "compromised"])
def test_a_withdrawn_key_counts_only_for_what_was_logged_before(register: Register, how: str) -> None:
    before = register.issue()
    good = len(register.entries)
    after = register.issue()
    thumbprint = TOWN_KEY.public.thumbprint
    if how == "denied":
        register.denied = (Denial(thumbprint, good),)
    else:
        register.next_ring(
            keys=with_key(register.ring, thumbprint, state=KeyState.COMPROMISED, good_size=good)
        )
    register.publish()
    assert verdict_on(register, before.signed_card).kind is Kind.VALID
    for forged in (
        after.signed_card,
        a_card(register, before, by=TOWN_KEY, holder="นายมานะ"),
        a_card(register, before, by=TOWN_KEY, index=10_000),
    ):
        verdict = verdict_on(register, forged)
        assert (verdict.kind, verdict.detail) == (Kind.NOT_GENUINE, Detail.KEY_DENIED)
        assert verdict.license is None
    phone = check_card(before.signed_card, evidence_of(register), at=NOON, rules=OFF_LINE)
    assert phone.kind is Kind.CANNOT_TELL


def test_an_index_at_or_beyond_the_snapshot_is_newer_than_the_evidence(register: Register) -> None:
    issue_and_publish(register)
    unpublished = register.issue()
    verdict = verdict_on(register, unpublished.signed_card)
    assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.NEWER_THAN_EVIDENCE)


def test_a_signed_card_that_its_entry_does_not_hold_is_not_genuine(register: Register) -> None:
    issued = issue_and_publish(register)
    forged = a_card(register, issued, by=TOWN_KEY, holder="นายมานะ")
    assert verdict_on(register, forged).kind is Kind.NOT_GENUINE


@pytest.mark.parametrize("path", ["log/tile/entries/000", "log/tile/0/001.p/2"])
def test_a_missing_or_altered_part_of_the_log_cannot_tell(register: Register, path: str) -> None:
    issued = register.issue()
    for n in range(257):
        register.key_act(ActKind.KEY_ACTIVATED, n.to_bytes(32, "big"))
    register.publish()
    assert verdict_on(register, issued.signed_card).kind is Kind.VALID
    file = register.public / path
    content = file.read_bytes()
    for damaged in (bytes([content[0] ^ 1]) + content[1:], content[:-1], b""):
        file.write_bytes(damaged)
        assert verdict_on(register, issued.signed_card).kind is Kind.CANNOT_TELL
    file.unlink()
    verdict = verdict_on(register, issued.signed_card)
    assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.EVIDENCE_MISSING)


def test_a_missing_list_or_a_position_out_of_range_cannot_tell(register: Register) -> None:
    issued = issue_and_publish(register)
    evidence = evidence_of(register)
    verdict = check_card(issued.signed_card, replace(evidence, lists={}), at=NOON)
    assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.EVIDENCE_MISSING)
    far = replace(issued.record.status, position=65536)
    assert issued.card is not None
    card = replace(issued.card, status=far, index=len(register.entries))
    register._append(issued.record, issued.signed, sign_card(card, TOWN_KEY), far, Status.VALID, b"s" * 16)
    register.publish()
    verdict = verdict_on(register, sign_card(card, TOWN_KEY))
    assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.EVIDENCE_MISSING)


@pytest.mark.parametrize("value", [4, 5, 6, 7, 8, 9, 10, 14, 15])
def test_a_status_value_that_is_not_listed_cannot_tell(register: Register, value: int) -> None:
    issued = register.issue()
    [(nibbles, _)] = register.lists.values()
    put(nibbles, issued.record.status.position, value)
    register.publish()
    verdict = verdict_on(register, issued.signed_card)
    assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.EVIDENCE_MISSING)


@pytest.mark.parametrize(
    ("act", "status", "kind", "detail", "items"),
    [
        (ActKind.REVOCATION, Status.INVALID, Kind.REVOKED, None, {"reason": "conditions"}),
        (ActKind.VOIDING, Status.INVALID, Kind.REVOKED, Detail.VOIDED, {}),
        (ActKind.ENDING, Status.ENDED, Kind.ENDED, None, {"outcome": "ceased"}),
    ],
)
def test_revoked_and_ended_hold_at_any_age_of_the_evidence(
    register: Register, act: ActKind, status: Status, kind: Kind, detail: Detail | None, items: Any
) -> None:
    issued = register.issue()
    register.order(act, issued, status, **items)
    register.publish()
    for at in (NOON, NOON + timedelta(days=400), NOON - timedelta(days=1)):
        verdict = verdict_on(register, issued.signed_card, at=at)
        assert (verdict.kind, verdict.detail) == (kind, detail)
        assert verdict.may_operate_today is MayOperate.NO


def test_an_older_plate_gives_the_verdict_of_the_newest_version(register: Register) -> None:
    issued = register.issue()
    renewed = register.issue(ActKind.RENEWAL, after=issued, valid_until=date(2028, 1, 11))
    register.publish()
    verdict = verdict_on(register, issued.signed_card)
    assert (verdict.kind, verdict.older_plate) == (Kind.VALID, True)
    assert verdict.license is not None
    assert verdict.license.record == renewed.record


@pytest.mark.parametrize("why", ["off line", "no look-up", "look-up behind", "closed type"])
def test_a_superseded_card_without_the_newest_version_cannot_tell(register: Register, why: str) -> None:
    issued = register.issue(license_type=CLOSED if why == "closed type" else HAZARD)
    register.issue(ActKind.REPLACEMENT, after=issued)
    register.publish()
    evidence, held = evidence_of(register), held_of(register, issued.code)
    verdict = {
        "off line": lambda: check_card(
            issued.signed_card, evidence, at=NOON, rules=OFF_LINE, look=lambda _: held
        ),
        "no look-up": lambda: check_card(issued.signed_card, evidence, at=NOON),
        "look-up behind": lambda: check_card(issued.signed_card, evidence, at=NOON, look=lambda _: held[:1]),
        "closed type": lambda: check_card(issued.signed_card, evidence, at=NOON, look=lambda _: held),
    }[why]()
    assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.NEWER_VERSION)


def test_old_evidence_cannot_tell_but_says_what_was_known(register: Register) -> None:
    issued = issue_and_publish(register)
    edge = verdict_on(register, issued.signed_card, at=NOON + timedelta(minutes=15))
    assert edge.kind is Kind.VALID
    old = verdict_on(register, issued.signed_card, at=NOON + timedelta(minutes=15, seconds=1))
    assert (old.kind, old.detail, old.last_known) == (Kind.CANNOT_TELL, Detail.STALE, Kind.VALID)
    assert old.license is not None
    phone = check_card(
        issued.signed_card, evidence_of(register), at=NOON + timedelta(hours=24), rules=OFF_LINE
    )
    assert phone.kind is Kind.VALID


def test_an_expired_ring_cannot_tell(register: Register) -> None:
    register.ring = replace(register.ring, expires=register.ring.issued + 1)
    issued = issue_and_publish(register)
    verdict = verdict_on(register, issued.signed_card)
    assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.STALE)


def test_a_clock_more_than_five_minutes_behind_cannot_tell(register: Register) -> None:
    issued = issue_and_publish(register)
    assert verdict_on(register, issued.signed_card, at=NOON - timedelta(minutes=5)).kind is Kind.VALID
    verdict = verdict_on(register, issued.signed_card, at=NOON - timedelta(minutes=5, seconds=1))
    assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.CLOCK_WRONG)


@pytest.mark.parametrize("status", [Status.VALID, Status.SUSPENDED, Status.RENEWAL_PENDING])
def test_before_the_start_is_not_yet_valid(register: Register, status: Status) -> None:
    issued = issue_and_publish(register, status, valid_from=date(2026, 11, 23))
    assert verdict_on(register, issued.signed_card).kind is Kind.NOT_YET_VALID


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status.VALID, Kind.EXPIRED),
        (Status.SUSPENDED, Kind.EXPIRED),
        (Status.RENEWAL_PENDING, Kind.RENEWAL_PENDING),
        (Status.SUSPENDED_PENDING, Kind.SUSPENDED),
    ],
)
def test_after_the_end_only_a_filed_renewal_keeps_a_license_open(
    register: Register, status: Status, kind: Kind
) -> None:
    issued = issue_and_publish(register, status, valid_until=date(2026, 11, 21))
    assert verdict_on(register, issued.signed_card).kind is kind


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.SUSPENDED_PENDING])
def test_a_suspended_license_may_not_operate(register: Register, status: Status) -> None:
    issued = issue_and_publish(register, status)
    verdict = verdict_on(register, issued.signed_card)
    assert (verdict.kind, verdict.may_operate_today) == (Kind.SUSPENDED, MayOperate.NO)


def test_a_filed_renewal_is_valid_through_the_end(register: Register) -> None:
    issued = issue_and_publish(register, Status.RENEWAL_PENDING)
    verdict = verdict_on(register, issued.signed_card)
    assert (verdict.kind, verdict.detail) == (Kind.VALID, Detail.RENEWAL_FILED)


def test_a_valid_license_may_operate_and_one_without_end_always(register: Register) -> None:
    for until in (date(2027, 1, 11), None):
        issued = issue_and_publish(register, valid_until=until)
        verdict = verdict_on(register, issued.signed_card)
        assert (verdict.kind, verdict.may_operate_today) == (Kind.VALID, MayOperate.YES)
        assert verdict.grounds is not None
