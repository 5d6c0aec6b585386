"""From the rows of a mapped sheet to applications: each row's values, faults and warnings."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from keys.acts import Status
from keys.catalog import Agency, LicenseType, Text
from keys.dates import show_date
from keys.places import places
from keys.text import canonical, fold_digits
from registry.applications import Application, Fault, Faulty, Rules
from registry.intake.columns import MappedSheet, items_of
from registry.intake.day_cells import settle_day
from registry.intake.eras import DATE_ITEMS
from registry.intake.faults import RowFault
from registry.intake.header_words import OUT_OF_FORCE
from registry.intake.places import Found, find_address_place, find_place
from registry.intake.readers import Row, Sheet, squeeze
from registry.intake.returning import FORMULA_STARTS
from registry.intake.told import LOOK, Told
from registry.own_fields import own_fields

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
_COUNTED = re.compile(r"[0-9]{4,5}")
_DAYS_TO_1904 = 1462
_SAYS_OUT_OF_FORCE = re.compile("|".join(map(re.escape, OUT_OF_FORCE)), re.IGNORECASE)
_PLACE_PARTS = ("province", "district", "subdistrict")


@dataclass(frozen=True, slots=True)
class RowResult:
    """What one row is: an application with where it stands, or none and its faults.

    `standing` is VALID unless the file's status column says suspended, ended or revoked (INVALID).
    Warnings let the row in.  `official` is the license's number as found; `says_end` whether the row
    itself tells the last day, `hides_number` whether it may be of a license whose number it does not tell.
    """

    number: int
    official: str
    application: Application | None
    standing: Status
    faults: tuple[RowFault, ...]
    warnings: tuple[RowFault, ...]
    says_end: bool
    hides_number: bool


def read_rows(mapped: MappedSheet, kind: LicenseType, agency: Agency, *, today: date) -> Iterator[RowResult]:
    """Every row of the sheet, in its order; raises `Refused` where the file breaks."""
    rules, place, names = Rules(kind, agency), _Placing(mapped, items_of(kind)), _Names.of(kind)
    heading = ""
    for row in mapped.sheet.rows():
        found = mapped.raw(row)
        told = Told(found)
        _settle_nothing(names, told)
        application = None
        standing = _settle(mapped, row, told, today)
        try:
            application = rules.validate(told.raw, today=today)
            _tell_lawful_end(mapped, application, told)
        except Faulty as error:
            known = {fault.name for fault in told.faults}
            told.faults += [fault for fault in error.faults if fault.name not in known]
        has_no_number = any(fault.name == "number" for fault in told.faults)
        is_sparse = bool(told.faults) and _is_sparse(row, mapped)
        if is_sparse:
            own = _heading_out_of_force(row)
            heading = own or heading
            if has_no_number:
                told.faults, told.warnings = [_no_license(row, _HEADS_BELOW if own else _DELETE)], []
        elif heading and "standing" not in told.raw:
            told.fault("number", *_under(heading))
        faults = _once([place(fault, row, found) for fault in told.faults])
        warnings = _once([replace(place(one, row, found), is_warning=True) for one in told.warnings])
        official = found.get("number", "")
        yield RowResult(
            *(row.number, official, None if faults else application, standing, faults, warnings),
            says_end="valid_until" in told.raw,
            hides_number=has_no_number and not is_sparse,
        )


def _once(told: list[RowFault]) -> tuple[RowFault, ...]:
    """What is told of a row, where a column that feeds several items says the same of each only once."""
    first = dict[tuple[str, Text], RowFault]()
    for one in told:
        first.setdefault((one.column, one.fault.what), one)
    return tuple(first.values())


def _tell_lawful_end(mapped: MappedSheet, application: Application, told: Told) -> None:
    end = application.valid_until
    if end is not None and "valid_until" not in told.raw and "valid_until" in mapped.header_of:
        what = Text(
            f"ไม่มีวันสิ้นสุด ใบอนุญาตใหม่จะใช้ได้ถึง {show_date(end, 'th')} ตามระยะเวลาสูงสุดของประเภทนี้",
            f"No end is given: a new license would last until {show_date(end, 'en')}, the longest that its type allows",
        )
        told.warn("valid_until", what, LOOK)


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


def _settle_nothing(names: _Names, told: Told) -> None:
    # Most texts are told by how they begin not to be one of these words.
    likely = [name for name, text in told.raw.items() if text[0] in _BEGINNINGS and name not in names.spoken]
    for name in filter(lambda name: _is_nothing(told.raw[name]), likely):
        if name in names.asked:
            # Some places have no name, and their papers say so.
            told.warn(name, Text("คำนี้อาจแปลว่าไม่มีค่า", "This word may stand for nothing"), LOOK)
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


def _is_sparse(row: Row, mapped: MappedSheet) -> bool:
    """Whether a row says so little that it is a total, a heading or a note; merged cells say one thing."""
    return 3 * len({*map(canonical, row.cells.values())} - {""}) <= len(mapped.header_of)


def _heading_out_of_force(row: Row) -> str:
    """A heading of licenses that are not in force; empty for every other one."""
    text = " ".join(dict.fromkeys(filter(None, map(canonical, row.cells.values()))))
    return text if _SAYS_OUT_OF_FORCE.search(text) else ""


def _under(heading: str) -> tuple[Text, Text]:
    # Such tables have no column of status: the heading is all that says that these are not valid.
    return (
        Text(
            f'แถวนี้อยู่ใต้หัวข้อ "{heading}" แต่ไม่มีคอลัมน์บอกสถานะ',
            f'The row stands below "{heading}", and no column says its status',
        ),
        Text(
            "ใส่คอลัมน์สถานะ หรือลบแถวหัวข้อถ้าไม่เกี่ยวกับแถวนี้",
            "Add a column of the status, or delete that line if it is not about this row",
        ),
    )


def _no_license(row: Row, remedy: Text) -> Fault:
    return Fault(
        "number",
        next(filter(canonical, row.cells.values()), ""),
        Text("แถวนี้มีค่าน้อยเกินกว่าจะเป็นใบอนุญาต", "Too little stands in this row for a license"),
        remedy,
    )


_DELETE = Text(
    "ลบแถวนี้ถ้าเป็นยอดรวม หัวข้อ หรือหมายเหตุ หรือใส่ค่าให้ครบ",
    "Delete the row if it is a total, a heading or a note, or else fill it in",
)
# Without their heading, the rows below would go in as valid.
_HEADS_BELOW = Text(
    "อย่าลบแถวนี้จนกว่าแถวข้างใต้จะมีคอลัมน์บอกสถานะ",
    "Do not delete this line before a column says the status of the rows below",
)


def _settle(mapped: MappedSheet, row: Row, told: Told, today: date) -> Status:
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
            settle_day(name, era, told, today)
    _settle_place(told)
    if "standing" in told.raw:
        return _standing(mapped, told)
    _tell_other_columns(mapped, row, told)
    if "standing" in mapped.header_of:
        told.warn("standing", Text("ไม่มีสถานะ ถือว่าใช้ได้", "No status: taken as valid"), LOOK)
    return Status.VALID


def _settle_columns(sheet: Sheet, row: Row, told: Told) -> None:
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


def _tell_other_columns(mapped: MappedSheet, row: Row, told: Told) -> None:
    # Offices write into the column of remarks that a license has ended, and leave the row where it was.
    for header in mapped.unmapped:
        text = row.cells.get(header, "")
        if _SAYS_OUT_OF_FORCE.search(text):
            what = Text(
                f'คอลัมน์ {header} เขียนว่า "{text}" แต่แถวนี้จะใช้ได้',
                f'The column {header} says "{text}", and the row goes in as valid',
            )
            told.warn("standing", what, LOOK)


def _is_damaged(text: str) -> bool:
    found = any(part in text for part in _DAMAGED)
    return found and any(part in _SOUND.sub("", text) for part in _DAMAGED)


def _settle_formula(name: str, text: str, told: Told) -> None:
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


def _settle_place(told: Told) -> None:
    raw = told.raw
    if "place" in raw:
        code = fold_digits(raw["place"]).strip()
        if code.isdecimal() and int(code) not in places():
            told.warn("place", Text("ไม่รู้จักรหัสพื้นที่นี้", "This area code is not known"), LOOK)
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


def _standing(mapped: MappedSheet, told: Told) -> Status:
    standing = mapped.standings.get(squeeze(told.raw["standing"]))
    if standing is None:
        what = Text("ไม่ทราบว่าคำนี้หมายถึงสถานะใด", "It is not known which status this word means")
        remedy = Text("บอกความหมายของคำนี้เมื่อจับคู่คอลัมน์", "Say what the word means where columns are said")
        told.fault("standing", what, remedy)
        return Status.VALID
    return standing
