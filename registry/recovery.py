"""Recovery: a register restored from a backup catches up with what was published after it.

All in one transaction that ends in a Recovery entry; what is published next goes the normal way, one
version after the newest snapshot.  A stop anywhere leaves the old register, which still refuses to act.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from keys import layout
from keys.acts import ActKind
from keys.catalog import parse_catalog
from keys.keyring import KeyRing
from keys.tiles import TileTree
from registry import log
from registry.audit_events import RECOVERED, record_event
from registry.behind import Published, recovering
from registry.catalogs import current_catalog, put_agency, put_reason, put_type
from registry.copies import Copy
from registry.errors import CannotRecover
from registry.files import Folder, locked
from registry.key_life import changed_keys, denials, forget_done, take_compromise
from registry.log import published_nibbles
from registry.models import (
    CatalogVersion,
    EntryRow,
    KeyChange,
    KeyRingVersion,
    LogHead,
    Proposal,
    StatusListRow,
)
from registry.newest import NEEDED, Newest, Records, read_newest
from registry.proposals import DONE, SCHEDULED, WAITING
from registry.publish import write_tiles
from registry.replaying import Lost, Replay
from registry.rings import current_ring, log_changes
from registry.witnesses import Witness
from registry.witnessing import WitnessRefused, WitnessSawOther, ask

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Recovered:
    """What a recovery did: entries `start` to `size` taken over, and what could not be brought back."""

    start: int
    size: int
    statements: int
    rings: int
    catalogs: int
    erased: int
    settled: int
    snapshot_version: int
    lost: Sequence[Lost]


def recover(
    session: Session,
    public: Folder,
    copies: Sequence[Copy],
    records: Copy,
    *,
    at: datetime,
    witnesses: Sequence[Witness] = (),
    progress: Progress | None = None,
) -> Recovered:
    """Catch up with the newest of `copies`, in the caller's transaction; the caller commits.

    `public` is the register's own published folder, which is brought up to the copy when that is
    newer; `witnesses` are asked whether they have cosigned more.  Raises `CannotRecover`
    when nothing published is reachable or a file is missing, `KeysError` when one is false.
    """
    with locked(public.root.parent / "publish.lock"):
        recovering(session)
        head = log.locked_head(session)
        newest, start = _newest(session, copies), head.size
        _require_newest(newest, public, witnesses)
        _take_catalogs(session, newest)
        before = _take_rings(session, newest)
        replay = _replay(session, newest, records, head, progress)
        erased = _erase_again(session, newest, records, start)
        _take_key_acts(session, newest.ring, replay, at)
        _log_late_rings(session, newest, before, at)
        settled = _settle(session, replay, at)
        if replay.taken:
            log.append_recovery(session, at=at)
        record_event(session, RECOVERED, None, at=at, start=start, size=newest.size)
        session.flush()
        _bring_up(session, public, newest)
    return Recovered(
        start=start,
        size=max(start, newest.size),
        statements=replay.statements,
        rings=len(newest.rings),
        catalogs=len(newest.catalogs),
        erased=erased,
        settled=settled,
        snapshot_version=newest.snapshot.version,
        lost=tuple(replay.lost),
    )


def _newest(session: Session, copies: Sequence[Copy]) -> Newest:
    ring, found = current_ring(session), list[Newest]()
    catalog = session.scalar(select(func.max(CatalogVersion.version))) or 0
    away = list[CannotRecover]()
    for copy in copies:
        try:
            newest = read_newest(copy, ring, catalog=catalog)
        except CannotRecover as error:
            away.append(error)
            continue
        if newest is not None:
            found.append(newest)
    if not found:
        if away:
            raise away[-1]
        places = ", ".join(copy.place for copy in copies)
        raise CannotRecover(f"nothing is published in {places}; a recovery needs {NEEDED}")
    return max(found, key=lambda newest: (newest.snapshot.version, newest.size))


def _require_newest(newest: Newest, public: Folder, witnesses: Sequence[Witness]) -> None:
    """Return if nothing that is known of is newer: neither the own folder, if damaged, nor a witness's tree."""
    own = Published(public.root).readable_size()
    if own > newest.size:
        raise CannotRecover(f"{public.root} speaks of {own} entries, {newest.copy.place} has {newest.size}")
    note = newest.signed_checkpoint
    for witness in witnesses if note is not None else ():
        tree = TileTree(newest.tile)
        try:
            ask(witness, note or b"", newest.checkpoint, tree, old=newest.size)
        except WitnessSawOther as error:
            raise CannotRecover(f"witness {witness.key.name} {error}; a recovery needs {NEEDED}") from error
        except WitnessRefused as error:
            _log.warning("witness %s %s", witness.key.name, error)


