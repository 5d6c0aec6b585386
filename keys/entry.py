"""Log entries: one act each, plain deterministic CBOR; the checkpoint covers them (formats §Entry).

An entry holds no code, name or number: a log cannot forget, and codes must not be harvested.
"""

import hashlib
from dataclasses import dataclass

from keys import cbor
from keys.acts import ActKind, Status
from keys.cbor import Reader
from keys.errors import Malformed
from keys.record import StatusRef

ENTRY_FORMAT = 1
LARGEST_ENTRY = 0xFFFF


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One act as the log shows it; `moment` is in seconds since 1970 (UTC).

    `status` and `ref` say which status the act set, and where.  Key acts have a `thumbprint`
    (32 bytes) instead of subject, statement and status.
    """

    act: ActKind
    moment: int
    agency: int | None = None
    subject: bytes | None = None
    statement: bytes | None = None
    card: bytes | None = None
    ref: StatusRef | None = None
    status: Status | None = None
    thumbprint: bytes | None = None
    good_size: int | None = None  # Of a key marked compromised: the last good size of the log.


def subject_of(salt: bytes, code: str) -> bytes:
    """SHA-256(salt ‖ code as 14 ASCII digits): the same for every version of one license."""
    return hashlib.sha256(salt + code.encode("ascii")).digest()


def encode_entry(entry: LogEntry) -> bytes:
    """The bytes that the log hashes; at most 65,535, as an entry bundle requires."""
    ref = entry.ref
    return cbor.encode_numbered(
        (
            ENTRY_FORMAT,
            int(entry.act),
            entry.moment,
            entry.agency,
            entry.subject,
            entry.statement,
            entry.card,
            [ref.year, ref.number, ref.position] if ref else None,
            None if entry.status is None else int(entry.status),
            entry.thumbprint,
            entry.good_size,
        )
    )


def parse_entry(data: bytes) -> LogEntry:
    """The entry of `data`; raises `Malformed`."""
    read = Reader(cbor.decode(data), "log entry")
    read.literal(0, ENTRY_FORMAT)
    ref = read.optional(7, list)
    if ref is not None and (len(ref) != 3 or any(type(part) is not int or part < 0 for part in ref)):
        raise read.fail("a status reference is year, number, position")
    status = read.optional(8, int)
    try:
        entry = LogEntry(
            act=ActKind(read.natural(1)),
            moment=read.natural(2),
            agency=read.optional_natural(3),
            subject=_hash(read, 4),
            statement=_hash(read, 5),
            card=_hash(read, 6),
            ref=StatusRef(*ref) if ref else None,
            status=None if status is None else Status(status),
            thumbprint=_hash(read, 9),
            good_size=read.optional_natural(10),
        )
    except ValueError as error:
        raise read.fail("unknown act or status") from error
    read.done()
    _require_shape(entry, read)
    return entry


def _hash(read: Reader, key: int) -> bytes | None:
    value: bytes | None = read.optional(key, bytes)
    if value is not None and len(value) != 32:
        raise read.fail(f"item {key} must be 32 bytes")
    return value


def _require_shape(entry: LogEntry, read: Reader) -> None:
    about_license = entry.act < ActKind.ERASURE
    needed = (entry.subject, entry.statement, entry.ref, entry.status, entry.agency)
    if about_license and any(part is None for part in needed):
        raise read.fail("an act on a license has agency, subject, statement, reference and status")
    if entry.act >= ActKind.KEY_PROPOSED and entry.thumbprint is None:
        raise Malformed("log entry: a key act has the key's thumbprint")
