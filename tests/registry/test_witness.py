"""A witness cosigns only trees that extend the last one, remembers before it signs, and the log merges its lines."""

import base64
import io
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import layout, merkle
from keys.checkpoint import Checkpoint, note_text, open_checkpoint, parse_lines, sign_checkpoint, verifier_key
from keys.cosignature import (
    WitnessKey,
    cosigned_by,
    open_witnessed,
    verify_cosignature,
    witness_verifier_key,
)
from keys.keyring import Role
from keys.signing import SeedSigner
from keys.submission import Submission, parse_submission, write_submission
from registry import follow as following
from registry.config import RegistryConfig
from registry.errors import ConfigurationError, RegistryError
from registry.files import Folder
from registry.services import Services
from registry.witness import (
    Answer,
    Memory,
    add_checkpoint,
    logs_of,
    make_key_file,
    read_key_file,
    witness_app,
)
from registry.witnesses import Witness, parse_witnesses
from registry.witnessing import Witnessing, WitnessRefused
from tests.registry.founded import START, Clock, founded, issue

ORIGIN = "log.example/one"
LOG, OTHER = SeedSigner(b"l" * 32), SeedSigner(b"o" * 32)
LEAVES = [merkle.leaf_hash(str(n).encode()) for n in range(40)]
FORKED = [merkle.leaf_hash(str(n).encode()) for n in range(100, 140)]


class Watch:
    """A witness of one log, asked without a network in between."""

    def __init__(self, folder: Path) -> None:
        self.memory = Memory.start(folder / "state.json")
        key = folder / "witness.key"
        self.cosigner = read_key_file(key) if key.exists() else make_key_file(key, "witness.example/w1")
        self.logs = logs_of([verifier_key(ORIGIN, LOG.public)])

    def send(self, body: bytes) -> Answer:
        return add_checkpoint(body, memory=self.memory, cosigner=self.cosigner, logs=self.logs, at=START)

    def grow(self, old: int, new: int, leaves: list[bytes] = LEAVES, **changes: Any) -> Answer:
        """Submit the tree of `new` leaves as extending that of `old`."""
        return self.send(submission(old, new, leaves, **changes))


def submission(
    old: int, new: int, leaves: list[bytes] = LEAVES, *, signer: SeedSigner = LOG, origin: str = ORIGIN
) -> bytes:
    def node(level: int, index: int) -> bytes:
        return merkle.perfect_root(leaves[index << level : (index + 1) << level])

    note = sign_checkpoint(Checkpoint(origin, new, merkle.root_of(leaves[:new])), signer)
    proof = merkle.consistency_proof(old, new, node) if old <= new else []
    return write_submission(Submission(old, tuple(proof), note))


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def test_the_first_tree_is_taken_from_size_zero(watch: Watch) -> None:
    answer = watch.grow(0, 9)
    assert answer.status == 200
    (line,) = parse_lines(answer.body)
    text = note_text(Checkpoint(ORIGIN, 9, merkle.root_of(LEAVES[:9])))
    assert verify_cosignature(text, line, watch.cosigner.key) == int(START.timestamp())


def test_a_tree_that_grows_is_cosigned_at_every_size(watch: Watch) -> None:
    for size in range(40):
        assert watch.grow(size, size + 1).status == 200
    assert watch.memory.last(ORIGIN) == (40, merkle.root_of(LEAVES))


def test_the_empty_tree_and_the_same_tree_again_are_cosigned(watch: Watch) -> None:
    assert watch.grow(0, 0).status == 200
    assert watch.grow(0, 5).status == 200
    assert watch.grow(5, 5).status == 200


@pytest.mark.parametrize("old", [0, 3, 8])
def test_another_old_size_is_told_the_size_it_has(watch: Watch, old: int) -> None:
    watch.grow(0, 7)
    answer = watch.grow(old, 9)
    assert (answer.status, answer.body, answer.content_type) == (409, "7\n", "text/x.tlog.size")


