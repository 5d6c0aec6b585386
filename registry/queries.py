"""The questions the office asks of the database; each about licenses or officers takes the agency.

An officer's agency comes from the officer's own row, never from input, so another agency's code
finds nothing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CTE, ColumnElement, func, select
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.dates import from_seconds, parse_date
from registry.applications import number_key
from registry.models import EntryRow, LicenseRow, LogHead, Officer, OfficerSession, Proposal
from registry.proposals import SCHEDULED, WAITING

MOST_HISTORY = 200
_FILED = (Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One act on a license: who proposed and approved it, and where it stands in the log."""

    index: int
    act: ActKind
    moment: datetime
    statement: bytes | None
    proposer: str | None
    approver: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """What an agency has to do: counts for the first page."""

    waiting: int
    scheduled: int
    renewals: int
    expiring: int
    publishing: int


def officer_in_office(session: Session, officer_id: int) -> Officer | None:
    """The officer, unless removed."""
    officer = session.get(Officer, officer_id)
    return officer if officer is not None and officer.disabled_at is None else None


def officer_by_login(session: Session, login: str) -> Officer | None:
    """The officer of a log-in name, removed ones too."""
    return session.scalars(select(Officer).where(Officer.login == login)).one_or_none()


def officers_of(session: Session, agency: int) -> Sequence[Officer]:
    """An agency's officers, those in office first."""
    return session.scalars(
        select(Officer)
        .where(Officer.agency == agency)
        .order_by(Officer.disabled_at.is_not(None), Officer.login)
    ).all()


def names_of(session: Session, agency: int) -> dict[int, str]:
    """The names of an agency's officers by id, removed ones too."""
    rows = session.execute(select(Officer.id, Officer.name).where(Officer.agency == agency))
    return {row.id: row.name for row in rows}


def sessions_of(session: Session, officer_id: int) -> Sequence[OfficerSession]:
    """An officer's own sessions, the one used last first."""
    return session.scalars(
        select(OfficerSession)
        .where(OfficerSession.officer_id == officer_id)
        .order_by(OfficerSession.seen_at.desc(), OfficerSession.token_hash)
    ).all()


def own_license(session: Session, agency: int, code: str) -> LicenseRow | None:
    """The license of a code, when it is the agency's own."""
    row = session.get(LicenseRow, code)
    return row if row is not None and row.agency == agency else None


def own_licenses(session: Session, agency: int, codes: Sequence[str]) -> list[LicenseRow]:
    """The agency's licenses among `codes`, in the order of `codes`."""
    found = session.scalars(select(LicenseRow).where(LicenseRow.agency == agency, LicenseRow.code.in_(codes)))
    rows = {row.code: row for row in found}
    return [rows[code] for code in codes if code in rows]


def licenses_by_number(
    session: Session, agency: int, number: str, *, license_type: int | None, after: str, size: int
) -> Sequence[LicenseRow]:
    """The agency's licenses whose number begins with `number`, by code; `after` is the last code seen.

    What the list falls back to while the search index is away.
    """
    wanted = [LicenseRow.agency == agency, LicenseRow.code > after]
    if license_type is not None:
        wanted.append(LicenseRow.license_type == license_type)
    key = number_key(number)
    if key:
        wanted.append(LicenseRow.number_key.startswith(key, autoescape=True))
    return session.scalars(select(LicenseRow).where(*wanted).order_by(LicenseRow.code).limit(size)).all()


def number_in_force(session: Session, agency: int, license_type: int, number: str, today: date) -> bool:
    """Whether a license in force has this number, as far as can be told without the log's lock."""
    row = session.scalars(
        select(LicenseRow).where(
            LicenseRow.agency == agency,
            LicenseRow.license_type == license_type,
            LicenseRow.number_key == number_key(number),
            LicenseRow.holds_number == 1,
        )
    ).first()
    if row is None:
        return False
    return row.status in _FILED or row.valid_until is None or parse_date(row.valid_until) >= today


def chain_of(code: str, agency: int) -> CTE:
    """The log indexes of all acts on one of the agency's licenses, as SQL.

    From the newest one backwards: an index over codes, which are random, would cost more than all
    else that logging does.
    """
    link = select(EntryRow.log_index, EntryRow.previous)
    newest = select(LicenseRow.updated_index).where(LicenseRow.code == code, LicenseRow.agency == agency)
    chain = link.where(EntryRow.log_index == newest.scalar_subquery()).cte("acts", recursive=True)
    return chain.union_all(link.where(EntryRow.log_index == chain.c.previous))


