"""From what a person or a file says to an `Application`: one row or form, validated, not yet a license.

The one door for texts from outside: every value comes as text under a flat name (`number`,
`holder`, `field.rooms` …) and leaves as a typed value, or as a `Fault` that says what to do.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from operator import mul

from keys.acts import ActKind
from keys.catalog import Agency, LicenseType, Text
from keys.code import MistypedCode, parse_code
from keys.dates import show_date
from keys.places import ancestry
from keys.record import Plain
from keys.text import canonical, fold_digits, has_mark_flood
from registry.own_fields import OwnField, own_fields
from registry.terms import DateFault, last_day, parse_day

LONGEST_TEXT = 500
LONGEST_NUMBER = 60
_PUNCTUATION = re.compile(r"[\s-]")
_BETWEEN = re.compile(r"[\s.-]")
_BETWEEN_RUNS = re.compile(r"(?<=[0-9]) +(?=[0-9])")
# A person's number as cards have it, in one piece or in five: other runs are house numbers and postcodes.
_IDENTITY = re.compile(r"(?<!\d)[1-9](?:\d{12}|([ -])\d{4}\1\d{5}\1\d\d\1\d)(?!\d)")
_OPEN_TEXTS = ("holder", "holder_en", "premises", "address", "conditions")
_SCIENTIFIC = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value, as found, and what to do about it; `name` is the flat name."""

    name: str
    value: str
    what: Text
    remedy: Text


class Faulty(Exception):
    """A row or form with faults: all of them, not just the first."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.what.en for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Application:
    """One validated license to be: canonical texts, real dates, fields that fit the type's schema."""

    agency: int
    license_type: int
    number: str
    valid_from: date
    valid_until: date | None
    holder: str | None = None
    holder_en: str | None = None
    holder_id: str | None = None
    premises: str | None = None
    address: str | None = None
    place: int | None = None
    fields: Mapping[str, Plain] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    issued: date | None = None
    linked: tuple[str, ...] = ()
    earlier: str | None = None


LABELS: dict[str, Text] = {
    "number": Text("เลขที่ใบอนุญาต", "License number"),
    "holder": Text("ผู้รับใบอนุญาต", "Holder"),
    "holder_en": Text("ชื่อภาษาอังกฤษ", "Name in English"),
    "holder_id": Text("เลขประจำตัว 13 หลัก", "13-digit number"),
    "premises": Text("ชื่อสถานประกอบการ", "Name of the premises"),
    "address": Text("ที่ตั้ง", "Address"),
    "place": Text("ตำบล/แขวง", "Subdistrict"),
    "valid_from": Text("ใช้ได้ตั้งแต่", "Valid from"),
    "valid_until": Text("ใช้ได้ถึง", "Valid until"),
    "issued": Text("วันที่ออก", "Issued on"),
    "conditions": Text("เงื่อนไข", "Conditions"),
    "linked": Text("ใบอนุญาตที่คู่กัน (รหัส 14 หลัก)", "Linked license (14-digit code)"),
    "earlier": Text("แทนใบเดิม (รหัส 14 หลัก)", "In place of (14-digit code)"),
}


def label_of(name: str, kind: LicenseType) -> Text:
    """The words for a flat name: of the common items, or of the type's own field."""
    if name.startswith("field."):
        for own in kind.fields:
            if name == f"field.{own.key}":
                return own.label
    return LABELS.get(name, Text(name, name))


def is_thirteen_digit_number(digits: str) -> bool:
    """Whether 13 digits check: digit 13 = (11 − Σ digitᵢ·(14 − i) mod 11) mod 10."""
    if len(digits) != 13 or not digits.isascii() or not digits.isdigit():
        return False
    total: int = sum(map(mul, map(int, digits[:12]), range(13, 1, -1)))
    return (11 - total % 11) % 10 == int(digits[12])


def is_natural_person(number: str) -> bool:
    """Whether a number is a natural person's: 13 digits that do not begin with 0 (withheld entirely)."""
    digits = _BETWEEN.sub("", fold_digits(number))
    return len(digits) == 13 and digits.isdigit() and not digits.startswith("0")


@lru_cache(maxsize=16_384)
def number_key(number: str) -> str:
    """A number without blanks and case, Thai digits folded, its punctuation alike: what uniqueness compares.

    Where one run of digits ends and the next begins is kept, because 1/12/2569 and 11/2/2569 are two
    licenses; only a number of 13 digits is the same in whatever groups it is written.
    """
    folded = fold_digits(canonical(number)).casefold()
    digits = _BETWEEN.sub("", folded)
    if len(digits) == 13 and digits.isdecimal():
        return digits
    kept = "".join(c if c.isalnum() or unicodedata.category(c) == "Mn" else " " for c in folded)
    return _BETWEEN_RUNS.sub("/", kept).replace(" ", "")


