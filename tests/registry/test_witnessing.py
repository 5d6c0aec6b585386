"""The log asks its witnesses after each checkpoint and serves what they sign."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from keys import layout
from keys.checkpoint import open_checkpoint, verifier_key
from keys.cosignature import (
    WitnessKey,
    cosigned_by,
    open_witnessed,
    witness_verifier_key,
)
from keys.keyring import Role
from registry import follow as following
from registry.config import RegistryConfig
from registry.errors import ConfigurationError, RegistryError
from registry.fetching import Patience
from registry.files import Folder
from registry.publish import publish_lock
from registry.services import Services
from registry.witness import (
    make_key_file,
    witness_app,
)
from registry.witnesses import Witness, parse_witnesses
from registry.witnessing import Witnessing, WitnessRefused
from tests.dripping import BEGINNINGS, dripping
from tests.registry.founded import START, Clock, founded, issue
from tests.registry.test_witness import LOG, ORIGIN, OTHER


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of a WSGI application on this machine."""
    server = make_server("127.0.0.1", 0, app, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def vkeys_of(services: Services) -> list[str]:
    ring = services.ring()
    return [verifier_key(ring.origin, key.public) for key in ring.with_role(Role.LOG)]


@contextmanager
def witness_of(services: Services, folder: Path, name: str) -> Iterator[Witness]:
    cosigner = make_key_file(folder / f"{name}.key", f"witness.example/{name}")
    app = witness_app(
        str(folder / f"{name}.json"), str(folder / f"{name}.key"), vkeys_of(services), services.clock
    )
    with serving(app) as url:
        yield Witness(url, cosigner.key)


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path / "register")


def served(services: Services) -> bytes:
    return Folder(services.config.published).read(layout.CHECKPOINT) or b""


def witnessing(services: Services, *witnesses: Witness) -> Witnessing:
    return Witnessing(Folder(services.config.published), witnesses, services.ring)


def seen_by(services: Services, *witnesses: Witness) -> set[WitnessKey]:
    return set(cosigned_by(served(services), [witness.key for witness in witnesses]))


def test_every_new_checkpoint_is_cosigned_and_served_so(register: Services, tmp_path: Path) -> None:
    with witness_of(register, tmp_path, "w1") as one, witness_of(register, tmp_path, "w2") as two:
        asking = witnessing(register, one, two)
        for n in range(1, 4):
            issue(register, n)
            snapshot = register.publish()
            assert seen_by(register, one, two) == set()
            assert asking.collect()
            ring, known = register.ring(), [one.key, two.key]
            keys = [key.public for key in ring.with_role(Role.LOG)]
            opened = open_witnessed(served(register), ring.origin, keys, known, quorum=2)
            assert (opened.size, opened.root) == (snapshot.log_size, snapshot.log_root)


def test_publishing_without_news_keeps_the_cosignatures(register: Services, tmp_path: Path) -> None:
    with witness_of(register, tmp_path, "w1") as one:
        register.publish()
        assert witnessing(register, one).collect()
    assert isinstance(register.clock, Clock)
    register.clock.advance(minutes=1)
    register.publish()
    assert seen_by(register, one) == {one.key}
    assert witnessing(register, one).collect()  # It is away by now, and need not be asked again.


def test_a_log_that_forgot_what_a_witness_saw_asks_again_from_there(
    register: Services, tmp_path: Path
) -> None:
    with witness_of(register, tmp_path, "w1") as one:
        register.publish()
        assert witnessing(register, one).collect()
        issue(register, 1)
        register.publish()
        assert witnessing(register, one).collect()
        assert seen_by(register, one) == {one.key}


def test_a_witness_that_is_away_does_not_hold_up_the_others(register: Services, tmp_path: Path) -> None:
    register.publish()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with witness_of(register, tmp_path, "w1") as one:
        away = Witness(f"http://127.0.0.1:{port}", WitnessKey("witness.example/away", OTHER.public))
        assert not witnessing(register, away, one).collect()
        assert seen_by(register, away, one) == {one.key}


