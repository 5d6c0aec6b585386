"""The API for agencies' own systems: a file becomes a batch, which is polled, looked at and released.

It does what the officers' pages do, by the same functions, under a key instead of a log-in.
"""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from keys.catalog import LicenseType, Text
from keys.layout import sha256
from keys.text import canonical
from registry.api_answers import keep_answer, known_answer, require_name
from registry.api_keys import System
from registry.catalogs import current_catalog
from registry.errors import NotPermitted, refuse
from registry.intake.batches import Kind, Missing, NameAlone, Options, Release, State
from registry.intake.browsing import batch_of, batches_of, problems_of, rows_of
from registry.intake.receipts import make_receipt
from registry.intake.receiving import Received, folder_of, forget, receive
from registry.intake.releasing import decide_missing, needs_second_person, release, withdraw
from registry.intake.uploads import Wanted, accept, upload_of
from registry.models import Batch
from registry.terms import DateFault, parse_day
from registry.web.batch_words import batch_json, faults_json, row_json
from registry.web.context import acting, moment, services, whole
from registry.web.openapi import FORM, describe

pages = Blueprint("api", __name__)
description = Blueprint("api_description", __name__)

PAGE_SIZE = 200
_LONGEST_BASIS = 200
_POLL_SECONDS = 2
_UNDECIDED = (State.READING, State.RELEASED)
_ONCE_MORE = 2
_PARAMETERS = {*FORM, "name"}


@description.get("/openapi.json")
def describe_api() -> Response:
    """What can be asked here, for programs that read OpenAPI 3.1."""
    return _answer(describe(services().config.host))


def _system() -> System:
    found: System = g.system
    return found


def _answer(content: dict[str, Any], status: int = 200) -> Response:
    answer = Response(json.dumps(content, ensure_ascii=False), status, content_type="application/json")
    if content.get("state") in _UNDECIDED:
        answer.headers["Retry-After"] = str(_POLL_SECONDS)
    return answer


def _own(session: Session, number: int) -> tuple[Batch, LicenseType]:
    """A batch of the system's agency and types; raises `Refused`, a 404, for any other."""
    batch = batch_of(session, number, _system().officer)
    if batch.license_type not in _system().types:
        raise refuse("no-batch", "ไม่มีชุดข้อมูลนี้", "There is no such batch")
    return batch, current_catalog(session).types[batch.license_type]


def _status(session: Session, number: int) -> dict[str, Any]:
    batch, kind = _own(session, number)
    return batch_json(batch, upload_of(session, number), kind)


# --- a file comes in ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sent:
    """One request to propose a batch: its name, what it wants, and a hash over all of it."""

    name: str
    wanted: Wanted
    file: Received

    @property
    def hash(self) -> bytes:
        wanted = self.wanted
        said = [wanted.license_type, wanted.source, wanted.options.as_json(), wanted.mapping, self.file.name]
        return sha256(json.dumps(said, sort_keys=True).encode() + self.file.digest)


@pages.post("/batches")
def propose() -> Response:
    """Receive a file and have it read; the answer comes at once, the diff a little later."""
    name = require_name(request.headers.get("Idempotency-Key", ""))
    folder = folder_of(services().config.data)
    is_form = request.mimetype == "multipart/form-data"
    if is_form and not (request.form or request.files):
        raise refuse(
            "broken-form",
            "อ่านแบบฟอร์มไม่ได้ อาจขาดกลางทางหรือ boundary ไม่ตรง ส่งอีกครั้ง",
            "The form cannot be read: it broke off on its way or its boundary is another one. Send it again",
            field="file",
        )
    told = request.form if is_form else request.args
    wanted = _wanted(told.to_dict())
    if is_form:
        file = request.files.get("file")
        if file is None:
            raise refuse("no-file", "ไม่มีส่วนที่ชื่อ file", "There is no part named file", field="file")
        got = receive(file.stream, folder, file.filename or "")
    else:
        got = receive(request.stream, folder, told.get("name", ""))
    sent, number = _Sent(name, wanted, got), 0
    try:
        if not is_form:
            _require_whole(got)
        answer, number = _accept(sent)
    finally:
        if not number:
            forget(folder, got.stored)
    response = _answer(answer.answer, answer.status)
    response.headers["Location"] = url_for("api.show", number=answer.answer["id"])
    return response


def _require_whole(got: Received) -> None:
    # A server hands on what came before a connection broke as if it were all, and a file without its last
    # rows looks whole.  A form that breaks off lacks its end and cannot be read.
    if request.content_length not in (None, got.size):
        raise refuse(
            "cut-off",
            f"ไฟล์มาถึง {got.size} จาก {request.content_length} ไบต์ ส่งอีกครั้ง",
            f"Of {request.content_length} bytes {got.size} arrived: send the file again",
            field="file",
        )


def _wanted(told: dict[str, str]) -> Wanted:
    if unknown := sorted(set(told) - _PARAMETERS):
        # A misspelt term would otherwise be carried out as if it had not been said.
        names = ", ".join(unknown)
        raise refuse("parameter", f"ไม่รู้จักพารามิเตอร์ {names}", f"Unknown parameters: {names}", field=unknown[0])
    with services().database.reading() as session:
        kinds = current_catalog(session).types.values()
    kind = next((kind for kind in kinds if kind.slug == told.get("type")), None)
    if kind is None:
        raise refuse("no-such-type", "ไม่มีประเภทใบอนุญาตนี้", "There is no such license type", field="type")
    _system().require_type(kind.number)
    try:
        options = Options(
            Release(told.get("release", Release.ALL_OR_NOTHING)),
            Missing(told.get("missing", Missing.ASK)),
            NameAlone(told.get("names", NameAlone.ASK)),
            canonical(told.get("legal_basis", ""))[:_LONGEST_BASIS],
            canonical(told.get("reason", "")) or None,
            parse_day(told["until"]) if told.get("until") else None,
        )
        mapping = json.loads(told["mapping"]) if told.get("mapping") else None
    except (ValueError, RecursionError, DateFault) as error:
        raise refuse(
            "options",
            "release คือ all หรือ good, missing คือ leave end หรือ ask, names คือ ask amendment หรือ transfer, "
            "until เป็นวันที่, mapping เป็น JSON",
            "release is all or good, missing is leave, end or ask, names is ask, amendment or transfer, "
            "until is a date, mapping is JSON",
            field="options",
        ) from error
    return Wanted(
        kind.number, canonical(told.get("source", ""))[:80], options, is_mapped=True, mapping=mapping
    )


