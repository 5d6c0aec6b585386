"""From the rows of a mapped sheet to applications: each row's values, faults and warnings."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from keys.acts import Status
from keys.catalog import Agency, LicenseType, Text
from keys.dates import BUDDHIST_OFFSET
from keys.places import places
from keys.text import canonical, fold_digits
from registry.applications import Application, Fault, Faulty, Rules
from registry.intake.columns import MappedSheet, items_of
from registry.intake.eras import DATE_ITEMS, ColumnEra
from registry.intake.faults import RowFault
from registry.intake.places import Found, find_address_place, find_place
from registry.intake.readers import Row, Sheet, squeeze
from registry.intake.returning import FORMULA_STARTS
from registry.own_fields import own_fields
from registry.terms import DateFault, Era, is_moment, month_and_day, read_day

_NO_DAY = re.compile(r"0{1,4}([-/.])0{1,2}\1(?:0{4}|0{1,2})(?:[ T]00:00(?::00)?)?")
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
_SPREADSHEET_ERROR = re.compile(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
# What copying from a PDF makes of Thai: า is lost before ำ, or ำ stands apart from its consonant.
_DAMAGED = ("กำร", "ตำม", "อำคำร", "สำขำ", " ำ")
_SOUND = re.compile("กำราบ|ตำมะลัง")
_DAY_OF_SHEET = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?")
# Words for nothing, of people and of programs; they may still be a value of a field that has words.
_NOTHING = frozenset(("ไม่มี", "ไม่ระบุ", "ไม่มีข้อมูล", "n/a", "null", "none", "nan", "nat"))
_LONGEST_NOTHING = 16
_BEGINNINGS = frozenset("ไnN \u00a0\u200b")
_MONTHS = 12
_LONGEST_DAY = 16  # A moment with its offset has more characters.
# From the common year that two digits were taken for to the Buddhist year that they meant.
_CUT_YEARS = 57
_NEAR_YEARS = 10
_COUNTED = re.compile(r"[0-9]{4,5}")
_DAYS_TO_1904 = 1462
_PLACE_PARTS = ("province", "district", "subdistrict")
_LOOK = Text("ตรวจดูว่าถูกต้อง", "See whether that is right")


@dataclass(frozen=True, slots=True)
class RowResult:
    """What one row is: an application with where it stands, or none and its faults.

    `standing` is VALID unless the file's status column says suspended, ended or revoked (INVALID).
    Warnings let the row in.  `official` is the license's number as found.
    """

    number: int
    official: str
    application: Application | None
    standing: Status
    faults: tuple[RowFault, ...]
    warnings: tuple[RowFault, ...]


def read_rows(mapped: MappedSheet, kind: LicenseType, agency: Agency, *, today: date) -> Iterator[RowResult]:
    """Every row of the sheet, in its order; raises `Refused` where the file breaks."""
    rules, place, names = Rules(kind, agency), _Placing(mapped, items_of(kind)), _Names.of(kind)
    for row in mapped.sheet.rows():
        found = mapped.raw(row)
        told = _Told(found, dict(found))
        _settle_nothing(names, told)
        application = None
        standing = _settle(mapped, row, told, today)
        try:
            application = rules.validate(told.raw, today=today)
        except Faulty as error:
            known = {fault.name for fault in told.faults}
            told.faults += [fault for fault in error.faults if fault.name not in known]
        if told.faults and _is_no_license(row, mapped, told):
            told.faults, told.warnings = [_no_license(row)], []
        faults = tuple([place(fault, row, found) for fault in told.faults])
        warnings = tuple([replace(place(one, row, found), is_warning=True) for one in told.warnings])
        official = found.get("number", "")
        yield RowResult(row.number, official, None if faults else application, standing, faults, warnings)


class _Told:
    """One row's texts as they are settled, with what is to be told of them."""

    def __init__(self, found: dict[str, str], raw: dict[str, str]) -> None:
        self.found = found
        self.raw = raw
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def fault(self, name: str, what: Text, remedy: Text, value: str = "") -> None:
        self.faults.append(Fault(name, self.found.get(name, value), what, remedy))

    def warn(self, name: str, what: Text, remedy: Text) -> None:
        self.warnings.append(Fault(name, self.found.get(name, ""), what, remedy))


