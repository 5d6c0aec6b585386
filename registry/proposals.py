"""Two persons where the law or the type's policy wants them: propose, then approve.

A proposal holds exactly what was entered; approval is bound to its digest and executes it.  An act
that needs one person only takes the same way and is executed at once.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.catalog import LicenseType, Text, encode_json
from keys.dates import bangkok_date, parse_date
from keys.layout import sha256
from registry import acts
from registry.acts import Done, OrderRequest
from registry.applications import Application, Faulty, validate
from registry.audit_events import record_event
from registry.behind import require_caught_up
from registry.drafts import Authority, Office, require_fit
from registry.errors import Changed, NotPermitted, Refused, refuse
from registry.faces import face_in_force
from registry.lifecycle import next_status
from registry.models import LicenseRow, Officer, Proposal
from registry.orders import read_order
from registry.permissions import Permission, proposer_in_office, require, require_type
from registry.signers import NoAgencyKey
from registry.terms import DateFault, parse_day

_log = logging.getLogger(__name__)
WAITING, SCHEDULED, DONE, REJECTED, FAILED = "waiting", "scheduled", "done", "rejected", "failed"


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer enters for one act: the texts of a form, and the version they were based on.

    For acts that make a record `raw` holds the flat names of `applications`; for orders the names
    of `OrderRequest`.  `backdating` is the reason for a start before today.
    """

    act: ActKind
    license_type: int
    raw: Mapping[str, str]
    code: str | None = None
    base_index: int | None = None
    backdating: str = ""


def propose(session: Session, wish: Wish, officer: Officer, *, office: Office, at: datetime) -> Proposal:
    """Store an act as proposed, and execute it at once unless a second person or a date must come.

    Raises `Refused` when role, agency, lifecycle or dates forbid it, `Faulty` with the form's faults.
    """
    require_caught_up(session)
    begins = examine(session, wish, officer, office=office, at=at)
    content = {"raw": dict(wish.raw), "backdating": wish.backdating}
    proposal = Proposal(
        agency=officer.agency,
        license_type=wish.license_type,
        code=wish.code,
        act=int(wish.act),
        content=content,
        digest=_digest(wish.act, officer.agency, wish.license_type, wish.code, wish.base_index, content),
        base_index=wish.base_index,
        begins=begins.isoformat() if begins else None,
        state=WAITING,
        proposer=officer.id,
        proposed_at=at,
    )
    session.add(proposal)
    session.flush()
    # One event each: what was only proposed, or what the proposal brought about at once.
    if needs_second_person(wish, office.catalog.types[wish.license_type], bangkok_date(at)):
        record_event(session, "proposed", officer, at=at, proposal=proposal.id, act=wish.act.name)
    else:
        _settle(session, proposal, officer, None, office=office, at=at)
    return proposal


def examine(session: Session, wish: Wish, officer: Officer, *, office: Office, at: datetime) -> date | None:
    """Return the day a later order begins, or None; nothing is stored or signed.

    Raises as `propose` does for all that can be told before the log's lock is held.
    """
    require(officer.role, Permission.PROPOSE)
    _type_of(wish, officer, office)
    row = _own_license(session, wish, officer) if wish.code else None
    if row is not None and wish.base_index is not None:
        acts.require_unchanged(row, wish.base_index)
    return _try(wish, row, officer, office=office, today=bangkok_date(at))


def needs_second_person(wish: Wish, kind: LicenseType, today: date) -> bool:
    """Whether the type's policy, or a start before today, asks for an approver."""
    return wish.act.name.lower() in kind.four_eyes or _is_backdated(wish, today)


def _is_backdated(wish: Wish, today: date) -> bool:
    if wish.act is not ActKind.ISSUANCE:
        return False
    try:
        return parse_day(wish.raw.get("valid_from", "")) < today
    except DateFault:
        return False


