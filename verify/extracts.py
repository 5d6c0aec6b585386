"""Making extracts from published files, and checking them off line with nothing but a ring."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from keys import layout, merkle
from keys.catalog import LARGEST_CATALOG
from keys.checkpoint import LARGEST_NOTE, open_checkpoint
from keys.cosignature import WitnessKey, cosigned_by
from keys.entry import LogEntry, parse_entry
from keys.errors import BadProof, KeysError, RingRefused
from keys.extract import Extract, ProvenAct, encode_extract, parse_extract, sorted_files
from keys.keyring import LARGEST_RING, KeyRing, Role, follow_ring, pin_ring
from keys.opening import open_snapshot
from keys.snapshot import Snapshot
from keys.statuslist import LARGEST_LIST_JWT
from keys.tiles import TILE_WIDTH
from verify.asof import AsOf, as_of
from verify.days import (
    KnownEntries,
    ReadNamed,
    Rings,
    evidence_of,
    evidence_then,
    grown,
    lists_of,
    read_named,
)
from verify.errors import EvidenceMissing, Missing, SourceAway
from verify.license import Held
from verify.logreader import LogReader
from verify.published import LARGEST_LIST_INDEX, Evidence
from verify.sources import Source


@dataclass(frozen=True)
class Checked:
    """An extract behind all its signatures and proofs.

    `seen_then` and `seen_now` say when which witness cosigned the log of the day's snapshot and that
    of the making (seconds since 1970).
    """

    code: str
    found: AsOf
    then: Evidence
    now: Evidence
    seen_then: Mapping[WitnessKey, int]
    seen_now: Mapping[WitnessKey, int]


# --- making -------------------------------------------------------------------------------------


def make_extract(
    source: Source, code: str, held: tuple[Held, ...], day: date, *, then: Evidence, now: Evidence
) -> bytes:
    """The extract about `code` on `day`; raises `EvidenceMissing` when a part cannot be had."""
    try:
        extract = Extract(
            code=code,
            day=day,
            rings=_signed_rings(source, now),
            then=then.signed,
            now=now.signed,
            growth=tuple(grown(now, then.snapshot.log_size)),
            acts=tuple(_proven(item, now) for item in held if item.index < now.snapshot.log_size),
            files=sorted_files([*_files(source, then, held), *_files(source, now, held)]),
            checkpoint_then=_checkpoint(source, then, day if then.signed != now.signed else None),
            checkpoint_now=_checkpoint(source, now, None),
        )
    except (KeysError, SourceAway) as error:
        raise EvidenceMissing("a part of the extract cannot be read") from error
    return encode_extract(extract)


def _signed_rings(source: Source, now: Evidence) -> tuple[bytes, ...]:
    read = read_named(source)
    return tuple(
        read(layout.keyring_path(version), now.rings[version][1], LARGEST_RING)
        for version in sorted(now.rings)
        if version <= now.ring.version
    )


def _proven(item: Held, now: Evidence) -> ProvenAct:
    size = now.snapshot.log_size
    entry = now.log.bundle(item.index // TILE_WIDTH)[item.index % TILE_WIDTH]
    proof = merkle.inclusion_proof(item.index, size, now.log.node)
    merkle.verify_inclusion(merkle.leaf_hash(entry), item.index, size, proof, now.snapshot.log_root)
    return ProvenAct(item.index, entry, tuple(proof), item.signed)


def _files(source: Source, evidence: Evidence, held: Iterable[Held]) -> Iterable[bytes]:
    """What the snapshot names and the verdict needs, as it was published."""
    read, snapshot = read_named(source), evidence.snapshot
    yield read(layout.catalog_path(snapshot.catalog.version), snapshot.catalog.digest, LARGEST_CATALOG)
    yield read(layout.list_index_path(snapshot.lists), snapshot.lists, LARGEST_LIST_INDEX)
    for name in lists_of(held, snapshot.log_size) & evidence.named_lists.keys():
        named = evidence.named_lists[name]
        yield read(layout.list_path(name, named.version), named.digest, LARGEST_LIST_JWT)


def _checkpoint(source: Source, evidence: Evidence, day: date | None) -> bytes | None:
    """The checkpoint of the same tree as the snapshot, for its witnesses; None where there is none."""
    path = layout.CHECKPOINT if day is None else layout.day_checkpoint_path(day)
    try:
        note = source.read(path, limit=LARGEST_NOTE)
    except Missing:
        return None
    try:
        _require_same_tree(note, evidence.ring, evidence.snapshot)
    except KeysError:
        return None  # A newer one is served already.
    return note


def _require_same_tree(note: bytes, ring: KeyRing, snapshot: Snapshot) -> None:
    checkpoint = open_checkpoint(note, ring.origin, [key.public for key in ring.with_role(Role.LOG)])
    if (checkpoint.size, checkpoint.root) != (snapshot.log_size, snapshot.log_root):
        raise BadProof("the checkpoint is of another tree than the snapshot")


# --- checking -----------------------------------------------------------------------------------


def check_extract(content: bytes, pinned: bytes | None, witnesses: Iterable[WitnessKey] = ()) -> Checked:
    """What an extract shows; trust begins with `pinned`, else with its own first ring.

    Raises of the family of `keys`, and `EvidenceMissing`, when any part is not what it must be.
    """
    extract = parse_extract(content)
    rings = _follow(extract.rings, pinned)
    newest = rings[max(rings)][0]
    snapshot = open_snapshot(extract.now, newest).value
    if snapshot.keyring.version != newest.version:
        raise EvidenceMissing("the extract's newest ring is not the one that its snapshot names")
    entries = {act.index: _entry(act, snapshot) for act in extract.acts}
    held = tuple(Held(act.index, act.statement, None) for act in extract.acts)
    contents = {layout.sha256(content): content for content in extract.files}
    used: set[bytes] = set()
    read = _by_hash(contents, used)
    now = evidence_of(extract.now, read, rings, held, _known(snapshot, entries))
    if now.good_size(open_snapshot(extract.now, newest).key) is not None:
        raise EvidenceMissing("the extract's snapshot is signed by a key that is denied")
    growth = list(extract.growth)
    then = evidence_then(extract.then, read, now, held, day=extract.day, growth=lambda _: growth)
    if used != contents.keys():
        raise EvidenceMissing("the extract has a file that its snapshots do not name")
    known = list(witnesses)
    return Checked(
        code=extract.code,
        found=as_of(extract.code, held, extract.day, then=then, now=now, at=now.moment, caught_up=True),
        then=then,
        now=now,
        seen_then=_seen(extract.checkpoint_then, then, known),
        seen_now=_seen(extract.checkpoint_now, now, known),
    )


def _follow(signed: Sequence[bytes], pinned: bytes | None) -> Rings:
    """The extract's rings, each following the one before; `pinned` is one of them, or just before the first."""
    anchor = signed[0] if pinned is None else pinned
    trusted = pin_ring(anchor)
    if trusted.version < pin_ring(signed[0]).version:
        signed = [anchor, *signed]
    rings: dict[int, tuple[KeyRing, bytes]] = {}
    for content in signed:
        ring = follow_ring(rings[max(rings)][0], content) if rings else pin_ring(content)
        if ring.version in rings:
            raise RingRefused(f"the extract has key ring {ring.version} twice")
        rings[ring.version] = (ring, layout.sha256(content))
    if rings.get(trusted.version, (None, b""))[1] != layout.sha256(anchor):
        raise RingRefused("the extract's key rings do not lead from the one to trust")
    return rings


def _entry(act: ProvenAct, snapshot: Snapshot) -> LogEntry:
    leaf = merkle.leaf_hash(act.entry)
    merkle.verify_inclusion(leaf, act.index, snapshot.log_size, act.proof, snapshot.log_root)
    return parse_entry(act.entry)


def _known(snapshot: Snapshot, entries: Mapping[int, LogEntry]) -> LogReader:
    def entry_at(index: int) -> LogEntry:
        if index not in entries:
            raise EvidenceMissing(f"the extract has no entry {index}")
        return entries[index]

    return KnownEntries(snapshot.log_size, snapshot.log_root, entry_at)


def _by_hash(contents: Mapping[bytes, bytes], used: set[bytes]) -> ReadNamed:
    def read(path: str, digest: bytes, limit: int) -> bytes:
        content = contents.get(digest)
        used.add(digest)
        if content is None or len(content) > limit:
            raise EvidenceMissing(f"the extract lacks {path}")
        return content

    return read


def _seen(note: bytes | None, evidence: Evidence, witnesses: list[WitnessKey]) -> Mapping[WitnessKey, int]:
    if note is None:
        return {}
    _require_same_tree(note, evidence.ring, evidence.snapshot)
    return cosigned_by(note, witnesses)
