"""The next month's file beside the register: what it says of a license is that license's, and means no more."""

from pathlib import Path

import pytest

from registry.applications import number_key
from registry.demo.license_types import HAZARD
from registry.services import Services
from tests.registry.batches.filing import (
    count,
    filing,
    imported,
    kinds,
    looked,
    named,
    write_csv,
)
from tests.registry.founded import raw


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