def _accept(sent: _Sent) -> tuple[Any, int]:
    """The answer, and the batch's number when it is new; two at once under one name make one batch."""
    for left in reversed(range(_ONCE_MORE)):
        try:
            with services().database.writing.begin() as session:
                known = known_answer(session, _system().key, sent.name, sent.hash)
                if known is not None:
                    return known, 0
                who = acting(session)
                batch = accept(session, sent.file, sent.wanted, who, api_key=_system().key, at=moment())
                kept = keep_answer(
                    *(session, _system().key, sent.name, sent.hash),
                    status=202,
                    answer=_status(session, batch.id),
                    at=moment(),
                )
                return kept, batch.id
        except IntegrityError:
            if not left:
                raise
    raise AssertionError("the loop returns or raises")


# --- what became of it --------------------------------------------------------------------------


@pages.get("/batches")
def history() -> Response:
    """The batches that the key may see, the newest first."""
    with services().database.reading() as session:
        found = batches_of(
            session, _system().agency, before=whole(request.args.get("before")), size=PAGE_SIZE
        )
        kinds = current_catalog(session).types
        shown = [
            batch_json(batch, upload_of(session, batch.id), kinds[batch.license_type])
            for batch in found
            if batch.license_type in _system().types
        ]
    return _answer({"batches": shown, "next": found[-1].id if len(found) == PAGE_SIZE else None})


@pages.get("/batches/<positive:number>")
def show(number: int) -> Response:
    """How far a batch is; ask again after `Retry-After` while something is under way."""
    with services().database.reading() as session:
        return _answer(_status(session, number))


@pages.get("/batches/<positive:number>/faults")
def faults(number: int) -> Response:
    """The rows that go nowhere: each fault with row, column, value as found, and what to do."""
    with services().database.reading() as session:
        _own(session, number)
        rows = problems_of(session, number, after=whole(request.args.get("after")), size=PAGE_SIZE)
        following = rows[-1].position if len(rows) == PAGE_SIZE else None
        return _answer({"faults": faults_json(rows), "next": following})


@pages.get("/batches/<positive:number>/diff")
def diff(number: int) -> Response:
    """What the batch's rows would change; unchanged rows are only counted."""
    asked = request.args.get("kind")
    if asked is not None and asked not in {*Kind}:
        raise refuse("kind", "ไม่มีแถวชนิดนี้", "There is no such kind of row", field="kind")
    with services().database.reading() as session:
        _, kind = _own(session, number)
        after, wanted = whole(request.args.get("after")), Kind(asked) if asked else None
        rows = rows_of(session, number, wanted, after=after, size=PAGE_SIZE)
        ring = services().signers(session).ring
        shown = [row_json(session, row, kind, ring) for row in rows]
        return _answer({"rows": shown, "next": rows[-1].position if len(rows) == PAGE_SIZE else None})


@pages.get("/batches/<positive:number>/receipt")
def receipt(number: int) -> Response:
    """The signed receipt of a batch that is published: what became public, under which checkpoint."""
    with services().database.reading() as session:
        batch, _ = _own(session, number)
        signed = make_receipt(
            *(session, batch),
            signers=services().signers(session),
            public=services().publication().public,
            at=moment(),
        )
    return Response(signed, content_type="application/cbor")


# --- deciding about it --------------------------------------------------------------------------


@pages.post("/batches/<positive:number>/release")
def release_now(number: int) -> Response:
    """Release a proposed batch; `missing` says what becomes of licenses that the file does not have."""
    _system().require_release()
    with services().database.writing.begin() as session:
        batch, kind = _own(session, number)
        if batch.state not in (State.RELEASED, State.DONE):
            _decide(session, batch, kind)
    with services().database.reading() as session:
        return _answer(_status(session, number))


def _decide(session: Session, batch: Batch, kind: LicenseType) -> None:
    who, missing = acting(session), request.args.get("missing") or request.form.get("missing", "")
    if missing in (Missing.LEAVE, Missing.END):
        decide_missing(session, batch.id, who, end=missing == Missing.END, kind=kind)
    # A key stands for one officer and is never a second one.
    if batch.proposer != who.id or needs_second_person(batch, kind):
        raise NotPermitted(
            "needs-person",
            Text(
                "ชุดข้อมูลนี้ต้องให้เจ้าหน้าที่อีกคนเผยแพร่ที่หน้าเว็บ",
                "Another officer has to release this batch on the office's page",
            ),
        )
    release(session, batch.id, who, office=services().office(session), at=moment())


@pages.post("/batches/<positive:number>/withdraw")
def withdraw_now(number: int) -> Response:
    """Take a batch back that was not released."""
    with services().database.writing.begin() as session:
        batch, _ = _own(session, number)
        if batch.state != State.WITHDRAWN:
            withdraw(session, number, acting(session), at=moment())
    with services().database.reading() as session:
        return _answer(_status(session, number))
