"""What a register meets once in tens of thousands of acts, or never: the end of a list, a thing drawn twice."""

import secrets
from pathlib import Path

import pytest

from keys.acts import ActKind, Status
from keys.code import make_code
from keys.statuslist import LIST_POSITIONS
from registry.models import LicenseRow, StatusListRow
from registry.services import Services
from tests.registry.founded import TOWN, Clock, founded, issue, order, revise, row_of
from tests.registry.key_steps import assert_clean, card, verdict_on
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
