"""Keys for the agency's own systems: made and revoked by its approvers, each shown once."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from keys.catalog import LicenseType, Text
from registry.api_keys import LONGEST_LABEL, LONGEST_LIFE, Scope, add_key, keys_of, opens, own_key, revoke_key
from registry.catalogs import current_catalog
from registry.errors import NotPermitted, Refused
from registry.web.context import acting, moment, officer, say, services, whole
from registry.web.problems import note_refusal

pages = Blueprint("systems", __name__)

LIVES: dict[int, Text] = {
    30: Text("30 วัน", "30 days"),
    90: Text("90 วัน", "90 days"),
    LONGEST_LIFE.days: Text("1 ปี", "1 year"),
}


@pages.get("/")
def list_keys() -> str:
    """The agency's keys and the form for another."""
    return _page()


@pages.post("/")
def add() -> Response | str | tuple[str, int]:
    """Make a key in the officer's own name and show it, this once."""
    days, kinds = request.form.get("days", ""), map(whole, request.form.getlist("types"))
    scope = Scope(
        label=request.form.get("label", ""),
        types=[kind for kind in kinds if kind],
        may_release=request.form.get("release") == "yes",
        life=timedelta(days=int(days) if days in {str(life) for life in LIVES} else 0),
    )
    try:
        with services().database.writing.begin() as session:
            made = add_key(session, acting(session), scope, at=moment())
    except Refused as error:
        if error.field is None or isinstance(error, NotPermitted):
            raise
        note_refusal(error.code)
        return _page(refused=error), 422
    return _page(made=made)


@pages.post("/revoke")
def revoke() -> Response:
    """Have one of the agency's keys open nothing from now on."""
    with services().database.writing.begin() as session:
        who = acting(session)
        key = own_key(session, who.agency, request.form.get("key", ""))
        revoke_key(session, key, who, at=moment())
    say("เพิกถอนกุญแจแล้ว ใช้ไม่ได้ตั้งแต่นี้", "Revoked: the key opens nothing now")
    return redirect(url_for("systems.list_keys"))


def _page(*, made: str = "", refused: Refused | None = None) -> str:
    with services().database.reading() as session:
        catalog = current_catalog(session)
        found = [(key, who, opens(key, who, at=moment())) for key, who in keys_of(session, officer().agency)]
    kinds: list[LicenseType] = [catalog.types[n] for n in sorted(catalog.agencies[officer().agency].types)]
    return render_template(
        "systems.html",
        keys=found,
        kinds=kinds,
        names={kind.number: kind.name for kind in kinds},
        lives=LIVES,
        longest=LONGEST_LABEL,
        made=made,
        refused=refused,
    )