def approve(
    session: Session, proposal_id: int, digest: bytes, officer: Officer, *, office: Office, at: datetime
) -> Proposal:
    """Approve what another officer proposed, and execute or schedule it.

    Raises `NotPermitted` for the own proposal, another agency's or without the role, `Changed` when
    the proposal is not the one that was shown or its license moved since.
    """
    require_caught_up(session)
    require(officer.role, Permission.APPROVE)
    proposal = _waiting(session, proposal_id, officer)
    if proposal.proposer == officer.id:
        raise NotPermitted(
            "own-proposal",
            Text("ผู้เสนออนุมัติรายการของตนเองไม่ได้", "Nobody approves their own proposal"),
        )
    if proposal.digest != digest:
        raise Changed("changed", Text("รายการนี้ถูกแก้ไขแล้ว เปิดดูใหม่", "This proposal has changed: open it again"))
    proposer = proposer_in_office(session, proposal.proposer)
    _settle(session, proposal, proposer, officer, office=office, at=at)
    return proposal


def reject(session: Session, proposal_id: int, officer: Officer, *, at: datetime) -> Proposal:
    """Turn a waiting proposal down; the proposer may take the own one back in the same way."""
    require_caught_up(session)
    proposal = _waiting(session, proposal_id, officer)
    require(officer.role, Permission.PROPOSE if proposal.proposer == officer.id else Permission.APPROVE)
    proposal.state, proposal.decided_at = REJECTED, at
    if proposal.proposer != officer.id:
        proposal.approver = officer.id
    record_event(session, "rejected", officer, at=at, proposal=proposal.id)
    session.flush()
    return proposal


def _waiting(session: Session, proposal_id: int, officer: Officer) -> Proposal:
    proposal = session.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if proposal is None or proposal.agency != officer.agency:
        raise refuse("no-proposal", "ไม่มีรายการนี้", "There is no such proposal")
    if proposal.state != WAITING:
        raise Changed("decided", Text("รายการนี้มีผู้พิจารณาแล้ว", "This proposal has been decided already"))
    return proposal


def _digest(*parts: object) -> bytes:
    return sha256(encode_json([part if not isinstance(part, ActKind) else int(part) for part in parts]))


def _type_of(wish: Wish, officer: Officer, office: Office) -> LicenseType:
    require_type(office.catalog.agencies.get(officer.agency), wish.license_type)
    return office.catalog.types[wish.license_type]


def _own_license(session: Session, wish: Wish, officer: Officer) -> LicenseRow:
    row = session.get(LicenseRow, wish.code)
    if row is None or row.agency != officer.agency or row.license_type != wish.license_type:
        raise refuse("no-license", "ไม่มีใบอนุญาตรหัสนี้", "There is no license with this code")
    return row


def _try(wish: Wish, row: LicenseRow | None, officer: Officer, *, office: Office, today: date) -> date | None:
    """Check what can be checked before anything is stored; gives the day a later order begins."""
    next_status(Status(row.status) if row else None, wish.act)
    if wish.act.makes_record:
        application = _application(wish, officer, office, today)
        require_fit(application, office)
        if wish.act is ActKind.ISSUANCE and application.valid_from < today and not wish.backdating.strip():
            raise refuse(
                "backdating",
                "เริ่มใช้ก่อนวันนี้ ต้องบอกเหตุผล และต้องมีผู้อนุมัติอีกคน",
                "A start before today needs a reason and a second person",
                field="valid_from",
            )
        return None
    request = read_order(wish.act, wish.raw)
    if request.reason is not None and request.reason not in office.catalog.reasons:
        raise refuse("reason", "เลือกเหตุจากรายการ", "Choose one of the controlled reasons", field="reason")
    return request.begins if _is_later(request, today) else None


def _is_later(request: OrderRequest, today: date) -> bool:
    return request.begins is not None and request.begins > today


def _application(wish: Wish, officer: Officer, office: Office, today: date) -> Application:
    kind, agency = office.catalog.types[wish.license_type], office.catalog.agencies[officer.agency]
    return validate(wish.raw, kind, agency, today=today, act=wish.act)


