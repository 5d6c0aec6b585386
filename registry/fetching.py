"""Asking another machine over http(s), within a time that no slow answer stretches.

No redirect is followed and no proxy asked: whoever is asked here answers where it is.
"""

import http.client
import io
import ssl
import time
import urllib.parse
from dataclasses import dataclass
from functools import partial
from typing import Any

from registry.errors import RegistryError


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds may pass without a byte, and from the answer's beginning to its end."""

    silent: float
    whole: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, type of content without parameters, and at most as many bytes as wanted."""

    status: int
    content_type: str
    body: bytes


class NoAnswer(RegistryError):
    """Nothing came back, or not all of it in time, or something other than HTTP."""


def checked_address(url: str) -> str:
    """The address without a slash at its end; raises `ValueError`, which says why, for one that is not asked.

    Only https is, and plain http on this machine; no account stands in it, no question and no place in a page.
    """
    parts = urllib.parse.urlsplit(url)
    host, _ = parts.hostname, parts.port  # A port that is no number raises here.
    plain = parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1")
    if not host or parts.query or parts.fragment or parts.username:
        raise ValueError("not the address of a machine and a folder on it")
    if parts.scheme != "https" and not plain:
        raise ValueError("only https is asked")
    return url.rstrip("/")


def fetch(
    address: str,
    patience: Patience,
    *,
    largest: int,
    body: bytes | None = None,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """The answer to a GET, or with `body` a POST of text, cut off after `largest` bytes; raises `NoAnswer`."""
    parts = urllib.parse.urlsplit(address)
    method, headers = ("GET", {}) if body is None else ("POST", {"Content-Type": "text/plain"})
    try:
        connection = _connection(parts, patience, context)
        try:
            connection.request(method, parts.path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers.get_content_type(), answer.read(largest))
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(str(error)) from error


def _connection(
    parts: urllib.parse.SplitResult, patience: Patience, context: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        secure = context or ssl.create_default_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=patience.silent, context=secure
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=patience.silent)
    connection.response_class = partial(_Response, patience=patience)  # type: ignore[assignment]
    return connection


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, patience: Patience, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Dripping(self.fp.detach(), sock, patience))


class _Dripping(io.RawIOBase):
    """The bytes of a connection, as long as its patience lasts: a byte now and then keeps each wait short."""

    def __init__(self, raw: io.RawIOBase, connected: Any, patience: Patience) -> None:
        self._raw, self._connected, self._silent = raw, connected, patience.silent
        self._until = time.monotonic() + patience.whole

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._connected.settimeout(min(left, self._silent))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
