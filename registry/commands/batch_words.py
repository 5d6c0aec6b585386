"""What the commands about batches print: counts, rows that go nowhere, how far a batch is."""

import json
from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy.orm import Session

from keys.acts import ActKind
from registry.intake.batches import KIND_WORDS, PROBLEMS, Kind
from registry.intake.browsing import batch_of, rows_of
from registry.intake.faults import RowFault
from registry.models import Batch

_SHOWN_FAULTS = 50
_MOST_TOLD = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """What a command found out about a file: counts, rows that go nowhere, and what became of it."""

    counts: dict[str, Any]
    problems: list[tuple[int | None, Kind, tuple[RowFault, ...]]]
    told: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        rows = [
            {"row": row, "kind": str(kind), "remarks": [remark.as_json() for remark in remarks]}
            for row, kind, remarks in self.problems
        ]
        return {**self.counts, **self.told, "problems": rows}


def stored(session: Session, number: int) -> Seen:
    """What is stored of a batch; of each kind of problem the first 1,000 rows."""
    batch = batch_of(session, number, None)
    problems = [
        (row.row, Kind(row.kind), tuple(map(RowFault.of_json, row.remarks or ())))
        for kind in PROBLEMS
        for row in rows_of(session, number, kind, size=_MOST_TOLD)
    ]
    return Seen(batch.counts, problems, words_of(batch))


def words_of(batch: Batch) -> dict[str, Any]:
    """A batch for programs."""
    return {
        "batch": batch.id,
        "state": batch.state,
        "file": batch.file_name,
        "source": batch.source,
        "undo_of": batch.undo_of,
        "entered": batch.entered,
        "to_enter": batch.total,
        "proposed_at": batch.proposed_at.isoformat(),
    }


def print_seen(seen: Seen, *, as_json: bool) -> None:
    """Print it, as lines or as one JSON object."""
    if as_json:
        click.echo(json.dumps(seen.as_json(), ensure_ascii=False))
        return
    for row, kind, remarks in seen.problems[:_SHOWN_FAULTS]:
        for r in remarks:
            fault = r.fault
            click.echo(f"แถว {row} · {r.column} · `{fault.value}` · {fault.what.th} · {fault.remedy.th}")
            click.echo(f"    row {row} ({kind}) · {r.label.en} · {fault.what.en} · {fault.remedy.en}")
    if len(seen.problems) > _SHOWN_FAULTS:
        click.echo(f"… {len(seen.problems) - _SHOWN_FAULTS} more: --json prints them all")
    if seen.told.get("unmapped_columns"):
        click.echo(f"Columns that feed nothing: {', '.join(seen.told['unmapped_columns'])}")
    kinds = ", ".join(f"{seen.counts['kinds'][kind]:,} {KIND_WORDS[kind].en}" for kind in Kind)
    click.echo(f"{seen.counts['rows']:,} rows: {kinds}")
    for name, count in seen.counts["acts"].items():
        click.echo(f"    {count:,} {ActKind[name].name.lower().replace('_', ' ')}")
    if "batch" in seen.told:
        told = seen.told
        click.echo(
            f"Batch {told['batch']} ({told['state']}): {told['entered']:,} of {told['to_enter']:,} entered"
        )


def row_words(row: Any) -> dict[str, Any]:
    """One row of a batch for programs."""
    return {
        "row": row.row,
        "kind": row.kind,
        "number": row.number,
        "code": row.code,
        "acts": [ActKind(act).name for act in row.acts or ()],
        "changes": row.changes or [],
        "remarks": row.remarks or [],
        "log_index": row.log_index,
    }
