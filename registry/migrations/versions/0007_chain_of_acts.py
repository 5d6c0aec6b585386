"""Each act on a license names the one before it, in place of an index over codes"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CHAIN = """
    UPDATE log_entries SET previous = (
        SELECT max(earlier.log_index) FROM log_entries AS earlier
        WHERE earlier.code = log_entries.code AND earlier.log_index < log_entries.log_index
    ) WHERE code IS NOT NULL
"""


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("log_entries", sa.Column("previous", _WHOLE, nullable=True))
    op.execute(_CHAIN)
    op.drop_index("ix_log_entries_code", "log_entries")
