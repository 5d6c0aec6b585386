"""Mappings remembered: a file with the header of an earlier one needs no mapping again."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from keys.catalog import Agency, LicenseType
from registry.errors import Refused
from registry.intake.columns import ColumnMapping, parse_mapping, write_mapping
from registry.intake.readers import Sheet, squeeze
from registry.models import ColumnMappingRow


def source_of(sheet: Sheet) -> str:
    """What tells one source of files from another: 32 hex digits of its header's words, in any order."""
    words = sorted({squeeze(header) for header in sheet.header if not header.startswith("#")})
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def remember(
    session: Session, agency: Agency, kind: LicenseType, source: str, mapping: ColumnMapping, *, at: datetime
) -> None:
    """Keep the mapping for the agency's next file of this source; the latest one counts."""
    session.merge(
        ColumnMappingRow(
            agency=agency.number,
            license_type=kind.number,
            source=source,
            mapping=write_mapping(mapping),
            at=at,
        )
    )


def recall(session: Session, agency: Agency, kind: LicenseType, source: str) -> ColumnMapping | None:
    """The mapping last used for this source; None when there is none, or the type has lost an item of it."""
    row = session.get(ColumnMappingRow, (agency.number, kind.number, source))
    if row is None:
        return None
    try:
        return parse_mapping(row.mapping, kind)
    except Refused:
        return None
