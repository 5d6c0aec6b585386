"""The next month's file beside the register: what it says of a license is that license's, and means no more."""

import json
from datetime import date
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from registry.applications import number_key
from registry.demo.license_types import HAZARD
from registry.errors import Changed, Refused
from registry.intake.batches import Kind, Missing, Options, Release
from registry.intake.undoing import Grounds, propose_undo
from registry.services import Services
from tests.registry.batches.filing import (
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
    silent,
    stored_rows,
    write_csv,
)
from tests.registry.founded import order, raw


def test_numbers_of_the_same_digits_in_other_runs_are_other_licenses(register: Services, tmp_path: Path):
    both = [raw(1, number="1/12/2569"), raw(2, number="11/2/2569", holder="บริษัท อื่น จำกัด")]
    imported(register, filing(register, write_csv(tmp_path / "a.csv", both[:1]), HAZARD))
    found = imported(register, filing(register, write_csv(tmp_path / "b.csv", both), HAZARD))
    assert kinds(found) == {"new": 1, "unchanged": 1}
    assert count(register) == 2
    assert named(register, "1/12/2569").holder == "บริษัท ก้าวหน้าการช่าง จำกัด"


@pytest.mark.parametrize("number", ["๑๒/๑/๒๕๖๙", "12 / 1 / 2569", "\u200b12/1/2569"])
def test_a_number_in_other_digits_or_with_blanks_is_the_same(register: Services, tmp_path: Path, number: str):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", [raw(1)]), HAZARD))
    again = raw(1, number=number.replace(" ", ""))
    assert kinds(looked(register, filing(register, write_csv(tmp_path / "b.csv", [again]), HAZARD))) == {
        "unchanged": 1
    }
    assert number_key(number) == number_key("12-1-2569") == number_key("12/1/2569")


def test_an_empty_last_day_renews_nothing_and_a_new_license_s_is_told(register: Services, tmp_path: Path):
    shorter = raw(1, valid_until="30/9/2569")
    imported(register, filing(register, write_csv(tmp_path / "a.csv", [shorter]), HAZARD))
    empty = [raw(1, valid_until=""), raw(2, valid_until="")]
    found = imported(register, filing(register, write_csv(tmp_path / "b.csv", empty), HAZARD))
    assert kinds(found) == {"new": 1, "unchanged": 1}
    assert named(register, "12/1/2569").valid_until == "2026-09-30"
    (row,) = stored_rows(register, found.id)
    assert [told["item"] for told in row.remarks] == ["valid_until"]
    assert "1\xa0มีนาคม\xa02570" in row.remarks[0]["what"]["th"]


def test_a_license_that_expired_is_not_renewed_by_a_row_that_begins_within_its_term(
    register: Services, tmp_path: Path
):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", [raw(1)]), HAZARD))
    register.clock.advance(days=370)  # type: ignore[attr-defined]
    late = raw(1, valid_from="1/3/2570", valid_until="28/2/2571")
    diff = looked(register, filing(register, write_csv(tmp_path / "b.csv", [late]), HAZARD))
    assert kinds(diff) == {"conflict": 1}
    assert "without a renewal" in diff.problems[0][2][0].fault.what.en


def test_what_was_revoked_since_a_batch_was_proposed_is_not_issued_again(register: Services, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", [raw(1)])
    first, second = (proposed(register, filing(register, path, HAZARD)) for _ in range(2))
    released(register, first)
    entered(register, first)
    order(register, named(register, "12/1/2569").code, ActKind.REVOCATION, reason="conditions")
    released(register, second)
    assert kinds(entered(register, second)) == {"stale": 1}
    assert count(register) == 1


def test_a_suspension_is_not_lost_because_another_batch_has_issued_the_license(
    register: Services, tmp_path: Path
):
    plain = write_csv(tmp_path / "a.csv", [raw(1)])
    told = write_csv(tmp_path / "b.csv", [raw(1, standing="พักใช้")])
    mapping = tmp_path / "m.json"
    columns = {name: name for name in raw(1, standing="")}
    mapping.write_text(json.dumps({"columns": columns, "standings": {"พักใช้": "suspended"}}))
    until = Options(Release.GOOD_ROWS, Missing.LEAVE, until=date(2026, 4, 1))
    later = proposed(register, filing(register, told, HAZARD, mapping, options=until))
    imported(register, filing(register, plain, HAZARD))
    released(register, later)
    assert kinds(entered(register, later)) == {"stale": 1}
    again = imported(register, filing(register, told, HAZARD, mapping, options=until))
    assert act_counts(again) == {"SUSPENSION": 1}
    assert named(register, "12/1/2569").status == Status.SUSPENDED


def test_nothing_ends_for_being_missing_from_a_file_with_a_number_that_cannot_be_read(
    register: Services, tmp_path: Path
):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(3)), HAZARD))
    end = Options(Release.GOOD_ROWS, Missing.END)
    spoiled = [raw(1), raw(2, number="2026-03-12"), raw(7)]
    number = proposed(register, filing(register, write_csv(tmp_path / "b.csv", spoiled), HAZARD, options=end))
    with pytest.raises(Refused) as refused:
        released(register, number)
    assert refused.value.code == "batch-missing"
    assert act_counts(batch(register, number)) == {"ISSUANCE": 1}
    (_, told) = stored_rows(register, number, Kind.MISSING)
    assert told.remarks[0]["severity"] == "warning"
    total = [*rows(2), dict.fromkeys(raw(1), "") | {"holder": "รวม 2 ราย"}]
    file = filing(register, write_csv(tmp_path / "c.csv", total), HAZARD, options=end)
    assert act_counts(batch(register, proposed(register, file))) == {"ENDING": 1}


