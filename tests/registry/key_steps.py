"""Steps in a key's life, taken in a founded register whose roots sign as they would off line."""

from pathlib import Path

from sqlalchemy import select

from keys.acts import ActKind
from keys.dates import from_seconds
from keys.entry import LogEntry, parse_entry
from keys.keyring import KeyRing, RingKey, Role
from keys.proposal import encode_proposal, parse_proposal, sign_proposal
from keys.record import LicenseRecord
from keys.signing import SeedSigner
from keys.vault import Vault
from registry import founding
from registry.faces import record_in_force
from registry.key_life import (
    Standing,
    compromise_key,
    key_named,
    propose_key,
    retire_key,
    standings,
)
from registry.models import EntryRow
from registry.ring_proposals import make_proposal, publish_ring
from registry.rings import current_ring, year_of
from registry.services import Services
from tests.registry.founded import Clock, row_of
from tests.verify.judging import evidence_at
from verify.audit import audit
from verify.check import check_card
from verify.sources import FolderSource
from verify.verdict import OFF_LINE, ON_LINE, Verdict

# Every copy of one founded register has the same vaults, so one derivation serves all.
_BOXES: dict[bytes, Vault] = {}


def _unlocked(folder: Path, content: bytes, passphrase: bytes) -> Vault:
    if content not in _BOXES:
        _BOXES[content] = Vault.unlock(folder, passphrase)
    return Vault(folder, _BOXES[content]._box)


def sign(register: Services, file: bytes, *roots: int) -> bytes:
    """A proposal's file with signatures of the roots of these numbers (the first two), as off line."""
    folders = founding.KeyFolder(register.config.key_folder)
    passphrase = founding.read_passphrase(register.config.passphrase_file)
    vault = _unlocked(folders.roots, (folders.roots / "vault").read_bytes(), passphrase)
    proposal = parse_proposal(file)
    for number in roots or (0, 1):
        proposal = sign_proposal(proposal, vault.signer(proposal.after.roots[number]))
    return encode_proposal(proposal)


def renew(register: Services) -> KeyRing:
    """The next ring, signed as roots off line would, and published."""
    with register.database.writing.begin() as session:
        file = encode_proposal(make_proposal(session, at=register.clock()))
        proposal = parse_proposal(sign(register, file))
        ring = publish_ring(session, proposal, register.vault, at=register.clock())
    register.publish()
    return ring


def key_of(register: Services, role: Role, agency: int | None = None, nth: int = 0) -> RingKey:
    """The nth key of this year for a role or an agency."""
    year = year_of(register.clock())
    with register.database.reading() as session:
        found = [
            s.then
            for s in standings(session)
            if s.then.role is role
            and s.then.agency == agency
            and year_of(from_seconds(s.then.valid_from)) == year
        ]
    return found[nth]


def standing_of(register: Services, key: RingKey) -> Standing:
    with register.database.reading() as session:
        return key_named(session, key.public.thumbprint.hex())


def propose(register: Services, role: Role, agency: int | None = None) -> RingKey:
    types = key_of(register, role, agency).types
    year = year_of(register.clock())
    with register.database.writing.begin() as session:
        return propose_key(
            session, register.vault, role, year, agency=agency, types=types, at=register.clock()
        )


def compromise(register: Services, key: RingKey, good_size: int) -> None:
    with register.database.writing.begin() as session:
        standing = key_named(session, key.public.thumbprint.hex())
        compromise_key(session, standing, good_size, at=register.clock())


def retire(register: Services, key: RingKey) -> bool:
    with register.database.writing.begin() as session:
        return retire_key(session, key_named(session, key.public.kid.hex()), at=register.clock())


def entries(register: Services) -> list[LogEntry]:
    with register.database.reading() as session:
        return [parse_entry(e) for e in session.scalars(select(EntryRow.entry).order_by(EntryRow.log_index))]


def log_size(register: Services) -> int:
    return len(entries(register))


def acts_on(register: Services, key: RingKey) -> list[ActKind]:
    return [e.act for e in entries(register) if e.thumbprint == key.public.thumbprint]


def card(register: Services, code: str) -> bytes:
    with register.database.reading() as session:
        signed = session.get_one(EntryRow, row_of(register, code).record_index).card
    assert signed is not None
    return signed


def record(register: Services, code: str) -> LicenseRecord:
    with register.database.reading() as session:
        return record_in_force(session, row_of(register, code), current_ring(session))[0]


def verdict_on(register: Services, signed: bytes, *, off_line: bool = False) -> Verdict:
    evidence = evidence_at(register.config.published, register.clock())
    return check_card(signed, evidence, at=register.clock(), rules=OFF_LINE if off_line else ON_LINE)


def stolen(register: Services, key: RingKey) -> SeedSigner:
    return register.vault.signer(key.public)


def assert_clean(register: Services) -> None:
    report = audit(
        FolderSource(register.config.published),
        at=register.clock(),
        records=FolderSource(register.config.records),
    )
    assert report.findings == []


def clock_of(register: Services) -> Clock:
    """The clock that the test moves."""
    assert isinstance(register.clock, Clock)
    return register.clock
