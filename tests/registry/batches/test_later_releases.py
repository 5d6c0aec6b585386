"""A batch that is released later than it was compared: by other rules, or on another day."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete

from keys.catalog import LicenseType
from registry.catalogs import put_type, renew_catalog
from registry.demo.license_types import HAZARD, license_types
from registry.errors import Changed
from registry.models import AgencyType
from registry.services import Services
from tests.registry.batches.filing import (
    batch,
    count,
    entered,
    filing,
    imported,
    named,
    proposed,
    released,
    rows,
    write_csv,
)
from tests.registry.founded import TOWN, raw, simple

KIND = simple(license_types()[HAZARD])


def _put(register: Services, kind: LicenseType) -> None:
    with register.database.writing.begin() as session:
        put_type(session, kind)
        renew_catalog(session)


@pytest.mark.parametrize("change", ["term", "issuer"])
def test_a_batch_judged_by_rules_that_have_changed_since_is_not_released(
    register: Services, tmp_path: Path, change: str
):
    file = write_csv(tmp_path / "a.csv", rows(2))
    number = proposed(register, filing(register, file, HAZARD))
    if change == "term":
        _put(register, replace(KIND, term_rule="months", term_length=6))
    else:
        with register.database.writing.begin() as session:
            mine = AgencyType.agency == TOWN, AgencyType.license_type == HAZARD
            session.execute(delete(AgencyType).where(*mine))
            renew_catalog(session)
    with pytest.raises(Changed) as refused:
        released(register, number)
    assert refused.value.code == "rules-changed"
    assert (batch(register, number).state, count(register)) == ("proposed", 0)
    if change == "term":
        imported(register, filing(register, file, HAZARD))
        assert named(register, "12/1/2569").valid_until == "2026-09-01"


def test_a_batch_waits_through_a_change_of_another_type(register: Services, tmp_path: Path):
    number = proposed(register, filing(register, write_csv(tmp_path / "a.csv", rows(2)), HAZARD))
    other = next(kind for kind in license_types().values() if kind.number != HAZARD)
    _put(register, replace(other, four_eyes=()))
    released(register, number)
    assert entered(register, number).entered == 2


def test_a_license_without_a_first_day_is_valid_from_the_day_of_its_entry(register: Services, tmp_path: Path):
    _put(register, replace(KIND, has_start=False, term_rule="none", term_length=0))
    without = {name: text for name, text in raw(1).items() if name != "valid_from"}
    mapping = tmp_path / "m.json"
    mapping.write_text(json.dumps({"columns": {name: name for name in without}}))
    file = write_csv(tmp_path / "a.csv", [without])
    number = proposed(register, filing(register, file, HAZARD, mapping))
    register.clock.advance(hours=20)  # type: ignore[attr-defined]
    released(register, number)
    entered(register, number)
    assert named(register, "12/1/2569").valid_from == "2026-03-03"
