"""The first page: what is to be done."""

from datetime import timedelta

from flask import Blueprint, render_template

from registry.catalogs import current_catalog
from registry.intake.batches import STATE_WORDS
from registry.intake.browsing import open_batches
from registry.models import Officer
from registry.proposals import WAITING
from registry.queries import expiring_of, names_of, open_proposals, renewals_of, work_of
from registry.web.context import officer, services, today
from registry.web.publication import published_size
from registry.web.waiting import show_proposals

pages = Blueprint("home", __name__)

SOON = timedelta(days=30)
_MOST = 10


@pages.get("/")
def show() -> str:
    """Counts, and the first things to do."""
    who: Officer = officer()
    with services().database.reading() as session:
        catalog = current_catalog(session)
        waiting = [p for p in open_proposals(session, who.agency) if p.state == WAITING][:_MOST]
        names = names_of(session, who.agency)
        batches = open_batches(session, who.agency)
        return render_template(
            "home.html",
            work=work_of(session, who.agency, today=today(), within=SOON, published=published_size(session)),
            waiting=show_proposals(session, waiting, names, catalog),
            renewals=renewals_of(session, who.agency, size=_MOST),
            expiring=expiring_of(session, who.agency, today=today(), within=SOON, size=_MOST),
            catalog=catalog,
            batches=[(batch, catalog.types[batch.license_type]) for batch in batches[:_MOST]],
            batch_count=len(batches),
            names=names,
            state_words=STATE_WORDS,
        )
