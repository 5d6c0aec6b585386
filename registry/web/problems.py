"""What a person sees when something cannot be done: one page, which says what to do next.

A system gets the same as problem details (RFC 9457), in Thai and English.
"""

import json
import logging
import secrets
from dataclasses import dataclass

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from keys.catalog import Text
from registry.api_keys import UnknownKey
from registry.audit_events import record_event
from registry.errors import BehindPublished, NotPermitted, Refused
from registry.web.auth import session_ended
from registry.web.context import is_api, language, moment, services, signed_in
from registry.web.guard import SAFE
from registry.web.limits import TooManyTries

_log = logging.getLogger(__name__)

Answer = tuple[str, int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """Headline and advice."""

    title: Text
    advice: Text


PROBLEMS: dict[int, Problem] = {
    401: Problem(
        Text("ไม่มีกุญแจที่ใช้ได้", "There is no key that opens this"),
        Text(
            "ส่งกุญแจในหัว Authorization: Bearer และตรวจว่ายังไม่หมดอายุหรือถูกเพิกถอน",
            "Send the key as Authorization: Bearer, and see that it has neither ended nor been revoked",
        ),
    ),
    400: Problem(
        Text("อ่านคำขอนี้ไม่ได้", "This request cannot be read"),
        Text("กลับไปหน้าก่อน แล้วลองอีกครั้ง", "Go back and try again"),
    ),
    403: Problem(
        Text("ทำรายการนี้ไม่ได้", "This is not allowed"),
        Text("ขอให้เจ้าหน้าที่ที่มีสิทธิ์ทำแทน", "Ask an officer who has the right"),
    ),
    404: Problem(
        Text("ไม่มีหน้านี้ในหน่วยงานของคุณ", "Your agency has no such page"),
        Text("ตรวจรหัสหรือเลขที่อีกครั้ง", "Check the code or number"),
    ),
    405: Problem(
        Text("เปิดหน้านี้ด้วยวิธีนี้ไม่ได้", "This page cannot be used that way"),
        Text("เริ่มใหม่จากหน้าแรก", "Start again from the first page"),
    ),
    409: Problem(
        Text("ยังไม่ได้ทำรายการ", "Nothing was done"),
        Text("เปิดดูข้อมูลล่าสุดก่อน แล้วทำอีกครั้ง", "Look at the newest state, then repeat"),
    ),
    413: Problem(
        Text("ข้อมูลที่ส่งมาใหญ่เกินไป", "Too much was sent"),
        Text("ย่อข้อความ หรือแบ่งไฟล์ให้เล็กลง", "Shorten the texts, or split the file"),
    ),
    415: Problem(
        Text("ไม่รับไฟล์ชนิดนี้", "Files of this type are not taken"),
        Text("ส่ง CSV XLSX JSON Lines หรือ GeoJSON", "Send CSV, XLSX, JSON Lines or GeoJSON"),
    ),
    422: Problem(
        Text("คำขอไม่ครบหรือขัดกัน", "The request is incomplete or contradicts itself"),
        Text("ตรวจค่าที่ส่งมา", "Check what was sent"),
    ),
    429: Problem(
        Text("ขอเวลาสักครู่", "One moment"),
        Text("ลองใหม่ภายหลัง", "Try again later"),
    ),
    500: Problem(
        Text("ระบบขัดข้อง ไม่ใช่ความผิดของคุณ", "Something broke on our side"),
        Text("แจ้งเลขอ้างอิงนี้กับผู้ดูแลระบบ", "Tell this reference to the administrators"),
    ),
    503: Problem(
        Text("ยังทำรายการไม่ได้", "Nothing can be entered now"),
        Text("ลองใหม่ภายหลัง", "Try again later"),
    ),
}
CSRF_ADVICE = Text(
    "แบบฟอร์มนี้หมดอายุแล้ว ยังไม่ได้ทำรายการ เปิดหน้าใหม่แล้วทำอีกครั้ง",
    "This form has expired and nothing was done. Open the page anew and repeat",
)
# The words for programs of what has no name of its own.
_NAMES = {
    401: "no-key",
    403: "not-allowed",
    404: "not-here",
    405: "no-such-method",
    409: "refused",
    413: "too-large",
    415: "no-such-type",
    429: "too-many",
    500: "fault",
    503: "away",
}
# Words of `Refused` that mean "there is no such thing here".
_ABSENT = frozenset({"no-batch", "no-key", "no-license", "no-proposal", "no-type"})


def show_problem(status: int, advice: Text | None = None, *, name: str = "", reference: str = "") -> Answer:
    """The page of a status, with its own advice or a better one; for a system, the problem details.

    `name` is a stable word for programs.
    """
    problem = PROBLEMS.get(status, PROBLEMS[400])
    words = advice or problem.advice
    if is_api():
        content = _details(status, name or _NAMES.get(status, "bad-request"), problem.title, words)
        if reference:
            content["reference"] = reference
        return json.dumps(content, ensure_ascii=False), status, {"Content-Type": "application/problem+json"}
    page = render_template(
        "problem.html",
        title=problem.title.show(language()),
        advice=words.show(language()),
        status=status,
        reference=reference,
    )
    return page, status, {}


def _details(status: int, name: str, title: Text, advice: Text) -> dict[str, object]:
    return {
        # A tag never changes and need not answer (RFC 4151).
        "type": f"tag:{services().config.host},2026:{name}",
        "status": status,
        "title": title.en,
        "detail": advice.en,
        "th": {"title": title.th, "detail": advice.th},
    }


def status_of(error: Refused) -> int:
    """The HTTP status of a refusal."""
    if error.code in _ABSENT:
        return 404
    if isinstance(error, NotPermitted):
        return 403
    # A form shows such a fault beside its field; a system is told that what it sent was wrong.
    return 422 if is_api() and error.field else 409


def note_refusal(code: str) -> None:
    """Store that an officer was refused a change, after the change itself was rolled back."""
    officer = signed_in()
    if officer is None or request.method in SAFE:
        return
    with services().database.writing.begin() as session:
        record_event(session, "refused", officer, at=moment(), why=code, page=request.endpoint)


def broken(error: Exception) -> Answer:
    """The page of a fault of ours: a reference for the person, the rest for the log."""
    reference = secrets.token_hex(4)
    # A database's message may quote what was entered, so only its kind goes into the log.
    if isinstance(error, SQLAlchemyError):
        _log.error("reference %s: %s", reference, type(error).__name__)
    else:
        _log.error("reference %s", reference, exc_info=error)
    return show_problem(500, reference=reference)


def _refused(error: Refused) -> Answer:
    note_refusal(error.code)
    return show_problem(status_of(error), error.words, name=error.code)


def _behind(error: BehindPublished) -> Answer:
    _log.error("%s", error)
    return show_problem(503, error.words, name="behind")


def _forged(error: CSRFError) -> Answer:
    _log.info("form token refused: %s", error.description)
    note_refusal("csrf")
    return show_problem(400, CSRF_ADVICE)


def _too_many(error: TooManyTries) -> Answer:
    # Nothing is stored: the limit protects the disk too.
    minutes = -(-error.seconds // 60)
    page, status, more = show_problem(429, Text(f"ลองใหม่ใน {minutes} นาที", f"Try again in {minutes} min"))
    return page, status, {**more, "Retry-After": str(error.seconds)}


def _no_key(error: UnknownKey) -> Answer:
    _log.info("a request without a key: %s", error)
    page, status, more = show_problem(401)
    return page, status, {**more, "WWW-Authenticate": "Bearer"}


def _http(error: HTTPException) -> Answer:
    status = error.code or 500
    if status == 401:
        return *session_ended(), {}
    if status >= 500:
        return broken(error)
    page, status, more = show_problem(status)
    allowed = getattr(error, "valid_methods", None)
    return page, status, {**more, "Allow": ", ".join(sorted(allowed))} if allowed else more


def answer_problems(app: Flask) -> None:
    """Have every error end in a page, and every refusal of a change in an audit event."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(BehindPublished, _behind)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(TooManyTries, _too_many)
    app.register_error_handler(UnknownKey, _no_key)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, broken)