def test_what_is_refused_is_refused_by_the_statuses_of_the_specification(watch: Watch) -> None:
    watch.grow(0, 7)
    assert watch.grow(7, 9, origin="log.example/two").status == 404
    assert watch.grow(7, 9, signer=OTHER).status == 403
    assert watch.grow(7, 6).status == 400
    assert watch.grow(7, 9, FORKED).status == 422
    assert watch.grow(7, 7, FORKED).status == 409
    assert watch.send(b"nonsense").status == 400
    parts = parse_submission(submission(7, 9))
    longer = write_submission(Submission(7, (*parts.proof, bytes(32)), parts.checkpoint))
    assert watch.send(longer).status == 422
    assert (
        watch.send(
            submission(0, 7).replace(b"old 0\n", b"old 0\n" + base64.b64encode(bytes(32)) + b"\n")
        ).status
        == 409
    )
    assert watch.memory.last(ORIGIN) == (7, merkle.root_of(LEAVES[:7]))


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.booleans()), max_size=12))
@settings(max_examples=30)
def test_no_order_of_requests_makes_it_sign_a_smaller_or_another_tree(
    tmp_path_factory: pytest.TempPathFactory, requests: list[tuple[int, int, bool]]
) -> None:
    watch = Watch(tmp_path_factory.mktemp("witness"))
    signed = [Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT)]
    for old, new, honest in requests:
        leaves = LEAVES if honest else FORKED
        if watch.grow(old, new, leaves).status == 200:
            signed.append(Checkpoint(ORIGIN, new, merkle.root_of(leaves[:new])))
    sizes = [checkpoint.size for checkpoint in signed]
    assert sizes == sorted(sizes)
    grown = [checkpoint for checkpoint in signed if checkpoint.size]
    one_history = [
        all(c.root == merkle.root_of(leaves[: c.size]) for c in grown) for leaves in (LEAVES, FORKED)
    ]
    assert any(one_history)


def test_it_remembers_over_a_restart(watch: Watch, tmp_path: Path) -> None:
    watch.grow(0, 7)
    again = Watch(tmp_path)
    assert again.cosigner.key == watch.cosigner.key
    assert again.grow(0, 9).body == "7\n"
    assert again.grow(7, 9).status == 200


def test_two_at_once_for_one_size_leave_the_larger_or_refuse(watch: Watch) -> None:
    watch.grow(0, 5)
    bodies = [submission(5, size) for size in range(6, 40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(watch.send, bodies))
    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.status for answer in answers} == {200, 409}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"log.example/one": 3}', None])
def test_a_witness_that_lost_its_memory_signs_nothing(
    watch: Watch, tmp_path: Path, damage: bytes | None
) -> None:
    watch.grow(0, 7)
    path = tmp_path / "state.json"
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    with pytest.raises(RegistryError):
        watch.grow(7, 9)


def test_it_signs_nothing_that_it_could_not_write_down(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folder, "_write", full)
    with pytest.raises(OSError, match="No space"):
        watch.grow(0, 7)
    monkeypatch.undo()
    assert watch.memory.last(ORIGIN)[0] == 0


# --- its key file --------------------------------------------------------------------------------


def test_the_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "witness.key"
    made = make_key_file(path, "witness.example/w1")
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key_file(path).key == made.key
    for n in range(40):  # In some the base64 has a plus, which separates names from hashes too.
        made = make_key_file(tmp_path / str(n), "witness.example/w1")
        assert read_key_file(tmp_path / str(n)).key == made.key
    assert path.read_text().startswith("PRIVATE+KEY+witness.example/w1+")
    path.chmod(0o640)
    with pytest.raises(ConfigurationError):
        read_key_file(path)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "\u200b"])
def test_a_name_that_no_note_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError):
        make_key_file(tmp_path / "key", name)


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "witness.key"
    make_key_file(path, "witness.example/w1")
    content = path.read_text()
    for damaged in ("", "x", content.replace("w1", "w2"), content[:-6], content.replace("PRIVATE", "PUBLIC")):
        path.write_text(damaged)
        with pytest.raises(ConfigurationError):
            read_key_file(path)


# --- over HTTP, asked by the log -----------------------------------------------------------------


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
        began = time.monotonic()
        asking.look(size, START)
        assert time.monotonic() - began < 0.2
        assert asking._running is not None
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


def test_a_wsgi_server_that_sends_no_length_is_read_to_the_end(tmp_path: Path) -> None:
    make_key_file(tmp_path / "k", "witness.example/w1")
    app = witness_app(str(tmp_path / "s"), str(tmp_path / "k"), [verifier_key(ORIGIN, LOG.public)])
    said: list[str] = []
    environ = {"PATH_INFO": "/add-checkpoint", "REQUEST_METHOD": "POST"}
    app({**environ, "wsgi.input": io.BytesIO(submission(0, 3))}, lambda status, _: said.append(status))
    app({**environ, "wsgi.input": io.BytesIO(b"x" * (1 << 20))}, lambda status, _: said.append(status))
    app({**environ, "REQUEST_METHOD": "GET"}, lambda status, _: said.append(status))
    app({"PATH_INFO": "/"}, lambda status, _: said.append(status))
    assert [status[:3] for status in said] == ["200", "400", "405", "404"]


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
