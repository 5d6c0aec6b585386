"""The log: one function through which every act on a license becomes signed, logged rows.

The head row is locked first, so indexes, positions and moments are given out by one writer at a
time.  A block of many takes the same path as one: rows go to the driver as they are, none as an object.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.card import card_of
from keys.dates import BANGKOK, from_seconds, to_seconds
from keys.entry import LogEntry, encode_entry, subject_of
from keys.layout import sha256
from keys.merkle import HASH_BYTES, Edge, leaf_hash
from keys.opening import sign_card, sign_statement
from keys.record import LicenseRecord, Order, StatusRef, placed
from keys.signing import Signer
from keys.statuslist import LIST_POSITIONS, put
from keys.tiles import TILE_WIDTH
from registry.behind import require_ahead
from registry.db import insert_rows, run_rows
from registry.errors import RegistryError
from registry.models import EntryRow, LogHead, StatusListRow, TreeNode, table_of
from registry.signers import Signers

FREE = 0xF
_LISTS_A_YEAR = 1024
_TILE_LEVEL_BITS = 8
# Until the log gives them out, index and position stand as these in a draft.
UNPLACED = StatusRef(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Draft:
    """An act ready to be logged: its statement lacks only index and, for a record, position.

    `ref` is where the license's version in force stands, `previous` the log index of the license's act
    before; both None at issuance.
    """

    statement: LicenseRecord | Order
    salt: bytes
    status: Status
    ref: StatusRef | None
    previous: int | None
    has_card: bool = False
    private: Any = None
    proposer: int | None = None
    approver: int | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """Where an act now stands in the log, and where its license's status stands."""

    index: int
    ref: StatusRef


def start_log(session: Session) -> None:
    """Make the head of an empty log."""
    session.add(LogHead(id=1, size=0, edge=b"", moment=0))
    session.flush()


def locked_head(session: Session) -> LogHead:
    """The head row, locked until this transaction ends.

    Every act comes through here, so here a register that is behind what it has published is stopped:
    raises `BehindPublished`.
    """
    head = session.scalars(_LOCKED_HEAD).one()
    require_ahead(session, head.size)
    return head


# What every act asks is put together once: that costs as much as asking.
_LOCKED_HEAD = select(LogHead).with_for_update()
_OF_YEAR = (StatusListRow.agency == bindparam("agency"), StatusListRow.year == bindparam("year"))
_IS_LIST = (*_OF_YEAR, StatusListRow.number == bindparam("number"))
_LIST = select(StatusListRow.number, StatusListRow.nibbles, StatusListRow.used)
_NEWEST_LIST = _LIST.where(*_OF_YEAR).order_by(StatusListRow.number.desc()).limit(1)
_THIS_LIST = _LIST.where(*_IS_LIST)


