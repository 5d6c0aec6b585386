"""A file beside the register: row by row what it would do, and what the register has that it has not.

Nothing is written here.  The file is read in blocks, the register at one moment, and what has been
seen is kept in a private database that spills to disk, so memory does not grow with the file.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Row as Result
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.catalog import Agency, LicenseType, Text
from keys.errors import KeysError
from registry.acts import OrderRequest
from registry.applications import Application, Fault, Faulty, number_key, validate
from registry.drafts import Office, require_fit
from registry.errors import Refused, RegistryError
from registry.faces import opened_face
from registry.intake.batches import Kind, Missing, Options, Planned, Remark
from registry.intake.changes import NoAct, steps, told
from registry.intake.columns import MappedSheet
from registry.lifecycle import STATUS_WORDS, next_status
from registry.models import Batch, BatchRow, EntryRow, LicenseRow

BLOCK = 2000
_LOOKED_UP_AT_ONCE = 500
Progress = Callable[[int, int], None]
Held = Result[tuple[LicenseRow, bytes | None, object]]
_FILED = (Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING)


@dataclass(frozen=True, slots=True)
class Filing:
    """One file on its way in: whose, of which type, under which name the agency keeps it, and how."""

    mapped: MappedSheet
    kind: LicenseType
    agency: Agency
    options: Options
    source: str = ""

    @property
    def spoken(self) -> frozenset[str]:
        """The flat names that the file says something about."""
        return frozenset({*self.mapped.header_of, *self.mapped.constants})

    def remark(self, fault: Fault) -> Remark:
        """A fault with its place in the file."""
        return Remark.of(fault, self.kind, self.mapped.header_of)


@dataclass(frozen=True, slots=True)
class _Candidate:
    row: int
    key: str
    application: Application


class Survey:
    """What a first reading of a file found: how many rows, and which numbers stand in it twice.

    Numbers and codes met are kept in a nameless temporary database that is gone when it is closed.
    """

    def __init__(self, mapped: MappedSheet) -> None:
        self.rows = 0
        self._mapped = mapped
        self._twice: dict[str, tuple[int, int]] = {}
        self._kept = sqlite3.connect("", isolation_level=None)
        self._kept.executescript(
            "PRAGMA journal_mode=OFF;"
            "CREATE TABLE numbers(key TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID;"
            "CREATE TABLE codes(code TEXT PRIMARY KEY) WITHOUT ROWID;"
            "BEGIN;"
        )

    def close(self) -> None:
        """Let everything go that was kept."""
        self._kept.close()

    def read(self, progress: Progress) -> None:
        """Read the file through; raises `Refused` where it breaks."""
        block = list[tuple[str, int]]()
        for row in self._mapped.sheet.rows():
            self.rows += 1
            key = number_key(self._mapped.raw(row).get("number", ""))
            if key:
                block.append((key, row.number))
            if len(block) >= BLOCK:
                self._add(block)
                block = []
                progress(self.rows, 0)
        self._add(block)

    def _add(self, block: list[tuple[str, int]]) -> None:
        before = self._kept.total_changes
        self._kept.executemany("INSERT OR IGNORE INTO numbers VALUES (?, ?)", block)
        if self._kept.total_changes - before == len(block):
            return
        for key, row in block:
            first = self._kept.execute("SELECT row FROM numbers WHERE key = ?", (key,)).fetchone()[0]
            if first != row:
                self._twice.setdefault(key, (first, row))

    def other_row(self, key: str, row: int) -> int | None:
        """Another row with the same number, or None."""
        first, second = self._twice.get(key, (row, None))
        return second if first == row else first

    def add_codes(self, codes: Sequence[str]) -> None:
        """Mark licenses as being in the file."""
        self._kept.executemany("INSERT OR IGNORE INTO codes VALUES (?)", [(code,) for code in codes])

    def has_code(self, code: str) -> bool:
        """Whether a license is in the file."""
        return self._kept.execute("SELECT 1 FROM codes WHERE code = ?", (code,)).fetchone() is not None


def compare(
    session: Session, filing: Filing, office: Office, today: date, progress: Progress
) -> Iterator[list[Planned]]:
    """What each row of the file means, in blocks in the file's order, then what the file lacks.

    The file is read through once before the first block comes: a file that breaks gives nothing
    (`Refused`), and every row with a number that stands there twice is a conflict.
    """
    with closing(Survey(filing.mapped)) as survey:
        survey.read(progress)
        comparison, compared = _Comparison(session, filing, office, survey, today), 0
        for block, faulty in _blocks(filing, today):
            yield [*faulty, *comparison.block(block)]
            compared += len(block) + len(faulty)
            progress(compared, survey.rows)
        if filing.options.missing is not Missing.LEAVE:
            yield from _missing(session, filing, survey, today)


def _blocks(filing: Filing, today: date) -> Iterator[tuple[list[_Candidate], list[Planned]]]:
    good, faulty = list[_Candidate](), list[Planned]()
    for row in filing.mapped.sheet.rows():
        raw = filing.mapped.raw(row)
        try:
            application = validate(raw, filing.kind, filing.agency, today=today)
        except Faulty as error:
            remarks = tuple(map(filing.remark, error.faults))
            faulty.append(Planned(Kind.FAULT, raw.get("number", ""), row.number, remarks=remarks))
        else:
            good.append(_Candidate(row.number, number_key(application.number), application))
        if len(good) + len(faulty) >= BLOCK:
            yield good, faulty
            good, faulty = [], []
    yield good, faulty


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A file beside the register of one moment."""

    session: Session
    filing: Filing
    office: Office
    survey: Survey
    today: date

    def block(self, block: list[_Candidate]) -> Iterator[Planned]:
        """What rows without faults mean."""
        filing, keys = self.filing, [one.key for one in block]
        known = known_numbers(self.session, filing.agency.number, filing.kind.number, keys)
        final = _finally_ended(self.session, filing, [key for key in keys if key not in known])
        self.survey.add_codes([held.LicenseRow.code for held in known.values()])
        for one in block:
            held = known.get(one.key)
            try:
                yield self._plan(one, held, final.get(one.key))
                continue
            except NoAct as error:
                fault = error.fault
            except Refused as error:
                fault = Fault(error.field or "number", one.application.number, error.words, _LOOK)
            except (RegistryError, KeysError) as error:
                fault = Fault("number", one.application.number, Text(_UNREADABLE, str(error)), _LOOK)
            code, remarks = held.LicenseRow.code if held else None, (filing.remark(fault),)
            yield Planned(Kind.CONFLICT, one.application.number, one.row, code=code, remarks=remarks)
        self.session.expunge_all()

    def _plan(self, one: _Candidate, held: Held | None, final: NoAct | None) -> Planned:
        other = self.survey.other_row(one.key, one.row)
        if other is not None:
            words = Text(f"ซ้ำกับแถว {other}", f"The same number as row {other}")
            remedy = Text("เก็บไว้แถวเดียว", "Keep one of the rows")
            raise NoAct("number", one.application.number, words, remedy)
        if final is not None:
            raise final
        if held is None or is_free_again(held.LicenseRow, self.today):
            return _new(self.office, one)
        return _beside(self.filing, self.office, one, held)


