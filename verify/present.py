"""What a verdict page and a row of results show, taken from a verdict and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

from keys.code import show_code
from keys.dates import bangkok_date, from_seconds, show_date
from keys.layout import list_path
from keys.merkle import leaf_hash
from keys.record import LicenseRecord, Order
from keys.statuslist import ListName
from keys.tiles import TILE_WIDTH, entries_path
from verify.errors import EvidenceMissing
from verify.face import (
    Row,
    full_address,
    holder_name,
    kind_words,
    number_of,
    place_line,
    rows_of,
)
from verify.headlines import KIND_WORDS, Spoken, speak
from verify.license import Act, License
from verify.spelling import show_age, show_moment
from verify.verdict import Verdict
from verify.words import ACTS, say

_MOST_ACTS = 50


@dataclass(frozen=True, slots=True)
class Event:
    """One act in the history: the day it was entered, what it was, what it says."""

    day: str
    what: str
    says: str
    successor: str | None


@dataclass(frozen=True, slots=True)
class Office:
    """The agency to call: name, phone and its `tel:` form, hours."""

    name: str
    phone: str
    dial: str
    hours: str


@dataclass(frozen=True, slots=True)
class LicensePage:
    """The part of the page that is about one license."""

    code: str
    name: str
    holder: str
    place: str
    until: str | None
    look: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    kind: str
    events: Sequence[Event]
    office: Office | None
    proof: Sequence[tuple[str, str]]
    files: Sequence[str]
    proof_file: str


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """One verdict as its page says it."""

    spoken: Spoken
    notes: Sequence[str]
    license: LicensePage | None


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One row of results: where it leads, what it says, and its pill."""

    code: str
    name: str
    line: str
    number: str | None
    spoken: Spoken


def verdict_page(verdict: Verdict, language: str, *, code: str = "") -> VerdictPage:
    """What the page of `verdict` shows."""
    license_ = verdict.license
    return VerdictPage(
        spoken=speak(verdict, language, code=show_code(code) if code else ""),
        notes=_notes(verdict, language),
        license=_license_page(verdict, license_, language) if license_ is not None else None,
    )


def _notes(verdict: Verdict, language: str) -> list[str]:
    notes = [say("checked", language, moment=show_moment(verdict.checked_at, language))]
    if verdict.last_known is not None and verdict.evidence is not None and verdict.last_known in KIND_WORDS:
        status = KIND_WORDS[verdict.last_known].show(language)
        moment = show_moment(verdict.evidence.moment, language)
        notes.append(say("last_known", language, status=status, moment=moment))
    elif verdict.evidence_age is not None:
        notes.append(say("evidence", language, age=show_age(verdict.evidence_age, language)))
    return notes


def _license_page(verdict: Verdict, license_: License, language: str) -> LicensePage:
    face, evidence = license_.face, verdict.evidence
    if evidence is None:
        raise ValueError("a license is shown only with the evidence it was checked against")
    kind = evidence.catalog.types.get(face.license_type)
    rows = rows_of(face, evidence.catalog, language)
    premises, holder = face.premises or "", holder_name(face) or ""
    business = next((r.value for r in rows if kind and r.key == f"field.{kind.activity}" and r.value), None)
    look = [
        (say("look_name", language), premises or holder),
        (say("look_place", language), full_address(face, language)),
        (say("look_business", language), business or (kind.name.show(language) if kind else "")),
    ]
    until = show_date(face.valid_until, language) if face.valid_until else None
    return LicensePage(
        code=face.code,
        name=premises or holder or (kind.name.show(language) if kind else ""),
        holder=holder if premises else "",
        place=place_line(face, language),
        until=until,
        look=[(words, value) for words, value in look if value],
        rows=rows,
        kind=kind_words(kind, language),
        events=[
            event_of(act, kind_words(kind, language), verdict, language)
            for act in reversed(license_.acts[-_MOST_ACTS:])
        ],
        office=_office(verdict, face.agency, language),
        proof=_proof(verdict, face.code, language),
        files=_files(verdict),
        proof_file=_proof_file(verdict),
    )


