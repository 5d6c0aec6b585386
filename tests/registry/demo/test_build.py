"""The demonstration as it stands in the tables: made through the real acts, whole, and private where it must be."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from keys.acts import ActKind, Status
from keys.card import LINK_PATH
from keys.dates import BANGKOK, bangkok_date, from_seconds
from keys.keyring import KeyState, Role
from keys.opening import open_statement
from keys.record import LicenseRecord, Order
from registry.applications import is_natural_person
from registry.catalogs import current_catalog
from registry.demo import read_showcase
from registry.demo.showcase import FILE_NAME
from registry.demo.stories import STORIES
from registry.feed import public_facts
from registry.models import EntryRow, LicenseRow, Officer, Proposal
from registry.passwords import verify_password
from registry.proposals import SCHEDULED, WAITING
from registry.rings import current_ring
from tests.registry.demo.conftest import SMALL, Built, build


def licenses(demo: Built) -> list[LicenseRow]:
    with demo.database.reading() as session:
        return list(session.scalars(select(LicenseRow)))


def content(demo: Built) -> set[tuple[object, ...]]:
    """What a register says, without what is drawn anew each time."""
    return {
        (
            *(row.agency, row.license_type, row.number, row.holder, row.holder_id, row.premises, row.address),
            *(row.place, row.valid_from, row.valid_until, row.version, row.status, row.suspended_until),
        )
        for row in licenses(demo)
    }


def test_there_are_as_many_licenses_as_were_asked_for(demo: Built) -> None:
    assert len(licenses(demo)) == SMALL


def test_the_same_seed_and_day_give_the_same_content_under_other_codes(demo: Built, tmp_path: Path) -> None:
    again = build(tmp_path, demo.as_of)
    try:
        assert content(again) == content(demo)
        assert not {row.code for row in licenses(again)} & {row.code for row in licenses(demo)}
    finally:
        again.database.engine.dispose()


def test_postgresql_holds_the_same_content(demo: Built, tmp_path: Path, postgres_url: str) -> None:
    again = build(tmp_path, demo.as_of, database_url=postgres_url)
    try:
        assert content(again) == content(demo)
    finally:
        again.database.engine.dispose()


@pytest.mark.parametrize(
    "as_of", [datetime(2026, 1, 1, tzinfo=BANGKOK), datetime(2028, 2, 29, 9, tzinfo=UTC)], ids=str
)
def test_it_can_be_built_as_of_an_awkward_day(as_of: datetime, tmp_path: Path) -> None:
    built = build(tmp_path, as_of, licenses=len(STORIES))
    try:
        with built.database.reading() as session:
            moments = list(session.scalars(select(EntryRow.moment).order_by(EntryRow.log_index)))
        assert moments == sorted(moments)
        assert from_seconds(moments[-1]) <= as_of
    finally:
        built.database.engine.dispose()


def test_every_standing_that_a_verdict_tells_is_there(demo: Built) -> None:
    today = bangkok_date(demo.as_of).isoformat()
    found = set()
    for row in licenses(demo):
        over = row.valid_until is not None and row.valid_until < today
        found.add((Status(row.status), "over" if over else "ahead" if row.valid_from > today else "now"))
    assert found >= {
        (Status.VALID, "now"),
        (Status.VALID, "ahead"),
        (Status.VALID, "over"),
        (Status.RENEWAL_PENDING, "over"),
        (Status.SUSPENDED, "now"),
        (Status.SUSPENDED_PENDING, "now"),
        (Status.INVALID, "now"),
        (Status.ENDED, "now"),
    }


def test_every_act_of_an_officer_is_in_the_log(demo: Built) -> None:
    with demo.database.reading() as session:
        acts = set(session.scalars(select(EntryRow.act)))
    assert acts >= {int(act) for act in ActKind if act < ActKind.ERASURE}


def test_every_ending_is_there_and_names_its_successor(demo: Built) -> None:
    with demo.database.reading() as session:
        ring = current_ring(session)
        signed = session.scalars(select(EntryRow.statement).where(EntryRow.act == int(ActKind.ENDING)))
        orders = [open_statement(bytes_, ring).value for bytes_ in signed if bytes_]
        codes = set(session.scalars(select(LicenseRow.code)))
    endings = [order for order in orders if isinstance(order, Order)]
    assert {order.outcome for order in endings} == {"ceased", "surrendered", "succeeded"}
    assert {order.successor for order in endings if order.outcome == "succeeded"} <= codes


def records(demo: Built, key: str) -> list[LicenseRecord]:
    """Every version of the license that a link by typed code leads to."""
    code = demo.showcase.link(key).path.rpartition("/")[2]
    with demo.database.reading() as session:
        ring = current_ring(session)
        rows = session.scalars(select(EntryRow).where(EntryRow.code == code).order_by(EntryRow.log_index))
        opened = [open_statement(row.statement, ring).value for row in rows if row.statement]
    return [one for one in opened if isinstance(one, LicenseRecord)]


def test_one_license_has_a_history_of_ten_acts(demo: Built) -> None:
    code = demo.showcase.link("ten-acts").path.rpartition("/")[2]
    with demo.database.reading() as session:
        acts = list(session.scalars(select(EntryRow.act).where(EntryRow.code == code)))
    assert len(acts) == 10
    assert len(records(demo, "ten-acts")) == 7


def test_a_renewal_without_a_gap_says_when_its_term_begins(demo: Built) -> None:
    renewal = next(one for one in records(demo, "ten-acts") if one.act is ActKind.RENEWAL)
    assert renewal.term_from
    assert renewal.term_from > renewal.valid_from


def test_a_linked_pair_names_each_other(demo: Built) -> None:
    with demo.database.reading() as session:
        ring = current_ring(session)
        rows = session.scalars(select(LicenseRow))
        newest = [
            open_statement(session.get_one(EntryRow, row.record_index).statement or b"", ring).value
            for row in rows
        ]
    linked = {one.code: one.linked for one in newest if isinstance(one, LicenseRecord) and one.linked}
    assert any(code in linked.get(other, ()) for code, others in linked.items() for other in others)


def test_a_revocation_and_a_voiding_have_two_persons(demo: Built) -> None:
    strong = [int(ActKind.REVOCATION), int(ActKind.VOIDING)]
    with demo.database.reading() as session:
        entries = session.scalars(select(EntryRow).where(EntryRow.act.in_(strong))).all()
    assert len(entries) >= 2
    assert all(e.proposer and e.approver and e.proposer != e.approver for e in entries)


def test_something_waits_for_the_second_person_and_something_for_its_day(demo: Built) -> None:
    with demo.database.reading() as session:
        states = set(session.scalars(select(Proposal.state)))
    assert states >= {WAITING, SCHEDULED}


def test_the_keys_of_the_past_year_are_retired_and_those_of_this_and_the_next_are_not(demo: Built) -> None:
    with demo.database.reading() as session:
        ring = current_ring(session)
    year = demo.as_of.astimezone(BANGKOK).year
    states: dict[int, set[KeyState]] = {}
    for key in ring.with_role(Role.AGENCY):
        states.setdefault(from_seconds(key.valid_from).astimezone(BANGKOK).year, set()).add(key.state)
    assert states == {year - 1: {KeyState.RETIRED}, year: {KeyState.ACTIVE}, year + 1: {KeyState.ACTIVE}}


def test_nothing_public_contains_a_natural_person_s_number(demo: Built) -> None:
    with demo.database.reading() as session:
        catalog = current_catalog(session)
        rows = session.scalars(select(LicenseRow)).all()
        facts = [public_facts(row, catalog, bangkok_date(demo.as_of)) for row in rows]
        entries = session.execute(select(EntryRow.statement, EntryRow.card)).all()
    numbers = {n for row in rows for n in (row.holder_id, row.number) if n and is_natural_person(n)}
    assert len(numbers) > SMALL / 4
    signed = b"\n".join(part for entry in entries for part in entry if part)
    shown = repr(facts)
    assert not [n for n in numbers if n.encode() in signed or n in shown]


def test_withheld_and_officers_items_are_not_in_signed_bytes(demo: Built) -> None:
    with demo.database.reading() as session:
        entries = session.execute(select(EntryRow.statement, EntryRow.private)).all()
    hidden = [
        (entry.statement, str(item["value"]).encode())
        for entry in entries
        for item in (entry.private or {}).values()
        if len(str(item["value"])) >= 6
    ]
    assert len(hidden) > SMALL
    assert not [value for statement, value in hidden if value in statement]


def test_the_showcase_is_saved_for_its_owner_alone_and_read_back(demo: Built) -> None:
    path = demo.config.data / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_showcase(demo.config.data) == demo.showcase


def test_a_register_that_is_no_demonstration_has_no_showcase(tmp_path: Path) -> None:
    assert read_showcase(tmp_path) is None


def test_every_log_in_that_is_shown_works(demo: Built) -> None:
    with demo.database.reading() as session:
        officers = {row.login: row for row in session.scalars(select(Officer))}
    for shown in demo.showcase.logins:
        assert officers[shown.login].role == shown.role
        verify_password(shown.password, officers[shown.login].password_hash)
    assert {shown.role for shown in demo.showcase.logins} == {"viewer", "issuer", "approver", "key-officer"}


def test_there_is_a_link_for_every_verdict_in_both_languages(demo: Built) -> None:
    links = demo.showcase.links
    assert {link.verdict for link in links if link.verdict} == {
        *("VALID", "RENEWAL_PENDING", "NOT_YET_VALID", "EXPIRED", "SUSPENDED"),
        *("REVOKED", "ENDED", "NOT_GENUINE", "NOT_FOUND", "CANNOT_TELL"),
    }
    assert all(link.label.th and link.label.en for link in links)
    assert all(link.path.startswith((LINK_PATH, "/c/")) for link in links)
    assert len({link.key for link in links}) == len(links)
