"""A witness for logs of others (C2SP tlog-witness): it cosigns a tree only if it extends the last one.

Run it on another machine, under somebody else's hand, than the log it watches.  It remembers one
checkpoint a log; that memory is on disk, synced, before a signature leaves.
"""

import base64
import json
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from keys import merkle
from keys.checkpoint import (
    ED25519,
    Checkpoint,
    key_hash,
    open_checkpoint,
    parse_note,
    parse_verifier_key,
    write_lines,
)
from keys.cosignature import WitnessKey, cosign
from keys.dates import to_seconds
from keys.errors import BadProof, BadSignature, Malformed, UnknownKey
from keys.signing import PublicKey, SeedSigner
from keys.submission import LARGEST_SUBMISSION, Submission, parse_submission
from registry.errors import ConfigurationError, RegistryError
from registry.files import Folder, locked

_FIRST_WORDS = "PRIVATE+KEY"
SIZE_TYPE = "text/x.tlog.size"
_TEXT = "text/plain; charset=utf-8"
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    422: "Unprocessable Entity",
    500: "Internal Server Error",
}

Logs = Mapping[str, Sequence[PublicKey]]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


# --- the key file: the note signer key of Go's sumdb/note, which other witnesses use too ----------


@dataclass(frozen=True)
class Cosigner:
    """A witness's name and its signer."""

    name: str
    signer: SeedSigner

    @property
    def key(self) -> WitnessKey:
        """What others know this witness by."""
        return WitnessKey(self.name, self.signer.public)


def make_key_file(path: Path, name: str) -> Cosigner:
    """A fresh key in a new file of mode 0600; raises `ConfigurationError` for a name no note can have."""
    if not name or "+" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise ConfigurationError(
            "a witness's name has no blanks and no +; an address without https:// is usual"
        )
    seed = secrets.token_bytes(32)
    signer = SeedSigner(seed)
    encoded = base64.b64encode(ED25519 + seed).decode("ascii")
    line = f"{_FIRST_WORDS}+{name}+{key_hash(name, signer.public).hex()}+{encoded}\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    return Cosigner(name, signer)


def read_key_file(path: Path) -> Cosigner:
    """The key in a file that its owner alone can read; raises `ConfigurationError`."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigurationError(f"{path}: readable by others; it must have mode 0600")
        # Base64 may hold a plus too; name and hash do not.
        first, second, name, digest, encoded = path.read_text("utf-8").strip().split("+", 4)
        raw = base64.b64decode(encoded, validate=True)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{path}: not a signer key of a note") from error
    if f"{first}+{second}" != _FIRST_WORDS or len(raw) != 33 or raw[:1] != ED25519:
        raise ConfigurationError(f"{path}: not an Ed25519 signer key of a note")
    signer = SeedSigner(raw[1:])
    if key_hash(name, signer.public).hex() != digest:
        raise ConfigurationError(f"{path}: the key's hash does not fit its name and seed")
    return Cosigner(name, signer)


# --- what it remembers ---------------------------------------------------------------------------


class Memory:
    """The last cosigned tree of each log, in one JSON file, under one lock for all processes."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._folder = Folder(self._path.parent)

    @classmethod
    def start(cls, path: Path) -> "Memory":
        """The memory at `path`, made empty when there is no file; raises `RegistryError` for a damaged one."""
        memory = cls(path)
        with memory.locked():
            if not memory._folder.exists(memory._path.name):
                memory._write({})
            memory._read()
        return memory

    def locked(self) -> Any:
        """Hold the lock; looking and remembering must be one step."""
        return locked(self._path.with_name(f"{self._path.name}.lock"))

    def last(self, origin: str) -> tuple[int, bytes]:
        """Size and root last cosigned; of a log never cosigned, those of the empty tree."""
        trees = self._read()
        if origin not in trees:
            return 0, merkle.EMPTY_ROOT
        try:
            tree = trees[origin]
            size, root = tree["size"], bytes.fromhex(tree["root"])
        except (KeyError, TypeError, ValueError) as error:
            raise RegistryError(f"{self._path}: damaged") from error
        if type(size) is not int or size < 0 or len(root) != merkle.HASH_BYTES:
            raise RegistryError(f"{self._path}: damaged")
        return size, root

    def remember(self, checkpoint: Checkpoint, note: bytes) -> None:
        """Keep a tree as the last of its log; on disk and synced when this returns."""
        tree = {"size": checkpoint.size, "root": checkpoint.root.hex(), "checkpoint": note.decode()}
        self._write(self._read() | {checkpoint.origin: tree})

    def _read(self) -> dict[str, Any]:
        # A missing file is no empty memory: whoever forgot must not sign.
        content = self._folder.read(self._path.name)
        try:
            trees = json.loads(content) if content is not None else None
        except ValueError as error:
            raise RegistryError(f"{self._path}: damaged") from error
        if not isinstance(trees, dict):
            raise RegistryError(f"{self._path}: missing or damaged")
        return trees

    def _write(self, trees: dict[str, Any]) -> None:
        self._folder.replace(self._path.name, json.dumps(trees, indent=1).encode())
        self._folder.sync()


