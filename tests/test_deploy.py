"""The web server's file of deploy/, tried with a real nginx in front of a small application."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import pytest

from registry.intake.receiving import LARGEST_UPLOAD
from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = "permits.example.go.th"
SELF_SIGNED = (
    *("openssl", "req", "-x509", "-nodes", "-subj", "/CN=test"),
    *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
)
OFFICE = "office.permits.example.go.th"


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it was sent, under an ETag of its own."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers.items())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"of the content"')
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "a socket has no address"

    def log_message(self, *_: object) -> None:
        return


class Application(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@dataclass(frozen=True)
class Front:
    """A running nginx with the file of deploy/, and the folder of everything it touches."""

    folder: Path
    port: int
    applications: tuple[Application, ...]

    def get(self, path: str, host: str = PUBLIC, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of one request over TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        with closing(context.wrap_socket(plain, server_hostname=host)) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        return int(first.split()[1]), {n.lower(): v for n, v in (r.split(": ", 1) for r in rest)}, body

    def log(self) -> str:
        return (self.folder / "permits-public.log").read_text()


def settings_for(folder: Path, port: int) -> str:
    """The file of deploy/ with this machine's ports and folders, inside the least that nginx wants."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"^ *listen +\[::\].*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"listen +443", f"listen 127.0.0.1:{port}", text)
    text = re.sub(r"listen +80\b", f"listen 127.0.0.1:{free_ports()}", text)
    for place in ("/run/permits", "/var/log/nginx", "/var/lib/permits/published/public", "/etc/permits/tls"):
        text = text.replace(place, str(folder))
    user = "user root;" if os.geteuid() == 0 else ""
    paths = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"{user} daemon off; pid {folder}/pid; events {{}} http {{ {paths} access_log off;\n{text}\n}}"


@pytest.fixture
def front(nginx: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    # A socket's path must be short, shorter than that of a test's own folder.
    folder = tmp_path_factory.mktemp("n")
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate of this test, is not installed")
    for name in ("public", "office"):
        subprocess.run(
            [*SELF_SIGNED, "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
            check=True,
            capture_output=True,
        )
    applications = tuple(Application(str(folder / f"{n}.sock"), Echo) for n in ("verify", "office"))
    for application in applications:
        threading.Thread(target=application.serve_forever, kwargs={"poll_interval": 0.05}).start()
    port = free_ports()
    settings = folder / "nginx.conf"
    settings.write_text(settings_for(folder, port))
    subprocess.run([nginx, "-t", "-q", "-e", folder / "error.log", "-c", settings], check=True)
    process = subprocess.Popen([nginx, "-e", folder / "error.log", "-c", settings])
    try:
        wait_for(port)
        yield Front(folder, port, applications)
    finally:
        process.terminate()
        process.wait(10)
        for application in applications:
            application.shutdown()
            application.server_close()


def wait_for(port: int) -> None:
    """Return when something listens on the port."""
    pause = threading.Event()
    for _ in range(200):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.05)
    pytest.fail("nginx did not listen within 10 seconds")


def test_codes_and_searches_are_limited_and_scans_and_the_first_page_never(front: Front) -> None:
    def statuses(path: str) -> set[int]:
        return {front.get(path)[0] for _ in range(90)}

    assert statuses("/v/1234567") == {200}
    assert statuses("/") == {200}
    assert statuses("/?lang=en") == {200}
    assert statuses("/c/12345678901234") == {200, 429}
    assert statuses("/?q=pharmacy") == {200, 429}


def test_a_limited_reader_is_told_in_thai_or_as_problem_details(front: Front) -> None:
    limited = [answer for answer in (front.get("/c/1") for _ in range(90)) if answer[0] == 429]
    _, headers, body = limited[0]
    assert headers["retry-after"] == "30"
    assert "กรุณารอ" in body.decode()
    *_, (status, _, body) = (front.get("/c/1", Accept="application/json") for _ in range(3))
    assert (status, json.loads(body)["status"]) == (429, 429)


def test_no_log_keeps_a_card_a_code_or_the_words_of_a_search(front: Front) -> None:
    for path in ("/v/987654321", "/c/987654321", "//c/987654321", "/x/987654321", "/?q=987654321"):
        front.get(path)
    front.applications[0].server_close()
    Path(front.folder / "verify.sock").unlink()
    assert front.get("/v/987654321")[0] == 502
    assert len(front.log().splitlines()) == 6
    kept = [
        path.name for path in front.folder.iterdir() if path.suffix == ".log" and "98765" in path.read_text()
    ]
    assert kept == []


def test_the_public_application_sees_no_cookie_and_no_header_of_a_stranger(front: Front) -> None:
    _, _, body = front.get(
        "/v/1", Cookie="a=b", X_Forwarded_For="1.2.3.4", X_Forwarded_Host="evil.example", Forwarded="for=evil"
    )
    seen = json.loads(body)
    assert seen["X-Forwarded-For"] == "127.0.0.1"
    assert seen["Host"] == PUBLIC
    assert not {"Cookie", "X-Forwarded-Host", "Forwarded"} & seen.keys()


def test_the_office_gets_its_cookie_and_the_real_address(front: Front) -> None:
    _, _, body = front.get(
        "/", OFFICE, Cookie="a=b", X_Forwarded_For="1.2.3.4", X_Forwarded_Host="evil.example"
    )
    seen = json.loads(body)
    assert (seen["Cookie"], seen["X-Forwarded-For"]) == ("a=b", "127.0.0.1")
    assert "X-Forwarded-Host" not in seen


@pytest.mark.parametrize(
    "path", ["log/tile/0/x001/067", "log/tile/entries/000.p/5", "keyring/1.cbor", "status/1/2569/1/7.jwt"]
)
def test_a_versioned_file_is_served_as_it_is_and_kept_for_ever(front: Front, path: str) -> None:
    (front.folder / path).parent.mkdir(parents=True)
    (front.folder / path).write_bytes(b"published")
    status, headers, body = front.get(f"/{path}")
    assert (status, body) == (200, b"published")
    assert "immutable" in headers["cache-control"]
    assert headers["strict-transport-security"]


def test_a_draft_beside_a_published_file_is_not_served(front: Front) -> None:
    (front.folder / "keyring").mkdir()
    (front.folder / "keyring" / ".1.cbor.77").write_bytes(b"draft")
    assert front.get("/keyring/.1.cbor.77")[0] == 404


def test_the_snapshot_is_served_even_when_the_application_is_away(front: Front) -> None:
    (front.folder / "snapshot").write_bytes(b"published")
    assert front.get("/snapshot")[1]["etag"] == '"of the content"'
    Path(front.folder / "verify.sock").unlink()
    status, headers, body = front.get("/snapshot")
    assert (status, body, headers["cache-control"]) == (200, b"published", "no-cache")
    assert "etag" not in headers


def test_a_host_that_is_not_ours_gets_no_certificate(front: Front) -> None:
    with pytest.raises(ssl.SSLError):
        front.get("/", "permits.example.go.th.evil.example")


def test_the_web_server_lets_through_what_the_office_takes() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    (largest,) = re.findall(r"client_max_body_size\s+(\d{3})m;", text)
    # A form is a little larger than the file in it.
    assert int(largest) << 20 > LARGEST_UPLOAD
    assert int(largest) << 20 < LARGEST_UPLOAD + (8 << 20)
