"""The key officer's pages: every key of the register, and what may become of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from keys.catalog import Catalog, Text
from keys.dates import BANGKOK
from keys.keyring import KeyState, Role
from registry import terms
from registry.applications import Fault
from registry.catalogs import current_catalog
from registry.denied_sets import cards_under
from registry.errors import refuse
from registry.key_life import (
    Standing,
    compromise_key,
    key_named,
    propose_key,
    propose_missing,
    retire_key,
    size_before,
    standings,
)
from registry.key_warnings import key_warnings
from registry.queries import log_size
from registry.rings import current_ring, newest_signed, year_of
from registry.web.context import acting, moment, services
from registry.web.publication import publish_and_say
from registry.web.shown_keys import MARK_REASONS, ROLE_NAMES, ShownKey, show_key, show_keys

pages = Blueprint("keyring", __name__)

_LATER_YEARS = 2
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")


@pages.get("/")
def list_keys() -> str:
    """Every key with its standing, what there is to do about keys, and the ring in force."""
    with services().database.reading() as session:
        known, catalog = standings(session), current_catalog(session)
        ring = current_ring(session) if newest_signed(session) is not None else None
        warnings = key_warnings(session, moment())
    this_year = year_of(moment())
    return render_template(
        "keys.html",
        keys=show_keys(known, catalog),
        waiting=sum(standing.waits for standing in known),
        ring=ring,
        expires=datetime.fromtimestamp(ring.expires, BANGKOK).date() if ring else None,
        warnings=warnings,
        owners=_owners(catalog),
        years=range(this_year, this_year + _LATER_YEARS),
    )


def _owners(catalog: Catalog) -> dict[str, Text]:
    """For whom a key can be proposed: the value of a form's choice, and its words."""
    agencies = {str(agency.number): agency.name for agency in catalog.agencies.values()}
    return {role.value: words for role, words in ROLE_NAMES.items()} | agencies


@pages.post("/propose")
def propose_now() -> Response:
    """Make a key for the register or for an agency; it waits for the roots."""
    owner, year_text = request.form.get("owner", ""), request.form.get("year", "")
    this_year = year_of(moment())
    with services().database.writing.begin() as session:
        catalog = current_catalog(session)
        if owner not in _owners(catalog) or year_text not in map(
            str, range(this_year, this_year + _LATER_YEARS)
        ):
            raise refuse("no-owner", "เลือกเจ้าของกุญแจและปี", "Choose whose key it is, and its year")
        agency = catalog.agencies[int(owner)] if owner.isdigit() else None
        key = propose_key(
            session,
            services().vault,
            Role.AGENCY if agency else Role(owner),
            int(year_text),
            agency=agency.number if agency else None,
            types=agency.types if agency else (),
            by=acting(session),
            at=moment(),
        )
    kid = key.public.kid.hex()
    return _told(Text(f"เสนอกุญแจ {kid} แล้ว รอกุญแจราก", f"Key {kid} is proposed; it waits for the roots"))


@pages.post("/renew")
def renew_now() -> Response:
    """Propose every key of this year and the next that is missing."""
    with services().database.writing.begin() as session:
        made = propose_missing(session, services().vault, by=acting(session), at=moment())
    if not made:
        raise refuse("none-missing", "ไม่มีกุญแจที่ขาด", "No key is missing")
    return _told(
        Text(f"เสนอกุญแจใหม่ {len(made)} ดอก รอกุญแจราก", f"{len(made)} keys proposed; they wait for the roots")
    )


@pages.get("/<kid:key>")
def show_one(key: str) -> str:
    """One key: where it stands, and what may be done with it."""
    with services().database.reading() as session:
        shown = show_key(key_named(session, key), current_catalog(session))
    return render_template("key.html", key=shown)


@pages.post("/<kid:key>/retire")
def retire_now(key: str) -> Response:
    """Let a key sign no more; one that was only proposed is withdrawn."""
    with services().database.writing.begin() as session:
        standing = key_named(session, key)
        waits = retire_key(session, standing, by=acting(session), at=moment())
    kid = standing.then.public.kid.hex()
    if waits:
        return _told(Text(f"กุญแจ {kid} จะเลิกใช้ รอกุญแจราก", f"Key {kid} retires once the roots have signed"))
    return _told(Text(f"ถอนกุญแจ {kid} แล้ว", f"Key {kid} is withdrawn"))


# --- the mark of compromise -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """What a key officer says about a compromise: the log size up to which the key was good, and why."""

    good_size: int | None
    reason: str
    faults: tuple[Fault, ...] = ()


