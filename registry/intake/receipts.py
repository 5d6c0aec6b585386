"""The receipt of a batch: made when somebody asks, from the log, under the newest published checkpoint."""

from datetime import datetime

from sqlalchemy import CTE, or_, select
from sqlalchemy.orm import Session

from keys import layout
from keys.acts import ActKind
from keys.checkpoint import open_checkpoint
from keys.dates import to_seconds
from keys.entry import parse_entry
from keys.keyring import Role
from keys.opening import SignedReceipt, sign_receipt
from keys.receipt import Receipt, ReceiptEntry
from registry.behind import require_caught_up
from registry.errors import RegistryError, refuse
from registry.files import Folder
from registry.intake.batches import State
from registry.models import Batch, BatchRow, EntryRow
from registry.signers import Signers


def make_receipt(
    session: Session, batch: Batch, *, signers: Signers, public: Folder, at: datetime
) -> SignedReceipt:
    """The signed receipt of a batch that is done and public; the same question later names a newer checkpoint.

    Raises `Refused` before, and for a batch that entered nothing, and `BehindPublished`.
    """
    require_caught_up(session)
    if batch.state not in (State.DONE, State.UNDONE) or batch.last_index is None:
        raise refuse("no-receipt", "ชุดข้อมูลนี้ยังไม่มีอะไรเผยแพร่", "Nothing of this batch has been published")
    note = public.read(layout.CHECKPOINT) or b""
    keys = [key.public for key in signers.ring.with_role(Role.LOG)]
    if not note or open_checkpoint(note, signers.ring.origin, keys).size <= batch.last_index:
        raise refuse("not-public", "กำลังเผยแพร่ โปรดรอสักครู่", "It is being published: ask again in a moment")
    moment = to_seconds(at)
    receipt = Receipt(
        batch=batch.id,
        agency=batch.agency,
        license_type=batch.license_type,
        file=batch.file_hash,
        moment=moment,
        counts={kind: count for kind, count in batch.counts["kinds"].items() if count},
        entries=_entries(session, batch),
        checkpoint=note,
        undo_of=batch.undo_of,
    )
    return sign_receipt(receipt, signers.for_role(Role.STATUS, moment))


def _entries(session: Session, batch: Batch) -> tuple[ReceiptEntry, ...]:
    acts = _acts_of(batch)
    rows = session.execute(
        select(acts.c.row, acts.c.code, EntryRow.act, EntryRow.log_index, EntryRow.entry)
        .join(acts, EntryRow.log_index == acts.c.log_index)
        .order_by(EntryRow.log_index)
        .execution_options(yield_per=1000)
    )
    return tuple(
        ReceiptEntry(row.row or 0, row.code, ActKind(row.act), row.log_index, _statement_of(row.entry))
        for row in rows
    )


def _acts_of(batch: Batch) -> CTE:
    # From each row's last act back to the version compared with stand its own acts and no others.
    link = (EntryRow.log_index, EntryRow.previous)
    acts = (
        select(BatchRow.row, BatchRow.code, BatchRow.base_index, *link)
        .join(EntryRow, EntryRow.log_index == BatchRow.log_index)
        .where(BatchRow.batch == batch.id)
        .cte("acts", recursive=True)
    )
    before = (
        select(acts.c.row, acts.c.code, acts.c.base_index, *link)
        .join(acts, EntryRow.log_index == acts.c.previous)
        .where(or_(acts.c.base_index.is_(None), EntryRow.log_index > acts.c.base_index))
    )
    return acts.union_all(before)


def _statement_of(content: bytes) -> bytes:
    # The entry says it, whether or not the statement was erased since.
    digest = parse_entry(content).statement
    if digest is None:
        raise RegistryError("an act of a batch has no statement")
    return digest