def event_of(act: Act, kind: str, verdict: Verdict, language: str) -> Event:
    """The row of one act in a history."""
    statement, parts = act.statement, []
    if isinstance(statement, Order):
        if statement.outcome is not None:
            parts.append(say(statement.outcome, language))
        if statement.begins is not None:
            parts.append(say("begins", language, date=show_date(statement.begins, language, short=True)))
        if statement.until is not None:
            parts.append(say("until", language, date=show_date(statement.until, language, short=True)))
        reasons = verdict.evidence.catalog.reasons if verdict.evidence else {}
        if statement.reason is not None and statement.reason in reasons:
            parts.append(say("reason", language, reason=reasons[statement.reason].show(language)))
    elif statement.valid_until is not None:
        until = show_date(statement.valid_until, language, short=True)
        parts.append(f"{say('valid_until', language)} {until}")
    entered = bangkok_date(from_seconds(act.entry.moment))
    return Event(
        day=show_date(entered, language, short=True),
        what=ACTS[statement.act].show(language).format(kind=kind),
        says=" ".join(parts),
        successor=statement.successor if isinstance(statement, Order) else None,
    )


def _office(verdict: Verdict, number: int, language: str) -> Office | None:
    agency = verdict.evidence.catalog.agencies.get(number) if verdict.evidence else None
    if agency is None:
        return None
    # The first of several numbers, as a telephone takes it.
    dial = "".join(c for c in agency.phone.split(",")[0] if c.isascii() and (c.isdigit() or c == "+"))
    return Office(agency.name.show(language), agency.phone, dial, agency.hours.show(language))


def _proof(verdict: Verdict, code: str, language: str) -> list[tuple[str, str]]:
    evidence, claim = verdict.evidence, verdict.claim
    if evidence is None or claim is None:
        return []
    snapshot, ref = evidence.snapshot, claim.ref
    proof = [
        ("code", show_code(code)),
        ("key", claim.key.public.kid.hex()),
        ("log_index", str(claim.index)),
    ]
    try:
        leaf = leaf_hash(evidence.log.bundle(claim.index // TILE_WIDTH)[claim.index % TILE_WIDTH])
        proof.append(("leaf", leaf.hex()))
    except (EvidenceMissing, IndexError):
        pass  # Then the verdict says that it is missing.
    proof += [
        ("checkpoint", f"{snapshot.log_size} · {snapshot.log_root.hex()}"),
        ("status_list", f"{claim.agency}/{ref.year}/{ref.number} / {ref.position}"),
        ("snapshot", f"{snapshot.version} · {evidence.moment.isoformat()}"),
    ]
    return [(say(key, language), value) for key, value in proof]


def _files(verdict: Verdict) -> list[str]:
    """The published files that this verdict rests on, by path."""
    evidence, claim = verdict.evidence, verdict.claim
    if evidence is None or claim is None:
        return []
    files = ["snapshot", "log/checkpoint", f"keyring/{evidence.ring.version}.cbor"]
    name = ListName(claim.agency, claim.ref.year, claim.ref.number)
    if name in evidence.named_lists:
        files.append(list_path(name, evidence.named_lists[name].version))
    if claim.index < evidence.snapshot.log_size:
        number = claim.index // TILE_WIDTH
        width = min(TILE_WIDTH, evidence.snapshot.log_size - number * TILE_WIDTH)
        files.append(f"log/{entries_path(number, width)}")
    return files


def _proof_file(verdict: Verdict) -> str:
    """The address of the proof that the log holds what this verdict rests on; "" without one."""
    evidence, claim = verdict.evidence, verdict.claim
    if evidence is None or claim is None or claim.index >= evidence.snapshot.log_size:
        return ""
    return f"/proof/{claim.index}.tlog-proof"


def result_row(verdict: Verdict, language: str) -> ResultRow | None:
    """The row of a license in a list of results, or None for one that is not to be listed."""
    license_, evidence = verdict.license, verdict.evidence
    if license_ is None or evidence is None or not isinstance(license_.face, LicenseRecord):
        return None
    face = license_.face
    kind = evidence.catalog.types.get(face.license_type)
    line = [kind.name.show(language) if kind else "", place_line(face, language)]
    return ResultRow(
        code=face.code,
        name=face.premises or holder_name(face) or number_of(face) or show_code(face.code),
        line=" · ".join(part for part in line if part),
        number=number_of(face),
        spoken=speak(verdict, language),
    )