_UNREADABLE = "อ่านใบอนุญาตฉบับปัจจุบันไม่ได้"
_LOOK = Text("ตรวจรายการนี้ แล้วทำที่หน้าใบอนุญาต", "Look at this row and enter it on the license's own page")


def known_numbers(session: Session, agency: int, license_type: int, keys: Sequence[str]) -> dict[str, Held]:
    """The licenses that hold these numbers, by number key, with the statement of their newest version."""
    known: dict[str, Held] = {}
    for start in range(0, len(keys), _LOOKED_UP_AT_ONCE):
        rows = session.execute(
            select(LicenseRow, EntryRow.statement, EntryRow.private)
            .join(EntryRow, EntryRow.log_index == LicenseRow.record_index)
            .where(
                LicenseRow.agency == agency,
                LicenseRow.license_type == license_type,
                LicenseRow.number_key.in_(keys[start : start + _LOOKED_UP_AT_ONCE]),
                LicenseRow.holds_number == 1,
            )
        )
        known |= {row.LicenseRow.number_key: row for row in rows}
    return known


def is_free_again(row: LicenseRow, today: date) -> bool:
    """Whether a license has passed its end without a renewal filed, so that its number can be issued anew."""
    return row.valid_until is not None and row.valid_until < today.isoformat() and row.status not in _FILED


def _new(office: Office, one: _Candidate) -> Planned:
    require_fit(one.application, office)
    return Planned(
        Kind.NEW, one.application.number, one.row, acts=(ActKind.ISSUANCE,), application=one.application
    )


