"""Whether the office is alive, and whether it can work."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from keys.dates import to_seconds
from keys.snapshot import Snapshot
from registry.key_warnings import key_warnings
from registry.queries import log_size
from registry.web.context import moment, services
from registry.web.publication import published_snapshot
from search import SearchAway
from search.opening import Fallback

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status="ok")


@pages.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 while the database answers; what else may be amiss are fields, not a 503.

    `lag` counts entries that are not public yet; `behind` those that are public and that the register
    lacks, which then enters nothing until it has recovered.
    """
    try:
        with services().database.reading() as session:
            size, warnings = log_size(session), key_warnings(session, moment())
            snapshot = published_snapshot(session)
    except (SQLAlchemyError, OSError):
        return jsonify(status="unavailable", database="unreachable"), 503
    published = snapshot.log_size if snapshot else 0
    return jsonify(
        status="ok",
        log_size=size,
        published_size=published,
        lag=max(size - published, 0),
        behind=max(published - size, 0),
        snapshot_age=_age(snapshot),
        keys=[warning.en for warning in warnings],
        **_search(size),
    )


def _search(size: int) -> dict[str, object]:
    """Who answers searches, how many entries it lacks, and why the cluster does not, if it does not."""
    index = services().office_index
    try:
        behind = size - index.cursor()
    except SearchAway as error:
        return {"search": "away", "search_fault": str(error)}
    if isinstance(index, Fallback) and index.fault:
        return {"search": "embedded", "search_lag": behind, "search_fault": index.fault}
    return {"search": "ready", "search_lag": behind}


def _age(snapshot: Snapshot | None) -> int | None:
    return to_seconds(moment()) - snapshot.moment if snapshot else None
