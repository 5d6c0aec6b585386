"""Batches: files on their way in, row by row"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Integer(), nullable=False),
        sa.Column("license_type", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.LargeBinary(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("undo_of", sa.Integer(), nullable=True),
        sa.Column("proposer", sa.Integer(), nullable=True),
        sa.Column("approver", sa.Integer(), nullable=True),
        sa.Column("proposed_at", _WHOLE, nullable=False),
        sa.Column("released_at", _WHOLE, nullable=True),
        sa.Column("done_at", _WHOLE, nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("last_index", _WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["agency"], ["agencies.number"]),
        sa.ForeignKeyConstraint(["license_type"], ["license_types.number"]),
        sa.ForeignKeyConstraint(["undo_of"], ["batches.id"]),
        sa.ForeignKeyConstraint(["proposer"], ["officers.id"]),
        sa.ForeignKeyConstraint(["approver"], ["officers.id"]),
        sa.CheckConstraint("approver IS NULL OR approver <> proposer", name="two_persons_a_batch"),
        sqlite_strict=True,
    )
    op.create_index("ix_batches_agency", "batches", ["agency", "id"])
    op.create_index("ix_batches_state", "batches", ["state"])
    op.create_table(
        "batch_rows",
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("base_index", _WHOLE, nullable=True),
        sa.Column("acts", sa.Text(), nullable=True),
        sa.Column("changes", sa.Text(), nullable=True),
        sa.Column("application", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=True),
        sa.Column("log_index", _WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("batch", "position"),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"]),
        sqlite_strict=True,
    )
    op.create_index("ix_batch_rows_kind", "batch_rows", ["batch", "kind", "position"])
    op.create_index(
        "ix_licenses_number_past",
        "licenses",
        ["agency", "license_type", "number_key"],
        sqlite_where=sa.text("holds_number = 0"),
        postgresql_where=sa.text("holds_number = 0"),
    )
