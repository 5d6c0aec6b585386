"""The first page and the results of a search."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from keys.code import MistypedCode, looks_like_code, parse_code
from keys.text import fold_digits
from search import SearchAway, SearchPage, meant
from verify.asjson import row_json
from verify.check import check_code
from verify.face import holder_name
from verify.narrowing import FIELDS, Asked, Names, filters_of, orders
from verify.pages import path_with
from verify.present import result_row
from verify.problems import Problem
from verify.published import Evidence
from verify.spelling import show_age
from verify.verdict import Verdict
from verify.views import (
    catch_up,
    count,
    held_of,
    json_answer,
    open_types,
    page,
    services_here,
    verdict_answer,
    wants_json,
)
from verify.words import say

_IDENTITY_DIGITS = 13

searching = Blueprint("searching", __name__)


@searching.get("/")
def home() -> AnyResponse:
    """The first page, or with `q` or a filter the results."""
    services = services_here()
    at = services.clock()
    evidence = services.evidence.current(at)
    words = request.args.get("q", "").strip()
    if looks_like_code(words):
        return redirect(_code_address(words), 303)
    if not words and not any(request.args.get(name) for name in FIELDS):
        return _home_page(evidence, at)
    count("search")
    if evidence is None:
        return verdict_answer(check_code("", (), None, at=at, caught_up=False))
    asked = Asked.of(request.args)
    found = _find(asked, at)
    verdicts = _verdicts(found.codes, evidence, at)
    if wants_json():
        return json_answer(_json(found, verdicts))
    return _results_page(asked, found, verdicts, evidence, at)


def _code_address(words: str) -> str:
    try:
        digits = parse_code(words)
    except MistypedCode as error:
        raise Problem("mistyped") from error
    return path_with(f"/c/{digits}", {"lang": g.language} if g.chosen else {})


def _home_page(evidence: Evidence | None, at: datetime) -> Response:
    types, agencies = open_types(evidence.catalog, at) if evidence is not None else ([], [])
    age = show_age(evidence.age(at), g.language) if evidence is not None else None
    if wants_json():
        age_seconds = int(evidence.age(at).total_seconds()) if evidence is not None else None
        return json_answer(
            {"types": len(types), "agencies": len(agencies), "evidence_age_seconds": age_seconds}
        )
    return page("home.html", types=len(types), agencies=len(agencies), age=age)


def _find(asked: Asked, at: datetime) -> SearchPage:
    search = services_here().search
    if search is None:
        raise Problem("search_away")
    try:
        return search.find(asked.query(at, request.args.get("next") or None))
    except SearchAway as error:
        raise Problem("search_away") from error


def _verdicts(codes: Sequence[str], evidence: Evidence, at: datetime) -> list[Verdict]:
    """The verdict of each code, from verified statements; what is not public (any more) is left out."""
    services = services_here()
    caught_up = catch_up(services, evidence)
    verdicts = (
        check_code(code, held_of(services, code), evidence, at=at, caught_up=caught_up) for code in codes
    )
    return [verdict for verdict in verdicts if verdict.license is not None]


def _json(found: SearchPage, verdicts: Sequence[Verdict]) -> Mapping[str, object]:
    return {
        "results": [row_json(verdict) for verdict in verdicts],
        "total": found.total,
        "capped": found.capped,
        "next": found.next,
        "facets": {
            name: {str(value): count for value, count in found.facets[field].items()}
            for name, field in FIELDS.items()
            if field in found.facets
        },
    }


def _results_page(
    asked: Asked, found: SearchPage, verdicts: Sequence[Verdict], evidence: Evidence, at: datetime
) -> Response:
    names = Names(*open_types(evidence.catalog, at), g.language)
    ways_out = [
        (name, names.of(name, value), path_with("/", _kept(asked.without(name))))
        for name, value in asked.filters.items()
    ]
    return page(
        "results.html",
        asked=asked,
        found=found,
        rows=[row for verdict in verdicts if (row := result_row(verdict, g.language))],
        filters=[*filters_of(asked, found, names), orders(asked, g.language)],
        ways_out=ways_out,
        meant=_meant(asked.words, verdicts),
        hint=_hint(asked.words),
    )


def _kept(arguments: Mapping[str, str]) -> dict[str, str]:
    return {**arguments, **({"lang": g.language} if g.chosen else {})}


def _meant(words: str, verdicts: Sequence[Verdict]) -> str | None:
    """The words as the first of the results, which is verified, spells them."""
    license_ = verdicts[0].license if verdicts else None
    if license_ is None or not words:
        return None
    face = license_.face
    return meant(words, [name for name in (face.premises, holder_name(face)) if name])


def _hint(words: str) -> str:
    """What to do when nothing is found: of a number of a person that it is not searched by."""
    digits = "".join(c for c in fold_digits(words) if c.isascii() and c.isdigit())
    if len(digits) == _IDENTITY_DIGITS and not digits.startswith("0"):
        return say("no_identity_search", g.language)
    return say("number_hint" if digits else "nothing_text", g.language)
