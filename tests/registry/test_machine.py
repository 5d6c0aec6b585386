"""A register under random acts, days that pass and publishing that is interrupted keeps its promises."""

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from keys.acts import ActKind, Status
from keys.dates import bangkok_date
from registry.errors import Refused
from registry.lifecycle import NEXT
from registry.models import LogHead
from registry.proposals import enter_due
from tests.registry.founded import Clock, founded, issue, order, revise, row_of
from tests.registry.test_publish import interrupted, read_published

ORDERS = [act for act in ActKind if act.makes_order]
RECORDS = [ActKind.AMENDMENT, ActKind.TRANSFER, ActKind.REPLACEMENT]


class Register(RuleBasedStateMachine):
    """The model: each license's status by the table, and the end of its suspension."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="permits-machine-"))
        self.clock = Clock()
        self.services = founded(self.folder, self.clock)
        self.status: dict[str, Status] = {}
        self.suspended_until: dict[str, date] = {}
        self.at_size: dict[int, dict[str, Status]] = {}
        self.positions: set[tuple[int, int, int]] = set()
        self.numbers = 0
        self.services.publish()
        self.remember()

    def remember(self) -> None:
        with self.services.database.reading() as session:
            self.at_size[session.get_one(LogHead, 1).size] = dict(self.status)

    @property
    def today(self) -> date:
        return bangkok_date(self.clock())

    @rule(count=st.integers(1, 4))
    def issue_some(self, count: int) -> None:
        numbers = range(self.numbers + 1, self.numbers + count + 1)
        self.numbers += count
        start = f"{self.today.day}/{self.today.month}/{self.today.year}"
        for done in issue(self.services, *numbers, valid_from=start):
            self.status[done.code] = Status.VALID
            self.note_position(done.code)
        self.remember()

    def note_position(self, code: str) -> None:
        row = row_of(self.services, code)
        position = (row.list_year, row.list_number, row.position)
        assert position not in self.positions, "a status position was used twice"
        self.positions.add(position)

    @precondition(lambda self: self.status)
    @rule(data=st.data(), act=st.sampled_from(ORDERS), days=st.integers(0, 20))
    def enter_order(self, data: st.DataObject, act: ActKind, days: int) -> None:
        code = data.draw(st.sampled_from(sorted(self.status)))
        until = self.today + timedelta(days=days)
        content: dict[str, object] = {}
        if act is ActKind.SUSPENSION:
            content = {"until": until, "reason": "conditions"}
        elif act is ActKind.ENDING:
            content = {"outcome": "surrendered"}
        expected = NEXT.get((self.status[code], act))
        try:
            order(self.services, code, act, **content)
        except Refused:
            end = row_of(self.services, code).valid_until or ""
            late = act is ActKind.RENEWAL_FILING and end < str(self.today)
            assert expected is None or late
            return
        assert expected is not None
        self.status[code] = expected
        if act is ActKind.SUSPENSION:
            self.suspended_until[code] = until
        elif expected not in (Status.SUSPENDED, Status.SUSPENDED_PENDING):
            self.suspended_until.pop(code, None)
        self.remember()

    @precondition(lambda self: self.status)
    @rule(data=st.data(), act=st.sampled_from(RECORDS))
    def make_version(self, data: st.DataObject, act: ActKind) -> None:
        code = data.draw(st.sampled_from(sorted(self.status)))
        change = {ActKind.AMENDMENT: {"premises": "ร้านใหม่"}, ActKind.TRANSFER: {"holder": "นายใหม่ มาดี"}}
        version = row_of(self.services, code).version
        try:
            revise(self.services, code, act, **change.get(act, {}))
        except Refused:
            assert (self.status[code], act) not in NEXT
            return
        assert row_of(self.services, code).version == version + 1
        self.note_position(code)
        self.remember()

    @rule(days=st.integers(1, 15))
    def let_days_pass(self, days: int) -> None:
        self.clock.advance(days=days)
        with self.services.database.writing.begin() as session:
            enter_due(session, office=self.services.office(session), at=self.clock())
        for code, until in list(self.suspended_until.items()):
            if until < self.today:
                self.status[code] = NEXT[self.status[code], ActKind.REINSTATEMENT]
                del self.suspended_until[code]
        self.remember()

    @rule()
    def publish(self) -> None:
        self.clock.advance(seconds=1)
        self.services.publish()
        self.check_readers(newest=True)

    @rule(write=st.integers(1, 14), done=st.booleans())
    def publish_interrupted(self, write: int, *, done: bool) -> None:
        self.clock.advance(seconds=1)
        interrupted(self.services, write, done=done)
        self.check_readers(newest=False)

    def check_readers(self, *, newest: bool) -> None:
        snapshot, statuses = read_published(self.services)
        assert snapshot.log_size in self.at_size
        if newest:
            assert snapshot.log_size == max(self.at_size)
            for code, status in self.status.items():
                row = row_of(self.services, code)
                assert statuses[row.agency, row.list_year, row.list_number, row.position] == status

    @invariant()
    def rows_stand_as_the_table_says(self) -> None:
        for code, status in getattr(self, "status", {}).items():
            assert row_of(self.services, code).status == status

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.services.database.engine.dispose()
            shutil.rmtree(self.folder)


Register.TestCase.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
TestRegister = Register.TestCase
