"""One demonstration register of the smallest size that still has everything, built once for these tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from registry.config import RegistryConfig
from registry.db import Database, open_database
from registry.demo import Showcase, build_demo
from registry.models import Tables

SMALL = 120


@dataclass(frozen=True)
class Built:
    """A register that was built, its settings and the moment its content ends at."""

    config: RegistryConfig
    database: Database
    showcase: Showcase
    as_of: datetime


def build(
    folder: Path, as_of: datetime, *, seed: int = 2569, licenses: int = SMALL, database_url: str = ""
) -> Built:
    """A demonstration in a folder of its own, and in a database there unless another is named."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {"PERMITS_DATA": str(folder), "PERMITS_HOST": "permit.example"}
    if database_url:
        environment["PERMITS_DATABASE_URL"] = database_url
    config = RegistryConfig.from_environment(environment)
    database = open_database(config.database_url)
    Tables.metadata.create_all(database.engine)
    showcase = build_demo(config, as_of=as_of, seed=seed, licenses=licenses)
    return Built(config, database, showcase, as_of)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The register of today: its verdicts are told by the real clock of those who read it."""
    built = build(tmp_path_factory.mktemp("demo"), datetime.now(UTC) - timedelta(seconds=30))
    yield built
    built.database.engine.dispose()
