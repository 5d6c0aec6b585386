"""What a file says in its own way becomes values: days of one era, places with codes, standings."""

import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.acts import Status
from keys.catalog import Agency, Text
from keys.places import places, show_place
from registry.applications import Faulty, validate
from registry.demo.license_types import HAZARD, JURISTIC, license_types
from registry.intake.columns import MappedSheet, fit, map_sheet, parse_mapping, read_mapping
from registry.intake.faults import RowFault
from registry.intake.places import find_address_place, find_place
from registry.intake.readers import open_sheet
from registry.intake.rows import RowResult, read_rows
from registry.own_fields import _checks, _problem, own_fields
from registry.terms import DateFault, Era, parse_day, read_day
from tests.registry.founded import raw
from tests.registry.intake.sheets import csv_bytes, write_xlsx

TODAY = date(2026, 3, 2)
KIND = license_types()[HAZARD]
AGENCY = Agency(1, "a", Text("ก", "a"), "", Text("", ""), (), {HAZARD: None})


def mapped_of(folder: Path, texts: list[dict[str, str]], **mapping: object) -> MappedSheet:
    """A sheet of these texts under their flat names, with what else the mapping says."""
    names = list(dict.fromkeys(name for text in texts for name in text))
    path = folder / "a.csv"
    path.write_bytes(csv_bytes([names, *([text.get(name, "") for name in names] for text in texts)]))
    content = {"columns": {name: name for name in names}, **mapping}
    return map_sheet(path, parse_mapping(content, KIND))


def results(mapped: MappedSheet) -> list[RowResult]:
    return list(read_rows(mapped, KIND, AGENCY, today=TODAY))


def dated(*days: str) -> list[dict[str, str]]:
    return [raw(n, valid_from=day) for n, day in enumerate(days, 1)]


def starts(found: list[RowResult]) -> list[date | None]:
    return [row.application.valid_from if row.application else None for row in found]


def told(faults: tuple[RowFault, ...]) -> list[str]:
    for fault in faults:
        assert all((fault.fault.what.th, fault.fault.remedy.th, fault.fault.remedy.en))
    return [fault.fault.what.en for fault in faults]


@pytest.mark.parametrize(
    ("days", "era", "first"),
    [
        (("13/1/2569", "1/2/69"), Era.BUDDHIST, date(2026, 2, 1)),
        (("2026-01-13", "1/2/69"), Era.COMMON, date(1969, 2, 1)),
        (("1/2/69", "1/3/68"), Era.BUDDHIST, date(2025, 3, 1)),
        (("1/2/26", "1/3/25"), Era.COMMON, date(2025, 3, 1)),
    ],
)
def test_the_era_of_a_column_is_decided_from_all_its_values_and_told(
    tmp_path: Path, days: tuple[str, ...], era: Era, first: date
):
    mapped = mapped_of(tmp_path, dated(*days))
    assert mapped.eras["valid_from"].era is era
    assert mapped.eras["valid_from"].words().th
    assert starts(results(mapped))[1] == first


def test_years_of_two_digits_that_may_be_of_either_era_are_asked_about(tmp_path: Path):
    days = dated("1/2/69", "1/3/26")
    found = results(mapped_of(tmp_path, days))
    assert [told(row.faults) for row in found] == [
        ["This year of two digits may be Buddhist or Common Era"]
    ] * 2
    stated = mapped_of(tmp_path, days, eras={"valid_from": "BE"})
    assert starts(results(stated)) == [date(2026, 2, 1), date(1983, 3, 1)]


def test_a_year_of_the_other_era_goes_in_with_a_warning(tmp_path: Path):
    found = results(mapped_of(tmp_path, dated("1/2/2569", "3/2/2569", "2026-02-03")))
    assert starts(found) == [date(2026, 2, 1), date(2026, 2, 3), date(2026, 2, 3)]
    assert [len(row.warnings) for row in found] == [0, 0, 1]
    assert found[2].warnings[0].is_warning
    assert found[2].warnings[0].as_json()["severity"] == "warning"


def test_a_buddhist_year_in_a_spreadsheet_s_serial_number_is_told(tmp_path: Path):
    found = results(mapped_of(tmp_path, dated("46053", "46054", "244394")))
    assert starts(found)[1:] == [date(2026, 2, 1), date(2026, 2, 14)]
    assert "Buddhist" in told(found[2].warnings)[0]


def test_a_date_of_zeros_is_empty_with_a_warning(tmp_path: Path):
    mapped = mapped_of(tmp_path, [raw(1, valid_until="0000-00-00", issued="๐/๐/๐๐๐๐")])
    (row,) = results(mapped)
    assert row.application
    assert (row.application.valid_until, row.application.issued) == (date(2027, 3, 1), None)
    assert [one.fault.name for one in row.warnings] == ["valid_until", "issued", "valid_until"]


