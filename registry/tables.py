"""What every table has in common."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase


class Tables(DeclarativeBase):
    """All tables are STRICT on SQLite, so a wrong type is refused there too."""

    __table_args__: Any = {"sqlite_strict": True}  # noqa: RUF012  # SQLAlchemy declares it as a variable.


def table_of(row: type[Tables]) -> Table:
    """The table behind a class, for Core statements over many rows."""
    return row.metadata.tables[row.__tablename__]
