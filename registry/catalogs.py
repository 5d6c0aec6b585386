"""The catalog as the tables have it, and its versions as they were published."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from keys.catalog import (
    CATALOG_FORMAT,
    Agency,
    Catalog,
    LicenseType,
    Text,
    encode_json,
    parse_catalog,
    write_type,
)
from registry.behind import require_caught_up
from registry.models import AgencyRow, AgencyType, CatalogVersion, LicenseTypeRow, Reason


def current_catalog(session: Session) -> Catalog:
    """The newest catalog version; `renew_catalog` must have made one."""
    return _parsed(session.scalars(_NEWEST).one())


_NEWEST = select(CatalogVersion.body).order_by(CatalogVersion.version.desc()).limit(1)


@lru_cache(maxsize=2)  # Each publication and each page asks for the same one.
def _parsed(body: bytes) -> Catalog:
    return parse_catalog(body)


def put_agency(session: Session, agency: Agency) -> None:
    """Add an agency or replace its particulars and types; `renew_catalog` makes it public."""
    definition = {
        "name": {"th": agency.name.th, "en": agency.name.en},
        "phone": agency.phone,
        "hours": {"th": agency.hours.th, "en": agency.hours.en},
        "territory": list(agency.territory),
    }
    session.merge(AgencyRow(number=agency.number, slug=agency.slug, definition=definition))
    session.flush()
    for license_type, since in agency.types.items():
        open_type(session, agency.number, license_type, since)


def open_type(session: Session, agency: int, license_type: int, since: date | None) -> None:
    """Let an agency issue a type, published from `since`, or not yet when it is None."""
    published = since.isoformat() if since else None
    session.merge(AgencyType(agency=agency, license_type=license_type, published_since=published))
    session.flush()


def put_type(session: Session, kind: LicenseType) -> None:
    """Add a license type or replace its definition."""
    definition: Mapping[str, Any] = write_type(kind)
    session.merge(LicenseTypeRow(number=kind.number, slug=kind.slug, definition=definition))
    session.flush()


def put_reason(session: Session, code: str, words: Text) -> None:
    """Add a reason code or replace its words."""
    session.merge(Reason(code=code, th=words.th, en=words.en))
    session.flush()


def renew_catalog(session: Session) -> Catalog:
    """Make the next version of the catalog when the tables say something new; gives the newest.

    Raises `BehindPublished`.
    """
    newest = session.scalar(select(func.max(CatalogVersion.version))) or 0
    before = session.get(CatalogVersion, newest)
    if before and _from_tables(session, newest) == before.body:
        return parse_catalog(before.body)
    if newest:
        # Its version may be published already, with other words in it.
        require_caught_up(session)
    body = _from_tables(session, newest + 1)
    session.add(CatalogVersion(version=newest + 1, body=body))
    session.flush()
    return parse_catalog(body)


def _from_tables(session: Session, version: int) -> bytes:
    types: dict[int, dict[str, str | None]] = {}
    for row in session.scalars(select(AgencyType)):
        types.setdefault(row.agency, {})[str(row.license_type)] = row.published_since
    agencies = session.scalars(select(AgencyRow).order_by(AgencyRow.number))
    kinds = session.scalars(select(LicenseTypeRow).order_by(LicenseTypeRow.number))
    return encode_json(
        {
            "format": CATALOG_FORMAT,
            "version": version,
            "agencies": [
                {"id": a.number, "slug": a.slug, **a.definition, "types": types.get(a.number, {})}
                for a in agencies
            ],
            "types": [kind.definition for kind in kinds],
            "reasons": {r.code: {"th": r.th, "en": r.en} for r in session.scalars(select(Reason))},
        }
    )
