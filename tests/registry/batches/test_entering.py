"""A released batch is entered wholly, once, and only what nobody has changed since."""

from dataclasses import replace
from pathlib import Path

import pytest

from keys.acts import ActKind
from registry.demo.license_types import HAZARD
from registry.errors import Refused
from registry.intake.batches import Kind, Missing, NameAlone, Options, Release
from registry.intake.entering import enter_block, read_block
from registry.intake.releasing import mark_stale
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
    named,
    proposed,
    released,
    rows,
    stored_rows,
    write_csv,
)
from tests.registry.founded import revise

ALL = Options(Release.ALL_OR_NOTHING, Missing.LEAVE)


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
                if enter_block(
                    session, number, read_block(session, number, 7), office=office, at=register.clock()
                ).is_done:
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
        enter_block(
            session,
            number,
            read_block(session, number, 15),
            office=register.office(session),
            at=register.clock(),
        )
    with register.database.writing() as session:
        enter_block(
            session,
            number,
            read_block(session, number, 15),
            office=register.office(session),
            at=register.clock(),
        )
        session.rollback()
    assert (batch(register, number).entered, count(register)) == (15, 15)
    assert (entered(register, number).entered, count(register)) == (40, 40)
