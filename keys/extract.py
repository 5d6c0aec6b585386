"""The extract: parts that are signed already, gathered so that one verdict can be checked off line.

It holds what was known of one license at the end of a day and when the extract was made: two
snapshots, the files that they name, the statements with their entries and proofs.  The extract
itself is not signed, because nothing in it needs to be.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from keys import cbor
from keys.cbor import Reader
from keys.checkpoint import LARGEST_NOTE
from keys.code import CODE_DIGITS, make_code
from keys.dates import parse_date
from keys.errors import Malformed
from keys.merkle import HASH_BYTES

EXTRACT_FORMAT = "extract/1"
LARGEST_EXTRACT = 64 << 20
_MOST_HASHES = 128


@dataclass(frozen=True, slots=True)
class ProvenAct:
    """The entry at `index`, its inclusion proof under the newer snapshot's root, and its statement."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]
    statement: bytes


@dataclass(frozen=True, slots=True)
class Extract:
    """The parts of an extract, none of them verified.

    `then` and `now` are signed snapshots: the last of `day`, and that of the making.  `growth` is the
    consistency proof from the one's log to the other's.  `files` are those that they name by hash:
    catalogs, list indexes, status lists.  Checkpoints are there for the witnesses' lines.
    """

    code: str
    day: date
    rings: tuple[bytes, ...]
    then: bytes
    now: bytes
    growth: tuple[bytes, ...]
    acts: tuple[ProvenAct, ...]
    files: tuple[bytes, ...]
    checkpoint_then: bytes | None = None
    checkpoint_now: bytes | None = None


def sorted_files(files: Sequence[bytes]) -> tuple[bytes, ...]:
    """The files in the order of an extract: each once, by their SHA-256."""
    by_hash = {_sha256(content): content for content in files}
    return tuple(by_hash[digest] for digest in sorted(by_hash))


def encode_extract(extract: Extract) -> bytes:
    """The bytes of the extract."""
    acts = [[act.index, act.entry, list(act.proof), act.statement] for act in extract.acts]
    items: dict[str, Any] = {
        "format": EXTRACT_FORMAT,
        "code": extract.code,
        "day": extract.day.isoformat(),
        "rings": list(extract.rings),
        "then": extract.then,
        "now": extract.now,
        "growth": list(extract.growth),
        "acts": acts,
        "files": list(extract.files),
    }
    notes = {"checkpoint_then": extract.checkpoint_then, "checkpoint_now": extract.checkpoint_now}
    return cbor.encode(items | {key: note for key, note in notes.items() if note is not None})


def parse_extract(data: bytes) -> Extract:
    """The parts of an extract, none of them verified; raises `Malformed`."""
    if len(data) > LARGEST_EXTRACT:
        raise Malformed("an extract is too long")
    read = Reader(cbor.decode(data), "extract")
    read.literal("format", EXTRACT_FORMAT)
    code = read.required("code", str)
    if (
        len(code) != CODE_DIGITS
        or not code.isascii()
        or not code.isdigit()
        or make_code(int(code[:12])) != code
    ):
        raise read.fail("a code is 14 ASCII digits that check")
    extract = Extract(
        code=code,
        day=parse_date(read.required("day", str)),
        rings=_list(read, "rings", _bytes),
        then=read.required("then", bytes),
        now=read.required("now", bytes),
        growth=_hashes(read.required("growth", list)),
        acts=_list(read, "acts", _act),
        files=_list(read, "files", _bytes),
        checkpoint_then=_note(read, "checkpoint_then"),
        checkpoint_now=_note(read, "checkpoint_now"),
    )
    read.done()
    if not extract.rings or not extract.acts:
        raise read.fail("without rings or acts it says nothing")
    indexes = [act.index for act in extract.acts]
    if indexes != sorted(set(indexes)):
        raise read.fail("acts stand in the order of the log, each once")
    if sorted_files(extract.files) != extract.files:
        raise read.fail("files stand in the order of their hashes, each once")
    return extract


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _list(read: Reader, key: str, parse: Callable[[object], Any]) -> tuple[Any, ...]:
    return tuple(map(parse, read.required(key, list)))


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise Malformed("extract: a byte string was expected")
    return value


def _hashes(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > _MOST_HASHES:
        raise Malformed("extract: a proof is an array of at most 128 hashes")
    if any(not isinstance(item, bytes) or len(item) != HASH_BYTES for item in value):
        raise Malformed("extract: a hash has 32 bytes")
    return tuple(value)


def _act(value: object) -> ProvenAct:
    if not isinstance(value, list) or len(value) != 4 or type(value[0]) is not int or value[0] < 0:
        raise Malformed("extract: an act is index, entry, proof and statement")
    return ProvenAct(value[0], _bytes(value[1]), _hashes(value[2]), _bytes(value[3]))


def _note(read: Reader, key: str) -> bytes | None:
    note: bytes | None = read.optional(key, bytes)
    if note is not None and len(note) > LARGEST_NOTE:
        raise read.fail("a checkpoint has at most 64 KiB")
    return note