class _Lists:
    """The status lists of one transaction: read once, changed in memory, written at its end."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._nibbles: dict[tuple[int, int, int], bytearray] = {}
        self._used: dict[tuple[int, int, int], int] = {}
        self._newest: dict[tuple[int, int], int] = {}
        self._fresh: set[tuple[int, int, int]] = set()

    def allocate(self, agency: int, year: int) -> StatusRef:
        """A position never given out before, drawn at random from the newest list of the year."""
        number = self._newest_number(agency, year)
        key = (agency, year, number)
        if self._used[key] >= LIST_POSITIONS // 2:
            number += 1
            if number >= _LISTS_A_YEAR:
                raise RegistryError(f"agency {agency} has filled its {_LISTS_A_YEAR} lists of {year}")
            key = self._open(agency, year, number)
        nibbles = self._nibbles[key]
        position = _draw()
        while _nibble(nibbles, position) != FREE:
            position = _draw()
        self._used[key] += 1
        return StatusRef(year, number, position)

    def put(self, agency: int, ref: StatusRef, status: Status) -> None:
        """Set the status at a position."""
        key = (agency, ref.year, ref.number)
        if key not in self._nibbles:
            self._load(key)
        put(self._nibbles[key], ref.position, status)

    def _newest_number(self, agency: int, year: int) -> int:
        if (agency, year) not in self._newest:
            row = self._session.execute(_NEWEST_LIST, {"agency": agency, "year": year}).first()
            if row is None:
                self._open(agency, year, 1)
            else:
                self._newest[agency, year] = row.number
                self._keep((agency, year, row.number), row)
        return self._newest[agency, year]

    def _open(self, agency: int, year: int, number: int) -> tuple[int, int, int]:
        key = (agency, year, number)
        self._nibbles[key] = bytearray(b"\xff") * (LIST_POSITIONS // 2)
        self._used[key] = 0
        self._newest[agency, year] = number
        self._fresh.add(key)
        return key

    def _load(self, key: tuple[int, int, int]) -> None:
        agency, year, number = key
        asked = {"agency": agency, "year": year, "number": number}
        self._keep(key, self._session.execute(_THIS_LIST, asked).one())

    def _keep(self, key: tuple[int, int, int], row: Any) -> None:
        # A list in which an order has just been put is not read again: the order's status would be lost.
        if key not in self._nibbles:
            self._nibbles[key] = bytearray(row.nibbles)
            self._used[key] = row.used

    def write(self, index: int) -> None:
        """Store every list that was read; all of them were changed by an act up to `index`."""
        for key, nibbles in self._nibbles.items():
            row = {
                **dict(zip(("agency", "year", "number"), key, strict=True)),
                "nibbles": bytes(nibbles),
                "used": self._used[key],
                "changed_index": index,
            }
            if key in self._fresh:
                insert_rows(self._session, _LISTS, [row])
            else:
                run_rows(self._session, _KEEP_LIST, [{f"its_{name}": value for name, value in row.items()}])


_LISTS = table_of(StatusListRow)
_KEEP_LIST = (
    update(_LISTS)
    .where(*(_LISTS.c[name] == bindparam(f"its_{name}") for name in ("agency", "year", "number")))
    .values({name: bindparam(f"its_{name}") for name in ("nibbles", "used", "changed_index")})
)


def _draw() -> int:
    # Two bytes number the positions of a list exactly, so none is likelier than another.
    return int.from_bytes(secrets.token_bytes(2))


def _nibble(nibbles: bytes | bytearray, position: int) -> int:
    return nibbles[position >> 1] >> (4 * (position & 1)) & 0xF


def published_nibbles(nibbles: bytes) -> bytes:
    """A list as readers see it: positions nobody has been given yet say VALID, as the draft wants."""
    return nibbles.translate(_WITHOUT_FREE)


_WITHOUT_FREE = bytes(
    (0 if byte & 0xF == FREE else byte & 0xF) | (0 if byte >> 4 == FREE else byte & 0xF0)
    for byte in range(256)
)


def append(
    session: Session, drafts: Sequence[Draft], *, signers: Signers, host: str, at: datetime
) -> list[Logged]:
    """Sign and log `drafts` in their order, in the caller's transaction, and say where they stand.

    The moment of an entry never goes back: should the clock have, the newest moment is repeated.
    Raises `NoAgencyKey` without a signing key and `TooLong` when a card fits no QR; then the caller
    rolls back and nothing has happened.
    """
    head = locked_head(session)
    moment = max(to_seconds(at), head.moment)
    year = from_seconds(moment).astimezone(BANGKOK).year
    edge = edge_of(head)
    # One step for all acts and then the next: a block goes through a fifth faster than act by act.
    lists = _Lists(session)
    logged = [Logged(index, _place(draft, lists, year)) for index, draft in enumerate(drafts, edge.size)]
    signer_of = cache(partial(signers.for_agency, moment=moment))
    signed = [
        sign_act(
            draft,
            where,
            signer=signer_of(draft.statement.agency, draft.statement.license_type),
            host=host,
        )
        for draft, where in zip(drafts, logged, strict=True)
    ]
    rows = [_row(*act, moment=moment) for act in zip(drafts, logged, signed, strict=True)]
    nodes = [node for row in rows for node in grow(edge, row["leaf"])]
    lists.write(edge.size - 1)
    insert_rows(session, table_of(EntryRow), rows)
    insert_rows(session, table_of(TreeNode), nodes)
    move_head(head, edge, moment)
    session.flush()
    return logged


def tiles_of(session: Session, start: int, size: int, *columns: str) -> Iterator[tuple[int, Sequence[Any]]]:
    """The log's rows from the tile that holds `start` to `size`: each tile's number and its 256 rows or fewer.

    Read as they are taken, so any number of them may be.
    """
    table = table_of(EntryRow)
    number = start // TILE_WIDTH
    rows = session.connection().execute(
        select(*(table.c[name] for name in columns))
        .where(table.c.log_index >= number * TILE_WIDTH, table.c.log_index < size)
        .order_by(table.c.log_index),
        execution_options={"yield_per": TILE_WIDTH},
    )
    return enumerate(rows.partitions(), number)


def append_key_act(
    session: Session, act: ActKind, thumbprint: bytes, *, at: datetime, good_size: int | None = None
) -> int:
    """Log a key's proposal, activation, retirement or compromise; gives the entry's index."""
    return _append_bare(session, LogEntry(act, 0, thumbprint=thumbprint, good_size=good_size), at)


def append_recovery(session: Session, *, at: datetime) -> int:
    """Log that the register took over what was published after its backup; gives the entry's index."""
    return _append_bare(session, LogEntry(ActKind.RECOVERY, 0), at)


