"""What the tests of verdicts share: evidence of a published register, and a verdict on a card."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keys.acts import Status
from tests.verify.founding import NOON, TOWN, signer
from tests.verify.register import Issued, Register
from verify.check import check_card, check_code
from verify.license import Held
from verify.published import Evidence, EvidenceWatch
from verify.sources import FolderSource
from verify.verdict import Verdict

TOWN_KEY = signer(f"agency {TOWN} 2026")


def evidence_of(register: Register) -> Evidence:
    evidence = EvidenceWatch(FolderSource(register.public)).current(register.now)
    assert evidence is not None
    return evidence


def evidence_at(public: Path, at: datetime | None = None) -> Evidence:
    """The evidence in a published folder, as of now unless a moment is given."""
    watching = EvidenceWatch(FolderSource(public))
    evidence = watching.current(at or datetime.now(UTC))
    assert evidence is not None, watching.fault
    return evidence


def held_of(register: Register, code: str) -> tuple[Held, ...]:
    """What a look-up would hold, straight from the register."""
    return tuple(
        Held(index, *pair)
        for index, pair in enumerate(register.pairs)
        if pair is not None and code.encode() in pair[0]
    )


def verdict_on(register: Register, signed: bytes, *, at: datetime | None = None) -> Verdict:
    return check_card(
        signed,
        evidence_of(register),
        at=at or register.now,
        look=lambda code: held_of(register, code),
    )


def issue_and_publish(register: Register, status: Status = Status.VALID, **items: Any) -> Issued:
    issued = register.issue(status=status, **items)
    register.publish()
    return issued


def code_verdict(register: Register, code: str, *, caught_up: bool = True, at: datetime = NOON) -> Verdict:
    evidence = evidence_of(register)
    return check_code(code, held_of(register, code), evidence, at=at, caught_up=caught_up)
