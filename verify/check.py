"""The verdict: the table of formats §Verdict, row by row, in that order; pure functions.

Green comes out of one place, `_may_operate`, and cannot be made without its grounds.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from keys.acts import ActKind, Status
from keys.card import LicenseCard
from keys.cose import parse_sign1
from keys.dates import bangkok_date, from_seconds
from keys.entry import LogEntry
from keys.errors import NotTrusted, UnknownKey
from keys.layout import sha256
from keys.opening import open_card
from keys.record import LicenseRecord
from keys.statuslist import is_known
from verify.errors import EvidenceMissing, LookupAway
from verify.license import Act, Held, License, Look, open_acts
from verify.published import Evidence
from verify.verdict import CLOCK_SLACK, GREEN, ON_LINE, Claim, Detail, Grounds, Kind, Rules, Verdict


@dataclass(frozen=True)
class _Case:
    claim: Claim
    evidence: Evidence
    at: datetime
    rules: Rules

    @cached_property
    def entry(self) -> LogEntry | None:
        """The proven entry at the claim's index, or None when it cannot be had."""
        try:
            return self.evidence.log.entry(self.claim.index)
        except EvidenceMissing:
            return None

    @cached_property
    def value(self) -> int | None:
        """The 4 bits of the status list, or None without list or position."""
        ref = self.claim.ref
        try:
            return self.evidence.status_value(self.claim.agency, ref.year, ref.number, ref.position)
        except EvidenceMissing:
            return None

    @property
    def status(self) -> Status:
        """The status, for rows behind `_evidence_missing`; raises `ValueError` without one."""
        if self.value is None:
            raise ValueError("no status")
        return Status(self.value)

    def verdict(self, kind: Kind, detail: Detail | None = None, last_known: Kind | None = None) -> Verdict:
        return Verdict(
            kind,
            self.at,
            self.evidence.age(self.at),
            detail,
            signed=True,
            last_known=last_known,
            evidence=self.evidence,
            claim=self.claim,
        )


# --- the rows of the table, in its order; each gives a verdict or passes on ---------------------


def _outside_term(case: _Case) -> Verdict | None:
    if case.rules.has_log and case.entry is not None:
        key = case.claim.key
        if not key.valid_from <= case.entry.moment < key.valid_until:
            return case.verdict(Kind.NOT_GENUINE)
    return None


def _denied_key(case: _Case) -> Verdict | None:
    good = case.evidence.good_size(case.claim.key)
    if good is None:
        return None
    if not case.rules.has_log:
        return _denied_off_line(case)
    if case.claim.index >= min(good, case.evidence.snapshot.log_size):
        return case.verdict(Kind.NOT_GENUINE, Detail.KEY_DENIED)
    if case.entry is not None and not case.claim.stands_in(case.entry):
        return case.verdict(Kind.NOT_GENUINE, Detail.KEY_DENIED)
    return None


def _denied_off_line(case: _Case) -> Verdict | None:
    # Only cards are checked without the log, and the set is of cards: a record is never in it.
    try:
        known = case.evidence.denied_set(case.claim.key)
    except EvidenceMissing:
        return case.verdict(Kind.CANNOT_TELL, Detail.KEY_DENIED)
    in_good_time = case.claim.is_card and known.holds(case.claim.digest)
    return None if in_good_time else case.verdict(Kind.NOT_GENUINE, Detail.KEY_DENIED)


def _newer_than_evidence(case: _Case) -> Verdict | None:
    if case.claim.index >= case.evidence.snapshot.log_size:
        return case.verdict(Kind.CANNOT_TELL, Detail.NEWER_THAN_EVIDENCE)
    return None


def _not_logged(case: _Case) -> Verdict | None:
    if case.rules.has_log and case.entry is not None and not case.claim.stands_in(case.entry):
        return case.verdict(Kind.NOT_GENUINE)
    return None


def _evidence_missing(case: _Case) -> Verdict | None:
    entry, claim = case.entry, case.claim
    logged = entry is not None and (entry.ref, entry.agency) == (claim.ref, claim.agency)
    if (case.rules.has_log and not logged) or case.value is None or not is_known(case.value):
        return case.verdict(Kind.CANNOT_TELL, Detail.EVIDENCE_MISSING)
    return None


