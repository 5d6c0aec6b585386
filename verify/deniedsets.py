"""The audit of denied sets: each is there, of the right key and size, and holds only cards that were logged."""

from keys import layout
from keys.denied import PREFIX_BYTES
from keys.entry import LogEntry
from keys.errors import KeysError
from keys.keyring import Role
from verify.errors import EvidenceMissing
from verify.older import Add
from verify.published import Evidence


class DeniedSetsAudit:
    """Reads the set of every denied agency key, then takes the log's entries one by one."""

    def __init__(self, evidence: Evidence, add: Add) -> None:
        self._add = add
        self._unseen: list[tuple[str, int, set[bytes]]] = []
        for key in evidence.ring.with_role(Role.AGENCY):
            if evidence.good_size(key) is None:
                continue
            path = layout.denied_set_path(key.public.thumbprint)
            try:
                value = evidence.denied_set(key)
            except (EvidenceMissing, KeysError) as error:
                add(path, f"{type(error).__name__}: {error}")
                continue
            cards = value.cards
            prefixes = {cards[at : at + PREFIX_BYTES] for at in range(0, len(cards), PREFIX_BYTES)}
            self._unseen.append((path, value.good_size, prefixes))

    def take(self, index: int, entry: LogEntry) -> None:
        """Take the log's next entry: its card may be one of a set."""
        if entry.card is None:
            return
        for _, good_size, prefixes in self._unseen:
            if index < good_size:
                prefixes.discard(entry.card[:PREFIX_BYTES])

    def close(self) -> None:
        """Name every set with a card that no entry below the last good size holds."""
        for path, good_size, prefixes in self._unseen:
            if prefixes:
                self._add(path, f"{len(prefixes)} of its cards are not in the log below {good_size}")
