"""What a register that came out of a backup takes over about keys: marks, lowered marks, retirements, proposals."""

import pytest

from keys.acts import ActKind
from keys.catalog import Text
from keys.keyring import KeyState, Role
from registry.backup import back_up
from registry.catalogs import put_reason, renew_catalog
from registry.errors import BehindPublished
from registry.key_life import changed_keys, denials
from registry.proposals import Wish, approve, propose, reject
from registry.ring_proposals import make_proposal
from registry.services import Services
from tests.registry.founded import CAPITAL, TOWN, issue
from tests.registry.key_steps import (
    acts_on,
    card,
    compromise,
    key_of,
    log_size,
    renew,
    retire,
    standing_of,
    verdict_on,
)
from tests.registry.key_steps import propose as propose_key
from tests.registry.restoring import World, findings, run_recover
from tests.registry.test_follow import officer
from verify.verdict import Kind


def backed_up(world: World) -> Services:
    services = world.services
    services.publish()
    back_up(services.database, world.backup, at=services.clock())
    return services


def test_a_mark_made_after_the_backup_denies_the_key_again(world: World) -> None:
    (done,) = issue(world.services, 1)
    services = backed_up(world)
    key = key_of(services, Role.AGENCY, TOWN)
    compromise(services, key, log_size(services) - 1)
    published = services.publish()
    again = world.restored()
    run_recover(again)
    with again.database.reading() as session:
        assert denials(session) == published.denied
    assert standing_of(again, key).then.state is KeyState.COMPROMISED
    snapshot = again.publish()
    assert (snapshot.version, snapshot.denied) == (published.version + 1, published.denied)
    assert verdict_on(again, card(services, done.code)).kind is Kind.NOT_GENUINE
    assert findings(again) == []


def test_a_mark_lowered_after_the_backup_and_after_the_ring_said_it_is_as_low_again(world: World) -> None:
    services = world.services
    issue(services, 1, 2, 3)
    key = key_of(services, Role.AGENCY, TOWN)
    compromise(services, key, log_size(services))
    renew(services)
    backed_up(world)
    lowered = log_size(services) - 6
    compromise(services, key, lowered)
    published = services.publish()
    assert [denial.good_size for denial in published.denied] == [lowered]
    again = world.restored()
    run_recover(again)
    assert again.publish().denied == published.denied
    assert findings(again) == []


def test_a_mark_that_was_in_the_backup_and_settled_since_is_settled(world: World) -> None:
    services = world.services
    issue(services, 1)
    compromise(services, key_of(services, Role.AGENCY, TOWN), 3)
    backed_up(world)
    renew(services)
    again = world.restored()
    run_recover(again)
    with again.database.reading() as session:
        assert denials(session) == ()
        assert changed_keys(session) == ()
    assert again.publish().denied == ()
    assert findings(again) == []


def test_a_key_proposed_after_the_backup_is_named_as_lost_and_one_of_before_still_waits(world: World) -> None:
    kept = propose_key(world.services, Role.LOG)
    withdrawn = propose_key(world.services, Role.STATUS)
    services = backed_up(world)
    lost = propose_key(services, Role.AGENCY, CAPITAL)
    retire(services, withdrawn)
    services.publish()
    again = world.restored()
    done = run_recover(again)
    told = [line.what for line in done.lost]
    assert told == [f"the proposed key {lost.public.kid.hex()}: propose another"]
    with again.database.reading() as session:
        assert changed_keys(session) == (kept,)
    ring = renew(again)
    assert ring.key(kept.public.kid).state is KeyState.ACTIVE
    assert acts_on(again, kept) == [ActKind.KEY_PROPOSED, ActKind.KEY_ACTIVATED]
    assert findings(again) == []


def test_while_the_register_is_behind_nothing_is_proposed_approved_or_rejected(world: World) -> None:
    services = world.services
    proposer = officer(services)
    issue(services, 1)
    backed_up(world)
    issue(services, 2)
    services.publish()
    again = world.restored()
    with again.database.reading() as session:
        office = again.office(session)
    wish = Wish(ActKind.ISSUANCE, 1, {})
    with pytest.raises(BehindPublished), again.database.writing.begin() as session:
        propose(session, wish, proposer, office=office, at=again.clock())
    with pytest.raises(BehindPublished), again.database.writing.begin() as session:
        approve(session, 1, b"", proposer, office=office, at=again.clock())
    with pytest.raises(BehindPublished), again.database.writing.begin() as session:
        reject(session, 1, proposer, at=again.clock())
    with pytest.raises(BehindPublished):
        propose_key(again, Role.LOG)
    # Roots off line would sign what they are handed: a second ring of a version that is published.
    with pytest.raises(BehindPublished), again.database.reading() as session:
        make_proposal(session, at=again.clock())
    with again.database.writing() as session:
        put_reason(session, "late", Text("ยื่นช้า", "Filed late"))
        with pytest.raises(BehindPublished):
            renew_catalog(session)
