"""Where a recovery reads from: a folder, or an https address.  Nothing read here is trusted."""

import os
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from registry.errors import CannotRecover
from registry.fetching import NoAnswer, Patience, checked_address, fetch

_PATIENCE = Patience(silent=10.0, whole=300.0)
_LARGEST = 64 << 20
_OK, _NOT_THERE = 200, (404, 410)


class Copy(Protocol):
    """Files by their path below a root."""

    place: str

    def read(self, path: str) -> bytes | None:
        """The file, or None where there is none; raises `CannotRecover` when the copy is away."""

    def names(self, folder: str) -> Iterator[str]:
        """The paths of the files in `folder`, where the copy can list them; else none."""


class FolderCopy:
    """Files of a folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = str(folder)

    def read(self, path: str) -> bytes | None:
        """The file, or None."""
        file = self.folder / path
        try:
            # Whoever opens a pipe waits for who writes into it, which may be nobody.
            descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as opened:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise CannotRecover(f"{file}: not a file")
                return _capped(opened.read(_LARGEST + 1), str(file))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise CannotRecover(f"{file}: {error.strerror}") from error

    def names(self, folder: str) -> Iterator[str]:
        """The paths of the files in `folder`."""
        if (self.folder / folder).is_dir():
            for path in sorted((self.folder / folder).iterdir()):
                yield f"{folder}/{path.name}"


class WebCopy:
    """Files below an https address; plain http on this machine only."""

    def __init__(self, address: str, certificate: Path | None = None) -> None:
        """Raises `CannotRecover` for an address or a client certificate that cannot be used."""
        try:
            self.place = checked_address(address)
        except ValueError as error:
            raise CannotRecover(f"{address!r} is not an https address of published files: {error}") from error
        self._context = ssl.create_default_context()
        if certificate is not None:
            try:
                self._context.load_cert_chain(certificate)
            except OSError as error:
                raise CannotRecover(f"{certificate}: not a certificate with its key") from error

    def read(self, path: str) -> bytes | None:
        """The file, or None where the server says that there is none."""
        address = f"{self.place}/{path}"
        try:
            answer = fetch(address, _PATIENCE, largest=_LARGEST + 1, context=self._context)
        except NoAnswer as error:
            raise CannotRecover(f"{address}: {error}") from error
        if answer.status in _NOT_THERE:
            return None
        if answer.status != _OK:
            raise CannotRecover(f"{address}: the server answers {answer.status}")
        return _capped(answer.body, address)

    def names(self, _folder: str) -> Iterator[str]:
        """Nothing: a web server does not list what it has."""
        yield from ()


def copy_at(place: str, *, certificate: Path | None = None) -> Copy:
    """The copy at `place`: an address when it looks like one, else a folder."""
    return WebCopy(place, certificate) if "://" in place else FolderCopy(Path(place))


def _capped(content: bytes, place: str) -> bytes:
    if len(content) > _LARGEST:
        raise CannotRecover(f"{place}: longer than any published file")
    return content
