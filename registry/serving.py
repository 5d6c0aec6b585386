"""`permits serve`: public pages, officers' pages and follower as three processes that live together.

The public process is started from `wsgi:verify_app` with no key and no database in its
environment; if one of the three dies, all stop, so that a supervisor sees it.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from registry.config import PASSPHRASE
from registry.demo.showcase import Showcase, read_showcase
from registry.paper.qr import terminal_qr

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
# What only the office and the follower may know; the public process gets none of it.
_PRIVATE = (
    "PERMITS_DATABASE_URL",
    "PERMITS_KEYS",
    "PERMITS_PASSPHRASE_FILE",
    PASSPHRASE,
    "CREDENTIALS_DIRECTORY",
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the service answers: what it binds, and what people open."""

    bind: str
    port: int
    public: str
    office: str

    @classmethod
    def of(cls, port: int, *, lan: bool) -> "Addresses":
        """On this machine only, or with `lan` under its address in the network."""
        name = _address_in_network() if lan else "localhost"
        bind = "0.0.0.0" if lan else "127.0.0.1"  # noqa: S104  # The caller asked for the network.
        return cls(bind, port, f"http://{name}:{port}", f"http://{name}:{port + 1}")


def _address_in_network() -> str:
    # Connecting a datagram socket sends nothing; it only makes the system choose an address.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "localhost"


def serve(*, data: Path, port: int, lan: bool, passphrase: bytes | None) -> int:
    """Run the three processes until a signal; gives the exit code, 0 after a clean stop."""
    addresses = Addresses.of(port, lan=lan)
    _require_free(addresses)
    environment = {
        "PERMITS_TRUSTED_HOSTS": f"localhost:{port},127.0.0.1:{port}",
        **os.environ,
        "PERMITS_DATA": str(data),
        "PERMITS_HOST": os.environ.get("PERMITS_HOST", addresses.public.removeprefix("http://")),
        "PERMITS_BASE_URL": os.environ.get("PERMITS_BASE_URL", addresses.public),
    }
    if passphrase is not None:
        environment[PASSPHRASE] = passphrase.decode()
    public = {name: value for name, value in environment.items() if name not in _PRIVATE}
    children = {
        "public pages": _gunicorn("wsgi:verify_app", addresses.bind, port, public),
        "officers' pages": _gunicorn("wsgi:registry_app", addresses.bind, port + 1, environment),
        "follower": _start([sys.executable, "-m", "wsgi", "follow"], environment),
    }
    stopping = _Stopping()
    try:
        if not _wait_until_ready(addresses, children, stopping):
            return 0 if stopping.asked else 1
        _print_welcome(data, addresses, lan=lan)
        return _watch(children, stopping)
    finally:
        _stop(children)


class _Stopping:
    """Whether a signal asked us to stop."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def _require_free(addresses: Addresses) -> None:
    for port in (addresses.port, addresses.port + 1):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((addresses.bind, port))
            except OSError as error:
                raise click.ClickException(
                    f"พอร์ต {port} ถูกใช้อยู่ ลอง --port อื่น / port {port} is taken: try another --port"
                ) from error


def _gunicorn(app: str, bind: str, port: int, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return _start(
        [
            *(sys.executable, "-m", "gunicorn", app),
            *("--bind", f"{bind}:{port}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            # Its warnings quote the request line, which may be a card or the words of a search.
            *("--timeout", "60", "--graceful-timeout", "5", "--log-level", "error"),
            *("--limit-request-line", "4094", "--no-control-socket"),
        ],
        environment,
    )


def _start(command: list[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    # A session of its own, so that Ctrl-C reaches the children through us and in order.
    return subprocess.Popen(command, env=dict(environment), start_new_session=True)  # noqa: S603


def _wait_until_ready(
    addresses: Addresses, children: "Mapping[str, subprocess.Popen[bytes]]", stopping: _Stopping
) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    waiting = {f"http://localhost:{addresses.port + n}/healthz" for n in (0, 1)}
    while waiting and time.monotonic() < deadline and not stopping.asked:
        if any(child.poll() is not None for child in children.values()):
            break
        waiting = {url for url in waiting if not _answers(url)}
        time.sleep(0.05)
    if waiting and not stopping.asked:
        click.echo("The service did not start; the lines above say why.", err=True)
    return not waiting


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  # Our own loopback address.
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _watch(children: "Mapping[str, subprocess.Popen[bytes]]", stopping: _Stopping) -> int:
    while not stopping.asked:
        for name, child in children.items():
            if child.poll() is not None:
                click.echo(f"The {name} stopped with code {child.returncode}; stopping all.", err=True)
                return 1
        time.sleep(0.2)
    return 0


def _stop(children: "Mapping[str, subprocess.Popen[bytes]]") -> None:
    for child in children.values():
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _print_welcome(data: Path, addresses: Addresses, *, lan: bool) -> None:
    click.echo(f"\nตรวจใบอนุญาต · public pages:     {addresses.public}/")
    click.echo(f"สำหรับเจ้าหน้าที่ · officers' pages: {addresses.office}/")
    showcase = read_showcase(data)
    if showcase is not None:
        _print_showcase(showcase, addresses, lan=lan)
    click.echo("\nหยุดด้วย Ctrl-C · stop with Ctrl-C")


def _print_showcase(showcase: Showcase, addresses: Addresses, *, lan: bool) -> None:
    click.echo("\nเข้าระบบเจ้าหน้าที่ · log-ins of the demonstration:")
    for login in showcase.logins:
        click.echo(f"  {login.login:<15} {login.password:<19} {login.role:<11} {login.agency.th}")
    click.echo("\nหนึ่งลิงก์ต่อผลตรวจ · one link per verdict:")
    for link in showcase.links:
        click.echo(
            f"  {link.verdict or '-':<16} {link.label.th} · {link.label.en}\n    {addresses.public}{link.path}"
        )
    if lan:
        click.echo("\nสแกนด้วยมือถือในเครือข่ายเดียวกัน · scan with a phone in this network:")
        click.echo(terminal_qr(f"{addresses.public}{showcase.link('valid').path}"))
