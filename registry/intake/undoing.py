"""Undoing a batch as a whole: not by deletion but by acts, in a batch of its own with its own diff.

What was issued is voided; what was changed goes back by the acts that lead from the present face to
the one before.  What cannot go back stands in the diff as a conflict, with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.catalog import LicenseType, Text
from keys.errors import KeysError
from registry.acts import OrderRequest
from registry.applications import Fault, label_of
from registry.audit_events import record_event
from registry.catalogs import current_catalog
from registry.db import Database
from registry.drafts import Office, require_fit
from registry.errors import Changed, RegistryError
from registry.faces import opened_face
from registry.intake.batches import Kind, Options, Planned, Release, State
from registry.intake.browsing import batch_of
from registry.intake.changes import NoAct, faces, steps
from registry.intake.faults import RowFault
from registry.intake.filing import Progress
from registry.intake.proposing import OfficeOf, require_reason, store
from registry.intake.releasing import BY_HAND
from registry.lifecycle import next_status
from registry.models import Batch, BatchRow, EntryRow, LicenseRow, Officer, Upload
from registry.permissions import Permission, require
from registry.queries import chain_of

_BLOCK = 500
# The order that takes back an act which made no new face; what is not here is final.
_TAKEN_BACK = {ActKind.ISSUANCE: ActKind.VOIDING, ActKind.SUSPENSION: ActKind.REINSTATEMENT}


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what a batch is undone: legal basis, and a controlled reason code for what is voided."""

    legal_basis: str
    reason: str

    @classmethod
    def of(cls, undo: Batch) -> "Grounds":
        """The grounds of an undoing that was started."""
        options = Options.of(undo.options)
        return cls(options.legal_basis, options.reason or "")


def require_done(batch: Batch) -> None:
    """Return for a batch that is entered whole; raise `Changed` for any other."""
    if batch.state == State.UNDONE:
        words = Text(
            "ชุดนี้เรียกคืนแล้ว รายการที่ย้อนไม่ได้อยู่ในชุดที่เรียกคืน ให้แก้ที่หน้าใบอนุญาต",
            "This batch has been undone; what could not be taken back is listed in the batch that did it",
        )
        raise Changed("undone", words)
    if batch.state != State.DONE:
        words = Text("เรียกคืนได้เฉพาะชุดที่เผยแพร่ครบแล้ว", "Only a batch that is done can be undone")
        raise Changed("not-done", words)


def start_undo(session: Session, batch_id: int, officer: Officer, grounds: Grounds, *, at: datetime) -> int:
    """Have a done batch compared with the register for its undoing; gives the new batch's number.

    While that one is not decided, asking again gives the same.  Raises as `propose_undo` does.
    """
    require(officer.role, Permission.IMPORT)
    before = batch_of(session, batch_id, officer, lock=True)
    require_done(before)
    under_way = select(Batch.id).where(Batch.undo_of == batch_id, Batch.state.in_(_UNDECIDED))
    if (number := session.scalars(under_way).first()) is not None:
        return number
    catalog = current_catalog(session)
    require_reason(catalog, grounds.reason)
    batch = _batch(before, _options(before, grounds, catalog.types[before.license_type]), officer)
    batch.state, batch.proposed_at = State.READING, at
    session.add(batch)
    session.flush()
    # No file belongs to it: the row says how far the comparison is, and who is at it.
    stored = f"undo-{batch.id}"
    session.add(Upload(batch=batch.id, stored=stored, size=0, received_at=at, rows_read=0, rows_total=0))
    record_event(session, "undo-asked", officer, at=at, batch=batch.id)
    session.flush()
    return batch.id


_UNDECIDED = (State.READING, State.PROPOSED, State.RELEASED)


def propose_undo(
    database: Database,
    office_of: OfficeOf,
    batch_id: int,
    officer: Officer | None,
    grounds: Grounds,
    *,
    into: int | None = None,
    at: datetime,
    progress: Progress,
) -> int:
    """Propose to take back everything a done batch entered; gives the new batch's number.

    It is released and entered like any other; `into` is the batch that was started for it.  Raises
    `Changed` for a batch that is not done, and `Refused` for a reason that the catalog does not have.
    """
    if officer is not None:
        require(officer.role, Permission.IMPORT)
    with database.reading() as session:
        before = batch_of(session, batch_id, officer)
        require_done(before)
        office = office_of(session)
        require_reason(office.catalog, grounds.reason)
        kind = office.catalog.types[before.license_type]
    options = _options(before, grounds, kind)

    def plans(session: Session) -> Iterator[list[Planned]]:
        return _Undoing(session, before.id, office_of(session), options, kind).blocks(
            before.entered, progress
        )

    return store(database, _batch(before, options, officer), plans, officer, into=into, at=at)


