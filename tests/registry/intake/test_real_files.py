"""Files of real registers go in as they are, by the mappings of the examples: how many, and what not and why."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from keys.catalog import Agency, LicenseType, Text, parse_type
from registry.demo.license_types import FACTORY, JURISTIC, license_types
from registry.intake.columns import MappedSheet, map_sheet, read_mapping
from registry.intake.rows import RowResult, read_rows
from registry.terms import Era
from tests.registry.intake.sheets import DATA, EXAMPLES

TODAY = date(2026, 11, 22)
AGENCY = Agency(1, "a", Text("ก", "a"), "", Text("", ""), (), {})

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")


def opened(file: str, mapping: str, kind: LicenseType) -> MappedSheet:
    return map_sheet(DATA / file, read_mapping(EXAMPLES / mapping, kind))


def read(mapped: MappedSheet, kind: LicenseType) -> list[RowResult]:
    assert mapped.unmapped == ()
    return list(read_rows(mapped, kind, AGENCY, today=TODAY))


def example(name: str) -> LicenseType:
    return parse_type(json.loads((EXAMPLES / name).read_text("utf-8")))


def good(rows: list[RowResult]) -> dict[str, RowResult]:
    return {row.application.number: row for row in rows if row.application}


def told(rows: list[RowResult]) -> Counter[str]:
    return Counter(one.fault.what.en for row in rows for one in (*row.faults, *row.warnings))


@pytest.mark.parametrize("path", sorted((DATA / "dbd").glob("*.csv")), ids=lambda path: path.stem)
def test_every_row_of_a_month_of_companies_goes_in_and_has_a_place(path: Path):
    kind = license_types()[JURISTIC]
    mapped = opened(f"dbd/{path.name}", "dbd-month.json", kind)
    rows = read(mapped, kind)
    assert mapped.eras["valid_from"].era is Era.BUDDHIST
    assert len(good(rows)) == len(rows) > 3000
    placed = [row for row in good(rows).values() if row.application and row.application.place]
    assert len(placed) / len(rows) > 0.999


def test_every_factory_goes_in_from_geojson_and_its_odd_day_is_told():
    kind = license_types()[FACTORY]
    rows = read(opened("factories/prachinburi.geojson", "factories.json", kind), kind)
    assert len(good(rows)) == len(rows) == 442
    assert told(rows) == {"A Buddhist year, unlike most of the column; read as 2011-05-31": 1}
    assert all(row.application and row.application.place for row in rows)


def test_certificates_without_any_day_go_in_and_two_files_differ_where_they_do():
    kind = example("halal-certificate.json")
    first, second = (
        good(read(opened(f"halal/halal_{day}.csv", "halal.json", kind), kind))
        for day in ("2025-09-20", "2026-03-19")
    )
    assert (len(first), len(second)) == (3009, 4144)
    assert (len(second.keys() - first.keys()), len(first.keys() - second.keys())) == (1439, 304)
    changed = [n for n in first.keys() & second.keys() if first[n].application != second[n].application]
    assert 100 < len(changed) < 200
    assert all(row.application and row.application.valid_from == TODAY for row in first.values())


def test_licenses_of_a_city_go_in_but_for_the_two_without_a_start():
    kind = example("city-license.json")
    rows = read(opened("chicago/active_2020-09.csv", "chicago.json", kind), kind)
    assert (len(rows), len(good(rows))) == (62_600, 62_598)
    assert told(rows) == {"Missing": 2, "A date of zeros is taken as empty": 2}
