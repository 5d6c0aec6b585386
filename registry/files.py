"""Published files on disk: written whole, synced, and never two contents under one immutable name."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import RegistryError


class Folder:
    """One root of published files.

    When `write_new` or `replace` returns, the bytes have been read back and are on disk; the names
    are durable after `sync`, which the publisher calls before anything refers to them.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._unsynced: set[Path] = set()

    def read(self, path: str) -> bytes | None:
        """The content at `path`, or None where there is no file."""
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, path: str) -> bool:
        """Whether there is a file at `path`."""
        return (self.root / path).exists()

    def write_new(self, path: str, content: bytes) -> None:
        """Write an immutable file, or compare with the one that is there already.

        Raises `RegistryError` when other bytes stand under that name.
        """
        before = self.read(path)
        if before is None:
            self._write(self.root / path, content)
        elif before != content:
            raise RegistryError(f"{path} is published with other content")

    def replace(self, path: str, content: bytes) -> None:
        """Write a file that readers ask for by a fixed name; they see the old or the new one."""
        if self.read(path) != content:
            self._write(self.root / path, content)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        target = self.root / path
        target.unlink(missing_ok=True)
        self._unsynced.add(target.parent)

    def sync(self) -> None:
        """Make the names written since the last call durable."""
        for folder in sorted(self._unsynced):
            if folder.exists():
                _sync_folder(folder)
        self._unsynced.clear()

    def _write(self, target: Path, content: bytes) -> None:
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            _write_synced(draft, content)
        except FileNotFoundError:
            self._make_folder(target.parent)
            _write_synced(draft, content)
        # One flipped bit under a signed root cannot be undone, so what was written is read again.
        if draft.read_bytes() != content:
            raise RegistryError(f"{target.name} was not read back as it was written")
        draft.replace(target)
        self._unsynced.add(target.parent)

    def _make_folder(self, folder: Path) -> None:
        if folder.exists():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        self._unsynced.add(folder.parent)


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        rest = memoryview(content)
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`; another process or thread waits until it is let go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
