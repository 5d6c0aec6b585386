"""No damage to a published folder goes unnoticed: by the audit, or by who remembers what was there.

A real register is published four times, each state is kept, and then one file at a time is deleted,
truncated, flipped in one bit, swapped with its sibling, or replayed from an older state.
"""

import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from keys import layout
from keys.acts import ActKind
from keys.catalog import Text
from keys.checkpoint import parse_note
from keys.cosignature import WitnessKey, cosign, cosigned_by, with_cosignatures
from keys.errors import KeysError
from keys.keyring import Role
from keys.signing import SeedSigner
from keys.statuslist import ListName
from registry import founding
from registry.catalogs import put_reason, renew_catalog
from registry.models import EntryRow
from registry.rings import current_ring
from registry.services import Services
from tests.registry.founded import CAPITAL, TOWN, Clock, founded, issue, order, revise
from tests.registry.key_steps import compromise, key_of, log_size
from verify.audit import audit
from verify.check import check_card
from verify.monitor import Seen, Wanted, look
from verify.published import EvidenceWatch
from verify.sources import FolderSource
from verify.verdict import MayOperate

SAMPLE, LONG = 150, 5_000
WITNESS_SIGNER = SeedSigner(b"w" * 32)
WITNESS = WitnessKey("witness.example/w1", WITNESS_SIGNER.public)
WANTED = Wanted(timedelta(minutes=15), [WITNESS], 1)

# Every kind of file that readers take; the publisher's own notes (`opened/`) are none.
KINDS = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "snapshot": r"public/snapshot",
        "checkpoint": r"public/log/checkpoint",
        "hash tile": r"public/log/tile/\d+/\d+",
        "partial hash tile": r"public/log/tile/\d+/\d+\.p/\d+",
        "entry bundle": r"public/log/tile/entries/\d+",
        "partial entry bundle": r"public/log/tile/entries/\d+\.p/\d+",
        "ring": r"public/keyring/\d+\.cbor",
        "newest ring": r"public/keyring\.cbor",
        "key set": r"public/jwks\.json",
        "catalog": r"public/catalog/\d+\.json",
        "newest catalog": r"public/catalog\.json",
        "list index": r"public/status/index/[0-9a-f]{64}\.cbor",
        "newest list index": r"public/status/index\.cbor",
        "list": r"public/status/\d+/\d+/\d+/\d+\.jwt",
        "newest list": r"public/status/\d+/\d+/\d+/current\.jwt",
        "snapshot of a day": r"public/snapshots/[\d-]{10}\.cbor",
        "checkpoint of a day": r"public/snapshots/[\d-]{10}\.checkpoint",
        "denied set": r"public/denied/[0-9a-f]{64}\.cbor",
        "records manifest": r"records/manifest/.*",
        "records page": r"records/page/.*",
        "records bundle": r"records/bundle/.*",
    }.items()
}
OTHERS = re.compile(r"records/opened/.*")
# An older catalog is not signed: only the snapshots of its time vouch for it, and no reader takes it.
ONLY_WHERE_NEEDED = "catalog"
# Without it the witnesses' moments of a day are gone, and nothing else.
MAY_GO = "checkpoint of a day"
HOWS = ("delete", "truncate", "flip", "swap", "replay")


@dataclass
class World:
    """The published folders as they should be, what is true of them, and their older states."""

    folder: Path
    older: list[Path]
    at: datetime
    seen: Seen
    pinned: bytes
    cards: list[tuple[bytes, bool]]
    needed: frozenset[str]

    def alarms(self, *, records: bool) -> list[str]:
        """What the audit and the monitor say."""
        public = FolderSource(self.folder / "public")
        report = audit(
            public,
            at=self.at,
            records=FolderSource(self.folder / "records") if records else None,
            pinned=self.pinned,
            witnesses=[WITNESS],
            quorum=1,
        )
        found = [f"{finding.where}: {finding.what}" for finding in report.findings]
        return found or list(look(public, self.seen, at=self.at, wanted=WANTED, pinned=self.pinned).alarms)

    def wrong_greens(self, *, late: bool) -> int:
        """How many cards that must not be green a new reader is shown green: now, or 15 minutes later."""
        at = self.at + (timedelta(minutes=15) if late else timedelta(0))
        evidence = EvidenceWatch(FolderSource(self.folder / "public"), self.pinned).current(at)
        verdicts = (check_card(card, evidence, at=at) for card, good in self.cards if not good)
        return sum(verdict.may_operate_today is MayOperate.YES for verdict in verdicts)

    def files(self) -> list[str]:
        return sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file())


def cosigned(services: Services) -> None:
    path = services.config.published / "log/checkpoint"
    note = path.read_bytes()
    line = cosign(parse_note(note)[0], WITNESS.name, WITNESS_SIGNER, moment=int(services.clock().timestamp()))
    path.write_bytes(with_cosignatures(note, [line]))


