"""The agency's licenses: found, listed, and looked at one by one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from keys.acts import Status
from keys.catalog import Catalog
from keys.dates import parse_date, show_date, to_days
from keys.errors import KeysError
from keys.keyring import KeyRing
from keys.opening import open_statement
from keys.record import LicenseRecord, Order
from keys.text import canonical
from registry.applications import Application
from registry.catalogs import current_catalog
from registry.errors import refuse
from registry.faces import application_in_force, record_in_force
from registry.models import LicenseRow
from registry.queries import (
    HistoryRow,
    history_of,
    licenses_by_number,
    names_of,
    own_license,
    own_licenses,
    proposals_about,
)
from registry.web.acting import acts_on
from registry.web.context import language, may, officer, services, today, whole
from registry.web.face import Item, face_of
from registry.web.publication import public_link, published_size
from registry.web.seen import BADGES, OUTCOME_WORDS, Seen, Standing, see, telling_order, verdict_on
from registry.web.waiting import show_proposals
from search.errors import SearchAway
from search.query import LONGEST_WORDS, VERDICTS, Facets, SearchQuery, Sorting

pages = Blueprint("licenses", __name__)

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Asked:
    """The question of the list page, as its form has it."""

    words: str
    license_type: int | None
    verdict: str | None
    order: Sorting
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the answer; `is_away` says that the search index did not answer.

    `facets` count what was found by type and verdict; there are none of too long a list.
    """

    rows: Sequence[LicenseRow]
    total: int | None
    capped: bool
    following: str | None
    is_away: bool
    facets: Facets = field(default_factory=dict)


@pages.get("/")
def list_licenses() -> str:
    """The agency's licenses: all of them, or those that words and filters find."""
    with services().database.reading() as session:
        catalog = current_catalog(session)
        asked = _asked(catalog)
        found = _find(session, asked)
    own = catalog.agencies[officer().agency].types
    return render_template(
        "licenses.html",
        asked=asked,
        found=found,
        lines=[(row, catalog.types[row.license_type], _verdict(row)) for row in found.rows],
        kinds=[catalog.types[number] for number in sorted(own)],
        badges=BADGES,
        longest=LONGEST_WORDS,
    )


def _asked(catalog: Catalog) -> Asked:
    number = whole(request.args.get("type"))
    status = request.args.get("status", "")
    return Asked(
        words=canonical(request.args.get("q", "")[:LONGEST_WORDS]),
        license_type=number if number in catalog.types else None,
        verdict=status if status in VERDICTS else None,
        order=next((order for order in Sorting if order.value == request.args.get("sort")), Sorting.BEST),
        after=request.args.get("after", ""),
    )


def _find(session: Session, asked: Asked) -> Found:
    agency = officer().agency
    try:
        page = services().office_index.find(
            SearchQuery(
                words=asked.words,
                agency=agency,
                license_type=asked.license_type,
                verdict=asked.verdict,
                order=asked.order,
                today=to_days(today()),
                after=asked.after or None,
                size=PAGE_SIZE,
            )
        )
    except SearchAway:
        return _find_by_number(session, agency, asked)
    rows = own_licenses(session, agency, page.codes)
    return Found(rows, page.total, page.capped, page.next, is_away=False, facets=page.facets)


def _find_by_number(session: Session, agency: int, asked: Asked) -> Found:
    after = asked.after if asked.after.isascii() and asked.after.isdigit() else ""
    rows = licenses_by_number(
        session, agency, asked.words, license_type=asked.license_type, after=after, size=PAGE_SIZE + 1
    )
    shown = rows[:PAGE_SIZE]
    following = shown[-1].code if len(rows) > PAGE_SIZE else None
    return Found(shown, None, capped=False, following=following, is_away=True)


def _verdict(row: LicenseRow) -> str:
    until = parse_date(row.valid_until) if row.valid_until else None
    return verdict_on(Status(row.status), parse_date(row.valid_from), until, today())


# --- one license --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One act of the history in words."""

    row: HistoryRow
    about: tuple[str, ...]


