"""Changing one license: a page for every act that the lifecycle allows."""

from flask import Blueprint
from sqlalchemy.orm import Session

from keys.acts import ActKind, Status
from keys.catalog import LicenseType
from registry.catalogs import current_catalog
from registry.errors import refuse
from registry.faces import application_in_force
from registry.lifecycle import allowed_acts, next_status
from registry.models import LicenseRow
from registry.queries import own_license
from registry.web.context import language, officer, services, today
from registry.web.forms import first_texts
from registry.web.steps import Page, Subject, carry_out, form_page, preview_page, read_typed, slug_of

pages = Blueprint("acting", __name__)

_ACTS = {
    slug_of(act): act for act in ActKind if (act.makes_record or act.makes_order) and act != ActKind.ISSUANCE
}
_ABOUT_THE_END = frozenset({ActKind.RENEWAL, ActKind.RENEWAL_FILING, ActKind.RENEWAL_REFUSAL})


def acts_on(row: LicenseRow, kind: LicenseType) -> list[ActKind]:
    """The acts that may be offered on a license: allowed by the lifecycle and not without meaning."""
    return [
        act
        for act in allowed_acts(Status(row.status))
        if not (act in _ABOUT_THE_END and row.valid_until is None)
        and not (act is ActKind.TRANSFER and not kind.has_holder)
    ]


@pages.get("/<code:code>/acts/<act>")
def form(code: str, act: str) -> str:
    """The act's form, with what is in force."""
    with services().database.reading() as session:
        subject = subject_of(session, code, act)
    texts = first_texts(subject.act, subject.kind, subject.current, today=today(), language=language())
    return form_page(subject, texts, subject.row.updated_index if subject.row else None)


@pages.post("/<code:code>/acts/<act>/edit")
def edit(code: str, act: str) -> str:
    """The form again, with what the preview was made of."""
    with services().database.reading() as session:
        subject = subject_of(session, code, act)
    typed = read_typed(subject)
    return form_page(subject, typed.texts, typed.base_index)


@pages.post("/<code:code>/acts/<act>/preview")
def preview(code: str, act: str) -> Page:
    """What the public will see; nothing is signed."""
    with services().database.reading() as session:
        subject = subject_of(session, code, act)
        return preview_page(session, subject, read_typed(subject))


@pages.post("/<code:code>/acts/<act>")
def done(code: str, act: str) -> Page:
    """Carry the act out, or send it for approval."""
    with services().database.reading() as session:
        subject = subject_of(session, code, act)
    return carry_out(subject)


def subject_of(session: Session, code: str, act: str) -> Subject:
    """An act on one of the agency's own licenses; raises `Refused`, a 404 for any other."""
    row = own_license(session, officer().agency, code)
    if row is None or act not in _ACTS:
        raise refuse("no-license", "ไม่มีใบอนุญาตรหัสนี้", "There is no license with this code")
    next_status(Status(row.status), _ACTS[act])
    return license_subject(session, row, _ACTS[act])


def license_subject(session: Session, row: LicenseRow, act: ActKind) -> Subject:
    """An act on a license as it stands in this transaction."""
    catalog = current_catalog(session)
    current = None
    if act.makes_record:
        current = application_in_force(session, row, services().signers(session).ring)
    return Subject(act, catalog.types[row.license_type], catalog.agencies[row.agency], catalog, row, current)
