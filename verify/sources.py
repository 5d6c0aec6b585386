"""Where published files are read from: a folder, or an https address.

Nothing that is read here is trusted: readers compare it with a hash that a signed snapshot names.
"""

import errno
import http.client
import io
import os
import ssl
import stat
import time
import urllib.parse
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from keys.layout import sha256
from verify.config import is_loopback
from verify.errors import BadSetting, Missing, SourceAway

TIMEOUT_SECONDS = 3.0
# A server that lets its bytes drip keeps each wait short and the whole without end.
WHOLE_SECONDS = 60.0
_OK, _NOT_MODIFIED, _NOT_THERE = 200, 304, (404, 410)


class Source(Protocol):
    """Reads files by their path below the root."""

    @property
    def pause(self) -> timedelta:
        """How long to wait between two looks at the same file."""

    def read(self, path: str, *, limit: int) -> bytes:
        """The file's bytes, at most `limit`; raises `Missing` or `SourceAway`."""

    def poll(self, path: str, *, limit: int, seen: str | None) -> tuple[str, bytes] | None:
        """A mark and the file's bytes, or None while the file is the one marked `seen`."""

    def names(self, folder: str, /) -> Iterator[str]:
        """The paths of all files below `folder`, where the source can list them; else none."""


class FolderSource:
    """Files of a folder on this machine."""

    pause = timedelta(0)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str, *, limit: int) -> bytes:
        """The file's bytes; raises `Missing` or `SourceAway`."""
        try:
            with _open_file(self.folder / path) as file:
                return _capped(file, path, limit)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Missing(f"{path}: no such file") from error
        except OSError as error:
            raise SourceAway(f"{path}: {error.strerror}") from error

    def poll(self, path: str, *, limit: int, seen: str | None) -> tuple[str, bytes] | None:
        """The file if its inode, size or time differ from those of `seen`."""
        try:
            stat = (self.folder / path).stat()
        except FileNotFoundError as error:
            raise Missing(f"{path}: no such file") from error
        except OSError as error:
            raise SourceAway(f"{path}: {error.strerror}") from error
        mark = f"{stat.st_ino}-{stat.st_size}-{stat.st_mtime_ns}"
        return None if mark == seen else (mark, self.read(path, limit=limit))

    def names(self, folder: str) -> Iterator[str]:
        """The paths of all files below `folder`."""
        for path in sorted((self.folder / folder).rglob("*")):
            if path.is_file():
                yield path.relative_to(self.folder).as_posix()


def _open_file(path: Path) -> IO[bytes]:
    # Whoever opens a pipe waits for who writes into it, which may be nobody.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a file")
    return os.fdopen(descriptor, "rb")


class _Dripping(io.RawIOBase):
    """The bytes of a connection until `WHOLE_SECONDS` after its answer began."""

    def __init__(self, raw: io.RawIOBase, connected: Any, whole: float) -> None:
        self._raw, self._connected = raw, connected
        self._until = time.monotonic() + whole

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._connected.settimeout(min(left, TIMEOUT_SECONDS))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, whole: float, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Dripping(self.fp.detach(), sock, whole))


class WebSource:
    """Files below an https address; plain http only on this machine, or where the caller allows it."""

    pause = timedelta(seconds=1)

    def __init__(
        self,
        base_url: str,
        *,
        certificate: Path | None = None,
        plain: bool = False,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        """Raises `BadSetting` for an address or a certificate that cannot be used."""
        try:
            parts = urllib.parse.urlsplit(base_url)
            host, self._port = parts.hostname, parts.port
        except ValueError as error:
            raise BadSetting(f"{base_url!r} is not an address: {error}") from error
        secure = parts.scheme == "https"
        if not host or parts.query or parts.fragment or parts.username:
            raise BadSetting(f"{base_url!r} is not the address of published files")
        if not secure and not (parts.scheme == "http" and (plain or is_loopback(host))):
            raise BadSetting(f"{base_url!r}: published files are read over https")
        self._host, self._path, self._whole = host, parts.path.rstrip("/"), whole_seconds
        self._context = ssl.create_default_context() if secure else None
        if certificate is not None and self._context is not None:
            try:
                self._context.load_cert_chain(certificate)
            except OSError as error:
                raise BadSetting(f"{certificate}: not a certificate with its key") from error

    def read(self, path: str, *, limit: int) -> bytes:
        """The file's bytes; raises `Missing` or `SourceAway`."""
        answer = self._get(path, limit, None)
        if answer is None:
            raise SourceAway(f"{path}: not modified, although nothing was asked about")
        return answer[1]

    def poll(self, path: str, *, limit: int, seen: str | None) -> tuple[str, bytes] | None:
        """The file if its ETag differs from `seen`."""
        answer = self._get(path, limit, seen)
        return None if answer is None or answer[0] == seen else answer

    def names(self, _folder: str) -> Iterator[str]:
        """Nothing: a web server does not list what it has."""
        yield from ()

    def _get(self, path: str, limit: int, seen: str | None) -> tuple[str, bytes] | None:
        # No redirect is followed and no proxy asked: an address of ours is where it says.
        connection = self._connection()
        try:
            connection.request("GET", f"{self._path}/{path}", headers={"If-None-Match": seen} if seen else {})
            answer = connection.getresponse()
            if answer.status == _NOT_MODIFIED:
                return None
            if answer.status != _OK:
                kind = Missing if answer.status in _NOT_THERE else SourceAway
                raise kind(f"{path}: the server answers {answer.status}")
            body = _capped(answer, path, limit)
            return answer.headers.get("ETag") or sha256(body).hex(), body
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise SourceAway(f"{path}: {error}") from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._context is None:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        else:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=self._context
            )
        connection.response_class = partial(_Answer, whole=self._whole)  # type: ignore[assignment]
        return connection


def source_at(place: str, *, certificate: Path | None = None, plain: bool = False) -> Source:
    """The source at `place`: an address when it looks like one, else a folder."""
    if "://" in place:
        return WebSource(place, certificate=certificate, plain=plain)
    return FolderSource(Path(place))


def _capped(file: IO[bytes], path: str, limit: int) -> bytes:
    content = file.read(limit + 1)
    if len(content) > limit:
        raise SourceAway(f"{path}: longer than the {limit} bytes such a file may have")
    return content
