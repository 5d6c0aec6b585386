"""From the rows of a mapped sheet to applications: each row's values, faults and warnings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from keys.acts import Status
from keys.catalog import Agency, LicenseType, Text
from registry.applications import Application, Fault, Faulty, validate
from registry.intake.columns import MappedSheet, items_of
from registry.intake.faults import RowFault
from registry.intake.readers import squeeze


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
    labels = items_of(kind)

    def placed(row: int, found: dict[str, str], faults: list[Fault], *, warn: bool) -> tuple[RowFault, ...]:
        return tuple(
            RowFault(
                row,
                mapped.column_of(fault.name),
                labels.get(fault.name, Text(fault.name, fault.name)),
                replace(fault, value=found.get(fault.name, fault.value)),
                is_warning=warn,
            )
            for fault in faults
        )

    for row in mapped.sheet.rows():
        raw = mapped.raw(row)
        faults: list[Fault] = []
        standing = _standing(mapped, raw, faults)
        application = None
        try:
            application = validate(raw, kind, agency, today=today)
        except Faulty as error:
            faults += error.faults
        told = placed(row.number, raw, faults, warn=False)
        yield RowResult(row.number, None if faults else application, standing, told, ())


def _standing(mapped: MappedSheet, raw: dict[str, str], faults: list[Fault]) -> Status:
    found = raw.get("standing", "")
    if not found:
        return Status.VALID
    standing = mapped.standings.get(squeeze(found))
    if standing is None:
        what = Text("ไม่ทราบว่าคำนี้หมายถึงสถานะใด", "It is not known which status this word means")
        remedy = Text('ใส่คำนี้ใน "standings" ของไฟล์จับคู่คอลัมน์', 'Put the word into "standings" of the mapping')
        faults.append(Fault("standing", found, what, remedy))
    return standing or Status.VALID
