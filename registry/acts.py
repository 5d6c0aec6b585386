"""The acts: what an officer's decision does to licenses, one function a shape.

`issue` makes licenses, `revise` makes a new version of one, `order` changes its status.  All three
end in `log.append`, in the caller's transaction; none commits.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.catalog import Text
from keys.code import make_code
from keys.dates import bangkok_date, parse_date
from keys.record import SALT_BYTES, Order, StatusRef
from registry import log
from registry.applications import Application, number_key
from registry.db import insert_rows
from registry.drafts import Authority, Office, Version, draft_of, face_columns, license_row
from registry.errors import Changed, Refused, refuse
from registry.lifecycle import next_status
from registry.models import LicenseRow, table_of


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """The content of an order, before the register gives it an index."""

    act: ActKind
    legal_basis: str
    reason: str | None = None
    begins: date | None = None
    until: date | None = None
    outcome: str | None = None
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """An act that happened: the license's code and where the act stands in the log."""

    code: str
    index: int


# --- issuing ------------------------------------------------------------------------------------


def issue(
    session: Session,
    applications: Sequence[Application],
    *,
    office: Office,
    authority: Authority,
    at: datetime,
) -> list[Done]:
    """Issue one license or a block of many, all or none.

    Raises `Refused` when a number is held by a license in force, when two applications share one,
    or when a card fits no QR.
    """
    log.locked_head(session)  # From here on nobody else takes a number, a code or a position.
    today = bangkok_date(at)
    _take_numbers(session, applications, today)
    codes = _fresh_codes(session, len(applications))
    drafts = [
        draft_of(
            application,
            Version(ActKind.ISSUANCE, code, 1, secrets.token_bytes(SALT_BYTES)),
            office=office,
            authority=authority,
        )
        for application, code in zip(applications, codes, strict=True)
    ]
    logged = _append(session, drafts, office, at)
    rows = [
        license_row(application, draft, where)
        for application, draft, where in zip(applications, drafts, logged, strict=True)
    ]
    insert_rows(session, _LICENSES, rows)
    return [Done(code, where.index) for code, where in zip(codes, logged, strict=True)]


def _take_numbers(session: Session, applications: Sequence[Application], today: date) -> None:
    wanted: dict[tuple[int, int, str], Application] = {}
    for application in applications:
        key = (application.agency, application.license_type, number_key(application.number))
        if key in wanted:
            raise _number_taken(application.number)
        wanted[key] = application
    for agency, license_type in {key[:2] for key in wanted}:
        numbers = [key[2] for key in wanted if key[:2] == (agency, license_type)]
        for start in range(0, len(numbers), 500):
            asked = {"agency": agency, "type": license_type, "numbers": numbers[start : start + 500]}
            _release_expired(session, asked, today)


_LICENSES = table_of(LicenseRow)
_HOLDING = select(*_LICENSES.c["code", "number", "status", "valid_until"]).where(
    _LICENSES.c.agency == bindparam("agency"),
    _LICENSES.c.license_type == bindparam("type"),
    _LICENSES.c.number_key.in_(bindparam("numbers", expanding=True)),
    _LICENSES.c.holds_number == 1,
)
_TAKEN = select(_LICENSES.c.code).where(_LICENSES.c.code.in_(bindparam("codes", expanding=True)))


def _release_expired(session: Session, asked: dict[str, object], today: date) -> None:
    # A number is free again when the license that held it has passed its end without a renewal filed.
    for row in session.execute(_HOLDING, asked):
        filed = row.status in (Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING)
        if filed or row.valid_until is None or parse_date(row.valid_until) >= today:
            raise _number_taken(row.number)
        session.execute(update(LicenseRow).where(LicenseRow.code == row.code).values(holds_number=False))


def _number_taken(number: str) -> Refused:
    return refuse(
        "number-taken",
        f"เลขที่ {number} มีใบอนุญาตที่ยังใช้อยู่แล้ว",
        f"A license in force already has the number {number}",
        field="number",
    )


def _fresh_codes(session: Session, count: int) -> list[str]:
    codes: list[str] = []
    seen: set[str] = set()
    while len(codes) < count:
        drawn = {make_code(secrets.randbelow(10**12)) for _ in range(min(count - len(codes), 500))} - seen
        taken = set(session.scalars(_TAKEN, {"codes": list(drawn)}))
        codes += sorted(drawn - taken)
        seen |= drawn
    return codes


def _append(session: Session, drafts: Sequence[log.Draft], office: Office, at: datetime) -> list[log.Logged]:
    return log.append(session, drafts, signers=office.signers, host=office.host, at=at)


# --- changing one license -----------------------------------------------------------------------