def _finally_ended(session: Session, filing: Filing, keys: Sequence[str]) -> dict[str, NoAct]:
    """The numbers whose last license was revoked or has ended: a list that still has it brings none back."""
    found: dict[str, NoAct] = {}
    for start in range(0, len(keys), _LOOKED_UP_AT_ONCE):
        rows = session.execute(
            select(LicenseRow.number_key, LicenseRow.number, LicenseRow.code, LicenseRow.status, EntryRow.act)
            .join(EntryRow, EntryRow.log_index == LicenseRow.updated_index)
            .where(
                LicenseRow.agency == filing.agency.number,
                LicenseRow.license_type == filing.kind.number,
                LicenseRow.number_key.in_(keys[start : start + _LOOKED_UP_AT_ONCE]),
                LicenseRow.holds_number == 0,
            )
            .order_by(LicenseRow.updated_index)
        )
        for row in rows:
            found.pop(row.number_key, None)  # The newest of several decides.
            if row.act in (ActKind.REVOCATION, ActKind.ENDING):
                status = STATUS_WORDS[Status(row.status)]
                what = Text(
                    f"ใบอนุญาตเลขที่นี้ (รหัส {row.code}) {status.th}",
                    f"The license with this number (code {row.code}) is {status.en}",
                )
                found[row.number_key] = NoAct("number", row.number, what, _BY_FORM)
    return found


_BY_FORM = Text("ถ้าออกใบใหม่จริง ให้ออกที่หน้าออกใบอนุญาต", "If a new one was issued, enter it on the form")


def _beside(filing: Filing, office: Office, one: _Candidate, held: Held) -> Planned:
    row = held.LicenseRow
    face = opened_face(row, held.statement, held.private, office.signers.ring)
    wanted = told(one.application, face, filing.spoken)
    plan = steps(face.application, wanted, name_alone=filing.options.name_alone.act)
    if not plan:
        return Planned(Kind.UNCHANGED, one.application.number, one.row, code=row.code)
    status = Status(row.status)
    for step in plan:
        status = next_status(status, step.act)
    require_fit(wanted, office)
    return Planned(
        Kind.CHANGED,
        one.application.number,
        one.row,
        code=row.code,
        base_index=row.updated_index,
        acts=tuple(step.act for step in plan),
        changes=tuple(name for step in plan for name in step.items),
        application=wanted,
    )


def _missing(session: Session, filing: Filing, survey: Survey, today: date) -> Iterator[list[Planned]]:
    options, after = filing.options, ""
    ending = OrderRequest(ActKind.ENDING, options.legal_basis or filing.kind.legal_basis.th, outcome="ceased")
    plan = Planned(Kind.MISSING, "", decision=ending)
    if options.missing is Missing.END:
        plan = replace(plan, acts=(ActKind.ENDING,))
    while True:
        rows = session.execute(_in_force(filing, today).where(LicenseRow.code > after).limit(BLOCK)).all()
        yield [
            replace(plan, number=row.number, code=row.code, base_index=row.updated_index)
            for row in rows
            if not survey.has_code(row.code)
        ]
        if len(rows) < BLOCK:
            return
        after = rows[-1].code


def _in_force(filing: Filing, today: date) -> Select[str, str, int]:
    # A license that has expired is missing from no file; with a source, only what came by it can be.
    wanted = (
        select(LicenseRow.code, LicenseRow.number, LicenseRow.updated_index)
        .where(
            LicenseRow.agency == filing.agency.number,
            LicenseRow.license_type == filing.kind.number,
            LicenseRow.holds_number == 1,
            or_(
                LicenseRow.valid_until.is_(None),
                LicenseRow.valid_until >= today.isoformat(),
                LicenseRow.status.in_(_FILED),
            ),
        )
        .order_by(LicenseRow.code)
    )
    if not filing.source:
        return wanted
    came = (
        select(BatchRow.code)
        .join(Batch, Batch.id == BatchRow.batch)
        .where(
            Batch.agency == filing.agency.number,
            Batch.license_type == filing.kind.number,
            Batch.source == filing.source,
            BatchRow.kind == Kind.NEW,
            BatchRow.log_index.is_not(None),
        )
    )
    return wanted.where(LicenseRow.code.in_(came))