def _settle(
    session: Session,
    proposal: Proposal,
    proposer: Officer,
    approver: Officer | None,
    *,
    office: Office,
    at: datetime,
) -> None:
    proposal.approver = approver.id if approver else None
    proposal.decided_at = at
    if proposal.begins and parse_date(proposal.begins) > bangkok_date(at):
        proposal.state = SCHEDULED
        record_event(session, "scheduled", approver or proposer, at=at, proposal=proposal.id)
    else:
        done = execute(session, proposal, proposer, approver, office=office, at=at)
        proposal.state, proposal.code, proposal.log_index = DONE, done.code, done.index
        who = approver or proposer
        record_event(session, "acted", who, at=at, proposal=proposal.id, code=done.code, index=done.index)
    session.flush()


def execute(
    session: Session,
    proposal: Proposal,
    proposer: Officer,
    approver: Officer | None,
    *,
    office: Office,
    at: datetime,
) -> Done:
    """Carry a decided proposal out; raises `Refused` when it is no longer possible."""
    act, signs = ActKind(proposal.act), approver or proposer
    authority = Authority(
        proposer.id, approver.id if approver else None, name=signs.name, position=signs.position
    )
    if act.makes_record:
        return _make_record(session, proposal, act, authority, office=office, at=at)
    # A scheduled order was decided on what may have changed since: the lifecycle alone decides now.
    return acts.order(
        session,
        _code(proposal),
        read_order(act, proposal.content["raw"]),
        base_index=None if proposal.begins else proposal.base_index,
        office=office,
        authority=authority,
        at=at,
    )


def _make_record(
    session: Session, proposal: Proposal, act: ActKind, authority: Authority, *, office: Office, at: datetime
) -> Done:
    kind, agency = office.catalog.types[proposal.license_type], office.catalog.agencies[proposal.agency]
    application = validate(proposal.content["raw"], kind, agency, today=bangkok_date(at), act=act)
    if act is ActKind.ISSUANCE:
        (done,) = acts.issue(session, [application], office=office, authority=authority, at=at)
        return done
    row = acts.locked_license(session, _code(proposal), base_index=proposal.base_index)
    face = face_in_force(session, row, office.signers.ring)
    return acts.revise(
        session,
        row.code,
        act,
        application,
        current=face.application,
        term_from=face.term_from,
        base_index=proposal.base_index,
        office=office,
        authority=authority,
        at=at,
    )


def _code(proposal: Proposal) -> str:
    if proposal.code is None:
        raise refuse("no-license", "ไม่มีใบอนุญาตรหัสนี้", "There is no license with this code")
    return proposal.code


def enter_due(session: Session, *, office: Office, at: datetime) -> list[Done]:
    """Enter what today brings: orders whose first day has come, and ends of suspensions.

    The reinstatement after a suspension's last day has the suspension's legal basis and needs no
    second approval.  A scheduled order that has become impossible is marked so, with its reason.
    What waits for a key of its agency stays due and is told in the log: nobody else waits with it.
    """
    today = bangkok_date(at).isoformat()
    entered = []
    due = select(Proposal).where(Proposal.state == SCHEDULED, Proposal.begins <= today).order_by(Proposal.id)
    for proposal in session.scalars(due.with_for_update()).all():
        proposer = session.get_one(Officer, proposal.proposer)
        approver = session.get(Officer, proposal.approver) if proposal.approver else None
        try:
            with session.begin_nested():
                done = execute(session, proposal, proposer, approver, office=office, at=at)
        except NoAgencyKey as error:
            _log.warning("proposal %d stays due: %s", proposal.id, error)
            continue
        except (Refused, Faulty) as error:
            proposal.state = FAILED
            record_event(session, "failed", None, at=at, proposal=proposal.id, why=str(error))
            continue
        proposal.state, proposal.log_index = DONE, done.index
        entered.append(done)
    over = select(LicenseRow).where(LicenseRow.suspended_until < today).order_by(LicenseRow.code)
    for row in session.scalars(over).all():
        request, nobody = OrderRequest(ActKind.REINSTATEMENT, row.suspension_basis or ""), Authority(None)
        try:
            done = acts.order(
                session, row.code, request, base_index=None, office=office, authority=nobody, at=at
            )
        except NoAgencyKey as error:
            _log.warning("the end of a suspension by agency %d stays due: %s", row.agency, error)
            continue
        record_event(session, "suspension-over", None, at=at, code=done.code, index=done.index)
        entered.append(done)
    return entered