class _Reading:
    """Takes values out of a row by name and gathers the faults on the way."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self._raw = raw
        self.faults: list[Fault] = []

    def found(self, name: str) -> str:
        return self._raw.get(name) or ""

    def fault(self, name: str, what: Text, remedy: Text) -> None:
        self.faults.append(Fault(name, self.found(name), what, remedy))

    def text(self, name: str, *, longest: int = LONGEST_TEXT) -> str | None:
        found = self._raw.get(name)
        if not found:
            return None
        value = canonical(found)
        if len(value) > longest:
            self.fault(
                name,
                Text(f"ยาวเกิน {longest} ตัวอักษร", f"Longer than {longest} characters"),
                Text("ย่อให้สั้นลง", "Shorten it"),
            )
        elif not value.isascii() and has_mark_flood(value):
            self.fault(
                name,
                Text("มีสระหรือวรรณยุกต์ซ้อนกันเกินที่เขียนได้จริง", "Has more stacked marks than any writing has"),
                Text("พิมพ์ใหม่จากต้นฉบับ", "Type it anew from the original"),
            )
        return value or None

    def required(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        value = self.text(name, longest=longest)
        if value is None:
            self.fault(name, Text("ยังไม่ได้ใส่", "Missing"), Text("ใส่ค่านี้", "Fill it in"))
        return value or ""

    def day(self, name: str) -> date | None:
        found = self.found(name).strip()
        if not found:
            return None
        try:
            return parse_day(found)
        except DateFault as error:
            self.fault(name, error.what, error.remedy)
            return None

    def code(self, name: str) -> str | None:
        found = self.found(name).strip()
        if not found:
            return None
        try:
            return parse_code(found)
        except MistypedCode:
            self.fault(
                name,
                Text("รหัส 14 หลักนี้พิมพ์ผิด", "This 14-digit code has a typing mistake"),
                Text("เทียบกับป้ายอีกครั้ง", "Compare with the plate again"),
            )
            return None


class Rules:
    """What a type and its agency ask of an application, made ready once for many rows."""

    def __init__(self, kind: LicenseType, agency: Agency) -> None:
        self._kind = kind
        self._agency = agency
        self._number = re.compile(kind.number_pattern) if kind.number_pattern else None
        self._fields = own_fields(kind)

    def validate(
        self, raw: Mapping[str, str], *, today: date, act: ActKind = ActKind.ISSUANCE
    ) -> Application:
        """The application that a form or row makes; raises `Faulty` with every fault found.

        The type's term rule bounds the dates of an issuance and a renewal; other acts leave them.  A
        type whose documents bear no first day is valid from the day of its entry.
        """
        read, kind = _Reading(raw), self._kind
        start = read.day("valid_from")
        if start is None and kind.has_start and not read.found("valid_from").strip():
            read.fault("valid_from", Text("ยังไม่ได้ใส่", "Missing"), Text("ใส่วันที่", "Fill in the date"))
        application = Application(
            agency=self._agency.number,
            license_type=kind.number,
            number=self._official_number(read),
            valid_from=start or today,
            valid_until=_end(read, kind, start, act),
            holder=read.required("holder") if kind.has_holder else read.text("holder"),
            holder_en=read.text("holder_en"),
            holder_id=_thirteen_digits(read, "holder_id"),
            premises=read.required("premises") if kind.has_premises else read.text("premises"),
            address=read.text("address"),
            place=_place(read, kind, self._agency),
            fields=_own_fields(read, self._fields),
            conditions=tuple(filter(None, map(canonical, read.found("conditions").splitlines()))),
            issued=read.day("issued"),
            linked=tuple(code for code in [read.code("linked")] if code),
            earlier=read.code("earlier"),
        )
        _require_no_identity(read)
        if read.faults:
            raise Faulty(read.faults)
        return application

    def _official_number(self, read: _Reading) -> str:
        number = read.required("number", longest=LONGEST_NUMBER)
        if number and self._number and not self._number.fullmatch(fold_digits(number)):
            read.fault(
                "number",
                Text("ไม่ตรงรูปแบบเลขที่ของใบอนุญาตประเภทนี้", "Not in the form of this type's numbers"),
                Text(f"เช่น {self._kind.number_example}", f"For example {self._kind.number_example}"),
            )
        return number


def validate(
    raw: Mapping[str, str],
    kind: LicenseType,
    agency: Agency,
    *,
    today: date,
    act: ActKind = ActKind.ISSUANCE,
) -> Application:
    """The application that one form makes; raises `Faulty`.  For many rows, `Rules` are made ready once."""
    return Rules(kind, agency).validate(raw, today=today, act=act)


def _require_no_identity(read: _Reading) -> None:
    """Tell of a person's number in a text for everybody: what is signed and logged is never taken back."""
    for name in _OPEN_TEXTS:
        found = _IDENTITY.search(fold_digits(read.found(name)))
        if found and is_thirteen_digit_number("".join(filter(str.isdecimal, found[0]))):
            read.fault(
                name,
                Text(
                    "มีเลขประจำตัวประชาชนอยู่ในข้อความที่ทุกคนอ่านได้",
                    "A person's 13-digit number in a text for everybody",
                ),
                Text("ย้ายไปไว้ในช่องเลขประจำตัว 13 หลัก", "Move it to the item for 13-digit numbers"),
            )


