"""The verdict on a day that is over: what was known on it, and what is known now about it.

Pure functions over the evidence of the day and that of today, by the rules of `check`.  Nothing is
said for certain of a day of which no snapshot is kept, or before the license was in the register.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from keys.acts import ActKind, Status
from keys.dates import bangkok_date, from_seconds
from keys.record import LicenseRecord, Order
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
    return AsOf(day, known_then, _about(day, known_then, current, then, now), current, since)


def effective_day(act: Act) -> date:
    """The day in Bangkok from which an act counts: of its entry, or the earlier one that an order names."""
    entered = bangkok_date(from_seconds(act.entry.moment))
    begins = act.statement.begins if isinstance(act.statement, Order) else None
    return min(entered, begins) if begins is not None else entered


def _unsure(verdict: Verdict, detail: Detail | None) -> Verdict:
    return replace(verdict, kind=Kind.CANNOT_TELL, detail=detail, grounds=None, last_known=None)


def _told(verdict: Verdict, kind: Kind, detail: Detail | None = None) -> Verdict:
    return replace(verdict, kind=kind, detail=detail, grounds=None, last_known=None)


def _about(day: date, known_then: Verdict, current: Verdict, then: Evidence, now: Evidence) -> Verdict:
    """What is known now about `day`, given what was known then."""
    acts = current.license.acts if current.license is not None else ()
    doubt = _doubt(acts, current, now)
    if doubt is not None:
        return doubt
    counting = [a for a in acts if a.index < then.snapshot.log_size or effective_day(a) <= day]
    version = next((a for a in reversed(counting) if isinstance(a.statement, LicenseRecord)), None)
    if version is None:
        return _before_entry(day, acts[0], current)
    claim = claim_of(version)
    judged = judge(claim, now, current.checked_at, ON_LINE)
    if judged.kind is Kind.NOT_GENUINE:
        return _told(current, judged.kind, judged.detail)
    if known_then.kind is Kind.NOT_GENUINE:
        return _told(current, known_then.kind, known_then.detail)
    if judged.kind is Kind.CANNOT_TELL and judged.detail is not Detail.NEWER_VERSION:
        return _unsure(current, judged.detail)
    if any(act.statement.act is ActKind.VOIDING for act in acts):
        return _told(current, Kind.REVOKED, Detail.VOIDED)
    return _by_status(day, claim, version, counting, (known_then, current), then, now)


def _doubt(acts: Sequence[Act], current: Verdict, now: Evidence) -> Verdict | None:
    stale = staleness(now, current.checked_at, ON_LINE)
    if current.kind is Kind.CANNOT_TELL or stale is not None:
        return _unsure(current, current.detail if current.kind is Kind.CANNOT_TELL else stale)
    newest = next((a for a in reversed(acts) if isinstance(a.statement, LicenseRecord)), None)
    if newest is None or acts[0].statement.act is not ActKind.ISSUANCE:
        return _unsure(current, Detail.EVIDENCE_MISSING)
    # What the acts at hand leave must be what the list says: else one of them is not at hand.
    ref = newest.statement.status if isinstance(newest.statement, LicenseRecord) else None
    if ref is None or now.status_value(newest.statement.agency, ref.year, ref.number, ref.position) != (
        acts[-1].entry.status
    ):
        return _unsure(current, Detail.EVIDENCE_MISSING)
    return None


def _before_entry(day: date, first: Act, current: Verdict) -> Verdict:
    """The register knew nothing of the license on `day`: only its own dates speak, and never for it."""
    record = first.statement
    if isinstance(record, LicenseRecord) and day < record.valid_from:
        return _told(current, Kind.NOT_YET_VALID)
    if isinstance(record, LicenseRecord) and record.valid_until is not None and day > record.valid_until:
        return _told(current, Kind.EXPIRED)
    return _unsure(current, Detail.ENTERED_LATER)


def _by_status(
    day: date,
    claim: Claim,
    version: Act,
    counting: Sequence[Act],
    verdicts: tuple[Verdict, Verdict],
    then: Evidence,
    now: Evidence,
) -> Verdict:
    known_then, current = verdicts
    later = [act for act in counting if act.index >= then.snapshot.log_size]
    if later:
        value: int | None = later[-1].entry.status
    else:
        value = _value(claim, then)
    if value is None or value not in Status:
        return _unsure(current, Detail.EVIDENCE_MISSING)
    status = Status(value)
    if status is Status.INVALID:
        return _told(current, Kind.REVOKED)
    if status is Status.ENDED:
        return _told(current, Kind.ENDED)
    if known_then.kind is Kind.CANNOT_TELL:
        return _unsure(current, known_then.detail)
    kind = standing(status, claim, day)
    if kind not in GREEN:
        return _told(current, kind)
    grounds = Grounds(claim, version.entry, status, now.age(current.checked_at), ON_LINE)
    return replace(current, kind=kind, detail=None, grounds=grounds, last_known=None, claim=claim)


def _value(claim: Claim, then: Evidence) -> int | None:
    try:
        return then.status_value(claim.agency, claim.ref.year, claim.ref.number, claim.ref.position)
    except EvidenceMissing:
        return None
