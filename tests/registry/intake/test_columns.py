"""A mapping is proposed, corrected, written, read again and remembered."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from keys.acts import Status
from keys.catalog import Agency, Text
from registry.commands.columns import columns_command
from registry.demo.license_types import FACTORY, HAZARD, JURISTIC, license_types
from registry.errors import Refused
from registry.intake.columns import (
    STANDINGS,
    ColumnMapping,
    fit,
    items_of,
    map_sheet,
    parse_mapping,
    read_mapping,
    write_mapping,
)
from registry.intake.guessing import Guessed, assign, guess_columns
from registry.intake.readers import open_sheet, squeeze
from registry.intake.sources import recall, remember, source_of
from registry.terms import Era
from tests.registry.founded import founded
from tests.registry.intake.sheets import DATA, EXAMPLES, csv_bytes
from tests.registry.two_agencies import Founded

KIND = license_types()[HAZARD]
ITEMS = sorted(items_of(KIND))
HEADERS = st.text("กขคงabc ", min_size=1, max_size=8).filter(squeeze)
MAPPINGS = st.builds(
    ColumnMapping,
    st.dictionaries(st.sampled_from(ITEMS), st.lists(HEADERS, min_size=1, max_size=3).map(tuple)),
    st.dictionaries(st.sampled_from(ITEMS), st.text(max_size=5)),
    st.lists(HEADERS, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(ITEMS), st.lists(HEADERS, min_size=1, max_size=3).map(tuple)),
    st.dictionaries(HEADERS.map(squeeze), st.sampled_from(sorted(STANDINGS.values()))),
    st.dictionaries(st.sampled_from(["valid_from", "issued"]), st.sampled_from(list(Era))),
    st.none() | HEADERS,
)


def guessed(folder: Path, header: tuple[str, ...], *rows: tuple[str, ...], kind: int = HAZARD) -> Guessed:
    path = folder / "a.csv"
    path.write_bytes(csv_bytes([header, *rows]))
    return guess_columns(open_sheet(path), license_types()[kind])


def test_columns_are_guessed_from_their_names_and_their_values(tmp_path: Path):
    found = guessed(
        tmp_path,
        ("ลำดับ", "เลขที่ใบอนุญาต", "ชื่อ-สกุล", "เลขประจำตัว", "วันหมดอายุ", "สถานะ", "จังหวัด", "กำลังเครื่องจักร", "x"),
        ("1", "1/2/2569", "นาย ก", "0105558004940", "1/2/2570", "ปกติ", "ตาก", "5", "?"),
        ("2", "2/2/2569", "นาย ข", "0105558002009", "2/2/2570", "พักใช้", "กทม.", "7", ""),
    )
    assert {guess.header: guess.item for guess in found.columns} == {
        "ลำดับ": None,
        "เลขที่ใบอนุญาต": "number",
        "ชื่อ-สกุล": "holder",
        "เลขประจำตัว": "holder_id",
        "วันหมดอายุ": "valid_until",
        "สถานะ": "standing",
        "จังหวัด": "province",
        "กำลังเครื่องจักร": "field.horsepower",
        "x": None,
    }
    assert all(0.5 <= guess.confidence <= 1 for guess in found.columns if guess.item)
    assert found.columns[1].as_json()["samples"] == ["1/2/2569", "2/2/2569"]
    assert found.mapping.standings == {"ปกติ": Status.VALID, "พักใช้": Status.SUSPENDED}
    assert found.mapping.ignored == ("ลำดับ",)


def test_a_column_named_just_so_whose_values_do_not_fit_is_an_unsure_guess_so_that_they_are_told_of(
    tmp_path: Path,
):
    header = ("เลขที่ใบอนุญาต", "วันหมดอายุ", "เลขประจำตัว 13 หลัก", "วันที่เริ่มแรก")
    found = guessed(tmp_path, header, ("1/2/2569", "เสมอ", "1.1E+12", "x"), ("1/3/2569", "#REF!", "", "x"))
    assert [(guess.item, guess.confidence) for guess in found.columns] == [
        ("number", 1.0),
        ("valid_until", 0.5),
        ("holder_id", 0.5),
        (None, 0.0),
    ]


def test_a_number_in_columns_for_book_number_and_year_is_put_together(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([("เล่มที่", "เลขที่", "ปี", "ออกให้ ณ วันที่"), ("12", "๓", "2569", "2 มี.ค. 69")]))
    sheet = open_sheet(path)
    mapping = guess_columns(sheet, KIND).mapping
    (row,) = sheet.rows()
    assert fit(sheet, mapping).raw(row)["number"] == "12/๓/2569"
    assert fit(sheet, mapping).column_of("number") == "เล่มที่ + เลขที่ + ปี"
    assert fit(sheet, mapping).raw(row)["valid_from"] == "2 มี.ค. 69"


def test_a_part_of_several_columns_is_left_out_where_one_is_not_there_or_all_say_nothing(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([("number", "a", "b"), ("1", "-", ""), ("2", "x", "")]))
    parts = ["{a} of {b}!", "{a}{c}", "{", "}{a"]
    mapped = fit(
        open_sheet(path), parse_mapping({"columns": {"number": "number", "address": {"join": parts}}}, KIND)
    )
    assert [mapped.raw(row).get("address") for row in mapped.sheet.rows()] == [None, "x of !"]


def test_a_guess_is_corrected_column_by_column(tmp_path: Path):
    mapping = guessed(tmp_path, ("number", "holder", "name"), ("1/2/2569", "ก", "ข")).mapping
    assert mapping.columns["premises"] == ("name",)
    swapped = assign(assign(mapping, "holder", None), "name", "holder")
    assert (swapped.columns, swapped.ignored) == ({"number": ("number",), "holder": ("name",)}, ("holder",))
    assert assign(swapped, "holder", "premises").ignored == ()


@given(MAPPINGS)
def test_a_mapping_is_read_as_it_was_written(mapping: ColumnMapping):
    apart = set(mapping.columns) - set(mapping.joined)
    mapping = ColumnMapping(
        {name: mapping.columns[name] for name in apart},
        mapping.constants,
        mapping.ignored,
        mapping.joined,
        mapping.standings,
        mapping.eras,
        mapping.sheet,
    )
    assert parse_mapping(json.loads(json.dumps(write_mapping(mapping))), KIND) == mapping


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        None,
        {"columns": []},
        {"columns": {"number": 5}},
        {"columns": {"number": [5]}},
        {"columns": {"number": {"joined": ["a"]}}},
        {"columns": {}, "standings": {"ก": "gone"}},
        {"columns": {}, "eras": {"valid_from": "AD"}},
        {"columns": {"numbr": "a"}},
        {"columns": {}, "sheet": 5},
        {"columns": {"number": "\ud800"}},
        {"columns": {}, "sheet": "\x00"},
    ],
)
def test_what_is_no_mapping_is_refused_with_what_is_wrong(content: object):
    with pytest.raises(Refused) as refused:
        parse_mapping(content, KIND)
    assert refused.value.words.th


def test_parts_of_an_item_are_joined_and_empty_ones_left_out(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([("number", "บ้าน", "หมู่", "ถนน"), ("1", "9", "-", "ก")]))
    columns = {"number": "number", "address": {"join": ["บ้าน", "หมู่ที่ {หมู่}", "ถนน{ถนน}"]}}
    mapped = map_sheet(path, parse_mapping({"columns": columns}, KIND))
    (row,) = mapped.sheet.rows()
    assert mapped.raw(row)["address"] == "9 ถนนก"
    assert mapped.column_of("address") == "บ้าน + หมู่ + ถนน"
    assert mapped.unmapped == ()


def test_a_mapping_is_remembered_for_the_next_file_with_this_header(on_both: Founded, tmp_path: Path):
    services = on_both.services
    path, other = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_bytes(csv_bytes([("ชื่อ ร้าน", "เลขที่"), ("ก", "1")]))
    other.write_bytes(csv_bytes([("title", ""), ("เลขที่", "ชื่อร้าน"), ("2", "ข")], separator=";"))
    sheet, alike = open_sheet(path), open_sheet(other, [("เลขที่",)])
    assert source_of(sheet) == source_of(alike)
    with services.database.reading() as session:
        catalog = services.office(session).catalog
        agency = next(iter(catalog.agencies.values()))
        kind = catalog.types[next(iter(agency.types))]
        assert recall(session, agency, kind, sheet) is None
    mapping = ColumnMapping({"number": ("เลขที่",)}, ignored=("ชื่อร้าน",))
    for latest in (ColumnMapping({"number": ("x",)}), mapping):
        with services.database.writing.begin() as session:
            remember(session, agency, kind, path, latest, at=services.clock())
    with services.database.reading() as session:
        assert recall(session, agency, kind, alike) == mapping
        stranger = Agency(99, "x", Text("ก", "x"), "", Text("", ""), (), {})
        assert recall(session, stranger, kind, sheet) is None


def test_the_command_prints_a_mapping_to_begin_with(tmp_path: Path):
    services = founded(tmp_path / "register")
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([("เลขที่ใบอนุญาต", "วันที่อนุญาต"), ("12/1/2569", "2/3/2569")]))
    arguments = [str(path), "--type", KIND.slug, "--data", str(tmp_path / "register")]
    answer = CliRunner().invoke(columns_command, arguments, env={"PERMITS_HOST": services.config.host})
    assert answer.exit_code == 0, answer.output
    mapping = parse_mapping(json.loads(answer.stdout), KIND)
    assert mapping.columns == {"number": ("เลขที่ใบอนุญาต",), "valid_from": ("วันที่อนุญาต",)}
    assert "พ.ศ." in answer.stderr
    assert "12/1/2569" in answer.stderr


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")
@pytest.mark.parametrize(
    ("file", "license_type", "example"),
    [
        *((f"dbd/{path.name}", JURISTIC, "dbd-month.json") for path in sorted((DATA / "dbd").glob("*.csv"))),
        ("factories/prachinburi.geojson", FACTORY, "factories.json"),
    ],
)
def test_the_mappings_of_the_examples_could_have_been_guessed(file: str, license_type: int, example: str):
    kind = license_types()[license_type]
    sheet = open_sheet(DATA / file)
    by_hand = fit(sheet, read_mapping(EXAMPLES / example, kind))
    guess = fit(sheet, guess_columns(sheet, kind).mapping)
    assert {name: guess.header_of.get(name) for name in by_hand.header_of} == by_hand.header_of
