"""How fast a file becomes public licenses, against a bare loop over the same rows, and beside sqlite-utils.

    python -m bench.import              50,000 and 100,000 rows
    python -m bench.import --rows N …   these sizes instead

Each part runs in a process of its own, in turn.  *Import* is from the CSV to the signed snapshot: compared, proposed,
released, entered, published, so that every code and QR answers.  *Bare* takes the very bytes of that import:
the CSV read once, a signature over each statement and card, SHA-256 over both and over the tree, the rows
inserted into tables of the same shape with the same indexes (those of the batch left out) and synced as
often, every published file written, synced and renamed.  What it does not do, and any import must: look at the
values of a row, keep them where a second person sees them, ask who has a number, and write statement, card and
entry as bytes, which it takes ready-made.  *Feed* brings both search indexes up to the log;
*bare feed* analyzes the same texts and inserts the same rows.  `sqlite-utils` inserts the file's columns
and full-text search over five of them: it signs nothing and cuts no Thai words.

Seconds are of the clock and, in brackets, of the processor, which a busy machine blurs less.  *One act* is
an officer's single issue while an import runs in another process.
"""

import argparse
import json
import shutil
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


def measure(rows: int) -> None:
    """Print the figures of one size."""
    folder = Path(tempfile.mkdtemp(prefix="bench-import-"))
    try:
        file = folder / "rows.csv"
        write_file(file, rows)
        found(folder / "register")
        told = {
            part: run(part, folder / "register", file) for part in ("import", "bare", "feed", "bare-feed")
        }
        peer = run_peer(folder, file)
    finally:
        shutil.rmtree(folder)
    ours, bare, feed, bare_feed = told.values()
    assert ours["entered"] == bare["entered"] == rows
    for name, one in told.items():
        laps = ", ".join(f"{lap} {seconds:.1f}" for lap, seconds in one["laps"].items())
        print(
            f"{rows:9,} {name:10}{one['seconds']:8.1f} s ({one['cpu']:.1f}) {rows / one['seconds']:9,.0f} rows/s "
            f"{one['peak']:6.0f} MB (+{one['peak'] - one['before']:.0f})  {laps}"
        )
    for name, fast, slow in (("import", bare, ours), ("feed", bare_feed, feed)):
        ratio, worked = fast["seconds"] / slow["seconds"], fast["cpu"] / slow["cpu"]
        print(f"{rows:9,} {name} at {ratio:.2f} of the bare rate ({worked:.2f})")
    whole = ours["seconds"] + feed["seconds"]
    print(f"{rows:9,} import and feed {whole:.1f} s beside sqlite-utils {peer:.1f} s")


def measure_acts(rows: int) -> None:
    """Print how long single issues take while an import of `rows` runs."""
    folder = Path(tempfile.mkdtemp(prefix="bench-import-"))
    try:
        file = folder / "rows.csv"
        write_file(file, rows)
        found(folder / "register")
        with subprocess.Popen(_command("acts", folder / "register", file), stdout=subprocess.PIPE) as acting:
            run("import", folder / "register", file)
            (folder / "register" / "stop").touch()
            waits = sorted(json.loads(acting.communicate()[0])["waits"])
    finally:
        shutil.rmtree(folder)
    p50, p99 = (1000 * waits[int(len(waits) * share)] for share in (0.5, 0.99))
    print(f"{rows:9,} one act during it: {len(waits)} issued, p50 {p50:.0f} ms, p99 {p99:.0f} ms")


def main() -> None:
    """Print the figures, or run one part."""
    parser = argparse.ArgumentParser(description="Import a file, against a bare loop.")
    parser.add_argument("--rows", type=int, nargs="*", default=[50_000, 100_000])
    given = parser.parse_args()
    for rows in given.rows:
        measure(rows)
    measure_acts(given.rows[0])


if __name__ == "__main__":
    main()
