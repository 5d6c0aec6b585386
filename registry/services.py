"""What the register's commands and pages work with: built once a process, handed to each."""

import gc
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from keys.keyring import KeyRing
from keys.snapshot import Denial, Snapshot
from keys.vault import Vault
from registry.behind import guard
from registry.catalogs import current_catalog
from registry.config import RegistryConfig
from registry.db import Database, open_database
from registry.drafts import Office
from registry.feed import OFFICE, feed, index_file
from registry.files import Folder
from registry.founding import passphrase_of
from registry.key_life import denials
from registry.publish import Publication, publish
from registry.rings import current_ring
from registry.signers import Signers
from search import SearchIndex, open_index

_OBJECTS_BEFORE_A_LOOK = 20_000
_log = logging.getLogger(__name__)


def now() -> datetime:
    """The aware UTC moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """The database, the unlocked keys, the published folders and the clock of one process."""

    config: RegistryConfig
    database: Database
    vault: Vault
    clock: Callable[[], datetime] = now
    patience: float = 0.3  # Seconds that the answer to an act waits for its publication.
    _signers: dict[tuple[int, tuple[Denial, ...]], Signers] = field(default_factory=dict, repr=False)
    _follower: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1), repr=False)

    def __post_init__(self) -> None:
        """No act of this process gets past a log that is ahead of the register."""
        guard(self.database, self.config.published)

    @classmethod
    def open(cls, config: RegistryConfig) -> "Services":
        """Open the database and unlock the keys (about a second); raises `ConfigurationError`."""
        database = open_database(config.database_url)
        vault = Vault.unlock(config.key_folder / "keys", passphrase_of(config))
        # A block of an import is tens of thousands of objects and no cycle among them: looked for at
        # Python's own pace, in everything that a process begins with too, they take a tenth of its time.
        gc.freeze()
        gc.set_threshold(_OBJECTS_BEFORE_A_LOOK)
        return cls(config, database, vault)

    def signers(self, session: Session) -> Signers:
        """The signers of the newest ring, less denied keys; unsealed keys are kept while that holds."""
        ring, denied = current_ring(session), denials(session)
        kept = self._signers.get((ring.version, denied))
        if kept is None:
            kept = Signers(ring, self.vault, denied)
            self._signers.clear()
            self._signers[ring.version, denied] = kept
        return kept

    def ring(self) -> KeyRing:
        """The newest ring of the register."""
        with self.database.reading() as session:
            return current_ring(session)

    def office(self, session: Session) -> Office:
        """What the acts need, as the register stands in this transaction."""
        return Office(self.signers(session), self.config.host, current_catalog(session))

    def publication(self) -> Publication:
        """The published folders and the public address."""
        return Publication(Folder(self.config.published), Folder(self.config.records), self.config.base_url)

    def publish(self) -> Snapshot:
        """Publish everything logged so far; see `registry.publish.publish`."""
        return publish(self.database.reading, self.publication(), self.signers, clock=self.clock)

    def feed(self) -> None:
        """Bring both embedded search indexes up to the log; see `registry.feed.feed`."""
        feed(self.database.reading, self.config.search, at=self.clock())

    @cached_property
    def office_index(self) -> SearchIndex:
        """The index of everything, in the cluster where there is one."""
        return open_index(self.config.cluster, OFFICE, index_file(self.config.search, OFFICE))

    def follow_act(self) -> bool:
        """Publish and index what was just committed, waiting `patience` at most; gives whether it is public.

        What takes longer goes on behind the answer, and the follower process repeats it anyway.
        """
        published = self._follower.submit(self.publish)
        self._follower.submit(self.feed).add_done_callback(_report)
        published.add_done_callback(_report)
        try:
            published.result(timeout=self.patience)
        except NotYet:
            return False
        except Exception:  # noqa: BLE001  # The act is committed; that it is not public yet is said on the page.
            return False
        return True


def _report(finished: Future[Any]) -> None:
    error = finished.exception()
    if error is not None:
        _log.error("following an act failed", exc_info=error)
