"""What officers decide about a batch: release, withdrawal, the licenses it lacks, and its undoing.

Who may release is the batch's own matter: one person, or another than who proposed it.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from keys.catalog import Text
from registry.audit_events import record_event
from registry.catalogs import current_catalog
from registry.errors import Changed, Refused, refuse
from registry.intake.batches import Kind, Missing, State
from registry.intake.browsing import batch_of
from registry.intake.releasing import decide_missing, digest_of, mark_stale, release, withdraw
from registry.intake.undoing import Grounds, require_done, start_undo
from registry.web.context import acting, moment, officer, say, services
from registry.web.problems import note_refusal

pages = Blueprint("batch_acts", __name__)

_LONGEST_BASIS = 200


def _back(batch: int) -> Response:
    return redirect(url_for("batches.show", batch=batch))


@pages.post("/<positive:batch>/release")
def release_now(batch: int) -> Response:
    """Release the batch; the follower enters and publishes it from now on.

    What changed since the page was shown goes back to the diff first, to be looked at again.
    """
    with services().database.writing.begin() as session:
        who = acting(session)
        found = batch_of(session, batch, who, lock=True)
        if found.state == State.PROPOSED and request.form.get("digest") != digest_of(found):
            raise Changed(
                "changed", Text("ชุดนี้เปลี่ยนไปแล้ว เปิดดูใหม่", "This batch has changed: look at it again")
            )
        before = found.counts.get("kinds", {}).get(Kind.STALE, 0)
        stale = mark_stale(session, batch, who)
        if stale == before:
            release(session, batch, who, office=services().office(session), at=moment())
    if stale != before:
        note_refusal("stale")
        say(
            f"ยังไม่ได้เผยแพร่ เพราะมีใบอนุญาต {stale - before} ใบถูกแก้ไขหลังการเปรียบเทียบ ตรวจอีกครั้ง",
            f"Not released: {stale - before} licenses were changed after the comparison. Look again",
        )
    else:
        say("กำลังเผยแพร่ ปิดหน้านี้ได้", "It is being published. You may leave this page")
    return _back(batch)


@pages.post("/<positive:batch>/withdraw")
def withdraw_now(batch: int) -> Response:
    """Take a batch back that was not released."""
    with services().database.writing.begin() as session:
        withdraw(session, batch, acting(session), at=moment())
    say("ถอนชุดนี้แล้ว ไม่มีอะไรเปลี่ยน", "Withdrawn; nothing was changed")
    return redirect(url_for("batches.history"))


@pages.post("/<positive:batch>/missing")
def decide(batch: int) -> Response:
    """Say whether licenses that the file does not have shall end or be left."""
    asked = request.form.get("missing", "")
    with services().database.writing.begin() as session:
        who = acting(session)
        kind = current_catalog(session).types[batch_of(session, batch, who).license_type]
        if asked not in (Missing.LEAVE, Missing.END):
            raise refuse("missing", "เลือกว่าจะคงไว้หรือให้สิ้นสุด", "Say whether to leave or to end them")
        decide_missing(session, batch, who, end=asked == Missing.END, kind=kind)
        record_event(session, "batch-missing", who, at=moment(), batch=batch, said=asked)
    if asked == Missing.END:
        say("จะให้สิ้นสุดเมื่อเผยแพร่ชุดนี้", "They will end when this batch is released")
    else:
        say("จะคงไว้ตามเดิม", "They will be left as they are")
    return _back(batch)


@pages.get("/<positive:batch>/undo")
def ask_undo(batch: int) -> str:
    """What undoing would do, and on what grounds."""
    return _undo_page(batch)


@pages.post("/<positive:batch>/undo")
def undo(batch: int) -> Response | tuple[str, int]:
    """Have everything the batch entered compared for taking it back, as a batch of its own."""
    grounds = Grounds(request.form.get("legal_basis", "")[:_LONGEST_BASIS], request.form.get("reason", ""))
    try:
        with services().database.writing.begin() as session:
            number = start_undo(session, batch, acting(session), grounds, at=moment())
    except Refused as error:
        if error.field is None:
            raise
        note_refusal(error.code)
        return _undo_page(batch, refused=error), 422
    say(
        "กำลังเทียบกับทะเบียน เสร็จแล้วตรวจรายการที่จะย้อน แล้วเผยแพร่",
        "It is compared with the register; then look at what will be taken back, and release it",
    )
    return _back(number)


def _undo_page(batch: int, refused: Refused | None = None) -> str:
    with services().database.reading() as session:
        found = batch_of(session, batch, officer())
        require_done(found)
        catalog = current_catalog(session)
    return render_template(
        "batch_undo.html",
        batch=found,
        kind=catalog.types[found.license_type],
        reasons=catalog.reasons,
        refused=refused,
        asked=request.form.get("reason", ""),
    )