def test_a_witness_whose_answer_never_ends_is_given_up(
    register: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.witnessing._PATIENCE", Patience(silent=5.0, whole=0.2))
    register.publish()
    for beginning in BEGINNINGS.values():
        with dripping(beginning) as address:
            slow = Witness(address, WitnessKey("witness.example/slow", OTHER.public))
            assert not witnessing(register, slow).collect()


def test_a_register_behind_its_witness_is_an_alarm(
    register: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    older = founded(tmp_path / "older")
    issue(register, 1)
    register.publish()
    older.publish()
    with witness_of(register, tmp_path, "w1") as one:
        assert witnessing(register, one).collect()
        assert not witnessing(older, one).collect()
        issue(older, 2)
        older.publish()
        assert not witnessing(older, one).collect()
    alarms = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(alarms) == 2
    assert "has cosigned a tree of" in alarms[0]
    assert "has cosigned another tree of" in alarms[1]
    assert seen_by(older, one) == set()


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        ("200 OK", "text/plain", b""),
        ("200 OK", "text/plain", b"\xff"),
        ("200 OK", "text/plain", "\u2014 stranger AAAAAAAAAAAA\n".encode()),
        ("200 OK", "text/plain", "\u2014 witness.example/bad AAAAAAAAAAAA\n".encode()),
        ("301 Moved", "text/plain", b""),
        ("409 Conflict", "text/plain", b"1\n"),
        ("409 Conflict", "text/x.tlog.size", b"-1\n"),
        ("409 Conflict", "text/x.tlog.size", b"1\n"),
        ("409 Conflict", "text/x.tlog.size", b"9" * 5000),
        ("500 Oops", "text/html", b"<p>"),
    ],
)
def test_whatever_a_witness_answers_the_checkpoint_stays_as_good_as_it_was(
    register: Services, status: str, kind: str, body: bytes
) -> None:
    def app(_: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    register.publish()
    before = served(register)
    with serving(app) as url:
        bad = Witness(url, WitnessKey("witness.example/bad", OTHER.public))
        assert not witnessing(register, bad).collect()
    assert served(register) == before


def test_cosignatures_that_come_too_late_are_dropped(register: Services, tmp_path: Path) -> None:
    register.publish()
    with witness_of(register, tmp_path, "w1") as one:
        inner = witness_app(
            str(tmp_path / "w1.json"), str(tmp_path / "w1.key"), vkeys_of(register), register.clock
        )

        def meanwhile(environ: Any, start_response: Any) -> list[bytes]:
            issue(register, 1)
            register.publish()
            return inner(environ, start_response)

        with serving(meanwhile) as url:
            assert not witnessing(register, Witness(url, one.key)).collect()
        assert seen_by(register, one) == set()
        ring = register.ring()
        open_checkpoint(served(register), ring.origin, [key.public for key in ring.with_role(Role.LOG)])
        assert witnessing(register, one).collect()


def is_running(asking: Witnessing) -> bool:
    return asking._running is not None


def test_the_follower_asks_beside_its_work_and_tries_again(register: Services, tmp_path: Path) -> None:
    with witness_of(register, tmp_path, "w1") as one:
        size = register.publish().log_size
        asking = witnessing(register, one)
        with publish_lock(
            asking.public
        ):  # Without it no cosignature is merged: what waited would not come back.
            asking.look(size, START)
            assert asking._running is not None
            assert not asking._running.done()
        asking._running.result(timeout=10)
        assert seen_by(register, one) == {one.key}
        asking.look(size, START)
        assert not is_running(asking)
    issue(register, 1)
    larger = register.publish().log_size
    asking.look(larger, START)
    assert asking._running is not None
    assert not asking._running.result(timeout=10)
    asking.look(larger, START)
    assert not is_running(asking)  # Not again before the pause is over,
    asking.look(larger, START + timedelta(seconds=11))
    assert asking._running is not None  # and then again.
    asking._running.result(timeout=10)


def test_the_followers_step_shows_new_checkpoints_to_the_witnesses(
    tmp_path: Path, register: Services
) -> None:
    with witness_of(register, tmp_path, "w1") as one:
        object.__setattr__(register.config, "witnesses", (one,))
        follower = following.Follower(register)
        follower.step(register.clock())
        running = follower._witnessing._running
        assert running is not None
        assert running.result(timeout=10)
        assert seen_by(register, one) == {one.key}


def test_the_setting_names_addresses_and_keys() -> None:
    vkey = witness_verifier_key(WitnessKey("witness.example/w1", OTHER.public))
    text = f"https://witness.example/w1/ {vkey}"
    assert parse_witnesses(f" {text} ,") == (
        Witness("https://witness.example/w1", WitnessKey("witness.example/w1", OTHER.public)),
    )
    config = RegistryConfig.from_environment({"PERMITS_WITNESSES": text})
    assert [witness.url for witness in config.witnesses] == ["https://witness.example/w1"]
    for wrong in (
        vkey,
        f"http://witness.example {vkey}",
        f"https://a@witness.example {vkey}",
        f"https://witness.example?x {vkey}",
        f"https://witness.example {verifier_key(ORIGIN, LOG.public)}",
        f"{text}, https://other.example {vkey}",
        "https://witness.example",
    ):
        with pytest.raises(ConfigurationError):
            parse_witnesses(wrong)


def test_the_command_serves_a_witness(register: Services, tmp_path: Path) -> None:
    register.publish()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    logs = [part for vkey in vkeys_of(register) for part in ("--log", vkey)]
    command = [
        *(sys.executable, "-m", "wsgi", "witness", "--name", "witness.example/w1", "--port", str(port)),
        *("--state", str(tmp_path / "state.json"), "--key", str(tmp_path / "witness.key"), *logs),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            vkey = process.stdout.readline().strip()
            (witness,) = parse_witnesses(f"http://127.0.0.1:{port} {vkey}")
            asking, deadline = witnessing(register, witness), time.monotonic() + 30
            while not asking.collect() and time.monotonic() < deadline:
                assert process.poll() is None
            assert seen_by(register, witness) == {witness.key}
        finally:
            process.terminate()
    assert json.loads((tmp_path / "state.json").read_text())[register.ring().origin]["size"] > 0


def test_the_command_refuses_without_a_log(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "wsgi", "witness", "--name", "w", "--state", str(tmp_path / "s")]
    answer = subprocess.run(
        [*command, "--key", str(tmp_path / "k")], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert "--log" in answer.stderr


def test_the_names_of_refusals_are_one_family() -> None:
    assert issubclass(WitnessRefused, RegistryError)
