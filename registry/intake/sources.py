"""Mappings remembered: a file with the header of an earlier one needs no mapping again."""

import hashlib
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from keys.catalog import Agency, LicenseType
from registry.errors import Refused
from registry.intake.columns import ColumnMapping, parse_mapping, read_mapping, write_mapping
from registry.intake.readers import Sheet, open_sheet, squeeze
from registry.intake.returning import is_column_of_ours
from registry.models import ColumnMappingRow


def source_of(sheet: Sheet) -> str:
    """What tells one source of files from another: 32 hex digits of its header's words, in any order."""
    # A file that was given back with what to correct is the one it was made from.
    words = sorted({squeeze(h) for h in sheet.header if not h.startswith("#") and not is_column_of_ours(h)})
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def remember(
    session: Session, agency: Agency, kind: LicenseType, path: Path, mapping: ColumnMapping, *, at: datetime
) -> None:
    """Keep the mapping of a file for the agency's next one with its header; the latest one counts."""
    session.merge(
        ColumnMappingRow(
            agency=agency.number,
            license_type=kind.number,
            # The next file's header is looked for without this mapping.
            source=source_of(open_sheet(path, sheet=mapping.sheet)),
            mapping=write_mapping(mapping),
            at=at,
        )
    )


def mapping_for(session: Session, agency: Agency, kind: LicenseType, path: Path) -> ColumnMapping:
    """The mapping last used for a file like this, else that of headers which are the items' own words."""
    return recall(session, agency, kind, open_sheet(path)) or read_mapping(None, kind)


def recall(session: Session, agency: Agency, kind: LicenseType, sheet: Sheet) -> ColumnMapping | None:
    """The mapping last used for this header; None when there is none, or the type has lost an item of it."""
    row = session.get(ColumnMappingRow, (agency.number, kind.number, source_of(sheet)))
    if row is None:
        return None
    try:
        return parse_mapping(row.mapping, kind)
    except Refused:
        return None
