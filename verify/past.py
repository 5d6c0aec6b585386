"""What is said of a day that is over: its words, its page and its JSON.

There is no green here, because color answers whether the place may operate today.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from keys.catalog import Text
from keys.code import show_code
from keys.dates import BUDDHIST_OFFSET, parse_date, show_date
from keys.errors import Malformed
from keys.record import LicenseRecord
from keys.text import fold_digits
from verify.asjson import act_json, moment_json
from verify.asof import AsOf
from verify.face import holder_name, kind_words
from verify.headlines import KIND_WORDS
from verify.present import Event, event_of
from verify.spelling import show_moment
from verify.verdict import Detail, Kind, Verdict
from verify.words import say

_DAY_FIRST = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})")
_LONGEST_DAY = 20
# Years from here on are Buddhist ones, which are 543 more.
_BUDDHIST_FROM = 2400

_WORDS: Mapping[Kind, Text] = {
    **KIND_WORDS,
    Kind.NOT_FOUND: Text("ยังไม่พบในทะเบียน", "not to be found in the register"),
    Kind.NOT_GENUINE: Text("ใช้ยืนยันไม่ได้", "proves nothing: its key was withdrawn"),
    Kind.CANNOT_TELL: Text("บอกไม่ได้", "cannot be told"),
}
_DETAILS: Mapping[Detail, Text] = {
    Detail.VOIDED: Text("ถูกยกเลิกเพราะออกโดยผิดพลาด", "voided: issued in error"),
    Detail.RENEWAL_FILED: Text("ยื่นต่ออายุแล้ว", "renewal filed"),
    Detail.NO_SNAPSHOT: Text("ไม่ได้เก็บหลักฐานของวันนั้น", "no evidence is kept of that day"),
    Detail.ENTERED_LATER: Text("บันทึกในทะเบียนหลังจากวันนั้น", "entered in the register after that day"),
    Detail.EVIDENCE_MISSING: Text("หลักฐานไม่ครบ", "a part of the evidence is missing"),
    Detail.KEY_DENIED: Text("กุญแจลงนามถูกยกเลิก", "its signing key was withdrawn"),
    Detail.STALE: Text("หลักฐานเก่าเกินไป", "the evidence is too old"),
    Detail.CLOCK_WRONG: Text("นาฬิกาของระบบช้ากว่าข้อมูล", "our clock is behind the evidence"),
}


@dataclass(frozen=True, slots=True)
class PastPage:
    """One answer about a day as its page says it."""

    code: str
    shown_code: str
    day: str
    iso_day: str
    name: str
    holder: str
    kind: str
    term: str
    then: str
    then_notes: str
    now: str
    now_notes: str
    since: Sequence[Event]
    has_extract: bool


def parse_day(text: str) -> date:
    """The day that a person or a program meant; raises `Malformed`.

    `2026-12-31`, or `31/12/2569` with a Buddhist year (a common one below 2400), in any digits.
    """
    folded = fold_digits(text.strip())
    if len(folded) > _LONGEST_DAY:
        raise Malformed("a day is written 31/12/2569 or 2026-12-31")
    found = _DAY_FIRST.fullmatch(folded)
    if found is None:
        return parse_date(folded)
    day, month, year = map(int, found.groups())
    try:
        return date(year - BUDDHIST_OFFSET if year >= _BUDDHIST_FROM else year, month, day)
    except ValueError as error:
        raise Malformed("there is no such day") from error


def say_verdict(verdict: Verdict, language: str) -> str:
    """A verdict on a past day in a few words."""
    words = _WORDS[verdict.kind].show(language)
    if verdict.detail is None or verdict.detail not in _DETAILS:
        return words
    detail = _DETAILS[verdict.detail].show(language)
    return detail if verdict.detail is Detail.VOIDED else f"{words} · {detail}"


def record_of(found: AsOf) -> LicenseRecord | None:
    """The version that the day's evidence is about, else today's."""
    for verdict in (found.then, found.current):
        if verdict.license is not None and verdict.license.record is not None:
            return verdict.license.record
    return None


def past_page(found: AsOf, language: str, code: str) -> PastPage:
    """What the page of `found` shows."""
    record, evidence = record_of(found), found.current.evidence
    if record is None or evidence is None:
        raise ValueError("a past day is shown of a license only")
    kind = evidence.catalog.types.get(record.license_type)
    premises, holder = record.premises or "", holder_name(record) or ""
    called = kind_words(kind, language)
    return PastPage(
        code=code,
        shown_code=show_code(code),
        day=show_date(found.day, language),
        iso_day=found.day.isoformat(),
        name=premises or holder or called,
        holder=holder if premises else "",
        kind=kind.name.show(language) if kind else called,
        term=_term(record, language),
        then=say_verdict(found.then, language),
        then_notes=_published(found.then, found, language),
        now=say_verdict(found.now, language),
        now_notes=say("as_published", language, moment=show_moment(evidence.moment, language)),
        since=[event_of(act, called, found.current, language) for act in reversed(found.since)],
        has_extract=found.has_evidence,
    )


def _published(verdict: Verdict, found: AsOf, language: str) -> str:
    if not found.has_evidence or verdict.evidence is None:
        return ""
    return say("as_published", language, moment=show_moment(verdict.evidence.moment, language))


def _term(record: LicenseRecord, language: str) -> str:
    begins = show_date(record.valid_from, language)
    if record.valid_until is None:
        return say("from_on", language, begins=begins)
    return say("from_to", language, begins=begins, until=show_date(record.valid_until, language))


def past_json(found: AsOf, code: str) -> dict[str, Any]:
    """The answer about a day for programs; words like "today" do not occur in it."""
    record, evidence = record_of(found), found.current.evidence
    return {
        "code": code,
        "day": found.day.isoformat(),
        "known_then": _known(found.then) if found.has_evidence else _known(found.then) | _NO_EVIDENCE,
        "known_now": _known(found.now),
        "checked_at": moment_json(found.current.checked_at),
        "version": record.version if record else None,
        "valid_from": record.valid_from.isoformat() if record else None,
        "valid_until": record.valid_until.isoformat() if record and record.valid_until else None,
        "entered_since": [act_json(act, evidence.catalog) for act in found.since] if evidence else [],
        "extract": f"/c/{code}/extract?on={found.day.isoformat()}" if found.has_evidence else None,
    }


_NO_EVIDENCE = {"moment": None, "snapshot": None, "log_size": None}


def _known(verdict: Verdict) -> dict[str, Any]:
    evidence = verdict.evidence
    return {
        "verdict": verdict.kind.value,
        "detail": verdict.detail.value if verdict.detail else None,
        "moment": moment_json(evidence.moment) if evidence else None,
        "snapshot": evidence.snapshot.version if evidence else None,
        "log_size": evidence.snapshot.log_size if evidence else None,
    }
