"""Where published files are read from: a folder, or an https address.

Nothing that is read here is trusted: readers compare it with a hash that a signed snapshot names.
"""

import http.client
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, Protocol

from keys.layout import sha256
from verify.config import is_loopback
from verify.errors import BadSetting, Missing, SourceAway

TIMEOUT_SECONDS = 3.0
_NOT_MODIFIED = 304


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
            with (self.folder / path).open("rb") as file:
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


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: an address of ours never redirects."""


class WebSource:
    """Files below an https address; plain http only on this machine, or where the caller allows it."""

    pause = timedelta(seconds=1)

    def __init__(self, base_url: str, *, certificate: Path | None = None, plain: bool = False) -> None:
        """Raises `BadSetting` for an address or a certificate that cannot be used."""
        parts = urllib.parse.urlsplit(base_url)
        secure = parts.scheme == "https"
        if not parts.hostname or parts.query or parts.fragment or parts.username:
            raise BadSetting(f"{base_url!r} is not the address of published files")
        if not secure and not (parts.scheme == "http" and (plain or is_loopback(parts.hostname))):
            raise BadSetting(f"{base_url!r}: published files are read over https")
        self._base = base_url.rstrip("/")
        context = ssl.create_default_context()
        if certificate is not None:
            try:
                context.load_cert_chain(certificate)
            except OSError as error:
                raise BadSetting(f"{certificate}: not a certificate with its key") from error
        self._opener = urllib.request.build_opener(
            _NoRedirect(), urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

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
        headers = {"If-None-Match": seen} if seen else {}
        request = urllib.request.Request(f"{self._base}/{path}", headers=headers)  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                body = _capped(answer, path, limit)
                return answer.headers.get("ETag") or sha256(body).hex(), body
        except urllib.error.HTTPError as error:
            with error:
                if error.code == _NOT_MODIFIED:
                    return None
                kind = Missing if error.code in (404, 410) else SourceAway
                raise kind(f"{path}: the server answers {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise SourceAway(f"{path}: {error}") from error


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
