"""The follower: keeps what is derived up to the log, and the evidence fresh while nothing happens.

It signs a snapshot every minute, enters released batches and what a date brings soon after midnight
in Bangkok, and catches up with acts whose own process died before publishing them.
"""

import logging
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import select

from keys.dates import bangkok_date
from keys.errors import KeysError
from registry.errors import RegistryError
from registry.files import Folder
from registry.intake.browsing import released_batches
from registry.intake.entering import enter_for
from registry.intake.receiving import folder_of
from registry.intake.uploads import read_next, sweep
from registry.models import LogHead
from registry.proposals import enter_due
from registry.services import Services
from registry.witnessing import Witnessing
from search import SearchAway
from search.settings import ClusterSettings

SNAPSHOT_SECONDS = 60
_POLL_SECONDS = 0.25
_RETRY_SECONDS = 2.0
_SHORTEST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=2), timedelta(seconds=60)
_BATCH_SECONDS = 1.0
_log = logging.getLogger(__name__)


def follow(services: Services, stop: threading.Event) -> None:
    """Follow until `stop` is set; a fault is logged and tried again, for a dead follower turns all amber.

    Uploaded files are read and the search cluster is fed beside: neither delays a snapshot or an act.
    """
    follower, reader = Follower(services), FileReader(services)
    reading = threading.Thread(target=_repeat, args=(reader.step, services, stop), name="reader")
    reading.start()
    if services.config.cluster:  # A daemon: what it waits for may be a server that hangs.
        feeding = ClusterFeeder(services, services.config.cluster)
        threading.Thread(target=_repeat, args=(feeding.step, services, stop), daemon=True).start()
    _repeat(follower.step, services, stop)
    reading.join()


def _repeat(step: Callable[[datetime], None], services: Services, stop: threading.Event) -> None:
    wait = 0.0
    while not stop.wait(wait):
        try:
            step(services.clock())
            wait = _POLL_SECONDS
        except Exception:  # noqa: BLE001  # Whatever it was, the next round repairs it or says so again.
            _log.exception("following failed; trying again")
            wait = _RETRY_SECONDS


class FileReader:
    """Reads uploaded files one after the other, and once a day removes those that are old."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._folder = folder_of(services.config.data)
        self._swept: date | None = None

    def step(self, at: datetime) -> None:
        """Read the file that waits, if one does."""
        services = self._services
        if self._swept != bangkok_date(at):
            sweep(services.database, self._folder, at=at)
            self._swept = bangkok_date(at)
        read_next(services.database, services.office, self._folder, clock=services.clock)


class ClusterFeeder:
    """Keeps the search cluster's indexes up to the register, trying ever less often while it is away."""

    def __init__(self, services: Services, cluster: ClusterSettings) -> None:
        self._services, self._cluster = services, cluster
        self._fed: tuple[int, date] | None = None
        self._pause = timedelta()
        self._not_before: datetime | None = None

    def step(self, at: datetime) -> None:
        """Feed when an act or a day has passed; raises `SearchAway`, and then does nothing for a while."""
        # Half a second to load, and not everybody has a cluster.
        from registry.feed_cluster import feed_cluster  # noqa: PLC0415

        seen = _head(self._services), bangkok_date(at)
        if seen == self._fed or (self._not_before and at < self._not_before):
            return
        try:
            folder = self._services.config.search
            feed_cluster(self._services.database.reading, self._cluster, folder, at=at)
        except SearchAway:
            self._pause = min(max(2 * self._pause, _SHORTEST_PAUSE), _LONGEST_PAUSE)
            self._not_before = at + self._pause
            raise
        self._fed, self._pause, self._not_before = seen, timedelta(), None


def _head(services: Services) -> int:
    with services.database.reading() as session:
        return session.scalars(select(LogHead.size)).one()


class Follower:
    """What the loop remembers between two looks at the register; losing it costs one extra round."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._entered: date | None = None
        self._published_size = -1
        self._published_at: datetime | None = None
        self._fed: tuple[int, date] | None = None
        public = Folder(services.config.published)
        self._witnessing = Witnessing(public, services.config.witnesses, services.ring)

    def step(self, at: datetime) -> None:
        """One look: enter what is due, publish when something is new or a minute has passed, feed."""
        today = bangkok_date(at)
        # Each minute, for what is due may have waited for a key that the roots have vouched for since.
        if self._entered != today or self._is_old(at):
            self._enter(at)
            self._entered = today
        self._enter_released()
        size = self._head()
        if size != self._published_size or self._is_old(at):
            self._published_size = self._services.publish().log_size
            self._published_at = at
        self._witnessing.look(self._published_size, at)
        # On another day other types may be open; each minute, for a file may be gone or damaged.
        if self._fed != (size, today) or self._published_at == at:
            self._services.feed()
            self._fed = size, today

    # What cannot be entered keeps nothing from being published: without a snapshot every page says that
    # it cannot tell.

    def _enter(self, at: datetime) -> None:
        try:
            with self._services.database.writing.begin() as session:
                entered = enter_due(session, office=self._services.office(session), at=at)
        except (RegistryError, KeysError):
            _log.exception("what the date brings cannot be entered; trying again")
        else:
            if entered:
                _log.info("entered what the date brings: %d acts", len(entered))

    def _enter_released(self) -> None:
        # A part at a time, so that what was entered becomes public while the rest waits.
        services = self._services
        with services.database.reading() as session:
            waiting = released_batches(session)
        for number in waiting:
            try:
                enter_for(services.database, services.office, number, _BATCH_SECONDS, clock=services.clock)
            except (RegistryError, KeysError):
                _log.exception("batch %d cannot be entered; trying again", number)

    def _head(self) -> int:
        return _head(self._services)

    def _is_old(self, at: datetime) -> bool:
        before = self._published_at
        return before is None or not 0 <= (at - before).total_seconds() < SNAPSHOT_SECONDS
