"""A file's rows become licenses, or faults that say row, column, value and what to do."""

import contextlib
import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from keys.catalog import Agency, Text
from registry.applications import (
    Faulty,
    is_natural_person,
    is_thirteen_digit_number,
    number_key,
    validate,
)
from registry.demo.license_types import HAZARD, JURISTIC, license_types
from registry.drafts import Authority
from registry.errors import Refused
from registry.intake.columns import map_sheet, read_mapping
from registry.intake.imports import Import, Report, run_import
from registry.models import LicenseRow
from registry.services import Services
from registry.terms import DateFault, parse_day
from tests.registry.founded import TOWN, founded, raw

DATA = Path(__file__).parents[3] / "shared" / "data"
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path / "register")


def run(
    services: Services, path: Path, license_type: int, mapping: Path | None = None, *, dry_run: bool = False
) -> Report:
    with services.database.reading() as session:
        catalog = services.office(session).catalog
    kind = catalog.types[license_type]
    job = Import(map_sheet(path, read_mapping(mapping, kind)), kind, catalog.agencies[TOWN], Authority(None))
    return run_import(
        job,
        services.database,
        services.office,
        dry_run=dry_run,
        clock=services.clock,
        progress=lambda _: None,
    )


def count(services: Services) -> int:
    with services.database.reading() as session:
        return session.scalar(select(func.count()).select_from(LicenseRow)) or 0


def write_csv(
    path: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8", separator: str = ","
) -> Path:
    header = list(rows[0])
    lines = [separator.join(header)] + [separator.join(row[name] for name in header) for row in rows]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def rows(count: int) -> list[dict[str, str]]:
    return [raw(n) for n in range(1, count + 1)]


def test_the_same_file_again_changes_nothing(register: Services, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", rows(120))
    assert run(register, path, HAZARD).issued == 120
    again = run(register, path, HAZARD)
    assert (again.issued, again.unchanged, again.faulty_rows) == (0, 120, 0)
    assert count(register) == 120


def test_a_dry_run_writes_nothing(register: Services, tmp_path: Path):
    report = run(register, write_csv(tmp_path / "a.csv", rows(10)), HAZARD, dry_run=True)
    assert report.issued == 10
    assert count(register) == 0


def test_an_import_killed_between_blocks_is_taken_up_by_the_same_file(register: Services, tmp_path: Path):
    path = write_csv(tmp_path / "a.csv", rows(200))
    calls = 0

    def office_that_dies(session):
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        return register.office(session)

    with register.database.reading() as session:
        catalog = register.office(session).catalog
    kind = catalog.types[HAZARD]
    job = Import(map_sheet(path, read_mapping(None, kind)), kind, catalog.agencies[TOWN], Authority(None))
    with pytest.raises(KeyboardInterrupt):
        run_import(
            job,
            register.database,
            office_that_dies,
            dry_run=False,
            clock=register.clock,
            progress=lambda _: None,
        )
    part = count(register)
    assert 0 < part < 200
    report = run(register, path, HAZARD)
    assert (report.unchanged, report.issued) == (part, 200 - part)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_found(
    register: Services, tmp_path: Path, encoding: str, separator: str
):
    path = write_csv(tmp_path / "a.csv", rows(2), encoding=encoding, separator=separator)
    report = run(register, path, HAZARD)
    assert report.issued == 2
    with register.database.reading() as session:
        assert session.scalars(select(LicenseRow.holder)).first() == "บริษัท ก้าวหน้าการช่าง จำกัด"


def test_every_fault_names_its_row_column_value_and_remedy(register: Services, tmp_path: Path):
    bad = rows(5)
    bad[1]["valid_from"] = "29/02/2568"
    bad[2]["holder_id"] = "1.05561E+11"
    bad[3]["number"] = bad[0]["number"]
    bad[4]["premises"] = ""
    report = run(register, write_csv(tmp_path / "a.csv", bad), HAZARD)
    assert (report.issued, report.faulty_rows) == (1, 4)
    assert [(f.row, f.column, f.fault.value) for f in report.faults] == [
        (3, "valid_from", "29/02/2568"),
        (4, "holder_id", "1.05561E+11"),
        (5, "number", bad[0]["number"]),
        (6, "premises", ""),
    ]
    for told in report.as_json()["faults"]:
        assert all(told[part][language] for part in ("what", "remedy") for language in ("th", "en"))


def test_a_changed_row_is_a_fault_that_names_the_license(register: Services, tmp_path: Path):
    run(register, write_csv(tmp_path / "a.csv", rows(1)), HAZARD)
    changed = rows(1)
    changed[0]["premises"] = "ชื่ออื่น"
    report = run(register, write_csv(tmp_path / "b.csv", changed), HAZARD)
    assert (report.issued, report.unchanged, report.faulty_rows) == (0, 0, 1)


def test_columns_that_feed_nothing_are_named(register: Services, tmp_path: Path):
    extra = [{**row, "หมายเหตุ": "ก"} for row in rows(1)]
    assert run(register, write_csv(tmp_path / "a.csv", extra), HAZARD).unmapped == ("หมายเหตุ",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfen\x00u\x00",
        b"PK\x03\x04rest",
        b"number,valid_from\x00\n1,2\n",
        b"\x81\x8d\xff\n",
        b"a,b\n1,2\n",
        b"number,valid_from,premises\n" + b"1" * (3 << 20),
        b"number,valid_from,premises\n1,1/1/2569," + b"x" * 20_000,
        b"number,valid_from" + b",c" * 1000,
    ],
    ids=["empty", "utf-16", "zip", "nul", "no encoding", "no header", "long line", "long cell", "columns"],
)
def test_a_bad_file_is_refused_with_a_reason_and_nothing_goes_in(
    register: Services, tmp_path: Path, content: bytes
):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        run(register, path, HAZARD)
    assert all((refused.value.words.th, refused.value.words.en))
    assert count(register) == 0


