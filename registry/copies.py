"""Where a recovery reads from: a folder, or an https address.  Nothing read here is trusted."""

import http.client
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from registry.errors import CannotRecover

_TIMEOUT_SECONDS = 10.0
_LARGEST = 64 << 20


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
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise CannotRecover(f"{self.folder / path}: {error.strerror}") from error

    def names(self, folder: str) -> Iterator[str]:
        """The paths of the files in `folder`."""
        if (self.folder / folder).is_dir():
            for path in sorted((self.folder / folder).iterdir()):
                yield f"{folder}/{path.name}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: a copy of ours never redirects."""


class WebCopy:
    """Files below an https address; plain http on this machine only."""

    def __init__(self, address: str, certificate: Path | None = None) -> None:
        """Raises `CannotRecover` for an address or a client certificate that cannot be used."""
        parts = urllib.parse.urlsplit(address)
        plain = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or parts.query or parts.fragment or not (plain or parts.scheme == "https"):
            raise CannotRecover(f"{address!r} is not an https address of published files")
        self.place = address.rstrip("/")
        context = ssl.create_default_context()
        if certificate is not None:
            try:
                context.load_cert_chain(certificate)
            except OSError as error:
                raise CannotRecover(f"{certificate}: not a certificate with its key") from error
        self._opener = urllib.request.build_opener(
            _NoRedirect(), urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def read(self, path: str) -> bytes | None:
        """The file, or None where the server says that there is none."""
        address = f"{self.place}/{path}"
        try:
            with self._opener.open(address, timeout=_TIMEOUT_SECONDS) as answer:
                content: bytes = answer.read(_LARGEST + 1)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in (404, 410):
                    return None
                raise CannotRecover(f"{address}: the server answers {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CannotRecover(f"{address}: {error}") from error
        if len(content) > _LARGEST:
            raise CannotRecover(f"{address}: longer than any published file")
        return content

    def names(self, _folder: str) -> Iterator[str]:
        """Nothing: a web server does not list what it has."""
        yield from ()


def copy_at(place: str, *, certificate: Path | None = None) -> Copy:
    """The copy at `place`: an address when it looks like one, else a folder."""
    return WebCopy(place, certificate) if "://" in place else FolderCopy(Path(place))
