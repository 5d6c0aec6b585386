"""The database: how it is opened, and the few column types both engines share.

On SQLite every writing transaction opens with BEGIN IMMEDIATE, so that two writers queue instead
of failing half-way; tables are STRICT, which is why moments and days are integers there.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    Engine,
    Insert,
    Integer,
    Table,
    Text,
    TypeDecorator,
    Update,
    create_engine,
    event,
    insert,
    make_url,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from search import sqlite

_LOOK_AGAIN_SECONDS = 0.004
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
Whole = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment, stored as whole microseconds since 1970 on both engines."""

    impl = Whole
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Microseconds of an aware moment; a naive one is a mistake and raises `ValueError`."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be aware")
        return round(value.timestamp() * 1_000_000)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """The aware moment."""
        return None if value is None else datetime.fromtimestamp(value / 1_000_000, UTC)


class Json(TypeDecorator[Any]):
    """A JSON value as text, so that it reads the same in both engines and in a backup."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """The text."""
        return None if value is None else _JSON.encode(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """The value."""
        return None if value is None else json.loads(value)


class YesNo(TypeDecorator[bool]):
    """True or false as 1 or 0."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: bool | None, _dialect: Dialect) -> int | None:  # noqa: FBT001
        """1 or 0."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> bool | None:
        """True or false."""
        return None if value is None else bool(value)


@dataclass(frozen=True)
class Database:
    """One database with its two ways in: `writing` locks at once on SQLite, `reading` never does."""

    engine: Engine
    writing: sessionmaker[Session]
    reading: sessionmaker[Session]


def open_database(url: str) -> Database:
    """The database at an SQLAlchemy URL: `sqlite:///file` or `postgresql+psycopg://…`."""
    engine = _sqlite_engine(url) if url.startswith("sqlite") else _postgres_engine(url)
    # A reader sees one moment of the register, however long it reads: the head and what it covers.
    level = {} if url.startswith("sqlite") else {"isolation_level": "REPEATABLE READ"}
    reader = engine.execution_options(reading=True, **level)
    return Database(
        engine=engine,
        writing=sessionmaker(engine, expire_on_commit=False),
        reading=sessionmaker(reader, expire_on_commit=False),
    )


def insert_rows(session: Session, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the columns of the first, as fast as the driver takes them."""
    if not rows:
        return
    dialect = session.connection().dialect
    own = {name: kind for name in rows[0] if isinstance(kind := into.columns[name].type, TypeDecorator)}
    if own:
        rows = [{**row, **{n: own[n].process_bind_param(row[n], dialect) for n in own}} for row in rows]
    run_rows(session, _insertion(into), rows)


def run_rows(session: Session, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement once for each row of values as the driver knows them; all name the same ones.

    SQLAlchemy's own way spends as long on each row as the database does, so it only writes the statement.
    """
    connection = session.connection()
    compiled = _compiled(statement, connection.dialect, tuple(rows[0]))
    # One driver counts parameters, the other names them.
    order = compiled.positiontup
    connection.exec_driver_sql(
        str(compiled), list(map(itemgetter(*order), rows)) if order else [dict(row) for row in rows]
    )


_insertion = lru_cache(maxsize=64)(insert)


@lru_cache(maxsize=64)
def _compiled(statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]) -> Any:
    return statement.compile(dialect=dialect, column_keys=list(names))


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    # The URL names the file although the creator opens it: for a file the pool hands a connection to
    # one thread at a time, for memory it would keep one a thread and close them under their users.
    engine = create_engine(
        url, creator=lambda: sqlite.connect(path or ""), module=sqlite.driver, hide_parameters=True
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reading", False):
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_writing(connection)

    return engine


def _begin_writing(connection: Connection) -> None:
    # SQLite itself looks ever more rarely whether a lock is free, and would miss the moment that an
    # import leaves between two blocks.
    raw: Any = connection.connection.driver_connection
    until = time.monotonic() + sqlite.BUSY_SECONDS
    sqlite.busy_timeout(raw, 0)
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > until:
                    raise
            else:
                return
            time.sleep(_LOOK_AGAIN_SECONDS)
    finally:
        sqlite.busy_timeout(raw, sqlite.BUSY_SECONDS)


def _postgres_engine(url: str) -> Engine:
    # An act is acknowledged only when it is on disk, whatever the server's default is.
    settings = {
        "synchronous_commit": "on",
        "statement_timeout": "60s",
        "idle_in_transaction_session_timeout": "60s",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return create_engine(url, connect_args={"options": options}, pool_pre_ping=True, hide_parameters=True)
