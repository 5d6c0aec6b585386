"""From the rows of a mapped sheet to applications: each row's values, faults and warnings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from keys.acts import Status
from keys.catalog import Agency, LicenseType, Text
from keys.places import places
from keys.text import fold_digits
from registry.applications import Application, Fault, Faulty, Rules
from registry.intake.columns import MappedSheet, items_of
from registry.intake.eras import ColumnEra
from registry.intake.faults import RowFault
from registry.intake.places import Found, find_address_place, find_place
from registry.intake.readers import squeeze
from registry.intake.returning import FORMULA_STARTS
from registry.terms import DateFault, Era, read_day

_NO_DAY = re.compile(r"0{1,4}([-/.])0{1,2}\1(?:0{4}|0{1,2})(?:[ T]00:00(?::00)?)?")
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
_SPREADSHEET_ERROR = re.compile(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
# What copying from a PDF makes of Thai: า is lost before ำ, or ำ stands apart from its consonant.
_DAMAGED = ("กำร", "ตำม", "อำคำร", "สำขำ", " ำ")
_SOUND = re.compile("กำราบ|ตำมะลัง")
_PLACE_PARTS = ("province", "district", "subdistrict")
_LOOK = Text("ตรวจดูว่าถูกต้อง", "See whether that is right")


@dataclass(frozen=True, slots=True)
class RowResult:
    """What one row is: an application with where it stands, or none and its faults.

    `standing` is VALID unless the file's status column says suspended, ended or revoked (INVALID).
    Warnings let the row in.
    """

    number: int
    application: Application | None
    standing: Status
    faults: tuple[RowFault, ...]
    warnings: tuple[RowFault, ...]


def read_rows(mapped: MappedSheet, kind: LicenseType, agency: Agency, *, today: date) -> Iterator[RowResult]:
    """Every row of the sheet, in its order; raises `Refused` where the file breaks."""
    labels, rules = items_of(kind), Rules(kind, agency)
    for row in mapped.sheet.rows():
        found = mapped.raw(row)
        told = _Told(found, dict(found))
        application = None
        standing = _settle(mapped, told)
        try:
            application = rules.validate(told.raw, today=today)
        except Faulty as error:
            told.faults += error.faults
        faults = _placed(told.faults, row.number, found, mapped, labels) if told.faults else ()
        warnings = _placed(told.warnings, row.number, found, mapped, labels) if told.warnings else ()
        yield RowResult(
            row.number,
            None if faults else application,
            standing,
            faults,
            tuple(replace(warning, is_warning=True) for warning in warnings),
        )


def _placed(
    faults: list[Fault], row: int, found: dict[str, str], mapped: MappedSheet, labels: dict[str, Text]
) -> tuple[RowFault, ...]:
    return tuple(
        RowFault(
            row,
            mapped.column_of(fault.name),
            labels.get(fault.name, Text(fault.name, fault.name)),
            replace(fault, value=found.get(fault.name, fault.value)),
        )
        for fault in faults
    )


class _Told:
    """One row's texts as they are settled, with what is to be told of them."""

    def __init__(self, found: dict[str, str], raw: dict[str, str]) -> None:
        self.found = found
        self.raw = raw
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def fault(self, name: str, what: Text, remedy: Text) -> None:
        self.faults.append(Fault(name, self.found.get(name, ""), what, remedy))

    def warn(self, name: str, what: Text, remedy: Text) -> None:
        self.warnings.append(Fault(name, self.found.get(name, ""), what, remedy))


def _settle(mapped: MappedSheet, told: _Told) -> Status:
    """Turn what only a file can say into what a form says; gives where the license stands."""
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
            _settle_day(name, era, told)
    _settle_place(told)
    return _standing(mapped, told) if "standing" in told.raw else Status.VALID


def _is_damaged(text: str) -> bool:
    found = any(part in text for part in _DAMAGED)
    return found and any(part in _SOUND.sub("", text) for part in _DAMAGED)


def _settle_formula(name: str, text: str, told: _Told) -> None:
    kept = _KEPT_AS_TEXT.fullmatch(text)
    if kept:
        told.raw[name] = kept[1]
    elif text[0] == "'":
        # The quote before what would be a formula is the spreadsheet's, or ours in a returned file.
        told.raw[name] = text[1:] if text[1:].startswith(FORMULA_STARTS) else text
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


def _settle_day(name: str, column: ColumnEra, told: _Told) -> None:
    text = told.raw[name]
    if text[0] in "0๐" and _NO_DAY.fullmatch(fold_digits(text).strip()):
        del told.raw[name]
        told.warn(name, Text("วันที่ศูนย์ ถือว่าเว้นว่าง", "A date of zeros is taken as empty"), _LOOK)
        return
    try:
        day, written = read_day(text, column.era or Era.BUDDHIST)
    except DateFault:
        return  # The rules of the type say what is wrong with it.
    if written is None and column.era is None:
        told.fault(
            name,
            Text("ปีสองหลักนี้อาจเป็น พ.ศ. หรือ ค.ศ.", "This year of two digits may be Buddhist or Common Era"),
            Text(
                'พิมพ์ปีสี่หลัก หรือระบุ "eras" ของคอลัมน์นี้ในไฟล์จับคู่คอลัมน์',
                'Write four digits, or state the column\'s era under "eras" in the mapping',
            ),
        )
    elif written is None and column.era is Era.COMMON:
        told.raw[name] = day.isoformat()
    elif column.is_mixed and written is not column.era:
        era = Text("พ.ศ.", "Buddhist") if written is Era.BUDDHIST else Text("ค.ศ.", "Common Era")
        what = Text(
            f"เป็นปี {era.th} ต่างจากส่วนใหญ่ของคอลัมน์ อ่านเป็น {day.isoformat()}",
            f"A {era.en} year, unlike most of the column; read as {day.isoformat()}",
        )
        told.warn(name, what, _LOOK)


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
        remedy = Text('ใส่คำนี้ใน "standings" ของไฟล์จับคู่คอลัมน์', 'Put the word into "standings" of the mapping')
        told.fault("standing", what, remedy)
        return Status.VALID
    return standing
