"""An officer's own sessions, and logging out."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.audit_events import record_event
from registry.queries import sessions_of
from registry.web.context import acting, moment, officer, own_session, say, services
from registry.web.sessions import end_session, end_sessions_of, hash_token, is_over

pages = Blueprint("account", __name__)


@pages.get("/sessions")
def list_sessions() -> str:
    """Every browser this officer is logged in with."""
    with services().database.reading() as rows:
        found = [row for row in sessions_of(rows, officer().id) if not is_over(row, moment())]
    return render_template("sessions.html", sessions=found, own=hash_token(own_session().token or ""))


@pages.post("/sessions/end")
def end_other() -> Response:
    """End one of the officer's own sessions, named by its hash."""
    try:
        token_hash = bytes.fromhex(request.form.get("session", ""))
    except ValueError:
        abort(404)
    with services().database.writing.begin() as rows:
        found = acting(rows)
        if token_hash not in {row.token_hash for row in sessions_of(rows, found.id)}:
            abort(404)
        end_session(rows, token_hash)
        record_event(rows, "session-ended", found, at=moment())
    say("จบเซสชันนั้นแล้ว", "That session has ended")
    return redirect(url_for("account.list_sessions"))


@pages.post("/sessions/end-others")
def end_others() -> Response:
    """End all of the officer's sessions but this one."""
    with services().database.writing.begin() as rows:
        found = acting(rows)
        end_sessions_of(rows, found.id, but=hash_token(own_session().token or ""))
        record_event(rows, "other-sessions-ended", found, at=moment())
    say("จบเซสชันอื่นทั้งหมดแล้ว", "All other sessions have ended")
    return redirect(url_for("account.list_sessions"))


@pages.post("/logout")
def log_out() -> Response:
    """End this session."""
    with services().database.writing.begin() as rows:
        end_session(rows, hash_token(own_session().token or ""))
        record_event(rows, "logged-out", officer(), at=moment())
    own_session().forget()
    return redirect(url_for("auth.log_in"))
