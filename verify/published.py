"""The evidence: what the newest verified snapshot names, loaded as one whole (formats §Snapshot).

A reader never mixes: either every part of a snapshot is there and is the one it names, or the
evidence before it stays and grows older.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keys import layout, merkle
from keys.catalog import LARGEST_CATALOG, Catalog, parse_catalog
from keys.dates import from_seconds
from keys.denied import LARGEST_DENIED_SET, DeniedSet
from keys.errors import KeyNotAllowed, KeysError, Malformed
from keys.keyring import LARGEST_RING, KeyRing, KeyState, RingKey, follow_ring, pin_ring
from keys.opening import open_denied_set, open_snapshot
from keys.snapshot import LARGEST_SNAPSHOT, Named, Snapshot
from keys.statuslist import LARGEST_LIST_JWT, ListName, StatusList, open_list
from verify.errors import EvidenceMissing, Missing, SourceAway, VerifyError
from verify.logreader import LogReader
from verify.sources import Source

LARGEST_LIST_INDEX = 16 << 20
_RETRY = timedelta(seconds=1)


@dataclass(frozen=True)
class Evidence:
    """One snapshot and all it names, verified; immutable."""

    snapshot: Snapshot
    ring: KeyRing
    catalog: Catalog
    named_lists: Mapping[ListName, Named]
    lists: Mapping[ListName, StatusList]
    log: LogReader = field(repr=False)
    first_ring: int  # The version that trust began with,
    identity: bytes  # and the SHA-256 of it: with another one it is another register.
    # Every version of the ring that was followed, with the SHA-256 of its signed bytes.
    rings: Mapping[int, tuple[KeyRing, bytes]] = field(default_factory=dict, repr=False)
    signed: bytes = field(default=b"", repr=False)  # The snapshot as it was signed.
    # Where a set of a denied key's cards is read from; none with evidence of an earlier day.
    source: Source | None = field(default=None, repr=False)

    @property
    def moment(self) -> datetime:
        """When the log head was read for this snapshot."""
        return from_seconds(self.snapshot.moment)

    def age(self, at: datetime) -> timedelta:
        """How old the evidence is at `at`; negative when the reader's clock is behind."""
        return at - self.moment

    def good_size(self, key: RingKey) -> int | None:
        """The log size below which a denied or compromised key counts; None for any other key."""
        sizes = [d.good_size for d in self.snapshot.denied if d.thumbprint == key.public.thumbprint]
        if key.state is KeyState.COMPROMISED:
            sizes.append(key.good_size or 0)
        return min(sizes, default=None)

    def denied_set(self, key: RingKey) -> DeniedSet:
        """The cards of a denied key that were logged in good time; raises `EvidenceMissing` without it.

        Only readers without the log need it, so it is read when it is asked for.
        """
        path = layout.denied_set_path(key.public.thumbprint)
        if self.source is None:
            raise EvidenceMissing(f"{path} is not kept for earlier days")
        try:
            opened = open_denied_set(self.source.read(path, limit=LARGEST_DENIED_SET), self.ring)
        except (KeysError, SourceAway) as error:
            raise EvidenceMissing(f"{path} cannot be had") from error
        value = opened.value
        if (value.thumbprint, value.good_size) != (key.public.thumbprint, self.good_size(key)):
            raise EvidenceMissing(f"{path} is of another key or another size")
        if self.good_size(opened.key) is not None:
            raise EvidenceMissing(f"{path} is signed by a key that is denied itself")
        return value

    def status_value(self, agency: int, year: int, number: int, position: int) -> int:
        """The 4 bits that the list says; raises `EvidenceMissing` without such list or position."""
        try:
            return self.lists[ListName(agency, year, number)].status_at(position)
        except (KeyError, Malformed) as error:
            raise EvidenceMissing(f"status {agency}/{year}/{number} has no position {position}") from error


