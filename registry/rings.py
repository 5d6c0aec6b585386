"""The key ring's versions: made here, signed by the roots, each change an entry of the log."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.acts import ActKind
from keys.cose import parse_many
from keys.dates import BANGKOK, to_seconds
from keys.keyring import KeyRing, KeyState, RingKey, Role, parse_ring
from keys.vault import Vault
from registry import log
from registry.errors import ConfigurationError
from registry.models import KeyRingVersion

RING_LIFETIME = timedelta(days=400)
DEMONSTRATION_LIFETIME = timedelta(days=3653)


def newest_signed(session: Session) -> bytes | None:
    """The newest ring's signed bytes; None while the first one waits for its roots."""
    return session.scalars(_NEWEST).first()


_NEWEST = select(KeyRingVersion.signed).order_by(KeyRingVersion.version.desc()).limit(1)


def current_ring(session: Session) -> KeyRing:
    """The newest ring of the register's own tables; raises `ConfigurationError` before the first."""
    signed = newest_signed(session)
    if signed is None:
        raise ConfigurationError(
            "the first key ring waits for the roots: `permits ring sign`, then `permits ring publish`"
        )
    return _parsed(signed)


@lru_cache(maxsize=2)  # Each publication and each page asks for the same one.
def _parsed(signed: bytes) -> KeyRing:
    return parse_ring(parse_many(signed).payload)


def year_of(at: datetime) -> int:
    """The year in Bangkok, which names the keys and the status lists."""
    return at.astimezone(BANGKOK).year


def year_term(year: int) -> tuple[int, int]:
    """First second of a year in Bangkok, and first second after it."""
    start = datetime(year, 1, 1, tzinfo=BANGKOK)
    return to_seconds(start), to_seconds(start.replace(year=year + 1))


def new_key(
    vault: Vault, role: Role, year: int, *, agency: int | None = None, types: Iterable[int] = ()
) -> RingKey:
    """A fresh key for one year, sealed in the vault."""
    start, end = year_term(year)
    public = vault.generate().public
    return RingKey(public, role, start, end, agency=agency, types=tuple(sorted(types)))


def serves(key: RingKey, agency: int | None, year: int) -> bool:
    """Whether the key is an active one of that agency (None: of none) and year."""
    return key.agency == agency and key.valid_from == year_term(year)[0] and key.state is KeyState.ACTIVE


def log_changes(
    session: Session,
    before: KeyRing | None,
    after: KeyRing,
    *,
    at: datetime,
    marked: Collection[bytes] = (),
) -> None:
    """Log each key whose state the new ring changes.

    `marked` are thumbprints of keys whose compromise was logged when it was marked.
    """
    states = {key.public.kid: key.state for key in before.keys} if before else {}
    acts = {
        KeyState.ACTIVE: ActKind.KEY_ACTIVATED,
        KeyState.RETIRED: ActKind.KEY_RETIRED,
        KeyState.COMPROMISED: ActKind.KEY_COMPROMISED,
    }
    for key in after.keys:
        known = key.state is KeyState.COMPROMISED and key.public.thumbprint in marked
        if states.get(key.public.kid) is not key.state and not known:
            log.append_key_act(
                session, acts[key.state], key.public.thumbprint, at=at, good_size=key.good_size
            )
