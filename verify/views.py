"""The views: read the request, call one function, answer."""

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, g, request
from werkzeug.wrappers import Response as AnyResponse

from keys.catalog import Agency, Catalog, LicenseType
from keys.dates import bangkok_date, show_date
from keys.errors import Malformed
from keys.layout import sha256
from keys.phone import PHONE_BUNDLE
from search import SearchAway
from search.opening import Fallback
from verify.asjson import verdict_json
from verify.check import check_card
from verify.errors import LookupAway, VerifyError
from verify.files import published_file
from verify.license import Held
from verify.limiting import Limits
from verify.pages import render
from verify.present import verdict_page
from verify.problems import Problem
from verify.published import Evidence
from verify.scan import scan_digits
from verify.services import SERVICES, Services
from verify.verdict import Kind, Verdict

LIMITS = "permits-verify-limits"
LOOKUP_WAIT_SECONDS = 0.2

views = Blueprint("verify", __name__)


def services_here() -> Services:
    """The services that the application was made with."""
    services: Services = current_app.extensions[SERVICES]
    return services


def count(purpose: str) -> None:
    """Count a request against the limit of its purpose; raises the problem `too_many`."""
    limits: Limits = current_app.extensions[LIMITS]
    limits.count(purpose, request.remote_addr)


def wants_json() -> bool:
    """Whether JSON is preferred to a page; a browser's `*/*` is a page."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def page(template: str, status: int = 200, **values: Any) -> Response:
    """The page of a template in the reader's language."""
    config = services_here().config
    body = render(template, g.language, host=config.host, chosen=g.chosen, **values)
    return Response(body, status, content_type="text/html; charset=utf-8")


