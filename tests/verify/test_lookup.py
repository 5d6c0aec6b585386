"""The look-up holds what the records say and the log confirms, and can be thrown away at any time."""

import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from tests.verify.founding import CLOSED
from tests.verify.register import Register
from verify import ingest
from verify.errors import LookupAway
from verify.lookup import Lookup
from verify.published import Evidence, EvidenceWatch
from verify.sources import FolderSource


class Reader:
    """A register, its evidence and a look-up over its records."""

    def __init__(self, folder: Path) -> None:
        self.register = Register(folder / "published")
        self.path = folder / "lookup" / "lookup.sqlite"
        self.watch = EvidenceWatch(FolderSource(self.register.public))
        self.lookup = Lookup(self.path, FolderSource(self.register.records))

    def publish(self) -> Evidence:
        self.register.publish()
        return self.evidence()

    def evidence(self) -> Evidence:
        evidence = self.watch.current(self.register.now)
        assert evidence is not None
        return evidence

    def indexes(self, code: str) -> list[int]:
        return [held.index for held in self.lookup.held(code)]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def test_a_code_gives_all_its_statements_in_the_order_of_the_log(reader: Reader) -> None:
    issued = reader.register.issue()
    reader.register.issue()
    renewed = reader.register.issue(ActKind.RENEWAL, after=issued)
    order = reader.register.order(ActKind.SUSPENSION, renewed, Status.SUSPENDED)
    evidence = reader.publish()
    assert not reader.lookup.has_reached(evidence)
    reader.lookup.advance(evidence)
    assert reader.lookup.has_reached(evidence)
    assert reader.indexes(issued.code) == [issued.index, renewed.index, order]
    assert [held.signed for held in reader.lookup.held(issued.code)][:2] == [issued.signed, renewed.signed]
    assert reader.indexes("00000000000098") == []


def test_only_what_changed_is_read_again(reader: Reader) -> None:
    for _ in range(300):
        reader.register.issue()
    reader.lookup.advance(reader.publish())
    for old in reader.register.records.rglob("bundle/000/*"):
        old.unlink()
    issued = reader.register.issue()
    evidence = reader.publish()
    for old in reader.register.records.rglob("bundle/000/*"):
        old.unlink()
    reader.lookup.advance(evidence)
    assert reader.indexes(issued.code) == [300]


def test_a_snapshot_that_only_renews_the_moment_costs_nothing(reader: Reader) -> None:
    issued = reader.register.issue()
    reader.lookup.advance(reader.publish())
    reader.register.later(minutes=1)
    evidence = reader.publish()
    for file in reader.register.records.rglob("*.cbor"):
        file.unlink()
    assert evidence.snapshot.version == 2
    assert reader.lookup.has_reached(evidence)
    assert reader.indexes(issued.code) == [0]


def test_what_is_erased_or_closed_is_dropped(reader: Reader) -> None:
    erased, closed, kept = (reader.register.issue() for _ in range(3))
    reader.lookup.advance(reader.publish())
    reader.register.erase(erased.index)
    reader.register.types[closed.index] = CLOSED
    reader.lookup.advance(reader.publish())
    assert [reader.indexes(x.code) for x in (erased, closed, kept)] == [[], [], [kept.index]]
    reader.register.types[closed.index] = 1
    reader.lookup.advance(reader.publish())
    assert reader.indexes(closed.code) == [closed.index]


@pytest.mark.parametrize("other", ["statement", "card", "index"])
def test_a_statement_that_the_log_does_not_hold_is_not_taken(reader: Reader, other: str) -> None:
    first, second = reader.register.issue(), reader.register.issue()
    reader.register.pairs[0] = {
        "statement": (second.signed, first.signed_card),
        "card": (first.signed, second.signed_card),
        "index": (first.signed, None),
    }[other]
    evidence = reader.publish()
    with pytest.raises(LookupAway):
        reader.lookup.advance(evidence)
    assert not reader.lookup.has_reached(evidence)
    assert reader.indexes(second.code) == []
    assert "EvidenceMissing" in (reader.lookup.fault or "")