def _options(before: Batch, grounds: Grounds, kind: LicenseType) -> Options:
    basis = grounds.legal_basis or kind.legal_basis.th
    name_alone = Options.of(before.options).name_alone
    return Options(Release.GOOD_ROWS, name_alone=name_alone, legal_basis=basis, reason=grounds.reason)


def _batch(before: Batch, options: Options, officer: Officer | None) -> Batch:
    return Batch(
        agency=before.agency,
        license_type=before.license_type,
        source=before.source,
        file_name=before.file_name,
        file_hash=before.file_hash,
        options=options.as_json(),
        proposer=officer.id if officer else None,
        undo_of=before.id,
    )


@dataclass
class _Undoing:
    """The rows of a done batch, last first, as the acts that take them back."""

    session: Session
    batch: int
    office: Office
    options: Options
    kind: LicenseType

    def blocks(self, total: int, progress: Progress) -> Iterator[list[Planned]]:
        """The plans in blocks; `total` is how many there will be."""
        position, count = self._last(), 0
        while rows := self._rows(position):
            yield [self._plan(row) for row in rows]
            position, count = rows[-1].position - 1, count + len(rows)
            progress(count, total)
            self.session.expunge_all()

    def _last(self) -> int:
        return self.session.get_one(Batch, self.batch).cursor

    def _rows(self, last: int) -> Any:
        return self.session.execute(
            select(
                *(BatchRow.position, BatchRow.row, BatchRow.kind, BatchRow.number, BatchRow.acts),
                *(BatchRow.base_index, BatchRow.log_index),
                *(LicenseRow, EntryRow.statement, EntryRow.private),
            )
            .join(LicenseRow, LicenseRow.code == BatchRow.code)
            .join(EntryRow, EntryRow.log_index == LicenseRow.record_index)
            .where(BatchRow.batch == self.batch, BatchRow.position <= last, BatchRow.log_index.is_not(None))
            .order_by(BatchRow.position.desc())
            .limit(_BLOCK)
        ).all()

    def _plan(self, row: Any) -> Planned:
        license_row = row.LicenseRow
        try:
            return self._back(row, license_row)
        except NoAct as error:
            fault = error.fault
        except (RegistryError, KeysError) as error:
            words = getattr(error, "words", Text("ย้อนกลับไม่ได้", str(error)))
            fault = Fault("number", row.number, words, BY_HAND)
        remark = RowFault(row.row or 0, fault.name, label_of(fault.name, self.kind), fault)
        return Planned(Kind.CONFLICT, row.number, row.row, code=license_row.code, remarks=(remark,))

    def _back(self, row: Any, license_row: LicenseRow) -> Planned:
        if license_row.updated_index != row.log_index:
            words = Text("มีผู้ทำรายการกับใบอนุญาตนี้หลังจากนั้น", "Somebody has acted on this license since")
            raise NoAct("number", row.number, words, BY_HAND)
        last = ActKind(row.acts[-1])
        if row.acts[0] == ActKind.ISSUANCE and last is ActKind.SUSPENSION:
            last = ActKind.ISSUANCE  # Voiding takes the license as a whole, with the order it came with.
        plan = Planned(
            Kind.CHANGED, row.number, row.row, code=license_row.code, base_index=license_row.updated_index
        )
        if last.makes_record and last is not ActKind.ISSUANCE:
            return self._face_before(row, license_row, plan)
        act = _TAKEN_BACK.get(last)
        if act is None:
            words = Text("คำสั่งนี้เป็นที่สุด ย้อนกลับไม่ได้", "This order is final and cannot be taken back")
            raise NoAct("number", row.number, words, BY_HAND)
        next_status(Status(license_row.status), act)
        reason = self.options.reason if act is ActKind.VOIDING else None
        return replace(plan, acts=(act,), decision=OrderRequest(act, self.options.legal_basis, reason=reason))

    def _face_before(self, row: Any, license_row: LicenseRow, plan: Planned) -> Planned:
        ring = self.office.signers.ring
        now = opened_face(license_row, row.statement, row.private, ring).application
        before = self._statement_before(license_row, row.base_index)
        wanted = opened_face(license_row, before.statement, before.private, ring).application
        path = steps(now, wanted, name_alone=self.options.name_alone.act)
        for on_the_way in faces(now, wanted, path):
            require_fit(on_the_way, self.office)
        return replace(
            plan,
            acts=tuple(step.act for step in path),
            changes=tuple(name for step in path for name in step.items),
            application=wanted,
        )

    def _statement_before(self, license_row: LicenseRow, index: int) -> Any:
        acts = chain_of(license_row.code, license_row.agency)
        return self.session.execute(
            select(EntryRow.statement, EntryRow.private)
            .join(acts, EntryRow.log_index == acts.c.log_index)
            .where(EntryRow.log_index <= index, EntryRow.act < ActKind.SUSPENSION)
            .order_by(EntryRow.log_index.desc())
            .limit(1)
        ).one()
