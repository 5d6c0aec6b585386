"""Mappings of columns, remembered for the next file of the same kind"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "column_mappings",
        sa.Column("agency", sa.Integer(), nullable=False),
        sa.Column("license_type", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("at", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("agency", "license_type", "source"),
        sa.ForeignKeyConstraint(["agency"], ["agencies.number"]),
        sa.ForeignKeyConstraint(["license_type"], ["license_types.number"]),
        sqlite_strict=True,
    )
