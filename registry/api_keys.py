"""Keys by which an agency's own systems use the API: made once, shown once, kept as a hash.

A key stands for the officer who made it and answers for what it does: it can do no more than that
officer, and nothing once the officer is removed.  It is never the second person of two.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.catalog import Catalog, Text
from keys.layout import sha256
from keys.text import canonical
from registry.audit_events import record_event
from registry.catalogs import current_catalog
from registry.errors import NotPermitted, RegistryError, refuse
from registry.models import ApiKey, Officer
from registry.permissions import PERMISSIONS, Permission, Role, require

LONGEST_LIFE = timedelta(days=366)
LONGEST_LABEL = 80
_PREFIX = "permits"
_ID_BYTES, _SECRET_BYTES = 8, 32
# A request does not write merely to say that its key was used, unless the last time is this long ago.
_NOTED_EVERY = timedelta(minutes=1)


class UnknownKey(RegistryError):
    """The text is no key of ours, or one that no longer opens anything; which of these is not told."""


@dataclass(frozen=True, slots=True)
class System:
    """Who calls the API: the key, the officer it stands for, and what it may enter."""

    key: str
    officer: Officer
    types: frozenset[int]
    may_release: bool

    @property
    def agency(self) -> int:
        """The agency whose batches the system sees."""
        return self.officer.agency

    def require_type(self, license_type: int) -> None:
        """Return if the key may enter this license type; raise `NotPermitted` otherwise."""
        if license_type not in self.types:
            raise NotPermitted(
                "key-type",
                Text("กุญแจนี้ใช้กับใบอนุญาตประเภทนี้ไม่ได้", "This key is not for this license type"),
            )

    def require_release(self) -> None:
        """Return if the key may release batches; raise `NotPermitted` otherwise."""
        if not self.may_release:
            raise NotPermitted(
                "key-release",
                Text(
                    "กุญแจนี้เสนอได้อย่างเดียว ให้เจ้าหน้าที่เผยแพร่ที่หน้าเว็บ",
                    "This key may only propose: an officer releases on the page",
                ),
            )


@dataclass(frozen=True, slots=True)
class Scope:
    """What a key is for: a name people know the system by, license types, and how far it goes."""

    label: str
    types: Sequence[int]
    may_release: bool
    life: timedelta


def add_key(session: Session, officer: Officer, scope: Scope, *, at: datetime) -> str:
    """Store a new key in the officer's name and give its text, which nobody can read again.

    Raises `Refused` for a role without the right, a type the agency does not issue, no label, or a
    life beyond a year.
    """
    require(officer.role, Permission.SYSTEMS)
    catalog, label = current_catalog(session), canonical(scope.label)
    _require_scope(label, scope, officer, catalog)
    key_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    session.add(
        ApiKey(
            id=key_id,
            secret_hash=sha256(secret.encode()),
            officer=officer.id,
            label=label,
            types=sorted(set(scope.types)),
            may_release=scope.may_release,
            created_at=at,
            expires_at=at + scope.life,
        )
    )
    session.flush()
    record_event(session, "api-key-added", officer, at=at, key=key_id)
    return f"{_PREFIX}_{key_id}_{secret}"


def _require_scope(label: str, scope: Scope, officer: Officer, catalog: Catalog) -> None:
    if not 0 < len(label) <= LONGEST_LABEL:
        raise refuse(
            "key-label",
            f"ตั้งชื่อระบบ ยาวไม่เกิน {LONGEST_LABEL} ตัวอักษร",
            f"Name the system, in at most {LONGEST_LABEL} characters",
            field="label",
        )
    own = catalog.agencies[officer.agency].types
    if not scope.types or set(scope.types) - set(own):
        raise refuse(
            "key-types",
            "เลือกประเภทใบอนุญาตของหน่วยงานอย่างน้อยหนึ่งประเภท",
            "Choose at least one license type of the agency",
            field="types",
        )
    if not timedelta(0) < scope.life <= LONGEST_LIFE:
        raise refuse(
            "key-life",
            f"อายุกุญแจต้องไม่เกิน {LONGEST_LIFE.days} วัน",
            f"A key lives {LONGEST_LIFE.days} days at most",
            field="days",
        )


def revoke_key(session: Session, key: ApiKey, officer: Officer, *, at: datetime) -> None:
    """Have a key open nothing from now on; `officer` is who wished it."""
    if key.revoked_at is None:
        key.revoked_at = at
    record_event(session, "api-key-revoked", officer, at=at, key=key.id)


def own_key(session: Session, agency: int, key_id: str) -> ApiKey:
    """A key of one of the agency's officers; raises `Refused` for any other."""
    found = next((key for key, _ in keys_of(session, agency) if key.id == key_id), None)
    if found is None:
        raise refuse("no-key", "ไม่มีกุญแจนี้", "There is no such key")
    return found


def keys_of(session: Session, agency: int) -> list[tuple[ApiKey, Officer]]:
    """An agency's keys with the officers they stand for, the newest first."""
    rows = session.execute(
        select(ApiKey, Officer)
        .join(Officer, ApiKey.officer == Officer.id)
        .where(Officer.agency == agency)
        .order_by(ApiKey.created_at.desc(), ApiKey.id)
    )
    return [(row[0], row[1]) for row in rows]


def opens(key: ApiKey, officer: Officer, *, at: datetime) -> bool:
    """Whether a key would still be taken; a list shows it."""
    allowed = {Permission.SYSTEMS, Permission.IMPORT} <= PERMISSIONS[Role(officer.role)]
    return key.revoked_at is None and at < key.expires_at and officer.disabled_at is None and allowed


def system_of(session: Session, text: str, *, at: datetime) -> System:
    """Who holds the key of this text; raises `UnknownKey` for any that does not open.

    256 random bits need no slow hash.
    """
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    key = session.get(ApiKey, key_id) if prefix == _PREFIX and len(key_id) == 2 * _ID_BYTES else None
    known = key.secret_hash if key is not None else bytes(32)
    fits = hmac.compare_digest(sha256(secret.encode("utf-8", "surrogatepass")), known)
    if key is None or not fits:
        raise UnknownKey("no such key")
    officer = session.get_one(Officer, key.officer)
    if not opens(key, officer, at=at):
        raise UnknownKey("no such key")
    return System(key.id, officer, frozenset(key.types), key.may_release)


def is_unnoted(session: Session, key_id: str, *, at: datetime) -> bool:
    """Whether the last noted use of a key is so long ago that this one is worth a write."""
    used = session.get_one(ApiKey, key_id).used_at
    return used is None or at - used > _NOTED_EVERY


def note_use(session: Session, key_id: str, *, at: datetime) -> None:
    """Store that a key was used."""
    session.get_one(ApiKey, key_id).used_at = at
