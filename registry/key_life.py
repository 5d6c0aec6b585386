"""A key's life: proposed, activated, retired, marked compromised; each step is an entry of the log.

What the roots must vouch for waits in `key_changes` until a ring says it.  A compromise does not
wait: from the moment it is marked, each snapshot denies the key and this register signs nothing by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from keys.acts import ActKind
from keys.dates import to_seconds
from keys.keyring import KeyRing, KeyState, RingKey, Role
from keys.signing import PublicKey
from keys.snapshot import Denial
from keys.vault import Vault
from registry import log
from registry.audit_events import record_event
from registry.catalogs import current_catalog
from registry.errors import Refused, refuse
from registry.models import EntryRow, KeyChange, Officer
from registry.queries import log_size
from registry.rings import current_ring, new_key, newest_signed, serves, year_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A key as the ring in force has it (`now`) and as the next ring shall have it (`then`)."""

    now: RingKey | None
    then: RingKey

    @property
    def waits(self) -> bool:
        """Whether this waits for the roots."""
        return self.now != self.then

    @property
    def word(self) -> str:
        """The state in one word: `proposed` before the roots first vouched for it."""
        if self.now is None:
            return "proposed"
        return "compromised" if self.then.state is KeyState.COMPROMISED else self.now.state.value


def changed_keys(session: Session) -> tuple[RingKey, ...]:
    """The keys as the next ring shall have them, as far as it shall have them otherwise."""
    rows = session.scalars(select(KeyChange).order_by(KeyChange.at, KeyChange.thumbprint))
    return tuple(
        RingKey(
            PublicKey(row.public),
            Role(row.role),
            row.valid_from,
            row.valid_until,
            KeyState(row.state),
            agency=row.agency,
            types=tuple(row.types),
            good_size=row.good_size,
        )
        for row in rows
    )


def standings(session: Session) -> tuple[Standing, ...]:
    """Every key there is, in the ring's order, then those proposed."""
    ring_keys = current_ring(session).keys if newest_signed(session) is not None else ()
    then = {key.public: key for key in changed_keys(session)}
    known = [Standing(key, then.pop(key.public, key)) for key in ring_keys]
    return (*known, *(Standing(None, key) for key in then.values()))


def wanted_keys(session: Session, *, at: datetime) -> tuple[RingKey, ...]:
    """The keys of the next ring: every change made, and keys retired whose term is over."""
    moment = to_seconds(at)

    def retire(key: RingKey) -> RingKey:
        over = key.valid_until <= moment and key.state is KeyState.ACTIVE
        return replace(key, state=KeyState.RETIRED) if over else key

    return tuple(retire(standing.then) for standing in standings(session))


def denials(session: Session) -> tuple[Denial, ...]:
    """The keys that snapshots deny, because the ring does not say yet that they are compromised."""
    return tuple(Denial(row.thumbprint, row.good_size or 0) for row in session.execute(_DENIED))


_DENIED = (
    select(KeyChange.thumbprint, KeyChange.good_size)
    .where(KeyChange.state == KeyState.COMPROMISED.value)
    .order_by(KeyChange.thumbprint)
)


def key_named(session: Session, text: str) -> Standing:
    """The key whose identifier or thumbprint (hex) begins with `text`; raises `Refused` unless it is one."""
    wanted = text.strip().lower()
    found = [s for s in standings(session) if wanted and s.then.public.thumbprint.hex().startswith(wanted)]
    if len(found) != 1:
        raise refuse(
            "no-key",
            f"มีกุญแจที่ขึ้นต้นด้วย {wanted!r} อยู่ {len(found)} ดอก",
            f"{len(found)} keys begin with {wanted!r}: see `permits key list`",
        )
    return found[0]


def propose_key(
    session: Session,
    vault: Vault,
    role: Role,
    year: int,
    *,
    agency: int | None = None,
    types: Iterable[int] = (),
    by: Officer | None = None,
    at: datetime,
) -> RingKey:
    """A new key for a year, in the vault and in the log; it signs once the roots have vouched for it."""
    log.locked_head(session)
    key = new_key(vault, role, year, agency=agency, types=types)
    require_free(session, key.public)
    _put(session, key, at)
    log.append_key_act(session, ActKind.KEY_PROPOSED, key.public.thumbprint, at=at)
    record_event(session, "key-proposed", by, at=at, key=key.public.kid.hex(), role=role.value)
    return key


def require_free(session: Session, public: PublicKey) -> None:
    """Return if no key or root of the register has this key's identifier; raise `Refused` otherwise."""
    roots: tuple[PublicKey, ...] = ()
    if newest_signed(session) is not None:
        roots = current_ring(session).roots
    if public.kid in {*(s.then.public.kid for s in standings(session)), *(root.kid for root in roots)}:
        raise kid_taken(public)


def kid_taken(public: PublicKey) -> Refused:
    """The refusal of a key whose identifier another one has."""
    return refuse(
        "kid-taken",
        f"มีกุญแจอื่นที่ใช้รหัส {public.kid.hex()} อยู่แล้ว โปรดสร้างกุญแจใหม่",
        f"Another key has the identifier {public.kid.hex()}: make a new one",
    )


