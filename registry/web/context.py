"""What every page works with: the services, the officer of this request and its one moment."""

from datetime import date, datetime

from flask import current_app, flash, g, request, session
from sqlalchemy.orm import Session

from keys.catalog import Text
from keys.dates import bangkok_date
from registry.errors import NotPermitted
from registry.models import Officer
from registry.permissions import PERMISSIONS, Permission, Role
from registry.queries import officer_in_office
from registry.services import Services
from registry.web.sessions import API, OfficeSession

EXTENSION = "permits"


def services() -> Services:
    """The services that the application was created with."""
    found: Services = current_app.extensions[EXTENSION]
    return found


def moment() -> datetime:
    """The one moment of this request."""
    at: datetime = g.at
    return at


def today() -> date:
    """The day in Bangkok at this request's moment."""
    return bangkok_date(moment())


def own_session() -> OfficeSession:
    """The session of this request's browser, as the table keeps it."""
    # Flask's proxy does not pass for its object's class, so the object behind it is asked for.
    found = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    if not isinstance(found, OfficeSession):
        raise TypeError("the application has its sessions from the table")
    return found


def is_api() -> bool:
    """Whether a system asks: by a key, for JSON."""
    return request.path.startswith(API)


def language() -> str:
    """The language of this request's pages: `th` or `en`."""
    return str(g.get("language", "th"))


def say(thai: str, english: str) -> None:
    """Have the next page begin with these words, in the language of this request."""
    flash(thai if language() == "th" else english)


def signed_in() -> Officer | None:
    """The officer of this request as read at its beginning, if there is one."""
    officer: Officer | None = g.get("officer")
    return officer


def officer() -> Officer:
    """The officer of this request; only pages behind a log-in ask."""
    found = signed_in()
    if found is None:
        raise NotPermitted("signed-out", Text("กรุณาเข้าสู่ระบบ", "Please log in"))
    return found


def acting(session: Session) -> Officer:
    """The officer as the register stands in this transaction; raises `NotPermitted` once removed."""
    found = officer_in_office(session, officer().id)
    if found is None:
        raise NotPermitted("signed-out", Text("คุณไม่ได้เป็นเจ้าหน้าที่แล้ว", "You are no longer an officer"))
    return found


def whole(text: str | None) -> int:
    """The number that an address or a form names; 0 for any other text, and for more than any table holds."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def may(permission: str) -> bool:
    """Whether the officer of this request has a permission, named as in `Permission`."""
    found = signed_in()
    return found is not None and Permission(permission) in PERMISSIONS[Role(found.role)]
