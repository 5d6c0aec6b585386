"""How fast a file becomes public licenses, against a bare loop over the same rows, and beside sqlite-utils.

    python -m bench.import              50,000 and 100,000 rows
    python -m bench.import --rows N …   these sizes instead
    python -m bench.import --pairs N    import and bare loop in turn so many times (3)

Each part runs in a process of its own, in turn.  *Import* is from the CSV to the signed snapshot: compared, proposed,
released, entered, published, so that every code and QR answers.  *Bare* takes the very bytes of that import:
the CSV read once, a signature over each statement and card, SHA-256 over both and over the tree, the rows
inserted into tables of the same shape with the same indexes, those of the batch and their marks among them, and
synced as often, every published file written, synced and renamed.  What it does not do, and any import must: look
at the values of a row, ask who has a number, and write statement, card and entry as bytes, which it takes
ready-made.  *Feed* brings both search indexes up to the log; *bare feed* analyzes the same texts and inserts the
same rows.  `sqlite-utils` inserts the file's columns and full-text search over five of them: it signs nothing and
cuts no Thai words.

Seconds are of the clock and, in brackets, of the processor, which a busy machine blurs less.  A machine that others
share may be twice as fast a minute later, so the ratio that counts is the median of several pairs.  *One act* is
an officer's single issue while an import runs in another process.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.import_parts import found, write_file


def run(part: str, folder: Path, file: Path) -> dict[str, Any]:
    """Run one part and give what it told."""
    done = subprocess.run(_command(part, folder, file), check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _command(part: str, folder: Path, file: Path) -> list[str]:
    return [sys.executable, "-m", "bench.import_parts", part, str(folder), str(file)]


def run_peer(folder: Path, file: Path) -> float:
    """Seconds of sqlite-utils for the same file with full-text search."""
    database, program = folder / "peer.sqlite", str(Path(sys.executable).with_name("sqlite-utils"))
    began = time.perf_counter()
    insert = ["insert", str(database), "rows", str(file), "--csv", "--encoding", "cp874", "--pk", "number"]
    subprocess.run([program, *insert], check=True, capture_output=True)
    columns = ("number", "holder", "premises", "address", "field.activity")
    subprocess.run([program, "enable-fts", str(database), "rows", *columns], check=True, capture_output=True)
    return time.perf_counter() - began


def measure(rows: int, pairs: int) -> None:
    """Print the figures of one size."""
    ratios = list[float]()
    while len(ratios) < pairs:
        with tempfile.TemporaryDirectory(prefix="bench-import-") as made:
            file, register = Path(made) / "rows.csv", Path(made) / "register"
            write_file(file, rows)
            found(register)
            ours, bare = _told("import", register, file, rows), _told("bare", register, file, rows)
            assert ours["entered"] == bare["entered"] == rows
            ratios.append(_ratio(rows, "import", bare, ours))
            if len(ratios) == pairs:
                _measure_feed(register, file, rows, ours["seconds"])
    print(f"{rows:9,} import at {statistics.median(ratios):.2f} of the bare rate, the median of {pairs}")


def _measure_feed(register: Path, file: Path, rows: int, imported: float) -> None:
    feed, bare = _told("feed", register, file, rows), _told("bare-feed", register, file, rows)
    _ratio(rows, "feed", bare, feed)
    peer, whole = run_peer(register, file), imported + feed["seconds"]
    print(f"{rows:9,} import and feed {whole:.1f} s beside sqlite-utils {peer:.1f} s")


def _told(part: str, register: Path, file: Path, rows: int) -> dict[str, Any]:
    """Run one part, print what it told and give it."""
    told = run(part, register, file)
    laps = ", ".join(f"{lap} {seconds:.1f}" for lap, seconds in told["laps"].items())
    print(
        f"{rows:9,} {part:10}{told['seconds']:8.1f} s ({told['cpu']:.1f}) {rows / told['seconds']:9,.0f} rows/s "
        f"{told['peak']:6.0f} MB (+{told['peak'] - told['before']:.0f})  {laps}",
        flush=True,
    )
    return told


def _ratio(rows: int, name: str, bare: dict[str, Any], ours: dict[str, Any]) -> float:
    """Print at which part of the bare rate one went, and give it."""
    ratio: float = bare["seconds"] / ours["seconds"]
    print(f"{rows:9,} {name} at {ratio:.2f} of the bare rate ({bare['cpu'] / ours['cpu']:.2f})")
    return ratio


def measure_acts(rows: int) -> None:
    """Print how long single issues take while an import of `rows` runs."""
    with tempfile.TemporaryDirectory(prefix="bench-import-") as made:
        file, register = Path(made) / "rows.csv", Path(made) / "register"
        write_file(file, rows)
        found(register)
        with subprocess.Popen(_command("acts", register, file), stdout=subprocess.PIPE) as acting:
            run("import", register, file)
            (register / "stop").touch()
            waits = sorted(json.loads(acting.communicate()[0])["waits"])
    p50, p99 = (1000 * waits[int(len(waits) * share)] for share in (0.5, 0.99))
    print(f"{rows:9,} one act during it: {len(waits)} issued, p50 {p50:.0f} ms, p99 {p99:.0f} ms")


def main() -> None:
    """Print the figures, or run one part."""
    parser = argparse.ArgumentParser(description="Import a file, against a bare loop.")
    parser.add_argument("--rows", type=int, nargs="*", default=[50_000, 100_000])
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    for rows in given.rows:
        measure(rows, given.pairs)
    measure_acts(given.rows[0])


if __name__ == "__main__":
    main()
