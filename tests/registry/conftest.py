"""A register for every test: founded once a run, copied for each test, everything in it real."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from keys.vault import Vault
from registry import founding
from registry.db import open_database
from registry.services import Services
from tests.registry.founded import Clock, found_at, founded
from tests.registry.restoring import World
from tests.registry.two_agencies import START, Founded, found_in, settings_in


@dataclass(frozen=True)
class _Mold:
    """What is founded once a run: the files to copy, and the vault that was unlocked."""

    folder: Path
    vault: Vault


@pytest.fixture(scope="session")
def mold(tmp_path_factory: pytest.TempPathFactory) -> _Mold:
    folder = tmp_path_factory.mktemp("mold")
    database = open_database(f"sqlite:///{folder / 'register.sqlite'}")
    found_in(folder, database)
    database.engine.dispose()
    passphrase = founding.read_passphrase(folder / "private" / "passphrase")
    return _Mold(folder, Vault.unlock(folder / "private" / "keys", passphrase))


@pytest.fixture
def register(mold: _Mold, tmp_path: Path) -> Iterator[Founded]:
    """A fresh register on SQLite."""
    folder = tmp_path / "register"
    shutil.copytree(mold.folder, folder)
    # The vault was unlocked where it was made; new keys go there too, which no other test reads.
    database = open_database(f"sqlite:///{folder / 'register.sqlite'}")
    clock = Clock(START)
    # Publishing is waited for however busy the machine is: an answer means that the act is public.
    services = Services(settings_in(folder), database, mold.vault, clock, patience=60)
    yield Founded(services, clock, folder)
    database.engine.dispose()


@pytest.fixture
def register_on(tmp_path: Path) -> Iterator[Callable[[str], Founded]]:
    """Found a register in the database of a URL (SQLite or PostgreSQL); takes a few seconds."""
    opened = []

    def found(url: str) -> Founded:
        folder = tmp_path / "register"
        database = open_database(url)
        opened.append(database)
        found_in(folder, database)
        passphrase = founding.read_passphrase(folder / "private" / "passphrase")
        vault = Vault.unlock(folder / "private" / "keys", passphrase)
        clock = Clock(START)
        return Founded(Services(settings_in(folder, database_url=url), database, vault, clock), clock, folder)

    yield found
    for database in opened:
        database.engine.dispose()


@pytest.fixture
def on_both(database_url: str, register_on: Callable[[str], Founded]) -> Founded:
    """A register on SQLite and, in a second run of the test, on PostgreSQL."""
    return register_on(database_url)


@pytest.fixture
def world(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """On SQLite and on PostgreSQL; restored into an empty database of the same kind."""
    folder = tmp_path / "register"
    folder.mkdir()
    with ExitStack() as closing:
        if database_url.startswith("sqlite"):
            services = founded(folder)
            empty = open_database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        else:
            services = found_at(folder, database_url, Clock())
            fresh = request.getfixturevalue("postgres").fresh_database()
            empty = open_database(closing.enter_context(fresh))
        closing.callback(empty.engine.dispose)
        closing.callback(services.database.engine.dispose)
        yield World(services, empty, tmp_path / "backup.gz")
