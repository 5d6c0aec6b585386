"""The verdict on a day that is over: what was known on it, and what is known now about it.

Pure functions over the evidence of the day and that of today, by the rules of `check`.  Nothing is
said for certain of a day of which no snapshot is kept, or before the license was in the register.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from keys.acts import ActKind, Status
from keys.dates import bangkok_date, from_seconds
from keys.record import LicenseRecord, Order
from keys.statuslist import is_known
from verify.check import check_code, claim_of, judge, staleness, standing
from verify.errors import EvidenceMissing
from verify.license import Act, Held
from verify.published import Evidence
from verify.verdict import GREEN, ON_LINE, Claim, Detail, Grounds, Kind, Verdict


@dataclass(frozen=True)
class AsOf:
    """Two verdicts on one license for one day.

    `then` is what a reader was told at the day's last snapshot, `now` what is told of that day today;
    `current` is the verdict of today on today.  Without `current.license` nothing may be shown.
    `since` are the acts that came after the day's snapshot.
    """

    day: date
    then: Verdict
    now: Verdict
    current: Verdict
    since: tuple[Act, ...] = ()
    has_evidence: bool = False  # Whether the evidence of the day is at hand.


def as_of(
    code: str,
    held: tuple[Held, ...],
    day: date,
    *,
    then: Evidence | None,
    now: Evidence | None,
    at: datetime,
    caught_up: bool,
    lacking: Detail = Detail.NO_SNAPSHOT,
) -> AsOf:
    """What is said of `day`, which is not after today.

    `then` is the evidence of that day; None, when there is none to use, for the reason `lacking`.
    """
    current = check_code(code, held, now, at=at, caught_up=caught_up)
    if current.license is None or now is None:
        return AsOf(day, current, current, current)
    acts = current.license.acts
    if then is None:
        unsure = _unsure(current, lacking)
        return AsOf(day, unsure, unsure, current, tuple(a for a in acts if effective_day(a) > day))
    known_then = check_code(code, held, then, at=then.moment, caught_up=caught_up)
    if known_then.kind is Kind.NOT_FOUND and acts[0].statement.act is not ActKind.ISSUANCE:
        known_then = _unsure(known_then, Detail.EVIDENCE_MISSING)
    since = tuple(act for act in acts if act.index >= then.snapshot.log_size)
    known_now = _about(_Case(day, known_then, current, then, now))
    return AsOf(day, known_then, known_now, current, since, has_evidence=True)


def effective_day(act: Act) -> date:
    """The day in Bangkok from which an act counts: of its entry, or the earlier one that an order names."""
    entered = bangkok_date(from_seconds(act.entry.moment))
    begins = act.statement.begins if isinstance(act.statement, Order) else None
    return min(entered, begins) if begins is not None else entered


def _unsure(verdict: Verdict, detail: Detail | None) -> Verdict:
    return _told(verdict, Kind.CANNOT_TELL, detail)


def _told(verdict: Verdict, kind: Kind, detail: Detail | None = None) -> Verdict:
    return replace(verdict, kind=kind, detail=detail, grounds=None, last_known=None)


@dataclass(frozen=True)
class _Case:
    day: date
    known_then: Verdict
    current: Verdict
    then: Evidence
    now: Evidence

    @property
    def acts(self) -> tuple[Act, ...]:
        """All acts that are known now, in the order of the log."""
        return self.current.license.acts if self.current.license is not None else ()

    @cached_property
    def counting(self) -> tuple[Act, ...]:
        """Those that count on the day: known then, or entered later with effect on it."""
        size = self.then.snapshot.log_size
        return tuple(act for act in self.acts if act.index < size or effective_day(act) <= self.day)

    @cached_property
    def version(self) -> Act | None:
        """The version of the license that counts on the day."""
        return next((a for a in reversed(self.counting) if isinstance(a.statement, LicenseRecord)), None)

    @property
    def claim(self) -> Claim:
        """What that version claims; raises `ValueError` without one."""
        if self.version is None:
            raise ValueError("no version counts on the day")
        return claim_of(self.version)

    @cached_property
    def status(self) -> Status | None:
        """The status on the day: by an act entered later, else by the day's list; None without it."""
        last = self.counting[-1]
        if last.index >= self.then.snapshot.log_size:
            return last.entry.status
        value = _value(self.claim, self.then)
        return Status(value) if value is not None and is_known(value) else None


