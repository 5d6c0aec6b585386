"""Whether the office is alive, and whether it can work."""

from datetime import timedelta

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from keys.dates import to_seconds
from keys.keyring import KeyRing, KeyState, RingKey, Role
from keys.snapshot import Snapshot
from registry.catalogs import current_catalog
from registry.queries import log_size
from registry.web.context import moment, services
from registry.web.publication import published_snapshot

pages = Blueprint("health", __name__)

_WARNED_BEFORE = timedelta(days=30)


@pages.get("/healthz")
def alive() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status="ok")


@pages.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 while the database answers; what else may be amiss are fields, not a 503."""
    try:
        with services().database.reading() as session:
            ring = services().signers(session).ring
            size, agencies = log_size(session), current_catalog(session).agencies
            snapshot = published_snapshot(session)
    except (SQLAlchemyError, OSError):
        return jsonify(status="unavailable", database="unreachable"), 503
    published = snapshot.log_size if snapshot else 0
    return jsonify(
        status="ok",
        log_size=size,
        published_size=published,
        lag=size - published,
        snapshot_age=_age(snapshot),
        keys=_key_warnings(ring, list(agencies)),
    )


def _age(snapshot: Snapshot | None) -> int | None:
    return to_seconds(moment()) - snapshot.moment if snapshot else None


def _key_warnings(ring: KeyRing, agencies: list[int]) -> list[str]:
    """What the key officer must do within 30 days, or already should have."""
    soon = to_seconds(moment() + _WARNED_BEFORE)
    warnings = []
    if ring.expires <= soon:
        warnings.append("the key ring expires within 30 days")
    lasting = [key for key in ring.keys if _lasts(key, soon)]
    roles, holders = {key.role for key in lasting}, {key.agency for key in lasting}
    warnings += [f"no {r.value} key for another 30 days" for r in (Role.LOG, Role.STATUS) if r not in roles]
    warnings += [
        f"agency {number} has no key for another 30 days" for number in agencies if number not in holders
    ]
    return warnings


def _lasts(key: RingKey, until: int) -> bool:
    return key.state is KeyState.ACTIVE and key.valid_from <= until < key.valid_until
