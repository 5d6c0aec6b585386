"""From a file to rows of texts: `open_sheet` looks at the content, not at the name."""

from registry.intake.readers.opening import open_sheet
from registry.intake.readers.sheet import LONGEST_CELL, MOST_COLUMNS, Row, Sheet, spellings, squeeze

__all__ = ["LONGEST_CELL", "MOST_COLUMNS", "Row", "Sheet", "open_sheet", "spellings", "squeeze"]
