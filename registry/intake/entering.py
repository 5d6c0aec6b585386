"""Entering a released batch: block by block, each in one transaction with the marks that it is done.

A block is bounded by the time it holds the log's head, and there is some time between two, so that an
officer's single act gets through.  Whoever is killed leaves whole blocks; whoever comes next, or works beside, goes on behind the cursor.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Any

from sqlalchemy import bindparam, null, select, update
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.dates import bangkok_date
from keys.errors import KeysError
from keys.record import LicenseRecord
from registry import acts, log
from registry.applications import Application, number_key
from registry.audit_events import record_event
from registry.db import Database, run_rows
from registry.drafts import Authority, Office
from registry.errors import Refused, RegistryError
from registry.faces import Face, opened_face
from registry.intake.batches import Kind, Options, State, unpack_application, unpack_order
from registry.intake.changes import after, steps
from registry.intake.filing import Progress
from registry.intake.holding import Held, finally_ended, is_free_again, known_numbers
from registry.intake.proposing import OfficeOf
from registry.intake.releasing import set_aside
from registry.lifecycle import next_status
from registry.models import Batch, BatchRow, EntryRow, LicenseRow, Officer, table_of

_HOLD_SECONDS, _GIVE_WAY_SECONDS = 0.14, 0.01
_FIRST_BLOCK, _LARGEST_BLOCK = 100, 5000
_LOOKED_UP_AT_ONCE = 500
_NEVER = "9999"  # After every date in ISO form.


_ROWS = table_of(BatchRow)
# Neither the remarks nor the list of changes is read again: that is only for people.
_NEXT = (
    select(
        *_ROWS.c["position", "row", "kind", "number", "code", "base_index", "acts", "application", "decision"]
    )
    .where(_ROWS.c.batch == bindparam("of"), _ROWS.c.position > bindparam("after"), _ROWS.c.acts.is_not(None))
    .order_by(_ROWS.c.position)
)
_MARK = (
    update(_ROWS)
    .where(_ROWS.c.batch == bindparam("of"), _ROWS.c.position == bindparam("at"))
    .values(code=bindparam("entered"), log_index=bindparam("index"), application=null())
)


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a batch is after a block: rows entered, of how many, and whether that was the last."""

    entered: int
    total: int
    is_done: bool


def enter_batch(
    database: Database,
    office_of: OfficeOf,
    batch_id: int,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    pause: Callable[[], bool] = lambda: False,
) -> Progressed:
    """Enter a released batch to its end, or until `pause` says so after a block; harmless to repeat.

    Several processes may do it at once.  Raises what the acts raise when none can be entered, such as
    a missing key; what earlier blocks entered stays.
    """
    size, last = _FIRST_BLOCK, 0.0
    while True:
        with database.reading() as session:
            read = read_block(session, batch_id, size)
        # The next rows were read while nobody was kept waiting; who waits for SQLite's lock looks
        # every 4 ms, and must find it free once.
        time.sleep(max(0.0, last + _GIVE_WAY_SECONDS - time.monotonic()))
        with database.writing.begin() as session:
            office = office_of(session)
            began, at = time.monotonic(), clock()
            done = enter_block(session, batch_id, read, office=office, at=at)
        last = time.monotonic()
        progress(done.entered, done.total)
        if done.is_done or pause():
            return done
        # The next block is sized by what this one took, so the log is held about 140 ms at a time.
        rate = size / max(last - began, 1e-3)
        size = max(_FIRST_BLOCK, min(int(rate * _HOLD_SECONDS), 2 * size, _LARGEST_BLOCK))


def enter_for(
    database: Database,
    office_of: OfficeOf,
    batch_id: int,
    seconds: float,
    *,
    clock: Callable[[], datetime],
    progress: Progress = lambda _entered, _total: None,
) -> Progressed:
    """Enter a released batch for about so many seconds, or to its end; raises as `enter_batch` does."""
    until = time.monotonic() + seconds
    return enter_batch(
        *(database, office_of, batch_id),
        clock=clock,
        progress=progress,
        pause=lambda: time.monotonic() > until,
    )


@dataclass(frozen=True, slots=True)
class Block:
    """The next rows of a batch behind its cursor, each with the face it wants; `size` were asked for."""

    size: int
    cursor: int
    rows: Sequence[tuple[Any, Application | None]]


def read_block(session: Session, batch_id: int, size: int) -> Block:
    """The next `size` rows that are to be entered."""
    cursor = session.scalars(select(Batch.cursor).where(Batch.id == batch_id)).one()
    rows = session.execute(_NEXT.limit(size), {"of": batch_id, "after": cursor}).all()
    return Block(size, cursor, [(row, _wanted(row.application)) for row in rows])


