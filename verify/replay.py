"""Replaying the log: what the entries alone say about subjects, positions and statuses.

Every rule that an honest register keeps is checked here, entry by entry; what breaks one is named
with the entry's index.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from keys.acts import ActKind, Status
from keys.dates import bangkok_date, from_seconds
from keys.entry import LogEntry
from keys.record import StatusRef
from keys.statuslist import ListName, empty_nibbles, put

# What an act may leave behind (formats §Status lists); a record takes over the standing before it.
_STANDING = frozenset({Status.VALID, Status.SUSPENDED, Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING})
STATUSES_AFTER = {
    ActKind.ISSUANCE: frozenset({Status.VALID}),
    ActKind.RENEWAL: frozenset({Status.VALID, Status.SUSPENDED}),
    ActKind.AMENDMENT: _STANDING,
    ActKind.TRANSFER: _STANDING,
    ActKind.REPLACEMENT: _STANDING,
    ActKind.SUSPENSION: frozenset({Status.SUSPENDED, Status.SUSPENDED_PENDING}),
    ActKind.REINSTATEMENT: frozenset({Status.VALID, Status.RENEWAL_PENDING}),
    ActKind.REVOCATION: frozenset({Status.INVALID}),
    ActKind.ENDING: frozenset({Status.ENDED}),
    ActKind.RENEWAL_FILING: frozenset({Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING}),
    ActKind.RENEWAL_REFUSAL: frozenset({Status.VALID, Status.SUSPENDED}),
    ActKind.VOIDING: frozenset({Status.INVALID}),
}
_FINAL = frozenset({Status.INVALID, Status.ENDED})


@dataclass(slots=True)
class ListState:
    """One list as the entries leave it, and the index of the last entry that touched it."""

    nibbles: bytearray = field(default_factory=empty_nibbles)
    used: bytearray = field(default_factory=lambda: bytearray(len(empty_nibbles()) // 4))
    touched: int = 0

    def take(self, position: int) -> bool:
        """Whether `position` was free; it is taken from now on."""
        byte, bit = position >> 3, 1 << (position & 7)
        free = not self.used[byte] & bit
        self.used[byte] |= bit
        return free


@dataclass(slots=True)
class Replay:
    """The state after the entries read so far; `read` takes the next one."""

    lists: dict[ListName, ListState] = field(default_factory=dict)
    moment: int = 0
    size: int = 0
    _where: dict[bytes, tuple[int, StatusRef, Status]] = field(default_factory=dict)

    @property
    def licenses(self) -> int:
        """How many licenses have been issued."""
        return len(self._where)

    def read(self, entry: LogEntry) -> Iterator[str]:
        """Take the next entry; gives what is wrong with it."""
        index, self.size = self.size, self.size + 1
        if entry.moment < self.moment:
            yield f"its moment {entry.moment} is before the {self.moment} of the entry before"
        self.moment = max(self.moment, entry.moment)
        if entry.act < ActKind.ERASURE:
            yield from self._read_act(index, entry)

    def _read_act(self, index: int, entry: LogEntry) -> Iterator[str]:
        subject, ref, status, agency = entry.subject, entry.ref, entry.status, entry.agency
        if subject is None or ref is None or status is None or agency is None:
            yield "an act on a license lacks its subject, position, status or agency"
            return
        if status not in STATUSES_AFTER[entry.act]:
            yield f"{entry.act.name} cannot leave the status {status.name}"
        if ref.position >= 2 * len(empty_nibbles()):
            yield f"position {ref.position} lies outside a status list"
            return
        state = self.lists.setdefault(ListName(agency, ref.year, ref.number), ListState())
        known = self._where.get(subject)
        if entry.act.makes_record:
            yield from self._read_record(index, entry, ref, state, known)
        elif known is None:
            yield f"{entry.act.name} of a license that was never issued"
        elif known[:2] != (agency, ref):
            yield f"{entry.act.name} at a position that is not the license's newest"
        elif known[2] in _FINAL:
            yield f"{entry.act.name} of a license that is {known[2].name}"
        put(state.nibbles, ref.position, status)
        state.touched = index
        self._where[subject] = (agency, ref, status)

    def _read_record(
        self,
        index: int,
        entry: LogEntry,
        ref: StatusRef,
        state: ListState,
        known: tuple[int, StatusRef, Status] | None,
    ) -> Iterator[str]:
        if not state.take(ref.position):
            yield f"position {ref.year}/{ref.number}/{ref.position} was given out before"
        if ref.year != bangkok_date(from_seconds(entry.moment)).year:
            yield f"its list is of {ref.year}, not of the entry's year in Bangkok"
        if (known is None) != (entry.act is ActKind.ISSUANCE):
            yield f"{entry.act.name} of a license that {'was' if known else 'was never'} issued"
        if known is None:
            return
        agency, old, standing = known
        if agency != entry.agency:
            yield f"agency {entry.agency} acts on a license of agency {agency}"
        if standing in _FINAL:
            yield f"{entry.act.name} of a license that is {standing.name}"
        before = self.lists[ListName(agency, old.year, old.number)]
        put(before.nibbles, old.position, Status.SUPERSEDED)
        before.touched = index
