"""A batch says what it would change before anything happens, and does just that: wholly, once, in the log."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from registry.demo.license_types import HAZARD
from registry.errors import Changed, NotPermitted, Refused
from registry.intake.batches import Kind, Missing, NameAlone, Options, Release, State
from registry.intake.browsing import batch_of, batches_of, changes_of
from registry.intake.entering import enter_block
from registry.intake.releasing import decide_missing, mark_stale, withdraw
from registry.intake.undoing import Grounds, propose_undo
from registry.models import Officer
from registry.services import Services
from tests.registry.filing import (
    GOOD_ROWS,
    act_counts,
    batch,
    count,
    entered,
    filing,
    imported,
    kinds,
    log_acts,
    looked,
    named,
    proposed,
    released,
    rows,
    stored_rows,
    write_csv,
)
from tests.registry.founded import TOWN, Clock, found_at, founded, order, revise

ALL = Options(Release.ALL_OR_NOTHING, Missing.LEAVE)


@pytest.fixture
def register(database_url: str, tmp_path: Path) -> Iterator[Services]:
    """A small register on SQLite and, in a second run, on PostgreSQL."""
    folder = tmp_path / "register"
    if database_url.startswith("sqlite"):
        services = founded(folder)
    else:
        folder.mkdir()
        services = found_at(folder, database_url, Clock())
    yield services
    services.database.engine.dispose()


def officer(services: Services, login: str, role: str = "approver", agency: int = TOWN) -> Officer:
    with services.database.writing.begin() as session:
        person = Officer(
            login=login,
            agency=agency,
            name=f"ชื่อ {login}",
            position="นายทะเบียน",
            role=role,
            password_hash=b"",
            created_at=services.clock(),
        )
        session.add(person)
    return person


# --- what a file would do --------------------------------------------------------------------------


def test_a_dry_run_writes_nothing(register: Services, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", rows(10))
    before = sorted(tmp_path.rglob("*"))
    diff = looked(register, filing(register, path, HAZARD))
    assert kinds(diff) == {"new": 10}
    assert count(register) == 0
    with register.database.reading() as session:
        assert batches_of(session, None, size=9) == []
    assert {p for p in sorted(tmp_path.rglob("*")) if "sqlite" not in p.name} == {
        p for p in before if "sqlite" not in p.name
    }


def test_each_row_of_a_second_file_is_new_changed_unchanged_missing_conflicting_or_faulty(
    register: Services, tmp_path: Path
):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(10)), HAZARD))
    content = rows(12)
    content[1]["premises"] = "ชื่อใหม่"
    content[2]["place"] = "ไกล"
    content[3]["number"] = content[4]["number"]
    del content[9]
    options = replace(GOOD_ROWS, missing=Missing.ASK)
    file = filing(register, write_csv(tmp_path / "b.csv", content), HAZARD, options=options)
    number = proposed(register, file)
    found = batch(register, number)
    # The faulty row's license is in the file too, but nobody can tell which it is: see its number.
    assert kinds(found) == {"new": 2, "changed": 1, "unchanged": 5, "missing": 3, "conflict": 2, "fault": 1}
    assert act_counts(found) == {"ISSUANCE": 2, "AMENDMENT": 1}
    assert kinds(looked(register, file)) == kinds(found)
    assert [row.row for row in stored_rows(register, number, Kind.CONFLICT)] == [5, 6]


def test_a_changed_row_is_told_item_by_item_with_the_act_it_makes(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(1)), HAZARD))
    content = rows(1, premises="ชื่อใหม่", address="99 ถนนใหม่")
    number = proposed(register, filing(register, write_csv(tmp_path / "b.csv", content), HAZARD))
    (row,) = stored_rows(register, number, Kind.CHANGED)
    assert (row.acts, row.changes) == ([int(ActKind.AMENDMENT)], ["premises", "address"])
    with register.database.reading() as session:
        told = changes_of(session, row, register.ring())
    assert [(change.name, change.before, change.after) for change in told] == [
        ("address", "88/4 ถนนเพชรเกษม", "99 ถนนใหม่"),
        ("premises", "อู่ช่างพงษ์ สาขา 1", "ชื่อใหม่"),
    ]


def test_a_column_that_a_file_does_not_have_changes_nothing(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(3)), HAZARD))
    short = [{name: row[name] for name in row if name not in ("address", "holder_id")} for row in rows(3)]
    file = filing(register, write_csv(tmp_path / "b.csv", short), HAZARD)
    assert kinds(looked(register, file)) == {"unchanged": 3}


def test_the_same_file_again_changes_nothing(register: Services, tmp_path: Path):
    file = filing(register, write_csv(tmp_path / "a.csv", rows(120)), HAZARD)
    assert imported(register, file).entered == 120
    again = imported(register, file)
    assert (again.state, again.entered, kinds(again)) == (State.DONE, 0, {"unchanged": 120})
    assert count(register) == 120


def test_a_revoked_license_does_not_come_back_because_a_file_still_has_it(register: Services, tmp_path: Path):
    file = filing(register, write_csv(tmp_path / "a.csv", rows(2)), HAZARD)
    imported(register, file)
    order(register, named(register, "12/1/2569").code, ActKind.REVOCATION, reason="conditions")
    assert kinds(looked(register, file)) == {"unchanged": 1, "conflict": 1}


def test_a_number_whose_license_has_expired_is_issued_anew(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(1)), HAZARD))
    register.clock.advance(days=400)  # type: ignore[attr-defined]
    later = filing(register, write_csv(tmp_path / "b.csv", rows(1, valid_from="1/4/2570")), HAZARD)
    assert kinds(looked(register, later)) == {"new": 1}


def test_missing_licenses_are_those_that_came_by_the_same_source(register: Services, tmp_path: Path):
    options = replace(GOOD_ROWS, missing=Missing.END)
    first, second = write_csv(tmp_path / "a.csv", rows(3)), write_csv(tmp_path / "b.csv", rows(6)[3:])
    imported(register, filing(register, first, HAZARD, source="north"))
    imported(register, filing(register, second, HAZARD, source="south", options=options))
    fewer = write_csv(tmp_path / "c.csv", rows(2))
    found = imported(register, filing(register, fewer, HAZARD, source="north", options=options))
    assert kinds(found) == {"unchanged": 2, "missing": 1}
    assert named(register, "12/3/2569").status == Status.ENDED
    assert named(register, "12/4/2569").status == Status.VALID


# --- deciding --------------------------------------------------------------------------------------


def test_all_or_nothing_lets_nothing_in_beside_one_bad_row(register: Services, tmp_path: Path):
    content = rows(5)
    content[2]["place"] = "ไกล"
    number = proposed(register, filing(register, write_csv(tmp_path / "a.csv", content), HAZARD, options=ALL))
    with pytest.raises(Refused, match="all or nothing"):
        released(register, number)
    assert (count(register), batch(register, number).state) == (0, State.PROPOSED)


def test_good_rows_go_in_when_that_was_chosen(register: Services, tmp_path: Path):
    content = rows(5)
    content[2]["place"] = "ไกล"
    found = imported(register, filing(register, write_csv(tmp_path / "a.csv", content), HAZARD))
    assert (found.entered, kinds(found)) == (4, {"new": 4, "fault": 1})


def test_what_begins_before_today_is_released_by_somebody_else(register: Services, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", rows(2, valid_from="1/3/2569"))
    proposer, approver = officer(register, "one"), officer(register, "two")
    number = proposed(register, filing(register, path, HAZARD), proposer)
    for person in (None, proposer):
        with pytest.raises(NotPermitted):
            released(register, number, person)
    released(register, number, approver)
    found = entered(register, number)
    assert (found.proposer, found.approver, found.entered) == (proposer.id, approver.id, 2)


def test_nobody_of_another_agency_sees_or_decides_a_batch(register: Services, tmp_path: Path):
    stranger = officer(register, "stranger", agency=2)
    path = write_csv(tmp_path / "a.csv", rows(2))
    with pytest.raises(NotPermitted):
        proposed(register, filing(register, path, HAZARD), stranger)
    number = proposed(register, filing(register, path, HAZARD), officer(register, "one"))
    with register.database.reading() as session:
        assert batches_of(session, stranger.agency, size=9) == []
        with pytest.raises(Refused, match="no such batch"):
            batch_of(session, number, stranger)
    with pytest.raises(Refused, match="no such batch"):
        released(register, number, stranger)


def test_missing_licenses_wait_for_an_answer_when_that_was_asked(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(4)), HAZARD))
    options = replace(GOOD_ROWS, missing=Missing.ASK)
    file = filing(register, write_csv(tmp_path / "b.csv", rows(2)), HAZARD, options=options)
    number = proposed(register, file)
    with pytest.raises(Refused, match="missing from the file"):
        released(register, number)
    with register.database.writing.begin() as session:
        first, _ = stored_rows(register, number, Kind.MISSING)
        decide_missing(session, number, None, end=True, kind=file.kind, positions=[first.position])
    released(register, number)
    assert entered(register, number).entered == 1
    assert named(register, first.number).status == Status.ENDED
    assert sorted(named(register, f"12/{n}/2569").status for n in (3, 4)) == [Status.VALID, Status.ENDED]


def test_a_withdrawn_batch_keeps_its_counts_and_nothing_else(register: Services, tmp_path: Path):
    number = proposed(register, filing(register, write_csv(tmp_path / "a.csv", rows(2)), HAZARD))
    with register.database.writing.begin() as session:
        withdraw(session, number, None, at=register.clock())
    with pytest.raises(Changed):
        released(register, number)
    assert (batch(register, number).state, stored_rows(register, number)) == (State.WITHDRAWN, [])
    assert kinds(batch(register, number)) == {"new": 2}


# --- rows whose license moved ----------------------------------------------------------------------


def test_a_row_whose_license_changed_since_goes_back_to_the_diff(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(3)), HAZARD))
    content = rows(3)
    for row in content:
        row["premises"] += " ใหม่"
    path = write_csv(tmp_path / "b.csv", content)
    whole = proposed(register, filing(register, path, HAZARD, options=ALL))
    good = proposed(register, filing(register, path, HAZARD))
    released(register, good)
    code = named(register, "12/2/2569").code
    revise(register, code, ActKind.AMENDMENT, address="ที่อื่น")
    with register.database.writing.begin() as session:
        assert mark_stale(session, whole, None) == 1
    with pytest.raises(Refused):
        released(register, whole)
    found = entered(register, good)
    assert (found.entered, kinds(found)) == (2, {"changed": 2, "stale": 1})
    assert [row.number for row in stored_rows(register, good, Kind.STALE)] == ["12/2/2569"]
    assert log_acts(register, code) == [ActKind.ISSUANCE, ActKind.AMENDMENT]


def test_two_batches_of_one_file_released_at_once_do_no_harm(register: Services, tmp_path: Path):
    file = filing(register, write_csv(tmp_path / "a.csv", rows(30)), HAZARD)
    numbers = [proposed(register, file), proposed(register, file)]
    for number in numbers:
        released(register, number)
    ends = set[int]()
    while len(ends) < 2:
        for number in numbers:
            with register.database.writing.begin() as session:
                office = register.office(session)
                if enter_block(session, number, 7, office=office, at=register.clock()).is_done:
                    ends.add(number)
    both = [batch(register, number) for number in numbers]
    assert sum(found.entered for found in both) == count(register) == 30
    assert sum(found.counts["kinds"]["unchanged"] for found in both) == 30


def test_a_number_that_an_officer_issued_since_is_stale_and_not_doubled(register: Services, tmp_path: Path):
    number = proposed(register, filing(register, write_csv(tmp_path / "a.csv", rows(3)), HAZARD))
    other = rows(1, premises="ของเจ้าหน้าที่")
    imported(register, filing(register, write_csv(tmp_path / "b.csv", other), HAZARD))
    released(register, number)
    assert kinds(entered(register, number)) == {"new": 2, "stale": 1}
    assert count(register) == 3


# --- entering --------------------------------------------------------------------------------------


def test_what_went_in_is_in_the_log_only(register: Services, tmp_path: Path):
    found = imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(3)), HAZARD))
    for row in stored_rows(register, found.id):
        assert row.application is None
        assert log_acts(register, row.code or "") == [ActKind.ISSUANCE]
        assert row.log_index is not None
    assert found.last_index == max(row.log_index or 0 for row in stored_rows(register, found.id))


def test_a_mixture_is_entered_as_the_acts_it_is_made_of_in_their_order(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(1)), HAZARD))
    mixed = rows(
        1,
        holder="บริษัท ผู้รับโอน จำกัด",
        holder_id="0105559012342",
        premises="ชื่อใหม่",
        valid_from="2/3/2570",
    )
    file = filing(register, write_csv(tmp_path / "b.csv", mixed), HAZARD)
    found = imported(register, file)
    license_row = named(register, "12/1/2569")
    assert log_acts(register, license_row.code)[1:] == [ActKind.TRANSFER, ActKind.RENEWAL, ActKind.AMENDMENT]
    assert (license_row.holder, license_row.premises) == ("บริษัท ผู้รับโอน จำกัด", "ชื่อใหม่")
    assert (license_row.valid_until, license_row.version) == ("2028-03-01", 4)
    assert found.entered == 1
    assert kinds(imported(register, file)) == {"unchanged": 1}


@pytest.mark.parametrize("name_alone", NameAlone)
def test_a_changed_name_without_a_number_is_what_was_said_or_nobody_s_guess(
    register: Services, tmp_path: Path, name_alone: NameAlone
):
    before = [{name: row[name] for name in row if name != "holder_id"} for row in rows(1)]
    after = [{**row, "holder": "นางสาว อื่น"} for row in before]
    imported(register, filing(register, write_csv(tmp_path / "a.csv", before), HAZARD))
    options = replace(GOOD_ROWS, name_alone=name_alone)
    found = imported(
        register, filing(register, write_csv(tmp_path / "b.csv", after), HAZARD, options=options)
    )
    if name_alone is NameAlone.ASK:
        assert kinds(found) == {"conflict": 1}
    else:
        assert act_counts(found) == {name_alone.name: 1}
        assert named(register, "12/1/2569").holder == "นางสาว อื่น"


def test_a_killed_batch_goes_on_behind_its_cursor(register: Services, tmp_path: Path):
    number = proposed(register, filing(register, write_csv(tmp_path / "a.csv", rows(40)), HAZARD))
    released(register, number)
    with register.database.writing.begin() as session:
        enter_block(session, number, 15, office=register.office(session), at=register.clock())
    with register.database.writing() as session:
        enter_block(session, number, 15, office=register.office(session), at=register.clock())
        session.rollback()
    assert (batch(register, number).entered, count(register)) == (15, 15)
    assert (entered(register, number).entered, count(register)) == (40, 40)


# --- undoing ---------------------------------------------------------------------------------------


def undone(services: Services, number: int) -> int:
    """Propose to undo a batch; gives the new batch's number."""
    grounds = Grounds("มาตรา 45", "conditions")
    return propose_undo(services.database, services.office, number, None, grounds, at=services.clock())