def _replay(
    session: Session, newest: Newest, records: Copy, head: LogHead, progress: Progress | None
) -> Replay:
    replay = Replay(session, newest.ring, current_catalog(session), log.edge_of(head), head.moment)
    if head.size == newest.size and replay.edge.root() != newest.checkpoint.root:
        raise _other_log(newest)
    if head.size < newest.size:
        statements = Records(records, newest)
        for content in newest.entries(head.size):
            replay.take(content, statements.at(replay.edge.size))
            if progress is not None:
                progress(replay.taken, newest.size - head.size)
        # One root over what the register had and what it took over: it proves both at once.
        if replay.edge.root() != newest.checkpoint.root:
            raise _other_log(newest)
        replay.finish()
        log.move_head(head, replay.edge, replay.moment)
        session.flush()
        _require_lists(session, newest, head)
    return replay


def _other_log(newest: Newest) -> CannotRecover:
    return CannotRecover(
        f"the log in {newest.copy.place} does not extend this register's: it is of another register, "
        "or one of the two was changed"
    )


def _require_lists(session: Session, newest: Newest, head: LogHead) -> None:
    """Return if the lists are those that the snapshot names, where no later entry changed them."""
    if newest.snapshot.log_size != head.size:
        return
    for name, (published, _) in newest.lists.items():
        row = session.get(StatusListRow, (name.agency, name.year, name.number))
        if row is None or published_nibbles(row.nibbles) != published.nibbles:
            raise CannotRecover(f"status list {name.path()} says something else than the log's entries")


def _take_rings(session: Session, newest: Newest) -> KeyRing:
    """Store the rings after the register's own; gives that one."""
    before = current_ring(session)
    for ring, signed in newest.rings:
        session.add(KeyRingVersion(version=ring.version, signed=signed))
    session.flush()
    return before


def _take_catalogs(session: Session, newest: Newest) -> None:
    for version, body in newest.catalogs.items():
        session.add(CatalogVersion(version=version, body=body))
    if newest.catalogs:
        catalog = parse_catalog(newest.catalogs[max(newest.catalogs)])
        for kind in catalog.types.values():
            put_type(session, kind)
        for agency in catalog.agencies.values():
            put_agency(session, agency)
        for code, words in catalog.reasons.items():
            put_reason(session, code, words)
    session.flush()


def _erase_again(session: Session, newest: Newest, records: Copy, start: int) -> int:
    """Erase what was erased after the backup: the backup still had it."""
    if not newest.size:
        return 0
    gone = list(Records(records, newest).erased(start))
    erased = 0
    for low in range(0, len(gone), 500):
        here = EntryRow.log_index.in_(gone[low : low + 500])
        found = session.scalars(select(EntryRow.log_index).where(here, EntryRow.statement.is_not(None))).all()
        erased += len(found)
        session.execute(update(EntryRow).where(here).values(statement=None, card=None, private=None))
    return erased


