"""The monitor says rollback, fork and silence by their names, and nothing about an honest register."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from keys.acts import ActKind
from keys.checkpoint import parse_verifier_key
from keys.cosignature import WitnessKey, cosign, with_cosignatures, witness_verifier_key
from keys.keyring import Role
from keys.snapshot import Denial
from tests.verify.founding import ORIGIN, signer
from tests.verify.register import Register
from verify.monitor import BadState, Look, Seen, Wanted, look, read_state, write_state
from verify.sources import FolderSource
from verify.watching import monitor_command, vkey_command

WANTED = Wanted(timedelta(minutes=15))
WITNESS = WitnessKey("witness.example/w1", signer("witness").public)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    register = Register(tmp_path / "published")
    for n in range(3):
        register.key_act(ActKind.KEY_ACTIVATED, n.to_bytes(32, "big"))
    register.issue()
    register.publish()
    return register


def seen_at(register: Register, before: Seen | None = None, wanted: Wanted = WANTED) -> Look:
    return look(FolderSource(register.public), before, at=register.now, wanted=wanted)


def remembered(register: Register) -> Seen:
    found = seen_at(register)
    assert found.alarms == ()
    assert found.seen is not None
    return found.seen


def test_an_honest_register_gives_no_alarm_however_it_grows(register: Register) -> None:
    seen = remembered(register)
    for n in range(1, 300, 37):
        for _ in range(n):
            register.key_act(ActKind.KEY_ACTIVATED, len(register.entries).to_bytes(32, "big"))
        register.later(minutes=1)
        register.publish()
        found = seen_at(register, seen)
        assert found.alarms == ()
        assert found.seen is not None
        assert found.seen.size == len(register.entries)
        seen = found.seen


def test_a_new_ring_and_a_quiet_minute_give_no_alarm(register: Register) -> None:
    seen = remembered(register)
    register.next_ring(issued=register.ring.issued + 1)
    register.later(minutes=1)
    register.publish()
    assert seen_at(register, seen).alarms == ()


def test_a_checkpoint_before_its_snapshot_gives_no_alarm(register: Register) -> None:
    snapshot = (register.public / "snapshot").read_bytes()
    register.issue()
    register.publish()
    new = (register.public / "snapshot").read_bytes()
    (register.public / "snapshot").write_bytes(snapshot)
    seen = remembered(register)
    assert (seen.size, seen.snapshot_size) == (5, 4)
    (register.public / "snapshot").write_bytes(new)
    assert seen_at(register, seen).alarms == ()


def _whole_folder(register: Register, older: Path) -> None:
    shutil.rmtree(register.public)
    shutil.copytree(older, register.public)


def _one_file(name: str) -> Callable[[Register, Path], None]:
    def replay(register: Register, older: Path) -> None:
        shutil.copy(older / name, register.public / name)

    return replay


@pytest.mark.parametrize(
    "roll_back",
    [_whole_folder, _one_file("snapshot"), _one_file("log/checkpoint")],
    ids=["folder", "snapshot", "log"],
)
def test_an_older_state_is_a_rollback(register: Register, tmp_path: Path, roll_back: Callable) -> None:
    shutil.copytree(register.public, tmp_path / "older")
    register.issue()
    register.later(minutes=1)
    register.publish()
    seen = remembered(register)
    roll_back(register, tmp_path / "older")
    found = seen_at(register, seen)
    assert any(alarm.startswith("ROLLBACK") for alarm in found.alarms)
    assert found.seen is None


def test_a_rollback_of_a_quiet_register_is_a_rollback(register: Register, tmp_path: Path) -> None:
    shutil.copytree(register.public, tmp_path / "older")
    register.later(minutes=1)
    register.publish()
    seen = remembered(register)
    _whole_folder(register, tmp_path / "older")
    assert any(alarm.startswith("ROLLBACK") for alarm in seen_at(register, seen).alarms)


@pytest.mark.parametrize("more", [0, 1, 300])
def test_another_history_is_a_fork(register: Register, tmp_path: Path, more: int) -> None:
    seen = remembered(register)
    other = Register(tmp_path / "other", now=register.now)
    for n in range(4 + more):
        other.key_act(ActKind.KEY_RETIRED, n.to_bytes(32, "big"))
    other.publish()
    other.later(minutes=1)
    other.publish()
    found = seen_at(other, seen)
    assert any(alarm.startswith("FORK") for alarm in found.alarms)
    assert found.seen is None


def test_two_snapshots_of_one_version_are_a_fork(register: Register) -> None:
    seen = remembered(register)
    assert register.snapshot is not None
    register.snapshot = replace(register.snapshot, version=register.snapshot.version - 1)
    register.later(seconds=30)
    register.publish()
    assert seen_at(register, seen).alarms == ("FORK: there are two snapshots of version 1",)


def test_snapshot_and_checkpoint_of_two_histories_are_a_fork_at_first_sight(
    register: Register, tmp_path: Path
) -> None:
    other = Register(tmp_path / "other", now=register.now)
    for n in range(4):
        other.key_act(ActKind.KEY_RETIRED, n.to_bytes(32, "big"))
    other.publish()
    shutil.copy(other.public / "log/checkpoint", register.public / "log/checkpoint")
    assert any(alarm.startswith("FORK") for alarm in seen_at(register).alarms)


def test_another_register_is_a_fork(register: Register, tmp_path: Path) -> None:
    seen = remembered(register)
    other = Register(tmp_path / "other", ring=replace(register.ring, issued=register.ring.issued + 1))
    other.entries, other.pairs, other.types = register.entries, register.pairs, register.types
    other.lists = register.lists
    other.publish()
    assert any("another register" in alarm for alarm in seen_at(other, seen).alarms)


def test_a_missing_tile_is_not_taken_for_consistent(register: Register) -> None:
    seen = remembered(register)
    register.issue()
    register.publish()
    (register.public / "log/tile/0/000.p/5").unlink()
    found = seen_at(register, seen)
    assert any("is not shown to extend" in alarm for alarm in found.alarms)
    assert found.seen is None


@pytest.mark.parametrize(("minutes", "alarm"), [(15, False), (16, True)])
def test_an_old_snapshot_is_silence(register: Register, minutes: int, *, alarm: bool) -> None:
    seen = remembered(register)
    register.later(minutes=minutes)
    found = seen_at(register, seen)
    assert [a.partition(":")[0] for a in found.alarms] == ["SILENCE"] * alarm
    assert found.seen == seen  # Nothing was contradicted.


def test_nothing_to_read_is_silence(register: Register) -> None:
    seen = remembered(register)
    shutil.rmtree(register.public)
    found = seen_at(register, seen)
    assert found.alarms[0].startswith("SILENCE")
    assert found.seen is None


def test_a_snapshot_of_the_future_is_told(register: Register) -> None:
    register.now -= timedelta(minutes=6)
    assert [alarm.partition(":")[0] for alarm in seen_at(register).alarms] == ["CLOCK"]


def test_too_few_witnesses_are_told(register: Register) -> None:
    wanted = replace(WANTED, witnesses=[WITNESS], quorum=1)
    assert seen_at(register, None, wanted).alarms[0].startswith("UNWITNESSED")
    path = register.public / "log/checkpoint"
    text = path.read_text().partition("\n\n")[0] + "\n"
    line = cosign(text, WITNESS.name, signer("witness"), moment=7)
    path.write_bytes(with_cosignatures(path.read_bytes(), [line]))
    assert seen_at(register, None, wanted).alarms == ()


def test_a_checkpoint_under_a_denied_key_is_neither_believed_nor_remembered(register: Register) -> None:
    thief = signer("log 2026")
    register.denied = (Denial(thief.public.thumbprint, len(register.entries)),)
    register.publish()
    found = seen_at(register)
    assert found.alarms[0].startswith("SILENCE: the checkpoint cannot be read")
    assert found.seen is None


# --- the state file and the commands -------------------------------------------------------------


def test_the_state_is_read_as_it_was_written(register: Register, tmp_path: Path) -> None:
    seen = remembered(register)
    assert read_state(tmp_path / "none") is None
    write_state(tmp_path / "deep/state", seen)
    assert read_state(tmp_path / "deep/state") == seen


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '{"size": 1}', "[" * 99_999])
def test_a_damaged_state_is_no_first_look(tmp_path: Path, content: str) -> None:
    (tmp_path / "state").write_text(content)
    with pytest.raises(BadState):
        read_state(tmp_path / "state")


def test_a_state_with_a_value_of_another_kind_is_damaged(register: Register, tmp_path: Path) -> None:
    write_state(tmp_path / "state", remembered(register))
    content = (tmp_path / "state").read_text().replace('"size": 4', '"size": "4"')
    (tmp_path / "state").write_text(content)
    with pytest.raises(BadState):
        read_state(tmp_path / "state")


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, register: Register) -> CliRunner:
    class Now(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return register.now

    monkeypatch.setattr("verify.watching.datetime", Now)
    return CliRunner()


def test_the_command_exits_with_1_and_clear_words_on_a_rollback(
    register: Register, tmp_path: Path, runner: CliRunner
) -> None:
    arguments = [str(register.public), "--state", str(tmp_path / "state")]
    shutil.copytree(register.public, tmp_path / "older")
    register.issue()
    register.publish()
    first = runner.invoke(monitor_command, arguments)
    assert (first.exit_code, "All is well: 5 entries" in first.output) == (0, True)
    _whole_folder(register, tmp_path / "older")
    for _ in range(2):  # What was seen is not forgotten by seeing something else.
        second = runner.invoke(monitor_command, arguments)
        assert second.exit_code == 1
        assert "ROLLBACK: the checkpoint's size went back from 5 to 4" in second.output


def test_the_command_does_not_start_over_from_a_damaged_state(
    register: Register, tmp_path: Path, runner: CliRunner
) -> None:
    (tmp_path / "state").write_text("{}")
    found = runner.invoke(monitor_command, [str(register.public), "--state", str(tmp_path / "state")])
    assert found.exit_code == 1
    assert (tmp_path / "state").read_text() == "{}"


def test_a_quorum_of_more_than_are_named_is_refused(
    register: Register, tmp_path: Path, runner: CliRunner
) -> None:
    arguments = [str(register.public), "--state", str(tmp_path / "state"), "--quorum", "2"]
    vkey = witness_verifier_key(WITNESS)
    assert runner.invoke(monitor_command, [*arguments, "--witness", vkey]).exit_code == 2
    assert runner.invoke(monitor_command, [*arguments, "--witness", "x"]).exit_code == 2


def test_the_verifier_key_is_printed(register: Register, runner: CliRunner) -> None:
    printed = runner.invoke(vkey_command, [str(register.public)]).stdout.split()
    assert [parse_verifier_key(line) for line in printed] == [(ORIGIN, signer("log 2026").public)]
    every = runner.invoke(vkey_command, [str(register.public), "--all"]).stdout.split()
    assert len(every) == len(register.ring.with_role(Role.LOG))
    assert set(printed) < set(every)
    assert runner.invoke(vkey_command, [str(register.folder)]).exit_code == 1
