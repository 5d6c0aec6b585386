"""The log as a client of witnesses (C2SP tlog-witness): each new checkpoint is shown to every one.

Their cosignatures are merged into the served checkpoint when they come; no act and no snapshot
waits for them.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keys import layout
from keys.checkpoint import Checkpoint, NoteSignature, open_checkpoint, parse_lines, parse_note
from keys.cosignature import verify_cosignature, with_cosignatures
from keys.errors import BadSignature, KeysError, Malformed
from keys.keyring import KeyRing, Role
from keys.merkle import consistency_proof
from keys.submission import Submission, write_submission
from keys.tiles import TileTree
from registry.errors import RegistryError
from registry.fetching import NoAnswer, Patience, fetch
from registry.files import Folder
from registry.publish import publish_lock
from registry.witnesses import Witness

_PATIENCE = Patience(silent=5.0, whole=20.0)
RETRY = timedelta(seconds=10)
_LARGEST_ANSWER = 64 << 10
_SIZE_TYPE = "text/x.tlog.size"
_log = logging.getLogger(__name__)


class WitnessRefused(RegistryError):
    """A witness was away, or answered something other than a cosignature of its own."""


class WitnessSawOther(WitnessRefused):
    """A witness has cosigned a larger tree, or another one of this size: an alarm, never a detail."""


# --- one witness ---------------------------------------------------------------------------------


def ask(witness: Witness, note: bytes, checkpoint: Checkpoint, tree: TileTree, *, old: int) -> NoteSignature:
    """The witness's cosignature of `note`, whose tree it last saw at size `old` as far as we know.

    Another size that it names (409) is answered by one more try from there.  Raises
    `WitnessRefused`, and `WitnessSawOther` when it holds a tree that ours does not extend.
    """
    for _ in range(2):
        proof = consistency_proof(old, checkpoint.size, tree.node(checkpoint.size))
        body = write_submission(Submission(old, tuple(proof), note))
        try:
            answer = fetch(
                f"{witness.url}/add-checkpoint",
                _PATIENCE,
                largest=_LARGEST_ANSWER,
                body=body,
            )
        except NoAnswer as error:
            raise WitnessRefused(f"does not answer: {error}") from error
        if answer.status == 200:
            return _cosignature(witness, note, answer.body)
        if answer.status != 409 or answer.content_type != _SIZE_TYPE:
            raise WitnessRefused(f"answers {answer.status}: {answer.body[:200]!r}")
        old = _size_seen(answer.body, checkpoint, asked=old)
    raise WitnessRefused("keeps naming other sizes")


def _size_seen(answer: bytes, checkpoint: Checkpoint, *, asked: int) -> int:
    text = answer.decode("ascii", "replace").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise WitnessRefused(f"names no size: {answer[:40]!r}")
    seen = int(text)
    if seen > checkpoint.size:
        raise WitnessSawOther(f"has cosigned a tree of {seen} entries, ours has {checkpoint.size}")
    if seen == asked:
        raise WitnessSawOther(f"has cosigned another tree of {seen} entries")
    return seen


def _cosignature(witness: Witness, note: bytes, answer: bytes) -> NoteSignature:
    text, _ = parse_note(note)
    try:
        lines = [line for line in parse_lines(answer.decode()) if witness.key.wrote(line)]
        if not lines:
            raise WitnessRefused("answers with no cosignature of its key")
        verify_cosignature(text, lines[0], witness.key)
    except (KeysError, UnicodeDecodeError) as error:
        raise WitnessRefused(f"answers with a wrong cosignature: {error}") from error
    return lines[0]


# --- all of them ---------------------------------------------------------------------------------


@dataclass
class Witnessing:
    """Collects cosignatures beside everything else, in a thread of its own.

    It remembers the size each witness last cosigned; losing that costs one more request.
    """

    public: Folder
    witnesses: Sequence[Witness]
    ring: Callable[[], KeyRing]
    _sizes: dict[Witness, int] = field(default_factory=dict)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1), repr=False)
    _running: Future[bool] | None = None
    _done_size: int = -1
    _asked_size: int = -1
    _next: datetime | None = None

    def look(self, size: int, at: datetime) -> None:
        """Start asking when the published `size` is not cosigned by all yet; returns at once."""
        if self._running is not None:
            if not self._running.done():
                return
            if self._running.exception() is None and self._running.result():
                self._done_size = self._asked_size
            self._running, self._next = None, at + RETRY
        waits = size == self._asked_size and self._next is not None and at < self._next
        if self.witnesses and size != self._done_size and not waits:
            self._asked_size = size
            self._running = self._thread.submit(self.collect)

    def collect(self) -> bool:
        """Ask every witness whose line is missing; gives whether all have cosigned what is served."""
        note = self.public.read(layout.CHECKPOINT)
        if note is None:
            return False
        ring = self.ring()
        keys = [key.public for key in ring.with_role(Role.LOG)]
        checkpoint = open_checkpoint(note, ring.origin, keys)
        missing = [witness for witness in self.witnesses if not _has_cosigned(witness, note)]
        # Asked together: one that hangs must not hold up the others.
        with ThreadPoolExecutor(max(1, len(missing))) as pool:
            answers = list(pool.map(lambda witness: self._ask(witness, note, checkpoint), missing))
        found = [answer for answer in answers if answer is not None]
        return self._merge(note, found) and len(found) == len(missing)

    def _ask(self, witness: Witness, note: bytes, checkpoint: Checkpoint) -> NoteSignature | None:
        tree, old = TileTree(self._tile), min(self._sizes.get(witness, 0), checkpoint.size)
        try:
            signature = ask(witness, note, checkpoint, tree, old=old)
        except WitnessSawOther as error:
            _log.error("ALARM: witness %s %s", witness.key.name, error)
            return None
        except (WitnessRefused, KeysError) as error:
            _log.warning("witness %s %s", witness.key.name, error)
            return None
        self._sizes[witness] = checkpoint.size
        return signature

    def _tile(self, path: str) -> bytes:
        content = self.public.read(f"log/{path}")
        if content is None:
            raise Malformed(f"{path} is missing")
        return content

    def _merge(self, note: bytes, found: Sequence[NoteSignature]) -> bool:
        """Put the lines under the checkpoint they are about, unless a newer one is served by now."""
        with publish_lock(self.public):
            served = self.public.read(layout.CHECKPOINT)
            if served is None or parse_note(served)[0] != parse_note(note)[0]:
                return False
            if found:
                self.public.replace(layout.CHECKPOINT, with_cosignatures(served, found))
                self.public.sync()
        return True


def _has_cosigned(witness: Witness, note: bytes) -> bool:
    text, signatures = parse_note(note)
    for line in filter(witness.key.wrote, signatures):
        try:
            verify_cosignature(text, line, witness.key)
        except BadSignature:
            return False
        return True
    return False