# --- the rows, in their order; each gives a verdict or passes on ---------------------------------


def _not_known_today(case: _Case) -> Verdict | None:
    if case.current.kind is Kind.CANNOT_TELL:
        return _unsure(case.current, case.current.detail)
    stale = staleness(case.now, case.current.checked_at, ON_LINE)
    return _unsure(case.current, stale) if stale is not None else None


def _acts_missing(case: _Case) -> Verdict | None:
    """What the acts at hand leave must be what today's list says: else one of them is not at hand."""
    newest = next((a for a in reversed(case.acts) if isinstance(a.statement, LicenseRecord)), None)
    whole = newest is not None and case.acts[0].statement.act is ActKind.ISSUANCE
    if newest is None or not whole or _value(claim_of(newest), case.now) != case.acts[-1].entry.status:
        return _unsure(case.current, Detail.EVIDENCE_MISSING)
    return None


def _voided(case: _Case) -> Verdict | None:
    voided = any(act.statement.act is ActKind.VOIDING for act in case.acts)
    return _told(case.current, Kind.REVOKED, Detail.VOIDED) if voided else None


def _not_entered_yet(case: _Case) -> Verdict | None:
    """The register did not know the license: only its own dates speak, and never for it."""
    record = case.acts[0].statement
    if case.version is not None or not isinstance(record, LicenseRecord):
        return None
    if case.day < record.valid_from:
        return _told(case.current, Kind.NOT_YET_VALID)
    if record.valid_until is not None and case.day > record.valid_until:
        return _told(case.current, Kind.EXPIRED)
    return _unsure(case.current, Detail.ENTERED_LATER)


def _not_trusted(case: _Case) -> Verdict | None:
    """The rows of today's table for the version that counts on the day: its key, its entry."""
    judged = judge(case.claim, case.now, case.current.checked_at, ON_LINE)
    if judged.kind is Kind.NOT_GENUINE or (
        judged.kind is Kind.CANNOT_TELL and judged.detail is not Detail.NEWER_VERSION
    ):
        return _told(case.current, judged.kind, judged.detail)
    if case.known_then.kind is Kind.NOT_GENUINE:
        return _told(case.current, case.known_then.kind, case.known_then.detail)
    return None


def _final(case: _Case) -> Verdict | None:
    if case.status is Status.INVALID:
        return _told(case.current, Kind.REVOKED)
    return _told(case.current, Kind.ENDED) if case.status is Status.ENDED else None


def _not_known_then(case: _Case) -> Verdict | None:
    if case.known_then.kind is Kind.CANNOT_TELL:
        return _unsure(case.current, case.known_then.detail)
    return _unsure(case.current, Detail.EVIDENCE_MISSING) if case.status is None else None


_ROWS = (
    _not_known_today,
    _acts_missing,
    _voided,
    _not_entered_yet,
    _not_trusted,
    _final,
    _not_known_then,
)


def _about(case: _Case) -> Verdict:
    """What is known now about the day, given what was known then."""
    found = next((verdict for row in _ROWS if (verdict := row(case))), None)
    if found is not None:
        return found
    version, status, claim, current = case.version, case.status, case.claim, case.current
    if version is None or status is None:
        raise ValueError("the rows pass on only with a version and a status")
    kind = standing(status, claim, case.day)
    if kind not in GREEN:
        return _told(current, kind)
    grounds = Grounds(claim, version.entry, status, case.now.age(current.checked_at), ON_LINE)
    return replace(current, kind=kind, detail=None, grounds=grounds, last_known=None, claim=claim)


def _value(claim: Claim, evidence: Evidence) -> int | None:
    try:
        return evidence.status_value(claim.agency, claim.ref.year, claim.ref.number, claim.ref.position)
    except EvidenceMissing:
        return None
