"""Evidence is taken as a whole, only forwards, and kept when what follows is not whole."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from keys import layout, merkle, tiles
from keys.acts import ActKind, Status
from keys.keyring import KeyState, Role, sign_ring
from keys.opening import sign_snapshot
from keys.snapshot import Denial
from tests.dripping import BEGINNINGS, dripping
from tests.verify.founding import NOON, ROOTS, signer
from tests.verify.register import Register, with_key
from verify.errors import BadSetting, EvidenceMissing, Missing, SourceAway
from verify.logreader import LogReader
from verify.published import Evidence, EvidenceWatch
from verify.sources import FolderSource, WebSource, source_at

STATUS_KEY = signer("status 2026")


@pytest.fixture
def register(tmp_path: Path) -> Register:
    register = Register(tmp_path / "published")
    register.issue()
    register.publish()
    return register


def watch(register: Register) -> EvidenceWatch:
    return EvidenceWatch(FolderSource(register.public), sign_ring(register.ring, ROOTS))


def seen(watching: EvidenceWatch, at: datetime) -> Evidence:
    evidence = watching.current(at)
    assert evidence is not None
    return evidence


def test_a_new_snapshot_is_seen_at_the_next_question(register: Register) -> None:
    watching = watch(register)
    assert seen(watching, NOON).snapshot == register.snapshot
    register.issue()
    register.publish()
    assert seen(watching, NOON).snapshot == register.snapshot
    assert watching.fault is None


def test_unchanged_lists_are_not_read_again(register: Register) -> None:
    watching = watch(register)
    before = seen(watching, NOON)
    shutil.rmtree(register.public / "status" / "1")
    register.later(minutes=1)
    register.publish()
    after = seen(watching, register.now)
    assert after.snapshot.version == 2
    assert [*after.lists.values()] == [*before.lists.values()]


def test_without_any_evidence_there_is_none_and_a_reason(tmp_path: Path) -> None:
    watching = EvidenceWatch(FolderSource(tmp_path))
    assert watching.current(NOON) is None
    assert "Missing" in (watching.fault or "")


def test_evidence_appears_when_the_folder_does(tmp_path: Path) -> None:
    watching = EvidenceWatch(FolderSource(tmp_path / "public"))
    assert watching.current(NOON) is None
    register = Register(tmp_path)
    register.issue()
    register.publish()
    assert watching.current(NOON + timedelta(seconds=1)) is not None


def _sign_again(register: Register, **changes: object) -> None:
    """Sign a snapshot that says something else, with the right key."""
    assert register.snapshot is not None
    snapshot = replace(register.snapshot, version=register.snapshot.version + 1)
    signed = sign_snapshot(replace(snapshot, **changes), STATUS_KEY)  # type: ignore[arg-type]
    register._write(layout.SNAPSHOT, signed)


def _spoil(path: str) -> Callable[[Register], None]:
    def spoil(register: Register) -> None:
        register.later(minutes=1)
        register.issue()
        register.catalog = replace(register.catalog, version=2)
        register.next_ring(issued=register.ring.issued + 1)
        register.publish()
        [file] = register.public.glob(path)
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        _spoil("snapshot"),
        _spoil("keyring/2.cbor"),
        _spoil("catalog/2.json"),
        _spoil("status/1/2026/1/2.jwt"),
        lambda register: _sign_again(register, moment=register.snapshot.moment - 1),
        lambda register: _sign_again(register, version=0),
        lambda register: _sign_again(register, log_size=0, log_root=merkle.EMPTY_ROOT),
        lambda register: _sign_again(register, log_root=b"r" * 32),
        lambda register: _sign_again(register, lists=b"l" * 32),
        lambda register: _sign_again(register, keyring=replace(register.snapshot.keyring, version=2)),
        lambda register: _sign_again(register, catalog=replace(register.snapshot.catalog, digest=b"c" * 32)),
        lambda register: _sign_again(
            register, version=register.snapshot.version, denied=(Denial(b"k" * 32, 0),)
        ),
        lambda register: _sign_again(register, denied=(Denial(STATUS_KEY.public.thumbprint, 9),)),
        lambda register: register._write(
            layout.SNAPSHOT, sign_snapshot(replace(register.snapshot, version=2), signer("log 2026"))
        ),
        lambda register: register._write(
            layout.SNAPSHOT, sign_snapshot(replace(register.snapshot, version=2), signer("status 2025"))
        ),
        lambda register: register._write(
            layout.SNAPSHOT, sign_snapshot(replace(register.snapshot, version=2), signer("somebody"))
        ),
        lambda register: register._write(layout.SNAPSHOT, b""),
        lambda register: (register.public / "snapshot").unlink(),
    ],
)
def test_a_snapshot_with_a_wrong_or_missing_part_is_refused_and_the_evidence_before_stays(
    register: Register, spoil: Callable[[Register], None]
) -> None:
    watching = watch(register)
    before = seen(watching, NOON)
    spoil(register)
    assert watching.current(NOON) is before
    assert watching.fault
    fresh = EvidenceWatch(FolderSource(register.public), sign_ring(Register(Path()).ring, ROOTS))
    at_start = fresh.current(NOON)
    assert at_start is None or at_start.snapshot.version <= 2


def test_an_older_snapshot_played_again_is_refused(register: Register) -> None:
    old = (register.public / layout.SNAPSHOT).read_bytes()
    watching = watch(register)
    register.later(minutes=1)
    register.issue()
    register.publish()
    newer = seen(watching, register.now)
    register._write(layout.SNAPSHOT, old)
    assert watching.current(register.now) is newer
    assert "went back" in (watching.fault or "")


def test_a_fork_of_the_log_is_refused(tmp_path: Path) -> None:
    honest, forked = Register(tmp_path / "a"), Register(tmp_path / "b")
    for register in (honest, forked):
        for _ in range(3):
            register.issue()
    honest.publish()
    watching = EvidenceWatch(FolderSource(tmp_path / "a" / "public"))
    before = seen(watching, NOON)
    forked.entries[1] = forked.entries[0]
    forked.issue()
    forked.publish()
    forked.later(seconds=1)
    forked.publish()
    shutil.copytree(forked.public, honest.public, dirs_exist_ok=True)
    assert watching.current(NOON) is before
    assert "BadProof" in (watching.fault or "")


def test_a_fault_is_looked_at_again_once_a_second(register: Register) -> None:
    watching = watch(register)
    seen(watching, NOON)
    register.issue()
    register.publish()
    [path] = register.public.glob("status/1/2026/1/2.jwt")
    content = path.read_bytes()
    path.unlink()
    assert seen(watching, NOON).snapshot.version == 1
    path.write_bytes(content)
    assert seen(watching, NOON + timedelta(milliseconds=500)).snapshot.version == 1
    assert seen(watching, NOON + timedelta(seconds=1)).snapshot.version == 2


def test_the_ring_follows_its_chain_and_never_skips(register: Register) -> None:
    watching = watch(register)
    for _ in range(3):
        register.later(minutes=1)
        register.next_ring(expires=register.ring.expires + 1)
    register.publish()
    assert seen(watching, register.now).ring == register.ring
    (register.public / layout.keyring_path(2)).unlink()
    assert (
        watch(register).current(register.now) is None
        or EvidenceWatch(FolderSource(register.public), sign_ring(Register(Path()).ring, ROOTS)).current(
            register.now
        )
        is None
    )


def test_a_snapshot_of_a_withdrawn_status_key_is_refused(register: Register) -> None:
    watching = watch(register)
    before = seen(watching, NOON)
    thumbprint = STATUS_KEY.public.thumbprint
    register.next_ring(keys=with_key(register.ring, thumbprint, state=KeyState.COMPROMISED, good_size=1))
    register.publish()
    assert watching.current(NOON) is before
    assert "denied" in (watching.fault or "")


def test_a_ring_without_enough_roots_is_refused(register: Register) -> None:
    watching = watch(register)
    before = seen(watching, NOON)
    register.ring = replace(register.ring, version=2)
    register.publish()
    register._write(layout.keyring_path(2), sign_ring(register.ring, ROOTS[:1]))
    assert watching.current(NOON) is before
    assert "RingRefused" in (watching.fault or "")


# --- the log reader -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 769, 1025, 1300])
def test_every_entry_is_proven_whatever_the_size_of_the_log(tmp_path: Path, size: int) -> None:
    register = Register(tmp_path)
    for n in range(size):
        register.key_act(ActKind.KEY_ACTIVATED, n.to_bytes(32, "big"))
    snapshot = register.publish()
    log = LogReader(FolderSource(register.public), snapshot.log_size, snapshot.log_root)
    for n in (0, size // 2, size - 1):
        assert log.entry(n).thumbprint == n.to_bytes(32, "big")
    for n in (-1, size):
        with pytest.raises(EvidenceMissing):
            log.entry(n)
    wrong = LogReader(FolderSource(register.public), snapshot.log_size, b"x" * 32)
    with pytest.raises(EvidenceMissing):
        wrong.entry(0)


def test_a_partial_tile_that_is_gone_is_read_from_the_full_one(tmp_path: Path) -> None:
    register = Register(tmp_path)
    for n in range(300):
        register.key_act(ActKind.KEY_ACTIVATED, n.to_bytes(32, "big"))
    snapshot = register.publish()
    for n in range(300, 512):
        register.key_act(ActKind.KEY_ACTIVATED, n.to_bytes(32, "big"))
    register.publish()
    for path in (tiles.tile_path(0, 1, 44), tiles.entries_path(1, 44)):
        (register.public / "log" / path).unlink()
    log = LogReader(FolderSource(register.public), snapshot.log_size, snapshot.log_root)
    assert log.entry(299).thumbprint == (299).to_bytes(32, "big")
    assert log.entry(0).thumbprint == bytes(32)


# --- sources ------------------------------------------------------------------------------------


def test_a_file_longer_than_allowed_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 11)
    with pytest.raises(SourceAway):
        FolderSource(tmp_path).read("long", limit=10)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("pipe", "folder", "device", "loop"):
        with pytest.raises(SourceAway):
            FolderSource(tmp_path).read(name, limit=10)


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS.keys())
def test_an_answer_that_never_ends_is_given_up(beginning: bytes) -> None:
    with dripping(beginning) as address, pytest.raises(SourceAway, match=r"timed out|takes too long"):
        WebSource(address, whole_seconds=0.2).read("snapshot", limit=99_999)


@pytest.mark.parametrize(
    "address",
    [
        "http://permit.example.go.th",
        "https://[::1",
        "https://a:99999",
        "ftp://localhost",
        "https://",
        "https://a@b",
        "https://a/?q",
        "file:///etc",
    ],
)
def test_an_address_that_is_not_https_is_refused(address: str) -> None:
    with pytest.raises(BadSetting):
        source_at(address)


def test_published_files_are_read_over_http_and_asked_for_again_by_etag(register: Register) -> None:
    asked = []

    class Served(SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(register.public))  # type: ignore[arg-type]

        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("If-None-Match")))
            if self.headers.get("If-None-Match") == '"same"':
                self.send_response(304)
                self.end_headers()
            else:
                super().do_GET()

        def end_headers(self) -> None:
            self.send_header("ETag", '"same"')
            super().end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        source = WebSource(f"http://127.0.0.1:{server.server_port}")
        watching = EvidenceWatch(source)
        first = seen(watching, NOON)
        assert first.log.entry(0).status is Status.VALID
        asked.clear()
        assert watching.current(NOON + timedelta(milliseconds=900)) is first
        assert asked == []
        assert watching.current(NOON + timedelta(seconds=2)) is first
        assert asked == [("/snapshot", '"same"')]
        with pytest.raises(Missing):
            source.read("nothing", limit=10)
        server.shutdown()
    assert watching.current(NOON + timedelta(minutes=1)) is first
    assert "SourceAway" in (watching.fault or "")


def test_jwks_is_what_the_ring_says(register: Register) -> None:
    jwks = json.loads((register.public / layout.JWKS).read_bytes())
    assert len(jwks["keys"]) == len(register.ring.keys)
    assert {key.role for key in register.ring.keys} == set(Role)