@dataclass(frozen=True, slots=True)
class _Names:
    """Items in which a word for nothing is one of their own words, and those that must not be empty."""

    spoken: frozenset[str]
    asked: frozenset[str]

    @classmethod
    def of(cls, kind: LicenseType) -> "_Names":
        own = own_fields(kind)
        asked = {"holder": kind.has_holder, "premises": kind.has_premises}
        asked |= {field.name: field.is_required for field in own}
        return cls(
            frozenset(field.name for field in own if field.has_words),
            frozenset(name for name, is_asked in asked.items() if is_asked),
        )


def _settle_nothing(names: _Names, told: _Told) -> None:
    # Most texts are told by how they begin not to be one of these words.
    likely = [name for name, text in told.raw.items() if text[0] in _BEGINNINGS and name not in names.spoken]
    for name in filter(lambda name: _is_nothing(told.raw[name]), likely):
        if name in names.asked:
            # Some places have no name, and their papers say so.
            told.warn(name, Text("คำนี้อาจแปลว่าไม่มีค่า", "This word may stand for nothing"), _LOOK)
        else:
            del told.raw[name]


@dataclass(frozen=True, slots=True)
class _Placing:
    """Says where in the file a fault stands, and what stands there."""

    mapped: MappedSheet
    labels: Mapping[str, Text]

    def __call__(self, fault: Fault, row: Row, found: Mapping[str, str]) -> RowFault:
        column, name = self.mapped.column_of(fault.name), fault.name
        value = found.get(name) or row.cells.get(column) or fault.value
        return RowFault(
            row.number, column, self.labels.get(name, Text(name, name)), replace(fault, value=value)
        )


def _is_nothing(text: str) -> bool:
    return len(text) <= _LONGEST_NOTHING and canonical(text).casefold() in _NOTHING


def _is_no_license(row: Row, mapped: MappedSheet, told: "_Told") -> bool:
    """Whether a row without a number of a license is so empty that it is a total, a heading or a note."""
    if all(fault.name != "number" for fault in told.faults):
        return False
    return 3 * sum(1 for cell in row.cells.values() if canonical(cell)) <= len(mapped.header_of)


def _no_license(row: Row) -> Fault:
    return Fault(
        "number",
        next(filter(canonical, row.cells.values()), ""),
        Text("แถวนี้มีค่าน้อยเกินกว่าจะเป็นใบอนุญาต", "Too little stands in this row for a license"),
        Text(
            "ลบแถวนี้ถ้าเป็นยอดรวม หัวข้อ หรือหมายเหตุ หรือใส่ค่าให้ครบ",
            "Delete the row if it is a total, a heading or a note, or else fill it in",
        ),
    )


def _settle(mapped: MappedSheet, row: Row, told: _Told, today: date) -> Status:
    """Turn what only a file can say into what a form says; gives where the license stands."""
    _settle_columns(mapped.sheet, row, told)
    for name, text in told.found.items():
        if text[0] in "=#'":
            _settle_formula(name, text, told)
        elif "ำ" in text and _is_damaged(text):
            what = Text(
                "ตัวอักษรไทยอาจเสียจากการคัดลอกจาก PDF", "The Thai may have been damaged by copying from a PDF"
            )
            told.warn(name, what, Text("เทียบกับต้นฉบับ", "Compare with the original"))
    for name, era in mapped.eras.items():
        if name in told.raw:
            _settle_day(name, era, told, today)
    _settle_place(told)
    if "standing" in told.raw:
        return _standing(mapped, told)
    if "standing" in mapped.header_of:
        told.warn("standing", Text("ไม่มีสถานะ ถือว่าใช้ได้", "No status: taken as valid"), _LOOK)
    return Status.VALID


