"""The acts: what an officer's decision does to licenses, one function a shape.

`issue` makes licenses, `revise` makes a new version of one, `order` changes its status.  All three
end in `log.append`, in the caller's transaction; none commits.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.catalog import Catalog, LicenseType, Text
from keys.card import card_of
from keys.code import make_code
from keys.dates import bangkok_date, parse_date
from keys.errors import TooLong
from keys.record import SALT_BYTES, Item, LicenseRecord, Order, Plain, StatusRef, Withheld
from registry import log
from registry.applications import Application, is_natural_person, number_key
from registry.errors import Changed, Refused, refuse
from registry.lifecycle import next_status
from registry.models import LicenseRow
from registry.signers import Signers


@dataclass(frozen=True, slots=True)
class Office:
    """What every act needs besides the decision: the keys, the host on the plates, the catalog."""

    signers: Signers
    host: str
    catalog: Catalog


@dataclass(frozen=True, slots=True)
class Authority:
    """Whose decision it is: proposer and approver by officer id, and who signs the document."""

    proposer: int | None
    approver: int | None = None
    name: str = ""
    position: str = ""

    def signer(self) -> dict[str, str]:
        """The signer as it stands on the document."""
        return {key: value for key, value in (("name", self.name), ("position", self.position)) if value}


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
    drafts = []
    for application, code in zip(applications, codes, strict=True):
        kind = office.catalog.types[application.license_type]
        blinds: dict[str, Any] = {}
        salt = secrets.token_bytes(SALT_BYTES)
        record = _record(
            application, office, authority, blinds, act=ActKind.ISSUANCE, code=code, version=1, salt=salt
        )
        drafts.append(_draft(record, kind, blinds, authority))
    logged = _append(session, drafts, office, at)
    rows = [
        _row(application, draft, where)
        for application, draft, where in zip(applications, drafts, logged, strict=True)
    ]
    session.execute(insert(LicenseRow), rows)
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
            _release_expired(session, agency, license_type, numbers[start : start + 500], today)


def _release_expired(
    session: Session, agency: int, license_type: int, numbers: list[str], today: date
) -> None:
    # A number is free again when the license that held it has passed its end without a renewal filed.
    holding = session.execute(
        select(LicenseRow.code, LicenseRow.number, LicenseRow.status, LicenseRow.valid_until).where(
            LicenseRow.agency == agency,
            LicenseRow.license_type == license_type,
            LicenseRow.number_key.in_(numbers),
            LicenseRow.holds_number == 1,
        )
    )
    for row in holding:
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
        taken = set(session.scalars(select(LicenseRow.code).where(LicenseRow.code.in_(drawn))))
        codes += sorted(drawn - taken)
        seen |= drawn
    return codes


# --- making a record ----------------------------------------------------------------------------


def _item(name: str, value: Plain, *, withheld: bool, blinds: dict[str, Any]) -> Item:
    # The blind is drawn anew for every version, so versions cannot be compared by their hashes.
    if not withheld:
        return value
    blind = secrets.token_bytes(SALT_BYTES)
    blinds[name] = {"value": value, "blind": blind.hex()}
    return Withheld.of(value, blind)


def _record(
    application: Application,
    office: Office,
    authority: Authority,
    blinds: dict[str, Any],
    *,
    act: ActKind,
    code: str,
    version: int,
    salt: bytes,
    term_from: date | None = None,
) -> LicenseRecord:
    kind = office.catalog.types[application.license_type]
    number, holder_id = application.number, application.holder_id
    holder: dict[str, Item] = {}
    if application.holder:
        holder["name"] = application.holder
    if application.holder_en:
        holder["name_en"] = application.holder_en
    if holder_id:
        personal = is_natural_person(holder_id)
        holder["id"] = _item("holder_id", holder_id, withheld=personal, blinds=blinds)
    fields: dict[str, Item] = {}
    for own in kind.fields:
        if own.key in application.fields:
            value = application.fields[own.key]
            if own.mark == "officers":
                blinds[f"field.{own.key}"] = {"value": value}
            else:
                withheld = own.mark == "withheld"
                fields[own.key] = _item(f"field.{own.key}", value, withheld=withheld, blinds=blinds)
    return LicenseRecord(
        act=act,
        catalog=office.catalog.version,
        agency=application.agency,
        license_type=application.license_type,
        code=code,
        version=version,
        number=_item("number", number, withheld=is_natural_person(number), blinds=blinds),
        holder=holder,
        premises=application.premises,
        address=application.address,
        place=application.place,
        fields=fields,
        conditions=application.conditions,
        issued=application.issued,
        valid_from=application.valid_from,
        valid_until=application.valid_until,
        term_from=term_from,
        linked=application.linked,
        earlier=application.earlier,
        signer=authority.signer(),
        status=log.UNPLACED,
        index=0,
        salt=salt,
    )


def _draft(
    record: LicenseRecord,
    kind: LicenseType,
    blinds: Mapping[str, Any],
    authority: Authority,
    *,
    row: LicenseRow | None = None,
) -> log.Draft:
    status = next_status(Status(row.status) if row else None, record.act)
    return log.Draft(
        statement=record,
        salt=record.salt,
        status=status,
        ref=StatusRef(row.list_year, row.list_number, row.position) if row else None,
        has_card=kind.has_card,
        private=dict(blinds) or None,
        proposer=authority.proposer,
        approver=authority.approver,
    )


# No index, position or list is longer than these, so what fits with them fits when it is signed.
_LARGEST_REF = StatusRef(2082, 1023, 0xFFFF)
_LARGEST_INDEX = 0xFFFF_FFFF


def require_fit(application: Application, office: Office) -> None:
    """Return if the license's card fits a QR of version 15; raise `Refused` when it never will."""
    if not office.catalog.types[application.license_type].has_card:
        return
    record = _record(
        application,
        office,
        Authority(None),
        {},
        act=ActKind.ISSUANCE,
        code=make_code(10**12 - 1),
        version=1,
        salt=b"",
    )
    try:
        card_of(replace(record, status=_LARGEST_REF, index=_LARGEST_INDEX), host=office.host)
    except TooLong as error:
        raise refuse(
            "too-long-for-qr",
            "ชื่อยาวเกินกว่าที่คิวอาร์จะบรรจุได้ ย่อชื่อสถานประกอบการหรือผู้รับใบอนุญาต",
            "The names are too long for a QR: shorten the name of the premises or of the holder",
            field="premises",
        ) from error


