"""A batch is undone by acts, and what cannot be undone is listed."""

from dataclasses import replace
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from registry.demo.license_types import HAZARD
from registry.demo.people import with_check_digit
from registry.errors import Refused
from registry.intake.batches import Kind, Missing, State
from registry.intake.undoing import Grounds, propose_undo
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
    looked,
    named,
    released,
    rows,
    silent,
    stored_rows,
    write_csv,
)
from tests.registry.founded import order

# --- undoing ---------------------------------------------------------------------------------------


def undone(services: Services, number: int) -> int:
    """Propose to undo a batch; gives the new batch's number."""
    grounds = Grounds("มาตรา 45", "conditions")
    return propose_undo(
        services.database, services.office, number, None, grounds, at=services.clock(), progress=silent
    )


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


def test_what_would_fit_no_plate_on_its_way_back_is_a_conflict(register: Services, tmp_path: Path):
    imported(register, filing(register, write_csv(tmp_path / "a.csv", rows(1, holder="ผ" * 190)), HAZARD))
    content = rows(1, holder="บ. ข", holder_id=with_check_digit("010555800495"), premises="ร" * 190)
    changed = imported(register, filing(register, write_csv(tmp_path / "b.csv", content), HAZARD))
    assert act_counts(changed) == {"TRANSFER": 1, "AMENDMENT": 1}
    assert kinds(batch(register, undone(register, changed.id))) == {"conflict": 1}
