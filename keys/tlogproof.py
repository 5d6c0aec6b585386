"""C2SP tlog-proof: one file that shows off line that an entry stands in the log.

It holds the entry's index, its inclusion proof and the checkpoint, cosignatures of witnesses
included.  We put the entry itself into the `extra` line, so that nothing else is needed to read it.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from keys import merkle
from keys.checkpoint import LARGEST_NOTE, Checkpoint, open_checkpoint
from keys.errors import Malformed
from keys.signing import PublicKey
from keys.submission import parse_hashes, parse_number, write_hashes

FIRST_LINE = "c2sp.org/tlog-proof@v1"
LARGEST_PROOF = LARGEST_NOTE + (128 << 10)
_MOST_HASHES = 64


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The parts of a proof, none of them verified; `extra` is not covered by any signature."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def write_proof(proof: TlogProof) -> bytes:
    """The bytes of a `.tlog-proof` file."""
    lines = [FIRST_LINE]
    if proof.extra is not None:
        lines.append(f"extra {base64.b64encode(proof.extra).decode('ascii')}")
    lines += [f"index {proof.index}", *write_hashes(proof.hashes)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + proof.checkpoint


def parse_proof(content: bytes) -> TlogProof:
    """The parts of a `.tlog-proof` file; raises `Malformed`."""
    head, blank, checkpoint = content.partition(b"\n\n")
    if len(content) > LARGEST_PROOF or not blank:
        raise Malformed("a proof is a head, a blank line and a checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("the head of a proof is ASCII") from error
    if lines.pop(0) != FIRST_LINE:
        raise Malformed(f"a proof begins with {FIRST_LINE}")
    extra = _parse_extra(lines.pop(0)) if lines and lines[0].startswith("extra ") else None
    if not lines or len(lines) > 1 + _MOST_HASHES:
        raise Malformed("a proof has an index and at most 64 hashes")
    return TlogProof(parse_number(lines[0], "index"), parse_hashes(lines[1:]), checkpoint, extra)


def _parse_extra(line: str) -> bytes:
    encoded = line.removeprefix("extra ")
    try:
        extra = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("the extra line ends in base64") from error
    if base64.b64encode(extra).decode("ascii") != encoded:
        raise Malformed("base64 has one spelling: padded, and no bits left over")
    return extra


def open_proof(content: bytes, entry: bytes, origin: str, keys: Sequence[PublicKey]) -> Checkpoint:
    """The checkpoint under which the proof shows `entry` at its index.

    Callers that require witnesses ask `cosignature.open_witnessed` with the proof's checkpoint.
    Raises `Malformed`, `BadProof`, and as `open_checkpoint` does.
    """
    proof = parse_proof(content)
    checkpoint = open_checkpoint(proof.checkpoint, origin, keys)
    leaf = merkle.leaf_hash(entry)
    merkle.verify_inclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return checkpoint