def _wanted(packed: Any) -> Application | None:
    return None if packed is None else unpack_application(packed)


def enter_block(session: Session, batch_id: int, read: Block, *, office: Office, at: datetime) -> Progressed:
    """Enter rows of a released batch, in the caller's transaction; the last ones end it.

    Should somebody else have entered them since they were read, those behind them are.
    """
    log.locked_head(session)
    batch = session.get_one(Batch, batch_id, with_for_update=True, populate_existing=True)
    if batch.state != State.RELEASED:
        return Progressed(batch.entered, batch.total, is_done=True)
    if batch.cursor != read.cursor:
        read = read_block(session, batch_id, read.size)
    rows = [row for row, _ in read.rows]
    block = _Block(session, batch, office, at)
    block.issue([pair for pair in read.rows if pair[0].acts[0] == ActKind.ISSUANCE])
    block.act([pair for pair in read.rows if pair[0].acts[0] != ActKind.ISSUANCE])
    block.mark()
    batch.entered += len(block.entered)
    if rows:
        batch.cursor = rows[-1].position
    if len(rows) < read.size:
        _end(session, batch, at)
    session.flush()
    return Progressed(batch.entered, batch.total, batch.state == State.DONE)


def _end(session: Session, batch: Batch, at: datetime) -> None:
    batch.state, batch.done_at = State.DONE, at
    if batch.undo_of is not None:
        session.get_one(Batch, batch.undo_of).state = State.UNDONE
    record_event(session, "batch-done", None, at=at, batch=batch.id, rows=batch.entered)


