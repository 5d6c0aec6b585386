"""Published files: always the old or the new state, both true, wherever publishing stops."""

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from keys import layout, tiles
from keys.acts import ActKind, Status
from keys.checkpoint import open_checkpoint
from keys.entry import LogEntry, parse_entry
from keys.keyring import KeyRing, Role, follow_ring, pin_ring
from keys.layout import Presence
from keys.merkle import leaf_hash, tree_root
from keys.opening import open_snapshot, open_statement
from keys.snapshot import Snapshot
from keys.statuslist import ListName, open_list
from registry import acts
from registry.applications import validate
from registry.demo.license_types import FIREARM, license_types
from registry.drafts import Authority
from registry.errors import BehindPublished
from registry.files import Folder
from registry.publish import Publication, publish
from registry.services import Services
from tests.registry.founded import TOWN, Clock, founded, issue, order, raw, revise, row_of


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path)


class Stopped(Exception):
    """The power went."""


class FailingFolder(Folder):
    """A real folder whose n-th step, a write or a naming, is lost, or done but not acknowledged."""

    def __init__(self, root: Path, steps_left: list[int], *, done: bool) -> None:
        super().__init__(root)
        self._steps_left = steps_left
        self._done = done

    def _write(self, target: Path, content: bytes) -> None:
        self._step(lambda: super(FailingFolder, self)._write(target, content))

    def _name(self, target: Path) -> None:
        self._step(lambda: super(FailingFolder, self)._name(target))

    def _step(self, step: Callable[[], None]) -> None:
        self._steps_left[0] -= 1
        if self._steps_left[0] == 0:
            if self._done:
                step()
            raise Stopped
        step()


def read_ring(public: Folder) -> KeyRing:
    """The newest ring, reached from the first as a reader does."""
    ring, version = pin_ring(public.read(layout.keyring_path(1)) or b""), 1
    while (signed := public.read(layout.keyring_path(version + 1))) is not None:
        ring, version = follow_ring(ring, signed), version + 1
    return ring


def read_published(services: Services) -> tuple[Snapshot, dict[tuple[int, int, int, int], int]]:
    """Verify everything the newest snapshot names; gives it and the statuses of logged positions."""
    public, records = Folder(services.config.published), Folder(services.config.records)
    ring = read_ring(public)
    snapshot = open_snapshot(public.read(layout.SNAPSHOT) or b"", ring).value
    signed_ring = public.read(layout.keyring_path(snapshot.keyring.version)) or b""
    assert layout.sha256(signed_ring) == snapshot.keyring.digest
    catalog = public.read(layout.catalog_path(snapshot.catalog.version)) or b""
    assert layout.sha256(catalog) == snapshot.catalog.digest
    assert root_of_tiles(public, snapshot.log_size) == snapshot.log_root
    entries = entries_of(public, snapshot.log_size)
    index = public.read(layout.list_index_path(snapshot.lists)) or b""
    assert layout.sha256(index) == snapshot.lists
    lists = {}
    for name, named in layout.parse_list_index(index).items():
        signed = public.read(layout.list_path(name, named.version)) or b""
        assert layout.sha256(signed) == named.digest
        lists[name] = open_list(signed, ring)
    statuses = {}
    for entry in entries:
        if entry.ref is not None and entry.agency is not None:
            name = ListName(entry.agency, entry.ref.year, entry.ref.number)
            key = (entry.agency, entry.ref.year, entry.ref.number, entry.ref.position)
            statuses[key] = lists[name].status_at(entry.ref.position)
    check_records(records, snapshot, ring, entries)
    return snapshot, statuses


def root_of_tiles(public: Folder, size: int) -> bytes:
    def fetch(path: str) -> bytes:
        return (public.root / "log" / path).read_bytes()

    return tree_root(size, tiles.TileTree(fetch).node(size))


