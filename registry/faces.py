"""From signed bytes back to what a form shows: the face in force, withheld and officers' items too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from keys.keyring import KeyRing
from keys.opening import open_statement
from keys.record import LicenseRecord, Plain, Withheld
from registry.applications import Application
from registry.errors import RegistryError
from registry.models import EntryRow, LicenseRow


def record_in_force(session: Session, row: LicenseRow, ring: KeyRing) -> tuple[LicenseRecord, dict[str, Any]]:
    """The newest record of a license, opened, and the private values of its items by flat name.

    Raises `RegistryError` when the statement was erased, `KeysError` when its bytes were changed.
    """
    entry = session.get_one(EntryRow, row.record_index)
    return _opened(row, entry.statement, entry.private, ring)


def _opened(
    row: LicenseRow, statement: bytes | None, private: Any, ring: KeyRing
) -> tuple[LicenseRecord, dict[str, Any]]:
    if statement is None:
        raise RegistryError(f"the statement at {row.record_index} was erased")
    record = open_statement(statement, ring).value
    if not isinstance(record, LicenseRecord):
        raise RegistryError(f"the statement at {row.record_index} is no license record")
    return record, {name: item["value"] for name, item in (private or {}).items()}


def application_in_force(session: Session, row: LicenseRow, ring: KeyRing) -> Application:
    """The face in force as an `Application`, ready to be changed by an act."""
    return face_in_force(session, row, ring).application


@dataclass(frozen=True, slots=True)
class Face:
    """A face, and the first day of its term where it was renewed before that day came."""

    application: Application
    term_from: date | None


def face_in_force(session: Session, row: LicenseRow, ring: KeyRing) -> Face:
    """The face in force; raises as `record_in_force` does."""
    entry = session.get_one(EntryRow, row.record_index)
    return opened_face(row, entry.statement, entry.private, ring)


def opened_face(row: LicenseRow, statement: bytes | None, private: Any, ring: KeyRing) -> Face:
    """The face in force of a license whose newest statement was read with its row; raises likewise."""
    record, values = _opened(row, statement, private, ring)
    # The row repeats two values, which stay known where a recovery could not bring the private ones back.
    known = {"number": row.number, "holder_id": row.holder_id, **values}
    return Face(application_of(record, known), record.term_from)


def application_of(record: LicenseRecord, private: Mapping[str, Any]) -> Application:
    """The face of a record with the private values of its items by flat name; what is unknown is None."""

    def text(name: str, item: object) -> Any:
        return private.get(name) if isinstance(item, Withheld) else item

    fields: dict[str, Plain] = {key: text(f"field.{key}", item) for key, item in record.fields.items()}
    for name, value in private.items():
        if name.startswith("field."):
            fields[name.removeprefix("field.")] = value
    return Application(
        agency=record.agency,
        license_type=record.license_type,
        number=text("number", record.number),
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        holder=text("holder", record.holder.get("name")),
        holder_en=text("holder_en", record.holder.get("name_en")),
        holder_id=text("holder_id", record.holder.get("id")),
        premises=record.premises,
        address=record.address,
        place=record.place,
        fields=fields,
        conditions=record.conditions,
        issued=record.issued,
        linked=record.linked,
        earlier=record.earlier,
    )
