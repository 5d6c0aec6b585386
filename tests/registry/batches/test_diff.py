"""A batch says what it would change before anything happens, and does just that: wholly, once, in the log."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from registry.demo.license_types import HAZARD
from registry.demo.people import with_check_digit
from registry.errors import Changed, NotPermitted, Refused
from registry.intake.batches import Kind, Missing, Options, Release, State
from registry.intake.browsing import batch_of, batches_of, changes_of
from registry.intake.releasing import decide_missing, needs_second_person, withdraw
from registry.services import Services
from tests.registry.batches.filing import (
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
    officer,
    proposed,
    released,
    rows,
    stored_rows,
    write_csv,
)
from tests.registry.founded import order

ALL = Options(Release.ALL_OR_NOTHING, Missing.LEAVE)


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
    # The faulty row's license is in the file too, and so it is not missing.
    assert kinds(found) == {"new": 2, "changed": 1, "unchanged": 5, "missing": 2, "conflict": 2, "fault": 1}
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


def test_a_row_whose_face_fits_no_plate_between_two_acts_is_a_conflict(register: Services, tmp_path: Path):
    """A transfer comes before an amendment: the new holder would stand beside the old name of the premises."""
    before = rows(2, holder="บริษัท ก จำกัด", premises="ร" * 190)
    imported(register, filing(register, write_csv(tmp_path / "a.csv", before), HAZARD))
    content = rows(2, holder="ผ" * 190, holder_id=with_check_digit("010555800495"), premises="ร้าน ข")
    content[1]["holder"] = "บริษัท ข จำกัด"
    number = proposed(register, filing(register, write_csv(tmp_path / "b.csv", content), HAZARD))
    assert kinds(batch(register, number)) == {"conflict": 1, "changed": 1}
    (row,) = stored_rows(register, number, Kind.CONFLICT)
    assert row.row == 2
    assert "too long for a QR" in json.dumps(row.remarks)
    released(register, number)
    assert entered(register, number).entered == 1


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


def test_a_license_whose_row_is_at_fault_is_not_missing_and_is_not_ended(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(3)), HAZARD))
    content = rows(2)
    content[0]["valid_from"], content[0]["number"] = "29/2/2568", "๑๒/๑/๒๕๖๙"
    options = replace(GOOD_ROWS, missing=Missing.END)
    found = imported(
        register, filing(register, write_csv(tmp_path / "b.csv", content), HAZARD, options=options)
    )
    assert kinds(found) == {"fault": 1, "unchanged": 1, "missing": 1}
    (row,) = stored_rows(register, found.id, Kind.FAULT)
    assert row.number == "๑๒/๑/๒๕๖๙"
    assert [named(register, f"12/{n}/2569").status for n in (1, 2, 3)] == [
        Status.VALID,
        Status.VALID,
        Status.ENDED,
    ]


def test_missing_licenses_wait_for_an_answer_when_that_was_asked(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(4)), HAZARD))
    options = replace(GOOD_ROWS, missing=Missing.ASK)
    file = filing(register, write_csv(tmp_path / "b.csv", rows(2)), HAZARD, options=options)
    number = proposed(register, file)
    with pytest.raises(Refused, match="missing from the file"):
        released(register, number)
    with register.database.writing.begin() as session:
        decide_missing(session, number, None, end=True, kind=file.kind)
    released(register, number)
    assert entered(register, number).entered == 2
    assert [named(register, f"12/{n}/2569").status for n in (3, 4)] == [Status.ENDED, Status.ENDED]


def test_a_withdrawn_batch_keeps_its_counts_and_nothing_else(register: Services, tmp_path: Path):
    number = proposed(register, filing(register, write_csv(tmp_path / "a.csv", rows(2)), HAZARD))
    with register.database.writing.begin() as session:
        withdraw(session, number, None, at=register.clock())
    with pytest.raises(Changed):
        released(register, number)
    assert (batch(register, number).state, stored_rows(register, number)) == (State.WITHDRAWN, [])
    assert kinds(batch(register, number)) == {"new": 2}


# --- a status column -------------------------------------------------------------------------------


def standing_rows(*words: str) -> list[dict[str, str]]:
    return [{**row, "standing": word} for row, word in zip(rows(len(words)), words, strict=True)]


def test_a_first_file_may_bring_licenses_that_are_suspended_ended_or_revoked(
    register: Services, tmp_path: Path
):
    options = replace(GOOD_ROWS, reason="conditions", until=date(2026, 3, 9))
    mapping = tmp_path / "m.json"
    columns = {name: name for name in standing_rows("")[0]}
    words = {"พักใช้": "suspended", "เลิก": "ended", "ถอน": "revoked", "ปกติ": "valid"}
    mapping.write_text(json.dumps({"columns": columns, "standings": words}), "utf-8")
    path = write_csv(tmp_path / "a.csv", standing_rows("ปกติ", "พักใช้", "เลิก", "ถอน"))
    file = filing(register, path, HAZARD, mapping, options=options)
    found = imported(register, file)
    assert act_counts(found) == {"ISSUANCE": 4, "SUSPENSION": 1, "ENDING": 1, "REVOCATION": 1}
    assert [named(register, f"12/{n}/2569").status for n in range(1, 5)] == [
        Status.VALID,
        Status.SUSPENDED,
        Status.ENDED,
        Status.INVALID,
    ]
    assert log_acts(register, named(register, "12/3/2569").code) == [ActKind.ISSUANCE, ActKind.ENDING]
    assert kinds(looked(register, file)) == {"unchanged": 4}
    later = write_csv(tmp_path / "b.csv", standing_rows("เลิก", "ปกติ", "ปกติ", "ถอน"))
    changed = filing(register, later, HAZARD, mapping, options=options)
    assert kinds(looked(register, changed)) == {"changed": 1, "unchanged": 1, "conflict": 2}


@pytest.mark.parametrize("ends", [[False], [True], [True, False], [False, True]])
def test_what_a_status_column_ends_counts_whatever_becomes_of_the_missing(
    register: Services, tmp_path: Path, ends: list[bool]
):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(3)), HAZARD))
    content = standing_rows("เลิก", "ปกติ")
    mapping = tmp_path / "m.json"
    words = {"เลิก": "ended", "ปกติ": "valid"}
    mapping.write_text(
        json.dumps({"columns": {name: name for name in content[0]}, "standings": words}), "utf-8"
    )
    options = replace(GOOD_ROWS, missing=Missing.ASK)
    file = filing(register, write_csv(tmp_path / "b.csv", content), HAZARD, mapping, options=options)
    number = proposed(register, file)
    for end in ends:
        with register.database.writing.begin() as session:
            decide_missing(session, number, None, end=end, kind=file.kind)
    found, ended = batch(register, number), 2 if ends[-1] else 1
    assert (act_counts(found), found.total) == ({"ENDING": ended}, ended)
    assert needs_second_person(found, replace(file.kind, four_eyes=("ending",)))
    released(register, number)
    assert entered(register, number).entered == ended


def test_a_place_that_an_officer_chose_is_not_changed_by_the_address_of_a_file(
    register: Services, tmp_path: Path
):
    content = rows(1, address="9 ถนนเพชรเกษม ตำบลหัวหิน อำเภอหัวหิน จังหวัดประจวบคีรีขันธ์", place="770702")
    imported(register, filing(register, write_csv(tmp_path / "a.csv", content), HAZARD))
    without = [{name: row[name] for name in row if name != "place"} for row in content]
    path = write_csv(tmp_path / "b.csv", without)
    assert kinds(looked(register, filing(register, path, HAZARD))) == {"unchanged": 1}


def test_a_list_of_expired_licenses_changes_nothing_the_second_time(register: Services, tmp_path: Path):
    old = rows(2, valid_from="2/3/2567", valid_until="1/3/2568")
    path = write_csv(tmp_path / "a.csv", old)
    assert kinds(imported(register, filing(register, path, HAZARD))) == {"new": 2}
    assert kinds(imported(register, filing(register, path, HAZARD))) == {"unchanged": 2}
    # The number of an expired license is free for one whose term begins later.
    later = write_csv(tmp_path / "b.csv", rows(1))
    assert kinds(imported(register, filing(register, later, HAZARD))) == {"new": 1}
    assert count(register) == 3