def _take_key_acts(session: Session, ring: KeyRing, replay: Replay, at: datetime) -> None:
    """Let keys wait for the roots as the log says; which key was proposed is in no published file."""
    retired = {entry.thumbprint for _, entry in replay.key_acts if entry.act is ActKind.KEY_RETIRED}
    gone = retired | {key.public.thumbprint for key in (*ring.keys, *changed_keys(session))}
    for index, entry in replay.key_acts:
        if entry.thumbprint is None:
            continue
        if entry.act is ActKind.KEY_COMPROMISED:
            take_compromise(session, ring, entry.thumbprint, entry.good_size or 0, at=at)
        elif entry.act is ActKind.KEY_PROPOSED and entry.thumbprint not in gone:
            what = f"the proposed key {entry.thumbprint.hex()[:8]}: propose another"
            replay.lost.append(Lost(index, None, None, what))
    withdrawn = [key for key in changed_keys(session) if key.public.thumbprint in retired]
    for key in withdrawn:
        session.execute(delete(KeyChange).where(KeyChange.thumbprint == key.public.thumbprint))
    forget_done(session, ring)


def _log_late_rings(session: Session, newest: Newest, before: KeyRing, at: datetime) -> None:
    # A ring on disk that no snapshot names yet: its key acts were never signed for, so they follow now.
    for ring, _ in newest.rings:
        if ring.version > newest.snapshot.keyring.version and newest.size == newest.snapshot.log_size:
            marked = {denial.thumbprint for denial in denials(session)}
            log_changes(session, before, ring, at=at, marked=marked)
        before = ring


def _settle(session: Session, replay: Replay, at: datetime) -> int:
    """Mark proposals as done that were carried out after the backup, so that nothing happens twice."""
    undone = defaultdict[tuple[str | None, int], deque[Proposal]](deque)
    open_ones = select(Proposal).where(Proposal.state.in_([WAITING, SCHEDULED])).order_by(Proposal.id)
    for proposal in session.scalars(open_ones):
        undone[proposal.code, proposal.act].append(proposal)
    settled = 0
    for index, act, code in replay.acts:
        waiting = undone.get((code, act))
        if waiting:
            proposal = waiting.popleft()
            proposal.state, proposal.log_index, proposal.decided_at = DONE, index, at
            settled += 1
    return settled


def _bring_up(session: Session, public: Folder, newest: Newest) -> None:
    """Let the own folder stand as the newest copy does, its snapshot last; the next run goes on from it.

    Before the commit: stopped in between, the folder is ahead of the register, which refuses to act.
    """
    _remove_unsigned(public, newest)
    if public.read(layout.SNAPSHOT) == newest.signed_snapshot:
        return
    write_tiles(session, public, 0, newest.size)
    for name, (published, signed) in newest.lists.items():
        public.write_new(layout.list_path(name, published.version), signed)
        public.replace(layout.current_list_path(name), signed)
    public.write_new(layout.list_index_path(newest.snapshot.lists), newest.list_index)
    public.replace(layout.LIST_INDEX, newest.list_index)
    public.sync()
    if newest.signed_checkpoint is not None:
        public.replace(layout.CHECKPOINT, newest.signed_checkpoint)
    public.replace(layout.SNAPSHOT, newest.signed_snapshot)
    public.sync()


def _remove_unsigned(public: Folder, newest: Newest) -> None:
    """Remove tiles and catalogs beyond what was signed: a stopped run's, in the way of the next."""
    log_folder = public.root / "log" / "tile"
    size = newest.size
    for path in list(log_folder.rglob("*")) if log_folder.exists() else []:
        if path.is_file() and _covers(path.relative_to(log_folder).as_posix()) > size:
            public.remove(str(path.relative_to(public.root)))
    version = newest.snapshot.catalog.version + 1
    while public.exists(layout.catalog_path(version)):
        public.remove(layout.catalog_path(version))
        version += 1
    public.sync()


def _covers(path: str) -> int:
    """The smallest log size at which a tile of this path exists (`0/x001/067`, `entries/000.p/12`)."""
    kind, _, rest = path.partition("/")
    digits, partial, width = rest.partition(".p/")
    number = int("".join(digits.replace("x", "").split("/")))
    level = 0 if kind == "entries" else int(kind)
    count = number * 256 + (int(width) if partial else 256)
    return count << (8 * level)
