"""A register for every test: founded once a run, copied for each test, everything in it real."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from nacl.pwhash import argon2id

from keys.vault import Vault
from registry import founding
from registry.db import open_database
from registry.services import Services
from tests import servers
from tests.registry.founded import Clock, copied, found_at, founded
from tests.registry.restoring import World
from tests.registry.two_agencies import START, Founded, found_in, settings_in


@dataclass(frozen=True)
class _Mold:
    """What is founded once a run: the files to copy, and the vault that was unlocked."""

    folder: Path
    vault: Vault


@pytest.fixture(scope="session", autouse=True)
def _each_passphrase_is_stretched_once() -> Iterator[None]:
    """Opening a key takes most of a second, which is right for keys and long for hundreds of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argon2id, "kdf", cache(argon2id.kdf))
        yield


@pytest.fixture(scope="session")
def mold(tmp_path_factory: pytest.TempPathFactory) -> _Mold:
    folder = tmp_path_factory.mktemp("mold")
    return _found_mold(folder, f"sqlite:///{folder / 'register.sqlite'}")


def _found_mold(folder: Path, url: str) -> _Mold:
    database = open_database(url)
    found_in(folder, database)
    database.engine.dispose()
    passphrase = founding.read_passphrase(folder / "private" / "passphrase")
    return _Mold(folder, Vault.unlock(folder / "private" / "keys", passphrase))


@pytest.fixture
def register(mold: _Mold, tmp_path: Path) -> Iterator[Founded]:
    """A fresh register on SQLite."""
    folder = tmp_path / "register"
    yield from _copied(mold, folder, f"sqlite:///{folder / 'register.sqlite'}")


def _copied(mold: _Mold, folder: Path, url: str) -> Iterator[Founded]:
    shutil.copytree(mold.folder, folder)
    # The vault was unlocked where it was made; new keys go there too, which no other test reads.
    database = open_database(url)
    clock = Clock(START)
    # Publishing is waited for however busy the machine is: an answer means that the act is public.
    config = settings_in(folder, database_url=url)
    yield Founded(Services(config, database, mold.vault, clock, patience=60), clock, folder)
    database.engine.dispose()


@pytest.fixture(scope="session")
def mold_on_postgres(
    postgres: servers.Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[_Mold, str]]:
    """The same in PostgreSQL, and the URL of the database to copy."""
    folder = tmp_path_factory.mktemp("mold-on-postgres")
    with postgres.fresh_database() as url:
        yield _found_mold(folder, url), url


@pytest.fixture
def on_both(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Founded]:
    """A register on SQLite and, in a second run of the test, on PostgreSQL."""
    if database_kind == "sqlite":
        yield request.getfixturevalue("register")
        return
    mold, like = request.getfixturevalue("mold_on_postgres")
    with request.getfixturevalue("postgres").fresh_database(like) as url:
        yield from _copied(mold, tmp_path / "register", url)


@pytest.fixture(scope="session")
def small_on_postgres(
    postgres: servers.Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """The folder of what `found_at` makes in PostgreSQL, and the URL of its database, both to copy."""
    folder = tmp_path_factory.mktemp("small-on-postgres")
    with postgres.fresh_database() as url:
        found_at(folder, url, Clock()).database.engine.dispose()
        yield folder, url


@pytest.fixture
def small_register(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    """What `founded` makes, on SQLite and, in a second run of the test, on PostgreSQL."""
    folder = tmp_path / "register"
    with ExitStack() as closing:
        if database_kind == "sqlite":
            services = founded(folder)
        else:
            template, like = request.getfixturevalue("small_on_postgres")
            fresh = request.getfixturevalue("postgres").fresh_database(like)
            services = copied(template, folder, closing.enter_context(fresh), Clock())
        closing.callback(services.database.engine.dispose)
        yield services


@pytest.fixture
def world(small_register: Services, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """On SQLite and on PostgreSQL; restored into an empty database of the same kind."""
    with ExitStack() as closing:
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
        if not small_register.config.database_url.startswith("sqlite"):
            url = closing.enter_context(request.getfixturevalue("postgres").fresh_database())
        empty = open_database(url)
        closing.callback(empty.engine.dispose)
        yield World(small_register, empty, tmp_path / "backup.gz")