def locked_license(session: Session, code: str, *, base_index: int | None) -> LicenseRow:
    """The license's row under the log's lock; raises `Changed` when it moved since `base_index`."""
    log.locked_head(session)
    row = session.get(LicenseRow, code, populate_existing=True)
    if row is None:
        raise refuse("no-license", "ไม่มีใบอนุญาตรหัสนี้", "There is no license with this code")
    if base_index is not None:
        require_unchanged(row, base_index)
    return row


def require_unchanged(row: LicenseRow, base_index: int) -> None:
    """Return if the newest act on the license is still the one at `base_index`; raise `Changed`."""
    if row.updated_index != base_index:
        raise Changed(
            "changed",
            Text(
                "ใบอนุญาตนี้เพิ่งถูกแก้ไขโดยเจ้าหน้าที่คนอื่น เปิดหน้าใหม่แล้วทำอีกครั้ง",
                "Another officer has just changed this license: open it again and repeat",
            ),
        )


# What may differ from the version in force, by act; everything else stays.
REVISABLE: dict[ActKind, frozenset[str]] = {
    ActKind.RENEWAL: frozenset({"number", "valid_from", "valid_until", "fields", "conditions", "issued"}),
    ActKind.AMENDMENT: frozenset(
        {"premises", "address", "place", "fields", "conditions", "holder", "holder_en", "linked"}
    ),
    ActKind.TRANSFER: frozenset({"holder", "holder_en", "holder_id", "fields", "issued"}),
    ActKind.REPLACEMENT: frozenset({"issued"}),
}


def revise(
    session: Session,
    code: str,
    act: ActKind,
    application: Application,
    *,
    current: Application,
    term_from: date | None = None,
    base_index: int | None,
    office: Office,
    authority: Authority,
    at: datetime,
) -> Done:
    """Make a new version of one license by renewal, amendment, transfer or replacement.

    `current` is the face in force, and `term_from` what it says of the first day of its term; what
    `act` may not change must equal it.  The new version has its own position, the old one becomes
    SUPERSEDED, and the standing passes on.  Raises `Refused`.
    """
    row = locked_license(session, code, base_index=base_index)
    drafted = draft_revision(
        *(session, row, act, application),
        current=current,
        term_from=term_from,
        office=office,
        authority=authority,
        at=at,
    )
    (done,) = enter(session, [drafted], office=office, at=at)
    return done


@dataclass(frozen=True, slots=True)
class Drafted:
    """An act on a license of the register, allowed and ready to be entered; `content` is what it says."""

    row: LicenseRow
    content: Application | OrderRequest
    draft: log.Draft


def draft_revision(
    session: Session,
    row: LicenseRow,
    act: ActKind,
    application: Application,
    *,
    current: Application,
    term_from: date | None = None,
    office: Office,
    authority: Authority,
    at: datetime,
) -> Drafted:
    """The draft of a new version of a license whose row is locked; raises `Refused` as `revise` does."""
    _require_only(act, application, current)
    if act is ActKind.RENEWAL:
        application, term_from = renewed(application, row, bangkok_date(at))
    if number_key(application.number) != row.number_key:
        _take_numbers(session, [application], bangkok_date(at))
    version = Version(act, row.code, row.version + 1, row.salt, term_from)
    return Drafted(
        row, application, draft_of(application, version, office=office, authority=authority, row=row)
    )


def enter(session: Session, drafted: Sequence[Drafted], *, office: Office, at: datetime) -> list[Done]:
    """Log acts on different licenses, whose rows are locked, and let the rows stand as they leave them."""
    logged = _append(session, [one.draft for one in drafted], office, at)
    for one, where in zip(drafted, logged, strict=True):
        if isinstance(one.content, Application):
            for name, value in face_columns(one.content, one.draft, where).items():
                setattr(one.row, name, value)
        else:
            ordered(one.row, one.draft.status, where.index, one.content)
    session.flush()
    return [Done(one.row.code, where.index) for one, where in zip(drafted, logged, strict=True)]


def _require_only(act: ActKind, application: Application, current: Application) -> None:
    for name in Application.__slots__:
        if name not in REVISABLE[act] and getattr(application, name) != getattr(current, name):
            raise refuse(
                "not-revisable",
                "การทำรายการนี้แก้ค่านี้ไม่ได้",
                f"This act cannot change '{name}'",
                field=name,
            )


