"""Backup and restore: every row of the register in one file that either engine can be filled from.

The file is gzip over JSON lines: a header, then each table's name and columns, its rows, and a last
line that counts them.  It is read in one transaction, so it shows one moment while officers go on
working.  Private keys, log-ins of browsers and keys of systems are not in it.
"""

import base64
import gzip
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnClause, Connection, Select, Table, column, insert, inspect, select, table, text

from keys.dates import from_seconds, to_seconds
from registry.audit_events import RESTORED, record_event
from registry.db import Database
from registry.errors import ConfigurationError
from registry.migrate import revision_of, upgrade_within
from registry.models import LogHead, Tables

FORMAT = "permits-backup/1"
# A key revoked since the backup must not open again, so systems get new ones after a restore.
_NOT_KEPT = frozenset({"officer_sessions", "login_failures", "api_keys", "api_answers"})
_BLOCK = 500

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup file holds: when it was made, the size of its log, and how many rows."""

    made: datetime
    log_size: int
    rows: int


def back_up(database: Database, path: Path, *, at: datetime, progress: Progress | None = None) -> Backup:
    """Write the register as it stands to a new file of mode 0600; gives what is in it.

    The file appears under its name when it is whole and synced.  Raises `ConfigurationError` when
    the name is taken or cannot be written.
    """
    if path.exists():
        raise ConfigurationError(f"{path} is there already: name a new file")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=3, filename="") as packed:
                backup = _write(database, packed, at, progress)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return backup


def _write(database: Database, packed: gzip.GzipFile, at: datetime, progress: Progress | None) -> Backup:
    with database.reading() as session:
        connection = session.connection()
        size = session.scalars(select(LogHead.size)).first()
        if size is None:
            raise ConfigurationError("there is no register in this database")
        revision = revision_of(connection)
        if revision is None:
            raise ConfigurationError("the tables were not made by `permits init`")
        header = {"format": FORMAT, "revision": revision, "made": to_seconds(at), "size": size}
        packed.write(_line(header))
        rows = 0
        for each in Tables.metadata.sorted_tables:
            if each.name in _NOT_KEPT:
                continue
            names = [column.name for column in each.columns]
            packed.write(_line({"table": each.name, "columns": names}))
            for block in _rows(connection, each, names):
                packed.write(b"".join(_line(list(row)) for row in block))
                rows += len(block)
                if progress is not None:
                    progress(rows, 0)
        packed.write(_line({"rows": rows}))
    return Backup(at, size, rows)


def _rows(connection: Connection, each: Table, names: list[str]) -> Iterator[Any]:
    # Without the columns' types: what lies in the database is what lies in the file.
    plain: Select[*tuple[Any, ...]] = select(*map(column, names)).select_from(table(each.name))
    order: list[ColumnClause[Any]] = [column(key.name) for key in each.primary_key.columns]
    found = connection.execute(plain.order_by(*order), execution_options={"yield_per": _BLOCK})
    return found.partitions()


def _line(value: Any) -> bytes:
    return (
        json.dumps(value, default=_packed_bytes, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    )


def _packed_bytes(value: object) -> dict[str, str]:
    if not isinstance(value, bytes | memoryview):
        raise TypeError(f"{type(value).__name__} is in no table")
    return {"b": base64.b64encode(bytes(value)).decode("ascii")}


def _unpacked(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["b"]) if value.keys() == {"b"} else value


def restore(database: Database, path: Path, *, at: datetime, progress: Progress | None = None) -> Backup:
    """Fill an empty database from a backup, of this or an earlier release; gives what was in it.

    All in one transaction.  The register then refuses to act until `permits recover` has compared
    it with what is published.  Raises `ConfigurationError` for a database that is not empty and for
    a file that is not a whole backup.
    """
    try:
        with gzip.open(path, "rb") as lines, database.engine.begin() as connection:
            _require_empty(connection)
            header = _read(lines)
            if not isinstance(header, dict) or header.get("format") != FORMAT:
                raise ConfigurationError(f"{path} is no backup of a register")
            upgrade_within(connection, header["revision"])
            rows = _fill(connection, lines, progress)
            upgrade_within(connection)
            _number_on(connection)
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise ConfigurationError(f"{path}: not a whole backup ({error})") from error
    with database.writing.begin() as session:
        record_event(session, RESTORED, None, at=at, size=header["size"])
    return Backup(from_seconds(header["made"]), header["size"], rows)


def _require_empty(connection: Connection) -> None:
    for name in inspect(connection).get_table_names():
        if (
            name != "alembic_version"
            and connection.execute(select(text("1")).select_from(table(name))).first()
        ):
            raise ConfigurationError(f"the database is not empty ({name}): restore into a new one")


def _read(lines: gzip.GzipFile) -> Any:
    line = lines.readline()
    if not line.endswith(b"\n"):
        raise EOFError("it ends too early")
    return json.loads(line, object_hook=_unpacked)


def _fill(connection: Connection, lines: gzip.GzipFile, progress: Progress | None) -> int:
    rows, names, name, block = 0, list[str](), "", list[list[Any]]()

    def store() -> None:
        if block:
            plain = table(name, *map(column, names))
            connection.execute(insert(plain), [dict(zip(names, row, strict=True)) for row in block])
            block.clear()

    while True:
        value = _read(lines)
        if isinstance(value, list):
            block.append(value)
            rows += 1
            if len(block) == _BLOCK:
                store()
                if progress is not None:
                    progress(rows, 0)
            continue
        store()
        if "rows" in value:
            if value["rows"] != rows:
                raise EOFError(f"{rows} rows instead of {value['rows']}")
            return rows
        name, names = value["table"], value["columns"]


def _number_on(connection: Connection) -> None:
    # PostgreSQL's counters know nothing of rows that came with their numbers.
    if connection.dialect.name != "postgresql":
        return
    for each in Tables.metadata.sorted_tables:
        key = each.autoincrement_column
        if key is None or each.name in _NOT_KEPT:
            continue
        largest = connection.execute(
            select(column(key.name))
            .select_from(table(each.name, column(key.name)))
            .order_by(column(key.name).desc())
            .limit(1)
        ).scalar()
        counter = connection.execute(
            text("SELECT pg_get_serial_sequence(:name, :key)"), {"name": each.name, "key": key.name}
        ).scalar()
        if largest is not None and counter is not None:
            connection.execute(
                text("SELECT setval(:counter, :largest)"), {"counter": counter, "largest": largest}
            )
