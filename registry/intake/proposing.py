"""From a comparison to a batch: counted only (a dry run), or stored row by row for somebody to release."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from keys.acts import ActKind
from keys.catalog import Catalog, encode_json, write_type
from keys.dates import bangkok_date
from keys.layout import sha256
from registry.audit_events import record_event
from registry.catalogs import current_catalog
from registry.db import Database, insert_rows
from registry.drafts import Office
from registry.errors import refuse
from registry.intake.batches import (
    PROBLEMS,
    Kind,
    Missing,
    Planned,
    State,
    pack_application,
    pack_order,
)
from registry.intake.compare import compare
from registry.intake.faults import RowFault
from registry.intake.filing import Filing, Progress
from registry.models import Batch, BatchRow, Officer, Upload, table_of
from registry.permissions import Permission, require, require_type

_MOST_TOLD = 10_000
_ABANDONED = timedelta(days=1)
OfficeOf = Callable[[Session], Office]


@dataclass
class Tally:
    """How many rows are of each kind, and how many acts of each kind they make.

    `backdated` are new licenses that begin before the day of the comparison; `warned` are rows that go in
    and that somebody should look at; `undecided` are missing licenses of which nothing is said yet.
    """

    kinds: Counter[Kind] = field(default_factory=Counter)
    acts: Counter[ActKind] = field(default_factory=Counter)
    rows: int = 0
    total: int = 0
    backdated: int = 0
    warned: int = 0
    undecided: int = 0

    def add(self, plan: Planned, today: date) -> None:
        """Count one row."""
        self.rows += plan.row is not None
        self.kinds[plan.kind] += 1
        self.acts.update(plan.acts)
        self.total += bool(plan.acts)
        self.undecided += plan.kind is Kind.MISSING and not plan.acts
        self.warned += bool(plan.remarks) and plan.kind not in PROBLEMS
        if plan.acts[:1] == (ActKind.ISSUANCE,) and plan.application is not None:
            self.backdated += plan.application.valid_from < today

    def as_json(self) -> dict[str, Any]:
        """The counts by name, as they are stored."""
        return {
            "rows": self.rows,
            "backdated": self.backdated,
            "warned": self.warned,
            "kinds": {str(kind): self.kinds[kind] for kind in Kind},
            "acts": {act.name: count for act, count in sorted(self.acts.items())},
        }


@dataclass
class Diff:
    """What a file would do: the counts, and the first 10,000 rows that go nowhere, with their remarks."""

    tally: Tally = field(default_factory=Tally)
    problems: list[tuple[int, Kind, tuple[RowFault, ...]]] = field(default_factory=list)

    def add(self, plan: Planned, today: date) -> None:
        """Take one row in."""
        self.tally.add(plan, today)
        if plan.kind in PROBLEMS and plan.row is not None and len(self.problems) < _MOST_TOLD:
            self.problems.append((plan.row, plan.kind, plan.remarks))


def look(
    database: Database,
    office_of: OfficeOf,
    filing: Filing,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Diff:
    """What a file would do, with nothing written anywhere; raises `Refused` when the file breaks."""
    diff, today = Diff(), bangkok_date(clock())
    with database.reading() as session:
        for block in compare(session, filing, office_of(session), today, progress):
            for plan in block:
                diff.add(plan, today)
    return diff


def propose(
    database: Database,
    office_of: OfficeOf,
    filing: Filing,
    officer: Officer | None,
    *,
    into: int | None = None,
    clock: Callable[[], datetime],
    progress: Progress,
) -> int:
    """Compare a file with the register and store what it would do; gives the batch's number.

    Without an officer it is the operator's at the console.  A file that changes nothing is done at once.
    `into` is the batch that an uploaded file has already.  Raises `NotPermitted`, and `Refused` when the
    file breaks; then nothing is left of it but that batch without rows.
    """
    if officer is not None:
        require(officer.role, Permission.IMPORT)
        require_type(filing.agency if officer.agency == filing.agency.number else None, filing.kind.number)
    with database.reading() as session:
        require_reason(office_of(session).catalog, filing.options.reason)
    at = clock()
    mapped = filing.mapped
    batch = Batch(
        agency=filing.agency.number,
        license_type=filing.kind.number,
        source=filing.source,
        file_name=filing.file_name or mapped.sheet.path.name,
        file_hash=_file_hash(mapped.sheet.path),
        options=filing.options.as_json(),
        proposer=officer.id if officer else None,
    )
    today = bangkok_date(at)

    def plans(session: Session) -> Iterator[list[Planned]]:
        return compare(session, filing, office_of(session), today, progress)

    return store(database, batch, plans, officer, into=into, at=at)


def rules_of(catalog: Catalog, batch: Batch) -> str:
    """What a batch's rows were judged by: a hash over its type, and over what its agency may issue and where; hex."""
    agency, kind = catalog.agencies[batch.agency], catalog.types[batch.license_type]
    return sha256(encode_json([write_type(kind), kind.number in agency.types, list(agency.territory)])).hex()


