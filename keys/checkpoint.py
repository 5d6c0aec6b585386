"""Checkpoints: the log's size and root as a C2SP signed note (tlog-checkpoint, signed-note)."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from keys.errors import BadSignature, Malformed, UnknownKey
from keys.signing import PublicKey, Signer

# Signature types of signed-note: a note's own, and a witness's with its moment (tlog-cosignature).
ED25519 = b"\x01"
COSIGNATURE = b"\x04"
_DASH = "\u2014"
LARGEST_NOTE = 64 << 10


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log key vouches for: origin, number of entries, RFC 6962 root (32 bytes)."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: the key's name, its 4-byte hash, and the bytes after it."""

    name: str
    key_hash: bytes
    signature: bytes


def key_hash(name: str, public: PublicKey, kind: bytes = ED25519) -> bytes:
    """SHA-256(name ‖ newline ‖ kind ‖ key)[:4], as signed-note defines it for Ed25519 keys."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public.raw).digest()[:4]


def verifier_key(name: str, public: PublicKey, kind: bytes = ED25519) -> str:
    """The vkey line that any C2SP program takes: name+hash+base64(kind ‖ key)."""
    encoded = base64.b64encode(kind + public.raw).decode("ascii")
    return f"{name}+{key_hash(name, public, kind).hex()}+{encoded}"


def parse_verifier_key(vkey: str, kind: bytes = ED25519) -> tuple[str, PublicKey]:
    """The name and key of a vkey line of this kind; raises `Malformed`."""
    line = vkey.strip()
    name, _, rest = line.partition("+")
    try:
        raw = base64.b64decode(rest.partition("+")[2], validate=True)
        name.encode()
    except ValueError as error:
        raise Malformed("a verifier key is UTF-8 that ends in base64") from error
    if not name or any(c.isspace() for c in name) or raw[:1] != kind:
        raise Malformed(f"a verifier key of type {kind[0]} is name+hash+base64 of an Ed25519 key")
    public = PublicKey(raw[1:])
    if verifier_key(name, public, kind) != line:
        raise Malformed("the verifier key's hash does not fit its name and key")
    return name, public


def note_text(checkpoint: Checkpoint) -> str:
    """The three lines that are signed, the last newline included."""
    root = base64.b64encode(checkpoint.root).decode("ascii")
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


def sign_note(text: str, name: str, signer: Signer) -> NoteSignature:
    """One signature over a note's text."""
    return NoteSignature(name, key_hash(name, signer.public), signer.sign(text.encode()))


def write_note(text: str, signatures: Sequence[NoteSignature]) -> bytes:
    """The note: text, a blank line, one line a signature."""
    return f"{text}\n{write_lines(signatures)}".encode()


def write_lines(signatures: Sequence[NoteSignature]) -> str:
    """The signature lines of a note, each with its newline."""
    return "".join(
        f"{_DASH} {s.name} {base64.b64encode(s.key_hash + s.signature).decode('ascii')}\n" for s in signatures
    )


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """The checkpoint as a note signed under the log's origin."""
    text = note_text(checkpoint)
    return write_note(text, [sign_note(text, checkpoint.origin, signer)])


def parse_note(note: bytes) -> tuple[str, list[NoteSignature]]:
    """The text and the signature lines of a note; raises `Malformed`."""
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("a note is UTF-8") from error
    text, blank, lines = whole.rpartition("\n\n")
    if len(note) > LARGEST_NOTE or not blank or not lines.endswith("\n"):
        raise Malformed("a note is text, a blank line, and signature lines")
    if any(ord(c) < 0x20 and c != "\n" for c in whole):
        raise Malformed("a note has no control characters")
    return text + "\n", parse_lines(lines)


def parse_lines(lines: str) -> list[NoteSignature]:
    """Signature lines, each with its newline; raises `Malformed`."""
    if not lines.endswith("\n"):
        raise Malformed("signature lines end in a newline")
    return [_parse_line(line) for line in lines[:-1].split("\n")]


def _parse_line(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("a signature line ends in base64") from error
    if base64.b64encode(raw).decode("ascii") != encoded:
        raise Malformed("base64 has one spelling: padded, and no bits left over")
    if dash != _DASH or not name or "+" in name or any(map(str.isspace, name)) or len(raw) < 5:
        raise Malformed("a signature line is a dash, a name and base64")
    return NoteSignature(name, raw[:4], raw[4:])


def open_checkpoint(note: bytes, origin: str, keys: Sequence[PublicKey]) -> Checkpoint:
    """The checkpoint that one of `keys` signed under `origin`; lines of unknown keys are ignored.

    Raises `Malformed`, `UnknownKey` when none of the keys signed, `BadSignature` when one did
    wrongly.
    """
    text, signatures = parse_note(note)
    by_hash = {key_hash(origin, key): key for key in keys}
    ours = [s for s in signatures if s.name == origin and s.key_hash in by_hash]
    if not ours:
        raise UnknownKey(signatures[0].key_hash)
    for signature in ours:
        if len(signature.signature) != 64:
            raise BadSignature("an Ed25519 signature has 64 bytes")
        by_hash[signature.key_hash].verify(text.encode(), signature.signature)
    return _parse_text(text, origin)


def _parse_text(text: str, origin: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 4 or lines[0] != origin or not lines[1].isascii() or not lines[1].isdigit():
        raise Malformed("a checkpoint is origin, size and root, each on a line")
    try:
        checkpoint = Checkpoint(origin, int(lines[1]), base64.b64decode(lines[2], validate=True))
    except (binascii.Error, ValueError) as error:
        raise Malformed("a checkpoint's root is base64") from error
    if len(checkpoint.root) != 32 or checkpoint.size >= 1 << 64 or note_text(checkpoint) != text:
        raise Malformed("a checkpoint's root is 32 bytes; its size is below 2^64, without leading zeros")
    return checkpoint
