"""A fixed example of an extract: valid on its day, and suspended since with effect on that day."""

from dataclasses import replace

from keys import merkle
from keys.acts import ActKind, Status
from keys.catalog import encode_catalog
from keys.checkpoint import Checkpoint, sign_checkpoint
from keys.dates import bangkok_date, from_seconds
from keys.entry import LogEntry, encode_entry, subject_of
from keys.extract import Extract, ProvenAct, sorted_files
from keys.layout import encode_list_index, sha256
from keys.opening import sign_snapshot, sign_statement
from keys.snapshot import Named, Snapshot
from keys.statuslist import StatusList, empty_nibbles, put, sign_list
from tests.keys import examples
from tests.keys.examples import LOG, MOMENT, ORIGIN, STATUS

_DAY_SECONDS = 24 * 3600
DAY = bangkok_date(from_seconds(MOMENT))

_RECORD = sign_statement(replace(examples.RECORD, index=1), examples.AGENCY)
_ORDER = sign_statement(replace(examples.SUSPENSION, index=2, begins=DAY), examples.AGENCY)
_ISSUED = LogEntry(
    ActKind.ISSUANCE,
    MOMENT,
    agency=1,
    subject=subject_of(examples.SALT, examples.CODE),
    statement=sha256(_RECORD),
    ref=examples.RECORD.status,
    status=Status.VALID,
)
_SUSPENDED = replace(
    _ISSUED,
    act=ActKind.SUSPENSION,
    moment=MOMENT + _DAY_SECONDS,
    statement=sha256(_ORDER),
    status=Status.SUSPENDED,
)
_ENTRIES = [encode_entry(entry) for entry in (examples.ENTRIES[0], _ISSUED, _SUSPENDED)]
_LEAVES = [merkle.leaf_hash(entry) for entry in _ENTRIES]


def node(level: int, index: int) -> bytes:
    """The perfect subtrees of the example's log."""
    return merkle.perfect_root(_LEAVES[index << level : (index + 1) << level])


def _list(version: int, size: int, moment: int, status: Status) -> bytes:
    nibbles = empty_nibbles()
    put(nibbles, examples.RECORD.status.position, status)
    value = StatusList(
        name=examples.LIST_NAME,
        uri=examples.LIST.uri,
        version=version,
        log_size=size,
        issued=moment,
        expires=moment + 7 * _DAY_SECONDS,
        nibbles=bytes(nibbles),
    )
    return sign_list(value, STATUS)


_CATALOG = encode_catalog(examples.CATALOG)


def _published(version: int, size: int, moment: int, status: Status) -> tuple[bytes, list[bytes]]:
    """A signed snapshot and the files that it names."""
    jwt = _list(version, size, moment, status)
    index = encode_list_index({examples.LIST_NAME: Named(version, sha256(jwt))})
    snapshot = Snapshot(
        version=version,
        moment=moment,
        log_size=size,
        log_root=merkle.root_of(_LEAVES[:size]),
        keyring=Named(1, sha256(examples.SIGNED_RING)),
        catalog=Named(1, sha256(_CATALOG)),
        lists=sha256(index),
        records=sha256(b"stands for a manifest"),
    )
    return sign_snapshot(snapshot, STATUS), [jwt, index, _CATALOG]


_THEN, _FILES_THEN = _published(1, 2, MOMENT + 3600, Status.VALID)
_NOW, _FILES_NOW = _published(2, 3, MOMENT + _DAY_SECONDS + 3600, Status.SUSPENDED)

EXTRACT = Extract(
    code=examples.CODE,
    day=DAY,
    rings=(examples.SIGNED_RING,),
    then=_THEN,
    now=_NOW,
    growth=tuple(merkle.consistency_proof(2, 3, node)),
    acts=tuple(
        ProvenAct(index, _ENTRIES[index], tuple(merkle.inclusion_proof(index, 3, node)), statement)
        for index, statement in ((1, _RECORD), (2, _ORDER))
    ),
    files=sorted_files(_FILES_THEN + _FILES_NOW),
    checkpoint_now=sign_checkpoint(Checkpoint(ORIGIN, 3, merkle.root_of(_LEAVES)), LOG),
)