@pytest.mark.parametrize("part", ["manifest", "page", "bundle"])
@pytest.mark.parametrize("how", ["delete", "flip"])
def test_a_missing_or_altered_record_keeps_what_was_there(reader: Reader, part: str, how: str) -> None:
    first = reader.register.issue()
    reader.lookup.advance(reader.publish())
    reader.register.issue()
    evidence = reader.publish()
    for file in reader.register.records.joinpath(part).rglob("*.cbor"):
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1])) if how == "flip" else file.unlink()
    with pytest.raises(LookupAway):
        reader.lookup.advance(evidence)
    assert not reader.lookup.has_reached(evidence)
    assert reader.indexes(first.code) == [0]


def test_a_damaged_file_is_built_anew(reader: Reader) -> None:
    issued = reader.register.issue()
    evidence = reader.publish()
    reader.lookup.advance(evidence)
    reader.path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    fresh = Lookup(reader.path, FolderSource(reader.register.records))
    assert not fresh.has_reached(evidence)
    fresh.advance(evidence)
    assert [held.index for held in fresh.held(issued.code)] == [0]


def test_a_missing_file_is_built_anew_under_open_readers(reader: Reader) -> None:
    issued = reader.register.issue()
    evidence = reader.publish()
    reader.lookup.advance(evidence)
    assert reader.indexes(issued.code) == [0]
    for file in reader.path.parent.iterdir():
        file.unlink()
    with pytest.raises(LookupAway):
        reader.indexes(issued.code)
    reader.lookup.advance(evidence)
    assert reader.indexes(issued.code) == [0]


def test_another_format_is_built_anew(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    issued = reader.register.issue()
    evidence = reader.publish()
    reader.lookup.advance(evidence)
    monkeypatch.setattr(ingest, "FORMAT", "lookup/2")
    assert not reader.lookup.has_reached(evidence)
    reader.lookup.advance(evidence)
    assert reader.indexes(issued.code) == [0]


def test_the_look_up_of_another_register_is_built_anew(tmp_path: Path) -> None:
    first, second = Reader(tmp_path / "a"), Reader(tmp_path / "b")
    for _ in range(3):
        first.register.issue()
    first.lookup.advance(first.publish())
    second.register.ring = replace(second.register.ring, origin="another.example/log")
    issued = second.register.issue(valid_until=date(2030, 1, 1))
    evidence = second.publish()
    moved = Lookup(first.path, FolderSource(second.register.records))
    assert not moved.has_reached(evidence)
    moved.advance(evidence)
    assert [held.index for held in moved.held(issued.code)] == [0]


def test_a_request_waits_until_the_look_up_has_caught_up(reader: Reader) -> None:
    reader.register.issue()
    evidence = reader.publish()
    assert reader.lookup.catch_up(evidence, wait=10)
    assert reader.lookup.catch_up(evidence, wait=0)


def test_one_process_at_a_time_advances(reader: Reader) -> None:
    issued = reader.register.issue()
    evidence = reader.publish()
    with reader.lookup._locked() as mine:
        assert mine
        Lookup(reader.path, FolderSource(reader.register.records)).advance(evidence)
        assert not reader.path.exists()
    reader.lookup.advance(evidence)
    assert reader.indexes(issued.code) == [0]


def test_a_killed_build_is_continued(reader: Reader, tmp_path: Path) -> None:
    issued = [reader.register.issue() for _ in range(600)]
    evidence = reader.publish()
    program = f"""
        import os, signal
        from datetime import datetime
        from pathlib import Path
        from verify import ingest
        from verify.lookup import Lookup
        from verify.published import EvidenceWatch
        from verify.sources import FolderSource
        def stop(*_): os.kill(os.getpid(), signal.SIGKILL)
        ingest._require_extends.__globals__["merkle"].tree_root = stop
        evidence = EvidenceWatch(FolderSource(Path({str(reader.register.public)!r}))).current(
            datetime.fromisoformat({reader.register.now.isoformat()!r}))
        Lookup(Path({str(reader.path)!r}), FolderSource(Path({str(reader.register.records)!r}))).advance(evidence)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not reader.lookup.has_reached(evidence)
    reader.lookup.advance(evidence)
    assert reader.lookup.has_reached(evidence)
    assert reader.indexes(issued[599].code) == [599]