def propose_agency_keys(
    session: Session,
    vault: Vault,
    agency: int,
    types: Iterable[int],
    years: Iterable[int],
    *,
    by: Officer | None = None,
    at: datetime,
) -> None:
    """Keys for an agency's types: types are added to active keys already there, missing keys proposed."""
    wanted = tuple(sorted(set(types)))
    for year in years:
        there = [s.then for s in standings(session) if serves(s.then, agency, year)]
        for key in there:
            if not set(wanted) <= set(key.types):
                _put(session, replace(key, types=tuple(sorted({*key.types, *wanted}))), at)
        if not there:
            propose_key(session, vault, Role.AGENCY, year, agency=agency, types=wanted, by=by, at=at)


def propose_missing(
    session: Session, vault: Vault, *, by: Officer | None = None, at: datetime
) -> tuple[RingKey, ...]:
    """Propose every key that is missing of this year and the next; gives the new keys."""
    before, years = {s.then.public for s in standings(session)}, (year_of(at), year_of(at) + 1)
    for role in (Role.LOG, Role.STATUS):
        for year in years:
            if not any(s.then.role is role and serves(s.then, None, year) for s in standings(session)):
                propose_key(session, vault, role, year, by=by, at=at)
    for agency in current_catalog(session).agencies.values():
        propose_agency_keys(session, vault, agency.number, agency.types, years, by=by, at=at)
    return tuple(s.then for s in standings(session) if s.then.public not in before)


def retire_key(session: Session, standing: Standing, *, by: Officer | None = None, at: datetime) -> bool:
    """Let a key sign no more from the next ring on; what it signed stays valid.  Gives whether it waits.

    A key that is only proposed is withdrawn at once.  Raises `Refused` for one retired or compromised.
    """
    log.locked_head(session)
    key, kid = standing.then, standing.then.public.kid.hex()
    if key.state is not KeyState.ACTIVE:
        raise refuse("not-active", f"กุญแจ {kid} ไม่ได้ใช้งานอยู่แล้ว", f"Key {kid} is {key.state.value} already")
    record_event(session, "key-retired", by, at=at, key=kid)
    if standing.now is None:
        session.execute(delete(KeyChange).where(KeyChange.thumbprint == key.public.thumbprint))
        log.append_key_act(session, ActKind.KEY_RETIRED, key.public.thumbprint, at=at)
        return False
    _put(session, replace(key, state=KeyState.RETIRED), at)
    return True


def compromise_key(
    session: Session,
    standing: Standing,
    good_size: int,
    *,
    by: Officer | None = None,
    why: str | None = None,
    at: datetime,
) -> None:
    """Mark a key compromised: what the log has of it at `good_size` or later no longer counts.

    It is denied from the next snapshot on, and logged now; the ring follows.  Raises `Refused` for a
    key never activated, for a size beyond the log, and for one larger than marked before: a mark
    only takes trust away.
    """
    head = log.locked_head(session)
    key, kid = standing.then, standing.then.public.kid.hex()
    if standing.now is None:
        raise refuse("not-active", f"กุญแจ {kid} ยังไม่เคยใช้งาน", f"Key {kid} was never activated: retire it")
    before = [k.good_size for k in (standing.now, key) if k.good_size is not None]
    if not 0 <= good_size <= min([head.size, *before]):
        raise refuse(
            "good-size",
            f"ขนาดบันทึกต้องไม่เกิน {min([head.size, *before])}",
            f"The last good size cannot be more than {min([head.size, *before])}",
        )
    _put(session, replace(key, state=KeyState.COMPROMISED, good_size=good_size), at)
    log.append_key_act(session, ActKind.KEY_COMPROMISED, key.public.thumbprint, at=at, good_size=good_size)
    record_event(session, "key-compromised", by, at=at, key=kid, good_size=good_size, why=why)


def size_before(session: Session, moment: datetime) -> int:
    """How many entries the log had before `moment`: the last good size of a theft at that time."""
    later = select(EntryRow.log_index).where(EntryRow.moment >= to_seconds(moment))
    first = session.scalars(later.order_by(EntryRow.log_index).limit(1)).first()
    return log_size(session) if first is None else first


def forget_done(session: Session, ring: KeyRing) -> None:
    """Drop the changes that `ring` has carried out."""
    in_ring = {key.public: key for key in ring.keys}
    for key in changed_keys(session):
        if in_ring.get(key.public) == key:
            session.execute(delete(KeyChange).where(KeyChange.thumbprint == key.public.thumbprint))


def _put(session: Session, key: RingKey, at: datetime) -> None:
    session.merge(
        KeyChange(
            thumbprint=key.public.thumbprint,
            public=key.public.raw,
            role=key.role.value,
            agency=key.agency,
            types=list(key.types),
            valid_from=key.valid_from,
            valid_until=key.valid_until,
            state=key.state.value,
            good_size=key.good_size,
            at=at,
        )
    )
    session.flush()


def take_compromise(
    session: Session, ring: KeyRing, thumbprint: bytes, good_size: int, *, at: datetime
) -> None:
    """Deny a key whose compromise is in the log already, unless `ring` says as much."""
    for key in ring.keys:
        if key.public.thumbprint == thumbprint and (key.good_size is None or key.good_size > good_size):
            _put(session, replace(key, state=KeyState.COMPROMISED, good_size=good_size), at)
