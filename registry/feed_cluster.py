"""Feeding the indexes of a search cluster from the register, also while new ones are built beside them.

All state is in the cluster: each physical index holds its own cursor.  So a feeder may stop after
any line, and the next one goes on.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from registry.feed import FACTS, Licenses, Progress
from registry.files import locked
from search.document import STAMP
from search.elastic import connect
from search.elastic_feed import ElasticFeed, Physical
from search.settings import ClusterSettings


def feed_cluster(
    reading: sessionmaker[Session],
    cluster: ClusterSettings,
    folder: Path,
    *,
    at: datetime,
    afresh: bool = False,
    progress: Progress | None = None,
) -> None:
    """Bring the cluster's indexes up to the log's head; harmless to repeat and to run twice at once.

    When what may be found has changed, the analyzer is another, the index is ahead of a register
    restored from a backup, or `afresh` asks for it, a new physical index is filled while the old one
    answers and is fed on; it takes over when both reflect the same log.  Raises `SearchAway`: what was acknowledged stays, the next call goes on from there.
    """
    client = connect(cluster)
    try:
        for audience in FACTS:
            feeding = _Feeding(reading, ElasticFeed(client, cluster.alias(audience)), audience, at, progress)
            with locked(folder / audience / "cluster.lock"):
                feeding.run(afresh=afresh)
    finally:
        client.close()


class _Feeding:
    """One index of the cluster being brought up to the log."""

    def __init__(
        self,
        reading: sessionmaker[Session],
        feed: ElasticFeed,
        audience: str,
        at: datetime,
        progress: Progress | None,
    ) -> None:
        self._reading, self._feed, self._audience, self._at = reading, feed, audience, at
        self._progress = progress

    def run(self, *, afresh: bool) -> None:
        with self._reading() as session:
            licenses = self._licenses(session)
            made_for = blake2b(licenses.policy(), digest_size=16).hexdigest()
        indexes = self._feed.prepare(made_for)
        ahead = self._feed.cursor(indexes[-1].name) > licenses.head
        if ahead or (afresh and indexes[-1].served):
            indexes = [*indexes, self._feed.begin(made_for)]
        while not self._advance(indexes):
            pass
        if len(indexes) > 1 or not indexes[-1].served:  # Two are served after two feeders of two machines.
            self._feed.serve(indexes[-1])

    def _advance(self, indexes: Sequence[Physical]) -> bool:
        """Feeds the served index to the head, the newest by one block; whether both have reached the head."""
        with self._reading() as session:  # Anew for each block: the log goes on while an index is built.
            licenses = self._licenses(session)
            for index in indexes[:-1]:
                # One of another analyzer is left as it is: its readers cut words by its own rules.
                while index.made_for[0] == STAMP and not self._block(index, licenses):
                    pass
            return self._block(indexes[-1], licenses)

    def _block(self, index: Physical, licenses: Licenses) -> bool:
        """Feeds the next block to `index`; whether it has reached the head."""
        cursor = self._feed.cursor(index.name)
        if cursor < licenses.head or cursor == 0:
            end = licenses.block_end(cursor)
            self._feed.apply(index.name, licenses.documents(cursor, end), cursor=end)
            cursor = end
        return cursor >= licenses.head

    def _licenses(self, session: Session) -> Licenses:
        return Licenses(session, self._audience, at=self._at, progress=self._progress)
