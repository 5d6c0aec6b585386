"""What stands before every page: who asks, in which language, from which site, and with what right."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Flask, g, redirect, request, session, url_for
from werkzeug.exceptions import SecurityError, Unauthorized
from werkzeug.wrappers import Response

from keys.catalog import LANGUAGES, Text
from registry.api_keys import is_unnoted, note_use, system_of
from registry.errors import NotPermitted
from registry.models import AgencyRow
from registry.permissions import Permission, require
from registry.queries import officer_in_office
from registry.services import Services
from registry.web.context import is_api, own_session
from registry.web.limits import KeyLimits
from registry.web.sessions import end_sessions_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_REQUEST = 256 << 10


@dataclass(frozen=True, slots=True)
class Rule:
    """The pages of a blueprint lie under `prefix`; `needs` is None where nobody has to log in.

    `largest` bounds a request in bytes.
    """

    pages: Blueprint
    prefix: str
    needs: Permission | None
    largest: int = LARGEST_REQUEST


class ForeignRequest(NotPermitted):
    """A change asked for by a page of another site."""


def stand_before(app: Flask, services: Services, rules: dict[str, Rule]) -> None:
    """Have every request to a known page pass the checks below, in this order."""
    limits = KeyLimits()

    @app.before_request
    def check() -> Response | None:
        g.at = services.clock()
        if isinstance(request.routing_exception, SecurityError):  # A host that is not ours.
            raise request.routing_exception
        if is_api():
            _check_system(services, rules, limits)
            return None
        g.language = _language()
        _find_officer(services)
        if request.endpoint is None:  # No such page, or not by this method: the answer says so.
            return None
        rule = rules[request.blueprint or ""]
        request.max_content_length = rule.largest
        if request.method not in SAFE:
            _require_own_site()
        if rule.needs is None:
            return None
        if (away := own_session().away) is not None:
            raise away
        if g.officer is None:
            return _ask_to_log_in()
        require(g.officer.role, rule.needs)
        return None


def _check_system(services: Services, rules: dict[str, Rule], limits: KeyLimits) -> None:
    rule = rules.get(request.blueprint or "")
    if rule is None or rule.needs is None:  # No such address, or what everybody may read.
        return
    request.max_content_length = rule.largest
    limits.count_address(request.remote_addr or "")
    with services.database.reading() as rows:
        g.system = system_of(rows, _bearer(), at=g.at)
        g.officer = g.system.officer
        unnoted = is_unnoted(rows, g.system.key, at=g.at)
    limits.count_key(g.system.key)
    require(g.officer.role, rule.needs)
    if unnoted:
        with services.database.writing.begin() as rows:
            note_use(rows, g.system.key, at=g.at)


def _bearer() -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.casefold() == "bearer" else ""


def _language() -> str:
    asked = request.args.get("lang")
    if asked in LANGUAGES and asked != session.get("language", LANGUAGES[0]):
        session["language"] = asked
    kept = session.get("language")
    return kept if kept in LANGUAGES else LANGUAGES[0]


def _find_officer(services: Services) -> None:
    # Rights come from the officer's row as it is now, not as it was at log-in.
    g.officer = None
    officer_id = own_session().officer
    if officer_id is None:
        return
    with services.database.reading() as rows:
        g.officer = officer_in_office(rows, officer_id)
        if g.officer is not None:
            name = rows.get_one(AgencyRow, g.officer.agency).definition["name"]
            g.agency_name = Text(name["th"], name["en"])
    if g.officer is None:
        with services.database.writing.begin() as rows:
            end_sessions_of(rows, officer_id)
        own_session().forget()


def _ask_to_log_in() -> Response:
    if request.method in SAFE:
        return redirect(url_for("auth.log_in", next=request.full_path.rstrip("?")))
    raise Unauthorized


def _require_own_site() -> None:
    """Return if the browser says that one of our own pages asks; raise `ForeignRequest` otherwise.

    Browsers send no `Sec-Fetch-Site` over plain http; then the origin decides, which is `null` for
    our own forms because of the referrer policy, and the token decides alone.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        own = site in ("same-origin", "none")
    elif origin in (None, "null"):
        own = True
    else:
        own = urlsplit(origin)[:2] == (request.scheme, request.host)
    if not own:
        raise ForeignRequest(
            "foreign-request",
            Text("คำขอนี้มาจากเว็บอื่น จึงไม่ได้ทำรายการ", "Another site asked for this, so nothing was done"),
        )
