"""The last snapshot of each day stays for ever, wherever publishing stops around midnight."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from keys import layout
from keys.acts import ActKind
from keys.catalog import Text
from keys.checkpoint import parse_note
from keys.cosignature import cosign, with_cosignatures
from keys.dates import bangkok_date, from_seconds
from keys.keyring import Role
from keys.opening import open_snapshot
from keys.signing import SeedSigner
from keys.statuslist import open_list, sign_list
from registry.catalogs import put_reason, renew_catalog
from registry.files import Folder
from registry.services import Services
from tests.registry.founded import Clock, founded, issue, order
from tests.registry.key_steps import key_of
from tests.registry.restoring import findings
from tests.registry.test_publish import interrupted, read_published, read_ring

SECOND = date(2026, 3, 3)


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path)


def clock_of(services: Services) -> Clock:
    assert isinstance(services.clock, Clock)
    return services.clock


def kept(services: Services) -> dict[str, bytes]:
    folder = services.config.published / layout.DAYS
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_the_last_snapshot_of_a_day_is_kept_when_the_next_day_has_one(register: Services) -> None:
    public = Folder(register.config.published)
    issue(register, 1)
    register.publish()
    clock_of(register).advance(hours=2)
    register.publish()
    last, note = public.read(layout.SNAPSHOT), public.read(layout.CHECKPOINT)
    assert kept(register) == {}
    clock_of(register).advance(days=1)
    register.publish()
    assert kept(register) == {"2026-03-02.cbor": last, "2026-03-02.checkpoint": note}
    clock_of(register).advance(days=3)
    register.publish()
    assert sorted(kept(register)) == [
        *("2026-03-02.cbor", "2026-03-02.checkpoint", "2026-03-03.cbor", "2026-03-03.checkpoint")
    ]


def test_the_day_changes_at_midnight_in_bangkok(register: Services) -> None:
    clock_of(register).moment = clock_of(register).moment.replace(hour=16, minute=59, second=59)
    register.publish()
    clock_of(register).advance(seconds=0.5)
    register.publish()
    assert kept(register) == {}
    clock_of(register).advance(seconds=0.5)
    register.publish()
    assert "2026-03-02.cbor" in kept(register)


def test_what_a_kept_snapshot_names_is_still_there_later(register: Services) -> None:
    (license_,) = issue(register, 1)
    register.publish()
    for _ in range(9):
        clock_of(register).advance(days=1)
        order(register, license_.code, ActKind.SUSPENSION, reason="conditions", until=date(2026, 12, 31))
        register.publish()
        order(register, license_.code, ActKind.REINSTATEMENT)
        register.publish()
    public = Folder(register.config.published)
    for name, signed in kept(register).items():
        if name.endswith(".cbor"):
            snapshot = open_snapshot(signed, read_ring(public)).value
            assert f"{bangkok_date(from_seconds(snapshot.moment))}.cbor" == name
            index = public.read(layout.list_index_path(snapshot.lists)) or b""
            for list_name, named in layout.parse_list_index(index).items():
                content = public.read(layout.list_path(list_name, named.version)) or b""
                assert layout.sha256(content) == named.digest
            assert public.exists(layout.keyring_path(snapshot.keyring.version))
            assert public.exists(layout.catalog_path(snapshot.catalog.version))
    assert len(kept(register)) == 2 * 9


@pytest.mark.parametrize("done", [False, True], ids=["lost", "done but not acknowledged"])
def test_a_stop_at_any_write_after_midnight_keeps_the_day_all_the_same(
    register: Services, *, done: bool
) -> None:
    issue(register, 1)
    register.publish()
    public = Folder(register.config.published)
    write, stopped = 1, True
    while stopped:
        day = bangkok_date(register.clock())
        last = public.read(layout.SNAPSHOT)
        clock_of(register).advance(days=1)
        issue(register, write + 1)
        stopped = interrupted(register, write, done=done)
        read_published(register)
        clock_of(register).advance(seconds=7)
        register.publish()
        read_published(register)
        assert public.read(layout.day_snapshot_path(day)) == last
        write += 1
    assert write > 10


def test_cosignatures_that_come_between_a_stop_and_the_repeat_do_no_harm(register: Services) -> None:
    issue(register, 1)
    register.publish()
    public = Folder(register.config.published)
    note = public.read(layout.CHECKPOINT) or b""
    clock_of(register).advance(days=1)
    assert interrupted(
        register, 4, done=True
    )  # Both files of the day are there, the snapshot is the old one.
    line = cosign(parse_note(note)[0], "witness.example/w1", SeedSigner(b"w" * 32), moment=7)
    public.replace(layout.CHECKPOINT, with_cosignatures(note, [line]))
    public.sync()
    register.publish()
    assert kept(register)["2026-03-02.checkpoint"] == note


def test_a_checkpoint_of_another_tree_is_not_kept_with_the_day(register: Services) -> None:
    issue(register, 1)
    register.publish()
    public = Folder(register.config.published)
    old = public.read(layout.SNAPSHOT)
    issue(register, 2)
    register.publish()
    public.replace(layout.SNAPSHOT, old or b"")  # As after a stop between checkpoint and snapshot.
    public.sync()
    clock_of(register).advance(days=1)
    register.publish()
    assert sorted(kept(register)) == ["2026-03-02.cbor"]


def test_the_audit_misses_every_part_of_the_evidence_of_a_day(register: Services) -> None:
    (done,) = issue(register, 1)
    register.publish()
    clock_of(register).advance(days=1)
    order(register, done.code, ActKind.SUSPENSION, reason="conditions", until=SECOND)
    with register.database.writing.begin() as session:
        put_reason(session, "late", Text("ยื่นช้า", "Filed late"))
        renew_catalog(session)
    register.publish()
    assert findings(register) == []
    public = register.config.published
    ring = read_ring(Folder(public))
    snapshot = open_snapshot(kept(register)["2026-03-02.cbor"], ring).value
    index = layout.list_index_path(snapshot.lists)
    [(name, named)] = layout.parse_list_index((public / index).read_bytes()).items()
    for path in (
        layout.list_path(name, named.version),
        index,
        layout.catalog_path(snapshot.catalog.version),
    ):
        content = (public / path).read_bytes()
        (public / path).unlink()
        assert [finding.where for finding in findings(register)] == [path]
        (public / path).write_bytes(content)
    # Another list of that name and version, signed as well: whoever has the status key can make one.
    file = public / layout.list_path(name, named.version)
    status = register.vault.signer(key_of(register, Role.STATUS).public)
    forged = replace(open_list(file.read_bytes(), ring), nibbles=b"\x11" * 32_768)
    file.write_bytes(sign_list(forged, status))
    assert [finding.where for finding in findings(register)] == [layout.list_path(name, named.version)]