def json_answer(value: Any, status: int = 200) -> Response:
    """`value` as JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, content_type="application/json")


# --- verdicts -----------------------------------------------------------------------------------


@views.get("/v/<digits>")
def scanned(digits: str) -> Response:
    """The verdict on a scanned card; never limited, never waiting for the look-up."""
    services = services_here()
    at = services.clock()
    evidence, lookup = services.evidence.current(at), services.lookup
    if lookup is not None and evidence is not None:
        lookup.catch_up(evidence, wait=0)
    try:
        look = lookup.held if lookup is not None else None
        verdict = check_card(scan_digits(digits), evidence, at=at, look=look)
    except Malformed as error:
        raise Problem("damaged") from error
    return verdict_answer(verdict)


def catch_up(services: Services, evidence: Evidence | None) -> bool:
    """Whether the look-up has reached the evidence, after a short wait."""
    # Asked before the look-up is read: what it then lacks is not there.
    if services.lookup is None or evidence is None:
        return False
    return services.lookup.catch_up(evidence, wait=LOOKUP_WAIT_SECONDS)


def held_of(services: Services, code: str) -> tuple[Held, ...]:
    """What the look-up holds of a code; nothing while it is away."""
    try:
        return services.lookup.held(code) if services.lookup is not None else ()
    except LookupAway:
        return ()


def verdict_answer(verdict: Verdict, code: str = "") -> Response:
    """The verdict as a page or as JSON; `code` is the typed one."""
    status = 404 if verdict.kind is Kind.NOT_FOUND else 200
    if wants_json():
        return json_answer(verdict_json(verdict), status)
    shown = verdict_page(verdict, g.language, code=code)
    return page("verdict.html", status, page=shown, verdict=verdict, files=_files_address())


def _files_address() -> str:
    published = services_here().config.published
    return published.rstrip("/") if "://" in published else ""


def open_types(catalog: Catalog, at: datetime) -> tuple[list[LicenseType], list[Agency]]:
    """The types that are public today and the agencies that publish them."""
    today = bangkok_date(at)
    pairs = [
        (kind, agency)
        for agency in catalog.agencies.values()
        for kind in catalog.types.values()
        if catalog.is_open(agency.number, kind.number, today)
    ]
    types = {kind.number: kind for kind, _ in pairs}
    agencies = {agency.number: agency for _, agency in pairs}
    return [types[n] for n in sorted(types)], [agencies[n] for n in sorted(agencies)]


# --- standing pages, health, files ----------------------------------------------------------------


@views.get("/types")
def types_page() -> Response:
    """Which types can be searched, and since when which agency publishes them."""
    services = services_here()
    at = services.clock()
    evidence = services.evidence.current(at)
    listed = []
    types, agencies = open_types(evidence.catalog, at) if evidence is not None else ([], [])
    for kind in types:
        publishers = [
            (agency, show_date(since, g.language, short=True))
            for agency in agencies
            if (since := agency.types.get(kind.number)) and since <= bangkok_date(at)
        ]
        listed.append((kind, publishers))
    if wants_json():
        return json_answer(
            [
                {"type": kind.number, "name": {"th": kind.name.th, "en": kind.name.en}}
                | {"agencies": [agency.number for agency, _ in publishers]}
                for kind, publishers in listed
            ]
        )
    return page("types.html", listed=listed)


@views.get("/genuine")
def genuine_page() -> Response:
    """How to tell a fake."""
    return page("genuine.html")


@views.get("/robots.txt")
def robots() -> Response:
    """Verdicts and results are not for search engines."""
    return Response("User-agent: *\nDisallow: /v/\nDisallow: /c/\nDisallow: /?\n", content_type="text/plain")


@views.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return json_answer({"alive": True})


@views.get("/readyz")
def readyz() -> Response:
    """Whether a verified snapshot of any age is loaded; the rest are fields, never a reason for 503."""
    services = services_here()
    at = services.clock()
    evidence = services.evidence.current(at)
    if evidence is None:
        return json_answer({"ready": False, "fault": services.evidence.fault}, 503)
    lookup = services.lookup
    return json_answer(
        {
            "ready": True,
            "snapshot": evidence.snapshot.version,
            "log_size": evidence.snapshot.log_size,
            "evidence_age_seconds": int(evidence.age(at).total_seconds()),
            "fault": services.evidence.fault,
            "lookup_caught_up": catch_up(services, evidence),
            "lookup_fault": lookup.fault if lookup is not None else None,
            "search": _search_state(services),
        }
    )


def _search_state(services: Services) -> str:
    try:
        if services.search is None:
            return "away"
        services.search.cursor()
    except SearchAway:
        return "away"
    return "embedded" if isinstance(services.search, Fallback) and services.search.fault else "ready"


@views.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus; nothing about any license or reader."""
    services = services_here()
    at = services.clock()
    evidence = services.evidence.current(at)
    figures = {"permits_evidence_loaded": int(evidence is not None)}
    if evidence is not None:
        figures["permits_evidence_age_seconds"] = int(evidence.age(at).total_seconds())
        figures["permits_snapshot_version"] = evidence.snapshot.version
        figures["permits_log_size"] = evidence.snapshot.log_size
        figures["permits_ring_expires_seconds"] = evidence.ring.expires
        lookup = services.lookup
        figures["permits_lookup_caught_up"] = int(lookup is not None and lookup.has_reached(evidence))
    body = "".join(f"# TYPE {name} gauge\n{name} {value}\n" for name, value in figures.items())
    return Response(body, content_type="text/plain; version=0.0.4; charset=utf-8")


@views.get("/snapshot")
@views.get("/jwks.json")
@views.get("/keyring.cbor")
@views.get("/catalog.json")
@views.get("/log/<path:_>")
@views.get("/denied/<path:_>")
@views.get("/status/<path:_>")
@views.get("/snapshots/<path:_>")
@views.get("/keyring/<path:_>")
@views.get("/catalog/<path:_>")
def published(_: str = "") -> AnyResponse:
    """A published public file, as it is."""
    return published_file(services_here().evidence.source, request.path.removeprefix("/"))


@views.get(f"/{PHONE_BUNDLE}")
def phone_bundle() -> AnyResponse:
    """All that a phone needs off line, in one file; asked again with its ETag it costs nothing."""
    services = services_here()
    evidence = services.evidence.current(services.clock())
    if evidence is None:
        raise Problem("not_here")
    try:
        content = services.phone.of(evidence, services.evidence.source)
    except VerifyError as error:
        raise Problem("not_here") from error
    answer = Response(content, content_type="application/cbor")
    answer.headers["Cache-Control"] = "no-cache"
    answer.set_etag(sha256(content).hex())
    return answer.make_conditional(request)
