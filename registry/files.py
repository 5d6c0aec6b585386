"""Published files on disk: written whole, synced, and never two contents under one immutable name."""

import fcntl
import os
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from registry.errors import RegistryError

# Files that are synced together: a disk makes many durable at once nearly as fast as one.
_TOGETHER = 64
_SYNCING_THREADS = 8


class Folder:
    """One root of published files.

    What `write_new` and `replace` take lies beside its name until `sync`, which the publisher calls before
    anything refers to it: then the bytes have been read back, and they and their names are on disk.  This
    object shows them at once.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._drafts: dict[Path, bytes] = {}
        self._unsynced: set[Path] = set()

    def read(self, path: str) -> bytes | None:
        """The content at `path`, or None where there is no file."""
        target = self.root / path
        if target in self._drafts:
            return self._drafts[target]
        try:
            return target.read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, path: str) -> bool:
        """Whether there is a file at `path`."""
        return self.root / path in self._drafts or (self.root / path).exists()

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
        """Make what was written since the last call durable, with its names in the order of writing."""
        self._settle()
        _sync([folder for folder in self._unsynced if folder.exists()])
        self._unsynced.clear()

    def _write(self, target: Path, content: bytes) -> None:
        draft = _draft_of(target)
        try:
            draft.write_bytes(content)
        except FileNotFoundError:
            self._make_folder(target.parent)
            draft.write_bytes(content)
        self._drafts[target] = content
        if len(self._drafts) >= _TOGETHER:
            self._settle()

    def _settle(self) -> None:
        # Whatever fails here, nothing stays that only this object can see.
        drafts, self._drafts = self._drafts, {}
        _sync([_draft_of(target) for target in drafts])
        for target, content in drafts.items():
            # One flipped bit under a signed root cannot be undone, so what was written is read again.
            if _draft_of(target).read_bytes() != content:
                raise RegistryError(f"{target.name} was not read back as it was written")
            self._name(target)
            self._unsynced.add(target.parent)

    def _name(self, target: Path) -> None:
        _draft_of(target).replace(target)

    def _make_folder(self, folder: Path) -> None:
        if folder.exists():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        self._unsynced.add(folder.parent)


def _draft_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}")


def _sync(paths: Collection[Path]) -> None:
    if len(paths) < 2:
        list(map(_sync_one, paths))
        return
    with ThreadPoolExecutor(_SYNCING_THREADS) as threads:
        list(threads.map(_sync_one, paths))


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
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
