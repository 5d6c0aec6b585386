"""The monitor: keeps what it saw last, and alarms when the register shows anything but its continuation.

A whole folder rolled back, or another history shown to some readers only, looks right to whoever
sees it for the first time.  It does not to somebody who remembers.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from keys import layout, merkle
from keys.checkpoint import LARGEST_NOTE, Checkpoint, open_checkpoint
from keys.cosignature import WitnessKey, open_witnessed
from keys.errors import KeysError
from keys.keyring import Role
from keys.layout import sha256
from keys.signing import PublicKey
from keys.snapshot import encode_snapshot
from verify.errors import SourceAway, VerifyError
from verify.logreader import LogReader
from verify.published import Evidence, EvidenceWatch
from verify.sources import Source
from verify.verdict import CLOCK_SLACK


class BadState(VerifyError):
    """The state file is not one that the monitor wrote."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen last; hashes in lower-case hex, the moment in seconds since 1970."""

    register: str  # SHA-256 of the ring that trust began with.
    ring: int
    ring_hash: str
    size: int
    root: str
    checkpoint: str
    snapshot: int
    snapshot_hash: str
    snapshot_size: int
    moment: int


@dataclass(frozen=True, slots=True)
class Look:
    """What one look gave: alarms in words, and what to remember (None: nothing new to remember)."""

    alarms: tuple[str, ...]
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a monitor insists on: how old a snapshot may be, and how many witnesses of which."""

    silence: timedelta
    witnesses: Sequence[WitnessKey] = ()
    quorum: int = 0


def look(
    source: Source, before: Seen | None, *, at: datetime, wanted: Wanted, pinned: bytes | None = None
) -> Look:
    """Look once; what is remembered moves on only where nothing contradicts what was remembered."""
    watching = EvidenceWatch(source, pinned)
    evidence = watching.current(at)
    if evidence is None:
        return Look((f"SILENCE: nothing that can be verified is published: {watching.fault}",), None)
    try:
        note = source.read(layout.CHECKPOINT, limit=LARGEST_NOTE)
        checkpoint = open_checkpoint(note, evidence.ring.origin, _log_keys(evidence))
    except (KeysError, SourceAway) as error:
        return Look((f"SILENCE: the checkpoint cannot be read: {error}",), None)
    log = LogReader(source, checkpoint.size, checkpoint.root)
    alarms = [*_within(evidence, checkpoint, log)]
    if before is not None:
        alarms += _rollbacks(before, evidence, checkpoint)
        alarms += _forks(before, evidence, checkpoint, log)
    contradicted = bool(alarms)
    alarms += [*_silence(evidence, at, wanted), *_unwitnessed(note, evidence, wanted)]
    return Look(tuple(alarms), None if contradicted else _seen(evidence, checkpoint, note))


def _log_keys(evidence: Evidence) -> list[PublicKey]:
    # A thief of a log key that is denied could make the monitor remember a tree that nobody has.
    keys = evidence.ring.with_role(Role.LOG)
    return [key.public for key in keys if evidence.good_size(key) is None]


def _seen(evidence: Evidence, checkpoint: Checkpoint, note: bytes) -> Seen:
    snapshot = evidence.snapshot
    return Seen(
        register=evidence.identity.hex(),
        ring=snapshot.keyring.version,
        ring_hash=snapshot.keyring.digest.hex(),
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        checkpoint=note.decode(),
        snapshot=snapshot.version,
        snapshot_hash=_hash_of(evidence),
        snapshot_size=snapshot.log_size,
        moment=snapshot.moment,
    )


def _hash_of(evidence: Evidence) -> str:
    return sha256(encode_snapshot(evidence.snapshot)).hex()


def _rollbacks(before: Seen, evidence: Evidence, checkpoint: Checkpoint) -> Iterator[str]:
    snapshot = evidence.snapshot
    rising = (
        ("the checkpoint's size", before.size, checkpoint.size),
        ("the snapshot's version", before.snapshot, snapshot.version),
        ("the snapshot's moment", before.moment, snapshot.moment),
        ("the snapshot's log size", before.snapshot_size, snapshot.log_size),
        ("the key ring's version", before.ring, snapshot.keyring.version),
    )
    for what, was, now in rising:
        if now < was:
            yield f"ROLLBACK: {what} went back from {was} to {now}"


def _forks(before: Seen, evidence: Evidence, checkpoint: Checkpoint, log: LogReader) -> Iterator[str]:
    if before.register != evidence.identity.hex():
        yield "FORK: trust begins with another key ring: this is another register"
    ring = evidence.snapshot.keyring
    if (before.ring, True) == (ring.version, before.ring_hash != ring.digest.hex()):
        yield f"FORK: there are two key rings of version {ring.version}"
    if before.snapshot == evidence.snapshot.version and before.snapshot_hash != _hash_of(evidence):
        yield f"FORK: there are two snapshots of version {before.snapshot}"
    if before.size <= checkpoint.size:
        remembered = Checkpoint(checkpoint.origin, before.size, bytes.fromhex(before.root))
        fault = _difference(remembered, checkpoint, log)
        if fault:
            yield (
                f"FORK: the tree of {checkpoint.size} entries (root {checkpoint.root.hex()}) is not shown to "
                f"extend the tree of {before.size} (root {before.root}) seen before: {fault}"
            )


def _within(evidence: Evidence, checkpoint: Checkpoint, log: LogReader) -> Iterator[str]:
    """Whether checkpoint and snapshot, as served now, are of one history."""
    snapshot = evidence.snapshot
    of_snapshot = Checkpoint(checkpoint.origin, snapshot.log_size, snapshot.log_root)
    if checkpoint.size < of_snapshot.size:
        yield f"ROLLBACK: the checkpoint covers {checkpoint.size} entries, the snapshot {snapshot.log_size}"
        return
    fault = _difference(of_snapshot, checkpoint, log)
    if fault:
        yield f"FORK: snapshot and checkpoint are not of one log: {fault}"


def _difference(old: Checkpoint, new: Checkpoint, log: LogReader) -> str:
    """Why `new` cannot be shown from the tiles to extend `old`; "" when it was shown."""
    try:
        proof = merkle.consistency_proof(old.size, new.size, log.node)
        merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
    except (KeysError, SourceAway) as error:
        return str(error)
    return ""


def _silence(evidence: Evidence, at: datetime, wanted: Wanted) -> Iterator[str]:
    age = evidence.age(at)
    if age > wanted.silence:
        yield f"SILENCE: the snapshot is {int(age.total_seconds() // 60)} minutes old"
    if age < -CLOCK_SLACK:
        yield f"CLOCK: the snapshot is of {evidence.moment.isoformat()}, which lies in the future"


def _unwitnessed(note: bytes, evidence: Evidence, wanted: Wanted) -> Iterator[str]:
    keys, origin = _log_keys(evidence), evidence.ring.origin
    try:
        open_witnessed(note, origin, keys, wanted.witnesses, quorum=wanted.quorum)
    except KeysError as error:
        yield f"UNWITNESSED: {error}"


# --- the state file ------------------------------------------------------------------------------


def read_state(path: Path) -> Seen | None:
    """What was remembered in the file at `path`, None where there is none; raises `BadState`."""
    try:
        content = json.loads(path.read_text("utf-8"))
        seen = Seen(**content)
        bytes.fromhex(seen.root)
    except FileNotFoundError:
        return None
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise BadState(f"{path}: not the state of a monitor") from error
    if any(type(value) is not type(getattr(_EXAMPLE, name)) for name, value in content.items()):
        raise BadState(f"{path}: not the state of a monitor")
    return seen


_EXAMPLE = Seen("", 0, "", 0, "", "", 0, "", 0, 0)


def write_state(path: Path, seen: Seen) -> None:
    """Remember `seen` durably: the file holds the old or the new state, whatever stops."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(seen), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
