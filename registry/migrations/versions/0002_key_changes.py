"""Changes to the key ring that wait for the roots"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "key_changes",
        sa.Column("thumbprint", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("agency", sa.Integer(), nullable=True),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("valid_from", _WHOLE, nullable=False),
        sa.Column("valid_until", _WHOLE, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("good_size", _WHOLE, nullable=True),
        sa.Column("at", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("thumbprint"),
        sqlite_strict=True,
    )
