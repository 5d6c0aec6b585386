"""The commands about batches: what they print, what they leave to a second person, and their exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.services import Services, now
from tests.registry.batches.filing import count, officer, rows, write_csv
from tests.registry.founded import Clock, found_at
from wsgi import permits

TYPE = ("--agency", "town", "--type", "health-hazard")


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """On disk with its own keys, for commands open it by themselves; its day is today, as theirs is."""
    folder = tmp_path / "register"
    folder.mkdir()
    monkeypatch.setenv("PERMITS_DATA", str(folder))
    monkeypatch.setenv("PERMITS_HOST", "permit.example.go.th")
    return found_at(folder, f"sqlite:///{folder / 'register.sqlite'}", Clock(now()))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(permits, [str(argument) for argument in arguments])


def test_what_needs_a_second_officer_waits_and_is_released_undone_and_receipted_by_command(
    register: Services, tmp_path: Path
):
    officer(register, "one")
    officer(register, "two")
    content = rows(4)
    content[3]["place"] = "ไกล"
    path = write_csv(tmp_path / "a.csv", content)
    waiting = run("import", path, *TYPE, "--proposer", "one", "--json")
    assert waiting.exit_code == 1, waiting.output  # One row has a fault.
    told = json.loads(waiting.output.splitlines()[-1])
    assert (told["state"], told["kinds"]["new"], told["kinds"]["fault"]) == ("proposed", 3, 1)
    assert told["problems"][0]["remarks"][0]["remedy"]["th"]
    assert count(register) == 0
    assert run("batch", "release", told["batch"], "--officer", "one").exit_code == 1
    released = run("batch", "release", told["batch"], "--officer", "two")
    assert released.exit_code == 0, released.output
    assert "3 of 3 entered" in released.output
    receipt = tmp_path / "r.receipt"
    assert run("batch", "receipt", told["batch"], "--out", receipt).exit_code == 0
    published = register.config.published
    checked = run("verify", receipt, "--receipt", "--published", published)
    assert "all there" in checked.output, checked.output
    undo = run("batch", "undo", told["batch"], "--reason", "conditions", "--officer", "one")
    assert "3 voiding" in undo.output, undo.output
    lines = run("batch", "list", "--json").output.splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["proposed", "done"]
    diff = run("batch", "diff", json.loads(lines[0])["batch"])
    assert [json.loads(line)["acts"] for line in diff.output.splitlines()] == [["VOIDING"]] * 3