@given(st.text(max_size=60), st.sampled_from(list(Era)))
def test_no_text_breaks_the_reading_of_a_day(text: str, era: Era):
    with contextlib.suppress(DateFault):
        day, written = read_day(text, era)
        assert written is None or parse_day(text) == day


@given(st.dates(date(1900, 1, 1), date(2150, 12, 31)))
def test_a_day_reads_the_same_in_every_form(day: date):
    thai_year = day.year + 543
    forms = [f"{day.day}/{day.month}/{thai_year}", f"{thai_year}-{day.month}-{day.day}", day.isoformat()]
    forms += [f"{day:%d %B} {thai_year}", f"{day:%d-%b-%Y}", str((day - date(1899, 12, 30)).days)]
    assert {parse_day(form) for form in forms if day.year > 1927 or not form.isdigit()} == {day}


@pytest.mark.parametrize(
    ("names", "place"),
    [
        (("กรุงเทพมหานคร", "เขตวัฒนา", "แขวงคลองเตยเหนือ"), 103901),
        (("กทม.", "คลองเตย", "คลองเตยเหนือ"), 103901),
        (("จ.กรุงเทพฯ", "บางนา", "บางนา"), 1047),
        (("เชียงใหม่", "เมือง", "ศรีภูมิ"), 500101),
        (("หนองคาย", "เซกา", ""), 3804),
        (("ปราจีนบุรี", "กิ่งอ.ศรีมหาโพธิ", "กรอก สมบูรณ์"), 250810),
    ],
)
def test_places_are_found_by_their_names_of_today_and_of_before(names: tuple[str, str, str], place: int):
    found = find_place(*names)
    assert (found.code, found.unknown) == (place, None)


@pytest.mark.parametrize(
    ("address", "code", "unknown"),
    [
        ("1 ถนนสุขุมวิท  แขวงคลองเตยเหนือ เขตวัฒนา กรุงเทพมหานคร 10110", 103901, None),
        ("9 ถ.ปราจีน ต.กรอกสมบูรณ์ อ.ศรีมหาโพธิ จ.ปราจีนบุรี", 250810, None),
        ("147 หมู่ที่ 2 ต.ขามเบี้ย อ.โพธิ์ชัย จ.ร้อยเอ็ด 45230", 4508, "ขามเบี้ย"),
        ("9 ถนนพระราม 9", None, None),
        ("2728 N Elston Ave 1", None, None),
        ("", None, None),
    ],
)
def test_an_address_tells_its_place(address: str, code: int | None, unknown: str | None):
    found = find_address_place(address)
    assert (found.code, found.unknown) == (code, unknown)


@given(st.sampled_from(sorted(places())))
def test_a_place_as_it_is_shown_is_found_again(code: int):
    shown = show_place(code)
    found = find_address_place(f"88/4 ถนนเพชรเกษม {shown} 10110")
    assert show_place(found.code) == shown


@given(st.text(max_size=200))
def test_no_address_breaks_the_search_for_its_place(address: str):
    found = find_address_place(address)
    assert found.code is None or found.code in places()


def test_an_unknown_place_is_kept_as_text_with_a_warning(tmp_path: Path):
    text = raw(1, province="ประจวบคีรีขันธ์", district="หัวหิน", subdistrict="ไม่รู้จัก", place="")
    (row,) = results(mapped_of(tmp_path, [text]))
    assert row.application
    assert row.application.place == 7707
    assert row.application.address == f"{text['address']} ไม่รู้จัก"
    assert [(w.column, w.fault.value) for w in row.warnings] == [("subdistrict", "ไม่รู้จัก")]


@pytest.mark.parametrize(
    ("word", "standing"),
    [("ปกติ", Status.VALID), ("พักใช้", Status.SUSPENDED), ("เพิกถอน", Status.INVALID), ("AAC", Status.ENDED)],
)
def test_a_status_column_says_where_a_license_stands(tmp_path: Path, word: str, standing: Status):
    words = {"ปกติ": "valid", "พักใช้": "suspended", "เพิกถอน": "revoked", "aac": "ended"}
    (row,) = results(mapped_of(tmp_path, [raw(1, standing=word)], standings=words))
    assert (row.standing, row.faults) == (standing, ())


def test_a_word_of_status_that_nobody_explained_keeps_the_row_out(tmp_path: Path):
    (row,) = results(mapped_of(tmp_path, [raw(1, standing="??")], standings={}))
    assert row.application is None
    assert row.faults[0].column == "standing"


def test_formulas_and_errors_of_a_spreadsheet_are_told(tmp_path: Path):
    texts = [
        raw(1, holder_id='="0105558004940"'),
        raw(2, premises="=A1"),
        raw(3, premises="#N/A"),
        raw(4, premises="#1 Bar"),
        raw(5, premises="'@home"),
    ]
    found = results(mapped_of(tmp_path, texts))
    assert [bool(row.faults) for row in found] == [False, True, True, False, False]
    assert found[0].application
    assert found[4].application
    assert found[4].application.premises == "@home"
    assert found[0].application.holder_id == "0105558004940"


