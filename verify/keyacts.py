"""Whether the key rings, the snapshot's denials and the log's entries about keys tell the same story.

Each key is proposed in the log before a ring has it; each change of its state by a ring is an entry,
in the order of the rings; a mark of compromise is an entry first, then a denial, then a ring.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from keys import layout
from keys.acts import ActKind
from keys.entry import LogEntry
from keys.errors import KeysError
from keys.keyring import LARGEST_RING, KeyRing, KeyState, follow_ring, pin_ring
from verify.errors import SourceAway
from verify.published import Evidence
from verify.sources import Source

Add = Callable[[str, str], None]

_ACT_OF = {KeyState.ACTIVE: ActKind.KEY_ACTIVATED, KeyState.RETIRED: ActKind.KEY_RETIRED}


@dataclass(slots=True)
class KeyActs:
    """What the log says of one key: the index of each act."""

    proposed: list[int] = field(default_factory=list)
    changed: list[tuple[int, ActKind]] = field(default_factory=list)
    marked: list[tuple[int, int]] = field(default_factory=list)  # Index and last good size.

    def take(self, index: int, entry: LogEntry) -> None:
        """Keep the next act of this key."""
        if entry.act is ActKind.KEY_PROPOSED:
            self.proposed.append(index)
        elif entry.act is ActKind.KEY_COMPROMISED:
            self.marked.append((index, entry.good_size or 0))
        else:
            self.changed.append((index, entry.act))

    @property
    def first(self) -> int:
        """The index of the key's first act of all."""
        return min([*self.proposed, *(index for index, _ in (*self.changed, *self.marked))])


def check_key_acts(public: Source, evidence: Evidence, acts: Mapping[bytes, KeyActs], add: Add) -> None:
    """Compare the log's `acts` by thumbprint, up to the snapshot's size, with rings and denials."""
    rings = [*_rings_before(public, evidence, add), *_rings_since(evidence)]
    done: dict[int, list[int]] = {ring.version: [] for ring in rings}
    known = {key.public.thumbprint for ring in rings for key in ring.keys}
    known |= {denial.thumbprint for denial in evidence.snapshot.denied}
    for thumbprint in sorted(known | acts.keys()):
        of_key, name = acts.get(thumbprint, KeyActs()), f"key {thumbprint.hex()[:8]}"
        wanted = list(_changes(rings, thumbprint))
        _check_proposal(of_key, wanted, name, add)
        _check_changes(of_key, wanted, name, add, done)
        _check_marks(of_key, list(_said(rings, evidence, thumbprint)), name, add)
    latest = -1
    for version, indexes in done.items():
        for index in indexes:
            if index < latest:
                add(
                    f"log index {index}", f"carries out key ring {version} before an older one is carried out"
                )
        latest = max([latest, *indexes])


def _rings_since(evidence: Evidence) -> list[KeyRing]:
    # A ring that lies there and is not named yet may be ahead of the log that the snapshot covers.
    named = evidence.snapshot.keyring.version
    return [ring for version, (ring, _) in sorted(evidence.rings.items()) if version <= named]


def _rings_before(public: Source, evidence: Evidence, add: Add) -> list[KeyRing]:
    """The rings older than the pinned one, the newest last; what is wrong with one is a finding."""
    rings, newer = list[KeyRing](), evidence.rings[evidence.first_ring][0]
    for version in range(evidence.first_ring - 1, 0, -1):
        path = layout.keyring_path(version)
        try:
            ring = pin_ring(public.read(path, limit=LARGEST_RING))
            follow_ring(ring, public.read(layout.keyring_path(version + 1), limit=LARGEST_RING))
        except (KeysError, SourceAway) as error:
            add(path, f"{type(error).__name__}: {error}")
            break
        if ring.version != version or newer.version != version + 1:
            add(path, f"is key ring {ring.version}")
            break
        rings.insert(0, ring)
        newer = ring
    return rings


def _changes(rings: Sequence[KeyRing], thumbprint: bytes) -> Iterator[tuple[int, ActKind]]:
    """Each ring that gives the key another state than the one before, marks of compromise left out."""
    state = None
    for ring in rings:
        for key in ring.keys:
            if key.public.thumbprint == thumbprint and key.state is not state:
                state = key.state
                if state in _ACT_OF:
                    yield ring.version, _ACT_OF[state]


def _check_proposal(of_key: KeyActs, wanted: Sequence[tuple[int, ActKind]], name: str, add: Add) -> None:
    if not of_key.proposed:
        where = layout.keyring_path(wanted[0][0]) if wanted else layout.SNAPSHOT
        add(f"log index {of_key.first}" if of_key.changed else where, f"{name} was never proposed in the log")
        return
    for index in of_key.proposed[1:]:
        add(f"log index {index}", f"{name} was proposed before")
    if of_key.first != of_key.proposed[0]:
        add(f"log index {of_key.first}", f"{name} is proposed only later")


def _check_changes(
    of_key: KeyActs,
    wanted: Sequence[tuple[int, ActKind]],
    name: str,
    add: Add,
    done: Mapping[int, list[int]],
) -> None:
    found = of_key.changed
    if not wanted and [act for _, act in found] == [ActKind.KEY_RETIRED]:
        return  # Proposed, and taken back before any ring had it.
    for here, ring in zip_longest(found, wanted):
        if ring is None:
            add(f"log index {here[0]}", f"{here[1].name} of {name}, which no key ring says")
        elif here is None:
            add(layout.keyring_path(ring[0]), f"{ring[1].name} of {name} is not in the log")
        elif here[1] is not ring[1]:
            add(
                f"log index {here[0]}",
                f"{here[1].name} of {name}, but key ring {ring[0]} says {ring[1].name}",
            )
        else:
            done[ring[0]].append(here[0])


def _said(rings: Sequence[KeyRing], evidence: Evidence, thumbprint: bytes) -> Iterator[tuple[str, int]]:
    """Where a key is said to be compromised, and below which size of the log it is good."""
    for ring in rings:
        for key in ring.keys:
            if key.public.thumbprint == thumbprint and key.good_size is not None:
                yield layout.keyring_path(ring.version), key.good_size
    for denial in evidence.snapshot.denied:
        if denial.thumbprint == thumbprint:
            yield layout.SNAPSHOT, denial.good_size


def _check_marks(of_key: KeyActs, said: Sequence[tuple[str, int]], name: str, add: Add) -> None:
    sizes = [size for _, size in of_key.marked]
    for number, (index, size) in enumerate(of_key.marked):
        if size > min([index, *sizes[:number]]):
            add(f"log index {index}", f"the last good size {size} of {name} is larger than it can be")
    for where, size in said:
        if size not in sizes:
            add(where, f"{name} is denied from log size {size} on, which the log does not say")
    if sizes and sizes[-1] not in {size for _, size in said}:
        where = f"log index {of_key.marked[-1][0]}"
        add(where, f"{name} is denied from log size {sizes[-1]} on, which neither ring nor snapshot says")
