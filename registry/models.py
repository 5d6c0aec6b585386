"""The tables.  What is signed lies in `log_entries`; the other rows can be told from it.

Columns that repeat what a statement says (`licenses.holder` and so on) serve lists, uniqueness
and search; pages show the signed bytes.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Json, UtcDateTime, Whole, YesNo
from registry.system_models import ApiAnswer, ApiKey
from registry.tables import Tables, table_of
from registry.upload_models import Upload

__all__ = [
    "AgencyRow",
    "AgencyType",
    "ApiAnswer",
    "ApiKey",
    "AuditEvent",
    "CatalogVersion",
    "EntryRow",
    "KeyChange",
    "KeyRingVersion",
    "LicenseRow",
    "LicenseTypeRow",
    "LogHead",
    "LoginFailure",
    "Officer",
    "OfficerSession",
    "Proposal",
    "Reason",
    "Register",
    "StatusListRow",
    "Tables",
    "TreeNode",
    "Upload",
    "table_of",
]


class Register(Tables):
    """The one row that says which register this is."""

    __tablename__ = "register"

    id: Mapped[int] = mapped_column(Integer, CheckConstraint("id = 1"), primary_key=True)
    host: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgencyRow(Tables):
    """An agency; `definition` is its catalog form without the types."""

    __tablename__ = "agencies"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    definition: Mapped[Any] = mapped_column(Json)


class LicenseTypeRow(Tables):
    """A license type in the form of `permits type load`."""

    __tablename__ = "license_types"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    definition: Mapped[Any] = mapped_column(Json)


class AgencyType(Tables):
    """Which agency issues which type, and since when it publishes it (ISO date)."""

    __tablename__ = "agency_types"

    agency: Mapped[int] = mapped_column(ForeignKey("agencies.number"), primary_key=True)
    license_type: Mapped[int] = mapped_column(ForeignKey("license_types.number"), primary_key=True)
    published_since: Mapped[str | None] = mapped_column(Text)


class Reason(Tables):
    """A controlled reason code with its words."""

    __tablename__ = "reasons"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    th: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)


class CatalogVersion(Tables):
    """Every catalog ever published, byte for byte."""

    __tablename__ = "catalogs"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class KeyRingVersion(Tables):
    """Every signed key ring, byte for byte."""

    __tablename__ = "keyrings"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    signed: Mapped[bytes] = mapped_column(LargeBinary)


class KeyChange(Tables):
    """A key as the next ring shall have it: the change waits for the roots.  Public halves only.

    One whose `state` is `compromised` is denied in every snapshot from now on (`good_size`).
    """

    __tablename__ = "key_changes"

    thumbprint: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    role: Mapped[str] = mapped_column(Text)
    agency: Mapped[int | None] = mapped_column(Integer)
    types: Mapped[Any] = mapped_column(Json)
    valid_from: Mapped[int] = mapped_column(Whole)
    valid_until: Mapped[int] = mapped_column(Whole)
    state: Mapped[str] = mapped_column(Text)
    good_size: Mapped[int | None] = mapped_column(Whole)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Officer(Tables):
    """A person who may act; without an agency only for the system's own administration."""

    __tablename__ = "officers"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    login: Mapped[str] = mapped_column(Text, unique=True)
    agency: Mapped[int] = mapped_column(ForeignKey("agencies.number"))
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OfficerSession(Tables):
    """A log-in on one browser; only the hash of its identifier is stored."""

    __tablename__ = "officer_sessions"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    content: Mapped[Any] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LoginFailure(Tables):
    """A failed log-in, kept while it counts against the limits that all workers share."""

    __tablename__ = "login_failures"
    __table_args__ = (Index("ix_login_failures_key", "key", "at"), {"sqlite_strict": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LicenseRow(Tables):
    """One license as it stands: who holds it, its status, and where its newest version is."""

    __tablename__ = "licenses"
    __table_args__ = (
        Index(
            "uq_licenses_number_in_force",
            "agency",
            "license_type",
            "number_key",
            unique=True,
            sqlite_where=text("holds_number = 1"),
            postgresql_where=text("holds_number = 1"),
        ),
        # What a number was before: a license that no longer holds it.
        Index(
            "ix_licenses_number_past",
            "agency",
            "license_type",
            "number_key",
            sqlite_where=text("holds_number = 0"),
            postgresql_where=text("holds_number = 0"),
        ),
        Index("ix_licenses_updated", "updated_index"),
        Index("ix_licenses_list", "agency", "license_type", "code"),
        Index("ix_licenses_suspended", "suspended_until"),
        Index("ix_licenses_end", "agency", "valid_until"),
        {"sqlite_strict": True},
    )

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    agency: Mapped[int] = mapped_column(ForeignKey("agencies.number"))
    license_type: Mapped[int] = mapped_column(ForeignKey("license_types.number"))
    number: Mapped[str] = mapped_column(Text)
    number_key: Mapped[str] = mapped_column(Text)
    holds_number: Mapped[bool] = mapped_column(YesNo)
    holder: Mapped[str | None] = mapped_column(Text)
    holder_en: Mapped[str | None] = mapped_column(Text)
    holder_id: Mapped[str | None] = mapped_column(Text)
    premises: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    place: Mapped[int | None] = mapped_column(Integer)
    valid_from: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[str | None] = mapped_column(Text)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[int] = mapped_column(Integer)
    list_year: Mapped[int] = mapped_column(Integer)
    list_number: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    record_index: Mapped[int] = mapped_column(Whole)
    updated_index: Mapped[int] = mapped_column(Whole)
    suspended_until: Mapped[str | None] = mapped_column(Text)
    suspension_basis: Mapped[str | None] = mapped_column(Text)


class EntryRow(Tables):
    """One log entry with what it hashes; append-only, but an erasure empties statement and card."""

    __tablename__ = "log_entries"

    log_index: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False)
    act: Mapped[int] = mapped_column(Integer)
    moment: Mapped[int] = mapped_column(Whole)
    agency: Mapped[int | None] = mapped_column(Integer)
    license_type: Mapped[int | None] = mapped_column(Integer)
    code: Mapped[str | None] = mapped_column(Text)
    previous: Mapped[int | None] = mapped_column(Whole)  # The license's act before this one.
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    entry: Mapped[bytes] = mapped_column(LargeBinary)
    statement: Mapped[bytes | None] = mapped_column(LargeBinary)
    card: Mapped[bytes | None] = mapped_column(LargeBinary)
    private: Mapped[Any] = mapped_column(
        Json, nullable=True
    )  # Withheld values with their blinds, officers' items.
    proposer: Mapped[int | None] = mapped_column(Integer)
    approver: Mapped[int | None] = mapped_column(Integer)


class TreeNode(Tables):
    """The hash of a full tile's subtree: level 1, number n is the root of leaves 256n to 256n+255."""

    __tablename__ = "tree_nodes"

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class LogHead(Tables):
    """The one row every act locks: the log's size, its right edge, and its newest moment."""

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(Integer, CheckConstraint("id = 1"), primary_key=True)
    size: Mapped[int] = mapped_column(Whole)
    edge: Mapped[bytes] = mapped_column(LargeBinary)
    moment: Mapped[int] = mapped_column(Whole)


class StatusListRow(Tables):
    """One status list as it stands; in `nibbles` 15 marks a position nobody has been given yet."""

    __tablename__ = "status_lists"

    agency: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    used: Mapped[int] = mapped_column(Integer)
    changed_index: Mapped[int] = mapped_column(Whole)
    nibbles: Mapped[bytes] = mapped_column(LargeBinary)


class Proposal(Tables):
    """An act that one officer proposed; approval binds the digest of exactly this content."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("approver IS NULL OR approver <> proposer", name="two_persons"),
        Index("ix_proposals_waiting", "agency", "state"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    agency: Mapped[int] = mapped_column(ForeignKey("agencies.number"))
    license_type: Mapped[int] = mapped_column(ForeignKey("license_types.number"))
    code: Mapped[str | None] = mapped_column(Text)
    act: Mapped[int] = mapped_column(Integer)
    content: Mapped[Any] = mapped_column(Json)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    base_index: Mapped[int | None] = mapped_column(Whole)
    begins: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    proposer: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    approver: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    log_index: Mapped[int | None] = mapped_column(Whole)


class Batch(Tables):
    """One file on its way in, or the undoing of one: what it was compared with, who decided, how far it is.

    `counts` holds how many rows are of each kind and how many acts of each kind they make; rows with
    acts are entered in the order of their positions, and `cursor` is the last one that was.
    """

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("approver IS NULL OR approver <> proposer", name="two_persons_a_batch"),
        Index("ix_batches_agency", "agency", "id"),
        Index("ix_batches_state", "state"),
        {"sqlite_strict": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    agency: Mapped[int] = mapped_column(ForeignKey("agencies.number"))
    license_type: Mapped[int] = mapped_column(ForeignKey("license_types.number"))
    source: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_hash: Mapped[bytes] = mapped_column(LargeBinary)
    options: Mapped[Any] = mapped_column(Json)
    state: Mapped[str] = mapped_column(Text)
    undo_of: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    proposer: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    approver: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[Any] = mapped_column(Json, default=dict)
    total: Mapped[int] = mapped_column(Integer, default=0)
    entered: Mapped[int] = mapped_column(Integer, default=0)
    cursor: Mapped[int] = mapped_column(Integer, default=0)
    last_index: Mapped[int | None] = mapped_column(Whole)


class BatchRow(Tables):
    """What one row of a file means for the register; unchanged rows are only counted.

    `base_index` is the version of the license it was compared with.  `application` is emptied when
    the row went in: from then on the signed statement holds it, and an erasure reaches it there.
    """

    __tablename__ = "batch_rows"
    __table_args__ = (Index("ix_batch_rows_kind", "batch", "kind", "position"), {"sqlite_strict": True})

    batch: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    row: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    base_index: Mapped[int | None] = mapped_column(Whole)
    acts: Mapped[Any] = mapped_column(Json, nullable=True)
    changes: Mapped[Any] = mapped_column(Json, nullable=True)
    application: Mapped[Any] = mapped_column(Json, nullable=True)
    decision: Mapped[Any] = mapped_column(Json, nullable=True)
    remarks: Mapped[Any] = mapped_column(Json, nullable=True)
    log_index: Mapped[int | None] = mapped_column(Whole)


class ColumnMappingRow(Tables):
    """The mapping that an agency last used for files with a header like this one."""

    __tablename__ = "column_mappings"

    agency: Mapped[int] = mapped_column(ForeignKey("agencies.number"), primary_key=True)
    license_type: Mapped[int] = mapped_column(ForeignKey("license_types.number"), primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    mapping: Mapped[Any] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditEvent(Tables):
    """Something that happened in the office; ids and words only, never a holder's name."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[str] = mapped_column(Text)
    officer: Mapped[int | None] = mapped_column(Integer)
    agency: Mapped[int | None] = mapped_column(Integer)
    about: Mapped[Any] = mapped_column(Json)
