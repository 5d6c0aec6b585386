"""A license as its statements tell it: each opened with the ring and proven to stand in the log."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from keys.acts import ActKind
from keys.card import LicenseCard
from keys.entry import LogEntry, subject_of
from keys.errors import KeysError
from keys.keyring import RingKey
from keys.layout import sha256
from keys.opening import open_statement
from keys.record import LicenseRecord, Order
from verify.errors import EvidenceMissing
from verify.published import Evidence


@dataclass(frozen=True, slots=True)
class Held:
    """What the look-up holds for one log index: signed bytes, not yet opened."""

    index: int
    signed: bytes
    card: bytes | None


# The statements that the look-up holds of one code, in the order of the log; raises `LookupAway`.
Look = Callable[[str], Sequence[Held]]


@dataclass(frozen=True, slots=True)
class Act:
    """One statement behind a verified signature, with its proven entry."""

    index: int
    statement: LicenseRecord | Order
    key: RingKey
    entry: LogEntry


@dataclass(frozen=True)
class License:
    """What may be shown of one license: the scanned card, the version in question, all its acts."""

    card: LicenseCard | None
    record: LicenseRecord | None
    acts: tuple[Act, ...] = ()

    @cached_property
    def face(self) -> LicenseRecord | LicenseCard:
        """The fullest form there is: the record, else the card."""
        face = self.record or self.card
        if face is None:
            raise ValueError("a license has a record or a card")
        return face

    def last(self, *kinds: ActKind) -> Act | None:
        """The newest act of these kinds."""
        return next((act for act in reversed(self.acts) if act.statement.act in kinds), None)


def open_acts(held: Iterable[Held], code: str, evidence: Evidence) -> tuple[Act, ...]:
    """The acts on `code` that the snapshot covers, in the order of the log.

    An order under a denied key is left out unless the log had it before the key's last good size.
    Raises `EvidenceMissing` when a statement is not the one that the log shows.
    """
    opened = (_open(h, code, evidence) for h in held if h.index < evidence.snapshot.log_size)
    acts = sorted(opened, key=lambda act: act.index)
    return tuple(act for act in acts if not (isinstance(act.statement, Order) and _denied(act, evidence)))


def _denied(act: Act, evidence: Evidence) -> bool:
    good = evidence.good_size(act.key)
    return good is not None and act.index >= good


def _open(held: Held, code: str, evidence: Evidence) -> Act:
    entry = evidence.log.entry(held.index)
    if entry.statement != sha256(held.signed):
        raise EvidenceMissing(f"the log holds another statement at {held.index}")
    try:
        opened = open_statement(held.signed, evidence.ring)
    except KeysError as error:
        raise EvidenceMissing(f"the statement at {held.index} cannot be opened") from error
    statement = opened.value
    if (statement.code, statement.index, statement.agency, statement.act) != (
        code,
        held.index,
        entry.agency,
        entry.act,
    ):
        raise EvidenceMissing(f"the statement at {held.index} is about something else")
    if isinstance(statement, LicenseRecord) and (
        statement.status != entry.ref or subject_of(statement.salt, code) != entry.subject
    ):
        raise EvidenceMissing(f"the record at {held.index} has another subject or position")
    return Act(held.index, statement, opened.key, entry)
