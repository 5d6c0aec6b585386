"""The snapshot: one signed answer to "how old is what I know, and which files belong together"."""

from dataclasses import dataclass

from keys import cbor
from keys.cbor import Reader

SNAPSHOT_FORMAT = "snapshot/1"
LARGEST_SNAPSHOT = 1 << 20


@dataclass(frozen=True, slots=True)
class Named:
    """A versioned file that the snapshot names: only these bytes will do."""

    version: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Denial:
    """A key denied at once, by thumbprint; what the log shows below `good_size` stays valid."""

    thumbprint: bytes
    good_size: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`moment` (seconds since 1970) is when the log head was read; its age is the evidence's age.

    `lists` and `records` are the SHA-256 of the list index and of the records manifest.
    """

    version: int
    moment: int
    log_size: int
    log_root: bytes
    keyring: Named
    catalog: Named
    lists: bytes
    records: bytes
    denied: tuple[Denial, ...] = ()


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """The payload the status key signs."""
    return cbor.encode(
        cbor.without_absent(
            {
                "format": SNAPSHOT_FORMAT,
                "version": snapshot.version,
                "moment": snapshot.moment,
                "log_size": snapshot.log_size,
                "log_root": snapshot.log_root,
                "keyring": [snapshot.keyring.version, snapshot.keyring.digest],
                "catalog": [snapshot.catalog.version, snapshot.catalog.digest],
                "lists": snapshot.lists,
                "records": snapshot.records,
                "denied": [[denial.thumbprint, denial.good_size] for denial in snapshot.denied],
            }
        )
    )


def parse_snapshot(payload: bytes) -> Snapshot:
    """The snapshot of a verified payload; raises `Malformed`.  Callers use `open_snapshot`."""
    read = Reader(cbor.decode(payload), "snapshot")
    read.literal("format", SNAPSHOT_FORMAT)
    snapshot = Snapshot(
        version=read.natural("version"),
        moment=read.natural("moment"),
        log_size=read.natural("log_size"),
        log_root=read.hash("log_root"),
        keyring=_named(read, "keyring"),
        catalog=_named(read, "catalog"),
        lists=read.hash("lists"),
        records=read.hash("records"),
        denied=_denied(read),
    )
    read.done()
    return snapshot


def _is_number_and_hash(value: object, *, number: int) -> bool:
    if not isinstance(value, list) or len(value) != 2 or type(value[number]) is not int:
        return False
    digest = value[1 - number]
    return isinstance(digest, bytes) and len(digest) == 32 and value[number] >= 0


def _named(read: Reader, key: str) -> Named:
    value = read.required(key, list)
    if not _is_number_and_hash(value, number=0):
        raise read.fail(f"{key!r} must be a version and a hash")
    return Named(value[0], value[1])


def _denied(read: Reader) -> tuple[Denial, ...]:
    values = read.optional("denied", list)
    if values == [] or not all(_is_number_and_hash(value, number=1) for value in values or ()):
        raise read.fail("'denied' must be thumbprints and sizes, or absent")
    return tuple(Denial(*value) for value in values or ())
