"""Files that came over the network"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "uploads",
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Text(), nullable=False),
        sa.Column("size", _WHOLE, nullable=False),
        sa.Column("api_key", sa.Text(), nullable=True),
        sa.Column("received_at", _WHOLE, nullable=False),
        sa.Column("mapping", sa.Text(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("claimed_at", _WHOLE, nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("batch"),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"]),
        sa.UniqueConstraint("stored"),
        sqlite_strict=True,
    )
