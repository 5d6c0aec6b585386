"""The questions asked about batches: the history, one batch, its rows, and what a row would change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.catalog import Text
from keys.keyring import KeyRing
from keys.record import Plain
from registry.applications import Application
from registry.errors import Changed, refuse
from registry.faces import application_in_force
from registry.intake.batches import OPEN, PROBLEMS, Kind, State, unpack_application
from registry.models import Batch, BatchRow, LicenseRow, Officer


def batch_of(session: Session, batch_id: int, officer: Officer | None, *, lock: bool = False) -> Batch:
    """A batch of the officer's own agency, or any for the operator; raises `Refused` when there is none.

    With `lock` nobody else changes it until the transaction ends.
    """
    batch = session.get(Batch, batch_id, with_for_update=lock or None, populate_existing=lock)
    if batch is None or (officer is not None and officer.agency != batch.agency):
        raise refuse("no-batch", "ไม่มีชุดข้อมูลนี้", "There is no such batch")
    return batch


def require_open(batch: Batch) -> None:
    """Return while a person decides what becomes of the batch; raise `Changed` once it is read or decided."""
    if batch.state not in OPEN:
        words = Text("ชุดข้อมูลนี้กำลังอ่านหรือมีผู้ตัดสินแล้ว", "This batch is being read or has been decided already")
        raise Changed("decided", words)


def batches_of(session: Session, agency: int | None, *, before: int = 0, size: int) -> Sequence[Batch]:
    """An agency's batches (None: everybody's), the newest first; `before` is the last number seen, if any."""
    wanted = select(Batch).order_by(Batch.id.desc()).limit(size)
    if agency is not None:
        wanted = wanted.where(Batch.agency == agency)
    if before:
        wanted = wanted.where(Batch.id < before)
    return session.scalars(wanted).all()


def open_batches(session: Session, agency: int) -> Sequence[Batch]:
    """An agency's batches that wait for a person: for their columns, or for their release; the oldest first."""
    wanted = select(Batch).where(Batch.agency == agency, Batch.state.in_(OPEN)).order_by(Batch.id)
    return session.scalars(wanted).all()


def released_batches(session: Session) -> Sequence[int]:
    """The numbers of batches that are to be entered, the oldest release first."""
    wanted = select(Batch.id).where(Batch.state == State.RELEASED).order_by(Batch.released_at, Batch.id)
    return session.scalars(wanted).all()


def rows_of(
    session: Session, batch_id: int, kind: Kind | None = None, *, after: int = 0, size: int
) -> Sequence[BatchRow]:
    """A batch's rows in the order of entering; `after` is the last position seen."""
    return _page(session, batch_id, after, size, *([] if kind is None else [BatchRow.kind == kind]))


def warned_of(session: Session, batch_id: int, *, after: int = 0, size: int) -> Sequence[BatchRow]:
    """A batch's rows that go in and are to be looked at, in their order; `after` is the last position seen."""
    return _page(
        session, batch_id, after, size, BatchRow.kind.not_in(PROBLEMS), BatchRow.remarks.is_not(None)
    )


def problems_of(session: Session, batch_id: int, *, after: int = 0, size: int) -> Sequence[BatchRow]:
    """A batch's rows that go nowhere, in the order of the file; `after` is the last position seen."""
    return _page(session, batch_id, after, size, BatchRow.kind.in_(PROBLEMS))


def _page(session: Session, batch_id: int, after: int, size: int, *which: Any) -> Sequence[BatchRow]:
    wanted = select(BatchRow).where(BatchRow.batch == batch_id, BatchRow.position > after, *which)
    return session.scalars(wanted.order_by(BatchRow.position).limit(size)).all()


def remarked_of(session: Session, batch_id: int) -> Iterator[list[dict[str, Any]]]:
    """What is remarked about each row of a batch, faults and warnings, row by row in their order."""
    wanted = select(BatchRow.remarks).where(BatchRow.batch == batch_id, BatchRow.remarks.is_not(None))
    return iter(session.scalars(wanted.order_by(BatchRow.position).execution_options(yield_per=1000)))


@dataclass(frozen=True, slots=True)
class Change:
    """One item of a face that a row would change, by its flat name."""

    name: str
    before: Plain | None
    after: Plain | None


def changes_of(session: Session, row: BatchRow, ring: KeyRing) -> list[Change]:
    """What a row that was not entered yet would change, item by item, beside the face in force."""
    if row.application is None or row.code is None or row.changes is None:
        return []
    now = application_in_force(session, session.get_one(LicenseRow, row.code), ring)
    before, after = _flat(now), _flat(unpack_application(row.application))
    return [
        Change(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _flat(application: Application) -> dict[str, Plain]:
    flat: dict[str, Plain] = {f"field.{key}": value for key, value in application.fields.items()}
    for name in Application.__slots__:
        value = getattr(application, name)
        if name != "fields" and value is not None:
            flat[name] = value.isoformat() if hasattr(value, "isoformat") else value
    return flat
