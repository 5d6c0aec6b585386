"""The officers' pages: Flask over the register, without a line of JavaScript."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, request
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from keys.catalog import Text
from keys.code import show_code
from keys.dates import parse_date, show_date
from registry.lifecycle import ACT_WORDS
from registry.permissions import ROLE_WORDS, Permission, Role
from registry.services import Services
from registry.web import api, words
from registry.web.access import open_pages
from registry.web.batches import show_duration
from registry.web.context import EXTENSION, language, may, signed_in, today
from registry.web.guard import LARGEST_REQUEST, stand_before
from registry.web.headers import set_headers, style
from registry.web.problems import answer_problems
from registry.web.seen import BADGES, tone_of
from registry.web.sessions import TableSessions
from registry.web.steps import slug_of
from registry.web.uploading import request_class

__all__ = ["create_app"]

_MOST_PARTS = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu: its words, the blueprints it stands for, the right it needs."""

    label: Text
    blueprints: tuple[str, ...]
    needs: Permission = Permission.VIEW


# By endpoint, in the order of the menu.
MENU: dict[str, Entry] = {
    "home.show": Entry(Text("งานของฉัน", "My work"), ("home",)),
    "licenses.list_licenses": Entry(Text("ใบอนุญาต", "Licenses"), ("licenses", "plates", "acting")),
    "issuing.choose_type": Entry(Text("ออกใบอนุญาต", "Issue"), ("issuing",), Permission.PROPOSE),
    "batches.history": Entry(
        Text("นำเข้า", "Import"), ("batches", "batch_files", "arrivals", "columns", "batch_acts")
    ),
    "approvals.list_proposals": Entry(Text("อนุมัติ", "Approvals"), ("approvals",)),
    "keyring.list_keys": Entry(Text("กุญแจ", "Keys"), ("keyring", "ceremony"), Permission.KEYS),
    "officers.list_officers": Entry(Text("เจ้าหน้าที่", "Officers"), ("officers",), Permission.OFFICERS),
    "systems.list_keys": Entry(Text("ระบบที่เชื่อมต่อ", "Systems"), ("systems",), Permission.SYSTEMS),
}


def create_app(services: Services) -> Flask:
    """The officers' application over these services."""
    app = Flask(__name__, static_folder=None)
    app.request_class = request_class(services.config.data)
    app.extensions[EXTENSION] = services
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        MAX_FORM_PARTS=_MOST_PARTS,
        # A token is compared with the one in the server-side session; that it is signed as well adds
        # nothing, so the key only has to be the same for all workers.
        SECRET_KEY=f"form tokens of {services.config.host}",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # Asks for a referrer, which our own policy withholds.
    )
    if services.config.office_hosts:
        app.config["TRUSTED_HOSTS"] = list(services.config.office_hosts)
    if services.config.proxies:
        count = services.config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.session_interface = TableSessions(services)
    stand_before(app, services, open_pages(app))
    # A system sends its key with each request, which no browser does by itself.
    CSRFProtect(app).exempt(api.pages)
    set_headers(app)
    answer_problems(app)
    _speak(app)
    return app


def _speak(app: Flask) -> None:
    """What every template knows."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"code": show_code, "slug": slug_of, "duration": show_duration}
    app.jinja_env.globals |= {
        "act_by_name": {act.name: words for act, words in ACT_WORDS.items()},
        "act_words": ACT_WORDS,
        "badges": BADGES,
        "nav": MENU,
        "role_words": {role.value: ROLE_WORDS[role] for role in Role},
        "style": style,
        "tone_of": tone_of,
    }

    @app.context_processor
    def speak() -> dict[str, Any]:
        spoken = language()
        return {
            "language": spoken,
            "t": lambda thai, english: english if spoken == "en" else thai,
            "iso": lambda text: show_date(parse_date(text), spoken, short=True),
            "in_other_language": _in_other_language(spoken),
            "day": lambda day, **how: show_date(day, spoken, **how),
            "weekday": lambda: words.show_weekday(today(), spoken),
            "moment": lambda at: words.show_moment(at, spoken),
            "officer": signed_in(),
            "agency_name": g.get("agency_name"),
            "may": may,
        }


def _in_other_language(spoken: str) -> str:
    # The same page with the same question, so that switching loses nothing.
    asked = {**request.args.to_dict(), "lang": "th" if spoken == "en" else "en"}
    return f"?{urlencode(asked)}"
