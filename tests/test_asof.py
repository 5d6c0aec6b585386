"""From act to extract over several days: a real register publishes, the public pages tell of each day."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from keys.acts import ActKind
from registry.services import Services as Registry
from tests.registry.founded import Clock, founded, issue, order, revise
from verify.audit import audit
from verify.config import config_from
from verify.extracts import check_extract
from verify.services import services_from
from verify.sources import FolderSource
from verify.web import create_app

HOST = "permit.example.go.th"
JSON = {"Accept": "application/json"}


class World:
    """A register, the public pages over what it publishes, and the clock of both."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.register: Registry = founded(folder, self.clock)
        config = config_from({"PERMITS_DATA": str(folder), "PERMITS_HOST": HOST})
        self.services = replace(services_from(config), clock=self.clock)
        self.app = create_app(self.services)

    @property
    def client(self) -> FlaskClient:
        return FlaskClient(self.app, Response)

    def publish(self) -> None:
        self.register.publish()
        evidence = self.services.evidence.current(self.clock())
        assert evidence is not None
        assert self.services.lookup is not None
        self.services.lookup.advance(evidence)

    def next_day(self) -> None:
        self.clock.advance(days=1)
        self.publish()

    def ask(self, path: str) -> TestResponse:
        answer = self.client.get(path, base_url=f"https://{HOST}", headers=JSON)
        assert answer.status_code == 200, answer.text
        return answer

    def kinds(self, code: str, on: str) -> tuple[str, str]:
        said = self.ask(f"/c/{code}?on={on}").json
        assert said is not None
        return said["known_then"]["verdict"], said["known_now"]["verdict"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.register.database.engine.dispose()


def history(world: World) -> tuple[str, str]:
    """Two licenses of 2 March: one suspended, amended, reinstated and renewed; one voided on 6 March."""
    first, second = (done.code for done in issue(world.register, 1, 2))
    world.publish()
    world.next_day()
    today = world.clock().date()
    order(
        world.register,
        first,
        ActKind.SUSPENSION,
        reason="conditions",
        begins=today,
        until=today.replace(month=12),
    )
    world.publish()
    world.next_day()
    order(world.register, first, ActKind.REINSTATEMENT, begins=world.clock().date())
    revise(world.register, first, ActKind.AMENDMENT, premises="ร้านใหม่")
    world.publish()
    world.next_day()
    world.next_day()
    order(world.register, second, ActKind.VOIDING)
    world.publish()
    return first, second


def test_each_day_is_told_as_it_was_and_as_it_is_known_now(world: World) -> None:
    first, second = history(world)
    assert [world.kinds(first, f"2026-03-0{n}") for n in range(1, 7)] == [
        ("CANNOT_TELL", "CANNOT_TELL"),
        ("VALID", "VALID"),
        ("SUSPENDED", "SUSPENDED"),
        ("VALID", "VALID"),
        ("VALID", "VALID"),
        ("VALID", "VALID"),
    ]
    assert [world.kinds(second, f"{n}/3/2569") for n in (2, 5, 6)] == [
        ("VALID", "REVOKED"),
        ("VALID", "REVOKED"),
        ("REVOKED", "REVOKED"),
    ]


def test_the_extract_of_each_day_says_off_line_what_the_page_says(world: World) -> None:
    codes = history(world)
    ring = (world.register.config.published / "keyring" / "1.cbor").read_bytes()
    for code in codes:
        for n in range(2, 7):
            on = f"2026-03-0{n}"
            found = check_extract(world.ask(f"/c/{code}/extract?on={on}").data, ring).found
            assert (found.then.kind, found.now.kind) == world.kinds(code, on)


def test_as_of_needs_only_public_files_and_the_records_of_today(world: World) -> None:
    first, _ = history(world)
    names = {path.name for path in (world.register.config.published / "snapshots").iterdir()}
    assert names == {f"2026-03-0{n}.{kind}" for n in range(2, 6) for kind in ("cbor", "checkpoint")}
    for path in world.register.config.records.rglob("*"):
        assert "2026-03" not in path.name
    assert world.kinds(first, "2026-03-03") == ("SUSPENDED", "SUSPENDED")


@pytest.mark.parametrize("kind", ["cbor", "checkpoint"])
def test_the_audit_finds_damage_to_what_is_kept_of_a_day(world: World, kind: str) -> None:
    history(world)
    public = world.register.config.published
    assert audit(FolderSource(public), at=world.clock()).findings == []
    path = public / "snapshots" / f"2026-03-03.{kind}"
    good = path.read_bytes()
    other = path.with_name(f"2026-03-02.{kind}").read_bytes()
    bad = {"a flip": good[:60] + bytes([good[60] ^ 1]) + good[61:], "a cut": good[:-3]}
    if kind == "cbor":
        bad["another day's"] = other
    for what, content in bad.items():
        path.write_bytes(content)
        report = audit(FolderSource(public), at=world.clock())
        # A checkpoint is told of too when the snapshot beside it is not what it was.
        kinds = ["cbor", "checkpoint"] if kind == "cbor" else ["checkpoint"]
        assert [f.where for f in report.findings] == [f"snapshots/2026-03-03.{k}" for k in kinds], what
