"""Cosignatures of witnesses (C2SP tlog-cosignature, `cosignature/v1`): who saw this tree, and when.

A witness signs a checkpoint's text with its moment before it, after it checked that the tree only
grew.  Whoever requires k of n of them cannot be shown a tree that others are not shown.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from keys.checkpoint import (
    COSIGNATURE,
    Checkpoint,
    NoteSignature,
    key_hash,
    open_checkpoint,
    parse_note,
    parse_verifier_key,
    verifier_key,
    write_note,
)
from keys.errors import BadSignature, NotWitnessed
from keys.signing import SIGNATURE_BYTES, PublicKey, Signer

_LATEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The name and the public key under which a witness is known."""

    name: str
    public: PublicKey

    @property
    def key_hash(self) -> bytes:
        """SHA-256(name ‖ newline ‖ 0x04 ‖ key)[:4]."""
        return key_hash(self.name, self.public, COSIGNATURE)

    def wrote(self, signature: NoteSignature) -> bool:
        """Whether a signature line claims to be this witness's; says nothing about its truth."""
        return (signature.name, signature.key_hash) == (self.name, self.key_hash)


def witness_verifier_key(witness: WitnessKey) -> str:
    """The vkey line of a witness, of signature type 0x04."""
    return verifier_key(witness.name, witness.public, COSIGNATURE)


def parse_witness_verifier_key(vkey: str) -> WitnessKey:
    """The witness of a vkey line of signature type 0x04; raises `Malformed`."""
    return WitnessKey(*parse_verifier_key(vkey, COSIGNATURE))


def _cosigned(text: str, moment: int) -> bytes:
    return f"cosignature/v1\ntime {moment}\n{text}".encode()


def cosign(text: str, name: str, signer: Signer, *, moment: int) -> NoteSignature:
    """A witness's signature line over a checkpoint's text, as of `moment` (seconds since 1970)."""
    signature = struct.pack(">Q", moment) + signer.sign(_cosigned(text, moment))
    return NoteSignature(name, key_hash(name, signer.public, COSIGNATURE), signature)


def verify_cosignature(text: str, signature: NoteSignature, witness: WitnessKey) -> int:
    """The moment at which `witness` cosigned `text`; raises `BadSignature`."""
    if not witness.wrote(signature) or len(signature.signature) != 8 + SIGNATURE_BYTES:
        raise BadSignature(f"not a cosignature of {witness.name}")
    (moment,) = struct.unpack_from(">Q", signature.signature)
    if moment > _LATEST:
        raise BadSignature("a cosignature's moment is below 2^63")
    witness.public.verify(_cosigned(text, moment), signature.signature[8:])
    return int(moment)


def cosigned_by(note: bytes, witnesses: Sequence[WitnessKey]) -> dict[WitnessKey, int]:
    """Which of `witnesses` cosigned a checkpoint, and when (the last time, if more than once).

    Raises `Malformed`, and `BadSignature` when a line of one of them is wrong: a known key with a
    wrong signature spoils the note (signed-note §Signatures).
    """
    text, signatures = parse_note(note)
    moments: dict[WitnessKey, int] = {}
    for witness in witnesses:
        found = [verify_cosignature(text, s, witness) for s in signatures if witness.wrote(s)]
        if found:
            moments[witness] = max(found)
    return moments


def with_cosignatures(note: bytes, cosignatures: Sequence[NoteSignature]) -> bytes:
    """The note with these lines behind its own; an older line of the same key makes room."""
    text, signatures = parse_note(note)
    fresh = {(s.name, s.key_hash) for s in cosignatures}
    kept = [s for s in signatures if (s.name, s.key_hash) not in fresh]
    return write_note(text, [*kept, *cosignatures])


def open_witnessed(
    note: bytes, origin: str, keys: Sequence[PublicKey], witnesses: Sequence[WitnessKey], *, quorum: int
) -> Checkpoint:
    """The checkpoint that the log signed and at least `quorum` of `witnesses` cosigned.

    Two names of one key count once.  Raises as `open_checkpoint` does, and `NotWitnessed`.
    """
    checkpoint = open_checkpoint(note, origin, keys)
    seen = {witness.public for witness in cosigned_by(note, witnesses)}
    if len(seen) < quorum:
        raise NotWitnessed(f"{len(seen)} of {quorum} witnesses cosigned the tree of {checkpoint.size}")
    return checkpoint
