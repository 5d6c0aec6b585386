"""What a register meets once in tens of thousands of acts, or never: the end of a list, a thing drawn twice."""

import os
import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from keys.code import make_code
from keys.statuslist import LIST_POSITIONS
from registry.catalogs import current_catalog, put_agency, renew_catalog
from registry.models import LicenseRow, StatusListRow
from registry.services import Services
from tests.registry.founded import TOWN, Clock, founded, issue, order, revise, row_of
from tests.registry.key_steps import assert_clean, card, clock_of, verdict_on
from verify.verdict import Kind

_YEAR = Clock().moment.year


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path)


def leave(services: Services, free: int) -> None:
    """Let the town's newest list have so many positions left that it gives out."""
    with services.database.writing.begin() as session:
        session.get_one(StatusListRow, (TOWN, _YEAR, 1)).used = LIST_POSITIONS // 2 - free


def place(row: LicenseRow) -> tuple[int, int]:
    return row.list_number, row.position


def test_a_block_that_fills_a_list_goes_on_in_the_next_and_both_are_true(register: Services) -> None:
    (first,) = issue(register, 1)
    leave(register, 2)
    block = issue(register, 2, 3, 4, 5)
    assert [row_of(register, done.code).list_number for done in block] == [1, 1, 2, 2]
    before = card(register, first.code)
    revise(register, first.code, ActKind.REPLACEMENT)
    assert row_of(register, first.code).list_number == 2
    for done in block[1:3]:
        order(register, done.code, ActKind.REVOCATION, reason="conditions")
    register.publish()
    kinds = [verdict_on(register, card(register, done.code)).kind for done in (first, *block)]
    assert kinds == [Kind.VALID, Kind.VALID, Kind.REVOKED, Kind.REVOKED, Kind.VALID]
    assert verdict_on(register, before, off_line=True).kind is Kind.CANNOT_TELL
    assert_clean(register)


def test_a_position_that_is_drawn_again_is_not_given_out_again(
    register: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, others = iter([b"\0\0", b"\0\0", b"\0\0", b"\0\1", b"\0\1", b"\xff\xff"]), secrets.token_bytes
    monkeypatch.setattr(secrets, "token_bytes", lambda size: next(drawn) if size == 2 else others(size))
    block = [*issue(register, 1), *issue(register, 2, 3)]
    assert [place(row_of(register, done.code)) for done in block] == [(1, 0), (1, 1), (1, LIST_POSITIONS - 1)]
    order(register, block[1].code, ActKind.SUSPENSION, reason="conditions", until=Clock().moment.date())
    assert [row_of(register, done.code).status for done in block] == [
        Status.VALID,
        Status.SUSPENDED,
        Status.VALID,
    ]
    register.publish()
    assert_clean(register)


def test_a_code_that_is_drawn_again_is_not_given_out_again(
    small_register: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = 10**12 - 1
    # One license; then three: a code that is taken, one twice, nothing new at all, and so on.
    drawn = iter([0, *(0, 7, 7), *(7, 0), *(7, last), 12])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))
    codes = [done.code for numbers in ([1], [2, 3, 4]) for done in issue(small_register, *numbers)]
    assert codes == list(map(make_code, (0, 7, last, 12)))
    assert codes[0] == "00000000000098"
    small_register.publish()
    assert [verdict_on(small_register, card(small_register, code)).kind for code in codes] == [Kind.VALID] * 4


def record_files(services: Services) -> set[Path]:
    return {path for path in services.config.records.rglob("*") if path.is_file()}


def test_superseded_records_stay_for_twenty_minutes_however_old_and_then_go_from_full_bundles_too(
    register: Services,
) -> None:
    clock = clock_of(register)
    issue(register, 1)
    register.publish()
    before = record_files(register)
    for path in before:  # Whatever clock the file system has, and however quiet the register was.
        os.utime(path, (0, 0))
    clock.advance(days=3)
    issue(register, *range(2, 302))
    register.publish()
    assert before < record_files(register)
    clock.advance(minutes=19)
    register.publish()
    assert before < record_files(register)
    clock.advance(minutes=1)
    register.publish()
    after = record_files(register)
    assert not before & after
    assert len(after) == 5  # Manifest, its note, a page, a full bundle and one that is begun.
    assert_clean(register)


def test_records_that_are_named_again_stay(register: Services) -> None:
    clock = clock_of(register)
    issue(register, 1)
    register.publish()
    before = record_files(register)
    with register.database.reading() as session:
        town = current_catalog(session).agencies[TOWN]
    for types in (dict.fromkeys(town.types), town.types):  # Closed for a while, and opened again.
        clock.advance(minutes=20)
        with register.database.writing.begin() as session:
            put_agency(session, replace(town, types=types))
            renew_catalog(session)
        register.publish()
        assert before < record_files(register)
    clock.advance(minutes=20)
    register.publish()
    assert record_files(register) == before
    assert_clean(register)
