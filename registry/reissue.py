"""Re-issuing: every license in force whose newest version bears a denied key gets one under a new key.

Each is a replacement, as `acts.revise` makes it, but in blocks.  What is replaced is affected no more,
so a run that was stopped goes on by being run again.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.dates import bangkok_date
from keys.errors import KeysError
from registry import log
from registry.applications import Application
from registry.db import Database
from registry.denied_sets import is_under, last_good_sizes
from registry.drafts import Authority, Office, Version, draft_of, face_columns
from registry.errors import RegistryError
from registry.faces import application_in_force, record_in_force
from registry.models import EntryRow, LicenseRow
from registry.signers import Signers

_HOLD_SECONDS = 0.15
_FIRST_BLOCK, _LARGEST_BLOCK = 8, 1000
_FILED = (Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING)
_FINAL = (Status.INVALID, Status.ENDED)


@dataclass
class Report:
    """How many licenses were replaced, and the codes of those that could not be, with the reason."""

    done: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


def reissue(
    database: Database,
    office_of: Callable[[Session], Office],
    agency: int,
    officer: int,
    *,
    reviewed: bool,
    clock: Callable[[], datetime],
    progress: Callable[[int, int], None],
) -> Report:
    """Replace the agency's affected licenses, in blocks that hold the log about 150 ms each.

    Those that the log has at the last good size or later may be forged; only `reviewed` takes them in.
    Raises `Refused` when the agency has no key in force to sign with.
    """
    report, after, size = Report(), "", _FIRST_BLOCK
    with database.reading() as session:
        signers, today = office_of(session).signers, bangkok_date(clock())
        total = _count(session, signers, agency, today, late=False)
        total += _count(session, signers, agency, today, late=True) if reviewed else 0
    while True:
        began = time.monotonic()
        with database.writing.begin() as session:
            log.locked_head(session)
            office, at = office_of(session), clock()
            rows = _affected(
                *(session, office.signers, agency, bangkok_date(at)),
                after=after,
                most=size,
                reviewed=reviewed,
            )
            _replace(session, rows, office, officer, report, at=at)
        if not rows:
            return report
        progress(report.done, total)
        after = rows[-1].code
        rate = len(rows) / max(time.monotonic() - began, 1e-3)
        size = max(_FIRST_BLOCK, min(int(rate * _HOLD_SECONDS), 2 * size, _LARGEST_BLOCK))


def count_late(session: Session, signers: Signers, agency: int, today: date) -> int:
    """How many licenses of the agency stand under a denied key at its last good size or later."""
    return _count(session, signers, agency, today, late=True)


def _under_denied(signers: Signers, agency: int, *, late: bool) -> ColumnElement[bool]:
    def logged(good_size: int) -> ColumnElement[bool]:
        return EntryRow.log_index >= good_size if late else EntryRow.log_index < good_size

    return or_(
        *(
            and_(is_under(EntryRow.statement, key.public.kid), logged(good_size))
            for key, good_size in last_good_sizes(signers).items()
            if key.agency == agency
        ),
        # Without a denied key nothing is affected.
        EntryRow.log_index < 0,
    )


def _in_question(agency: int, today: date) -> ColumnElement[bool]:
    # What has ended is not issued again; what has expired cannot be used by anybody either.
    open_ended = or_(LicenseRow.valid_until.is_(None), LicenseRow.valid_until >= today.isoformat())
    return and_(
        LicenseRow.agency == agency,
        LicenseRow.status.not_in(_FINAL),
        or_(open_ended, LicenseRow.status.in_(_FILED)),
    )


def _count(session: Session, signers: Signers, agency: int, today: date, *, late: bool) -> int:
    question = (
        select(func.count())
        .select_from(LicenseRow)
        .join(EntryRow, EntryRow.log_index == LicenseRow.record_index)
        .where(_in_question(agency, today), _under_denied(signers, agency, late=late))
    )
    return session.scalar(question) or 0


def _affected(
    session: Session, signers: Signers, agency: int, today: date, *, after: str, most: int, reviewed: bool
) -> Sequence[LicenseRow]:
    bears = _under_denied(signers, agency, late=False)
    if reviewed:
        bears = or_(bears, _under_denied(signers, agency, late=True))
    return session.scalars(
        select(LicenseRow)
        .join(EntryRow, EntryRow.log_index == LicenseRow.record_index)
        .where(LicenseRow.code > after, _in_question(agency, today), bears)
        .order_by(LicenseRow.code)
        .limit(most)
    ).all()


def _replace(
    session: Session,
    rows: Sequence[LicenseRow],
    office: Office,
    officer: int,
    report: Report,
    *,
    at: datetime,
) -> None:
    drafted = list[tuple[LicenseRow, Application, log.Draft]]()
    for row in rows:
        try:
            drafted.append((row, *_draft(session, row, office, officer)))
        except (RegistryError, KeysError) as error:
            report.left.append((row.code, str(error)))
    logged = (
        log.append(session, [draft for *_, draft in drafted], signers=office.signers, host=office.host, at=at)
        if drafted
        else []
    )
    for (row, application, draft), where in zip(drafted, logged, strict=True):
        for name, value in face_columns(application, draft, where).items():
            setattr(row, name, value)
    report.done += len(drafted)


def _draft(session: Session, row: LicenseRow, office: Office, officer: int) -> tuple[Application, log.Draft]:
    # The face stays as it is, whose name stands under it too: only the key is another.
    ring = office.signers.ring
    record, _ = record_in_force(session, row, ring)
    application = application_in_force(session, row, ring)
    authority = Authority(
        officer, name=record.signer.get("name", ""), position=record.signer.get("position", "")
    )
    version = Version(ActKind.REPLACEMENT, row.code, row.version + 1, row.salt, record.term_from)
    return application, draft_of(application, version, office=office, authority=authority, row=row)
