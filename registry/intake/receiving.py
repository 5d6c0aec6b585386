"""Files that come over the network: streamed into a folder of ours, under a name that nobody chose.

Nothing of a file is held in memory but one part at a time, and what is only half there is gone.
"""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from keys.text import canonical
from registry.errors import refuse

LARGEST_UPLOAD = 200 << 20
LONGEST_NAME = 120
_PART = 1 << 20
_MODE = 0o640  # The follower reads it, who in production is another user of the same group.


class Stream(Protocol):
    """Anything that gives its bytes in parts."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is here whole: its name in the folder, the name it came under, its size and SHA-256."""

    stored: str
    name: str
    size: int
    digest: bytes


def folder_of(where: Path) -> Path:
    """The folder of received files below the folder of everything; made when it is not there."""
    folder = where / "intake"
    folder.mkdir(mode=0o770, exist_ok=True)
    return folder


def part_file(folder: Path) -> IO[bytes]:
    """A nameless file in the folder, for a form's file while the form is being read."""
    return tempfile.TemporaryFile(dir=folder)


def receive(stream: Stream, folder: Path, name: str) -> Received:
    """Write a stream to a new file of the folder, synced; raises `Refused` when it is empty.

    Whatever the stream raises, nothing is left.
    """
    stored, digest, size = secrets.token_hex(16), hashlib.sha256(), 0
    path = folder / stored
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            while part := stream.read(_PART):
                file.write(part)
                digest.update(part)
                size += len(part)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise
    if not size:
        path.unlink()
        raise refuse("empty-file", "ไฟล์ว่างเปล่า", "The file is empty", field="file")
    return Received(stored, shown_name(name), size, digest.digest())


def shown_name(name: str) -> str:
    """A file's name as it is shown and stored: its last part, one line, without what hides in text."""
    last = canonical(name.replace("\\", "/").rpartition("/")[2])
    return last[-LONGEST_NAME:] or "file"


def forget(folder: Path, stored: str) -> None:
    """Remove a received file, if it is there."""
    (folder / stored).unlink(missing_ok=True)
