"""The steps of every act: form, preview, done.  One way for issuing and for changing a license.

The preview checks all that can be checked and signs nothing; only the last step proposes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from keys.acts import ActKind, Status
from keys.catalog import Agency, Catalog, LicenseType, Text
from keys.dates import parse_date
from registry.applications import Application, Fault, Faulty, validate
from registry.drafts import Office
from registry.errors import Changed, NotPermitted, Refused, refuse
from registry.lifecycle import ACT_WORDS, next_status
from registry.models import LicenseRow, Officer, Proposal
from registry.orders import read_order
from registry.proposals import DONE, SCHEDULED, Wish, examine, needs_second_person, propose
from registry.queries import number_in_force
from registry.web.context import acting, language, moment, officer, say, services, today
from registry.web.face import Item, beside, face_of, respelled
from registry.web.forms import BACKDATING, FormOf, names_of_form, texts_of
from registry.web.places import resolve_place
from registry.web.problems import note_refusal
from registry.web.publication import publish_and_say
from registry.web.seen import Seen, Standing, see

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act is about: a type to be issued, or one license as it stood when it was read."""

    act: ActKind
    kind: LicenseType
    agency: Agency
    catalog: Catalog
    row: LicenseRow | None = None
    current: Application | None = None

    @property
    def form(self) -> FormOf:
        """The act's form in the language of this request."""
        return FormOf(self.act, self.kind, self.agency, self.catalog, language())

    def address(self, step: str) -> str:
        """Where a step of this act is: `form`, `edit`, `preview` or `done`."""
        if self.row is None:
            return url_for(f"issuing.{step}", kind=self.kind.number)
        return url_for(f"acting.{step}", code=self.row.code, act=slug_of(self.act))

    @property
    def button(self) -> Text:
        """The act spelled out, with the number it is about."""
        words = ACT_WORDS[self.act]
        if self.row is None:
            return Text(f"ออก{self.kind.kind.th}", f"Issue the {self.kind.kind.en}")
        # "เพิกถอนใบอนุญาต 12/345/2569": words that name the document themselves do not name it twice.
        named = "" if self.kind.kind.th in words.th else self.kind.kind.th
        return Text(f"{words.th}{named} {self.row.number}", f"{words.en.capitalize()} {self.row.number}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: as typed, and as the act takes it; `places` are those a name may mean."""

    texts: Mapping[str, str]
    raw: Mapping[str, str]
    faults: tuple[Fault, ...]
    places: tuple[int, ...]
    base_index: int | None


def slug_of(act: ActKind) -> str:
    """The act's word in addresses."""
    return act.name.lower().replace("_", "-")


def read_typed(subject: Subject) -> Typed:
    """The form of this request; names that the act's form does not have are ignored."""
    names = names_of_form(subject.act, subject.kind)
    texts = {name: request.form.get(name, "") for name in names}
    raw = dict(texts)
    faults: list[Fault] = []
    places: tuple[int, ...] = ()
    if texts.get("place", "").strip():
        raw["place"], fault, places = _place(texts["place"], subject.agency)
        faults += [fault] if fault else []
    if subject.current is not None:
        raw = texts_of(subject.current, language()) | raw
    # Without the index a page could act on a version that nobody looked at.
    found = request.form.get("base_index", "")
    known = found.isascii() and found.isdigit() and len(found) < 16
    return Typed(texts, raw, tuple(faults), places, int(found) if known else -1)


def _place(text: str, agency: Agency) -> tuple[str, Fault | None, tuple[int, ...]]:
    found = resolve_place(text, agency.territory)
    if len(found) == 1:
        return str(found[0]), None, ()
    if found:
        what = Text("มีหลายแห่งที่ชื่อนี้", "Several places have this name")
        remedy = Text("เลือกหนึ่งแห่งจากรายการ", "Choose one from the list")
    else:
        what = Text("ไม่พบพื้นที่ชื่อนี้", "No place has this name")
        remedy = Text("พิมพ์ชื่อตำบลและอำเภอ หรือรหัส 6 หลัก", "Type subdistrict and district, or the 6 digits")
    return "", Fault("place", text, what, remedy), tuple(found)


def wish_of(subject: Subject, typed: Typed) -> Wish:
    """What is proposed when this form is carried out."""
    raw = {name: text for name, text in typed.raw.items() if name != BACKDATING}
    return Wish(
        act=subject.act,
        license_type=subject.kind.number,
        raw=raw,
        code=subject.row.code if subject.row else None,
        base_index=typed.base_index if subject.row else None,
        backdating=typed.texts.get(BACKDATING, ""),
    )


def faults_of(session: Session, subject: Subject, typed: Typed, office: Office) -> tuple[Fault, ...]:
    """Everything about the fields that would stop the act; raises `Refused` for what no field mends."""
    try:
        examine(session, wish_of(subject, typed), officer(), office=office, at=moment())
        if subject.act is ActKind.ISSUANCE:
            _require_free_number(session, subject, typed)
    except Faulty as error:
        return _merged(typed, error.faults)
    except Refused as error:
        return _merged(typed, [_as_fault(error, typed)])
    return typed.faults


def _as_fault(error: Refused, typed: Typed) -> Fault:
    if error.field is None or isinstance(error, NotPermitted | Changed):
        raise error
    return Fault(error.field, typed.texts.get(error.field, ""), error.words, Text("", ""))


def _merged(typed: Typed, faults: list[Fault]) -> tuple[Fault, ...]:
    known = {fault.name for fault in typed.faults}
    return typed.faults + tuple(fault for fault in faults if fault.name not in known)


def _require_free_number(session: Session, subject: Subject, typed: Typed) -> None:
    number = typed.raw["number"]
    if number_in_force(session, subject.agency.number, subject.kind.number, number, today()):
        raise refuse(
            "number-taken",
            f"เลขที่ {number} มีใบอนุญาตที่ยังใช้อยู่แล้ว",
            f"A license in force already has the number {number}",
            field="number",
        )


# --- the pages ----------------------------------------------------------------------------------


def form_page(subject: Subject, texts: Mapping[str, str], base_index: int | None) -> str:
    """The form with `texts` in it."""
    return render_template(
        "form.html", subject=subject, fields=subject.form.fields(texts), faults=(), base_index=base_index
    )


def faulty_page(subject: Subject, typed: Typed, faults: tuple[Fault, ...]) -> tuple[str, int]:
    """The form again with every fault beside its field, and nothing lost of what was typed."""
    fields = subject.form.fields(typed.texts, faults, typed.places)
    drawn = {field.name for field in fields}
    # A fault in what this act may not change has no field; the summary still tells it.
    return render_template(
        "form.html", subject=subject, fields=fields, faults=faults, drawn=drawn, base_index=typed.base_index
    ), 422


def preview_page(session: Session, subject: Subject, typed: Typed) -> Page:
    """What the public will see once this is done, and the button that does it."""
    office = services().office(session)
    faults = faults_of(session, subject, typed, office)
    if faults:
        return faulty_page(subject, typed, faults)
    wish = wish_of(subject, typed)
    return render_template(
        "preview.html",
        subject=subject,
        texts={**typed.texts, **{k: v for k, v in typed.raw.items() if k in typed.texts}},
        base_index=typed.base_index,
        items=preview_items(subject, wish, officer()),
        seen=preview_seen(subject, wish),
        is_open=subject.catalog.is_open(subject.agency.number, subject.kind.number, today()),
        needs_second=needs_second_person(wish, subject.kind, today()),
    )


def preview_items(subject: Subject, wish: Wish, signs: Officer | None) -> list[Item]:
    """The face as it will be; for an act that leaves the face alone, no items."""
    if not subject.act.makes_record:
        return []
    application = _application(subject, wish)
    signer = f"{signs.name} {signs.position}".strip() if signs else ""
    items = face_of(application, subject.kind, language(), signer)
    if subject.current is None:
        return respelled(items, dict(wish.raw))
    return respelled(
        beside(items, face_of(subject.current, subject.kind, language(), signer)), dict(wish.raw)
    )


def _application(subject: Subject, wish: Wish) -> Application:
    application = validate(wish.raw, subject.kind, subject.agency, today=today(), act=subject.act)
    return _entered(subject, application)


def preview_seen(subject: Subject, wish: Wish) -> Seen:
    """The verdict that the public will read once the act has taken effect."""
    row, kind, reasons = subject.row, subject.kind, subject.catalog.reasons
    status = next_status(Status(row.status) if row else None, subject.act)
    if row is None or subject.act.makes_record:
        application = _application(subject, wish)
        standing = Standing(status, application.valid_from, application.valid_until)
        return see(standing, kind, reasons, day=today(), language=language())
    order = read_order(subject.act, wish.raw)
    since = order.begins or today()
    end = parse_date(row.valid_until) if row.valid_until else None
    standing = Standing(status, parse_date(row.valid_from), end, order, since)
    return see(standing, kind, reasons, day=max(since, today()), language=language())


def _entered(subject: Subject, application: Application) -> Application:
    """The application as its record will say: a renewal without a gap is valid from its entry on."""
    if subject.act is not ActKind.RENEWAL or subject.current is None or subject.current.valid_until is None:
        return application
    start, end = subject.current.valid_from, subject.current.valid_until
    if today() > end or application.valid_from > end + timedelta(days=1):
        return application
    return replace(application, valid_from=max(today(), start))


def carry_out(subject: Subject) -> Page:
    """Propose what the form of this request says, and go where its outcome stands."""
    typed = read_typed(subject)
    if typed.faults:
        return faulty_page(subject, typed, typed.faults)
    try:
        with services().database.writing.begin() as session:
            office = services().office(session)
            proposal = propose(session, wish_of(subject, typed), acting(session), office=office, at=moment())
    except Faulty as error:
        return faulty_page(subject, typed, tuple(error.faults))
    except Refused as error:
        fault = _as_fault(error, typed)
        note_refusal(error.code)
        return faulty_page(subject, typed, (fault,))
    return follow(proposal)


def follow(proposal: Proposal) -> Response:
    """After an act: publish it, say what became of it, and show the license or the proposal."""
    if proposal.state == DONE:
        words = ACT_WORDS[ActKind(proposal.act)]
        publish_and_say(Text(f"{words.th}แล้ว", f"Done: {words.en}"))
        return redirect(url_for("licenses.show_license", code=proposal.code))
    if proposal.state == SCHEDULED:
        say("อนุมัติแล้ว จะมีผลเมื่อถึงวันเริ่ม", "Approved; it takes effect on its first day")
        return redirect(url_for("licenses.show_license", code=proposal.code))
    say("ส่งให้ผู้อนุมัติแล้ว ยังไม่มีผล", "Sent for approval; nothing has changed yet")
    return redirect(url_for("approvals.show_proposal", proposal=proposal.id))
