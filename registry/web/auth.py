"""Logging in: the only page of the office that strangers see."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from keys.text import canonical
from registry.audit_events import record_event
from registry.models import Officer
from registry.passwords import WrongPassword, verify_password
from registry.queries import officer_by_login
from registry.web.context import moment, own_session, services, signed_in
from registry.web.limits import begin_attempt, forgive
from registry.web.sessions import end_session, hash_token, start_session

pages = Blueprint("auth", __name__)

_EDIT = "/edit"
_CARRIED = "carried."
_RESUMED = frozenset({"issuing", "acting", "columns"})


@pages.get("/login")
def log_in() -> str | Response:
    """The form, or the first page for who is logged in already."""
    if signed_in() is not None:
        return redirect(url_for("home.show"))
    return log_in_page(following=_own_path(request.args.get("next", "")))


def log_in_page(
    *, following: str = "", failed: bool = False, resume: str = "", carried: Mapping[str, str] | None = None
) -> str:
    """The form; `carried` is what was typed into the page at `resume` before the session ended."""
    return render_template(
        "login.html", following=following, failed=failed, resume=resume, carried=carried or {}
    )


@pages.post("/login")
def log_in_now() -> Response | tuple[str, int]:
    """Compare name and password; a new session under a new name when they fit."""
    login = canonical(request.form.get("login", "")).casefold()[:100]
    attempt = begin_attempt(services().database, login, request.remote_addr or "", at=moment())
    with services().database.reading() as rows:
        officer = officer_by_login(rows, login)
    in_office = officer is not None and officer.disabled_at is None
    try:
        verify_password(
            request.form.get("password", ""), officer.password_hash if officer and in_office else None
        )
    except WrongPassword:
        return _failed(officer)
    forgive(services().database, attempt)
    if officer is None:  # Cannot be: without a stored hash no password fits.
        return _failed(None)
    _start(officer)
    if resume := _resume():
        return render_template("resume.html", resume=resume, carried=_carried()), 200
    return redirect(_own_path(request.form.get("next", "")) or url_for("home.show"))


def _start(officer: Officer) -> None:
    browser = own_session()
    content = {key: browser[key] for key in ("language",) if key in browser}
    with services().database.writing.begin() as rows:
        if browser.token is not None:
            end_session(rows, hash_token(browser.token))
        token = start_session(rows, content, officer.id, at=moment())
        record_event(rows, "logged-in", officer, at=moment())
    browser.clear()
    browser.update(content)
    browser.become(token, officer.id)


def _failed(officer: Officer | None) -> tuple[str, int]:
    with services().database.writing.begin() as rows:
        record_event(rows, "login-failed", officer, at=moment())
    following = _own_path(request.form.get("next", ""))
    return log_in_page(following=following, failed=True, resume=_resume(), carried=_carried()), 401


def session_ended() -> tuple[str, int]:
    """The answer to a form whose session had ended: log in, and what was typed is still there."""
    form = request.form.items()
    carried = {name: text for name, text in form if name != "csrf_token" and request.blueprint in _RESUMED}
    resume = f"{request.path.removesuffix('/preview').removesuffix('/edit')}{_EDIT}" if carried else ""
    return log_in_page(resume=resume, carried=carried), 401


def _resume() -> str:
    # Only to where a form is shown again: nothing is done by a text that a log-in page carried.
    path = _own_path(request.form.get("resume", ""))
    return path if path.endswith(_EDIT) else ""


def _carried() -> dict[str, str]:
    form = request.form.items()
    return {name.removeprefix(_CARRIED): text for name, text in form if name.startswith(_CARRIED)}


def _own_path(text: str) -> str:
    # Only a path of this site: browsers read `//host` and `/\host` as another one.
    own = text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= 500
    return text if own and text.isprintable() and "\\" not in text else ""
