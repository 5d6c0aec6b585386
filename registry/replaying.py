"""Taking over acts that the register has forgotten: from entry and statement back to rows.

The log's entries say which status stands where; the statements say the rest.  Where a statement is
not public, what it said is lost, and the report names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.catalog import Catalog
from keys.entry import LogEntry, parse_entry, subject_of
from keys.keyring import KeyRing
from keys.layout import sha256
from keys.merkle import Edge, leaf_hash
from keys.opening import open_statement
from keys.record import LicenseRecord, Statement, StatusRef, Withheld
from keys.statuslist import LIST_POSITIONS, put
from registry import log
from registry.acts import REVISABLE, ordered
from registry.applications import Application, number_key
from registry.drafts import face_columns, license_row
from registry.errors import CannotRecover
from registry.faces import application_of
from registry.models import EntryRow, LicenseRow, StatusListRow, TreeNode
from registry.newest import Pair

UNKNOWN_NUMBER = "—"


@dataclass(frozen=True, slots=True)
class Lost:
    """What could not be brought back at a log index; `code` where the register knows the license."""

    index: int
    agency: int | None
    code: str | None
    what: str


@dataclass
class Lists:
    """The status lists as the entries leave them; read once, written at the end."""

    session: Session
    _rows: dict[tuple[int, int, int], StatusListRow] = field(default_factory=dict)
    _nibbles: dict[tuple[int, int, int], bytearray] = field(default_factory=dict)

    def take(self, agency: int, ref: StatusRef, status: Status, index: int) -> None:
        """Give the position out; raises `CannotRecover` when it was given out before."""
        nibbles = self._open(agency, ref)
        if nibbles[ref.position >> 1] >> (4 * (ref.position & 1)) & 0xF != log.FREE:
            raise CannotRecover(f"entry {index} takes a position that this register has given to another")
        self._rows[agency, ref.year, ref.number].used += 1
        self.put(agency, ref, status, index)

    def put(self, agency: int, ref: StatusRef, status: Status, index: int) -> None:
        """Set the status at a position."""
        put(self._open(agency, ref), ref.position, status)
        self._rows[agency, ref.year, ref.number].changed_index = index

    def write(self) -> None:
        """Store every list that changed."""
        for key, nibbles in self._nibbles.items():
            self._rows[key].nibbles = bytes(nibbles)
        self.session.flush()

    def _open(self, agency: int, ref: StatusRef) -> bytearray:
        key = (agency, ref.year, ref.number)
        if ref.position >= LIST_POSITIONS:
            raise CannotRecover(f"position {ref.position} lies outside a status list")
        if key not in self._nibbles:
            row = self.session.get(StatusListRow, key)
            if row is None:
                free = b"\xff" * (LIST_POSITIONS // 2)
                row = StatusListRow(
                    agency=agency, year=ref.year, number=ref.number, used=0, changed_index=0, nibbles=free
                )
                self.session.add(row)
            self._rows[key], self._nibbles[key] = row, bytearray(row.nibbles)
        return self._nibbles[key]


@dataclass
class Replay:
    """Takes entries over one by one; `finish` stores what was gathered."""

    session: Session
    ring: KeyRing
    catalog: Catalog
    edge: Edge
    moment: int
    taken: int = 0
    statements: int = 0
    lost: list[Lost] = field(default_factory=list)
    acts: list[tuple[int, ActKind, str]] = field(default_factory=list)  # Index, act, code.
    key_acts: list[tuple[int, LogEntry]] = field(default_factory=list)
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _nodes: list[dict[str, Any]] = field(default_factory=list)
    _subjects: dict[int, dict[bytes, str]] = field(default_factory=dict)
    _loose: dict[bytes, StatusRef] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lists = Lists(self.session)
        self._first = self.edge.size

    def take(self, content: bytes, pairs: Sequence[Pair]) -> None:
        """Take over the next entry, with what the records have for its index."""
        index, leaf, entry = self.edge.size, leaf_hash(content), parse_entry(content)
        self._nodes += log.grow(self.edge, leaf)
        row: dict[str, Any] = {
            **dict.fromkeys(("agency", "license_type", "code", "previous", "statement", "card", "private")),
            "log_index": index,
            "act": int(entry.act),
            "moment": entry.moment,
            "leaf": leaf,
            "entry": content,
            "proposer": None,
            "approver": None,
        }
        if entry.act < ActKind.ERASURE:
            row |= self._act(index, entry, _fitting(entry, pairs))
        elif entry.act >= ActKind.KEY_PROPOSED:
            self.key_acts.append((index, entry))
        self._rows.append(row)
        self.moment, self.taken = entry.moment, self.taken + 1

    def finish(self) -> None:
        """Store entries, nodes and lists."""
        for start in range(0, len(self._rows), 500):
            self.session.execute(insert(EntryRow), self._rows[start : start + 500])
        if self._nodes:
            self.session.execute(insert(TreeNode), self._nodes)
        self.lists.write()

    # --- one act on one license -----------------------------------------------------------------

    def _act(self, index: int, entry: LogEntry, pair: Pair | None) -> dict[str, Any]:
        subject, ref, status, agency = entry.subject, entry.ref, entry.status, entry.agency
        if subject is None or ref is None or status is None or agency is None:
            raise CannotRecover(f"entry {index} lacks its subject, position, status or agency")
        statement = open_statement(pair[0], self.ring).value if pair else None
        code = statement.code if statement else self._code_of(agency, subject)
        license_ = self.session.get(LicenseRow, code) if code else None
        previous = license_.updated_index if license_ else None
        if not entry.act.makes_record:
            self.lists.put(agency, ref, status, index)
        else:
            before = _ref(license_) if license_ else self._loose.get(subject)
            self.lists.take(agency, ref, status, index)
            if before is not None:
                self.lists.put(agency, before, Status.SUPERSEDED, index)
        private = None
        if statement is None:
            self._without_statement(index, entry, license_, ref, status)
        else:
            self.statements += 1
            self._subjects.get(agency, {})[subject] = statement.code
            private = self._stand(index, statement, license_, ref=ref, status=status)
            self.acts.append((index, entry.act, statement.code))
        return {
            "agency": agency,
            "license_type": statement.license_type if statement else license_ and license_.license_type,
            "code": code,
            "previous": previous,
            "statement": pair[0] if pair else None,
            "card": pair[1] if pair else None,
            "private": private,
        }

    def _code_of(self, agency: int, subject: bytes) -> str | None:
        if agency not in self._subjects:
            rows = self.session.execute(
                select(LicenseRow.code, LicenseRow.salt).where(LicenseRow.agency == agency)
            )
            self._subjects[agency] = {subject_of(row.salt, row.code): row.code for row in rows}
        return self._subjects[agency].get(subject)

    def _without_statement(
        self, index: int, entry: LogEntry, license_: LicenseRow | None, ref: StatusRef, status: Status
    ) -> None:
        what = f"the statement of {entry.act.name.lower().replace('_', ' ')}"
        self.lost.append(Lost(index, entry.agency, license_.code if license_ else None, what))
        if license_ is None:
            if entry.subject is not None:
                self._loose[entry.subject] = ref
            return
        license_.status, license_.updated_index = int(status), index
        if entry.act.makes_record:
            license_.version += 1
            license_.record_index = index
            license_.list_year, license_.list_number, license_.position = ref.year, ref.number, ref.position
        if status in {Status.INVALID, Status.ENDED}:
            license_.holds_number = False
        if status not in {Status.SUSPENDED, Status.SUSPENDED_PENDING}:
            license_.suspended_until = license_.suspension_basis = None

    def _stand(
        self,
        index: int,
        statement: Statement,
        license_: LicenseRow | None,
        *,
        ref: StatusRef,
        status: Status,
    ) -> dict[str, Any] | None:
        """Let the license's row stand as the statement leaves it; gives the private values kept."""
        if not isinstance(statement, LicenseRecord):
            if license_ is None:
                raise CannotRecover(f"entry {index} orders about a license that was never issued")
            ordered(license_, status, index, statement)
            return None
        private = self._kept_private(statement, license_)
        self._name_lost(index, statement, private)
        draft = log.Draft(
            statement, statement.salt, status, None, license_.updated_index if license_ else None
        )
        application = application_of(statement, {name: item["value"] for name, item in private.items()})
        number_lost = not application.number
        if number_lost:
            application = replace(application, number=UNKNOWN_NUMBER)
        else:
            self._release(application, statement.code)
        where = log.Logged(index, ref)
        if license_ is None:
            columns = license_row(application, draft, where)
            license_ = LicenseRow(**columns)
            self.session.add(license_)
        else:
            for name, value in face_columns(application, draft, where).items():
                setattr(license_, name, value)
        if number_lost:
            # No number's key has a blank, so this one stands in nobody's way.
            license_.number_key = f"lost {statement.code}"
        self.session.flush()
        return private or None

    def _kept_private(self, record: LicenseRecord, license_: LicenseRow | None) -> dict[str, Any]:
        """The private values of the version before that the act could not have changed."""
        if license_ is None:
            return {}
        old: Mapping[str, Any] | None
        if license_.record_index >= self._first:
            old = self._rows[license_.record_index - self._first]["private"]
        else:
            old = self.session.scalars(
                select(EntryRow.private).where(EntryRow.log_index == license_.record_index)
            ).first()
        known: dict[str, Any] = {
            "number": {"value": license_.number},
            "holder_id": {"value": license_.holder_id},
        }
        found: dict[str, Any] = {
            name: item for name, item in known.items() if item["value"] and _is_withheld(record, name)
        }
        found |= dict(old or {})
        # The blinds are those of the version before: only the values are still true.
        return {
            name: {"value": item["value"]}
            for name, item in found.items()
            if name.partition(".")[0].replace("field", "fields") not in REVISABLE[record.act]
            and item["value"] != UNKNOWN_NUMBER
        }

    def _name_lost(self, index: int, record: LicenseRecord, private: Mapping[str, Any]) -> None:
        kind = self.catalog.types[record.license_type]
        names = [name for name in ("number", "holder_id") if _is_withheld(record, name)]
        names += [f"field.{key}" for key, item in record.fields.items() if isinstance(item, Withheld)]
        names += [f"field.{own.key}" for own in kind.fields if own.mark == "officers"]
        self.lost += [Lost(index, record.agency, record.code, name) for name in names if name not in private]

    def _release(self, application: Application, code: str) -> None:
        # Whoever held the number had lost it when this act took it.
        asked = {
            "agency": application.agency,
            "type": application.license_type,
            "number": number_key(application.number),
            "code": code,
        }
        for holder in self.session.scalars(_HOLDER, asked):
            holder.holds_number = False


# Put together once: that costs more than asking.
_HOLDER = select(LicenseRow).where(
    LicenseRow.agency == bindparam("agency"),
    LicenseRow.license_type == bindparam("type"),
    LicenseRow.number_key == bindparam("number"),
    LicenseRow.holds_number == 1,
    LicenseRow.code != bindparam("code"),
)


def _fitting(entry: LogEntry, pairs: Sequence[Pair]) -> Pair | None:
    for signed, card in pairs:
        if sha256(signed) == entry.statement and (sha256(card) if card else None) == entry.card:
            return signed, card
    if pairs:
        raise CannotRecover("the records hold another statement than the log says")
    return None


def _is_withheld(record: LicenseRecord, name: str) -> bool:
    return isinstance(record.number if name == "number" else record.holder.get("id"), Withheld)


def _ref(row: LicenseRow) -> StatusRef:
    return StatusRef(row.list_year, row.list_number, row.position)
