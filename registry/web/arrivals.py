"""The page that takes a file: which type it is, what the agency calls it, and the file itself."""

from collections import deque
from itertools import islice

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from keys.catalog import LicenseType
from keys.text import canonical
from registry.catalogs import current_catalog
from registry.errors import NotPermitted, Refused, refuse
from registry.intake.batches import Missing, Options, Release
from registry.intake.guessing import LOOKED_AT
from registry.intake.readers import open_sheet
from registry.intake.receiving import LARGEST_UPLOAD, LONGEST_NAME, Received, folder_of, forget, receive
from registry.intake.uploads import Wanted, accept
from registry.models import Batch
from registry.web.context import acting, moment, officer, services, whole
from registry.web.problems import note_refusal

pages = Blueprint("arrivals", __name__)

# What a page proposes: faults keep only their own rows out, and nothing ends that nobody asked about.
FIRST_OPTIONS = Options(Release.GOOD_ROWS, Missing.ASK)
LONGEST_SOURCE = 80
_SHOWN_SOURCES = 20


@pages.get("/new")
def ask_file() -> str:
    """The form."""
    return _page()


@pages.post("/new")
def take_file() -> Response | tuple[str, int]:
    """Receive the file, give it a batch, and go on to its columns."""
    folder, got = folder_of(services().config.data), None
    sheet = request.form.get("sheet", "").strip()[:LONGEST_NAME]
    try:
        wanted = _wanted(sheet)
        got = _receive()
        # A file that breaks before its columns can be shown is said so at once, beside its field.
        opened = open_sheet(folder / got.stored, sheet=sheet or None)
        deque(islice(opened.rows(), LOOKED_AT), maxlen=0)
        with services().database.writing.begin() as session:
            batch = accept(session, got, wanted, acting(session), at=moment())
    except Refused as error:
        if got is not None:
            forget(folder, got.stored)
        if isinstance(error, NotPermitted):
            raise
        note_refusal(error.code)
        return _page(refused=error), 422
    return redirect(url_for("columns.show", batch=batch.id))


def _wanted(sheet: str) -> Wanted:
    number = whole(request.form.get("type"))
    with services().database.reading() as session:
        if number not in {kind.number for kind in own_types(session)}:
            raise refuse("type", "เลือกประเภทใบอนุญาต", "Choose a license type", field="type")
    source = canonical(request.form.get("source", ""))[:LONGEST_SOURCE]
    mapping = {"columns": {}, "sheet": sheet} if sheet else None
    return Wanted(number, source, FIRST_OPTIONS, mapping=mapping)


def _receive() -> Received:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise refuse("no-file", "เลือกไฟล์", "Choose a file", field="file")
    return receive(file.stream, folder_of(services().config.data), file.filename)


def own_types(session: Session) -> list[LicenseType]:
    """The license types that the officer's agency issues."""
    catalog = current_catalog(session)
    return [catalog.types[number] for number in sorted(catalog.agencies[officer().agency].types)]


def _page(refused: Refused | None = None) -> str:
    with services().database.reading() as session:
        known = select(Batch.source).where(Batch.agency == officer().agency, Batch.source != "").distinct()
        return render_template(
            "batch_new.html",
            kinds=own_types(session),
            sources=session.scalars(known.limit(_SHOWN_SOURCES)).all(),
            megabytes=LARGEST_UPLOAD >> 20,
            longest=LONGEST_SOURCE,
            refused=refused,
            asked={name: request.form.get(name, "") for name in ("type", "source", "sheet")},
        )