def entries_of(public: Folder, size: int) -> list[LogEntry]:
    entries: list[LogEntry] = []
    for number in range(-(-size // 256)):
        width = min(256, size - number * 256)
        bundle = public.read(f"log/{tiles.entries_path(number, width)}") or b""
        hashes = public.read(f"log/{tiles.tile_path(0, number, width)}") or b""
        found = tiles.parse_bundle(bundle)
        assert [leaf_hash(entry) for entry in found] == [
            hashes[i : i + 32] for i in range(0, len(hashes), 32)
        ]
        entries += map(parse_entry, found)
    return entries


def check_records(records: Folder, snapshot: Snapshot, ring: KeyRing, entries) -> None:
    manifest = records.read(layout.manifest_path(snapshot.records)) or b""
    assert layout.sha256(manifest) == snapshot.records
    size, pages = layout.parse_manifest(manifest)
    assert size == snapshot.log_size
    for at, digest in enumerate(pages):
        content = records.read(layout.page_path(digest)) or b""
        assert layout.sha256(content) == digest
        page = layout.parse_page(content)
        for bundle_at, bundle_digest in enumerate(page.digests):
            number = at * layout.PAGE_BUNDLES + bundle_at
            bundle = records.read(layout.bundle_path(number, bundle_digest)) or b""
            assert layout.sha256(bundle) == bundle_digest
            for offset, pair in enumerate(layout.parse_bundle(bundle)):
                entry = entries[number * 256 + offset]
                present = page.at(bundle_at, offset) is Presence.PRESENT
                assert present == (pair is not None)
                if pair is not None:
                    assert layout.sha256(pair[0]) == entry.statement
                    assert open_statement(pair[0], ring).value.index == number * 256 + offset
                    assert (layout.sha256(pair[1]) if pair[1] else None) == entry.card


def status_of(services: Services, code: str, statuses: dict[tuple[int, int, int, int], int]) -> int:
    row = row_of(services, code)
    return statuses[row.agency, row.list_year, row.list_number, row.position]


def test_what_was_acted_is_what_is_published(register: Services):
    first, second, third = issue(register, 1, 2, 3)
    order(register, second.code, ActKind.REVOCATION, reason="conditions")
    revise(register, third.code, ActKind.AMENDMENT, premises="ร้านใหม่")
    register.publish()
    snapshot, statuses = read_published(register)
    assert status_of(register, first.code, statuses) == Status.VALID
    assert status_of(register, second.code, statuses) == Status.INVALID
    assert sorted(statuses.values()) == [0, 0, 1, 11]
    checkpoint = open_checkpoint(
        Folder(register.config.published).read(layout.CHECKPOINT) or b"",
        read_ring(Folder(register.config.published)).origin,
        [key.public for key in read_ring(Folder(register.config.published)).with_role(Role.LOG)],
    )
    assert (checkpoint.size, checkpoint.root) == (snapshot.log_size, snapshot.log_root)


def interrupted(services: Services, write: int, *, done: bool) -> bool:
    """Publish with the n-th write or naming failing; gives whether it got to fail."""
    left = [write]
    publication = Publication(
        FailingFolder(services.config.published, left, done=done),
        FailingFolder(services.config.records, left, done=done),
        services.config.base_url,
    )
    try:
        publish(services.database.reading, publication, services.signers, clock=services.clock)
    except Stopped:
        return True
    return False


@pytest.mark.parametrize("done", [False, True], ids=["lost", "done but not acknowledged"])
def test_a_stop_at_any_step_leaves_the_old_or_the_new_state_and_is_repaired(
    register: Services, *, done: bool
):
    (license_,) = issue(register, 1)
    register.publish()
    assert isinstance(register.clock, Clock)
    write, stopped = 1, True
    while stopped:
        old, _ = read_published(register)
        act = ActKind.SUSPENSION if write % 2 else ActKind.REINSTATEMENT
        content = {"reason": "conditions", "until": date(2026, 12, 31)} if write % 2 else {}
        order(register, license_.code, act, **content)
        register.clock.advance(seconds=7)
        stopped = interrupted(register, write, done=done)
        seen, _ = read_published(register)
        assert seen == old or seen.log_size == old.log_size + 1
        register.clock.advance(seconds=7)
        repaired = register.publish()
        snapshot, statuses = read_published(register)
        assert snapshot == repaired
        assert snapshot.version > seen.version - 1
        assert status_of(register, license_.code, statuses) == (
            Status.SUSPENDED if write % 2 else Status.VALID
        )
        write += 1
    assert (
        write > 2 * 11
    )  # Every kind of file was among those that were written and those that got their names.


def test_publishing_again_without_news_only_makes_a_newer_snapshot(register: Services):
    issue(register, *range(1, 20))
    first = register.publish()
    files = {path: path.read_bytes() for path in register.config.published.rglob("*") if path.is_file()}
    assert isinstance(register.clock, Clock)
    register.clock.advance(seconds=60)
    second = register.publish()
    assert (second.version, second.log_size) == (first.version + 1, first.log_size)
    changed = [path.name for path, content in files.items() if path.read_bytes() != content]
    assert changed == ["snapshot"]


def test_four_publishers_at_once_do_no_harm(register: Services):
    errors: list[BaseException] = []

    def run() -> None:
        try:
            for _ in range(5):
                register.publish()
        except BaseException as error:  # noqa: BLE001  # The test asserts that there was none.
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(1, 31):
        issue(register, n)
    for thread in threads:
        thread.join()
    assert errors == []
    register.publish()
    snapshot, statuses = read_published(register)
    assert len(statuses) == 30
    assert snapshot.version >= 20


def test_a_register_older_than_what_it_published_publishes_nothing(register: Services, tmp_path: Path):
    issue(register, 1)
    register.publish()
    older = founded(tmp_path / "older")
    old_publication = Publication(
        Folder(register.config.published), Folder(register.config.records), register.config.base_url
    )
    before = Folder(register.config.published).read(layout.SNAPSHOT)
    with pytest.raises(BehindPublished):
        publish(older.database.reading, old_publication, register.signers, clock=register.clock)
    assert Folder(register.config.published).read(layout.SNAPSHOT) == before


def test_nothing_is_signed_before_the_last_snapshots_moment(register: Services):
    register.publish()
    assert isinstance(register.clock, Clock)
    register.clock.advance(seconds=-5)
    with pytest.raises(BehindPublished):
        register.publish()


def test_a_list_is_signed_anew_before_it_expires(register: Services):
    issue(register, 1)
    register.publish()
    assert isinstance(register.clock, Clock)
    for _ in range(8):
        register.clock.advance(days=1)
        register.publish()
    public = Folder(register.config.published)
    index = layout.parse_list_index(public.read(layout.LIST_INDEX) or b"")
    for name, named in index.items():
        content = open_list(public.read(layout.list_path(name, named.version)) or b"", read_ring(public))
        assert content.expires > register.clock().timestamp()
        assert named.version == 2


def test_a_closed_types_statement_is_logged_but_not_in_the_records(register: Services):
    with register.database.writing.begin() as session:
        office = register.office(session)
        catalog = office.catalog
        kind = license_types()[FIREARM]
        texts = raw(1, number=kind.number_example)

        application = validate(
            {k: v for k, v in texts.items() if not k.startswith("field.")} | fields_for(kind),
            catalog.types[FIREARM],
            catalog.agencies[TOWN],
            today=date(2026, 3, 2),
        )
        (done,) = acts.issue(
            session, [application], office=office, authority=Authority(None), at=register.clock()
        )
    register.publish()
    snapshot, statuses = read_published(register)
    assert len(statuses) == 1
    records = Folder(register.config.records)
    _, pages = layout.parse_manifest(records.read(layout.manifest_path(snapshot.records)) or b"")
    page = layout.parse_page(records.read(layout.page_path(pages[0])) or b"")
    assert page.at(0, done.index) is Presence.CLOSED


def fields_for(kind) -> dict[str, str]:
    """A value for each required field of a type, by its schema."""
    values = {}
    for own in kind.fields:
        if own.required:
            schema = kind.schema["properties"][own.key]
            values[f"field.{own.key}"] = str(schema.get("enum", ["1"])[0])
    return values
