"""What a verdict is, and why a green one cannot be made without its grounds."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from keys.acts import Status
from keys.entry import LogEntry
from keys.keyring import RingKey
from keys.record import StatusRef
from verify.license import License
from verify.published import Evidence

CLOCK_SLACK = timedelta(minutes=5)


class Kind(StrEnum):
    """What a reader is told."""

    VALID = "VALID"
    RENEWAL_PENDING = "RENEWAL_PENDING"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    ENDED = "ENDED"
    NOT_GENUINE = "NOT_GENUINE"
    NOT_FOUND = "NOT_FOUND"
    CANNOT_TELL = "CANNOT_TELL"


class Detail(StrEnum):
    """Which case of its kind a verdict is, where the words or the advice differ."""

    KEY_DENIED = "key_denied"
    NEWER_THAN_EVIDENCE = "newer_than_evidence"
    NEWER_VERSION = "newer_version"
    EVIDENCE_MISSING = "evidence_missing"
    STALE = "stale"
    CLOCK_WRONG = "clock_wrong"
    UNKNOWN_KEY = "unknown_key"
    RENEWAL_FILED = "renewal_filed"
    VOIDED = "voided"
    NO_SNAPSHOT = "no_snapshot"  # Of a past day: nothing is kept of it.
    ENTERED_LATER = "entered_later"  # Of a past day: the register did not know the license yet.


class MayOperate(StrEnum):
    """The plain answer to "may this place operate today?"."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot_tell"


GREEN = frozenset({Kind.VALID, Kind.RENEWAL_PENDING})
_RED = frozenset({Kind.NOT_YET_VALID, Kind.EXPIRED, Kind.SUSPENDED, Kind.REVOKED, Kind.ENDED})


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs on line and on a phone: how old evidence may be, and whether the log is at hand."""

    oldest: timedelta
    has_log: bool


ON_LINE = Rules(timedelta(minutes=15), has_log=True)
OFF_LINE = Rules(timedelta(hours=24), has_log=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signed card or record says of itself; exists only behind a verified signature.

    `digest` is SHA-256 of the signed bytes, which the entry at `index` must hold.
    """

    key: RingKey
    digest: bytes
    agency: int
    index: int
    ref: StatusRef
    valid_from: date
    valid_until: date | None
    is_card: bool

    def stands_in(self, entry: LogEntry) -> bool:
        """Whether the entry holds the hash of exactly these signed bytes."""
        return self.digest == (entry.card if self.is_card else entry.statement)


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that green rests on; cannot be made when any of it is lacking."""

    claim: Claim
    entry: LogEntry | None
    status: Status
    age: timedelta
    rules: Rules

    def __post_init__(self) -> None:
        """Refuse what no green verdict may rest on."""
        logged = not self.rules.has_log if self.entry is None else self.claim.stands_in(self.entry)
        fresh = -CLOCK_SLACK <= self.age <= self.rules.oldest
        if not (logged and fresh and self.status in (Status.VALID, Status.RENEWAL_PENDING)):
            raise ValueError("no green verdict without entry, status and fresh evidence")


@dataclass(frozen=True)
class Verdict:
    """One answer, its moment and the age of its evidence (None when there is none)."""

    kind: Kind
    checked_at: datetime
    evidence_age: timedelta | None
    detail: Detail | None = None
    older_plate: bool = False
    signed: bool = False  # Whether a signature was found right.
    last_known: Kind | None = None  # The verdict at the evidence's own moment, when it is too old.
    license: License | None = None
    evidence: Evidence | None = None
    claim: Claim | None = None
    grounds: Grounds | None = None

    def __post_init__(self) -> None:
        """Refuse a green verdict without grounds."""
        if (self.kind in GREEN) != (self.grounds is not None):
            raise ValueError("green, and nothing else, has grounds")

    @property
    def may_operate_today(self) -> MayOperate:
        """Yes, no, or cannot tell: also for what is not found and what is not ours."""
        if self.kind in GREEN:
            return MayOperate.YES
        return MayOperate.NO if self.kind in _RED else MayOperate.CANNOT_TELL