def published_states(services: Services) -> Iterator[None]:
    """Publish after each group of acts, on three days; together they make every kind of file, old and new."""
    assert isinstance(services.clock, Clock)
    first, second, *_ = issue(services, *range(1, 9))
    issue(services, 10, agency=CAPITAL)
    yield
    order(services, first.code, ActKind.SUSPENSION, reason="conditions", until=date(2026, 12, 31))
    revise(services, second.code, ActKind.AMENDMENT, premises="ร้านใหม่")
    services.clock.advance(days=1)
    with services.database.writing.begin() as session:
        put_reason(session, "late", Text("ยื่นช้า", "Filed late"))
        renew_catalog(session)
    yield
    issue(services, *range(20, 300))
    issue(services, 11, agency=CAPITAL)
    services.clock.advance(days=1)
    stolen = key_of(services, Role.AGENCY, CAPITAL)
    compromise(services, stolen, log_size(services))
    passphrase = founding.read_passphrase(services.config.passphrase_file)
    with services.database.writing.begin() as session:
        ring = current_ring(session)
        roots = founding.root_signers(founding.KeyFolder(services.config.key_folder), passphrase, ring)
        founding.vouch(session, services.vault, roots, lifetime=timedelta(days=400), at=services.clock())
    yield
    order(services, first.code, ActKind.REVOCATION, reason="conditions")
    order(services, second.code, ActKind.REVOCATION, reason="conditions")
    # The same key again, from an earlier moment on, and another: their sets can be mistaken for each other.
    compromise(services, stolen, log_size(services) - 20)
    compromise(services, key_of(services, Role.AGENCY, TOWN), log_size(services))
    yield


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("mutations")
    services = founded(folder / "register")
    assert isinstance(services.clock, Clock)
    published, older = services.config.published.parent, []
    for number, _ in enumerate(published_states(services)):
        services.clock.advance(minutes=1)
        services.publish()
        cosigned(services)
        older.append(folder / f"state {number}")
        shutil.copytree(published, older[-1])
    with services.database.reading() as session:
        rows = session.execute(select(EntryRow.code, EntryRow.act, EntryRow.card)).all()
    revoked = {row.code for row in rows if row.act == ActKind.REVOCATION}
    cards = [(row.card, row.code not in revoked) for row in rows if row.card is not None]
    public, at = FolderSource(published / "public"), services.clock()
    pinned = (published / "public/keyring/1.cbor").read_bytes()
    seen = look(public, None, at=at, wanted=WANTED, pinned=pinned).seen
    assert seen is not None
    (published / "publish.lock").unlink(missing_ok=True)
    world = World(published, older[:-1], at, seen, pinned, cards, frozenset())
    assert world.alarms(records=True) == []
    assert [good for _, good in cards].count(False) == 3
    return replace(world, needed=frozenset(_needed(world)))


def _needed(world: World) -> Iterator[str]:
    # What older snapshots named and the newest does not may go: who deletes it takes nothing from a reader.
    for path in world.files():
        file = world.folder / path
        content = file.read_bytes()
        file.unlink()
        if world.alarms(records=path.startswith("records/")):
            yield path
        file.write_bytes(content)


def kind_of(path: str) -> str | None:
    found = [kind for kind, pattern in KINDS.items() if pattern.fullmatch(path)]
    assert len(found) + bool(OTHERS.fullmatch(path)) == 1, path
    return found[0] if found else None


def mutated(world: World, path: str, how: str, rng: random.Random) -> dict[str, bytes | None] | None:
    """The new contents (None: no file) by path, or None where this cannot be done to this file."""
    content = (world.folder / path).read_bytes()
    if how == "delete":
        return {path: None} if path in world.needed else None
    if how == "truncate":
        return {path: content[: rng.randrange(len(content))]} if content else None
    if how == "flip":
        at, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
        return {path: content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]}
    if how == "swap":
        siblings = [p for p in world.files() if p != path and kind_of(p) == kind_of(path)]
        other = rng.choice(siblings) if siblings else path
        theirs = (world.folder / other).read_bytes()
        return {path: theirs, other: content} if theirs != content else None
    states = [state / path for state in world.older if (state / path).exists()]
    before = [state.read_bytes() for state in states]
    # A file whose name is never used again has no older self: its older siblings stand in.
    before += [p.read_bytes() for s in world.older for p in _older_siblings(s, path)] if not before else []
    choices = [old for old in before if old != content]
    return {path: rng.choice(choices)} if choices else None