def _end(read: _Reading, kind: LicenseType, start: date | None, act: ActKind) -> date | None:
    end = read.day("valid_until")
    if act not in (ActKind.ISSUANCE, ActKind.RENEWAL):
        return end
    latest = last_day(kind, start) if start else None
    if end is None:
        return latest
    if kind.term_rule == "none":
        read.fault(
            "valid_until",
            Text("ประเภทนี้ไม่มีวันหมดอายุ", "This type has no end date"),
            Text("เว้นว่าง", "Leave it empty"),
        )
    elif start and end < start:
        read.fault(
            "valid_until",
            Text("อยู่ก่อนวันเริ่มใช้", "Lies before the first day"),
            Text("ตรวจวันที่ทั้งสอง", "Check both dates"),
        )
    elif latest and end > latest:
        read.fault(
            "valid_until",
            Text("นานกว่าที่กฎหมายให้ประเภทนี้", "Longer than the law gives this type"),
            Text(f"ไม่เกิน {show_date(latest, 'th')}", f"Not after {show_date(latest, 'en')}"),
        )
    return end


def _thirteen_digits(read: _Reading, name: str) -> str | None:
    found = canonical(read.found(name))
    if not found:
        return None
    digits = _PUNCTUATION.sub("", fold_digits(found))
    if is_thirteen_digit_number(digits):
        return digits
    if is_thirteen_digit_number(f"0{digits}"):
        read.fault(
            name,
            Text("เลข 0 ตัวหน้าหายไป", "The zero in front is lost"),
            Text(
                f'ถ้าเป็น 0{digits} ให้ตั้งคอลัมน์เป็น "ข้อความ" แล้วเติม 0',
                f"If it is 0{digits}, set the column to text and put the 0 back",
            ),
        )
    elif _SCIENTIFIC.fullmatch(digits) or (digits.isdigit() and len(digits) < 13 and digits[0] != "0"):
        read.fault(
            name,
            Text("โปรแกรมตารางตัดเลขไป", "A spreadsheet has cut digits off"),
            Text('ตั้งคอลัมน์เป็น "ข้อความ" แล้วพิมพ์เลข 13 หลักใหม่', "Set the column to text and type all 13 digits"),
        )
    else:
        read.fault(
            name,
            Text("เลข 13 หลักนี้ไม่ถูกต้อง", "These are not 13 digits that check"),
            Text("เทียบกับเอกสารต้นฉบับ", "Compare with the original document"),
        )
    return None


def _place(read: _Reading, kind: LicenseType, agency: Agency) -> int | None:
    found = fold_digits(read.found("place")).strip()
    if not found:
        return None
    if not (found.isascii() and found.isdigit() and len(found) in (2, 4, 6)):
        read.fault(
            "place",
            Text("ไม่ใช่รหัสพื้นที่", "Not an area code"),
            Text("เลือกจากรายการ หรือใส่รหัส 2, 4 หรือ 6 หลัก", "Choose from the list, or give 2, 4 or 6 digits"),
        )
        return None
    code = int(found)
    if kind.territorial and agency.territory and not set(ancestry(code)) & set(agency.territory):
        read.fault(
            "place",
            Text("อยู่นอกเขตของหน่วยงาน", "Lies outside the agency's territory"),
            Text("ตรวจที่ตั้งอีกครั้ง", "Check the address"),
        )
    return code


def _own_fields(read: _Reading, fields: tuple[OwnField, ...]) -> dict[str, Plain]:
    values: dict[str, Plain] = {}
    for own in fields:
        found = read.text(own.name)
        if found is None:
            if own.is_required:
                read.fault(own.name, Text("ยังไม่ได้ใส่", "Missing"), Text("ใส่ค่านี้", "Fill it in"))
            continue
        value = own.typed(found)
        problem = own.problem(value)
        if problem:
            read.fault(own.name, *problem)
        else:
            values[own.key] = value
    return values
