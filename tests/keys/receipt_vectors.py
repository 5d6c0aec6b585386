"""Vectors of a batch's receipt, and what its door refuses."""

from collections.abc import Iterator
from typing import Any

from keys import cbor, cose
from keys.acts import ActKind
from keys.checkpoint import Checkpoint, sign_checkpoint
from keys.layout import sha256
from keys.opening import sign_receipt
from keys.receipt import Receipt, ReceiptEntry, encode_receipt
from tests.keys.examples import AGENCY, LOG, MOMENT, RING, SIGNED_ORDER, SIGNED_RECORD, STATUS
from tests.keys.refused_texts import Case

_NOTE = sign_checkpoint(Checkpoint(RING.origin, 5, sha256(b"stands for a root")), LOG)
RECEIPT = Receipt(
    batch=12,
    agency=1,
    license_type=3,
    file=sha256(b"number,holder\n"),
    moment=MOMENT + 300_000,
    counts={"new": 1, "changed": 1, "unchanged": 40},
    entries=(
        ReceiptEntry(7, "12345678901244", ActKind.ISSUANCE, 1, sha256(SIGNED_RECORD)),
        ReceiptEntry(0, "12345678901244", ActKind.ENDING, 2, sha256(SIGNED_ORDER)),
    ),
    checkpoint=_NOTE,
    undo_of=None,
)


def receipt_vectors() -> Any:
    """What golden vectors say of a receipt."""
    return {
        "batch": RECEIPT.batch,
        "file": RECEIPT.file.hex(),
        "entries": [[e.row, e.code, int(e.act), e.index, e.statement.hex()] for e in RECEIPT.entries],
        "payload": encode_receipt(RECEIPT).hex(),
        "signed": sign_receipt(RECEIPT, STATUS).hex(),
    }


def cases() -> Iterator[Case]:
    """What every reader of a receipt must refuse."""
    payload = cbor.decode(encode_receipt(RECEIPT))
    first, second = payload["entries"]
    for why, edit in {
        "another format": {"format": "batch-receipt/2"},
        "an unknown item": {"x": 1},
        "a file's hash of 31 bytes": {"file": bytes(31)},
        "nothing entered": {"entries": []},
        "acts out of order": {"entries": [second, first]},
        "an act twice": {"entries": [first, first]},
        "an act without a hash": {"entries": [first[:4]]},
        "an act that has no statement": {"entries": [[1, first[1], 20, 1, first[4]]]},
        "a code that does not check": {"entries": [[1, "12345678901245", 1, 1, first[4]]]},
        "counts that are no numbers": {"counts": {"new": "1"}},
        "no counts, written": {"counts": {}},
        "a checkpoint beyond all measure": {"checkpoint": bytes((64 << 10) + 1)},
    }.items():
        yield "signed receipt", why, cose.sign1(cbor.encode(payload | edit), STATUS)
    yield "signed receipt", "an agency's signature", sign_receipt(RECEIPT, AGENCY), "KeyNotAllowed"
    yield "signed receipt", "the log's signature", sign_receipt(RECEIPT, LOG), "KeyNotAllowed"
    late = cose.sign1(cbor.encode(payload | {"moment": MOMENT + 400 * 24 * 3600}), STATUS)
    yield "signed receipt", "a moment beyond its key's term", late, "KeyNotAllowed"