def _append_bare(session: Session, content: LogEntry, at: datetime) -> int:
    # An entry that no statement belongs to; its moment is set here, under the lock.
    head = locked_head(session)
    moment = max(to_seconds(at), head.moment)
    entry = encode_entry(replace(content, moment=moment))
    edge = edge_of(head)
    index, leaf = edge.size, leaf_hash(entry)
    session.add_all(TreeNode(**node) for node in grow(edge, leaf))
    session.add(EntryRow(log_index=index, act=int(content.act), moment=moment, leaf=leaf, entry=entry))
    move_head(head, edge, moment)
    session.flush()
    return index


def edge_of(head: LogHead) -> Edge:
    """The right edge of the log's tree."""
    return Edge(head.size, [head.edge[i : i + HASH_BYTES] for i in range(0, len(head.edge), HASH_BYTES)])


def move_head(head: LogHead, edge: Edge, moment: int) -> None:
    """Let the head say what the log has become."""
    head.size, head.edge, head.moment = edge.size, b"".join(edge.hashes), moment


def grow(edge: Edge, leaf: bytes) -> list[dict[str, Any]]:
    """Append a leaf hash; gives the rows of `TreeNode` for the full tiles that this completes."""
    index, nodes = edge.size, edge.append(leaf)
    return [
        {"level": level // _TILE_LEVEL_BITS, "number": index >> level, "hash": nodes[level]}
        for level in range(_TILE_LEVEL_BITS, len(nodes), _TILE_LEVEL_BITS)
    ]


Signed = tuple[bytes, bytes | None]


def sign_act(draft: Draft, where: Logged, *, signer: Signer, host: str) -> Signed:
    """The signed statement with its place in it, and the signed card where the type has one.

    Raises `TooLong` when the card fits no QR.
    """
    statement = draft.statement
    if not isinstance(statement, LicenseRecord):
        return sign_statement(replace(statement, index=where.index), signer), None
    record = placed(statement, where.ref, where.index)
    card = sign_card(card_of(record, host=host), signer) if draft.has_card else None
    return sign_statement(record, signer), card


def _place(draft: Draft, lists: _Lists, year: int) -> StatusRef:
    """The position the act sets: a new one for a record, whose old one is superseded."""
    agency = draft.statement.agency
    if draft.statement.act.makes_record:
        ref = lists.allocate(agency, year)
        if draft.ref is not None:
            lists.put(agency, draft.ref, Status.SUPERSEDED)
    elif draft.ref is not None:
        ref = draft.ref
    else:
        raise RegistryError("an order needs the position of the version it is about")
    lists.put(agency, ref, draft.status)
    return ref


def _row(draft: Draft, where: Logged, signed: Signed, *, moment: int) -> dict[str, Any]:
    statement, (content, card) = draft.statement, signed
    entry = encode_entry(
        LogEntry(
            act=statement.act,
            moment=moment,
            agency=statement.agency,
            subject=subject_of(draft.salt, statement.code),
            statement=sha256(content),
            card=sha256(card) if card else None,
            ref=where.ref,
            status=draft.status,
        )
    )
    return {
        "log_index": where.index,
        "act": int(statement.act),
        "moment": moment,
        "agency": statement.agency,
        "license_type": statement.license_type,
        "code": statement.code,
        "previous": draft.previous,
        "leaf": leaf_hash(entry),
        "entry": entry,
        "statement": content,
        "card": card,
        "private": draft.private,
        "proposer": draft.proposer,
        "approver": draft.approver,
    }
