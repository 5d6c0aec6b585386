"""Publishing: what the log holds becomes files that anybody can check.

Order of the names: statements, tiles, lists, checkpoint, snapshot.  Only the snapshot makes the rest
count, so a stop anywhere leaves the old or the new state, and the next run repairs by going the
same way again.  Publishers take turns under one lock and never write a smaller size.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from keys import layout, tiles
from keys.catalog import encode_json
from keys.checkpoint import Checkpoint, sign_checkpoint
from keys.dates import to_seconds
from keys.keyring import KeyRing, Role
from keys.merkle import EMPTY_ROOT, Edge, tree_root
from keys.opening import open_snapshot, sign_snapshot
from keys.snapshot import Named, Snapshot
from keys.statuslist import LIFETIME_SECONDS, ListName, StatusList, list_expiry, sign_list, vars_of
from registry.behind import clock_behind, require_publishable
from registry.catalogs import current_catalog
from registry.days import keep_day
from registry.denied_sets import last_good_sizes, write_denied_sets
from registry.errors import RegistryError
from registry.files import Folder, locked
from registry.log import edge_of, published_nibbles, tiles_of
from registry.models import CatalogVersion, KeyRingVersion, LogHead, StatusListRow, TreeNode
from registry.records import publish_records
from registry.signers import Signers

# A list is signed anew this long before it expires, so that a quiet register never runs out.
_RESIGN_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Publication:
    """Where published files go and who signs them; `base_url` is the public address."""

    public: Folder
    records: Folder
    base_url: str


def publish_lock(public: Folder) -> AbstractContextManager[None]:
    """The lock under which published files change; held by one publisher at a time."""
    return locked(public.root.parent / "publish.lock")


def publish(
    reading: sessionmaker[Session],
    publication: Publication,
    signers_of: Callable[[Session], Signers],
    *,
    clock: Callable[[], datetime],
) -> Snapshot:
    """Publish everything logged so far and sign a snapshot of it; gives that snapshot.

    Harmless to repeat and to run several times at once.  Raises `BehindPublished` when the folder
    already holds more than the register does, and whatever the database raises when it is away:
    then nothing is signed.
    """
    with publish_lock(publication.public), reading() as session:
        # The head is read before the clock, so the snapshot's moment is never older than its content.
        head = session.scalars(select(LogHead)).one()
        at = clock()
        # Before the snapshot is opened: its key may be newer than an old register's ring.
        require_publishable(session, head.size, publication.public.root)
        signers = signers_of(session)
        before = _last_snapshot(publication.public, signers)
        if before and before.moment > to_seconds(at):
            raise clock_behind()
        if before is not None:
            keep_day(publication.public, before, signers.ring, at=at)
        return _publish(session, publication, signers, head, before=before, at=at)


def _publish(
    session: Session,
    publication: Publication,
    signers: Signers,
    head: LogHead,
    *,
    before: Snapshot | None,
    at: datetime,
) -> Snapshot:
    moment, public = to_seconds(at), publication.public
    start = before.log_size if before else 0
    edge, manifest = edge_of(head), before.records if before else None
    records = publish_records(session, publication.records, manifest, start, head.size, at=at)
    write_tiles(session, public, start, head.size)
    lists = _write_lists(session, publication, signers, before=before, edge=edge, moment=moment)
    keyring = _write_rings(session, public, signers.ring)
    catalog = _write_catalogs(session, public)
    publication.records.sync()
    public.sync()
    _require_root(public, head.size, edge.root())
    if before is None or before.log_size != head.size or not public.exists(layout.CHECKPOINT):
        _write_checkpoint(public, signers, edge, moment)
    snapshot = Snapshot(
        version=before.version + 1 if before else 1,
        moment=moment,
        log_size=head.size,
        log_root=edge.root(),
        keyring=keyring,
        catalog=catalog,
        lists=lists,
        records=records,
        denied=signers.denied,
    )
    public.sync()
    public.replace(layout.SNAPSHOT, sign_snapshot(snapshot, signers.for_role(Role.STATUS, moment)))
    public.sync()
    write_denied_sets(session, public, signers, moment)
    return snapshot


def _write_checkpoint(public: Folder, signers: Signers, edge: Edge, moment: int) -> None:
    checkpoint = Checkpoint(signers.ring.origin, edge.size, edge.root())
    public.replace(layout.CHECKPOINT, sign_checkpoint(checkpoint, signers.for_role(Role.LOG, moment)))


def _last_snapshot(public: Folder, signers: Signers) -> Snapshot | None:
    signed = public.read(layout.SNAPSHOT)
    return open_snapshot(signed, signers.ring).value if signed is not None else None


def write_tiles(session: Session, public: Folder, start: int, size: int) -> None:
    """Entry bundles and hash tiles from the one that held `start` to the log's end."""
    for number, rows in tiles_of(session, start, size, "leaf", "entry"):
        leaves, entries = zip(*rows, strict=True)
        public.write_new(f"log/{tiles.entries_path(number, len(rows))}", tiles.entry_bundle(entries))
        public.write_new(f"log/{tiles.tile_path(0, number, len(rows))}", b"".join(leaves))
    level = 1
    while size >> (8 * level):
        _write_level(session, public, level, start >> (8 * level), size >> (8 * level))
        level += 1


