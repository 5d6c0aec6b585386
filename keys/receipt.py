"""The receipt of a batch: what one file put into the log, row by row, and the checkpoint that covers it.

The register hands it to the agency, signed by a status key; with the published files anybody can
check it, without the register.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from keys import cbor
from keys.acts import ActKind
from keys.cbor import Reader
from keys.checkpoint import LARGEST_NOTE
from keys.code import CODE_DIGITS, make_code
from keys.errors import Malformed
from keys.merkle import HASH_BYTES

RECEIPT_FORMAT = "batch-receipt/1"
LARGEST_RECEIPT = 64 << 20


@dataclass(frozen=True, slots=True)
class ReceiptEntry:
    """One act: the row of the file (0 where none made it), code, log index, SHA-256 of its statement."""

    row: int
    code: str
    act: ActKind
    index: int
    statement: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became public of one batch, in the order of the log.

    `file` is the SHA-256 of the file as it was handed in, `counts` says how many of its rows were of
    each kind, `checkpoint` is the signed note whose size covers every index.
    """

    batch: int
    agency: int
    license_type: int
    file: bytes
    moment: int
    counts: Mapping[str, int]
    entries: tuple[ReceiptEntry, ...]
    checkpoint: bytes
    undo_of: int | None = None


def encode_receipt(receipt: Receipt) -> bytes:
    """The payload the status key signs."""
    return cbor.encode(
        cbor.without_absent(
            {
                "format": RECEIPT_FORMAT,
                "batch": receipt.batch,
                "agency": receipt.agency,
                "type": receipt.license_type,
                "file": receipt.file,
                "moment": receipt.moment,
                "undo_of": receipt.undo_of,
                "counts": dict(receipt.counts),
                "entries": [[e.row, e.code, int(e.act), e.index, e.statement] for e in receipt.entries],
                "checkpoint": receipt.checkpoint,
            }
        )
    )


def parse_receipt(payload: bytes) -> Receipt:
    """The receipt of a verified payload; raises `Malformed`.  Callers use `open_receipt`."""
    if len(payload) > LARGEST_RECEIPT:
        raise Malformed("a receipt is too long")
    read = Reader(cbor.decode(payload), "receipt")
    read.literal("format", RECEIPT_FORMAT)
    receipt = Receipt(
        batch=read.natural("batch"),
        agency=read.natural("agency"),
        license_type=read.natural("type"),
        file=read.hash("file"),
        moment=read.natural("moment"),
        undo_of=read.optional_natural("undo_of"),
        counts=_counts(read),
        entries=tuple(map(_entry, read.required("entries", list))),
        checkpoint=read.required("checkpoint", bytes),
    )
    read.done()
    indexes = [entry.index for entry in receipt.entries]
    if not indexes or indexes != sorted(set(indexes)):
        raise read.fail("acts stand in the order of the log, each once, and there is at least one")
    if len(receipt.checkpoint) > LARGEST_NOTE:
        raise read.fail("a checkpoint has at most 64 KiB")
    return receipt


def _counts(read: Reader) -> dict[str, int]:
    counts = read.optional("counts", dict)
    if counts == {}:
        raise read.fail("empty items must be absent")
    for name, count in (counts or {}).items():
        if not isinstance(name, str) or type(count) is not int or count < 0:
            raise read.fail("counts are whole numbers by name")
    return counts or {}


def _entry(value: object) -> ReceiptEntry:
    if not isinstance(value, list) or list(map(type, value)) != [int, str, int, int, bytes]:
        raise Malformed("receipt: an act is row, code, act, index and hash")
    row, code, act, index, statement = value
    if min(row, act, index) < 0 or len(statement) != HASH_BYTES:
        raise Malformed("receipt: numbers are not negative and a hash has 32 bytes")
    if (
        len(code) != CODE_DIGITS
        or not (code.isascii() and code.isdigit())
        or make_code(int(code[:12])) != code
    ):
        raise Malformed("receipt: a code is 14 ASCII digits that check")
    if act not in _STATEMENTS:
        raise Malformed("receipt: an act has a statement")
    return ReceiptEntry(row, code, ActKind(act), index, statement)


_STATEMENTS = frozenset(act for act in ActKind if act.makes_record or act.makes_order)
