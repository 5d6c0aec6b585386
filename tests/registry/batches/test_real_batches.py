"""Real files of agencies become licenses: the same list half a year apart, nine months of companies, a city."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from keys.catalog import LicenseType, parse_type
from registry import founding
from registry.catalogs import put_type
from registry.demo.license_types import JURISTIC
from registry.founding import KeyFolder, root_signers
from registry.intake.batches import Missing, NameAlone
from registry.models import Batch
from registry.rings import current_ring
from registry.services import Services
from tests.registry.batches.filing import GOOD_ROWS, act_counts, filing, imported, kinds, looked
from tests.registry.founded import TOWN, founded

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
EXAMPLES = ROOT / "docs" / "examples"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path / "register")


def taught(services: Services, name: str) -> LicenseType:
    """Let the town issue a type of the examples."""
    kind = parse_type(json.loads((EXAMPLES / name).read_text("utf-8")))
    folders = KeyFolder(services.config.key_folder)
    passphrase = founding.read_passphrase(services.config.passphrase_file)
    with services.database.writing.begin() as session:
        put_type(session, kind)
        town = services.office(session).catalog.agencies[TOWN]
        town = replace(town, types={**town.types, kind.number: date(2026, 1, 1)})
        roots = root_signers(folders, passphrase, current_ring(session))
        founding.admit(session, [town], services.vault, roots, at=services.clock())
    return kind


def brought(services: Services, path: Path, kind: int, mapping: str, **options: str) -> Batch:
    chosen = replace(GOOD_ROWS, **options)  # type: ignore[arg-type]
    return imported(services, filing(services, path, kind, EXAMPLES / mapping, options=chosen))


def test_a_list_half_a_year_later_is_1439_new_304_missing_and_the_changed_rows(
    register: Services,
):
    kind = taught(register, "halal-certificate.json").number
    first, second = (DATA / "halal" / f"halal_{day}.csv" for day in ("2025-09-20", "2026-03-19"))
    assert kinds(brought(register, first, kind, "halal.json")) == {"new": 3009}
    found = brought(register, second, kind, "halal.json", missing=Missing.END, name_alone=NameAlone.ASK)
    assert kinds(found) == {"new": 1439, "changed": 135, "unchanged": 2570, "missing": 304}
    assert act_counts(found) == {"ISSUANCE": 1439, "AMENDMENT": 135, "ENDING": 304}
    again = filing(register, second, kind, EXAMPLES / "halal.json")
    assert kinds(looked(register, again)) == {"unchanged": 4144}


@pytest.mark.long
def test_nine_months_of_companies_go_in_as_they_are(register: Services):
    for month in sorted((DATA / "dbd").glob("*.csv")):
        found = brought(register, month, JURISTIC, "dbd-month.json")
        assert set(kinds(found)) <= {"new", "unchanged", "changed"}
        assert found.entered == found.total > 2000


@pytest.mark.long
def test_a_city_goes_in_but_for_two_licenses_without_a_start(register: Services):
    kind = taught(register, "city-license.json").number
    path = DATA / "chicago" / "active_2020-09.csv"
    assert kinds(brought(register, path, kind, "chicago.json")) == {"new": 62_598, "fault": 2}
    again = filing(register, path, kind, EXAMPLES / "chicago.json")
    assert kinds(looked(register, again)) == {"unchanged": 62_598, "fault": 2}