@pages.get("/<code:code>")
def show_license(code: str) -> str:
    """The face, the status, the history, and every act that may follow."""
    with services().database.reading() as session:
        row = own_license(session, officer().agency, code)
        if row is None:
            raise refuse("no-license", "ไม่มีใบอนุญาตรหัสนี้", "There is no license with this code")
        catalog, ring = current_catalog(session), services().signers(session).ring
        kind = catalog.types[row.license_type]
        history = history_of(session, row.agency, code)
        names = names_of(session, row.agency)
        size = published_size(session)
        waiting = show_proposals(session, proposals_about(session, row.agency, code), names, catalog)
        opened = _open(session, row, history, catalog)
    return render_template(
        "license.html",
        row=row,
        kind=kind,
        opened=opened,
        history=_lines(history, ring, catalog),
        waiting=waiting,
        published=size,
        is_public=size > row.updated_index,
        has_plate=size > row.record_index
        and kind.has_card
        and row.status not in (Status.INVALID, Status.ENDED),
        is_open=catalog.is_open(row.agency, row.license_type, today()),
        public_link=public_link(code),
        acts=acts_on(row, kind) if may("propose") else [],
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """What the signed bytes say; `differs` warns that a table says something else."""

    items: list[Item]
    seen: Seen
    differs: bool


def _open(session: Session, row: LicenseRow, history: list[HistoryRow], catalog: Catalog) -> Opened | None:
    """The face and the verdict from signed bytes; None when these bytes are not what was signed."""
    ring, kind, status = services().signers(session).ring, catalog.types[row.license_type], Status(row.status)
    try:
        record, _ = record_in_force(session, row, ring)
        application = application_in_force(session, row, ring)
        order, since = telling_order(status, history, ring)
    except KeysError:
        return None
    signer = " ".join(filter(None, (record.signer.get("name"), record.signer.get("position"))))
    standing = Standing(status, record.valid_from, record.valid_until, order, since)
    return Opened(
        items=face_of(application, kind, language(), signer),
        seen=see(standing, kind, catalog.reasons, day=today(), language=language()),
        differs=_differs(row, application),
    )


def _differs(row: LicenseRow, application: Application) -> bool:
    """Whether the columns that serve lists say something else than the signed face."""
    pairs = [(getattr(row, n), getattr(application, n)) for n in ("number", "holder", "premises", "address")]
    pairs += [(row.place, application.place), (row.holder_id, application.holder_id)]
    pairs.append((row.valid_until, _iso(application.valid_until)))
    pairs.append((row.valid_from, _iso(application.valid_from)))
    return any((left or None) != (right or None) for left, right in pairs)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _lines(history: list[HistoryRow], ring: KeyRing, catalog: Catalog) -> list[Line]:
    return [Line(row, tuple(_about(row, ring, catalog))) for row in history]


def _about(row: HistoryRow, ring: KeyRing, catalog: Catalog) -> list[str]:
    """What an entry's statement adds to its kind: dates, reason, basis; a warning when it is not as signed."""
    thai = language() == "th"
    if row.statement is None:
        return ["เนื้อหาถูกลบแล้ว" if thai else "Its content was erased"]
    try:
        statement = open_statement(row.statement, ring).value
    except KeysError:
        return ["เนื้อหาไม่ตรงกับลายมือชื่อ" if thai else "Its content is not what was signed"]
    if isinstance(statement, LicenseRecord):
        return [f"ฉบับที่ {statement.version}" if thai else f"Version {statement.version}"]
    return _order_words(statement, catalog, thai=thai)


def _order_words(order: Order, catalog: Catalog, *, thai: bool) -> list[str]:
    words = []
    if order.reason:
        reason = catalog.reasons.get(order.reason)
        words.append(reason.show(language()) if reason else order.reason)
    if order.outcome:
        words.append(OUTCOME_WORDS[order.outcome].show(language()).partition(":")[0])
    if order.begins:
        words.append(f"{'ตั้งแต่' if thai else 'from'} {show_date(order.begins, language(), short=True)}")
    if order.until:
        words.append(f"{'ถึง' if thai else 'until'} {show_date(order.until, language(), short=True)}")
    return [*words, order.legal_basis]
