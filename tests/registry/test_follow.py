"""The follower keeps a quiet register fresh and enters what a date brings."""

import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from keys.acts import ActKind, Status
from keys.dates import to_seconds
from keys.keyring import Role as KeyRole
from registry.demo.license_types import HAZARD
from registry.feed import PUBLIC, index_file
from registry.follow import SNAPSHOT_SECONDS, Follower, follow
from registry.intake.batches import State
from registry.models import AuditEvent, EntryRow, Officer, Proposal
from registry.permissions import Role
from registry.proposals import FAILED, SCHEDULED, Wish, propose
from registry.services import Services
from search import FtsIndex, SearchQuery
from tests.registry import key_steps
from tests.registry.batches.filing import batch, filing, proposed, released, write_csv
from tests.registry.founded import CAPITAL, TOWN, Clock, founded, issue, order, raw, row_of
from tests.registry.test_publish import read_published


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(tmp_path: Path, clock: Clock) -> Services:
    return founded(tmp_path, clock)


def officer(services: Services) -> Officer:
    with services.database.writing.begin() as session:
        person = Officer(
            login="somsri",
            agency=TOWN,
            name="สมศรี ใจดี",
            position="นายทะเบียน",
            role=Role.ISSUER,
            password_hash=b"",
            created_at=services.clock(),
        )
        session.add(person)
        session.flush()
    return person


def test_a_quiet_register_gets_a_snapshot_a_minute(register: Services, clock: Clock):
    follower = Follower(register)
    follower.step(clock())
    first, _ = read_published(register)
    follower.step(clock.advance(seconds=SNAPSHOT_SECONDS - 1))
    assert read_published(register)[0] == first
    follower.step(clock.advance(seconds=1))
    assert read_published(register)[0].version == first.version + 1


def test_what_an_act_left_unpublished_is_published_and_indexed(register: Services, clock: Clock):
    follower = Follower(register)
    follower.step(clock())
    (done,) = issue(register, 1)
    follower.step(clock())
    snapshot, _ = read_published(register)
    assert snapshot.log_size == done.index + 1
    index = FtsIndex.open(register.config.search / "public" / "index.sqlite", read_only=True)
    assert index.find(SearchQuery(words="ช่างพงษ์", today=20_000)).codes == (done.code,)
    index.close()


def test_indexes_made_by_other_rules_of_what_may_be_found_are_made_again(
    register: Services, monkeypatch: pytest.MonkeyPatch
):
    issue(register, 1)
    register.feed()
    with closing(FtsIndex.open(index_file(register.config.search, PUBLIC), read_only=False)) as index:
        index.rebuild([], cursor=index.cursor())
        register.feed()
        assert list(index.documents()) == []
        monkeypatch.setattr("registry.feed._RULES", 99)
        register.feed()
        assert len(list(index.documents())) == 1


def test_an_index_ahead_of_a_restored_register_is_made_again(register: Services):
    (done,) = issue(register, 1)
    register.feed()
    with closing(FtsIndex.open(index_file(register.config.search, PUBLIC), read_only=False)) as index:
        index.rebuild([], cursor=done.index + 100)
        register.feed()
        assert [found.code for found in index.documents()] == [done.code]
        assert index.cursor() == done.index + 1


@pytest.mark.parametrize("left", [None, b"", b"no database, " * 1000, b"SQLite format 3\0" + bytes(9000)])
def test_an_index_that_is_gone_or_damaged_is_made_again_within_a_minute(
    register: Services, clock: Clock, left: bytes | None
):
    (done,) = issue(register, 1)
    follower, file = Follower(register), index_file(register.config.search, PUBLIC)
    follower.step(clock())
    with closing(FtsIndex.open(file, read_only=True)) as reader:
        assert reader.cursor() == done.index + 1
        if left is None:
            file.unlink()
        else:
            file.write_bytes(left)
        follower.step(clock.advance(seconds=SNAPSHOT_SECONDS))
        assert reader.find(SearchQuery(words="ช่างพงษ์", today=20_000)).codes == (done.code,)


def test_a_suspension_is_over_at_midnight_in_bangkok_after_its_last_day(register: Services, clock: Clock):
    (done,) = issue(register, 1)
    order(register, done.code, ActKind.SUSPENSION, reason="conditions", until=date(2026, 3, 20))
    follower = Follower(register)
    clock.moment = datetime(2026, 3, 20, 16, 59, 59, tzinfo=UTC)
    follower.step(clock())
    assert row_of(register, done.code).status == Status.SUSPENDED
    clock.moment = datetime(2026, 3, 20, 17, 0, 0, tzinfo=UTC)
    follower.step(clock())
    assert row_of(register, done.code).status == Status.VALID
    follower.step(clock.advance(hours=1))
    with register.database.reading() as session:
        acts = session.scalars(select(EntryRow.act).where(EntryRow.code == done.code)).all()
    assert acts.count(ActKind.REINSTATEMENT) == 1


