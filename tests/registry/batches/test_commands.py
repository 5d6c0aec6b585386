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


def test_choices_are_the_words_that_the_api_takes(register: Services, tmp_path: Path):
    officer(register, "one")
    officer(register, "two")
    path = write_csv(tmp_path / "a.csv", rows(3))
    options = ("--missing", "ask", "--names", "transfer", "--proposer", "one", "--json")
    told = json.loads(run("import", path, *TYPE, *options).output.splitlines()[-1])
    assert len(run("batch", "diff", told["batch"], "--kind", "new").output.splitlines()) == 3
    released = run("batch", "release", told["batch"], "--officer", "two", "--missing", "leave")
    assert released.exit_code == 0, released.output


def test_a_file_is_mapped_as_the_last_one_with_its_header_and_given_back_with_what_to_correct(
    register: Services, tmp_path: Path
):
    content = rows(3)
    content[2]["place"] = "ไกล"
    renamed = [{f"คอลัมน์ {name}": value for name, value in row.items()} for row in content]
    path = write_csv(tmp_path / "a.csv", renamed)
    mapping = tmp_path / "mapping.json"
    columns = {name: f"คอลัมน์ {name}" for name in content[0]}
    mapping.write_text(json.dumps({"columns": columns}), "utf-8")
    back = tmp_path / "back.csv"
    unknown = run("import", path, *TYPE, "--dry-run")
    assert "header" in unknown.output, unknown.output
    officer(register, "one")
    first = run("import", path, *TYPE, "--mapping", mapping, "--proposer", "one", "--returned", back)
    assert first.exit_code == 1, first.output
    lines = back.read_text("utf-8-sig").splitlines()
    assert "what to correct" in lines[0]
    assert lines[1].endswith(",")
    assert "Not an area code" in lines[3]
    again = run("import", path, *TYPE, "--dry-run", "--json")
    assert json.loads(again.output.splitlines()[-1])["kinds"]["new"] == 2
