"""The table of files that came over the network: where each lies while its batch may still need it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Json, UtcDateTime, Whole
from registry.tables import Tables


class Upload(Tables):
    """The file of a batch: its name in the folder of received files, and how its columns are to be read.

    `api_key` names the system that sent it.  `fault` holds the words of a file that could not be read;
    `claimed_at` is when whoever reads it last said so, and `rows_read` of `rows_total` how far.
    """

    __tablename__ = "uploads"

    batch: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True, autoincrement=False)
    stored: Mapped[str] = mapped_column(Text, unique=True)
    size: Mapped[int] = mapped_column(Whole)
    api_key: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mapping: Mapped[Any] = mapped_column(Json, nullable=True)
    fault: Mapped[Any] = mapped_column(Json, nullable=True)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rows_read: Mapped[int] = mapped_column(Integer)
    rows_total: Mapped[int] = mapped_column(Integer)
