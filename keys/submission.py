"""What a log sends to a witness: C2SP tlog-witness, the body of `add-checkpoint`."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from keys.errors import Malformed
from keys.merkle import HASH_BYTES

LARGEST_SUBMISSION = 128 << 10
_MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint, and the proof that its tree extends the one of `old_size`."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


def write_submission(submission: Submission) -> bytes:
    """The body of a request to `add-checkpoint`."""
    lines = [f"old {submission.old_size}", *write_hashes(submission.proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + submission.checkpoint


def parse_submission(body: bytes) -> Submission:
    """The parts of a request, the checkpoint still unread; raises `Malformed`."""
    head, blank, checkpoint = body.partition(b"\n\n")
    if len(body) > LARGEST_SUBMISSION or not blank:
        raise Malformed("a submission is an old size, a proof, a blank line, a checkpoint")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("old size and proof are ASCII") from error
    if len(lines) > _MOST_HASHES:
        raise Malformed(f"a consistency proof has at most {_MOST_HASHES} hashes")
    return Submission(parse_number(first, "old"), parse_hashes(lines), checkpoint)


def write_hashes(hashes: Sequence[bytes]) -> list[str]:
    """Hashes in base64, one a line."""
    return [base64.b64encode(digest).decode("ascii") for digest in hashes]


def parse_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """The hashes of lines in base64; raises `Malformed`."""
    try:
        hashes = tuple(base64.b64decode(line, validate=True) for line in lines)
    except (binascii.Error, ValueError) as error:
        raise Malformed("a hash is written in base64") from error
    if any(len(digest) != HASH_BYTES for digest in hashes) or write_hashes(hashes) != list(lines):
        raise Malformed("a hash has 32 bytes, and base64 one spelling")
    return hashes


def parse_number(line: str, word: str) -> int:
    """The number of a line of `word`, a blank and decimal digits; raises `Malformed`."""
    name, _, digits = line.partition(" ")
    if name != word or not digits.isascii() or not digits.isdigit() or len(digits) > 19:
        raise Malformed(f"expected {word!r} and a number")
    number = int(digits)
    if str(number) != digits:
        raise Malformed("a number has no leading zeros")
    return number
