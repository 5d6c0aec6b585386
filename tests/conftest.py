"""Fixtures for every test: real servers, a database of each kind, and no network beyond this machine.

A test asks for what it needs by name: `database_url` (runs once on SQLite and once on PostgreSQL; so does
`database_kind`, for fixtures that bring a filled one), `sqlite_url`, `postgres_url`, `postgres` (to make several),
`elastic`, `page` (Chromium by Playwright), `chromium`, `nginx`, `fsck`. What is not here skips the test, and the closing lines say why; with CI=true it fails it.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests import elastic_server, servers

# The marker that a test gets by asking for a fixture.
MARKER_OF_FIXTURE = {"chromium": "browser", "postgres": "postgres", "fsck": "outside", "elastic": "elastic"}

# A shared machine makes deadlines a matter of luck.
hypothesis.settings.register_profile("each run", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.register_profile("long", deadline=None, max_examples=2_000)


class NetworkUse(BaseException):
    """A test tried to leave this machine; no `except Exception` on the way may hide it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the full-size figures too")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "each run")
    sys.addaudithook(refuse_the_network)


def refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    """Let a socket be connected to this machine only; NetworkUse otherwise."""
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost")):
        message = f"a test tried to connect to {address}"
        raise NetworkUse(message)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        for fixture, marker in MARKER_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
        long = item.get_closest_marker("long") is not None and not config.getoption("--long")
        (left_out if long else kept).append(item)
    if left_out:
        items[:] = kept
        config.hook.pytest_deselected(items=left_out)


class _Files(LoadFileScheduling):  # type: ignore[misc]
    """Where tests run side by side, a file's tests stay together, and all that search share an Elasticsearch."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "search" if "search" in file else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return _Files(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not shown by this run, and why."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    if not reasons:
        return
    terminalreporter.section("not shown by this run")
    for reason, number in sorted(reasons.items()):
        terminalreporter.line(f"{number} skipped: {reason}")


def absent(error: servers.Absent) -> None:
    """Skip the test for want of a program; fail it where all of them have to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{error} (and CI=true says that it has to be)", pytrace=False)
    pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A PostgreSQL for the whole run; `with postgres.fresh_database() as url` makes a database of it."""
    try:
        with servers.postgres() as server:
            yield server
    except servers.Absent as error:
        absent(error)


@pytest.fixture
def postgres_url(postgres: servers.Postgres) -> Iterator[str]:
    """SQLAlchemy's URL of an empty database in a real PostgreSQL, for this test alone."""
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """SQLAlchemy's URL of an SQLite file that does not exist yet, for this test alone."""
    return f"sqlite:///{tmp_path / 'register.sqlite'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The test runs twice: with `sqlite`, and with `postgres`."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """The test runs twice: with an empty SQLite file, and with an empty database in a real PostgreSQL."""
    url: str = request.getfixturevalue(f"{database_kind}_url")
    return url


@pytest.fixture(scope="session")
def elastic() -> Iterator[Sequence[elastic_server.Node]]:
    """An Elasticsearch of one node for the whole run, with the accounts of deploy/."""
    try:
        with elastic_server.cluster() as nodes:
            yield nodes
    except servers.Absent as error:
        absent(error)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The program of a Chromium."""
    try:
        return servers.chromium()
    except servers.Absent as error:
        absent(error)
        raise


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, object], chromium: Path
) -> dict[str, object]:
    """What `browser`, `context` and `page` of pytest-playwright start: the machine's Chromium."""
    return {
        **browser_type_launch_args,
        "executable_path": str(chromium),
        "args": list(servers.CHROMIUM_FLAGS),
    }


@pytest.fixture(scope="session")
def nginx() -> Path:
    """The program of nginx."""
    try:
        return servers.nginx()
    except servers.Absent as error:
        absent(error)
        raise


@pytest.fixture(scope="session")
def fsck() -> Path:
    """The program of tessera's `fsck`, which verifies a published log over HTTP."""
    try:
        return servers.fsck()
    except servers.Absent as error:
        absent(error)
        raise
