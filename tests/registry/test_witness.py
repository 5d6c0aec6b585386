"""A witness cosigns only trees that extend the last one, remembers before it signs, and the log merges its lines."""

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import merkle
from keys.checkpoint import Checkpoint, note_text, parse_lines, sign_checkpoint, verifier_key
from keys.cosignature import (
    verify_cosignature,
)
from keys.signing import SeedSigner
from keys.submission import Submission, parse_submission, write_submission
from registry.errors import ConfigurationError, RegistryError
from registry.files import Folder
from registry.witness import (
    Answer,
    Memory,
    add_checkpoint,
    logs_of,
    make_key_file,
    read_key_file,
    witness_app,
)
from tests.registry.founded import START

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
