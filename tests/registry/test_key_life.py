"""A key's life in a register: proposed, active, retired; and what the key officer is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from keys.acts import ActKind
from keys.keyring import KeyState, Role
from registry.demo.license_types import HAZARD
from registry.key_life import (
    Standing,
    propose_missing,
)
from registry.key_warnings import key_warnings
from registry.rings import current_ring
from registry.services import Services
from tests.registry.founded import TOWN, founded, issue
from tests.registry.key_steps import (
    acts_on,
    assert_clean,
    card,
    clock_of,
    compromise,
    key_of,
    propose,
    renew,
    retire,
    standing_of,
    verdict_on,
)
from verify.verdict import Kind


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path)


# --- from birth to retirement -------------------------------------------------------------------


@pytest.mark.parametrize(("role", "agency"), [(Role.AGENCY, TOWN), (Role.LOG, None), (Role.STATUS, None)])
def test_a_key_goes_from_proposed_to_active_to_retired_and_each_step_is_logged(
    register: Services, role: Role, agency: int | None
) -> None:
    first, second = key_of(register, role, agency), propose(register, role, agency)
    assert standing_of(register, second).word == "proposed"
    register.publish()
    renew(register)
    assert standing_of(register, second) == Standing(second, second)
    assert retire(register, first)
    assert standing_of(register, first).waits
    ring = renew(register)
    assert ring.key(first.public.kid).state is KeyState.RETIRED
    assert acts_on(register, second) == [ActKind.KEY_PROPOSED, ActKind.KEY_ACTIVATED]
    assert acts_on(register, first) == [
        ActKind.KEY_PROPOSED,
        ActKind.KEY_ACTIVATED,
        ActKind.KEY_RETIRED,
    ]
    # The second key has taken over, and what the first one signed stays as good as it was.
    (done,) = issue(register, 1)
    register.publish()
    with register.database.reading() as session:
        signers, moment = register.signers(session), register.publish().moment
    taken = signers.for_agency(TOWN, HAZARD, moment) if agency else signers.for_role(role, moment)
    assert taken.public == second.public
    assert verdict_on(register, card(register, done.code)).kind is Kind.VALID
    assert_clean(register)


def test_a_proposed_key_signs_nothing_before_the_roots_have_signed(register: Services) -> None:
    first, second = key_of(register, Role.AGENCY, TOWN), propose(register, Role.AGENCY, TOWN)
    (done,) = issue(register, 1)
    assert card(register, done.code)[7:11] == first.public.kid
    assert not retire(register, second)
    assert acts_on(register, second) == [ActKind.KEY_PROPOSED, ActKind.KEY_RETIRED]
    ring = renew(register)
    assert second.public.kid not in {key.public.kid for key in ring.keys}


def test_a_card_of_a_retired_key_stays_valid(register: Services) -> None:
    (done,) = issue(register, 1)
    first = key_of(register, Role.AGENCY, TOWN)
    propose(register, Role.AGENCY, TOWN)
    retire(register, first)
    renew(register)
    assert verdict_on(register, card(register, done.code)).kind is Kind.VALID


def test_the_yearly_renewal_proposes_what_is_missing_and_nothing_twice(register: Services) -> None:
    clock_of(register).moment += timedelta(days=365)
    with register.database.writing.begin() as session:
        made = propose_missing(session, register.vault, at=register.clock())
        assert propose_missing(session, register.vault, at=register.clock()) == ()
    assert {(key.role, key.agency) for key in made} == {
        (Role.LOG, None),
        (Role.STATUS, None),
        (Role.AGENCY, 1),
        (Role.AGENCY, 2),
    }
    ring = renew(register)
    states = [key.state for key in ring.keys]
    assert states.count(KeyState.RETIRED) == 4
    assert states.count(KeyState.ACTIVE) == 8
    with register.database.reading() as session:
        assert key_warnings(session, register.clock()) == []


# --- warnings -----------------------------------------------------------------------------------


def said(register: Services) -> list[str]:
    with register.database.reading() as session:
        return [warning.en for warning in key_warnings(session, register.clock())]


def test_the_key_officer_is_told_sixty_days_before_the_ring_expires(register: Services) -> None:
    with register.database.reading() as session:
        expires = current_ring(session).expires
    clock = clock_of(register)
    for days, told in ((61, False), (60, True), (1, True)):
        clock.moment += timedelta(seconds=expires - days * 86_400 - clock().timestamp())
        assert any(f"expires in {days} days" in line for line in said(register)) is told
    clock.moment += timedelta(days=2)
    assert "the key ring has expired" in said(register)


def test_missing_keys_are_told_until_the_roots_have_signed_them(register: Services) -> None:
    assert said(register) == []
    clock_of(register).advance(days=330)
    assert "no log key for 2028" in said(register)
    assert "agency town lacks a key for 2028 that covers all its types" in said(register)
    with register.database.writing.begin() as session:
        propose_missing(session, register.vault, at=register.clock())
    assert "no log key for 2028" in said(register)
    assert "4 changes of keys wait for the roots" in said(register)
    renew(register)
    assert said(register) == []
    compromise(register, key_of(register, Role.AGENCY, TOWN), 0)
    assert any("is denied, and the ring does not say so yet" in line for line in said(register))