# --- what it answers -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str
    content_type: str = _TEXT


def add_checkpoint(body: bytes, *, memory: Memory, cosigner: Cosigner, logs: Logs, at: datetime) -> Answer:
    """The answer to one submission (tlog-witness §add-checkpoint); `logs` gives the keys by origin."""
    try:
        submission = parse_submission(body)
        text, _ = parse_note(submission.checkpoint)
        origin = text.partition("\n")[0]
        if origin not in logs:
            return Answer(404, "this log is not known here\n")
        checkpoint = open_checkpoint(submission.checkpoint, origin, logs[origin])
    except (UnknownKey, BadSignature):
        return Answer(403, "no known key signed this checkpoint\n")
    except Malformed as error:
        return Answer(400, f"{error}\n")
    if submission.old_size > checkpoint.size:
        return Answer(400, "the old size is beyond the checkpoint's\n")
    with memory.locked():
        refused = _refusal(submission, checkpoint, *memory.last(origin))
        if refused is not None:
            return refused
        signature = cosign(text, cosigner.name, cosigner.signer, moment=to_seconds(at))
        memory.remember(checkpoint, submission.checkpoint)
    return Answer(200, write_lines([signature]))


def _refusal(submission: Submission, checkpoint: Checkpoint, size: int, root: bytes) -> Answer | None:
    if submission.old_size != size or (size == checkpoint.size and root != checkpoint.root):
        return Answer(409, f"{size}\n", SIZE_TYPE)
    try:
        merkle.verify_consistency(size, checkpoint.size, submission.proof, root, checkpoint.root)
    except BadProof as error:
        return Answer(422, f"{error}\n")
    return None


def logs_of(vkeys: Iterable[str]) -> dict[str, list[PublicKey]]:
    """The keys of each log by its origin; raises `ConfigurationError`."""
    logs: dict[str, list[PublicKey]] = {}
    for vkey in vkeys:
        try:
            origin, public = parse_verifier_key(vkey)
        except Malformed as error:
            raise ConfigurationError(f"{vkey!r}: {error}") from error
        logs.setdefault(origin, []).append(public)
    return logs


def witness_app(
    state: str, key: str, vkeys: Sequence[str], clock: Callable[[], datetime] | None = None
) -> Callable[[dict[str, Any], StartResponse], list[bytes]]:
    """The witness as a WSGI application: `POST …/add-checkpoint` and nothing else."""
    memory, cosigner, logs = Memory.start(Path(state)), read_key_file(Path(key)), logs_of(vkeys)

    def now() -> datetime:
        return clock() if clock is not None else datetime.now(UTC)

    def application(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        answer = _route(
            environ,
            lambda body: add_checkpoint(body, memory=memory, cosigner=cosigner, logs=logs, at=now()),
        )
        body = answer.body.encode()
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(body)))]
        start_response(f"{answer.status} {_REASONS[answer.status]}", headers)
        return [body]

    return application


def _route(environ: dict[str, Any], answer: Callable[[bytes], Answer]) -> Answer:
    if not str(environ.get("PATH_INFO", "")).endswith("/add-checkpoint"):
        return Answer(404, "a witness answers to add-checkpoint\n")
    if environ.get("REQUEST_METHOD") != "POST":
        return Answer(405, "add-checkpoint takes POST\n")
    body = _body(environ)
    if len(body) > LARGEST_SUBMISSION:
        return Answer(400, "the submission is too long\n")
    try:
        return answer(body)
    except (RegistryError, OSError):
        # What cannot be remembered is not signed.
        return Answer(500, "the witness cannot read or write its memory\n")


def _body(environ: dict[str, Any]) -> bytes:
    stream: IO[bytes] = environ["wsgi.input"]
    length = str(environ.get("CONTENT_LENGTH") or "")
    most = LARGEST_SUBMISSION + 1
    return stream.read(min(int(length), most) if length.isascii() and length.isdigit() else most)