def _settle_columns(sheet: Sheet, row: Row, told: _Told) -> None:
    """Tell of cells that are not where the header has them, or not what was typed."""
    if row.beyond and sheet.kind == "csv":
        told.fault(
            f"#{len(sheet.header) + 1}",
            Text(
                "แถวนี้มีช่องเกินหัวตาราง ค่าอาจเลื่อนไปผิดคอลัมน์",
                "The row has more cells than the header: values may have shifted",
            ),
            Text(
                f'ถ้าค่าใดมีเครื่องหมาย {sheet.separator} อยู่ข้างใน ให้ใส่ " คร่อมค่านั้น',
                f'Put " around a value that has a {sheet.separator} in it',
            ),
            row.beyond,
        )
    if sheet.is_from_1904:
        for name in DATE_ITEMS:
            if _COUNTED.fullmatch(told.raw.get(name, "")):
                told.raw[name] = str(int(told.raw[name]) + _DAYS_TO_1904)
    if sheet.kind == "xlsx" and _DAY_OF_SHEET.fullmatch(told.raw.get("number", "")):
        told.fault(
            "number",
            Text("โปรแกรมตารางเปลี่ยนเลขที่เป็นวันที่", "The spreadsheet has made a date of the number"),
            Text('ตั้งคอลัมน์เป็น "ข้อความ" แล้วพิมพ์เลขที่ใหม่', "Set the column to text and type the number anew"),
        )


def _is_damaged(text: str) -> bool:
    found = any(part in text for part in _DAMAGED)
    return found and any(part in _SOUND.sub("", text) for part in _DAMAGED)


def _settle_formula(name: str, text: str, told: _Told) -> None:
    kept = _KEPT_AS_TEXT.fullmatch(text)
    if kept:
        told.raw[name] = kept[1]
    elif text[0] == "'":
        # The quote before what would be a formula or a number is the spreadsheet's, or ours in a returned file.
        told.raw[name] = text[1:] if text[1:].startswith(FORMULA_STARTS) or text[1:2].isdigit() else text
    elif text[0] == "=":
        told.fault(
            name,
            Text("เป็นสูตรที่ไม่มีผลลัพธ์", "A formula without a value"),
            Text("เปิดใน Excel แล้วบันทึกใหม่ หรือวางเป็นค่า", "Open it in Excel and save it again, or paste values"),
        )
    elif _SPREADSHEET_ERROR.fullmatch(text):
        told.fault(
            name,
            Text("สูตรในช่องนี้ผิดพลาด", "The formula in this cell is in error"),
            Text("แก้สูตร หรือพิมพ์ค่าที่ถูกต้อง", "Mend the formula, or type the right value"),
        )


def _settle_day(name: str, column: ColumnEra, told: _Told, today: date) -> None:
    text = told.raw[name]
    if text[0] in "0๐" and _NO_DAY.fullmatch(fold_digits(text).strip()):
        del told.raw[name]
        told.warn(name, Text("วันที่ศูนย์ ถือว่าเว้นว่าง", "A date of zeros is taken as empty"), _LOOK)
        return
    try:
        day, written = read_day(text, column.era or Era.BUDDHIST)
    except DateFault:
        return  # The rules of the type say what is wrong with it.
    if column.is_month_first and _reads_both_ways(text):
        told.fault(name, *_CHANGED_PLACES)
    elif written is None and column.era is None:
        told.fault(name, *_WHICH_ERA)
    elif written is None and column.era is Era.COMMON:
        told.raw[name] = day.isoformat()
    elif column.is_mixed and written is not column.era:
        era = Text("พ.ศ.", "Buddhist") if written is Era.BUDDHIST else Text("ค.ศ.", "Common Era")
        what = Text(
            f"เป็นปี {era.th} ต่างจากส่วนใหญ่ของคอลัมน์ อ่านเป็น {day.isoformat()}",
            f"A {era.en} year, unlike most of the column; read as {day.isoformat()}",
        )
        told.warn(name, what, _LOOK)
    if written is Era.COMMON or day.year > today.year + _NEAR_YEARS:
        _tell_odd_day(name, text, day, told, today, is_common=written is Era.COMMON)


def _reads_both_ways(text: str) -> bool:
    first, second = month_and_day(text) or (0, 0)
    return first != second and max(first, second) <= _MONTHS