def _final(case: _Case) -> Verdict | None:
    if case.value == Status.INVALID:
        return case.verdict(Kind.REVOKED)
    return case.verdict(Kind.ENDED) if case.value == Status.ENDED else None


def _superseded(case: _Case) -> Verdict | None:
    if case.value == Status.SUPERSEDED:
        return case.verdict(Kind.CANNOT_TELL, Detail.NEWER_VERSION)
    return None


def _too_old(case: _Case) -> Verdict | None:
    detail = staleness(case.evidence, case.at, case.rules)
    if detail is None:
        return None
    known = standing(case.status, case.claim, bangkok_date(case.evidence.moment))
    return case.verdict(Kind.CANNOT_TELL, detail, known)


def _today(case: _Case) -> Verdict:
    status = case.status
    kind = standing(status, case.claim, bangkok_date(case.at))
    filed = status in (Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING) and kind is not Kind.RENEWAL_PENDING
    detail = Detail.RENEWAL_FILED if filed else None
    return _may_operate(case, kind, status, detail) if kind in GREEN else case.verdict(kind, detail)


_ROWS = (
    _outside_term,
    _denied_key,
    _newer_than_evidence,
    _not_logged,
    _evidence_missing,
    _final,
    _superseded,
    _too_old,
)


def staleness(evidence: Evidence, at: datetime, rules: Rules) -> Detail | None:
    """Why evidence of this age says nothing certain at `at`, or None."""
    age = evidence.age(at)
    if age < -CLOCK_SLACK:
        return Detail.CLOCK_WRONG
    return Detail.STALE if age > rules.oldest or at >= from_seconds(evidence.ring.expires) else None


def standing(status: Status, claim: Claim, today: date) -> Kind:
    """The rows that depend on the Bangkok date, for a status that is neither final nor superseded."""
    filed = status in (Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING)
    over = claim.valid_until is not None and today > claim.valid_until
    if today < claim.valid_from:
        return Kind.NOT_YET_VALID
    if over and not filed:
        return Kind.EXPIRED
    if status in (Status.SUSPENDED, Status.SUSPENDED_PENDING):
        return Kind.SUSPENDED
    if filed:
        return Kind.RENEWAL_PENDING if over else Kind.VALID
    return Kind.VALID if status is Status.VALID else Kind.CANNOT_TELL


def _may_operate(case: _Case, kind: Kind, status: Status, detail: Detail | None) -> Verdict:
    """The one place that makes green."""
    age = case.evidence.age(case.at)
    grounds = Grounds(case.claim, case.entry if case.rules.has_log else None, status, age, case.rules)
    return Verdict(
        kind,
        case.at,
        age,
        detail,
        signed=True,
        evidence=case.evidence,
        claim=case.claim,
        grounds=grounds,
    )


def judge(claim: Claim, evidence: Evidence, at: datetime, rules: Rules) -> Verdict:
    """The verdict on what a signed card or record claims, down the table."""
    case = _Case(claim, evidence, at, rules)
    return next((verdict for row in _ROWS if (verdict := row(case))), None) or _today(case)


# --- cards ------------------------------------------------------------------------------------


def check_card(
    signed: bytes,
    evidence: Evidence | None,
    *,
    at: datetime,
    rules: Rules = ON_LINE,
    look: Look | None = None,
) -> Verdict:
    """The verdict on a scanned card; `look` gives the statements that the face and history need.

    Raises `Malformed` for bytes that this service would never have written, and nothing else.
    """
    if evidence is None:
        parse_sign1(signed)
        return Verdict(Kind.CANNOT_TELL, at, None, Detail.EVIDENCE_MISSING)
    age = evidence.age(at)
    try:
        opened = open_card(signed, evidence.ring)
    except UnknownKey:
        stale = staleness(evidence, at, rules)
        if rules.has_log and stale is None:
            return Verdict(Kind.NOT_GENUINE, at, age, evidence=evidence)
        return Verdict(Kind.CANNOT_TELL, at, age, stale or Detail.UNKNOWN_KEY, evidence=evidence)
    except NotTrusted:
        return Verdict(Kind.NOT_GENUINE, at, age, evidence=evidence)
    card = opened.value
    claim = Claim(
        key=opened.key,
        digest=sha256(signed),
        agency=card.agency,
        index=card.index,
        ref=card.status,
        valid_from=card.valid_from,
        valid_until=card.valid_until,
        is_card=True,
    )
    verdict = judge(claim, evidence, at, rules)
    if verdict.kind is Kind.NOT_GENUINE:
        return verdict
    return _with_license(verdict, card, _acts_for(card, evidence, at, look), rules)


