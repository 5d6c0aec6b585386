"""Issuing one license: choose a type, fill in its form, look at the face, issue."""

from flask import Blueprint, render_template
from sqlalchemy.orm import Session

from keys.acts import ActKind
from registry.catalogs import current_catalog
from registry.errors import refuse
from registry.permissions import NOT_YOUR_TYPE
from registry.web.context import language, officer, services, today
from registry.web.forms import first_texts
from registry.web.steps import Page, Subject, carry_out, form_page, preview_page, read_typed

pages = Blueprint("issuing", __name__)


@pages.get("/")
def choose_type() -> str:
    """The types that the agency issues."""
    with services().database.reading() as session:
        catalog = current_catalog(session)
    own = catalog.agencies[officer().agency].types
    return render_template("choose_type.html", kinds=[catalog.types[number] for number in sorted(own)])


@pages.get("/<positive:kind>")
def form(kind: int) -> str:
    """The empty form of a type."""
    with services().database.reading() as session:
        subject = _subject(session, kind)
    texts = first_texts(subject.act, subject.kind, None, today=today(), language=language())
    return form_page(subject, texts, None)


@pages.post("/<positive:kind>/edit")
def edit(kind: int) -> str:
    """The form again, with what the preview was made of."""
    with services().database.reading() as session:
        subject = _subject(session, kind)
    return form_page(subject, read_typed(subject).texts, None)


@pages.post("/<positive:kind>/preview")
def preview(kind: int) -> Page:
    """The face as the public will see it; nothing is signed."""
    with services().database.reading() as session:
        subject = _subject(session, kind)
        return preview_page(session, subject, read_typed(subject))


@pages.post("/<positive:kind>")
def done(kind: int) -> Page:
    """Issue, or send for approval."""
    with services().database.reading() as session:
        subject = _subject(session, kind)
    return carry_out(subject)


def _subject(session: Session, kind: int) -> Subject:
    catalog = current_catalog(session)
    agency = catalog.agencies[officer().agency]
    if kind not in agency.types:  # Here it is an address: what is another agency's is not there.
        raise refuse("no-type", NOT_YOUR_TYPE.th, NOT_YOUR_TYPE.en)
    return Subject(ActKind.ISSUANCE, catalog.types[kind], agency, catalog)