_CHANGED_PLACES = (
    Text(
        "วันกับเดือนอาจสลับกัน เพราะแถวอื่นของคอลัมน์นี้มีเดือนมาก่อน",
        "Day and month may have changed places: other rows have the month first",
    ),
    Text(
        "พิมพ์ทั้งคอลัมน์เป็น วัน/เดือน/ปี หรือ ปี-เดือน-วัน",
        "Write the whole column as day/month/year, or year-month-day",
    ),
)
_WHICH_ERA = (
    Text("ปีสองหลักนี้อาจเป็น พ.ศ. หรือ ค.ศ.", "This year of two digits may be Buddhist or Common Era"),
    Text(
        "พิมพ์ปีสี่หลัก หรือระบุศักราชของคอลัมน์นี้เมื่อจับคู่คอลัมน์",
        "Write four digits, or state the column's era where columns are said",
    ),
)


def _tell_odd_day(name: str, text: str, day: date, told: _Told, today: date, *, is_common: bool) -> None:
    ahead = _NEAR_YEARS if name == "valid_until" else 1
    if len(text) > _LONGEST_DAY and is_moment(text) and day.isoformat() != text.strip()[:10]:
        what = Text(f"ตามเวลาประเทศไทยเป็นวันที่ {day.isoformat()}", f"In Thailand it was {day.isoformat()} then")
        told.warn(name, what, _LOOK)
    elif day.year > today.year + _NEAR_YEARS and name != "valid_until":
        told.warn(
            name, Text(f"ปี {day.year + BUDDHIST_OFFSET} อยู่ไกลในอนาคต", f"{day.year} is far ahead"), _LOOK
        )
    elif is_common and -_NEAR_YEARS <= day.year + _CUT_YEARS - today.year <= ahead:
        _tell_cut_year(name, day, told)


def _tell_cut_year(name: str, day: date, told: _Told) -> None:
    # A spreadsheet makes 1969 of the 69 that a person typed for 2569.
    short = day.year % 100
    what = Text(
        f"ค.ศ. {day.year} อาจมาจากการพิมพ์ปีย่อ {short} ที่หมายถึง พ.ศ. 25{short}",
        f"{day.year} may have been typed as {short}, meaning B.E. 25{short}",
    )
    told.warn(name, what, Text("ถ้าใช่ พิมพ์ปีสี่หลัก", "If so, type all four digits of the year"))


def _settle_place(told: _Told) -> None:
    raw = told.raw
    if "place" in raw:
        code = fold_digits(raw["place"]).strip()
        if code.isdecimal() and int(code) not in places():
            told.warn("place", Text("ไม่รู้จักรหัสพื้นที่นี้", "This area code is not known"), _LOOK)
        return
    name = next((part for part in reversed(_PLACE_PARTS) if part in raw), "address")
    if name != "address":
        found = find_place(*(raw.get(part, "") for part in _PLACE_PARTS))
        if found.unknown:
            raw["address"] = " ".join(filter(None, (raw.get("address"), found.unknown)))
    else:
        found = find_address_place(raw["address"]) if "address" in raw else Found(None, None)
    if found.code:
        raw["place"] = str(found.code)
    if found.unknown:
        what = Text(
            f'ไม่พบ "{found.unknown}" ในทะเบียนพื้นที่ จึงเก็บไว้เป็นข้อความ',
            f'"{found.unknown}" is in no table of areas; it is kept as text',
        )
        told.warn(name, what, Text("ตรวจตัวสะกด หรือใส่รหัสพื้นที่", "Check the spelling, or give the area's code"))


def _standing(mapped: MappedSheet, told: _Told) -> Status:
    standing = mapped.standings.get(squeeze(told.raw["standing"]))
    if standing is None:
        what = Text("ไม่ทราบว่าคำนี้หมายถึงสถานะใด", "It is not known which status this word means")
        remedy = Text("บอกความหมายของคำนี้เมื่อจับคู่คอลัมน์", "Say what the word means where columns are said")
        told.fault("standing", what, remedy)
        return Status.VALID
    return standing
