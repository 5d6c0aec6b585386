"""Backups: one moment of the register, whole or refused, for either engine."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry import founding
from registry.backup import back_up, restore
from registry.db import open_database
from registry.errors import ConfigurationError
from registry.models import LicenseRow
from tests.registry.founded import Clock, found_at, issue
from tests.registry.restoring import World, rows_of, small
from wsgi import permits

SUSPENDED = {"reason": "conditions", "until": date(2026, 12, 31)}


def test_a_backup_is_restored_into_an_empty_database_only(world: World):
    services, _ = small(world)
    with pytest.raises(ConfigurationError, match="not empty"):
        restore(services.database, world.backup, at=services.clock())
    world.restored()
    with pytest.raises(ConfigurationError, match="not empty"):
        restore(world.empty, world.backup, at=services.clock())


def test_a_damaged_backup_fills_nothing(world: World):
    services, _ = small(world)
    world.backup.write_bytes(world.backup.read_bytes()[:-40])
    with pytest.raises(ConfigurationError, match="not a whole backup"):
        world.restored()
    assert services.database.engine.dialect.name == world.empty.engine.dialect.name


def test_a_backup_shows_one_moment_and_goes_to_the_other_engine(world: World, tmp_path: Path):
    """Officers act while it is written; what is restored on SQLite is what there was when it began."""
    services = world.services
    issue(services, *range(300))
    before = rows_of(services.database, LicenseRow)
    acted: list[object] = []

    def act(_rows: int, _total: int) -> None:
        if not acted:
            acted.append(issue(services, 400))

    back_up(services.database, world.backup, at=services.clock(), progress=act)
    assert acted
    other = open_database(f"sqlite:///{tmp_path / 'other.sqlite'}")
    restore(other, world.backup, at=services.clock())
    assert rows_of(other, LicenseRow) == before
    other.engine.dispose()


def test_a_backup_holds_no_private_key(world: World):
    services, _ = small(world)
    content = gzip.decompress(world.backup.read_bytes())
    assert b"permit-key" not in content
    assert founding.read_passphrase(services.config.passphrase_file) not in content
    assert world.backup.stat().st_mode & 0o777 == 0o600


def test_the_commands_back_up_restore_and_recover(tmp_path: Path):
    clock = Clock(datetime.now(UTC))
    (tmp_path / "register").mkdir()
    # Founded today, for keys are of years.
    services = found_at(
        tmp_path / "register", f"sqlite:///{tmp_path / 'register' / 'register.sqlite'}", clock
    )
    issue(services, 1)
    services.publish()
    environment = {"PERMITS_HOST": "permit.example.go.th", "PERMITS_DATA": str(tmp_path / "register")}
    run = CliRunner(env=environment).invoke
    backup = str(tmp_path / "backup.gz")
    assert "log entries" in run(permits, ["backup", backup]).output
    assert "there already" in run(permits, ["backup", backup]).output
    issue(services, 2)
    services.publish()
    services.database.engine.dispose()
    for path in (tmp_path / "register").glob("register.sqlite*"):
        path.unlink()
    assert "permits recover" in run(permits, ["restore", backup]).output
    refused = run(permits, ["publish"])
    assert (refused.exit_code, "run `permits recover`" in refused.output) == (1, True)
    refused = run(permits, ["serve"])
    assert (refused.exit_code, "run `permits recover`" in refused.output) == (1, True)
    done = run(permits, ["recover"])
    assert (done.exit_code, "Took over 1 entries" in done.output) == (0, True), done.output
    assert run(permits, ["publish"]).exit_code == 0