def test_a_license_that_came_suspended_is_voided_by_the_undoing_of_its_batch(
    register: Services, tmp_path: Path
):
    mapping = tmp_path / "m.json"
    columns = {name: name for name in raw(1, standing="")}
    mapping.write_text(json.dumps({"columns": columns, "standings": {"พักใช้": "suspended", "เลิก": "ended"}}))
    file = write_csv(tmp_path / "a.csv", [raw(1, standing="พักใช้"), raw(2, standing="เลิก")])
    until = Options(Release.GOOD_ROWS, Missing.LEAVE, until=date(2026, 4, 1))
    first = imported(register, filing(register, file, HAZARD, mapping, options=until))
    undo = propose_undo(
        *(register.database, register.office, first.id, None, Grounds("", "conditions")),
        at=register.clock(),
        progress=silent,
    )
    assert kinds(batch(register, undo)) == {"changed": 1, "conflict": 1}
    released(register, undo)
    entered(register, undo)
    code = named(register, "12/1/2569").code
    assert log_acts(register, code) == [ActKind.ISSUANCE, ActKind.SUSPENSION, ActKind.VOIDING]


@pytest.mark.parametrize("name", ["holder", "premises", "address", "conditions"])
def test_a_person_s_number_in_a_text_for_everybody_keeps_its_row_out(
    register: Services, tmp_path: Path, name: str
):
    told = raw(1, **{name: "น.ส. ก (1 1017 00207 03 0)"})
    diff = looked(register, filing(register, write_csv(tmp_path / "a.csv", [told]), HAZARD))
    assert [one.fault.name for one in diff.problems[0][2]] == [name]
    company = raw(2, **{name: "สาขา 0105558004940 เลขที่ 709 #01-2609 560709"})
    assert kinds(looked(register, filing(register, write_csv(tmp_path / "b.csv", [company]), HAZARD))) == {
        "new": 1
    }


def test_a_renewal_that_begins_after_a_gap_does_not_take_the_present_term_away(
    register: Services, tmp_path: Path
):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", [raw(1)]), HAZARD))
    ahead = raw(1, valid_from="1/5/2570", valid_until="30/4/2571")
    file = write_csv(tmp_path / "b.csv", [ahead])
    diff = looked(register, filing(register, file, HAZARD))
    assert [one.fault.name for one in diff.problems[0][2]] == ["valid_from"]
    register.clock.advance(days=366)  # type: ignore[attr-defined]
    assert kinds(looked(register, filing(register, file, HAZARD))) == {"new": 1}


def test_an_item_that_an_empty_cell_takes_away_is_told(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", [raw(1)]), HAZARD))
    empty = write_csv(tmp_path / "b.csv", [raw(1, address="", place="")])
    number = proposed(register, filing(register, empty, HAZARD))
    (row,) = stored_rows(register, number, Kind.CHANGED)
    assert [(told["item"], told["value"]) for told in row.remarks] == [
        ("address", "88/4 ถนนเพชรเกษม"),
        ("place", "770701"),
    ]
    assert batch(register, number).counts["warned"] == 1


def test_what_an_undoing_left_is_not_said_to_need_a_file_or_another_undoing(
    register: Services, tmp_path: Path
):
    first = imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(2)), HAZARD))

    def undo() -> int:
        grounds = Grounds("", "conditions")
        asked = register.database, register.office, first.id, None, grounds
        return propose_undo(*asked, at=register.clock(), progress=silent)

    number = undo()
    changed = [raw(1, premises="ร้านใหม่"), raw(2)]
    imported(register, filing(register, write_csv(tmp_path / "b.csv", changed), HAZARD))
    released(register, number)
    assert kinds(entered(register, number)) == {"changed": 1, "stale": 1}
    (left,) = stored_rows(register, number, Kind.STALE)
    assert "own page" in left.remarks[0]["remedy"]["en"]
    with pytest.raises(Changed) as refused:
        undo()
    assert refused.value.code == "undone"