def test_a_batch_is_undone_by_voiding_what_it_issued_and_the_same_file_can_come_again(
    register: Services, tmp_path: Path
):
    file = filing(register, write_csv(tmp_path / "a.csv", rows(4)), HAZARD)
    first = imported(register, file)
    undo = undone(register, first.id)
    assert act_counts(batch(register, undo)) == {"VOIDING": 4}
    assert count(register) == 4
    released(register, undo)
    assert entered(register, undo).entered == 4
    assert batch(register, first.id).state == State.UNDONE
    assert named(register, "12/1/2569").status == Status.INVALID
    assert kinds(looked(register, file)) == {"new": 4}
    with pytest.raises(Refused):
        undone(register, first.id)


def test_what_was_amended_goes_back_and_what_cannot_go_back_is_listed(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(5)), HAZARD))
    content = rows(4)
    content[0]["premises"] = content[1]["premises"] = "ชื่อใหม่"
    content[2]["valid_from"] = "2/3/2570"
    options = replace(GOOD_ROWS, missing=Missing.END)
    file = filing(register, write_csv(tmp_path / "b.csv", content), HAZARD, options=options)
    found = imported(register, file)
    assert act_counts(found) == {"AMENDMENT": 2, "RENEWAL": 1, "ENDING": 1}
    order(register, named(register, "12/2/2569").code, ActKind.REVOCATION, reason="conditions")
    undo = undone(register, found.id)
    assert kinds(batch(register, undo)) == {"changed": 1, "conflict": 3}
    why = {row.number: row.remarks[0]["what"]["en"] for row in stored_rows(register, undo, Kind.CONFLICT)}
    assert "acted on this license since" in why["12/2/2569"]
    assert "no renewal" in why["12/3/2569"]
    assert "final" in why["12/5/2569"]
    released(register, undo)
    entered(register, undo)
    assert named(register, "12/1/2569").premises == "อู่ช่างพงษ์ สาขา 1"
