"""Acts that wait for a second person: looked at in full, then approved, rejected or taken back.

Three blueprints, because looking, deciding and taking back need three different rights.
"""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from keys.acts import ActKind
from keys.catalog import Text
from keys.text import canonical
from registry.applications import Faulty
from registry.catalogs import current_catalog
from registry.errors import NotPermitted, Refused, refuse
from registry.intake.batches import STATE_WORDS, State
from registry.intake.browsing import open_batches
from registry.models import Proposal
from registry.proposals import WAITING, Wish, approve, reject
from registry.queries import names_of, officer_in_office, open_proposals, own_license, own_proposal
from registry.web.acting import license_subject
from registry.web.context import acting, language, moment, officer, say, services
from registry.web.face import Item
from registry.web.seen import Seen
from registry.web.steps import Subject, follow, preview_items, preview_seen
from registry.web.waiting import show_proposals

pages = Blueprint("approvals", __name__)
decisions = Blueprint("decisions", __name__)
withdrawals = Blueprint("withdrawals", __name__)


@dataclass(frozen=True, slots=True)
class Content:
    """What a proposal would do, or why that can no longer be said."""

    subject: Subject
    texts: list[tuple[Text, str]]
    items: list[Item]
    seen: Seen | None
    obstacle: str


@pages.get("/")
def list_proposals() -> str:
    """The agency's proposals that wait for a person or for their day."""
    with services().database.reading() as session:
        agency, catalog = officer().agency, current_catalog(session)
        found = open_proposals(session, agency)
        names = names_of(session, agency)
        lines = show_proposals(session, found, names, catalog)
        waiting = [batch for batch in open_batches(session, agency) if batch.state == State.PROPOSED]
    batches = [(batch, catalog.types[batch.license_type]) for batch in waiting]
    return render_template(
        "approvals.html", proposals=lines, batches=batches, names=names, state_words=STATE_WORDS
    )


@pages.get("/<positive:proposal>")
def show_proposal(proposal: int) -> str:
    """One proposal with its whole content, its digest, and who may decide."""
    with services().database.reading() as session:
        found = _own(session, proposal)
        proposer = officer_in_office(session, found.proposer)
        names = names_of(session, found.agency)
        (line,) = show_proposals(session, [found], names, current_catalog(session))
        content = _content(session, found)
    return render_template(
        "approval.html",
        proposal=found,
        line=line,
        content=content,
        names=names,
        proposer_gone=proposer is None,
        is_waiting=found.state == WAITING,
        is_own=found.proposer == officer().id,
    )


@decisions.post("/<positive:proposal>/approve")
def approve_now(proposal: int) -> Response:
    """Approve exactly what was shown: the digest of the page must be that of the proposal."""
    try:
        digest = bytes.fromhex(request.form.get("digest", ""))
    except ValueError:
        digest = b""
    with services().database.writing.begin() as session:
        office = services().office(session)
        try:
            found = approve(session, proposal, digest, acting(session), office=office, at=moment())
        except Faulty as error:
            # The type or the calendar has moved on since it was proposed.
            what = error.faults[0].what
            raise refuse("outdated", what.th, what.en) from error
    return follow(found)


@decisions.post("/<positive:proposal>/reject")
def reject_now(proposal: int) -> Response:
    """Turn another officer's proposal down."""
    return _close(proposal, own=False)


@withdrawals.post("/<positive:proposal>/withdraw")
def withdraw(proposal: int) -> Response:
    """Take the own proposal back."""
    return _close(proposal, own=True)


def _close(proposal: int, *, own: bool) -> Response:
    with services().database.writing.begin() as session:
        who = acting(session)
        found = _own(session, proposal)
        if (found.proposer == who.id) != own:
            raise NotPermitted(
                "not-yours" if own else "own-proposal",
                Text("ถอนได้เฉพาะรายการที่ตนเสนอ", "Only the proposer takes a proposal back")
                if own
                else Text("ผู้เสนอใช้ปุ่มถอนรายการแทน", "The proposer takes it back instead"),
            )
        reject(session, proposal, who, at=moment())
    if own:
        say("ถอนรายการแล้ว", "Taken back")
    else:
        say("ไม่อนุมัติแล้ว", "Rejected")
    return redirect(url_for("approvals.list_proposals"))


def _own(session: Session, proposal: int) -> Proposal:
    found = own_proposal(session, officer().agency, proposal)
    if found is None:
        raise refuse("no-proposal", "ไม่มีรายการนี้", "There is no such proposal")
    return found


def _content(session: Session, proposal: Proposal) -> Content:
    act = ActKind(proposal.act)
    row = own_license(session, proposal.agency, proposal.code) if proposal.code else None
    if act is ActKind.ISSUANCE or row is None:
        catalog = current_catalog(session)
        agency, kind = catalog.agencies[proposal.agency], catalog.types[proposal.license_type]
        subject = Subject(ActKind.ISSUANCE, kind, agency, catalog)
    else:
        subject = license_subject(session, row, act)
    wish = Wish(act, proposal.license_type, proposal.content["raw"], proposal.code, proposal.base_index)
    texts = _texts(subject, wish, proposal.content.get("backdating", ""))
    if proposal.state != WAITING:
        return Content(subject, texts, [], None, "")
    try:
        # Who approves signs; until then nobody does.
        items = preview_items(subject, wish, None)
        return Content(subject, texts, items, preview_seen(subject, wish), "")
    except Faulty as error:
        return Content(subject, texts, [], None, error.faults[0].what.show(language()))
    except Refused as error:
        return Content(subject, texts, [], None, error.words.show(language()))


def _texts(subject: Subject, wish: Wish, backdating: str) -> list[tuple[Text, str]]:
    """Everything that was entered, in the words of the form; `backdating` too where there is a reason."""
    shown = []
    entered = {**wish.raw, "backdating": backdating}
    for field in subject.form.fields(entered):
        # A place's choices are lines of a list, and its value is such a line already.
        choices = {} if field.name == "place" else dict(field.choices)
        lines = choices.get(field.value, field.value).splitlines()
        value = " · ".join(filter(None, map(canonical, lines)))
        if value:
            shown.append((field.label, value))
    return shown