@dataclass
class _Block:
    """The rows of one transaction on their way into the log."""

    session: Session
    batch: Batch
    office: Office
    at: datetime
    entered: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.authority = _authority(self.session, self.batch)
        self.options = Options.of(self.batch.options)

    def issue(self, rows: Sequence[tuple[Any, Application | None]]) -> None:
        """Issue what is new; a number that was taken since is there already, or stale."""
        batch, today = self.batch, bangkok_date(self.at)
        wanted = [(row, self._of_today(application)) for row, application in rows if application is not None]
        keys = [number_key(application.number) for _, application in wanted]
        which = self.session, batch.agency, batch.license_type
        known = known_numbers(*which, keys)
        final = finally_ended(*which, [key for key in keys if key not in known])
        fresh = []
        for (row, application), key in zip(wanted, keys, strict=True):
            held, decision = known.get(key), row.decision
            if decision is not None and decision.get("until", _NEVER) < today.isoformat():
                set_aside(self.session, batch, row)
            elif key in final:
                # It was issued and has ended since the comparison: a file does not bring it back.
                same = final[key].status is _standing_after(row)
                set_aside(self.session, batch, row, Kind.UNCHANGED if same else Kind.STALE)
            elif held is None or is_free_again(held.LicenseRow, today, application.valid_from):
                fresh.append((row, application))
            else:
                self._meet(row, application, held)
        if not fresh:
            return
        applications = [application for _, application in fresh]
        done = acts.issue(
            self.session, applications, office=self.office, authority=self.authority, at=self.at
        )
        ordered = []
        for (row, _), act in zip(fresh, done, strict=True):
            if row.decision is None:
                self._done(row, act)
            else:
                ordered.append((row, act.code))
        self._order(ordered)

    def _of_today(self, application: Application) -> Application:
        """The face whose type bears no first day: valid from the day of its entry, not of its comparison."""
        compared = bangkok_date(self.batch.proposed_at)
        has_start = self.office.catalog.types[self.batch.license_type].has_start
        if has_start or application.valid_from != compared:
            return application
        return replace(application, valid_from=bangkok_date(self.at))

    def _order(self, rows: Sequence[tuple[Any, str]]) -> None:
        """Enter what a status column says of licenses that were issued a moment ago."""
        held = self._held([code for _, code in rows])
        ways = [_Way(row, held[code].LicenseRow, None, None, [ActKind(row.acts[-1])]) for row, code in rows]
        self._enter([(way, self._draft(way)) for way in ways])

    def _meet(self, row: Any, application: Application, held: Held) -> None:
        ring = self.office.signers.ring
        face = opened_face(held.LicenseRow, held.statement, held.private, ring)
        same = face.application == application and held.LicenseRow.status == _standing_after(row)
        set_aside(self.session, self.batch, row, Kind.UNCHANGED if same else Kind.STALE)

    def act(self, rows: Sequence[tuple[Any, Application | None]]) -> None:
        """Enter acts on licenses of the register: the first of every row, then the second, and so on."""
        held = self._held([row.code for row, _ in rows])
        under_way = list[_Way]()
        for row, wanted in rows:
            found = held.get(row.code)
            if found is None or found.LicenseRow.updated_index != row.base_index:
                set_aside(self.session, self.batch, row)
                continue
            try:
                under_way.append(self._way(row, wanted, found))
            except (RegistryError, KeysError):
                set_aside(self.session, self.batch, row)
        # First drafts are made one by one, for what has become impossible stays out alone.
        first = list[tuple[_Way, acts.Drafted]]()
        for way in under_way:
            try:
                first.append((way, self._draft(way)))
            except Refused:
                set_aside(self.session, self.batch, way.row)
        self._enter(first)

    def _enter(self, drafted: list[tuple["_Way", acts.Drafted]]) -> None:
        while drafted:
            done = acts.enter(self.session, [draft for _, draft in drafted], office=self.office, at=self.at)
            left = list[_Way]()
            for (way, _), act in zip(drafted, done, strict=True):
                if way.left:
                    left.append(way)
                else:
                    self._done(way.row, act)
            drafted = [(way, self._draft(way)) for way in left]

    def _held(self, codes: Sequence[str]) -> dict[str, Held]:
        held: dict[str, Held] = {}
        for start in range(0, len(codes), _LOOKED_UP_AT_ONCE):
            found = self.session.execute(
                select(LicenseRow, EntryRow.statement, EntryRow.private)
                .join(EntryRow, EntryRow.log_index == LicenseRow.record_index)
                .where(LicenseRow.code.in_(codes[start : start + _LOOKED_UP_AT_ONCE]))
            )
            held |= {one.LicenseRow.code: one for one in found}
        return held

    def _way(self, row: Any, wanted: Application | None, held: Held) -> "_Way":
        if wanted is None:
            return _Way(row, held.LicenseRow, None, None, [ActKind(act) for act in row.acts])
        face = opened_face(held.LicenseRow, held.statement, held.private, self.office.signers.ring)
        plan = steps(face.application, wanted, name_alone=self.options.name_alone.act)
        if any(step.act is ActKind.RENEWAL for step in plan):
            # Asked before the first act, for a row is entered as a whole or not at all.
            acts.renewed(wanted, held.LicenseRow, bangkok_date(self.at))
        return _Way(row, held.LicenseRow, face, wanted, list(plan))

    def _draft(self, way: "_Way") -> acts.Drafted:
        step = way.left.pop(0)
        if isinstance(step, ActKind):
            request = unpack_order(way.row.decision)
            return acts.draft_order(
                way.license, request, office=self.office, authority=self.authority, at=self.at
            )
        now = way.face.application
        drafted = acts.draft_revision(
            *(self.session, way.license, step.act, after(now, way.wanted, step)),
            current=now,
            term_from=way.face.term_from,
            office=self.office,
            authority=self.authority,
            at=self.at,
        )
        way.face = _face_of(drafted)
        return drafted

    def _done(self, row: Any, act: acts.Done) -> None:
        self.entered.append(
            {"of": self.batch.id, "at": row.position, "entered": act.code, "index": act.index}
        )
        self.batch.last_index = max(self.batch.last_index or 0, act.index)

    def mark(self) -> None:
        """Say of every row where it went; from now on only the log holds what it said."""
        if not self.entered:
            return
        run_rows(self.session, _MARK, self.entered)


@dataclass
class _Way:
    """One license on its way through the acts of its row."""

    row: Any
    license: LicenseRow
    face: Any  # The face as the acts so far leave it; None where the row is an order.
    wanted: Any
    left: list[Any]


def _face_of(drafted: acts.Drafted) -> Face:
    record, application = drafted.draft.statement, drafted.content
    if not isinstance(record, LicenseRecord) or not isinstance(application, Application):
        raise TypeError("an order makes no face")
    return Face(application, record.term_from)


def _standing_after(row: Any) -> Status | None:
    return reduce(next_status, map(ActKind, row.acts), None)


def _authority(session: Session, batch: Batch) -> Authority:
    signs = (
        session.get_one(Officer, batch.approver or batch.proposer)
        if batch.proposer or batch.approver
        else None
    )
    return Authority(
        batch.proposer,
        batch.approver,
        name=signs.name if signs else "",
        position=signs.position if signs else "",
    )
