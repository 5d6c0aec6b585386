"""A file beside the register: row by row what it would do, and what the register has that it has not.

Nothing is written here.  The file is read in blocks, the register at one moment, and what has been
seen is kept in a private database that spills to disk, so memory does not grow with the file.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.catalog import Text
from keys.errors import KeysError
from registry.acts import OrderRequest, renewed
from registry.applications import Application, Fault, number_key
from registry.drafts import Office, require_fit
from registry.errors import Refused, RegistryError, refuse
from registry.faces import opened_face
from registry.intake.batches import Kind, Missing, Planned
from registry.intake.changes import NoAct, changed_items, faces, steps, told
from registry.intake.faults import RowFault
from registry.intake.filing import BLOCK, Filing, Progress, Survey
from registry.intake.holding import Final, Held, finally_ended, in_force, is_free_again, known_numbers
from registry.intake.rows import read_rows
from registry.lifecycle import STATUS_WORDS, next_status
from registry.models import LicenseRow


@dataclass(frozen=True, slots=True)
class _Candidate:
    row: int
    key: str
    application: Application
    standing: Status
    warnings: tuple[RowFault, ...]
    says_end: bool


def compare(
    session: Session, filing: Filing, office: Office, today: date, progress: Progress
) -> Iterator[list[Planned]]:
    """What each row of the file means, in blocks in the file's order, then what the file lacks.

    The file is read through once before the first block comes: a file that breaks gives nothing
    (`Refused`), and every row with a number that stands there twice is a conflict.
    """
    with closing(Survey(filing.mapped)) as survey:
        survey.read(progress)
        if not survey.rows:
            raise refuse(
                "no-rows",
                "ใต้หัวตารางไม่มีแถวข้อมูล ตรวจว่าส่งถูกไฟล์",
                "There are no rows below the header: see whether it is the right file",
            )
        comparison, compared = _Comparison(session, filing, office, survey, today), 0
        for block, faulty in _blocks(filing, survey, today):
            comparison.meet([number_key(plan.number) for plan in faulty])
            yield [*faulty, *comparison.block(block)]
            compared += len(block) + len(faulty)
            progress(compared, survey.rows)
        if filing.options.missing is not Missing.LEAVE:
            yield from _missing(session, filing, survey, today)


def _blocks(filing: Filing, survey: Survey, today: date) -> Iterator[tuple[list[_Candidate], list[Planned]]]:
    good, faulty = list[_Candidate](), list[Planned]()
    for row in read_rows(filing.mapped, filing.kind, filing.agency, today=today):
        survey.hidden_numbers += row.hides_number
        if row.application is None:
            faulty.append(Planned(Kind.FAULT, row.official, row.number, remarks=row.faults))
        else:
            key = number_key(row.application.number)
            good.append(
                _Candidate(row.number, key, row.application, row.standing, row.warnings, row.says_end)
            )
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

    def meet(self, keys: list[str]) -> None:
        """Mark licenses as being in the file whose rows are at fault: they are not missing from it."""
        known = known_numbers(self.session, self.filing.agency.number, self.filing.kind.number, keys)
        self.survey.add_codes([held.LicenseRow.code for held in known.values()])
        self.session.expunge_all()

    def block(self, block: list[_Candidate]) -> Iterator[Planned]:
        """What rows without faults mean."""
        filing, keys = self.filing, [one.key for one in block]
        known = known_numbers(self.session, filing.agency.number, filing.kind.number, keys)
        which = filing.agency.number, filing.kind.number, [key for key in keys if key not in known]
        final = finally_ended(self.session, *which)
        self.survey.add_codes([held.LicenseRow.code for held in known.values()])
        for one in block:
            held = known.get(one.key)
            try:
                yield self._plan(one, held, final.get(one.key))
                continue
            except NoAct as error:
                fault = error.fault
            except Refused as error:
                name = error.field or "number"
                fault = Fault(name, str(getattr(one.application, name, "")), error.words, _LOOK)
            except (RegistryError, KeysError) as error:
                fault = Fault("number", one.application.number, Text(_UNREADABLE, str(error)), _LOOK)
            code, remarks = held.LicenseRow.code if held else None, (filing.remark(one.row, fault),)
            yield Planned(Kind.CONFLICT, one.application.number, one.row, code=code, remarks=remarks)
        self.session.expunge_all()

    def _plan(self, one: _Candidate, held: Held | None, final: Final | None) -> Planned:
        other = self.survey.other_row(one.key, one.row)
        if other is not None:
            words = Text(f"ซ้ำกับแถว {other}", f"The same number as row {other}")
            remedy = Text("เก็บไว้แถวเดียว", "Keep one of the rows")
            raise NoAct("number", one.application.number, words, remedy)
        if final is not None:
            if one.standing is final.status:
                return Planned(Kind.UNCHANGED, one.application.number, one.row, code=final.code)
            raise final.refusal(one.application.number)
        if held is None or is_free_again(held.LicenseRow, self.today, one.application.valid_from):
            return _new(self.filing, self.office, one)
        return _beside(self.filing, self.office, one, held, self.today)


_UNREADABLE = "อ่านใบอนุญาตฉบับปัจจุบันไม่ได้"
_LOOK = Text("ตรวจรายการนี้ แล้วทำที่หน้าใบอนุญาต", "Look at this row and enter it on the license's own page")


def _new(filing: Filing, office: Office, one: _Candidate) -> Planned:
    require_fit(one.application, office)
    decision = _decision(filing, one) if one.standing is not Status.VALID else None
    return Planned(
        *(Kind.NEW, one.application.number, one.row),
        acts=(ActKind.ISSUANCE, decision.act) if decision else (ActKind.ISSUANCE,),
        application=one.application,
        decision=decision,
        remarks=one.warnings,
    )


def _beside(filing: Filing, office: Office, one: _Candidate, held: Held, today: date) -> Planned:
    row, spoken = held.LicenseRow, filing.spoken
    if not one.says_end:
        # The end that the law gives an empty cell is no news beside one that an officer decided.
        spoken -= {"valid_until"}
    face = opened_face(row, held.statement, held.private, office.signers.ring)
    wanted = told(one.application, face, spoken)
    plan = steps(face.application, wanted, name_alone=filing.options.name_alone.act)
    standing = Status(row.status)
    ordered = "standing" in spoken and one.standing is not _PLAIN.get(standing, standing)
    if not plan and not ordered:
        return Planned(Kind.UNCHANGED, one.application.number, one.row, code=row.code)
    decision = None
    if ordered:
        if plan or one.standing is Status.VALID:
            words = Text("สถานะในไฟล์ไม่ตรงกับทะเบียน", "The file and the register differ about its status")
            raise NoAct("standing", STATUS_WORDS[one.standing].en, words)
        decision = _decision(filing, one)
    acts = tuple(step.act for step in plan) or ((decision.act,) if decision else ())
    for act in acts:
        standing = next_status(standing, act)
    if ActKind.RENEWAL in acts and renewed(wanted, row, today)[0].valid_from > today:
        raise NoAct("valid_from", wanted.valid_from, *_GAP)
    for on_the_way in faces(face.application, wanted, plan):
        require_fit(on_the_way, office)
    return Planned(
        *(Kind.CHANGED, one.application.number, one.row, row.code, row.updated_index, acts),
        changes=tuple(name for step in plan for name in step.items) or ("standing",),
        application=wanted if plan else None,
        decision=decision,
        remarks=(*one.warnings, *_emptied(filing, one.row, face.application, wanted)),
    )


def _emptied(filing: Filing, row: int, now: Application, wanted: Application) -> Iterator[RowFault]:
    """A warning for each item that the register has and an empty cell takes away."""
    for name in changed_items(now, wanted):
        if not getattr(wanted, name):
            found = Fault(name, str(getattr(now, name)), *_TAKEN_AWAY)
            yield replace(filing.remark(row, found), is_warning=True)


_TAKEN_AWAY = (
    Text("ช่องนี้ว่าง ค่าที่มีในทะเบียนจะถูกลบออก", "The cell is empty: what the register has is taken away"),
    Text("ถ้าไม่ต้องการลบ ให้ใส่ค่า หรือเอาคอลัมน์นี้ออกจากไฟล์", "To keep it, fill the cell, or leave the column out"),
)
_GAP = (
    Text(
        "เริ่มหลังวันหมดอายุเดิมและยังไม่ถึงวันนั้น", "It begins later than the day after the old end, and has not begun"
    ),
    Text(
        "ถ้าบันทึกตอนนี้ ใบอนุญาตจะใช้ไม่ได้จนถึงวันเริ่ม ส่งไฟล์อีกครั้งเมื่อหมดอายุเดิมแล้ว",
        "Entered now, the license would not be valid until then: send the file again after its old end",
    ),
)


# A status column knows nothing of renewals that were filed.
_PLAIN = {Status.RENEWAL_PENDING: Status.VALID, Status.SUSPENDED_PENDING: Status.SUSPENDED}


def _decision(filing: Filing, one: _Candidate) -> OrderRequest:
    """The order that a status column tells of; raises `NoAct` when its options do not say what it needs."""
    options = filing.options
    basis = options.legal_basis or filing.kind.legal_basis.th
    if one.standing is Status.ENDED:
        return OrderRequest(ActKind.ENDING, basis, outcome="ceased")
    if one.standing is Status.SUSPENDED and options.until is not None:
        return OrderRequest(ActKind.SUSPENSION, basis, reason=options.reason, until=options.until)
    if one.standing is Status.INVALID and options.reason is not None:
        return OrderRequest(ActKind.REVOCATION, basis, reason=options.reason)
    what = Text(
        "คำสั่งนี้ต้องมีวันสิ้นสุดการพักใช้ หรือเหตุที่เพิกถอน",
        "A suspension needs its last day, a revocation its reason",
    )
    remedy = Text("ใส่ค่านั้นเมื่อส่งไฟล์", "Give it with the file")
    raise NoAct("standing", STATUS_WORDS[one.standing].en, what, remedy)


def _hidden(rows: int) -> Fault:
    return Fault(
        "number",
        "",
        Text(
            f"เลขที่ใน {rows} แถวของไฟล์อ่านไม่ได้ ใบอนุญาตนี้อาจอยู่ในแถวเหล่านั้น",
            f"{rows} rows of the file have a number that cannot be read: this license may be one of them",
        ),
        Text("แก้แถวเหล่านั้นก่อนให้ใบอนุญาตสิ้นสุด", "Set those rows right before you let licenses end"),
    )


def _missing(session: Session, filing: Filing, survey: Survey, today: date) -> Iterator[list[Planned]]:
    options, after = filing.options, ""
    ending = OrderRequest(ActKind.ENDING, options.legal_basis or filing.kind.legal_basis.th, outcome="ceased")
    plan = Planned(Kind.MISSING, "", decision=ending)
    if survey.hidden_numbers:
        # What a row does not tell may be the number of any of these: none ends without a person's word.
        remark = filing.remark(0, _hidden(survey.hidden_numbers))
        plan = replace(plan, remarks=(replace(remark, is_warning=True),))
    elif options.missing is Missing.END:
        plan = replace(plan, acts=(ActKind.ENDING,))
    while True:
        rows = session.execute(in_force(filing, today).where(LicenseRow.code > after).limit(BLOCK)).all()
        yield [
            replace(plan, number=row.number, code=row.code, base_index=row.updated_index)
            for row in rows
            if not survey.has_code(row.code)
        ]
        if len(rows) < BLOCK:
            return
        after = rows[-1].code
