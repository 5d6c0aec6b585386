"""Whatever has happened to a file on its way, it is read or refused; nothing unhandled."""

import os
import random
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.registry.intake.spoiled import PIECES, look, many_spoiled, spoiled, workbook

ROOT = Path(__file__).parents[3]
SAMPLE, LONG = 300, 200_000
SAMPLE_WORKBOOKS, LONG_WORKBOOKS = 8, 2_000
SAMPLE_RUNS, LONG_RUNS = 300, 20_000


def test_a_spoiled_file_is_read_or_refused(tmp_path: Path, request: pytest.FixtureRequest):
    count = LONG if request.config.getoption("--long") else SAMPLE
    found = Counter[str]()
    for at, content in enumerate(many_spoiled(count, seed=5)):
        path = tmp_path / "file"
        path.write_bytes(content)
        try:
            found[look(path)] += 1
        except Exception:
            (tmp_path / f"escaped-{at}").write_bytes(content)
            raise
    assert found.total() == count
    # Both happen, so the files are neither all nonsense nor all whole.
    assert found["no-header"]
    assert not found["no words"]
    assert any(key.isdecimal() and int(key) for key in found)


def test_a_spoiled_workbook_is_read_or_refused(tmp_path: Path, request: pytest.FixtureRequest):
    rng, whole = random.Random(5), workbook()
    for _ in range(LONG_WORKBOOKS if request.config.getoption("--long") else SAMPLE_WORKBOOKS):
        path = tmp_path / "file"
        path.write_bytes(spoiled(whole, rng, [whole]))
        look(path)


@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5).map(str.encode), st.binary(max_size=5)))
)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(b"".join(pieces))
    look(path)


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not here")
def test_atheris_finds_no_file_that_escapes(tmp_path: Path, request: pytest.FixtureRequest):
    runs = LONG_RUNS if request.config.getoption("--long") else SAMPLE_RUNS
    program = ROOT / "tests" / "registry" / "intake" / "fuzz_readers.py"
    done = subprocess.run(
        [sys.executable, program, tmp_path, f"-runs={runs}", "-max_len=8192", "-seed=5", "-timeout=60"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