def _only_loses_a_witness(before: bytes, after: bytes | None) -> bool:
    """Whether a note says what it said, less what a witness said of it: nobody can tell that from a day
    on which the witness was away.
    """
    try:
        notes = [parse_note(note) for note in (before, after or b"")]
        (text, lines), (text_after, lines_after) = notes
        said = [cosigned_by(note, [WITNESS]) for note in (before, after or b"")]
    except KeysError:
        return False
    return (text, lines[0]) == (text_after, lines_after[0]) and said[0] != said[1] == {}


def _older_siblings(state: Path, path: str) -> Iterator[Path]:
    for file in sorted(state.rglob("*")):
        name = file.relative_to(state).as_posix()
        if file.is_file() and name != "publish.lock" and kind_of(name) == kind_of(path):
            yield file


def test_every_path_of_the_layout_is_of_one_of_the_kinds() -> None:
    name, digest, day = ListName(1, 2026, 1), b"d" * 32, date(2026, 11, 22)
    public = {
        "keyring_path": layout.keyring_path(1),
        "catalog_path": layout.catalog_path(1),
        "list_path": layout.list_path(name, 1),
        "current_list_path": layout.current_list_path(name),
        "day_snapshot_path": layout.day_snapshot_path(day),
        "day_checkpoint_path": layout.day_checkpoint_path(day),
        "list_index_path": layout.list_index_path(digest),
        "denied_set_path": layout.denied_set_path(digest),
    }
    records = {
        "manifest_path": layout.manifest_path(digest),
        "page_path": layout.page_path(digest),
        "bundle_path": layout.bundle_path(1, digest),
    }
    assert {name for name in vars(layout) if name.endswith("_path")} == {*public, *records, "number_path"}
    standing = (
        layout.SNAPSHOT,
        layout.CHECKPOINT,
        layout.KEYRING,
        layout.JWKS,
        layout.CATALOG,
        layout.LIST_INDEX,
    )
    paths = [f"public/{path}" for path in (*standing, *public.values())]
    assert all(kind_of(path) for path in [*paths, *(f"records/{path}" for path in records.values())])


def test_the_folder_has_every_kind_of_file(world: World) -> None:
    assert {kind_of(path) for path in world.files()} == {*KINDS, None}


def test_every_file_of_a_standing_name_or_named_by_the_snapshot_is_missed(world: World) -> None:
    assert {kind_of(path) for path in world.needed} == set(KINDS) - {MAY_GO}


@pytest.mark.parametrize(
    "count", [SAMPLE, pytest.param(LONG, marks=pytest.mark.long)], ids=["a sample", "five thousand"]
)
def test_no_mutation_is_missed_or_turns_a_verdict_green(world: World, count: int) -> None:
    rng, missed, tried = random.Random(count), [], Counter[tuple[str, str]]()
    by_kind = {kind: [p for p in world.files() if kind_of(p) == kind] for kind in KINDS}
    by_kind[ONLY_WHERE_NEEDED] = [p for p in by_kind[ONLY_WHERE_NEEDED] if p in world.needed]
    turn = 0
    while tried.total() < count:
        kind, how = list(KINDS)[turn % len(KINDS)], HOWS[turn // len(KINDS) % len(HOWS)]
        turn += 1
        path = rng.choice(by_kind[kind])
        change = mutated(world, path, how, rng)
        if change is None or (
            kind == MAY_GO and _only_loses_a_witness((world.folder / path).read_bytes(), change[path])
        ):
            continue
        tried[kind, how] += 1
        kept = {path: (world.folder / path).read_bytes() for path in change}
        write(world, change)
        # To a reader who remembers nothing, an older snapshot is the truth of its moment until it is too old.
        late = (kind, how) == ("snapshot", "replay")
        if not world.alarms(records=kind.startswith("records")) or world.wrong_greens(late=late):
            missed.append((kind, how, *change))
        write(world, kept)
    assert missed == []
    assert world.alarms(records=True) == []
    assert {kind for kind, _ in tried} == set(KINDS)
    assert {how for _, how in tried} == set(HOWS)


def write(world: World, contents: dict[str, bytes | None] | dict[str, bytes]) -> None:
    for path, content in contents.items():
        if content is None:
            (world.folder / path).unlink()
        else:
            (world.folder / path).write_bytes(content)


@pytest.mark.parametrize("state", [0, 1, 2])
def test_a_whole_folder_rolled_back_is_found_by_who_remembers_and_by_a_saved_checkpoint(
    world: World, state: int
) -> None:
    public = FolderSource(world.older[state] / "public")
    found = look(public, world.seen, at=world.at, wanted=WANTED, pinned=world.pinned)
    assert any(alarm.startswith("ROLLBACK") for alarm in found.alarms)
    saved = (world.folder / "public/log/checkpoint").read_bytes()
    report = audit(public, at=world.at, pinned=world.pinned, saved=[saved])
    assert [finding.where for finding in report.findings] == ["saved checkpoint 1"]
