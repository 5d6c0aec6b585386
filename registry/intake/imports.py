"""Importing a file: every row becomes a license, is already one, or is a fault by row and column.

Good rows go in by blocks, each in one transaction that holds the log for about 150 ms, so that an
officer's single act gets through.  Running the same file again changes nothing, which is also how
a killed import is taken up again.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.acts import ActKind
from keys.catalog import Agency, LicenseType, Text
from keys.dates import bangkok_date
from registry import acts
from registry.applications import Application, Fault, label_of, number_key
from registry.db import Database
from registry.drafts import Authority, Office, require_fit
from registry.errors import Refused, refuse
from registry.faces import application_in_force
from registry.intake.columns import MappedSheet
from registry.intake.faults import RowFault
from registry.intake.rows import read_rows
from registry.models import LicenseRow

_HOLD_SECONDS = 0.15
_FIRST_BLOCK, _LARGEST_BLOCK = 50, 5000
_LOOKED_UP_AT_ONCE = 500

Progress = Callable[[int], None]


@dataclass
class Report:
    """What became of a file's rows; `unmapped` are columns that feed nothing."""

    encoding: str
    unmapped: tuple[str, ...]
    rows: int = 0
    issued: int = 0
    unchanged: int = 0
    faulty_rows: int = 0
    faults: list[RowFault] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "encoding": self.encoding,
            "unmapped_columns": list(self.unmapped),
            "rows": self.rows,
            "issued": self.issued,
            "unchanged": self.unchanged,
            "faulty_rows": self.faulty_rows,
            "faults": [f.as_json() for f in self.faults],
        }


@dataclass(frozen=True, slots=True)
class Import:
    """One file on its way in: whose, of which type, on whose authority."""

    mapped: MappedSheet
    kind: LicenseType
    agency: Agency
    authority: Authority


Candidate = tuple[int, Application]


def require_authority(job: Import) -> None:
    """Raise `Refused` when the type wants a second person for issuing and none is named."""
    if ActKind.ISSUANCE.name.lower() in job.kind.four_eyes and (
        job.authority.approver is None or job.authority.approver == job.authority.proposer
    ):
        raise refuse(
            "needs-approver",
            "ประเภทนี้ต้องมีผู้เสนอและผู้อนุมัติคนละคน",
            "This type needs a proposer and another officer who approves",
        )


