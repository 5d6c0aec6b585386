"""From an application to a draft of an act: the record as it will be signed, the row as it will stand."""

import secrets
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from keys.acts import ActKind, Status
from keys.card import card_of, surely_fits
from keys.catalog import Catalog, LicenseType
from keys.code import make_code
from keys.errors import TooLong
from keys.record import SALT_BYTES, Item, LicenseRecord, Plain, StatusRef, Withheld
from registry import log
from registry.applications import Application, is_natural_person, number_key
from registry.errors import refuse
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
class Version:
    """Which version of which license a record will be; the salt is drawn at issuance and stays."""

    act: ActKind
    code: str
    number: int
    salt: bytes
    term_from: date | None = None


def draft_of(
    application: Application,
    version: Version,
    *,
    office: Office,
    authority: Authority,
    row: LicenseRow | None = None,
) -> log.Draft:
    """The draft of an act that makes a record; `row` is the license as it stands, None at issuance.

    Raises `Refused` when the lifecycle does not allow the act.
    """
    private: dict[str, Any] = {}
    record = _record(application, version, office, authority, private)
    return log.Draft(
        statement=record,
        salt=version.salt,
        status=next_status(Status(row.status) if row else None, version.act),
        ref=StatusRef(row.list_year, row.list_number, row.position) if row else None,
        previous=row.updated_index if row else None,
        has_card=office.catalog.types[application.license_type].has_card,
        private=private or None,
        proposer=authority.proposer,
        approver=authority.approver,
    )


def _record(
    application: Application,
    version: Version,
    office: Office,
    authority: Authority,
    private: dict[str, Any],
) -> LicenseRecord:
    # Not positional and not by dataclasses.replace: this runs once a row of every import.
    kind, number = office.catalog.types[application.license_type], application.number
    return LicenseRecord(
        act=version.act,
        catalog=office.catalog.version,
        agency=application.agency,
        license_type=application.license_type,
        code=version.code,
        version=version.number,
        number=_item("number", number, withheld=is_natural_person(number), private=private),
        holder=_holder_items(application, private),
        premises=application.premises,
        address=application.address,
        place=application.place,
        fields=_own_items(application, kind, private),
        conditions=application.conditions,
        issued=application.issued,
        valid_from=application.valid_from,
        valid_until=application.valid_until,
        term_from=version.term_from,
        linked=application.linked,
        earlier=application.earlier,
        signer=authority.signer(),
        status=log.UNPLACED,
        index=0,
        salt=version.salt,
    )


def _item(name: str, value: Plain, *, withheld: bool, private: dict[str, Any]) -> Item:
    # The blind is drawn anew for every version, so versions cannot be compared by their hashes.
    if not withheld:
        return value
    blind = secrets.token_bytes(SALT_BYTES)
    private[name] = {"value": value, "blind": blind.hex()}
    return Withheld.of(value, blind)


def _holder_items(application: Application, private: dict[str, Any]) -> dict[str, Item]:
    items: dict[str, Item] = {}
    if application.holder:
        items["name"] = application.holder
    if application.holder_en:
        items["name_en"] = application.holder_en
    if application.holder_id:
        personal = is_natural_person(application.holder_id)
        items["id"] = _item("holder_id", application.holder_id, withheld=personal, private=private)
    return items


def _own_items(application: Application, kind: LicenseType, private: dict[str, Any]) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for own in kind.fields:
        value = application.fields.get(own.key)
        if value is None:
            continue
        if own.mark == "officers":
            private[f"field.{own.key}"] = {"value": value}
        else:
            name, withheld = f"field.{own.key}", own.mark == "withheld"
            items[own.key] = _item(name, value, withheld=withheld, private=private)
    return items


# No index, position or list is longer than these, so what fits with them fits when it is signed.
_LARGEST_REF = StatusRef(2082, 1023, 0xFFFF)
_LARGEST_INDEX = 0xFFFF_FFFF


def require_fit(application: Application, office: Office) -> None:
    """Return if the license's card fits a QR of version 15; raise `Refused` when it never will."""
    if not office.catalog.types[application.license_type].has_card:
        return
    if surely_fits(application.number, application.holder, application.premises, host=office.host):
        return
    version = Version(ActKind.ISSUANCE, make_code(10**12 - 1), 1, b"")
    record = _record(application, version, office, Authority(None), {})
    try:
        card_of(replace(record, status=_LARGEST_REF, index=_LARGEST_INDEX), host=office.host)
    except TooLong as error:
        raise refuse(
            "too-long-for-qr",
            "ชื่อยาวเกินกว่าที่คิวอาร์จะบรรจุได้ ย่อชื่อสถานประกอบการหรือผู้รับใบอนุญาต",
            "The names are too long for a QR: shorten the name of the premises or of the holder",
            field="premises",
        ) from error


def license_row(application: Application, draft: log.Draft, where: log.Logged) -> dict[str, Any]:
    """The columns of a license that was just issued."""
    return {
        "code": draft.statement.code,
        "agency": application.agency,
        "license_type": application.license_type,
        "salt": draft.salt,
        "holds_number": True,
        "suspended_until": None,
        "suspension_basis": None,
        **face_columns(application, draft, where),
    }


def face_columns(application: Application, draft: log.Draft, where: log.Logged) -> dict[str, Any]:
    """The columns that every new version of a license sets."""
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
