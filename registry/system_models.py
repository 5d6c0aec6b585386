"""The tables of agencies' own systems: their keys, and what they were answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Json, UtcDateTime, YesNo
from registry.tables import Tables


class ApiKey(Tables):
    """A system's key, in the name of the officer who answers for it; its secret is kept as a hash alone.

    `types` are the license types it may enter; `may_release` whether it may release what needs no
    second person.
    """

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    officer: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    label: Mapped[str] = mapped_column(Text)
    types: Mapped[Any] = mapped_column(Json)
    may_release: Mapped[bool] = mapped_column(YesNo)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiAnswer(Tables):
    """What a request with an `Idempotency-Key` was answered, for the request that comes again."""

    __tablename__ = "api_answers"
    __table_args__ = (Index("ix_api_answers_at", "at"), {"sqlite_strict": True})

    api_key: Mapped[str] = mapped_column(ForeignKey("api_keys.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[Any] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