def run_import(
    job: Import,
    database: Database,
    office_of: Callable[[Session], Office],
    *,
    dry_run: bool,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Report:
    """Import a file, or with `dry_run` only say what would happen; gives the report.

    Raises `Refused` when the file breaks; what earlier blocks brought in stays, and running the
    repaired file again goes on from there.
    """
    require_authority(job)
    report = Report(job.mapped.sheet.encoding, job.mapped.unmapped)
    size, block = _FIRST_BLOCK, list[Candidate]()
    for candidate in _candidates(job, report, clock, progress):
        block.append(candidate)
        if len(block) >= size:
            size = _take(job, block, report, database, office_of, dry_run=dry_run, clock=clock)
            block = []
    if block:
        _take(job, block, report, database, office_of, dry_run=dry_run, clock=clock)
    report.faults.sort(key=lambda f: f.row)
    return report


def _candidates(
    job: Import, report: Report, clock: Callable[[], datetime], progress: Progress
) -> Iterator[Candidate]:
    seen: dict[str, int] = {}
    for row in read_rows(job.mapped, job.kind, job.agency, today=bangkok_date(clock())):
        report.rows += 1
        progress(report.rows)
        application = row.application
        if application is None:
            report.faulty_rows += 1
            report.faults += row.faults
            continue
        first = seen.setdefault(number_key(application.number), row.number)
        if first != row.number:
            what = Text(f"ซ้ำกับแถว {first}", f"The same number as row {first}")
            remedy = Text("เก็บไว้แถวเดียว", "Keep one of the rows")
            _add_faults(job, report, row.number, [Fault("number", application.number, what, remedy)])
            continue
        yield row.number, application


def _add_faults(job: Import, report: Report, row: int, faults: list[Fault]) -> None:
    report.faulty_rows += 1
    for fault in faults:
        label = label_of(fault.name, job.kind)
        column = job.mapped.column_of(fault.name)
        report.faults.append(RowFault(row, column, label, fault))


def _take(
    job: Import,
    block: list[Candidate],
    report: Report,
    database: Database,
    office_of: Callable[[Session], Office],
    *,
    dry_run: bool,
    clock: Callable[[], datetime],
) -> int:
    """Issue what of a block is new; gives the size of the next block."""
    while True:
        with database.reading() as session:
            found = _sort(job, block, session, office_of(session))
        if not found.new or dry_run:
            _count(job, report, found)
            return min(2 * len(block), _LARGEST_BLOCK)
        began = time.monotonic()
        try:
            with database.writing.begin() as session:
                applications = [application for _, application in found.new]
                office = office_of(session)
                acts.issue(session, applications, office=office, authority=job.authority, at=clock())
        except Refused as error:
            if error.code != "number-taken":
                raise
            continue  # Another import, or an officer, was faster: the block is looked at again.
        _count(job, report, found)
        # The next block is sized by what this one took, so the log is held about 150 ms at a time.
        rate = len(found.new) / max(time.monotonic() - began, 1e-3)
        return max(_FIRST_BLOCK, min(int(rate * _HOLD_SECONDS), 2 * len(found.new), _LARGEST_BLOCK))


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A block held against the register: what is new, how much is there already, what cannot go in."""

    new: list[Candidate]
    unchanged: int
    faults: list[tuple[int, Fault]]


def _count(job: Import, report: Report, found: _Sorted) -> None:
    report.issued += len(found.new)
    report.unchanged += found.unchanged
    for row, fault in found.faults:
        _add_faults(job, report, row, [fault])


def _sort(job: Import, block: list[Candidate], session: Session, office: Office) -> _Sorted:
    known = _known(session, job, [number_key(application.number) for _, application in block])
    new, unchanged, faults = list[Candidate](), 0, list[tuple[int, Fault]]()
    for row, application in block:
        held = known.get(number_key(application.number))
        if held is not None and application_in_force(session, held, office.signers.ring) == application:
            unchanged += 1
            continue
        fault = _held_otherwise(application, held) if held is not None else _no_fit(application, office)
        if fault is None:
            new.append((row, application))
        else:
            faults.append((row, fault))
    return _Sorted(new, unchanged, faults)


def _held_otherwise(application: Application, held: LicenseRow) -> Fault:
    what = Text("มีใบอนุญาตเลขที่นี้แล้ว แต่รายการไม่เหมือนกัน", "The register has this number with other particulars")
    remedy = Text(f"แก้ไขที่หน้าใบอนุญาต รหัส {held.code}", f"Amend the license with code {held.code}")
    return Fault("number", application.number, what, remedy)


def _no_fit(application: Application, office: Office) -> Fault | None:
    try:
        require_fit(application, office)
    except Refused as error:
        remedy = Text("ย่อชื่อให้สั้นลง", "Shorten the name")
        return Fault(
            error.field or "premises", application.premises or application.holder or "", error.words, remedy
        )
    return None


def _known(session: Session, job: Import, keys: list[str]) -> dict[str, LicenseRow]:
    known: dict[str, LicenseRow] = {}
    for start in range(0, len(keys), _LOOKED_UP_AT_ONCE):
        rows = session.scalars(
            select(LicenseRow).where(
                LicenseRow.agency == job.agency.number,
                LicenseRow.license_type == job.kind.number,
                LicenseRow.number_key.in_(keys[start : start + _LOOKED_UP_AT_ONCE]),
                LicenseRow.holds_number == 1,
            )
        )
        known |= {row.number_key: row for row in rows}
    return known