def test_what_waits_for_an_agency_s_key_stays_due_and_keeps_nobody_else_waiting(
    register: Services, clock: Clock
):
    (theirs,), (ours,) = issue(register, 1), issue(register, 1, agency=CAPITAL)
    for done in (theirs, ours):
        order(register, done.code, ActKind.SUSPENSION, reason="conditions", until=date(2026, 3, 14))
    (later,) = issue(register, 2)
    scheduled(register, later.code, officer(register))
    follower = Follower(register)
    follower.step(clock())
    stolen = key_steps.key_of(register, KeyRole.AGENCY, TOWN)
    key_steps.propose(register, KeyRole.AGENCY, TOWN)
    key_steps.compromise(register, stolen, key_steps.log_size(register))
    for moment in (datetime(2026, 3, 10, 1, tzinfo=UTC), datetime(2026, 3, 14, 17, tzinfo=UTC)):
        clock.moment = moment
        follower.step(clock())
        assert read_published(register)[0].moment == to_seconds(moment)
    assert row_of(register, ours.code).status == Status.VALID
    assert row_of(register, theirs.code).status == Status.SUSPENDED
    assert row_of(register, later.code).status == Status.VALID
    key_steps.renew(register)
    follower.step(clock.advance(seconds=SNAPSHOT_SECONDS))
    assert row_of(register, theirs.code).status == Status.VALID
    assert row_of(register, later.code).status == Status.SUSPENDED


def scheduled(services: Services, code: str, person: Officer) -> int:
    raw = {"legal_basis": "มาตรา 45", "reason": "conditions", "begins": "10/3/2569", "until": "20/3/2569"}
    with services.database.writing.begin() as session:
        office = services.office(session)
        kind = row_of(services, code).license_type
        wish = Wish(ActKind.SUSPENSION, kind, raw, code=code, base_index=row_of(services, code).updated_index)
        proposal = propose(session, wish, person, office=office, at=services.clock())
        assert proposal.state == SCHEDULED
        return proposal.id


def test_an_order_that_begins_later_waits_and_is_entered_on_its_first_day(register: Services, clock: Clock):
    (done,) = issue(register, 1)
    scheduled(register, done.code, officer(register))
    follower = Follower(register)
    clock.moment = datetime(2026, 3, 9, 16, 59, 59, tzinfo=UTC)
    follower.step(clock())
    assert row_of(register, done.code).status == Status.VALID
    follower.step(clock.advance(seconds=1))
    assert row_of(register, done.code).status == Status.SUSPENDED


def test_a_scheduled_order_that_became_impossible_is_marked_and_told(register: Services, clock: Clock):
    (done,) = issue(register, 1)
    proposal_id = scheduled(register, done.code, officer(register))
    order(register, done.code, ActKind.REVOCATION, reason="conditions")
    clock.moment = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
    Follower(register).step(clock())
    with register.database.reading() as session:
        assert session.get_one(Proposal, proposal_id).state == FAILED
        assert "failed" in session.scalars(select(AuditEvent.event)).all()
    assert row_of(register, done.code).status == Status.INVALID


def test_a_batch_that_cannot_be_entered_keeps_nothing_from_being_published(
    register: Services, clock: Clock, tmp_path: Path
):
    file = filing(
        register, write_csv(tmp_path / "a.csv", [raw(1, holder="ผ" * 110, premises="ร" * 110)]), HAZARD
    )
    number = proposed(register, file)
    released(register, number)
    # Since then the host of the links has become so long that these names fit no plate.
    config = replace(register.config, host=f"{'long-' * 12}name.example.go.th")
    follower = Follower(replace(register, config=config))
    for _ in range(2):
        follower.step(clock.advance(seconds=SNAPSHOT_SECONDS))
        assert read_published(register)[0].moment == to_seconds(clock())
    assert batch(register, number).state == State.RELEASED


def test_a_follower_that_meets_a_fault_goes_on_and_stops_when_asked(register: Services, clock: Clock):
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=(register, stop))
    keys = register.config.published.parent / "publish.lock"
    keys.parent.mkdir(parents=True, exist_ok=True)
    keys.mkdir()  # Publishing cannot take its lock: every round fails.
    thread.start()
    threading.Event().wait(0.5)
    assert thread.is_alive()
    keys.rmdir()
    deadline = datetime.now(UTC) + timedelta(seconds=20)
    while not (register.config.published / "snapshot").exists() and datetime.now(UTC) < deadline:
        threading.Event().wait(0.05)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    read_published(register)