def renewed(application: Application, row: LicenseRow, today: date) -> tuple[Application, date | None]:
    """A renewal's face and the first day of its term; raises `Refused` for what cannot be renewed so.

    Without a gap it is valid from the day of its entry, and its term begins later.
    """
    if row.valid_until is None:
        raise refuse("no-end", "ใบอนุญาตนี้ไม่มีวันหมดอายุ จึงไม่ต้องต่อ", "This license has no end to renew")
    old_start, old_end = parse_date(row.valid_from), parse_date(row.valid_until)
    filed = row.status in (Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING)
    if today > old_end and not filed:
        raise refuse(
            "expired",
            "หมดอายุแล้วโดยไม่ได้ยื่นต่ออายุ ต้องออกใบอนุญาตใหม่",
            "It expired without a renewal filed: issue a new license",
        )
    if application.valid_until is not None and application.valid_until <= old_end:
        raise refuse(
            "no-later",
            "วันสิ้นสุดใหม่ต้องหลังวันสิ้นสุดเดิม",
            "The new end must lie after the old one",
            field="valid_until",
        )
    if today > old_end or application.valid_from > old_end + timedelta(days=1):
        return application, None
    return replace(application, valid_from=max(today, old_start)), application.valid_from


def order(
    session: Session,
    code: str,
    request: OrderRequest,
    *,
    base_index: int | None,
    office: Office,
    authority: Authority,
    at: datetime,
) -> Done:
    """Enter an order about the version in force; it takes effect now.

    Raises `Refused` when the lifecycle or the dates forbid it.
    """
    row = locked_license(session, code, base_index=base_index)
    drafted = draft_order(row, request, office=office, authority=authority, at=at)
    (done,) = enter(session, [drafted], office=office, at=at)
    return done


def draft_order(
    row: LicenseRow, request: OrderRequest, *, office: Office, authority: Authority, at: datetime
) -> Drafted:
    """The draft of an order about a license whose row is locked; raises `Refused` as `order` does."""
    status = next_status(Status(row.status), request.act)
    _require_dates(request, row, bangkok_date(at))
    draft = log.Draft(
        statement=_order(request, row, office, authority),
        salt=row.salt,
        status=status,
        ref=StatusRef(row.list_year, row.list_number, row.position),
        previous=row.updated_index,
        proposer=authority.proposer,
        approver=authority.approver,
    )
    return Drafted(row, request, draft)


def ordered(row: LicenseRow, status: Status, index: int, content: OrderRequest | Order) -> None:
    """Let the row stand as the order at `index` leaves it."""
    row.status, row.updated_index = int(status), index
    if content.act is ActKind.SUSPENSION:
        row.suspended_until = content.until.isoformat() if content.until else None
        row.suspension_basis = content.legal_basis
    elif status not in {Status.SUSPENDED, Status.SUSPENDED_PENDING}:
        row.suspended_until = row.suspension_basis = None
    if status in {Status.INVALID, Status.ENDED}:
        row.holds_number = False


def _order(request: OrderRequest, row: LicenseRow, office: Office, authority: Authority) -> Order:
    return Order(
        act=request.act,
        catalog=office.catalog.version,
        agency=row.agency,
        license_type=row.license_type,
        code=row.code,
        version=row.version,
        legal_basis=request.legal_basis,
        index=0,
        reason=request.reason,
        begins=request.begins,
        until=request.until,
        outcome=request.outcome,
        successor=request.successor,
        signer=authority.signer(),
    )


def _require_dates(request: OrderRequest, row: LicenseRow, today: date) -> None:
    if request.act is ActKind.SUSPENSION:
        if request.until is None or request.until < (request.begins or today):
            raise refuse(
                "suspension-end",
                "การพักใช้ต้องมีวันสิ้นสุด ไม่ก่อนวันเริ่ม",
                "A suspension needs an end, not before its start",
                field="until",
            )
        if request.until < today:
            raise refuse(
                "suspension-over",
                "วันสิ้นสุดการพักใช้ผ่านไปแล้ว",
                "The suspension would be over already",
                field="until",
            )
    if request.begins and request.begins > today:
        raise refuse("begins-later", "คำสั่งนี้ยังไม่ถึงวันเริ่ม", "This order does not begin yet", field="begins")
    if request.act is ActKind.RENEWAL_FILING:
        filed = request.begins or today
        if row.valid_until is None or filed > parse_date(row.valid_until):
            raise refuse(
                "filed-late",
                "ต้องยื่นและชำระค่าธรรมเนียมก่อนวันหมดอายุ",
                "A renewal must be filed and paid before the end",
                field="begins",
            )
    if request.act is ActKind.ENDING and (request.outcome == "succeeded") != (request.successor is not None):
        raise refuse(
            "successor",
            "การมีใบใหม่แทน ต้องระบุรหัสใบใหม่",
            "Succession, and nothing else, names the new license",
            field="successor",
        )
