"""The JSON forms of answers (formats §Over HTTP): of verdicts, of results and of problems."""

from datetime import UTC, datetime
from typing import Any

from keys.catalog import Catalog, Text
from keys.dates import from_seconds
from keys.places import show_place
from keys.record import LicenseRecord, Order
from verify.face import holder_name, number_of, rows_of
from verify.license import Act
from verify.verdict import Kind, Verdict


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict with the fields that every one has; `license` is null where nothing may be shown."""
    age = verdict.evidence_age
    return {
        "verdict": verdict.kind.value,
        "may_operate_today": verdict.may_operate_today.value,
        "detail": verdict.detail.value if verdict.detail else None,
        "checked_at": moment_json(verdict.checked_at),
        "evidence_age_seconds": None if age is None else int(age.total_seconds()),
        "older_plate": verdict.older_plate,
        "last_known": verdict.last_known.value if verdict.last_known else None,
        "license": _license_json(verdict),
    }


def _license_json(verdict: Verdict) -> dict[str, Any] | None:
    license_, evidence = verdict.license, verdict.evidence
    if license_ is None or evidence is None or verdict.kind in (Kind.NOT_GENUINE, Kind.NOT_FOUND):
        return None
    face, catalog = license_.face, evidence.catalog
    kind, agency = catalog.types.get(face.license_type), catalog.agencies.get(face.agency)
    record = face if isinstance(face, LicenseRecord) else None
    return {
        "code": face.code,
        "number": number_of(face),
        "version": record.version if record else None,
        "type": {"id": face.license_type, "name": _both(kind.name) if kind else None},
        "kind": _both(kind.kind) if kind else None,
        "agency": {
            "id": face.agency,
            "name": _both(agency.name) if agency else None,
            "phone": agency.phone if agency else None,
            "hours": _both(agency.hours) if agency else None,
        },
        "holder": holder_name(face),
        "premises": face.premises,
        "address": face.address,
        "place": {"code": face.place, "th": show_place(face.place), "en": show_place(face.place, "en")},
        "valid_from": face.valid_from.isoformat(),
        "valid_until": face.valid_until.isoformat() if face.valid_until else None,
        "conditions": list(record.conditions) if record else [],
        "linked": list(record.linked) if record else [],
        "earlier": record.earlier if record else None,
        "items": _items(face, catalog),
        "history": [act_json(act, catalog) for act in reversed(license_.acts)],
        "evidence": _evidence_json(verdict),
    }


def _items(face: Any, catalog: Catalog) -> list[dict[str, Any]]:
    pairs = zip(rows_of(face, catalog, "th"), rows_of(face, catalog, "en"), strict=True)
    return [
        {
            "key": th.key,
            "label": {"th": th.label, "en": en.label},
            "value": None if th.value is None or en.value is None else _spaced(th.value, en.value),
            "withheld": th.value is None,
        }
        for th, en in pairs
    ]


def _spaced(th: str, en: str) -> dict[str, str]:
    # Pages keep dates together with no-break spaces; other programs want plain ones.
    return {"th": th.replace("\u00a0", " "), "en": en.replace("\u00a0", " ")}


def act_json(act: Act, catalog: Catalog) -> dict[str, Any]:
    """One act of a history."""
    statement = act.statement
    shared = {
        "act": statement.act.name,
        "entered_at": moment_json(from_seconds(act.entry.moment)),
        "log_index": act.index,
        "version": statement.version,
        "key": act.key.public.kid.hex(),
    }
    if not isinstance(statement, Order):
        until = statement.valid_until.isoformat() if statement.valid_until else None
        return shared | {"valid_from": statement.valid_from.isoformat(), "valid_until": until}
    reason = catalog.reasons.get(statement.reason) if statement.reason else None
    return shared | {
        "legal_basis": statement.legal_basis,
        "reason": _both(reason) if reason else statement.reason,
        "begins": statement.begins.isoformat() if statement.begins else None,
        "until": statement.until.isoformat() if statement.until else None,
        "outcome": statement.outcome,
        "successor": statement.successor,
    }


def _evidence_json(verdict: Verdict) -> dict[str, Any] | None:
    evidence, claim = verdict.evidence, verdict.claim
    if evidence is None or claim is None:
        return None
    snapshot, ref = evidence.snapshot, claim.ref
    return {
        "key": claim.key.public.kid.hex(),
        "log_index": claim.index,
        "log_size": snapshot.log_size,
        "log_root": snapshot.log_root.hex(),
        "status_list": f"{claim.agency}/{ref.year}/{ref.number}",
        "position": ref.position,
        "snapshot": snapshot.version,
        "moment": moment_json(evidence.moment),
    }


def row_json(verdict: Verdict) -> dict[str, Any]:
    """One row of a search: what the page's row shows."""
    license_, evidence = verdict.license, verdict.evidence
    if license_ is None or evidence is None:
        raise ValueError("a row of results has a license")
    face = license_.face
    kind = evidence.catalog.types.get(face.license_type)
    return {
        "code": face.code,
        "number": number_of(face),
        "verdict": verdict.kind.value,
        "may_operate_today": verdict.may_operate_today.value,
        "premises": face.premises,
        "holder": holder_name(face),
        "type": {"id": face.license_type, "name": _both(kind.name) if kind else None},
        "agency": face.agency,
        "place": {"code": face.place, "th": show_place(face.place), "en": show_place(face.place, "en")},
        "valid_until": face.valid_until.isoformat() if face.valid_until else None,
    }


def problem_json(name: str, status: int, title: str, detail: str, *, host: str) -> dict[str, Any]:
    """Problem details (RFC 9457); `type` is a tag that never changes (RFC 4151)."""
    return {"type": f"tag:{host},2026:{name}", "title": title, "status": status, "detail": detail}


def _both(text: Text) -> dict[str, str]:
    return {"th": text.th, "en": text.en}


def moment_json(at: datetime) -> str:
    """A moment in RFC 3339, whole seconds, UTC."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
