"""Deciding about a proposed batch: what of it is out of date, what becomes of the missing, yes or no.

None of these enters anything: a released batch is entered by `entering`, in the same process or in
the follower.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from keys.acts import ActKind
from keys.catalog import Catalog, LicenseType, Text, encode_json
from keys.layout import sha256
from registry.acts import OrderRequest
from registry.applications import LABELS, Fault
from registry.audit_events import record_event
from registry.drafts import Office
from registry.errors import Changed, NotPermitted, refuse
from registry.intake.batches import PROBLEMS, Kind, Missing, Options, Release, State, pack_order
from registry.intake.browsing import batch_of, require_open
from registry.intake.faults import RowFault
from registry.intake.proposing import delete_rows, rules_of
from registry.models import Batch, BatchRow, LicenseRow, Officer, table_of
from registry.permissions import Permission, proposer_in_office, require


def _proposed(session: Session, batch_id: int, officer: Officer | None) -> Batch:
    batch = batch_of(session, batch_id, officer, lock=True)
    if batch.state != State.PROPOSED:
        words = Text("ชุดข้อมูลนี้มีผู้ตัดสินแล้ว", "This batch has been decided already")
        raise Changed("decided", words)
    return batch


_MOVED = Text("ใบอนุญาตนี้ถูกแก้ไขหลังการเปรียบเทียบ", "This license was changed after the comparison")
BY_HAND = Text("แก้ที่หน้าใบอนุญาต", "Set it right on the license's own page")
_AGAIN = Text("ส่งไฟล์เดิมอีกครั้งเพื่อเปรียบเทียบใหม่", "Send the same file again to compare anew")


def mark_stale(session: Session, batch_id: int, officer: Officer | None) -> int:
    """Send rows back to the diff whose license somebody changed since; gives how many there are now."""
    batch = _proposed(session, batch_id, officer)
    moved = select(LicenseRow.code).where(
        LicenseRow.code == BatchRow.code, LicenseRow.updated_index != BatchRow.base_index
    )
    rows = session.execute(
        select(table_of(BatchRow)).where(
            BatchRow.batch == batch_id, BatchRow.acts.is_not(None), moved.exists()
        )
    ).all()
    for row in rows:
        set_aside(session, batch, row)
    session.flush()
    return int(batch.counts["kinds"][Kind.STALE])


def set_aside(session: Session, batch: Batch, row: Any, kind: Kind = Kind.STALE) -> None:
    """Let a row that was to be entered be stale (or already there), and count it so."""
    remedy = _AGAIN if batch.undo_of is None else BY_HAND
    moved = RowFault(row.row or 0, "number", LABELS["number"], Fault("number", row.number, _MOVED, remedy))
    session.execute(
        update(BatchRow)
        .where(BatchRow.batch == batch.id, BatchRow.position == row.position)
        .values(
            kind=kind.value,
            acts=None,
            application=None,
            remarks=[moved.as_json()] if kind is Kind.STALE else None,
        )
    )
    kinds, acts = dict(batch.counts["kinds"]), dict(batch.counts["acts"])
    kinds[row.kind] -= 1
    kinds[kind] += 1
    for act in row.acts:
        acts[ActKind(act).name] -= 1
    batch.counts = batch.counts | {"kinds": kinds, "acts": acts}
    batch.total -= 1


def decide_missing(
    session: Session,
    batch_id: int,
    officer: Officer | None,
    *,
    end: bool,
    kind: LicenseType,
) -> Batch:
    """Say that missing licenses shall end, or be left.

    Raises `NotPermitted` for another officer than the proposer where ends take two persons.
    """
    batch = _proposed(session, batch_id, officer)
    if _is_others(batch, officer) and ActKind.ENDING.name.lower() in kind.four_eyes:
        words = Text("เฉพาะผู้เสนอตัดสินเรื่องนี้ อีกคนเผยแพร่", "The proposer says so; another officer releases")
        raise NotPermitted("not-yours", words)
    options = Options.of(batch.options)
    basis = options.legal_basis or kind.legal_basis.th
    ending = OrderRequest(ActKind.ENDING, basis, outcome="ceased")
    missing = [BatchRow.batch == batch_id, BatchRow.kind == Kind.MISSING]
    acted = select(func.count()).select_from(BatchRow).where(*missing, BatchRow.acts.is_not(None))
    before = session.scalars(acted).one()
    acts = [int(ActKind.ENDING)] if end else None
    session.execute(update(BatchRow).where(*missing).values(acts=acts, decision=pack_order(ending)))
    more = session.scalars(acted).one() - before
    # A status column may end licenses besides, and whether two persons decide hangs on these counts.
    ended = batch.counts["acts"].get(ActKind.ENDING.name, 0) + more
    counted = {name: count for name, count in batch.counts["acts"].items() if name != ActKind.ENDING.name}
    if ended:
        counted[ActKind.ENDING.name] = ended
    batch.counts = batch.counts | {"acts": counted}
    batch.total += more
    batch.options = batch.options | {"missing": str(Missing.END if end else Missing.LEAVE)}
    session.flush()
    return batch


def _is_others(batch: Batch, officer: Officer | None) -> bool:
    return officer is not None and batch.proposer is not None and batch.proposer != officer.id


def digest_of(batch: Batch) -> str:
    """What a release is bound to: whoever releases has seen these counts of this comparison; hex."""
    seen = [batch.id, batch.file_hash.hex(), batch.proposed_at.isoformat(), batch.counts, batch.options]
    return sha256(encode_json(seen)).hex()


def needs_second_person(batch: Batch, kind: LicenseType) -> bool:
    """Whether the type's policy for one of the batch's acts, or a start before its day, asks for an approver.

    What an operator brings in at the console, no officer proposed: there the policy alone decides.
    """
    by_policy = any(count and act.lower() in kind.four_eyes for act, count in batch.counts["acts"].items())
    return by_policy or (batch.proposer is not None and batch.counts["backdated"] > 0)


def release(
    session: Session, batch_id: int, officer: Officer | None, *, office: Office, at: datetime
) -> Batch:
    """Release a proposed batch: from now on its acts are entered, by whichever process comes first.

    Raises `NotPermitted` for the own batch where a second person must decide, and `Refused` for one
    with faults, conflicts or changes since that is all-or-nothing, and for missing rows undecided; `Changed`
    where its type has other rules now than its rows were judged by.
    """
    batch = _proposed(session, batch_id, officer)
    second = needs_second_person(batch, office.catalog.types[batch.license_type])
    _require_person(session, batch, officer, second=second)
    _require_same_rules(office.catalog, batch)
    mark_stale(session, batch_id, officer)
    _require_ready(batch)
    if officer is not None and officer.id != batch.proposer:
        batch.approver = officer.id
    batch.state, batch.released_at = State.RELEASED, at
    record_event(session, "batch-released", officer, at=at, batch=batch.id, rows=batch.total)
    session.flush()
    return batch


def _require_person(session: Session, batch: Batch, officer: Officer | None, *, second: bool) -> None:
    if not second:
        if officer is not None:
            require(officer.role, Permission.IMPORT)
        return
    if officer is None or batch.proposer in (None, officer.id):
        raise NotPermitted(
            "needs-approver",
            Text(
                "ชุดข้อมูลนี้ต้องมีผู้เสนอและผู้อนุมัติคนละคน",
                "This batch needs a proposer and another officer who approves",
            ),
        )
    require(officer.role, Permission.APPROVE)
    proposer_in_office(session, batch.proposer)


def _require_same_rules(catalog: Catalog, batch: Batch) -> None:
    if batch.options.get("rules") != rules_of(catalog, batch):
        raise Changed(
            "rules-changed",
            Text(
                "กติกาของใบอนุญาตประเภทนี้เปลี่ยนไปหลังการเปรียบเทียบ ถอนชุดนี้แล้วเริ่มใหม่",
                "The rules of this license type have changed since the comparison: withdraw this batch and begin again",
            ),
        )


def _require_ready(batch: Batch) -> None:
    options, kinds = Options.of(batch.options), batch.counts["kinds"]
    problems = sum(kinds[kind] for kind in PROBLEMS)
    if options.release is Release.ALL_OR_NOTHING and problems:
        raise refuse(
            "batch-problems",
            f"ไฟล์นี้มี {problems} แถวที่เข้าไม่ได้ และเลือกไว้ว่าต้องเข้าทั้งหมดหรือไม่เข้าเลย",
            f"{problems} rows of this file cannot go in, and it was to be all or nothing",
        )
    if options.missing is Missing.ASK and kinds[Kind.MISSING]:
        raise refuse(
            "batch-missing",
            f"ใบอนุญาต {kinds[Kind.MISSING]} ใบไม่อยู่ในไฟล์: เลือกว่าจะคงไว้หรือให้สิ้นสุด",
            f"{kinds[Kind.MISSING]} licenses are missing from the file: say whether to leave or end them",
        )


def withdraw(session: Session, batch_id: int, officer: Officer | None, *, at: datetime) -> Batch:
    """Take a batch back, read or not; its counts stay, its rows go.  Raises `Changed` once it is released."""
    if officer is not None:
        require(officer.role, Permission.IMPORT)
    batch = batch_of(session, batch_id, officer, lock=True)
    require_open(batch)
    delete_rows(session, [batch_id])
    batch.state, batch.done_at = State.WITHDRAWN, at
    record_event(session, "batch-withdrawn", officer, at=at, batch=batch.id)
    session.flush()
    return batch
