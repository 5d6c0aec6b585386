"""Acts change the register as the lifecycle table says, and in no other way."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from keys.opening import open_card, open_statement
from keys.record import LicenseRecord, Withheld
from registry import acts
from registry.acts import OrderRequest
from registry.drafts import Authority, require_fit
from registry.errors import Changed, Refused
from registry.faces import application_in_force
from registry.lifecycle import ACT_WORDS, NEXT, allowed_acts, next_status
from registry.models import EntryRow, StatusListRow
from registry.services import Services
from tests.registry.founded import CAPITAL, Clock, application, founded, issue, order, revise, row_of


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path)


ORDERS: dict[ActKind, dict[str, object]] = {
    ActKind.SUSPENSION: {"reason": "conditions", "until": date(2026, 3, 20)},
    ActKind.REVOCATION: {"reason": "conditions"},
    ActKind.ENDING: {"outcome": "ceased"},
    ActKind.VOIDING: {"reason": "conditions"},
}


def entry(services: Services, index: int) -> EntryRow:
    with services.database.reading() as session:
        return session.get_one(EntryRow, index)


def bring_to(services: Services, code: str, status: Status) -> None:
    """Take a fresh license to a status by the shortest way."""
    if status in (Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING):
        order(services, code, ActKind.RENEWAL_FILING)
    if status in (Status.SUSPENDED, Status.SUSPENDED_PENDING):
        order(services, code, ActKind.SUSPENSION, **ORDERS[ActKind.SUSPENSION])
    if status is Status.INVALID:
        order(services, code, ActKind.REVOCATION, **ORDERS[ActKind.REVOCATION])
    if status is Status.ENDED:
        order(services, code, ActKind.ENDING, **ORDERS[ActKind.ENDING])


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.SUPERSEDED])
def test_an_order_leads_where_the_table_says_or_is_refused(register: Services, status: Status):
    codes = [done.code for done in issue(register, *range(1, 8))]
    orders = [act for act in ActKind if act.makes_order]
    for code, act in zip(codes, orders, strict=True):
        bring_to(register, code, status)
        before = row_of(register, code)
        if (status, act) in NEXT:
            order(register, code, act, **ORDERS.get(act, {}))
            assert row_of(register, code).status == NEXT[status, act]
        else:
            with pytest.raises(Refused):
                order(register, code, act, **ORDERS.get(act, {}))
            after = row_of(register, code)
            assert (after.status, after.updated_index) == (before.status, before.updated_index)


def test_a_revoked_or_ended_license_is_never_valid_again():
    for status in (Status.INVALID, Status.ENDED):
        assert allowed_acts(status) == ()
        for act in ACT_WORDS:
            with pytest.raises(Refused):
                next_status(status, act)


def test_an_issued_license_is_signed_and_logged_as_it_was_entered(register: Services):
    (done,) = issue(register, 1)
    row = entry(register, done.index)
    with register.database.reading() as session:
        ring = register.signers(session).ring
    record, card = open_statement(row.statement or b"", ring).value, open_card(row.card or b"", ring).value
    assert isinstance(record, LicenseRecord)
    assert (record.code, record.number, record.index) == (done.code, "12/1/2569", done.index)
    assert record.valid_until == date(2027, 3, 1)
    assert card.status == record.status
    assert card.premises == record.premises == "อู่ช่างพงษ์ สาขา 1"


def test_a_natural_persons_number_is_withheld_and_kept_apart(register: Services):
    (done,) = issue(register, 1, holder_id="1101700230708", holder="นางสาวสมหญิง ใจดี")
    row = entry(register, done.index)
    with register.database.reading() as session:
        record = open_statement(row.statement or b"", register.signers(session).ring).value
    assert isinstance(record, LicenseRecord)
    assert isinstance(record.holder["id"], Withheld)
    assert b"1101700230708" not in (row.statement or b"") + (row.card or b"") + row.entry
    assert row.private["holder_id"]["value"] == "1101700230708"
    assert (
        Withheld.of("1101700230708", bytes.fromhex(row.private["holder_id"]["blind"])) == record.holder["id"]
    )


def test_a_number_is_held_by_at_most_one_license_in_force(register: Services):
    issue(register, 1)
    with pytest.raises(Refused, match="already has the number"):
        issue(register, 1)
    issue(register, 1, agency=CAPITAL)  # Another agency's numbers are its own.


def test_a_number_in_other_punctuation_or_digits_is_the_same_number(register: Services):
    issue(register, 1)
    with pytest.raises(Refused):
        issue(register, 2, number="๑๒/๑/๒๕๖๙")


def test_a_number_is_free_again_after_revocation_and_after_expiry(register: Services):
    (first,) = issue(register, 1)
    order(register, first.code, ActKind.REVOCATION, reason="conditions")
    (second,) = issue(register, 1)
    assert isinstance(register.clock, Clock)
    register.clock.advance(days=365)
    (third,) = issue(register, 1, valid_from="2/3/2570")
    assert len({first.code, second.code, third.code}) == 3


def test_a_block_with_one_taken_number_leaves_nothing_behind(register: Services):
    issue(register, 5)
    with pytest.raises(Refused):
        issue(register, 4, 5, 6)
    (done,) = issue(register, 4)
    assert row_of(register, done.code).number == "12/4/2569"


def test_a_new_version_supersedes_the_position_and_takes_over_the_standing(register: Services):
    (done,) = issue(register, 1)
    order(register, done.code, ActKind.SUSPENSION, reason="conditions", until=date(2026, 3, 20))
    before = row_of(register, done.code)
    revise(register, done.code, ActKind.AMENDMENT, premises="อู่ช่างพงษ์ สำนักงานใหญ่")
    after = row_of(register, done.code)
    assert after.version == 2
    assert after.status == Status.SUSPENDED
    assert (after.list_number, after.position) != (before.list_number, before.position)
    assert after.salt == before.salt


def test_an_order_keeps_its_status_beside_a_new_version_in_one_block(register: Services):
    ended, amended = issue(register, 1, 2)
    with register.database.writing.begin() as session:
        office, authority, at = register.office(session), Authority(None), register.clock()
        row = acts.locked_license(session, ended.code, base_index=None)
        request = OrderRequest(ActKind.ENDING, "มาตรา 45", outcome="ceased")
        first = acts.draft_order(row, request, office=office, authority=authority, at=at)
        row = acts.locked_license(session, amended.code, base_index=None)
        now = application_in_force(session, row, office.signers.ring)
        second = acts.draft_revision(
            *(session, row, ActKind.AMENDMENT, replace(now, premises="อู่อื่น")),
            current=now,
            office=office,
            authority=authority,
            at=at,
        )
        acts.enter(session, [first, second], office=office, at=at)
    place = row_of(register, ended.code)
    with register.database.reading() as session:
        key = (place.agency, place.list_year, place.list_number)
        nibbles = session.get_one(StatusListRow, key).nibbles
    assert nibbles[place.position >> 1] >> 4 * (place.position & 1) & 0xF == Status.ENDED


@pytest.mark.parametrize(
    ("act", "change"),
    [
        (ActKind.AMENDMENT, {"valid_until": date(2030, 1, 1)}),
        (ActKind.AMENDMENT, {"number": "12/9/2569"}),
        (ActKind.TRANSFER, {"premises": "ร้านอื่น"}),
        (ActKind.REPLACEMENT, {"holder": "คนอื่น"}),
        (ActKind.RENEWAL, {"holder": "คนอื่น"}),
    ],
)
def test_an_act_changes_only_what_it_is_for(register: Services, act: ActKind, change: dict[str, object]):
    (done,) = issue(register, 1)
    with pytest.raises(Refused, match="cannot change"):
        revise(register, done.code, act, **change)


def test_a_renewal_without_a_gap_is_valid_from_its_entry_and_names_its_term(register: Services):
    (done,) = issue(register, 1)
    renewed = revise(
        register,
        done.code,
        ActKind.RENEWAL,
        valid_from=date(2027, 3, 2),
        valid_until=date(2028, 3, 1),
    )
    with register.database.reading() as session:
        signed = session.get_one(EntryRow, renewed.index).statement or b""
        record = open_statement(signed, register.signers(session).ring).value
    assert isinstance(record, LicenseRecord)
    assert (record.valid_from, record.term_from) == (date(2026, 3, 2), date(2027, 3, 2))
    assert record.valid_until == date(2028, 3, 1)


def test_an_expired_license_is_renewed_only_when_the_renewal_was_filed_in_time(register: Services):
    filed, late = issue(register, 1, 2)
    order(register, filed.code, ActKind.RENEWAL_FILING)
    assert isinstance(register.clock, Clock)
    register.clock.advance(days=400)
    term = {"valid_from": date(2027, 3, 2), "valid_until": date(2028, 3, 1)}
    revise(register, filed.code, ActKind.RENEWAL, **term)
    assert row_of(register, filed.code).status == Status.VALID
    with pytest.raises(Refused, match="expired"):
        revise(register, late.code, ActKind.RENEWAL, **term)
    with pytest.raises(Refused, match="before the end"):
        order(register, late.code, ActKind.RENEWAL_FILING)


def test_a_decision_on_an_outdated_page_is_refused(register: Services):
    (done,) = issue(register, 1)
    order(register, done.code, ActKind.RENEWAL_FILING)
    with register.database.writing.begin() as session, pytest.raises(Changed):
        acts.locked_license(session, done.code, base_index=done.index)


def test_a_name_too_long_for_a_qr_is_refused_when_it_is_entered(register: Services):
    long = application(register, 1, premises="ร้าน" * 100)
    with register.database.reading() as session, pytest.raises(Refused, match="too long for a QR"):
        require_fit(long, register.office(session))
