"""A file's rows become licenses, or faults that say row, column, value and what to do."""

import contextlib
import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.catalog import Agency, Text
from registry.applications import (
    Faulty,
    is_natural_person,
    is_thirteen_digit_number,
    number_key,
    validate,
)
from registry.demo.license_types import HAZARD, JURISTIC, license_types
from registry.errors import Refused
from registry.intake.batches import Kind
from registry.intake.columns import read_mapping
from registry.intake.faults import RowFault
from registry.services import Services
from registry.terms import DateFault, parse_day
from tests.registry.batches.filing import count, filing, imported, looked, named, rows, write_csv
from tests.registry.founded import founded, raw

DATA = Path(__file__).parents[3] / "shared" / "data"
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path / "register")


@dataclass
class Report:
    """What an import, or a dry run, said of a file."""

    encoding: str
    unmapped: tuple[str, ...]
    rows: int
    issued: int
    unchanged: int
    faults: list[tuple[int, tuple[RowFault, ...]]]

    @property
    def faulty_rows(self) -> int:
        return len(self.faults)


def run(
    services: Services, path: Path, license_type: int, mapping: Path | None = None, *, dry_run: bool = False
) -> Report:
    file = filing(services, path, license_type, mapping)
    diff = looked(services, file)
    if not dry_run:
        imported(services, file)
    counted = diff.tally.kinds
    faults = [(row, remarks) for row, _, remarks in diff.problems]
    sheet = file.mapped.sheet
    return Report(
        sheet.encoding,
        file.mapped.unmapped,
        diff.tally.rows,
        counted[Kind.NEW],
        counted[Kind.UNCHANGED],
        faults,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_found(
    register: Services, tmp_path: Path, encoding: str, separator: str
):
    path = write_csv(tmp_path / "a.csv", rows(2), encoding=encoding, separator=separator)
    report = run(register, path, HAZARD)
    assert report.issued == 2
    assert named(register, "12/1/2569").holder == "บริษัท ก้าวหน้าการช่าง จำกัด"


def test_every_fault_names_its_row_column_value_and_remedy(register: Services, tmp_path: Path):
    bad = rows(5)
    bad[1]["valid_from"] = "29/02/2568"
    bad[2]["holder_id"] = "1.05561E+11"
    bad[3]["number"] = bad[0]["number"]
    bad[4]["premises"] = ""
    report = run(register, write_csv(tmp_path / "a.csv", bad), HAZARD)
    assert (report.issued, report.faulty_rows) == (0, 5)
    told = [(row, remark) for row, remarks in sorted(report.faults) for remark in remarks]
    assert [(row, remark.column, remark.fault.value) for row, remark in told] == [
        (2, "number", bad[0]["number"]),
        (3, "valid_from", "29/02/2568"),
        (4, "holder_id", "1.05561E+11"),
        (5, "number", bad[0]["number"]),
        (6, "premises", ""),
    ]
    words = [words for _, remark in told for words in (remark.fault.what, remark.fault.remedy)]
    assert all(text.th and text.en for text in words)


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
    "text",
    [
        "240369",
        "690301",
        "010369",
        "29/02/2568",
        "31/4/2569",
        "0000-00-00",
        "ไม่ทราบ",
        "2569",
        "1 มค 9999",
        "13/13/2569",
    ],
)
def test_what_is_no_date_is_a_fault_with_a_remedy(text: str):
    with pytest.raises(DateFault) as fault:
        parse_day(text)
    assert fault.value.remedy.th


def test_a_number_s_key_forgets_its_punctuation_and_keeps_its_runs_of_digits():
    assert number_key("3-34(4)-21/69ปจ") == number_key("3 34 (4) 21/69 ปจ") != number_key("3-3(44)-21/69ปจ")
    assert number_key("0-1055-58004-94-0") == number_key("0105558004940")
    assert number_key("ที่ กท. 12/2569") == number_key("ที่กท12-2569")


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_dates_and_numbers(text: str):
    with contextlib.suppress(DateFault):
        parse_day(text)
    assert number_key(number_key(text)) == number_key(text)
    is_natural_person(text)
    is_thirteen_digit_number(text)


@pytest.mark.parametrize("number", ["1101700207030", "1 1017 00207 03 0", "๑-๑๐๑๗-๐๐๒๐๗-๐๓-๐"])
@pytest.mark.parametrize("name", ["holder", "holder_en", "premises", "address", "conditions"])
def test_no_form_takes_a_person_s_number_in_a_text_for_everybody(name: str, number: str):
    agency = Agency(1, "a", Text("ก", "a"), "", Text("", ""), (7707,), {HAZARD: None})
    with pytest.raises(Faulty) as told:
        validate(
            raw(1, **{name: f"น.ส. ก ({number})"}), license_types()[HAZARD], agency, today=date(2026, 3, 2)
        )
    assert [fault.name for fault in told.value.faults] == [name]


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
