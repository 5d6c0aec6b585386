"""The first shape of the register"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite's STRICT tables know INTEGER only, PostgreSQL's INTEGER is too small for moments.
_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "agencies",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("slug"),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _WHOLE, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("officer", sa.Integer(), nullable=True),
        sa.Column("agency", sa.Integer(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "catalogs",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        sqlite_strict=True,
    )
    op.create_table(
        "keyrings",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        sqlite_strict=True,
    )
    op.create_table(
        "license_types",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("slug"),
        sqlite_strict=True,
    )
    op.create_table(
        "log_entries",
        sa.Column("log_index", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("act", sa.Integer(), nullable=False),
        sa.Column("moment", _WHOLE, nullable=False),
        sa.Column("agency", sa.Integer(), nullable=True),
        sa.Column("license_type", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=True),
        sa.Column("card", sa.LargeBinary(), nullable=True),
        sa.Column("private", sa.Text(), nullable=True),
        sa.Column("proposer", sa.Integer(), nullable=True),
        sa.Column("approver", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("log_index"),
        sqlite_strict=True,
    )
    op.create_index("ix_log_entries_code", "log_entries", ["code", "log_index"], unique=False)
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", _WHOLE, nullable=False),
        sa.Column("edge", sa.LargeBinary(), nullable=False),
        sa.Column("moment", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "login_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_login_failures_key", "login_failures", ["key", "at"], unique=False)
    op.create_table(
        "reasons",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("th", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_table(
        "register",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_at", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "status_lists",
        sa.Column("agency", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("changed_index", _WHOLE, nullable=False),
        sa.Column("nibbles", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "year", "number"),
        sqlite_strict=True,
    )
    op.create_table(
        "tree_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", _WHOLE, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
        sqlite_strict=True,
    )
    op.create_table(
        "agency_types",
        sa.Column("agency", sa.Integer(), nullable=False),
        sa.Column("license_type", sa.Integer(), nullable=False),
        sa.Column("published_since", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency"],
            ["agencies.number"],
        ),
        sa.ForeignKeyConstraint(
            ["license_type"],
            ["license_types.number"],
        ),
        sa.PrimaryKeyConstraint("agency", "license_type"),
        sqlite_strict=True,
    )
    op.create_table(
        "licenses",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("agency", sa.Integer(), nullable=False),
        sa.Column("license_type", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=False),
        sa.Column("holds_number", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("holder_en", sa.Text(), nullable=True),
        sa.Column("holder_id", sa.Text(), nullable=True),
        sa.Column("premises", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("list_year", sa.Integer(), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record_index", _WHOLE, nullable=False),
        sa.Column("updated_index", _WHOLE, nullable=False),
        sa.Column("suspended_until", sa.Text(), nullable=True),
        sa.Column("suspension_basis", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency"],
            ["agencies.number"],
        ),
        sa.ForeignKeyConstraint(
            ["license_type"],
            ["license_types.number"],
        ),
        sa.PrimaryKeyConstraint("code"),
        sqlite_strict=True,
    )
    op.create_index("ix_licenses_end", "licenses", ["agency", "valid_until"], unique=False)
    op.create_index("ix_licenses_list", "licenses", ["agency", "license_type", "code"], unique=False)
    op.create_index("ix_licenses_suspended", "licenses", ["suspended_until"], unique=False)
    op.create_index("ix_licenses_updated", "licenses", ["updated_index"], unique=False)
    op.create_index(
        "uq_licenses_number_in_force",
        "licenses",
        ["agency", "license_type", "number_key"],
        unique=True,
        sqlite_where=sa.text("holds_number = 1"),
        postgresql_where=sa.text("holds_number = 1"),
    )
    op.create_table(
        "officers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("agency", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _WHOLE, nullable=False),
        sa.Column("disabled_at", _WHOLE, nullable=True),
        sa.ForeignKeyConstraint(
            ["agency"],
            ["agencies.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
        sqlite_strict=True,
    )
    op.create_table(
        "officer_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", _WHOLE, nullable=False),
        sa.Column("seen_at", _WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
        sqlite_strict=True,
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Integer(), nullable=False),
        sa.Column("license_type", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("act", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("base_index", _WHOLE, nullable=True),
        sa.Column("begins", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposer", sa.Integer(), nullable=False),
        sa.Column("approver", sa.Integer(), nullable=True),
        sa.Column("proposed_at", _WHOLE, nullable=False),
        sa.Column("decided_at", _WHOLE, nullable=True),
        sa.Column("log_index", _WHOLE, nullable=True),
        sa.CheckConstraint("approver IS NULL OR approver <> proposer", name="two_persons"),
        sa.ForeignKeyConstraint(
            ["agency"],
            ["agencies.number"],
        ),
        sa.ForeignKeyConstraint(
            ["approver"],
            ["officers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["license_type"],
            ["license_types.number"],
        ),
        sa.ForeignKeyConstraint(
            ["proposer"],
            ["officers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_proposals_waiting", "proposals", ["agency", "state"], unique=False)