def test_a_pipe_or_folder_is_refused(register: Services, tmp_path: Path):
    fifo = tmp_path / "pipe.csv"
    os.mkfifo(fifo)
    for path in (fifo, tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(Refused):
            run(register, path, HAZARD)


def test_a_mapping_with_an_unknown_item_is_refused(tmp_path: Path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"columns": {"numbr": "เลขที่"}}), "utf-8")
    with pytest.raises(Refused, match="numbr"):
        read_mapping(path, license_types()[HAZARD])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("13/1/2558", date(2015, 1, 13)),
        ("1 ม.ค. 68", date(2025, 1, 1)),
        ("๓๐ กันยายน ๒๕๖๙", date(2026, 9, 30)),
        ("30 กันยายน พ.ศ. 2569", date(2026, 9, 30)),
        ("2026-09-30", date(2026, 9, 30)),
        ("2569-09-30", date(2026, 9, 30)),
        ("2026-09-30 00:00:00", date(2026, 9, 30)),
        ("29/02/2567", date(2024, 2, 29)),
        ("39667.0", date(2008, 8, 7)),
        ("239021", date(2011, 5, 31)),
    ],
)
def test_dates_are_read_in_every_form_in_use(text: str, day: date):
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text", ["29/02/2568", "31/4/2569", "0000-00-00", "ไม่ทราบ", "2569", "1 มค 9999", "13/13/2569"]
)
def test_what_is_no_date_is_a_fault_with_a_remedy(text: str):
    with pytest.raises(DateFault) as fault:
        parse_day(text)
    assert fault.value.remedy.th


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_dates_and_numbers(text: str):
    with contextlib.suppress(DateFault):
        parse_day(text)
    assert number_key(number_key(text)) == number_key(text)
    is_natural_person(text)
    is_thirteen_digit_number(text)


@given(st.dictionaries(st.sampled_from(sorted(raw(1))), st.text(max_size=60)))
def test_no_texts_of_a_form_escape_validation(texts: dict[str, str]):
    agency = Agency(1, "a", Text("ก", "a"), "", Text("", ""), (7707,), {HAZARD: None})
    with contextlib.suppress(Faulty):
        validate({**raw(1), **texts}, license_types()[HAZARD], agency, today=date(2026, 3, 2))


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")
@pytest.mark.parametrize("month", ["99_201501.csv", "99_201512.csv"])
def test_a_real_month_of_companies_goes_in_as_it_is(register: Services, tmp_path: Path, month: str):
    lines = (DATA / "dbd" / month).read_bytes().split(b"\r\n")
    path = tmp_path / month
    path.write_bytes(b"\r\n".join(lines[:400]) if len(lines) > 400 else (DATA / "dbd" / month).read_bytes())
    report = run(register, path, JURISTIC, EXAMPLES / "dbd-month.json", dry_run=len(lines) <= 400)
    assert report.encoding == "cp874"
    assert report.faults == []
    assert report.issued == report.rows > 300
