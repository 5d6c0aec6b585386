"""The public pages as a WSGI application: hosts, languages, headers and errors; the views beside it.

It reads no header but Host, Accept, Accept-Language and the conditional ones, behind proxies of ours also
X-Forwarded-For, and never sets a cookie.
"""

import json
import logging
import secrets
import traceback
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from keys.catalog import LANGUAGES
from verify.asjson import problem_json
from verify.codes import codes
from verify.limiting import Limits
from verify.pages import CONTENT_SECURITY_POLICY, render
from verify.problems import WITH_CODE_BOX, Problem
from verify.proofs import proofs
from verify.searching import searching
from verify.services import SERVICES, Services
from verify.views import LIMITS, services_here, views, wants_json
from verify.words import PROBLEM_TEXTS, PROBLEMS

_LOG = logging.getLogger("verify")
_LARGEST_BODY = 4096
_PROBLEM_OF_STATUS = {404: "not_here", 405: "not_allowed"}

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class PublicApp(Flask):
    """Flask that writes no address of a request into the log: it may be a card or a code."""

    def log_exception(self, exc_info: Any) -> None:
        """Nothing here; `_on_fault` logs what may be logged."""


def create_app(services: Services) -> Flask:
    """The public application over `services`."""
    app = PublicApp("verify", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.extensions[SERVICES] = services
    app.extensions[LIMITS] = Limits(code=services.config.code_limit, search=services.config.search_limit)
    app.register_blueprint(views)
    app.register_blueprint(searching)
    app.register_blueprint(codes)
    app.register_blueprint(proofs)
    app.before_request(_choose_language)
    app.before_request(lambda: _require_host(services))
    app.after_request(lambda answer: _with_headers(answer, services))
    app.register_error_handler(Problem, _on_problem)
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(Exception, _on_fault)
    if services.config.proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=services.config.proxies, x_proto=0, x_host=0, x_prefix=0)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    _begin(services)
    return app


def _begin(services: Services) -> None:
    # The first readers need not wait for what can be read before they come.
    evidence = services.evidence.current(services.clock())
    if evidence is not None and services.lookup is not None:
        services.lookup.catch_up(evidence, wait=0)


def _choose_language() -> None:
    asked = request.args.get("lang", "")
    g.chosen = asked in LANGUAGES
    g.language = asked if g.chosen else request.accept_languages.best_match(LANGUAGES, "th")


def _require_host(services: Services) -> None:
    # Compared exactly, port included: what the page calls official never comes from the request.
    if request.environ.get("HTTP_HOST") not in services.config.trusted_hosts:
        raise Problem("wrong_host", host=services.config.host)


def _with_headers(answer: Response, services: Services) -> Response:
    for name, value in HEADERS.items():
        answer.headers[name] = value
    if services.config.base_url.startswith("https://"):
        answer.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    if "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Vary"] = "Accept, Accept-Language"
    # The service is to be found, what it says of a person or a place is not.
    if request.path.startswith(("/v/", "/c/")) or request.query_string:
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _on_problem(problem: Problem) -> Response:
    services = services_here()
    title = PROBLEMS[problem.name].show(g.language)
    text = PROBLEM_TEXTS[problem.name].show(g.language).format(**problem.values)
    if wants_json() or request.blueprint == proofs.name:  # Only programs ask for proofs.
        body = problem_json(problem.name, problem.status, title, text, host=services.config.host)
        answer = Response(
            json.dumps(body, ensure_ascii=False), problem.status, content_type="application/problem+json"
        )
    else:
        page = render(
            "problem.html",
            g.language,
            host=services.config.host,
            chosen=g.chosen,
            title=title,
            text=text,
            code_box_shown=problem.name in WITH_CODE_BOX,
        )
        answer = Response(page, problem.status, content_type="text/html; charset=utf-8")
    if "seconds" in problem.values:
        answer.headers["Retry-After"] = str(problem.values["seconds"])
    return answer


def _on_http_exception(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _on_fault(error)
    answer = _on_problem(Problem(_PROBLEM_OF_STATUS.get(status, "bad_request")))
    for name, value in error.get_headers(request.environ):
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _on_fault(error: Exception) -> Response:
    # The words of the exception may hold a code or a card, so only its kind and its lines are kept.
    reference = secrets.token_hex(4)
    lines = " | ".join(f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__))
    _LOG.error("fault %s: %s at %s", reference, type(error).__name__, lines)
    return _on_problem(Problem("fault", reference=reference))
