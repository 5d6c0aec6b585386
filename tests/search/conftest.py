from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from search.fts import FtsIndex
from tests.search.licenses import LICENSES, documents


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FtsIndex]:
    """An index of four licenses, as a reader opens it."""
    path = tmp_path_factory.mktemp("index") / "public.sqlite"
    with closing(FtsIndex.open(path, read_only=False)) as writer:
        writer.apply(documents(*LICENSES), cursor=4)
        with closing(FtsIndex.open(path, read_only=True)) as reader:
            yield reader


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[FtsIndex]:
    """A new index, open for writing."""
    with closing(FtsIndex.open(tmp_path / "index.sqlite", read_only=False)) as writer:
        yield writer
