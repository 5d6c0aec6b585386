"""A register that came out of a backup: it stands still until it has caught up with what is published."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from keys.acts import ActKind, Status
from keys.catalog import Text
from keys.entry import parse_entry
from registry import acts, founding, publish
from registry.applications import validate
from registry.backup import back_up, restore
from registry.behind import require_register
from registry.catalogs import put_reason, renew_catalog
from registry.db import open_database
from registry.demo.license_types import FIREARM, HAZARD, license_types
from registry.drafts import Authority
from registry.errors import BehindPublished, CannotRecover, ConfigurationError, Refused
from registry.files import Folder
from registry.follow import Follower
from registry.models import EntryRow, KeyRingVersion, LicenseRow, LogHead, Proposal, StatusListRow
from registry.proposals import DONE
from registry.rings import current_ring
from registry.services import Services
from tests.registry.founded import TOWN, Clock, application, founded, issue, order, raw, revise
from tests.registry.restoring import World, findings, rows_of, run_recover, small
from tests.registry.test_follow import officer, scheduled
from tests.registry.test_publish import entries_of, fields_for, read_published

NUMBERS = ("112/2569", "113/2569")
SUSPENDED = {"reason": "conditions", "until": date(2026, 12, 31)}


def issue_kind(services: Services, kind: int, n: int, **changes: str) -> acts.Done:
    with services.database.writing.begin() as session:
        office = services.office(session)
        texts = {k: v for k, v in raw(n, **changes).items() if not k.startswith("field.")}
        texts |= fields_for(license_types()[kind])
        made = validate(
            texts, office.catalog.types[kind], office.catalog.agencies[TOWN], today=date(2026, 3, 2)
        )
        authority = Authority(None)
        (done,) = acts.issue(session, [made], office=office, authority=authority, at=services.clock())
        return done


def act_a_lot(services: Services, old: list[str]) -> None:
    """Some 300 acts of all kinds on old and new licenses, two rings and a catalog; published in between."""
    clock = services.clock
    assert isinstance(clock, Clock)
    fresh = [done.code for done in issue(services, *range(1000, 1280))]
    services.publish()
    for code in (old[0], fresh[0]):
        order(services, code, ActKind.SUSPENSION, **SUSPENDED)
    for code in (old[1], fresh[1]):
        order(services, code, ActKind.REVOCATION, reason="conditions")
    for code in (old[2], fresh[2]):
        order(services, code, ActKind.ENDING, outcome="ceased")
    for code in (old[3], fresh[3]):
        revise(services, code, ActKind.AMENDMENT, premises="ร้านใหม่")
        revise(services, code, ActKind.REPLACEMENT)
    for code in (old[4], fresh[4]):
        order(services, code, ActKind.RENEWAL_FILING)
        order(services, code, ActKind.SUSPENSION, **SUSPENDED)
        revise(services, code, ActKind.TRANSFER, holder="บริษัท ผู้รับโอน จำกัด", holder_id="0105558004940")
        order(services, code, ActKind.REINSTATEMENT)
    for code in (old[5], fresh[5]):
        order(services, code, ActKind.RENEWAL_FILING)
        revise(services, code, ActKind.RENEWAL, valid_until=date(2028, 3, 1), valid_from=date(2027, 3, 2))
    for code in (old[6], fresh[6]):
        order(services, code, ActKind.RENEWAL_FILING)
        order(services, code, ActKind.RENEWAL_REFUSAL, reason="conditions")
        order(services, code, ActKind.VOIDING, reason="conditions")
    services.publish()
    passphrase = founding.read_passphrase(services.config.passphrase_file)
    folders = founding.KeyFolder(services.config.key_folder)
    with services.database.writing.begin() as session:
        put_reason(session, "closed", Text("เลิกกิจการ", "Closed"))
        renew_catalog(session)
        roots = founding.root_signers(folders, passphrase, current_ring(session))
        clock.advance(days=400)
        founding.turn_year(session, services.vault, roots, lifetime=timedelta(days=400), at=clock())
    services.publish()
    # Numbers of licenses that have expired by now are taken again.
    late = [application(services, n, valid_from="6/4/2570", valid_until="") for n in (1100, 7)]
    late = [replace(each, valid_from=date(2027, 4, 6), valid_until=date(2028, 4, 5)) for each in late]
    with services.database.writing.begin() as session:
        acts.issue(
            session, late, office=services.office(session), authority=Authority(None), at=services.clock()
        )
    clock.advance(seconds=5)
    services.publish()
    clock.advance(seconds=5)


def test_a_restored_register_catches_up_with_all_that_was_published(world: World):
    services = world.services
    old = [done.code for done in issue(services, *range(20))]
    services.publish()
    back_up(services.database, world.backup, at=services.clock())
    act_a_lot(services, old)
    lost_snapshot, _ = read_published(services)
    again = world.restored()
    with pytest.raises(BehindPublished):
        issue(again, 5000)
    with pytest.raises(BehindPublished):
        again.publish()
    with pytest.raises(BehindPublished, match="permits recover"):
        require_register(again.database, again.config.published)
    done = run_recover(again)
    assert (done.size, done.rings, done.catalogs) == (lost_snapshot.log_size, 1, 1)
    assert done.statements > 300
    assert {each.what for each in done.lost} == {"field.inspection_note"}
    assert rows_of(again.database, LicenseRow) == rows_of(services.database, LicenseRow)
    private = ("private", "proposer", "approver")
    before = rows_of(services.database, EntryRow, *private)
    assert rows_of(again.database, EntryRow, *private)[: len(before)] == before
    lists = ("changed_index",)
    assert rows_of(again.database, StatusListRow, *lists) == rows_of(services.database, StatusListRow, *lists)
    assert rows_of(again.database, KeyRingVersion) == rows_of(services.database, KeyRingVersion)
    again.publish()
    snapshot, _ = read_published(again)
    assert snapshot.version == lost_snapshot.version + 1
    assert snapshot.log_size == lost_snapshot.log_size + 1
    entries = entries_of(Folder(again.config.published), snapshot.log_size)
    assert entries[-1].act is ActKind.RECOVERY
    assert nothing_repeats(again)
    assert findings(again) == []


def nothing_repeats(services: Services) -> bool:
    """More acts on the recovered register: no index, position, code or number is given out twice."""
    with services.database.reading() as session:
        size = session.scalars(select(LogHead.size)).one()
        taken = {row.code for row in session.execute(select(LicenseRow.code))}
    fresh = [
        replace(application(services, n), valid_from=date(2027, 4, 7), valid_until=date(2028, 4, 6))
        for n in range(6000, 6050)
    ]
    with services.database.writing.begin() as session:
        made = acts.issue(
            session, fresh, office=services.office(session), authority=Authority(None), at=services.clock()
        )
    assert [done.index for done in made] == list(range(size, size + 50))
    assert not taken & {done.code for done in made}
    with pytest.raises(Refused, match="in force already has the number"):
        issue(services, 7)
    services.publish()
    read_published(services)
    with services.database.reading() as session:
        rows = session.execute(select(EntryRow.entry, EntryRow.act).order_by(EntryRow.log_index)).all()
    places = [
        (entry.agency, entry.ref)
        for entry in (parse_entry(row.entry) for row in rows)
        if entry.act.makes_record
    ]
    assert len(set(places)) == len(places)
    return True


def test_a_register_restored_where_the_published_folder_is_lost_goes_on_from_a_mirror(
    world: World, tmp_path: Path
):
    services, _ = small(world)
    last, _ = read_published(services)
    for name in ("public", "records"):
        shutil.copytree(services.config.published.parent / name, tmp_path / f"mirror-{name}")
    shutil.rmtree(services.config.published.parent)
    again = world.restored()
    with pytest.raises(BehindPublished):
        again.publish()
    with pytest.raises(CannotRecover, match=r"log/tile/entries.*bundle"):
        run_recover(again)
    run_recover(again, tmp_path / "mirror-public", records=tmp_path / "mirror-records")
    again.publish()
    snapshot, _ = read_published(again)
    assert snapshot.version == last.version + 1
    assert rows_of(again.database, LicenseRow) == rows_of(services.database, LicenseRow)
    assert findings(again) == []


class Killed(BaseException):
    """The power went."""


@pytest.mark.parametrize("step", ["_erase_again", "_log_late_rings", "_settle", "_bring_up"])
def test_a_recovery_that_is_killed_leaves_the_old_register_and_is_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
):
    services, _ = small(world)
    again = world.restored()
    before = rows_of(again.database, EntryRow)

    def stop(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(f"registry.recovery.{step}", stop)
        with pytest.raises(Killed):
            run_recover(again)
    assert rows_of(again.database, EntryRow) == before
    with pytest.raises(BehindPublished):
        issue(again, 5000)
    run_recover(again)
    again.publish()
    read_published(again)
    assert rows_of(again.database, LicenseRow) == rows_of(services.database, LicenseRow)


def test_what_a_checkpoint_signed_is_taken_over_although_no_snapshot_names_it(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    services, _ = small(world)
    done = issue(services, 60)

    def stop(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(publish, "sign_snapshot", stop)
        with pytest.raises(Killed):
            services.publish()
    again = world.restored()
    run_recover(again)
    assert rows_of(again.database, LicenseRow) == rows_of(services.database, LicenseRow)
    again.publish()
    snapshot, _ = read_published(again)
    assert snapshot.log_size == done[0].index + 2
    assert findings(again) == []


def test_unsigned_files_of_a_stopped_run_are_in_nobody_s_way(world: World, monkeypatch: pytest.MonkeyPatch):
    services, _ = small(world)
    issue(services, 60)

    def stop(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(publish, "_require_root", stop)
        with pytest.raises(Killed):
            services.publish()
    again = world.restored()
    run_recover(again)
    again.publish()
    read_published(again)
    issue(again, 61)
    again.publish()
    read_published(again)
    assert findings(again) == []


def test_what_is_not_public_is_lost_and_named(world: World):
    """A closed type's statement and a person's number are in no published file."""
    services = world.services
    known = issue_kind(services, FIREARM, 1, number=NUMBERS[0])
    person = issue_kind(services, HAZARD, 2, holder="นายสมชาย ใจดี", holder_id="1101700230708")
    services.publish()
    back_up(services.database, world.backup, at=services.clock())
    issue_kind(services, FIREARM, 3, number=NUMBERS[1])
    order(services, known.code, ActKind.REVOCATION, reason="conditions")
    revise(services, person.code, ActKind.AMENDMENT, premises="ร้านใหม่")
    late = issue_kind(services, HAZARD, 4, holder="นายสมศักดิ์ ใจดี", holder_id="1101700230708")
    services.publish()
    again = world.restored()
    lost = run_recover(again).lost
    told = {(each.code, each.what) for each in lost if each.what != "field.inspection_note"}
    assert told == {
        (None, "the statement of issuance"),
        (known.code, "the statement of revocation"),
        (late.code, "holder_id"),
    }
    rows = {row["code"]: row for row in rows_of(again.database, LicenseRow)}
    assert rows[known.code]["status"] == Status.INVALID
    assert rows[person.code]["holder_id"] == "1101700230708"
    assert rows[late.code]["holder_id"] is None
    again.publish()
    read_published(again)
    revise(again, person.code, ActKind.AMENDMENT, premises="ร้านใหม่กว่า")
    again.publish()
    read_published(again)
    assert findings(again) == []


def test_a_log_that_does_not_extend_the_register_s_own_is_refused(world: World, tmp_path: Path):
    services, codes = small(world)
    with services.database.reading() as session:
        size = session.scalars(select(LogHead.size)).one()
    again = world.restored()
    bundle = next((services.config.published / "log/tile/entries").rglob(f"*.p/{size}"))
    content = bytearray(bundle.read_bytes())
    content[-1] ^= 1
    bundle.write_bytes(content)
    with pytest.raises((CannotRecover, ConfigurationError)):
        run_recover(again)
    with pytest.raises(BehindPublished):
        order(again, codes[1], ActKind.REVOCATION, reason="conditions")


@pytest.mark.parametrize("kind", ["bundle", "manifest", "page"])
def test_a_missing_file_is_named(world: World, kind: str):
    services, _ = small(world)
    shutil.rmtree(services.config.records / kind)
    again = world.restored()
    with pytest.raises(CannotRecover, match=f"{kind}/.*is missing"):
        run_recover(again)


def erase(services: Services, index: int) -> None:
    with services.database.writing.begin() as session:
        entry = session.get_one(EntryRow, index)
        entry.statement = entry.card = entry.private = None
    for path in (services.config.records / "opened").iterdir():
        path.unlink()  # All bundles are written again, as after an erasure.
    services.publish()


def test_an_act_without_a_statement_finds_a_license_taken_over_a_moment_ago(world: World):
    services = world.services
    services.publish()
    back_up(services.database, world.backup, at=services.clock())
    issue_kind(services, FIREARM, 1, number=NUMBERS[0])  # Its statement is in no published file.
    (late,) = issue(services, 4)
    erase(services, order(services, late.code, ActKind.REVOCATION, reason="conditions").index)
    again = world.restored()
    assert (late.code, "the statement of revocation") in {
        (one.code, one.what) for one in run_recover(again).lost
    }
    (row,) = (row for row in rows_of(again.database, LicenseRow) if row["code"] == late.code)
    assert row["status"] == Status.INVALID
    again.publish()
    assert findings(again) == []


def test_a_statement_erased_after_the_backup_is_erased_again(world: World):
    services, codes = small(world)
    with services.database.reading() as session:
        index = session.get_one(LicenseRow, codes[3]).record_index
    erase(services, index)
    again = world.restored()
    assert run_recover(again).erased == 1
    with again.database.reading() as session:
        assert session.get_one(EntryRow, index).statement is None


def test_a_register_restored_in_time_only_needs_to_be_compared(world: World):
    services = world.services
    issue(services, 1)
    services.publish()
    back_up(services.database, world.backup, at=services.clock())
    again = world.restored()
    with pytest.raises(BehindPublished, match="has not been compared"):
        issue(again, 2)
    done = run_recover(again)
    assert done.start == done.size
    issue(again, 2)
    again.publish()
    assert findings(again) == []


def test_an_order_carried_out_after_the_backup_is_not_carried_out_twice(tmp_path: Path):
    clock = Clock()
    services = founded(tmp_path / "register", clock)
    (license_,) = issue(services, 1)
    number = scheduled(services, license_.code, officer(services))
    services.publish()
    back_up(services.database, tmp_path / "backup.gz", at=clock())
    clock.advance(days=9)
    Follower(services).step(clock())
    order(services, license_.code, ActKind.REINSTATEMENT)
    services.publish()
    clock.advance(seconds=5)
    empty = open_database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    restore(empty, tmp_path / "backup.gz", at=clock())
    again = Services(services.config, empty, services.vault, clock)
    assert run_recover(again).settled == 1
    Follower(again).step(clock())
    with again.database.reading() as session:
        assert session.get_one(Proposal, number).state == DONE
        assert session.get_one(LicenseRow, license_.code).status == Status.VALID
    for database in (empty, services.database):
        database.engine.dispose()
