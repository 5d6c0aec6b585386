"""A batch and its rows as JSON, for systems and for files that people take away."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from keys.acts import ActKind
from keys.catalog import LicenseType, Text
from keys.keyring import KeyRing
from registry.intake.batches import Kind, State
from registry.intake.browsing import changes_of
from registry.intake.columns import items_of
from registry.intake.releasing import needs_second_person
from registry.models import Batch, BatchRow, Upload


def batch_json(batch: Batch, upload: Upload | None, kind: LicenseType) -> dict[str, Any]:
    """A batch as it stands: its file, its counts, how far it is, and who has to act."""
    counted = batch.counts or {}
    words: dict[str, Any] = {
        "id": batch.id,
        "state": batch.state,
        "license_type": kind.slug,
        "source": batch.source,
        "file": {"name": batch.file_name, "sha256": batch.file_hash.hex()},
        "options": {name: batch.options[name] for name in ("release", "missing", "name_alone")},
        "counts": counted.get("kinds", {}),
        "warnings": counted.get("warned", 0),
        "acts": counted.get("acts", {}),
        "progress": progress_json(batch, upload),
        "needs_second_person": batch.state == State.PROPOSED and needs_second_person(batch, kind),
        "undo_of": batch.undo_of,
        "proposed_at": moment_json(batch.proposed_at),
        "released_at": moment_json(batch.released_at),
        "done_at": moment_json(batch.done_at),
    }
    if upload is not None and batch.undo_of is None:
        words["file"]["size"] = upload.size
    if upload is not None and upload.fault:
        words["refused"] = upload.fault
    return words


def progress_json(batch: Batch, upload: Upload | None) -> dict[str, int]:
    """How many rows are read while a file is being read, and afterwards how many acts are entered."""
    if batch.state == State.READING and upload is not None:
        return {"rows_read": upload.rows_read, "rows": upload.rows_total}
    return {"entered": batch.entered, "to_enter": batch.total}


def row_json(session: Session, row: BatchRow, kind: LicenseType, ring: KeyRing) -> dict[str, Any]:
    """What a row of a file means: its kind, its acts, and field by field what it would change."""
    words: dict[str, Any] = {
        "row": row.row,
        "kind": row.kind,
        "number": row.number,
        "code": row.code,
        "acts": [ActKind(act).name for act in row.acts or ()],
        "log_index": row.log_index,
    }
    if row.kind == Kind.CHANGED:
        labels = items_of(kind)
        words["changes"] = [
            {
                "item": change.name,
                "label": text_json(labels.get(change.name, Text(change.name, change.name))),
                "before": change.before,
                "after": change.after,
            }
            for change in changes_of(session, row, ring)
        ]
    return words | ({"faults": row.remarks} if row.remarks else {})


def faults_json(rows: Sequence[BatchRow]) -> list[dict[str, Any]]:
    """What is wrong with rows: each fault with its row, column, value as found, and what to do."""
    return [
        {**remark, "row": row.row, "kind": row.kind, "number": row.number}
        for row in rows
        for remark in row.remarks or ()
    ]


def moment_json(at: datetime | None) -> str | None:
    """A moment in RFC 3339, whole seconds, UTC."""
    if at is None:
        return None
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def text_json(text: Text) -> dict[str, str]:
    """Words in both languages."""
    return {"th": text.th, "en": text.en}
