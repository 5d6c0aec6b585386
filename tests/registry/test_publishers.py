"""Publishers that are processes of their own, while officers act."""

import itertools
import multiprocessing
from datetime import datetime
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from registry.config import RegistryConfig
from registry.services import Services, now
from tests.registry.founded import Clock, found_at, issue
from tests.registry.test_publish import read_published

PUBLISHERS = 4


class _Real(Clock):
    """The moment it is, as every process sees it."""

    def __call__(self) -> datetime:
        return now()


def publish_until(stop: Event, environment: dict[str, str], published: "Synchronized[int]") -> None:
    """What one process does: publish again and again."""
    services = Services.open(RegistryConfig.from_environment(environment))
    while not stop.is_set():
        services.publish()
        with published.get_lock():
            published.value += 1


@pytest.mark.parametrize(
    "acts", [pytest.param(250, id="250 acts"), pytest.param(1000, marks=pytest.mark.long, id="1000 acts")]
)
def test_four_publishers_at_once_do_no_harm(database_url: str, tmp_path: Path, acts: int) -> None:
    register = found_at(tmp_path, database_url, _Real())
    environment = {
        "PERMITS_DATA": str(tmp_path),
        "PERMITS_HOST": register.config.host,
        "PERMITS_DATABASE_URL": database_url,
    }
    context = multiprocessing.get_context("spawn")
    stop, counts = context.Event(), [context.Value("q", 0) for _ in range(PUBLISHERS)]
    arguments = [(stop, environment, count) for count in counts]
    publishers = [context.Process(target=publish_until, args=each, daemon=True) for each in arguments]
    for publisher in publishers:
        publisher.start()
    blocks = (range(start, start + 5) for start in itertools.count(0, 5))
    for numbers in itertools.islice(blocks, acts // 5):
        issue(register, *numbers)
    while all(publisher.is_alive() for publisher in publishers) and not all(c.value for c in counts):
        issue(register, *next(blocks))  # Until each of them has published at least once.
    stop.set()
    for publisher in publishers:
        publisher.join()
    assert [publisher.exitcode for publisher in publishers] == [0] * PUBLISHERS
    register.publish()
    snapshot, statuses = read_published(register)
    assert len(statuses) >= acts
    assert snapshot.version == sum(count.value for count in counts) + 1
    register.database.engine.dispose()
