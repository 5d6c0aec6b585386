"""A small register for each test, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.services import Services
from tests.registry.founded import Clock, found_at, founded


@pytest.fixture
def register(database_url: str, tmp_path: Path) -> Iterator[Services]:
    """A small register on SQLite and, in a second run, on PostgreSQL."""
    folder = tmp_path / "register"
    if database_url.startswith("sqlite"):
        services = founded(folder)
    else:
        folder.mkdir()
        services = found_at(folder, database_url, Clock())
    yield services
    services.database.engine.dispose()
