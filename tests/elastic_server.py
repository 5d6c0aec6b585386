"""A real Elasticsearch of the run's own: one node for the tests, or a few that form a cluster.

It is reached as one in service is: over TLS, by an authority of the run's own, with the accounts of deploy/.
Its distribution is the one that Elastic publishes for integration tests, brought by bin/elastic. It lacks
plugins that the product must not need: analyzers but the core ones, scripts, pipelines, reindexing.
"""

import base64
import os
import shutil
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.ports import free_ports
from tests.servers import VENV, Absent
from tests.tls import Authority, make_authority

VERSION = "8.19.3"
ADMIN, FEEDER, PUBLIC, OFFICE = "admin", "feeder", "public", "office"
PASSWORD = "only-for-this-run"
# Of that password, as `elasticsearch-users` makes it: running that takes seconds for each account.
_BCRYPT = "$2a$10$xMn19Veg0FeYO3oBzR143.qWz8oxPL2hEwWFGLZ4DYlywrP8w33De"
ROLES = Path(__file__).resolve().parents[1] / "deploy" / "elasticsearch" / "roles.yml"
_USERS = {
    ADMIN: "superuser",
    FEEDER: "permits_feeder",
    PUBLIC: "permits_public_reader",
    OFFICE: "permits_office_reader",
}
_PLACES = (
    VENV / "elastic",
    Path.home() / f".m2/repository/org/elasticsearch/distribution/integ-test-zip/elasticsearch/{VERSION}",
)
_OLDEST_JAVA = 17
_PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class Node:
    """One running node: where it answers, who signed its certificate, and the process that is it."""

    url: str
    trusted: Path
    process: psutil.Process


@contextmanager
def cluster(size: int = 1) -> Iterator[Sequence[Node]]:
    """Nodes that have found each other, of a cluster with the accounts of deploy/; gone at the end."""
    archive, java = _archive(), _java()
    if shutil.which("openssl") is None:
        raise Absent("Elasticsearch", "there is no openssl to make its certificates")
    folder = Path(tempfile.mkdtemp(prefix="permits-es-"))
    folder.chmod(0o755)  # Its user is another where the tests are root's.
    started: list[Node] = []
    try:
        home = _unpack(archive, folder)
        authority = make_authority(folder / "authority")
        first = free_ports(2 * size)
        ports = range(first, first + 2 * size)
        # At once: each waits for the others before it says that it runs.
        with ThreadPoolExecutor(size) as pool:
            starting = [
                pool.submit(
                    _start,
                    _Place(home, folder / f"n{number}", java, authority),
                    _settings(number, size, folder, ports),
                    ports[number],
                )
                for number in range(size)
            ]
        for start in starting:
            started += [] if start.exception() else [start.result()]
        for start in starting:
            start.result()
        for node in started:
            _wait(lambda node=node: _formed(node, size), folder)  # type: ignore[misc]
        yield started
    finally:
        for node in started:
            stop(node)
        shutil.rmtree(folder, ignore_errors=True)


def stop(node: Node) -> None:
    """The node is no more, as when its machine fails."""
    with suppress(psutil.NoSuchProcess):
        node.process.kill()
        node.process.wait(30)


def _archive() -> Path:
    for place in _PLACES:
        for found in place.glob("elasticsearch*.zip"):
            return found
    log = VENV / "elastic.log"
    lines = log.read_text().splitlines() if log.exists() else []
    raise Absent("Elasticsearch", lines[-1] if lines else "bin/elastic was not run")