def _write_level(session: Session, public: Folder, level: int, start: int, count: int) -> None:
    for number in range(start // tiles.TILE_WIDTH, -(-count // tiles.TILE_WIDTH)):
        low = number * tiles.TILE_WIDTH
        hashes = session.scalars(
            select(TreeNode.hash)
            .where(
                TreeNode.level == level,
                TreeNode.number >= low,
                TreeNode.number < min(low + tiles.TILE_WIDTH, count),
            )
            .order_by(TreeNode.number)
        ).all()
        public.write_new(f"log/{tiles.tile_path(level, number, len(hashes))}", b"".join(hashes))


def _require_root(public: Folder, size: int, root: bytes) -> None:
    # What will be signed is what lies on disk: the root is computed from the tiles as written.
    def fetch(path: str) -> bytes:
        content = public.read(f"log/{path}")
        if content is None:
            raise RegistryError(f"{path} is missing after it was written")
        return content

    found = tree_root(size, tiles.TileTree(fetch).node(size)) if size else EMPTY_ROOT
    if found != root:
        raise RegistryError("the published tiles do not lead to the root of the log")


def _write_lists(
    session: Session,
    publication: Publication,
    signers: Signers,
    *,
    before: Snapshot | None,
    edge: Edge,
    moment: int,
) -> bytes:
    public = publication.public
    named = _named_lists(public, before)
    stale = select(StatusListRow).where(StatusListRow.changed_index >= (before.log_size if before else 0))
    rows = {(row.agency, row.year, row.number): row for row in session.scalars(stale)}
    for name in _worn_out(public, named, signers, moment):
        rows.setdefault(vars_of(name), session.get_one(StatusListRow, vars_of(name)))
    for key, row in rows.items():
        name = ListName(*key)
        version = named[name].version + 1 if name in named else 1
        # A stopped run may have left a version behind that no snapshot names: it is passed over.
        while public.exists(layout.list_path(name, version)):
            version += 1
        content = StatusList(
            name=name,
            uri=f"{publication.base_url}/{layout.current_list_path(name)}",
            version=version,
            log_size=edge.size,
            issued=moment,
            expires=moment + LIFETIME_SECONDS,
            nibbles=published_nibbles(row.nibbles),
        )
        signed = sign_list(content, signers.for_role(Role.STATUS, moment))
        public.write_new(layout.list_path(name, version), signed)
        public.replace(layout.current_list_path(name), signed)
        named[name] = Named(version, layout.sha256(signed))
    return _write_list_index(public, named)


def _write_list_index(public: Folder, named: Mapping[ListName, Named]) -> bytes:
    index = layout.encode_list_index(named)
    digest = layout.sha256(index)
    public.write_new(layout.list_index_path(digest), index)
    public.replace(layout.LIST_INDEX, index)
    return digest


def _named_lists(public: Folder, before: Snapshot | None) -> dict[ListName, Named]:
    if before is None:
        return {}
    content = public.read(layout.list_index_path(before.lists))
    if content is None or layout.sha256(content) != before.lists:
        raise RegistryError("the list index that the last snapshot names is missing or changed")
    return layout.parse_list_index(content)


def _worn_out(
    public: Folder, named: Mapping[ListName, Named], signers: Signers, moment: int
) -> list[ListName]:
    # A list under a key that is denied is signed again too: who knows only the draft reads no snapshot.
    denied = {key.public.kid for key in last_good_sizes(signers)}
    found = ((name, _expiry(public, name, entry.version)) for name, entry in named.items())
    return [name for name, (expires, kid) in found if expires - moment < _RESIGN_SECONDS or kid in denied]


# A version of a list never changes, so expiry and key of the newest one are read once a process.
_EXPIRIES: dict[tuple[Path, ListName], tuple[int, tuple[int, bytes]]] = {}


def _expiry(public: Folder, name: ListName, version: int) -> tuple[int, bytes]:
    known = _EXPIRIES.get((public.root, name))
    if known is None or known[0] != version:
        signed = public.read(layout.list_path(name, version))
        known = version, list_expiry(signed) if signed is not None else (0, b"")
        _EXPIRIES[public.root, name] = known
    return known[1]


def _write_rings(session: Session, public: Folder, ring: KeyRing) -> Named:
    signed = _write_versions(
        session, public, KeyRingVersion.version, KeyRingVersion.signed, layout.keyring_path
    )
    public.replace(layout.KEYRING, signed)
    public.replace(layout.JWKS, encode_json(ring.jwks()))
    return Named(ring.version, layout.sha256(signed))


def _write_catalogs(session: Session, public: Folder) -> Named:
    body = _write_versions(session, public, CatalogVersion.version, CatalogVersion.body, layout.catalog_path)
    public.replace(layout.CATALOG, body)
    return Named(current_catalog(session).version, layout.sha256(body))


def _write_versions(
    session: Session,
    public: Folder,
    version: InstrumentedAttribute[int],
    content: InstrumentedAttribute[bytes],
    path_of: Callable[[int], str],
) -> bytes:
    """Write the newest version and any that is not there; gives the newest one's bytes."""
    versions = session.scalars(select(version).order_by(version)).all()
    written = b""
    for number in versions:
        if number == versions[-1] or not public.exists(path_of(number)):
            written = session.scalars(select(content).where(version == number)).one()
            public.write_new(path_of(number), written)
    return written
