"""Folders served over real TLS on this machine, by an authority made for the test with openssl."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Authority:
    """Certificates of one authority: its own, the server's, and one for a client, each with its key."""

    folder: Path

    @property
    def trusted(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def client(self) -> Path:
        return self.folder / "client.pem"


def make_authority(folder: Path) -> Authority:
    """A fresh authority with a certificate for 127.0.0.1 and one for a client."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificates of this test, is not installed")
    folder.mkdir()
    _request(folder, "authority", "/CN=test authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    # Newer Pythons ask of every certificate what it may be used for.
    leaf = ("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature")
    signed = ("-CA", "authority.pem", "-CAkey", "authority.key", *leaf)
    _request(folder, "server", "/CN=127.0.0.1", *signed, "-addext", "subjectAltName=IP:127.0.0.1")
    _request(folder, "client", "/CN=verify host", *signed)
    (folder / "client.pem").write_bytes(
        (folder / "client.pem").read_bytes() + (folder / "client.key").read_bytes()
    )
    return Authority(folder)


def _request(folder: Path, name: str, subject: str, *more: str) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-days", "2", *_KEY, "-subj", subject),
            *("-keyout", f"{name}.key", "-out", f"{name}.pem", *more),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: tests print no requests."""


@contextmanager
def served(folder: Path, authority: Authority, *, asks_for_certificate: bool = False) -> Iterator[str]:
    """The https address of a folder while the context lasts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.folder / "server.pem", authority.folder / "server.key")
    if asks_for_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.trusted)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
