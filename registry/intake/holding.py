"""Who holds a number, who held it last, and which licenses a file should have: asked many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row as Result
from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.catalog import Text
from registry.intake.batches import Kind
from registry.intake.changes import NoAct
from registry.intake.filing import Filing
from registry.lifecycle import STATUS_WORDS
from registry.models import Batch, BatchRow, EntryRow, LicenseRow

_LOOKED_UP_AT_ONCE = 500
_FILED = (Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING)
Held = Result[tuple[LicenseRow, bytes | None, object]]


def known_numbers(session: Session, agency: int, license_type: int, keys: Sequence[str]) -> dict[str, Held]:
    """The licenses that hold these numbers, by number key, with the statement of their newest version."""
    known: dict[str, Held] = {}
    for start in range(0, len(keys), _LOOKED_UP_AT_ONCE):
        asked = {"agency": agency, "type": license_type, "keys": keys[start : start + _LOOKED_UP_AT_ONCE]}
        known |= {row.LicenseRow.number_key: row for row in session.execute(_HOLDING, asked)}
    return known


_NUMBERED = (
    LicenseRow.agency == bindparam("agency"),
    LicenseRow.license_type == bindparam("type"),
    LicenseRow.number_key.in_(bindparam("keys", expanding=True)),
)
# Made once: five hundred keys in a statement cost more to put together than to look up.
_HOLDING = (
    select(LicenseRow, EntryRow.statement, EntryRow.private)
    .join(EntryRow, EntryRow.log_index == LicenseRow.record_index)
    .where(*_NUMBERED, LicenseRow.holds_number == 1)
)
_HELD_BEFORE = (
    select(LicenseRow.number_key, LicenseRow.code, LicenseRow.status, EntryRow.act)
    .join(EntryRow, EntryRow.log_index == LicenseRow.updated_index)
    .where(*_NUMBERED, LicenseRow.holds_number == 0)
    .order_by(LicenseRow.updated_index)
)


def is_free_again(row: LicenseRow, today: date, starts: date) -> bool:
    """Whether a license has passed its end without a renewal filed, and another one `starts` after that end.

    A row of an earlier start is about the expired license itself: the same old list changes nothing.
    """
    end = row.valid_until
    has_expired = end is not None and end < today.isoformat() and row.status not in _FILED
    return end is not None and has_expired and starts.isoformat() > end


@dataclass(frozen=True, slots=True)
class Final:
    """A license that was revoked or has ended: a list that still has it does not bring it back."""

    code: str
    status: Status

    def refusal(self, number: str) -> NoAct:
        """Why a row with its number goes nowhere."""
        status = STATUS_WORDS[self.status]
        what = Text(
            f"ใบอนุญาตเลขที่นี้ (รหัส {self.code}) {status.th}",
            f"The license with this number (code {self.code}) is {status.en}",
        )
        remedy = Text("ถ้าออกใบใหม่จริง ให้ออกที่หน้าออกใบอนุญาต", "If a new one was issued, enter it on the form")
        return NoAct("number", number, what, remedy)


def finally_ended(session: Session, agency: int, license_type: int, keys: Sequence[str]) -> dict[str, Final]:
    """The numbers whose last license was revoked or has ended; one that was voided counts for nothing."""
    found: dict[str, Final] = {}
    for start in range(0, len(keys), _LOOKED_UP_AT_ONCE):
        asked = {"agency": agency, "type": license_type, "keys": keys[start : start + _LOOKED_UP_AT_ONCE]}
        rows = session.execute(_HELD_BEFORE, asked)
        for row in rows:
            found.pop(row.number_key, None)  # The newest of several decides.
            if row.act in (ActKind.REVOCATION, ActKind.ENDING):
                found[row.number_key] = Final(row.code, Status(row.status))
    return found


def in_force(filing: Filing, today: date) -> Select[str, str, int]:
    """Code, number and version of the licenses that a file can miss, by code.

    One that has expired is missing from no file; with a source, only what came by it can be.
    """
    wanted = (
        select(LicenseRow.code, LicenseRow.number, LicenseRow.updated_index)
        .where(
            LicenseRow.agency == filing.agency.number,
            LicenseRow.license_type == filing.kind.number,
            LicenseRow.holds_number == 1,
            or_(
                LicenseRow.valid_until.is_(None),
                LicenseRow.valid_until >= today.isoformat(),
                LicenseRow.status.in_(_FILED),
            ),
        )
        .order_by(LicenseRow.code)
    )
    if not filing.source:
        return wanted
    came = (
        select(BatchRow.code)
        .join(Batch, Batch.id == BatchRow.batch)
        .where(
            Batch.agency == filing.agency.number,
            Batch.license_type == filing.kind.number,
            Batch.source == filing.source,
            BatchRow.kind == Kind.NEW,
            BatchRow.log_index.is_not(None),
        )
    )
    return wanted.where(LicenseRow.code.in_(came))