def test_thai_damaged_by_a_pdf_is_told(tmp_path: Path):
    found = results(mapped_of(tmp_path, [raw(1, premises="โรงงำนและกำรค้า"), raw(2, premises="ร้านกำราบ")]))
    assert [len(row.warnings) for row in found] == [1, 0]


def test_a_fault_shows_the_value_as_the_file_has_it(tmp_path: Path):
    (row,) = results(mapped_of(tmp_path, [raw(1, valid_from=" 29/02/2568 ")]))
    assert [fault.fault.value for fault in row.faults] == [" 29/02/2568 "]


@given(
    st.sampled_from([kind.number for kind in license_types().values()]),
    st.one_of(
        st.text(max_size=12),
        st.integers(-5, 10**12).map(str),
        st.sampled_from(["1", "ใช่", "3-4(5)", "0-2555"]),
    ),
)
def test_the_quick_checks_of_a_field_agree_with_its_schema(number: int, text: str):
    kind = license_types()[number]
    for own in own_fields(kind):
        value = own.typed(text)
        assert own.checks is not None
        assert all(check(value) for check in own.checks) == (_problem(value, own.schema) is None)


@pytest.mark.parametrize("schema", [{}, {"type": ["string", "null"]}, {"type": "string", "format": "date"}])
def test_a_schema_with_other_words_is_left_to_its_validator(schema: dict[str, object]):
    assert _checks(schema) is None


def test_a_number_of_a_cell_is_read_as_people_write_it():
    capital = next(own for own in own_fields(license_types()[JURISTIC]) if own.key == "capital")
    assert [capital.typed(t) for t in ("1,000,000", "๑๐๐", "1 000.00", "5")] == [1_000_000, 100, 1000, 5]
    assert capital.typed("1.5") == "1.5"


def test_the_same_texts_make_the_same_application_by_form_and_by_file(tmp_path: Path):
    (row,) = results(mapped_of(tmp_path, [raw(1)]))
    assert row.application == validate(raw(1), KIND, AGENCY, today=TODAY)
    with pytest.raises(Faulty):
        validate(raw(1, number=""), KIND, AGENCY, today=TODAY)


def test_a_workbook_makes_the_same_applications_as_a_csv(tmp_path: Path):
    texts = [raw(1), raw(2)]
    mapped = mapped_of(tmp_path, texts)
    path = write_xlsx(tmp_path / "a.xlsx", {"ก": [list(texts[0]), *(list(text.values()) for text in texts)]})
    again = fit(open_sheet(path, [("number",)]), read_mapping(None, KIND))
    assert [row.application for row in results(again)] == [row.application for row in results(mapped)]


def test_a_column_that_feeds_two_items_is_told_of_once(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(
        csv_bytes(
            [
                ["number", "day"],
                ["12/1/2569", "29/2/2568"],
                ["12/2/2569", "3/2/1969"],
                ["12/3/2569", "4/2/2569"],
                ["12/4/2569", "5/2/2569"],
            ]
        )
    )
    columns = {"number": "number", "valid_from": "day", "issued": "day"}
    content = {"columns": columns, "constants": {"holder": "นาย ก", "premises": "ร้าน", "field.activity": "x"}}
    impossible, cut, *_ = results(map_sheet(tmp_path / "a.csv", parse_mapping(content, KIND)))
    assert told(impossible.faults) == ["The year 2568 has no day 29 in month 2"]
    assert len(told(cut.warnings)) == len(set(told(cut.warnings))) == 2


def test_two_digits_that_would_be_of_these_years_in_the_other_era_are_told(tmp_path: Path):
    days = ["1/3/2569", "1/3/69", "1/3/26"]
    found = results(mapped_of(tmp_path, [raw(n, valid_from=day) for n, day in enumerate(days, 1)]))
    assert [row.application.valid_from.year for row in found if row.application] == [2026, 2026, 1983]
    assert [[one.fault.what.en for one in row.warnings] for row in found] == [
        [],
        [],
        ["Two digits, read as 1983; they may mean 2026"],
    ]
    days = ["1/3/2026", "1/3/69"]
    _, other = results(mapped_of(tmp_path, [raw(n, valid_from=day) for n, day in enumerate(days, 1)]))
    assert [one.fault.what.en for one in other.warnings] == ["Two digits, read as 1969; they may mean 2026"]


def test_a_telephone_number_for_an_identity_is_not_called_cut_off(tmp_path: Path):
    (row,) = results(mapped_of(tmp_path, [raw(1, holder_id="081-234-5678")]))
    assert [one.fault.what.en for one in row.faults] == ["These are not 13 digits that check"]