class EvidenceWatch:
    """Holds the newest evidence of a source and takes newer as soon as it is complete.

    `pinned` is the ring trust begins with (its signed bytes); without it, trust begins with the
    first version that the source itself has.  Safe for several threads.
    """

    def __init__(self, source: Source, pinned: bytes | None = None) -> None:
        self.source = source
        self.fault: str | None = None
        self._pinned = pinned
        self._rings: dict[int, tuple[KeyRing, bytes]] = {}
        self._evidence: Evidence | None = None
        self._seen: str | None = None
        self._looked: datetime | None = None
        self._failed: str | None = None
        self._failed_at = from_seconds(0)
        self._lock = threading.Lock()

    def current(self, at: datetime) -> Evidence | None:
        """The newest complete evidence, or None when there has never been any."""
        # Over the network, whoever finds another thread looking answers from what is there.
        if self._lock.acquire(blocking=self._evidence is None or not self.source.pause):
            try:
                self._look(at)
            finally:
                self._lock.release()
        return self._evidence

    def _look(self, at: datetime) -> None:
        if self._looked is not None and abs(at - self._looked) < self.source.pause:
            return
        self._looked = at
        try:
            found = self.source.poll(layout.SNAPSHOT, limit=LARGEST_SNAPSHOT, seen=self._seen)
        except VerifyError as error:
            self.fault = f"{type(error).__name__}: {error}"
            return
        if found is None:
            self.fault = None
        elif found[0] != self._failed or abs(at - self._failed_at) >= _RETRY:
            self._take(*found, at)

    def _take(self, mark: str, signed: bytes, at: datetime) -> None:
        try:
            self._evidence = self._load(signed)
            self._seen, self.fault = mark, None
        except (KeysError, VerifyError) as error:
            # Whatever is wrong, the evidence before stays; its age tells readers the rest.
            self.fault = f"{type(error).__name__}: {error}"
            self._failed, self._failed_at = mark, at

    def _load(self, signed: bytes) -> Evidence:
        self._follow_rings()
        newest = self._rings[max(self._rings)][0]
        opened = open_snapshot(signed, newest)
        snapshot, before = opened.value, self._evidence
        if opened.key.state is KeyState.COMPROMISED or any(
            denial.thumbprint == opened.key.public.thumbprint for denial in snapshot.denied
        ):
            raise KeyNotAllowed("the snapshot is signed by a key that is denied")
        ring, digest = self._rings.get(snapshot.keyring.version, (None, b""))
        if ring is None or digest != snapshot.keyring.digest:
            raise EvidenceMissing(f"key ring {snapshot.keyring.version} is not the one the snapshot names")
        open_snapshot(signed, ring)
        log = LogReader(self.source, snapshot.log_size, snapshot.log_root)
        if before is not None:
            _require_newer(before, snapshot, log)
            log.inherit(before.log.whole_bundles())
        named = self._named_lists(snapshot)
        return Evidence(
            snapshot=snapshot,
            ring=ring,
            catalog=self._catalog(snapshot),
            named_lists=named,
            lists=self._lists(named, ring, snapshot),
            log=log,
            source=self.source,
            first_ring=min(self._rings),
            identity=self._rings[min(self._rings)][1],
            rings=dict(self._rings),
            signed=signed,
        )

    def _follow_rings(self) -> None:
        if not self._rings:
            first = self._pinned
            if first is None:
                first = self.source.read(layout.keyring_path(1), limit=LARGEST_RING)
            ring = pin_ring(first)
            self._rings[ring.version] = (ring, layout.sha256(first))
        while True:
            newest = max(self._rings)
            try:
                signed = self.source.read(layout.keyring_path(newest + 1), limit=LARGEST_RING)
            except Missing:
                return
            ring = follow_ring(self._rings[newest][0], signed)
            if ring.version != newest + 1:
                raise EvidenceMissing(f"key ring {newest + 1} has the version {ring.version}")
            self._rings[ring.version] = (ring, layout.sha256(signed))

    def _read(self, path: str, digest: bytes, limit: int) -> bytes:
        content = self.source.read(path, limit=limit)
        if layout.sha256(content) != digest:
            raise EvidenceMissing(f"{path} is not the file that the snapshot names")
        return content

    def _catalog(self, snapshot: Snapshot) -> Catalog:
        before, named = self._evidence, snapshot.catalog
        if before is not None and before.snapshot.catalog == named:
            return before.catalog
        catalog = parse_catalog(self._read(layout.catalog_path(named.version), named.digest, LARGEST_CATALOG))
        if catalog.version != named.version:
            raise EvidenceMissing(f"catalog {named.version} has the version {catalog.version}")
        return catalog

    def _named_lists(self, snapshot: Snapshot) -> Mapping[ListName, Named]:
        before, digest = self._evidence, snapshot.lists
        if before is not None and before.snapshot.lists == digest:
            return before.named_lists
        named = layout.parse_list_index(
            self._read(layout.list_index_path(digest), digest, LARGEST_LIST_INDEX)
        )
        for name, old in before.named_lists.items() if before else ():
            if name not in named or named[name].version < old.version:
                raise EvidenceMissing(f"status list {name.path()} went back")
        return named

    def _lists(
        self, named: Mapping[ListName, Named], ring: KeyRing, snapshot: Snapshot
    ) -> Mapping[ListName, StatusList]:
        before = self._evidence
        # A list read under an older ring is opened again: its key may have been withdrawn.
        same_ring = before is not None and before.ring == ring
        lists = {}
        for name, wanted in named.items():
            if before is not None and same_ring and before.named_lists.get(name) == wanted:
                lists[name] = before.lists[name]
                continue
            path = layout.list_path(name, wanted.version)
            found = open_list(self._read(path, wanted.digest, LARGEST_LIST_JWT), ring)
            if (found.name, found.version) != (name, wanted.version) or found.log_size > snapshot.log_size:
                raise EvidenceMissing(f"{path} is another list than its name says")
            lists[name] = found
        return lists


def _require_newer(before: Evidence, snapshot: Snapshot, log: LogReader) -> None:
    old = before.snapshot
    rising = (
        ("snapshot", old.version, snapshot.version),
        ("moment", old.moment, snapshot.moment),
        ("log", old.log_size, snapshot.log_size),
        ("key ring", old.keyring.version, snapshot.keyring.version),
        ("catalog", old.catalog.version, snapshot.catalog.version),
    )
    for what, was, now in rising:
        if now < was:
            raise EvidenceMissing(f"{what} went back from {was} to {now}")
    if snapshot.keyring == old.keyring:
        _require_denials_kept(old, snapshot)
    if snapshot.version == old.version and snapshot != old:
        raise EvidenceMissing(f"two snapshots have the version {old.version}")
    proof = merkle.consistency_proof(old.log_size, snapshot.log_size, log.node)
    merkle.verify_consistency(old.log_size, snapshot.log_size, proof, old.log_root, snapshot.log_root)


def _require_denials_kept(old: Snapshot, snapshot: Snapshot) -> None:
    # A thief of the status key must not lift the denial of that very key: only the roots, by a new
    # ring, settle what a denial began.
    sizes = {denial.thumbprint: denial.good_size for denial in snapshot.denied}
    for denial in old.denied:
        if sizes.get(denial.thumbprint, denial.good_size + 1) > denial.good_size:
            raise EvidenceMissing(f"the denial of key {denial.thumbprint.hex()[:8]} was taken back")
