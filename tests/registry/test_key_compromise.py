"""A compromised key: denied at once, told apart on line and off line, and replaced."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keys import layout
from keys.acts import ActKind
from keys.card import card_of
from keys.checkpoint import open_checkpoint
from keys.keyring import KeyState, Role
from keys.opening import open_snapshot, sign_card, sign_snapshot
from keys.record import StatusRef
from keys.snapshot import Snapshot
from keys.statuslist import list_expiry
from registry.errors import Refused
from registry.key_life import (
    size_before,
)
from registry.reissue import count_late, reissue
from registry.ring_proposals import make_proposal
from registry.rings import current_ring
from registry.services import Services
from registry.signers import NoSigningKey
from tests.registry.founded import TOWN, founded, issue, order, row_of
from tests.registry.key_steps import (
    acts_on,
    assert_clean,
    card,
    clock_of,
    compromise,
    key_of,
    log_size,
    propose,
    record,
    renew,
    retire,
    stolen,
    verdict_on,
)
from tests.verify.judging import evidence_at
from verify.published import EvidenceWatch
from verify.sources import FolderSource
from verify.verdict import Detail, Kind


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path)


# --- compromise ---------------------------------------------------------------------------------


def test_a_mark_takes_effect_within_a_second_and_before_the_ring_follows(register: Services) -> None:
    (before,) = issue(register, 1)
    good, key = log_size(register), key_of(register, Role.AGENCY, TOWN)
    (after,) = issue(register, 2)
    register.publish()
    began = time.process_time()  # On the processor, because others share this machine.
    compromise(register, key, good)
    register.publish()
    assert time.process_time() - began < 1
    assert verdict_on(register, card(register, before.code)).kind is Kind.VALID
    late = verdict_on(register, card(register, after.code))
    assert (late.kind, late.detail) == (Kind.NOT_GENUINE, Detail.KEY_DENIED)
    ring = renew(register)
    marked = ring.key(key.public.kid)
    assert (marked.state, marked.good_size) == (KeyState.COMPROMISED, good)
    snapshot = evidence_at(register.config.published, register.clock()).snapshot
    assert snapshot.denied == ()
    assert acts_on(register, key) == [
        ActKind.KEY_PROPOSED,
        ActKind.KEY_ACTIVATED,
        ActKind.KEY_COMPROMISED,
    ]
    assert verdict_on(register, card(register, before.code)).kind is Kind.VALID
    assert verdict_on(register, card(register, after.code)).kind is Kind.NOT_GENUINE
    assert_clean(register)


@pytest.mark.parametrize("ring_follows", [False, True])
def test_a_card_of_a_stolen_key_is_not_genuine_whatever_it_bears(
    register: Services, *, ring_follows: bool
) -> None:
    (real,) = issue(register, 1)
    good, key = log_size(register), key_of(register, Role.AGENCY, TOWN)
    propose(register, Role.AGENCY, TOWN)
    compromise(register, key, good)
    renew(register) if ring_follows else register.publish()
    genuine, thief = record(register, real.code), stolen(register, key)
    face = card_of(genuine, host=register.config.host)
    year = genuine.status.year
    forged: list[dict[str, Any]] = [
        {"valid_from": face.valid_from - timedelta(days=4000)},
        {"valid_until": None},
        {"index": good},
        {"index": 10**6},
        {"index": 0},
        {"code": "12345678901244"},
        *({"status": StatusRef(year, 1, position)} for position in (0, 1, 65_535, 65_536)),
        {"status": StatusRef(year + 1, 1, 5)},
        {"status": StatusRef(year, 9, 5), "index": good - 1},
    ]
    for changed in forged:
        for off_line in (False, True):
            signed = sign_card(replace(face, **changed), thief)
            verdict = verdict_on(register, signed, off_line=off_line)
            assert (verdict.kind, verdict.detail) == (Kind.NOT_GENUINE, Detail.KEY_DENIED), changed
            assert verdict.license is None


def test_a_phone_tells_good_cards_of_a_denied_key_by_its_set_alone(register: Services) -> None:
    (before,) = issue(register, 1)
    good, key = log_size(register), key_of(register, Role.AGENCY, TOWN)
    (after,) = issue(register, 2)
    compromise(register, key, good)
    register.publish()
    good_card, late_card = card(register, before.code), card(register, after.code)
    assert verdict_on(register, good_card, off_line=True).kind is Kind.VALID
    assert verdict_on(register, late_card, off_line=True).kind is Kind.NOT_GENUINE
    propose(register, Role.AGENCY, TOWN)
    renew(register)
    order(register, before.code, ActKind.REVOCATION)
    register.publish()
    assert verdict_on(register, good_card, off_line=True).kind is Kind.REVOKED
    path = register.config.published / layout.denied_set_path(key.public.thumbprint)
    path.unlink()
    for signed in (good_card, late_card):
        verdict = verdict_on(register, signed, off_line=True)
        assert (verdict.kind, verdict.detail) == (Kind.CANNOT_TELL, Detail.KEY_DENIED)


def test_a_set_for_another_size_is_not_taken(register: Services) -> None:
    (one,), (two,) = issue(register, 1), issue(register, 2)
    key, size = key_of(register, Role.AGENCY, TOWN), log_size(register)
    compromise(register, key, size)
    register.publish()
    path = register.config.published / layout.denied_set_path(key.public.thumbprint)
    old = path.read_bytes()
    compromise(register, key, size - 1)
    register.publish()
    assert verdict_on(register, card(register, one.code), off_line=True).kind is Kind.VALID
    assert verdict_on(register, card(register, two.code), off_line=True).kind is Kind.NOT_GENUINE
    path.write_bytes(old)
    assert verdict_on(register, card(register, two.code), off_line=True).kind is Kind.CANNOT_TELL


def test_a_mark_only_takes_trust_away(register: Services) -> None:
    key, size = key_of(register, Role.AGENCY, TOWN), log_size(register)
    with pytest.raises(Refused):
        compromise(register, key, size + 1)
    compromise(register, key, size - 2)
    with pytest.raises(Refused):
        compromise(register, key, size - 1)
    with pytest.raises(Refused):
        retire(register, key)
    renew(register)
    with pytest.raises(Refused):
        compromise(register, key, size - 1)
    compromise(register, key, size - 3)
    register.publish()
    assert evidence_at(register.config.published, register.clock()).good_size(key) == size - 3


def test_a_denied_agency_key_signs_no_more_until_another_takes_over(register: Services) -> None:
    key = key_of(register, Role.AGENCY, TOWN)
    second = propose(register, Role.AGENCY, TOWN)
    compromise(register, key, log_size(register))
    with pytest.raises(Refused, match="no signing key"):
        issue(register, 1)
    renew(register)
    (done,) = issue(register, 1)
    assert card(register, done.code)[7:11] == second.public.kid


def test_the_last_good_size_is_found_by_the_moment_of_the_theft(register: Services) -> None:
    issue(register, 1)
    size = log_size(register)
    theft = clock_of(register).advance(hours=1)
    clock_of(register).advance(hours=1)
    issue(register, 2)
    with register.database.writing.begin() as session:
        assert size_before(session, theft) == size
        assert size_before(session, register.clock() + timedelta(days=1)) == size + 1


# --- log and status keys ------------------------------------------------------------------------


def test_without_a_spare_a_denied_status_key_stops_snapshots_until_the_roots_have_signed(
    register: Services,
) -> None:
    issue(register, 1)
    register.publish()
    compromise(register, key_of(register, Role.STATUS), log_size(register))
    with pytest.raises(NoSigningKey):
        register.publish()
    with register.database.reading() as session, pytest.raises(Refused, match="no status key"):
        make_proposal(session, at=register.clock())
    fresh = propose(register, Role.STATUS)
    renew(register)
    assert _signer_of_snapshot(register)[1] == fresh.public.kid
    assert_clean(register)


def test_with_a_spare_a_denied_status_key_is_replaced_at_once_and_its_lists_are_signed_again(
    register: Services,
) -> None:
    (done,) = issue(register, 1)
    spare = propose(register, Role.STATUS)
    renew(register)
    watching = EvidenceWatch(FolderSource(register.config.published))
    assert watching.current(register.clock()) is not None
    key = key_of(register, Role.STATUS)
    stolen_snapshot, _ = _signer_of_snapshot(register)
    compromise(register, key, log_size(register))
    register.publish()
    assert _signer_of_snapshot(register)[1] == spare.public.kid
    evidence = watching.current(register.clock())
    assert evidence is not None
    assert watching.fault is None
    for name, named in evidence.named_lists.items():
        signed = (register.config.published / layout.list_path(name, named.version)).read_bytes()
        assert list_expiry(signed)[1] == spare.public.kid
    assert verdict_on(register, card(register, done.code)).kind is Kind.VALID
    # The thief signs a newer snapshot that does not deny the stolen key: readers do not take it.
    forged = replace(evidence.snapshot, version=evidence.snapshot.version + 1, denied=())
    (register.config.published / layout.SNAPSHOT).write_bytes(sign_snapshot(forged, stolen(register, key)))
    assert watching.current(register.clock()) is evidence
    assert "taken back" in str(watching.fault)
    assert stolen_snapshot.denied == ()


def _signer_of_snapshot(register: Services) -> tuple[Snapshot, bytes]:
    signed = (register.config.published / layout.SNAPSHOT).read_bytes()
    with register.database.reading() as session:
        opened = open_snapshot(signed, current_ring(session))
    return opened.value, opened.key.public.kid


def test_a_denied_log_key_signs_no_checkpoint_and_its_spare_does(register: Services) -> None:
    issue(register, 1)
    spare = propose(register, Role.LOG)
    renew(register)
    compromise(register, key_of(register, Role.LOG), log_size(register))
    register.publish()
    note = (register.config.published / layout.CHECKPOINT).read_bytes()
    with register.database.reading() as session:
        origin = current_ring(session).origin
    assert open_checkpoint(note, origin, [spare.public]).size == log_size(register)
    assert_clean(register)
    renew(register)
    assert_clean(register)


# --- re-issuing ---------------------------------------------------------------------------------


class Stopped(Exception):
    """Stands for a process that ends."""


def run_reissue(register: Services, *, reviewed: bool = False, stop_after: int | None = None) -> int:
    def progress(done: int, total: int) -> None:
        assert 0 < done <= total
        if stop_after is not None and done >= stop_after:
            raise Stopped

    report = reissue(
        register.database,
        register.office,
        TOWN,
        1,
        reviewed=reviewed,
        clock=register.clock,
        progress=progress,
    )
    assert report.left == []
    return report.done


def test_every_affected_license_is_replaced_once_and_a_stopped_run_goes_on(register: Services) -> None:
    codes = [done.code for done in issue(register, *range(1, 31))]
    (elsewhere,) = issue(register, 99, agency=2)
    suspended, revoked = codes[3], codes[4]
    until = register.clock().date() + timedelta(days=30)
    order(register, suspended, ActKind.SUSPENSION, until=until, reason="conditions")
    order(register, revoked, ActKind.REVOCATION, reason="conditions")
    good, key = log_size(register), key_of(register, Role.AGENCY, TOWN)
    (late,) = issue(register, 40)
    before = {code: record(register, code) for code in [*codes, late.code]}
    fresh = propose(register, Role.AGENCY, TOWN)
    compromise(register, key, good)
    with pytest.raises(Refused, match="no signing key"):
        run_reissue(register)
    renew(register)
    with pytest.raises(Stopped):
        run_reissue(register, stop_after=5)
    assert 0 < run_reissue(register) < 29
    assert run_reissue(register) == 0
    register.publish()
    for code in codes:
        row, now = row_of(register, code), record(register, code)
        if code == revoked:
            assert row.version == 1
            continue
        assert (row.version, now.act) == (2, ActKind.REPLACEMENT)
        assert card(register, code)[7:11] == fresh.public.kid
        assert (now.holder["name"], now.valid_until) == (
            before[code].holder["name"],
            before[code].valid_until,
        )
        assert (now.signer, now.premises) == (before[code].signer, before[code].premises)
        expected = Kind.SUSPENDED if code == suspended else Kind.VALID
        assert verdict_on(register, card(register, code)).kind is expected
        assert verdict_on(register, card(register, code), off_line=True).kind is expected
    assert row_of(register, elsewhere.code).version == 1
    # What was entered in the time of the thief is taken in only when somebody has looked at it.
    with register.database.reading() as session:
        assert count_late(session, register.signers(session), TOWN, register.clock().date()) == 1
    assert verdict_on(register, card(register, late.code)).kind is Kind.NOT_GENUINE
    assert run_reissue(register, reviewed=True) == 1
    register.publish()
    assert verdict_on(register, card(register, late.code)).kind is Kind.VALID
    assert_clean(register)
