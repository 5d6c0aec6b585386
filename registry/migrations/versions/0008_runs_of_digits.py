"""The keys of numbers tell where one run of digits ends and the next begins"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LICENSES = sa.table(
    "licenses", sa.column("code", sa.Text), sa.column("number", sa.Text), sa.column("number_key", sa.Text)
)
_AT_ONCE = 5000
_LOST = "lost "  # A number that recovery did not find has a key of its own.
_BETWEEN = re.compile(r"[\s.-]")
_BETWEEN_RUNS = re.compile(r"(?<=[0-9]) +(?=[0-9])")
_DIGITS = {start + n: str(n) for start in (0x0E50, 0xFF10) for n in range(10)}


def upgrade() -> None:
    """Bring the tables to this version."""
    connection, after = op.get_bind(), ""
    change = (
        sa.update(_LICENSES)
        .where(_LICENSES.c.code == sa.bindparam("of"))
        .values(number_key=sa.bindparam("key"))
    )
    # Keys only become finer, so none meets another in force on the way.
    while rows := connection.execute(
        sa.select(_LICENSES).where(_LICENSES.c.code > after).order_by(_LICENSES.c.code).limit(_AT_ONCE)
    ).all():
        after = rows[-1].code
        changed = [
            {"of": row.code, "key": key}
            for row in rows
            if not row.number_key.startswith(_LOST) and (key := _key(row.number)) != row.number_key
        ]
        if changed:
            connection.execute(change, changed)


def _key(number: str) -> str:
    # As the register makes it on the day of this version; stored numbers are canonical.
    folded = number.translate(_DIGITS).casefold()
    digits = _BETWEEN.sub("", folded)
    if len(digits) == 13 and digits.isdecimal():
        return digits
    kept = "".join(c if c.isalnum() or unicodedata.category(c) == "Mn" else " " for c in folded)
    return _BETWEEN_RUNS.sub("/", kept).replace(" ", "")