def _acts_for(card: LicenseCard, evidence: Evidence, at: datetime, look: Look | None) -> tuple[Act, ...]:
    """The acts to show beside a card: none of a type that is not public, none that cannot be proven."""
    if look is None or not evidence.catalog.is_open(card.agency, card.license_type, bangkok_date(at)):
        return ()
    try:
        return open_acts(look(card.code), card.code, evidence)
    except (EvidenceMissing, LookupAway):
        return ()


def _with_license(verdict: Verdict, card: LicenseCard, acts: tuple[Act, ...], rules: Rules) -> Verdict:
    if verdict.detail is Detail.NEWER_VERSION and rules.has_log and verdict.evidence is not None:
        newest = _newest(acts)
        if newest is not None and newest.index > card.index:
            again = judge(claim_of(newest), verdict.evidence, verdict.checked_at, rules)
            if again.kind is not Kind.NOT_GENUINE and again.detail is not Detail.NEWER_VERSION:
                return _finish(replace(again, older_plate=True), acts, newest)
    own = next((a for a in acts if a.index == card.index and isinstance(a.statement, LicenseRecord)), None)
    return _finish(verdict, acts, own, card)


# --- codes ------------------------------------------------------------------------------------


def check_code(
    code: str,
    held: tuple[Held, ...],
    evidence: Evidence | None,
    *,
    at: datetime,
    caught_up: bool,
    rules: Rules = ON_LINE,
) -> Verdict:
    """The verdict on a code, from what the look-up holds of it.

    `caught_up` says whether the look-up has reached the snapshot of `evidence`.  What is not there
    and what is not public get the same answer.
    """
    if evidence is None:
        return Verdict(Kind.CANNOT_TELL, at, None, Detail.EVIDENCE_MISSING)
    age, stale = evidence.age(at), staleness(evidence, at, rules)
    unsure = Verdict(Kind.CANNOT_TELL, at, age, stale or Detail.EVIDENCE_MISSING, evidence=evidence)
    nothing = Verdict(Kind.NOT_FOUND, at, age, evidence=evidence) if caught_up and stale is None else unsure
    try:
        acts = open_acts(held, code, evidence)
    except EvidenceMissing:
        return replace(unsure, detail=Detail.EVIDENCE_MISSING)
    newest = _newest(acts)
    if newest is None:
        return nothing
    record = newest.statement
    if not evidence.catalog.is_open(record.agency, record.license_type, bangkok_date(at)):
        return nothing
    verdict = judge(claim_of(newest), evidence, at, rules)
    return verdict if verdict.kind is Kind.NOT_GENUINE else _finish(verdict, acts, newest)


def _newest(acts: tuple[Act, ...]) -> Act | None:
    return next((act for act in reversed(acts) if isinstance(act.statement, LicenseRecord)), None)


def claim_of(act: Act) -> Claim:
    """What the license record of `act` claims; raises `ValueError` for an order."""
    record, entry = act.statement, act.entry
    if not isinstance(record, LicenseRecord) or entry.statement is None:
        raise ValueError("only a license record claims to be a version")
    return Claim(
        key=act.key,
        digest=entry.statement,
        agency=record.agency,
        index=act.index,
        ref=record.status,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        is_card=False,
    )


def _finish(
    verdict: Verdict, acts: tuple[Act, ...], version: Act | None, card: LicenseCard | None = None
) -> Verdict:
    record = version.statement if version is not None else None
    license_ = License(card, record if isinstance(record, LicenseRecord) else None, acts)
    voided = verdict.kind is Kind.REVOKED and license_.last(ActKind.VOIDING, ActKind.REVOCATION)
    detail = Detail.VOIDED if voided and voided.statement.act is ActKind.VOIDING else verdict.detail
    return replace(verdict, license=license_, detail=detail)
