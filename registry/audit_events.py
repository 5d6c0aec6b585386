"""The office's own record of what happened: ids and words, in the transaction of what it records."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry.models import AuditEvent, Officer

# The register came out of a backup; it was compared with what is published.
RESTORED, RECOVERED = "restored", "recovered"


def record_event(
    session: Session, event: str, officer: Officer | None, *, at: datetime, **about: str | int | None
) -> None:
    """Store one event; `about` holds ids, codes and fixed words, never names or free text."""
    session.add(
        AuditEvent(
            at=at,
            event=event,
            officer=officer.id if officer else None,
            agency=officer.agency if officer else None,
            about=about,
        )
    )
