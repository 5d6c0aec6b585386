"""The sets of denied keys: for phones, which cards under such a key were logged in good time.

They are written after the snapshot, which denies the key at once: a phone without the set says that
it cannot tell, never that a card is good.
"""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import ColumnElement, LargeBinary, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from keys import layout
from keys.cose import KID_AT
from keys.denied import denied_set
from keys.entry import parse_entry
from keys.errors import KeysError
from keys.keyring import KeyRing, KeyState, RingKey, Role
from keys.opening import open_denied_set, sign_denied_set
from keys.signing import KID_BYTES
from registry.files import Folder
from registry.models import EntryRow
from registry.signers import Signers

_READ_AT_ONCE = 2000
# What this process has found or written: reading a set of a million cards at each publish is waste.
_WRITTEN: dict[tuple[Path, bytes], tuple[int, bytes]] = {}


def last_good_sizes(signers: Signers) -> dict[RingKey, int]:
    """Each denied or compromised key with the log size below which it counts."""
    denied = {denial.thumbprint: denial.good_size for denial in signers.denied}
    sizes = {}
    for key in signers.ring.keys:
        marks = [denied[key.public.thumbprint]] if key.public.thumbprint in denied else []
        if key.state is KeyState.COMPROMISED:
            marks.append(key.good_size or 0)
        if marks:
            sizes[key] = min(marks)
    return sizes


def write_denied_sets(session: Session, public: Folder, signers: Signers, moment: int) -> None:
    """Write the set of every denied agency key that has none yet, or one of another size or signer."""
    signer = signers.for_role(Role.STATUS, moment)
    for key, good_size in last_good_sizes(signers).items():
        place, wanted = (public.root, key.public.thumbprint), (good_size, signer.public.kid)
        if key.role is not Role.AGENCY or _WRITTEN.get(place) == wanted:
            continue
        path = layout.denied_set_path(key.public.thumbprint)
        if _found(public.read(path), signers.ring) != wanted:
            value = denied_set(key.public.thumbprint, good_size, _cards(session, key, good_size))
            public.replace(path, sign_denied_set(value, signer))
            public.sync()
        _WRITTEN[place] = wanted


def _found(signed: bytes | None, ring: KeyRing) -> tuple[int, bytes] | None:
    if signed is None:
        return None
    try:
        opened = open_denied_set(signed, ring)
    except KeysError:
        return None
    return opened.value.good_size, opened.key.public.kid


def is_under(column: InstrumentedAttribute[bytes | None], kid: bytes) -> ColumnElement[bool]:
    """Whether the signed bytes in a column name this key, as SQL."""
    return func.substr(column, KID_AT + 1, KID_BYTES, type_=LargeBinary) == kid


def cards_under(session: Session, key: RingKey, good_size: int) -> tuple[int, int]:
    """How many cards this key signed that the log has before `good_size`, and how many from there on."""
    cards = select(func.count()).where(EntryRow.agency == key.agency, is_under(EntryRow.card, key.public.kid))
    before = session.scalars(cards.where(EntryRow.log_index < good_size)).one()
    return before, session.scalars(cards.where(EntryRow.log_index >= good_size)).one()


def _cards(session: Session, key: RingKey, good_size: int) -> Iterator[bytes]:
    # Of an erased card only the entry is left, which does not say whose key it was.  Counting it in is
    # harmless: nobody can sign its bytes again, and without it an honest holder's plate would be false.
    rows = session.execute(
        select(EntryRow.card, EntryRow.entry)
        .where(EntryRow.log_index < good_size, EntryRow.agency == key.agency)
        .where(or_(EntryRow.card.is_(None), is_under(EntryRow.card, key.public.kid)))
        .execution_options(yield_per=_READ_AT_ONCE)
    )
    for row in rows:
        digest = layout.sha256(row.card) if row.card is not None else parse_entry(row.entry).card
        if digest is not None:
            yield digest