def _java() -> Path:
    """The home of a Java that is new enough."""
    program = shutil.which("java")
    if program is None:
        raise Absent("Elasticsearch", "there is no Java; bin/test --system installs it")
    asked = subprocess.run(
        [program, "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=False
    )
    found = {
        name.strip(): value
        for name, _, value in (line.partition(" = ") for line in asked.stderr.splitlines())
    }
    version = found.get("java.specification.version", "0")
    if not version.isdigit() or int(version) < _OLDEST_JAVA:
        raise Absent("Elasticsearch", f"its Java is {version}, older than {_OLDEST_JAVA}")
    return Path(found["java.home"])


def _unpack(archive: Path, folder: Path) -> Path:
    shutil.unpack_archive(archive, folder)
    (home,) = folder.glob("elasticsearch-*")
    for program in (home / "bin").iterdir():
        program.chmod(0o755)
    return home


def _settings(number: int, size: int, folder: Path, ports: Sequence[int]) -> str:
    mine = folder / f"n{number}"
    alone = "discovery.type: single-node\n"
    names = ", ".join(f"n{other}" for other in range(size))
    seeds = ", ".join(f"127.0.0.1:{port}" for port in ports[size:])
    together = f"discovery.seed_hosts: [{seeds}]\ncluster.initial_master_nodes: [{names}]\n"
    return (
        f"cluster.name: permits-test\nnode.name: n{number}\nnetwork.host: 127.0.0.1\n"
        f"http.port: {ports[number]}\ntransport.port: {ports[size + number]}\n"
        f"path.data: {mine / 'data'}\npath.logs: {mine / 'logs'}\n"
        f"{alone if size == 1 else together}"
        "xpack.security.enabled: true\nxpack.security.http.ssl.enabled: true\n"
        "xpack.security.http.ssl.certificate: server.pem\nxpack.security.http.ssl.key: server.key\n"
        "xpack.security.transport.ssl.enabled: false\n"
        "cluster.routing.allocation.disk.threshold_enabled: false\n"
    )


@dataclass(frozen=True)
class _Place:
    """The unpacked distribution, a node's own folder, its Java, and who makes its certificate."""

    home: Path
    folder: Path
    java: Path
    authority: Authority

    def run(self, program: str, *arguments: str) -> None:
        """One of the distribution's programs, as a user that is not root; raises `Absent`."""
        environment = {
            "PATH": os.environ["PATH"],
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_JAVA_HOME": str(self.java),
            "ES_JAVA_OPTS": "-Xms512m -Xmx512m",
            "ES_TMPDIR": str(self.folder / "tmp"),
            "HOME": str(self.folder),
        }
        other = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*other, str(self.home / "bin" / program), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
        )
        if done.returncode != 0:
            lines = [line for line in (done.stdout + done.stderr).splitlines() if "exception" in line]
            raise Absent("Elasticsearch", f"{program} failed: {' '.join(lines)[-400:]}")


def _start(place: _Place, settings: str, port: int) -> Node:
    (place.folder / "tmp").mkdir(parents=True)
    shutil.copytree(place.home / "config", place.folder / "config")
    config = place.folder / "config"
    (config / "elasticsearch.yml").write_text(settings)
    (config / "users").write_text("".join(f"{name}:{_BCRYPT}\n" for name in _USERS))
    (config / "users_roles").write_text("".join(f"{role}:{name}\n" for name, role in _USERS.items()))
    shutil.copyfile(ROLES, config / "roles.yml")
    for name in ("server.pem", "server.key"):
        shutil.copyfile(place.authority.folder / name, config / name)
    if os.geteuid() == 0:
        for path in (place.folder, *place.folder.rglob("*")):
            shutil.chown(path, "nobody")
    pid = place.folder / "pid"
    place.run("elasticsearch", "-d", "-p", str(pid))
    trusted = place.authority.trusted
    return Node(f"https://127.0.0.1:{port}", trusted, psutil.Process(int(pid.read_text())))


def _formed(node: Node, size: int) -> bool:
    """Whether the node sees all the others; raises OSError while it does not answer."""
    asked = urllib.request.Request(  # This machine, by the address made above.
        f"{node.url}/_cluster/health?wait_for_nodes=>={size}&wait_for_status=yellow&timeout=1s",
        headers={"Authorization": f"Basic {base64.b64encode(f'{ADMIN}:{PASSWORD}'.encode()).decode()}"},
    )
    context = ssl.create_default_context(cafile=node.trusted)
    with urllib.request.urlopen(asked, timeout=10, context=context) as answer:
        return b'"timed_out":false' in answer.read()


def _wait(ready: Callable[[], bool], folder: Path) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        with suppress(OSError, urllib.error.URLError):
            if ready():
                return
        time.sleep(0.3)
    last = [line for log in folder.glob("n*/logs/*.log") for line in log.read_text().splitlines()[-3:]]
    raise Absent(
        "Elasticsearch", f"it did not answer in {_PATIENCE_SECONDS} seconds: {' '.join(last)[-9400:]}"
    )
