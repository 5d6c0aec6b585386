"""Sessions kept in the table `officer_sessions`: a browser holds a random name, the table its hash.

A log-in gets a new name, so one that was planted before is worth nothing, and a row that is gone
ends its session at once, on every worker.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, or_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.datastructures import CallbackDict

from keys.layout import sha256
from registry.models import OfficerSession
from registry.services import Services

# Below this path systems ask, by a key and never by a cookie.
API = "/api/"
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
TOKEN_BYTES = 32
# A page does not write merely to say that it was seen, unless the last time is this long ago.
_NOTED_EVERY = timedelta(minutes=1)


class OfficeSession(CallbackDict[str, Any], SessionMixin):
    """One browser's session; `token` is its name there, `officer` who logged in.

    `away` is why the table could not be asked, when it could not.
    """

    def __init__(self, content: Mapping[str, Any], *, token: str | None, officer: int | None) -> None:
        def changed(session: "OfficeSession") -> None:
            session.modified = True

        super().__init__(content, changed)
        self.token = token
        self.officer = officer
        self.new = token is None
        self.modified = False
        self.accessed = True
        self.is_fresh = False
        self.seen_at: datetime | None = None
        self.away: SQLAlchemyError | None = None

    def become(self, token: str, officer: int) -> None:
        """Go on under a new name, whose row the log-in has made."""
        self.token, self.officer, self.is_fresh = token, officer, True

    def forget(self) -> None:
        """Have the browser drop the cookie; the row is gone already."""
        self.clear()
        self.token, self.officer, self.modified, self.is_fresh = None, None, False, True


def start_session(session: Session, content: Mapping[str, Any], officer: int | None, *, at: datetime) -> str:
    """Make a row under a new random name and give that name; rows past their limits go."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.execute(delete(OfficerSession).where(_is_over(at)))
    session.add(
        OfficerSession(
            token_hash=hash_token(token), officer_id=officer, content=dict(content), created_at=at, seen_at=at
        )
    )
    session.flush()
    return token


def end_session(session: Session, token_hash: bytes) -> None:
    """Remove a row, if it is there."""
    session.execute(delete(OfficerSession).where(OfficerSession.token_hash == token_hash))


def end_sessions_of(session: Session, officer: int, *, but: bytes | None = None) -> None:
    """Remove all of an officer's rows, or all but one."""
    rows = delete(OfficerSession).where(OfficerSession.officer_id == officer)
    session.execute(rows if but is None else rows.where(OfficerSession.token_hash != but))


def hash_token(token: str) -> bytes:
    """What the table keeps of a name: 256 random bits need no slow hash."""
    return sha256(token.encode("utf-8", "surrogatepass"))


def is_over(row: OfficerSession, at: datetime) -> bool:
    """Whether a session has passed its idle or its absolute limit."""
    return at - row.seen_at > IDLE or at - row.created_at > ABSOLUTE


def _is_over(at: datetime) -> Any:
    return or_(OfficerSession.seen_at < at - IDLE, OfficerSession.created_at < at - ABSOLUTE)


class TableSessions(SessionInterface):
    """Flask's sessions over the table; the cookie is `__Host-` where it may be."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._secure = services.config.secure_cookies
        self.cookie = "__Host-permits" if self._secure else "permits-office"

    def open_session(self, app: Flask, request: Request) -> OfficeSession:  # noqa: ARG002
        """The session of the request's cookie, or an empty one."""
        # A system has no cookie: what a browser may send along there counts for nothing.
        token = None if request.path.startswith(API) else request.cookies.get(self.cookie)
        if not token:
            return OfficeSession({}, token=None, officer=None)
        try:
            with self._services.database.reading() as session:
                row = session.get(OfficerSession, hash_token(token))
        except SQLAlchemyError as error:
            # Without a session no page can be rendered, not even the one that apologizes.
            lost = OfficeSession({}, token=None, officer=None)
            lost.away = error
            return lost
        if row is None or is_over(row, self._services.clock()):
            return OfficeSession({}, token=None, officer=None)
        found = OfficeSession(row.content or {}, token=token, officer=row.officer_id)
        found.seen_at = row.seen_at
        return found

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Store what changed, note that the session is in use, and set the cookie where it is new."""
        if not isinstance(session, OfficeSession):
            return
        at = self._services.clock()
        if session.token is None:
            if session.modified:
                with self._services.database.writing.begin() as rows:
                    session.token = start_session(rows, session, None, at=at)
                self._set_cookie(response, session.token)
            elif session.is_fresh:
                response.delete_cookie(self.cookie, secure=self._secure, httponly=True, samesite="Lax")
            return
        unseen = session.seen_at is not None and at - session.seen_at > _NOTED_EVERY
        if session.modified or unseen:
            with self._services.database.writing.begin() as rows:
                rows.execute(
                    update(OfficerSession)
                    .where(OfficerSession.token_hash == hash_token(session.token))
                    .values(content=dict(session), seen_at=at)
                )
        if session.is_fresh:
            self._set_cookie(response, session.token)

    def _set_cookie(self, response: Response, token: str) -> None:
        # Lax, not Strict: an officer who follows a link from a letter is to arrive signed in.
        response.set_cookie(self.cookie, token, secure=self._secure, httponly=True, samesite="Lax", path="/")
