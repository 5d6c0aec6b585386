"""Killed at any point, two importing at once: nothing is lost, nothing doubled, nothing signed and not logged."""

import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from keys.opening import open_statement
from registry.demo.license_types import HAZARD
from registry.intake.browsing import released_batches
from registry.models import BatchRow, EntryRow, LicenseRow, LogHead
from registry.services import Services
from tests.registry.batches.filing import entered, filing, imported, rows, write_csv
from verify.audit import audit
from verify.sources import FolderSource

ROWS = 60
_STEPS = 220_000  # Calls that importing 60 rows and publishing takes, roughly: a kill may also come too late.


def in_a_process(services: Services, work: Callable[[], object], steps: int) -> int:
    """Do some work in a forked process that dies after so many calls, wherever it then is; gives its id."""
    services.database.engine.dispose()
    child = os.fork()
    if child:
        return child
    left = steps

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.setprofile(count)
        work()
    finally:
        # Not by sys.exit, which would run what the tests registered for their own end.
        os._exit(0)


def import_and_publish(services: Services, path: Path) -> None:
    imported(services, filing(services, path, HAZARD))
    services.publish()


def kill_two_importing(services: Services, path: Path, chance: random.Random) -> int:
    """Let two processes import one file and kill both; gives how many died before they were done."""
    children = [
        in_a_process(services, lambda: import_and_publish(services, path), chance.randrange(_STEPS))
        for _ in range(2)
    ]
    ends = [os.waitpid(child, 0)[1] for child in children]
    return sum(os.WIFSIGNALED(end) for end in ends)


def take_up(services: Services, path: Path) -> None:
    """What the follower does by itself, and the agency by sending its file again."""
    with services.database.reading() as session:
        waiting = released_batches(session)
    for number in waiting:
        entered(services, number)
    import_and_publish(services, path)


def require_whole(services: Services, files: int) -> None:
    """Each row went in once, what a batch says is what the log has, and the published files are whole."""
    with services.database.reading() as session:
        numbers = Counter(session.scalars(select(LicenseRow.number)))
        assert len(numbers) == files * ROWS
        assert set(numbers.values()) == {1}
        entries = session.scalars(
            select(EntryRow).where(EntryRow.code.is_not(None)).order_by(EntryRow.log_index)
        ).all()
        assert len(entries) == len({entry.code for entry in entries}) == files * ROWS
        for entry in entries:
            assert open_statement(entry.statement or b"", services.ring()).value.index == entry.log_index
        went = session.scalars(select(BatchRow.log_index).where(BatchRow.log_index.is_not(None))).all()
        assert sorted(index for index in went if index is not None) == [entry.log_index for entry in entries]
        size = session.scalars(select(LogHead.size)).one()
    report = audit(
        FolderSource(services.config.published),
        at=services.clock(),
        records=FolderSource(services.config.records),
    )
    assert (report.findings, report.log_size, report.statements) == ([], size, files * ROWS)


def kill_and_take_up(services: Services, folder: Path, points: int) -> None:
    chance, died = random.Random(20_260_302), 0
    for file in range(points // 2):
        path = write_csv(folder / f"{file}.csv", rows((file + 1) * ROWS)[file * ROWS :])
        died += kill_two_importing(services, path, chance)
        take_up(services, path)
    assert died > points // 2  # Most points lay before the end.
    require_whole(services, points // 2)


def test_killed_anywhere_with_two_importing_nothing_is_lost_doubled_or_signed_and_not_logged(
    register: Services, tmp_path: Path
):
    kill_and_take_up(register, tmp_path, 8)


@pytest.mark.long
def test_the_same_at_two_hundred_points(register: Services, tmp_path: Path):
    kill_and_take_up(register, tmp_path, 200)
