"""The pages of a typed code: the verdict of today, that on an earlier day, and its extract."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, Response, g, request

from keys.code import MistypedCode, parse_code
from keys.dates import bangkok_date
from keys.errors import Malformed
from verify.asof import AsOf, as_of
from verify.check import check_code
from verify.days import evidence_on
from verify.errors import EvidenceMissing
from verify.extracts import make_extract
from verify.license import Held
from verify.past import parse_day, past_json, past_page
from verify.problems import Problem
from verify.published import Evidence
from verify.services import Services
from verify.verdict import Detail, Kind
from verify.views import (
    catch_up,
    count,
    held_of,
    json_answer,
    page,
    services_here,
    verdict_answer,
    wants_json,
)

_EXTRACT_TYPE = "application/cbor"

codes = Blueprint("codes", __name__, url_prefix="/c")


@dataclass(frozen=True)
class _Asked:
    code: str
    at: datetime
    held: tuple[Held, ...]
    evidence: Evidence | None
    caught_up: bool


@codes.get("/<code>")
def typed(code: str) -> Response:
    """The verdict on a typed code, in any spelling that a person may use; with `on`, on a past day."""
    services = services_here()
    count("code")
    digits, day = _code(code), _day(services)
    asked = _ask(services, digits)
    if day is None:
        verdict = check_code(digits, asked.held, asked.evidence, at=asked.at, caught_up=asked.caught_up)
        return verdict_answer(verdict, digits)
    found, _ = _find(services, asked, day)
    if found.current.license is None:
        return verdict_answer(found.current, digits)
    if wants_json():
        return json_answer(past_json(found, digits))
    return page("past.html", page=past_page(found, g.language, digits))


@codes.get("/<code>/extract")
def extract(code: str) -> Response:
    """The evidence of a day (without `on`, of the newest there is) on one license as one file."""
    services = services_here()
    count("code")
    digits, day = _code(code), _day(services)
    asked = _ask(services, digits)
    # Just after midnight the newest evidence is of yesterday, and there is none of today yet.
    wanted = day or bangkok_date(asked.evidence.moment if asked.evidence else asked.at)
    found, then = _find(services, asked, wanted)
    if found.current.kind is Kind.NOT_FOUND:
        return verdict_answer(found.current, digits)
    if asked.evidence is None or found.current.license is None:
        raise Problem("evidence_away")
    if then is None:
        raise Problem("no_day" if found.then.detail is Detail.NO_SNAPSHOT else "evidence_away")
    source = services.evidence.source
    try:
        content = make_extract(source, digits, asked.held, wanted, then=then, now=asked.evidence)
    except EvidenceMissing as error:
        raise Problem("evidence_away") from error
    answer = Response(content, content_type=_EXTRACT_TYPE)
    name = f"{digits}-{wanted.isoformat()}.permit-extract"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _code(text: str) -> str:
    try:
        return parse_code(text)
    except MistypedCode as error:
        raise Problem("mistyped") from error


def _day(services: Services) -> date | None:
    """The day that is asked for, or None for today's verdict; told before anything is looked up."""
    text = request.args.get("on", "").strip()
    if not text:
        return None
    try:
        day = parse_day(text)
    except Malformed as error:
        raise Problem("bad_day") from error
    if day > bangkok_date(services.clock()):
        raise Problem("future_day")
    return day


def _ask(services: Services, code: str) -> _Asked:
    at = services.clock()
    evidence = services.evidence.current(at)
    caught_up = catch_up(services, evidence)
    return _Asked(code, at, held_of(services, code), evidence, caught_up)


def _find(services: Services, asked: _Asked, day: date) -> tuple[AsOf, Evidence | None]:
    """What is said of `day`, and the day's evidence."""
    then, lacking = None, Detail.NO_SNAPSHOT
    if asked.evidence is not None and asked.held:
        try:
            then = evidence_on(services.evidence.source, asked.evidence, day, asked.held)
        except EvidenceMissing:
            lacking = Detail.EVIDENCE_MISSING
    found = as_of(
        asked.code,
        asked.held,
        day,
        then=then,
        now=asked.evidence,
        at=asked.at,
        caught_up=asked.caught_up,
        lacking=lacking,
    )
    return found, then