def history_of(session: Session, agency: int, code: str) -> list[HistoryRow]:
    """The newest 200 acts on one of the agency's licenses, newest first."""
    chain = chain_of(code, agency)
    rows = session.scalars(
        select(EntryRow)
        .join(chain, EntryRow.log_index == chain.c.log_index)
        .order_by(EntryRow.log_index.desc())
        .limit(MOST_HISTORY)
    ).all()
    names = names_of(session, agency)
    return [
        HistoryRow(
            index=row.log_index,
            act=ActKind(row.act),
            moment=from_seconds(row.moment),
            statement=row.statement,
            proposer=names.get(row.proposer) if row.proposer else None,
            approver=names.get(row.approver) if row.approver else None,
        )
        for row in rows
    ]


def card_in_force(session: Session, row: LicenseRow) -> bytes | None:
    """The signed card of a license's newest version."""
    return session.scalars(select(EntryRow.card).where(EntryRow.log_index == row.record_index)).one()


def log_size(session: Session) -> int:
    """How many entries the log has."""
    return session.scalars(select(LogHead.size)).one()


def own_proposal(session: Session, agency: int, proposal_id: int) -> Proposal | None:
    """A proposal, when it is the agency's own."""
    proposal = session.get(Proposal, proposal_id)
    return proposal if proposal is not None and proposal.agency == agency else None


def open_proposals(session: Session, agency: int) -> Sequence[Proposal]:
    """The agency's proposals that wait for a second person or for their day, the oldest first."""
    return session.scalars(
        select(Proposal)
        .where(Proposal.agency == agency, Proposal.state.in_((WAITING, SCHEDULED)))
        .order_by(Proposal.state.desc(), Proposal.id)
    ).all()


def proposals_about(session: Session, agency: int, code: str) -> Sequence[Proposal]:
    """The agency's open proposals about one license."""
    return [proposal for proposal in open_proposals(session, agency) if proposal.code == code]


def work_of(session: Session, agency: int, *, today: date, within: timedelta, published: int) -> Work:
    """How much waits in an agency: approvals, orders to come, renewals, ends, entries not yet public."""
    counts = session.execute(
        select(Proposal.state, func.count())
        .where(Proposal.agency == agency, Proposal.state.in_((WAITING, SCHEDULED)))
        .group_by(Proposal.state)
    )
    states = {state: count for state, count in counts}  # noqa: C416  # Rows are no pairs to mypy.
    entries = select(func.count()).where(EntryRow.log_index >= published, EntryRow.agency == agency)
    return Work(
        waiting=states.get(WAITING, 0),
        scheduled=states.get(SCHEDULED, 0),
        renewals=_count(session, _renewals(agency)),
        expiring=_count(session, _expiring(agency, today, within)),
        publishing=session.scalars(entries).one(),
    )


def renewals_of(session: Session, agency: int, *, size: int) -> Sequence[LicenseRow]:
    """The agency's licenses whose renewal was filed and is not decided, the earliest end first."""
    return _some(session, _renewals(agency), size)


def expiring_of(
    session: Session, agency: int, *, today: date, within: timedelta, size: int
) -> Sequence[LicenseRow]:
    """The agency's licenses in force that end within some days, the earliest first."""
    return _some(session, _expiring(agency, today, within), size)


def _renewals(agency: int) -> list[ColumnElement[bool]]:
    return [LicenseRow.agency == agency, LicenseRow.status.in_(_FILED)]


def _expiring(agency: int, today: date, within: timedelta) -> list[ColumnElement[bool]]:
    return [
        LicenseRow.agency == agency,
        LicenseRow.valid_until.between(today.isoformat(), (today + within).isoformat()),
        LicenseRow.status.in_((Status.VALID, Status.SUSPENDED)),
    ]


def _count(session: Session, wanted: list[ColumnElement[bool]]) -> int:
    return session.scalars(select(func.count()).select_from(LicenseRow).where(*wanted)).one()


def _some(session: Session, wanted: list[ColumnElement[bool]], size: int) -> Sequence[LicenseRow]:
    return session.scalars(
        select(LicenseRow).where(*wanted).order_by(LicenseRow.valid_until, LicenseRow.code).limit(size)
    ).all()
