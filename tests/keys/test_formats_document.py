"""`docs/formats.md` is true: its examples run, and its bytes are those of the golden vectors."""

import base64
import doctest
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keys.acts import ActKind, Status
from keys.statuslist import ListName
from tests.keys import make_vectors, refused_vectors

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
TEXT = DOCUMENT.read_text()
_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = _FENCE.findall(TEXT)


def vector(path: str) -> Any:
    """The part of the golden vectors at `file/key/key…`."""
    name, *keys = path.split("/")
    value = json.loads((make_vectors.FOLDER / f"{name}.json").read_bytes())
    if path == "status_list/header":
        header = value["signed"].split(".")[0]
        return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    for key in keys:
        value = value[int(key) if isinstance(value, list) else key]
    return value


def test_every_python_block_runs_and_gives_what_it_says() -> None:
    source = "\n".join(body for language, _, body in BLOCKS if language == "python")
    test = doctest.DocTestParser().get_doctest(source, {}, DOCUMENT.name, str(DOCUMENT), 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test, out=report.append)
    assert runner.summarize(verbose=False).attempted == len(test.examples) > 50
    assert "".join(report) == ""


quoted = [(language, path, body) for language, path, body in BLOCKS if path]


@pytest.mark.parametrize(("language", "path", "body"), quoted, ids=[path for _, path, _ in quoted])
def test_quoted_vectors_are_the_golden_ones(language: str, path: str, body: str) -> None:
    read: dict[str, Callable[[str], Any]] = {
        "json": json.loads,
        "hex": lambda text: "".join(text.split()),
        "text": lambda text: text.rstrip("\n"),
    }
    expected = vector(path)
    assert read[language](body) == (expected.rstrip("\n") if language == "text" else expected)


def test_every_block_is_run_compared_or_a_grammar() -> None:
    assert {language for language, path, _ in BLOCKS if not path} == {"python", "cddl"}


def test_every_link_inside_the_document_leads_to_a_heading() -> None:
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]*)\)", TEXT)) <= anchors


def test_every_act_and_status_and_door_is_in_the_document() -> None:
    assert not [act for act in ActKind if not re.search(rf"\| {act.value} \| ", TEXT)]
    assert not [status for status in Status if not re.search(rf"^\| {status.value} \| ", TEXT, re.MULTILINE)]
    signed = {door for door in refused_vectors.BYTE_DOORS if "signed" in door or "ring" in door}
    assert not [door for door in signed - {"ring"} if f"`{door}`" not in TEXT]
    assert ListName(1, 2026, 0).path() in TEXT