def require_reason(catalog: Catalog, reason: str | None) -> None:
    """Return without a reason or with one of the catalog's; raise `Refused` for any other."""
    if reason is not None and reason not in catalog.reasons:
        raise refuse("reason", "เลือกเหตุจากรายการ", "Choose one of the controlled reasons", field="reason")


def _file_hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def store(
    database: Database,
    batch: Batch,
    plans: Callable[[Session], Iterable[list[Planned]]],
    officer: Officer | None,
    *,
    into: int | None = None,
    at: datetime,
) -> int:
    """Store a batch and its plans, block by block, and then propose it; gives its number.

    The register is read at one moment; no block holds the database for long.
    """
    tally, position, today = Tally(), 0, bangkok_date(at)
    with database.reading() as session:
        number = _begin(database, batch, into, at)
        rules = rules_of(current_catalog(session), batch)
        try:
            for block in plans(session):
                for plan in block:
                    tally.add(plan, today)
                rows = [_row(number, place, plan) for place, plan in enumerate(_kept(block), position + 1)]
                position += len(rows)
                if rows:
                    with database.writing.begin() as writing:
                        insert_rows(writing, table_of(BatchRow), rows)
        except BaseException:
            with database.writing.begin() as writing:
                if into is None:
                    throw_away(writing, Batch.id == number)
                else:
                    delete_rows(writing, [number])
            raise
    with database.writing.begin() as writing:
        found = writing.get_one(Batch, number)
        found.state = State.PROPOSED if position else State.DONE
        found.counts, found.total = tally.as_json(), tally.total
        found.options = found.options | {"rules": rules}
        if tally.undecided:
            found.options = found.options | {"missing": str(Missing.ASK)}
        found.done_at = None if position else at
        record_event(writing, "batch-proposed", officer, at=at, batch=number)
    return number


def _begin(database: Database, batch: Batch, into: int | None, at: datetime) -> int:
    if into is not None:
        batch.id = into
    batch.state, batch.proposed_at = State.READING, at
    with database.writing.begin() as writing:
        # What a killed process left half-read nobody can release; after a day it is nobody's.
        uploaded = select(Upload.batch)
        throw_away(
            writing,
            Batch.state == State.READING,
            Batch.proposed_at < at - _ABANDONED,
            Batch.id.not_in(uploaded),
        )
        kept = writing.merge(batch)
        writing.flush()
        return kept.id


def throw_away(session: Session, *which: Any) -> None:
    """Remove batches that never were proposed, with their rows."""
    ids = session.scalars(select(Batch.id).where(*which)).all()
    delete_rows(session, ids)
    session.execute(delete(Batch).where(Batch.id.in_(ids)))


def delete_rows(session: Session, batches: Sequence[int]) -> None:
    """Remove every row of these batches."""
    session.execute(delete(BatchRow).where(BatchRow.batch.in_(batches)))


def _kept(block: Iterable[Planned]) -> Iterator[Planned]:
    return (plan for plan in block if plan.kind is not Kind.UNCHANGED)


def _row(batch: int, position: int, plan: Planned) -> Mapping[str, Any]:
    return {
        "batch": batch,
        "position": position,
        "row": plan.row,
        "kind": plan.kind.value,
        "number": plan.number,
        "code": plan.code,
        "base_index": plan.base_index,
        "acts": [int(act) for act in plan.acts] or None,
        "changes": list(plan.changes) or None,
        "application": pack_application(plan.application) if plan.application else None,
        "decision": pack_order(plan.decision) if plan.decision else None,
        "remarks": [remark.as_json() for remark in plan.remarks] or None,
        "log_index": None,
    }
