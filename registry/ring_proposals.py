"""The next ring, proposed to roots that are off line, and taken back with their signatures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.dates import to_seconds
from keys.errors import RingRefused
from keys.keyring import KeyRing, KeyState, Role, follow_ring, pin_ring
from keys.proposal import Proposal, propose_ring
from keys.signing import PublicKey
from keys.text import canonical
from keys.vault import Vault
from registry import log
from registry.audit_events import record_event
from registry.behind import require_caught_up
from registry.errors import ConfigurationError, refuse
from registry.key_life import denials, forget_done, kid_taken, propose_key, wanted_keys
from registry.models import AgencyRow, KeyRingVersion, Officer, Register
from registry.rings import RING_LIFETIME, current_ring, log_changes, newest_signed, year_of


@dataclass(frozen=True, slots=True)
class Roots:
    """Who vouches for the ring, and how many of them must."""

    publics: tuple[PublicKey, ...]
    threshold: int

    def __post_init__(self) -> None:
        """Refuse what no ring may have: too high a threshold, or the same root twice."""
        if not 1 <= self.threshold <= len(self.publics):
            raise ConfigurationError(
                f"{self.threshold} of {len(self.publics)} roots cannot sign: name more roots, or lower --threshold"
            )
        for number, public in enumerate(self.publics):
            if public.kid in {other.kid for other in self.publics[:number]}:
                raise kid_taken(public)


def start_waiting(session: Session, vault: Vault, *, host: str, at: datetime) -> None:
    """Found a register whose first ring waits for its roots: log, log and status keys proposed."""
    session.add(Register(id=1, host=host, origin=f"{host.replace(':', '.')}/log", created_at=at))
    log.start_log(session)
    for role in (Role.LOG, Role.STATUS):
        for year in (year_of(at), year_of(at) + 1):
            propose_key(session, vault, role, year, at=at)


def make_proposal(
    session: Session,
    *,
    at: datetime,
    roots: Roots | None = None,
    lifetime: timedelta = RING_LIFETIME,
) -> Proposal:
    """The next ring with every change that waits, for the roots to sign.

    `roots` rotates them (and names them for the first ring).  Raises `Refused` when the register could
    sign nothing under that ring, or when a root's identifier is taken, and `BehindPublished`.
    """
    # The roots must never be asked for a second ring of a version that is published already.
    require_caught_up(session)
    trusted, register = newest_signed(session), session.get_one(Register, 1)
    before = current_ring(session) if trusted is not None else None
    if roots is None:
        if before is None:
            raise ConfigurationError("the first ring needs its roots: name them by --roots")
        roots = Roots(before.roots, before.threshold)
    ring = KeyRing(
        version=before.version + 1 if before else 1,
        origin=register.origin,
        host=register.host,
        issued=to_seconds(at),
        expires=to_seconds(at + lifetime),
        threshold=roots.threshold,
        roots=roots.publics,
        keys=wanted_keys(session, at=at),
    )
    _require_apart(ring)
    _require_working(ring, at)
    return propose_ring(ring, trusted, _names(session))


def _names(session: Session) -> Iterator[tuple[int, str]]:
    """What the holders of roots read beside an agency's number."""
    for row in session.scalars(select(AgencyRow)):
        name = row.definition["name"]
        yield row.number, canonical(f"{name['th']} · {name['en']}")


def _require_apart(ring: KeyRing) -> None:
    kids = {key.public.kid for key in ring.keys}
    for root in ring.roots:
        if root.kid in kids:
            raise kid_taken(root)


def _require_working(ring: KeyRing, at: datetime) -> None:
    moment = to_seconds(at)
    for role in (Role.LOG, Role.STATUS):
        in_force = [
            key
            for key in ring.with_role(role)
            if key.state is KeyState.ACTIVE and key.valid_from <= moment < key.valid_until
        ]
        if not in_force:
            raise refuse(
                "no-key-left",
                f"ชุดกุญแจใหม่ไม่มีกุญแจ {role.value} ที่ใช้งานได้ เสนอกุญแจใหม่ก่อน",
                f"The next ring would have no {role.value} key in force: "
                f"`permits key propose --role {role.value}` first",
            )


def publish_ring(
    session: Session, proposal: Proposal, vault: Vault, *, by: Officer | None = None, at: datetime
) -> KeyRing:
    """Store the ring of a proposal that enough roots have signed, and log what it changes.

    Raises `RingRefused` when roots are missing or the register has moved on since it was proposed, and
    `Refused` when the ring activates a key that this register does not hold.
    """
    log.locked_head(session)
    trusted = newest_signed(session)
    before = current_ring(session) if trusted is not None else None
    ring = follow_ring(before, proposal.signed) if before else _first(session, proposal)
    if before is not None and ring.version == before.version:
        raise RingRefused(f"version {ring.version} is in force already")
    for key in ring.keys:
        if key.state is KeyState.ACTIVE and not vault.holds(key.public):
            raise refuse(
                "not-held",
                f"ระบบนี้ไม่มีกุญแจ {key.public.kid.hex()} ที่ชุดกุญแจให้ใช้งาน",
                f"The ring activates key {key.public.kid.hex()}, which is not in this register's vault",
            )
    session.add(KeyRingVersion(version=ring.version, signed=proposal.signed))
    session.flush()
    marked = {denial.thumbprint for denial in denials(session)}
    log_changes(session, before, ring, at=at, marked=marked)
    forget_done(session, ring)
    record_event(session, "key-ring-published", by, at=at, version=ring.version)
    return ring


def _first(session: Session, proposal: Proposal) -> KeyRing:
    ring, register = pin_ring(proposal.signed), session.get_one(Register, 1)
    if (ring.version, ring.origin, ring.host) != (1, register.origin, register.host):
        raise RingRefused(f"this is not the first ring of {register.origin!r}")
    return ring