def _append(session: Session, drafts: Sequence[log.Draft], office: Office, at: datetime) -> list[log.Logged]:
    return log.append(session, drafts, signers=office.signers, host=office.host, at=at)


def _row(application: Application, draft: log.Draft, where: log.Logged) -> dict[str, Any]:
    return {
        "code": draft.statement.code,
        "agency": application.agency,
        "license_type": application.license_type,
        "salt": draft.salt,
        "holds_number": True,
        "suspended_until": None,
        "suspension_basis": None,
        **_face_columns(application, draft, where),
    }


def _face_columns(application: Application, draft: log.Draft, where: log.Logged) -> dict[str, Any]:
    return {
        "number": application.number,
        "number_key": number_key(application.number),
        "holder": application.holder,
        "holder_en": application.holder_en,
        "holder_id": application.holder_id,
        "premises": application.premises,
        "address": application.address,
        "place": application.place,
        "valid_from": application.valid_from.isoformat(),
        "valid_until": application.valid_until.isoformat() if application.valid_until else None,
        "version": draft.statement.version,
        "status": int(draft.status),
        "list_year": where.ref.year,
        "list_number": where.ref.number,
        "position": where.ref.position,
        "record_index": where.index,
        "updated_index": where.index,
    }


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
    base_index: int | None,
    office: Office,
    authority: Authority,
    at: datetime,
) -> Done:
    """Make a new version of one license by renewal, amendment, transfer or replacement.

    `current` is the face in force; what `act` may not change must equal it.  The new version has
    its own position, the old one becomes SUPERSEDED, and the standing passes on.  Raises `Refused`.
    """
    row = locked_license(session, code, base_index=base_index)
    _require_only(act, application, current)
    term_from = None
    if act is ActKind.RENEWAL:
        application, term_from = _renewed(application, row, bangkok_date(at))
    if number_key(application.number) != row.number_key:
        _take_numbers(session, [application], bangkok_date(at))
    kind = office.catalog.types[row.license_type]
    blinds: dict[str, Any] = {}
    record = _record(
        application,
        office,
        authority,
        blinds,
        act=act,
        code=code,
        version=row.version + 1,
        salt=row.salt,
        term_from=term_from,
    )
    draft = _draft(record, kind, blinds, authority, row=row)
    (where,) = _append(session, [draft], office, at)
    for name, value in _face_columns(application, draft, where).items():
        setattr(row, name, value)
    session.flush()
    return Done(code, where.index)


def _require_only(act: ActKind, application: Application, current: Application) -> None:
    for name in Application.__slots__:
        if name not in REVISABLE[act] and getattr(application, name) != getattr(current, name):
            raise refuse(
                "not-revisable",
                "การทำรายการนี้แก้ค่านี้ไม่ได้",
                f"This act cannot change '{name}'",
                field=name,
            )


def _renewed(application: Application, row: LicenseRow, today: date) -> tuple[Application, date | None]:
    """A renewal's dates: without a gap it is valid from the day of its entry, its term begins later."""
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
    status = next_status(Status(row.status), request.act)
    _require_dates(request, row, bangkok_date(at))
    statement = Order(
        act=request.act,
        catalog=office.catalog.version,
        agency=row.agency,
        license_type=row.license_type,
        code=code,
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
    draft = log.Draft(
        statement=statement,
        salt=row.salt,
        status=status,
        ref=StatusRef(row.list_year, row.list_number, row.position),
        proposer=authority.proposer,
        approver=authority.approver,
    )
    (where,) = _append(session, [draft], office, at)
    row.status, row.updated_index = int(status), where.index
    if request.act is ActKind.SUSPENSION:
        row.suspended_until = request.until.isoformat() if request.until else None
        row.suspension_basis = request.legal_basis
    elif status not in (Status.SUSPENDED, Status.SUSPENDED_PENDING):
        row.suspended_until = row.suspension_basis = None
    if status in (Status.INVALID, Status.ENDED):
        row.holds_number = False
    session.flush()
    return Done(code, where.index)


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