@pages.get("/<kid:key>/compromise")
def form(key: str) -> str:
    """Since when it may have been in wrong hands, and why; nothing is done yet."""
    with services().database.reading() as session:
        shown = show_key(_markable(session, key), current_catalog(session))
        size = log_size(session)
    return _form_page(shown, size, {}, ())


@pages.post("/<kid:key>/compromise/preview")
def preview(key: str) -> str | tuple[str, int]:
    """What the public will see, counted; the button that does it is there."""
    with services().database.reading() as session:
        standing, size = _markable(session, key), log_size(session)
        shown = show_key(standing, current_catalog(session))
        mark = _read_mark(session, request.form, size)
        if mark.good_size is None or mark.faults:
            return _form_page(shown, size, request.form, mark.faults), 422
        good, lost = cards_under(session, standing.then, mark.good_size)
        has_spare = _has_spare(standings(session), standing)
    return render_template(
        "mark_preview.html",
        key=shown,
        mark=mark,
        reason=MARK_REASONS[mark.reason],
        good=good,
        lost=lost,
        has_spare=has_spare,
    )


@pages.post("/<kid:key>/compromise")
def mark_now(key: str) -> Response | tuple[str, int]:
    """Deny the key at once: published before the answer, unless that takes long."""
    with services().database.writing.begin() as session:
        standing, size = _markable(session, key), log_size(session)
        mark = _read_mark(session, request.form, size)
        if mark.good_size is None or mark.faults:
            return _form_page(
                show_key(standing, current_catalog(session)), size, request.form, mark.faults
            ), 422
        compromise_key(session, standing, mark.good_size, by=acting(session), why=mark.reason, at=moment())
    kid = standing.then.public.kid.hex()
    return _told(Text(f"ระงับกุญแจ {kid} แล้ว", f"Key {kid} is denied"))


def _markable(session: Session, key: str) -> Standing:
    standing = key_named(session, key)
    if standing.now is None:
        kid = standing.then.public.kid.hex()
        raise refuse(
            "not-active", f"กุญแจ {kid} ยังไม่เคยใช้งาน ให้ถอนแทน", f"Key {kid} was never active: withdraw it"
        )
    return standing


def _has_spare(known: tuple[Standing, ...], marked: Standing) -> bool:
    """Whether another key in force signs for whom the marked one does."""
    key = marked.then
    return any(
        other.now is not None
        and other.then.state is KeyState.ACTIVE
        and other.then.public != key.public
        and (other.then.role, other.then.agency, other.then.valid_from)
        == (key.role, key.agency, key.valid_from)
        for other in known
    )


def _read_mark(session: Session, typed: Mapping[str, str], size: int) -> Mark:
    """The mark of a form; each fault names its field."""
    reason, faults = typed.get("reason", ""), list[Fault]()
    if reason not in MARK_REASONS:
        faults.append(Fault("reason", "", Text("ยังไม่ได้เลือกเหตุผล", "No reason is chosen"), Text("", "")))
    size_text = typed.get("good_size", "").strip()
    if size_text:
        if re.fullmatch("[0-9]{1,12}", size_text) and int(size_text) <= size:
            return Mark(int(size_text), reason, tuple(faults))
        what = Text(f"ต้องเป็นตัวเลข 0 ถึง {size}", f"This is a number from 0 to {size}")
        return Mark(None, reason, (*faults, Fault("good_size", size_text, what, Text("", ""))))
    try:
        since = _read_since(typed)
    except terms.DateFault as error:
        return Mark(None, reason, (*faults, Fault("day", typed.get("day", ""), error.what, error.remedy)))
    return Mark(size_before(session, since), reason, tuple(faults))


def _read_since(typed: Mapping[str, str]) -> datetime:
    clock, found = typed.get("clock", "").strip() or "00:00", typed.get("day", "").strip()
    matched = _TIME.fullmatch(clock)
    if not found or matched is None:
        raise terms.DateFault(
            Text("ใส่วันและเวลา หรือขนาดบันทึก", "Give a day with its time, or a log size"),
            Text("เช่น 22/11/2569 เวลา 14:30", "For example 22/11/2026 and 14:30"),
        )
    return datetime.combine(terms.parse_day(found), time(int(matched[1]), int(matched[2])), BANGKOK)


def _form_page(key: ShownKey, size: int, typed: Mapping[str, str], faults: tuple[Fault, ...]) -> str:
    return render_template(
        "mark.html",
        key=key,
        size=size,
        typed=typed,
        faults={fault.name: fault for fault in faults},
        reasons=MARK_REASONS,
    )


def _told(words: Text) -> Response:
    """After a change of keys: publish it, say so, and show the keys."""
    publish_and_say(words)
    return redirect(url_for("keyring.list_keys"))
