"""The index file: what it holds after any order of messages, and when it refuses."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.document import LicenseDocument, LicenseFacts, analyze
from search.errors import SearchAway
from search.fts import FtsIndex
from search.sqlite import connect
from tests.search.licenses import HOTEL, LICENSES, PHARMACY, SMILE, ask, documents, found

NAMES = ("ยิ้มสวย", "ยิ้มแย้ม", "รุ่งเรือง", "Smile 12")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[FtsIndex]:
    """A new index, open for writing."""
    with closing(FtsIndex.open(tmp_path / "index.sqlite", read_only=False)) as writer:
        yield writer


def contents(index: FtsIndex) -> tuple[object, ...]:
    """All that an index says: rows, counted terms, and what is found of each name."""
    with index._connected() as connection:
        connection.execute("INSERT INTO posting (posting) VALUES ('integrity-check')")
        return (
            connection.execute("SELECT code, version, visible, names FROM document ORDER BY code").fetchall(),
            connection.execute("SELECT * FROM term ORDER BY term").fetchall(),
            connection.execute("SELECT documents FROM state").fetchone(),
            [found(index, name) for name in NAMES],
        )


@st.composite
def histories(draw: st.DrawFn) -> list[LicenseFacts]:
    """Versions of a few licenses, each (code, log index, revision) with one content."""
    keys = st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 2))
    versions = draw(st.lists(keys, min_size=1, max_size=12, unique=True))
    return [
        replace(
            SMILE,
            code=f"{code:014d}",
            log_index=4 * log_index + code,  # An entry is of one license.
            revision=revision,
            visible=draw(st.integers(0, 4)) > 0,
            premises=draw(st.sampled_from(NAMES)),
            number=f"{code}/{revision}",
        )
        for code, log_index, revision in versions
    ]


@given(data=st.data(), history=histories())
def test_repeated_and_late_messages_in_any_blocks_give_the_same_index(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, history: list[LicenseFacts]
) -> None:
    newest = {
        facts.code: facts for facts in sorted(history, key=lambda facts: (facts.log_index, facts.revision))
    }
    shuffled = data.draw(st.permutations(history + data.draw(st.lists(st.sampled_from(history)))))
    cut = data.draw(st.integers(0, len(shuffled)))
    folder = tmp_path_factory.mktemp("orders")
    with (
        closing(FtsIndex.open(folder / "once", read_only=False)) as once,
        closing(FtsIndex.open(folder / "often", read_only=False)) as often,
    ):
        once.rebuild(documents(*sorted(newest.values(), key=lambda facts: facts.code)), cursor=9)
        often.apply(documents(*shuffled[:cut]), cursor=9)
        often.apply(documents(*shuffled[cut:]), cursor=4)
        assert contents(often) == contents(once)
        assert often.cursor() == once.cursor() == 9


def test_a_projection_revision_is_newer_and_a_later_act_newer_still() -> None:
    first, second = analyze(replace(SMILE, revision=65_535)), analyze(replace(SMILE, log_index=2))
    assert analyze(SMILE).version < first.version < second.version


def test_a_new_index_reflects_nothing(empty: FtsIndex) -> None:
    assert empty.cursor() == 0


def test_the_cursor_lies_in_the_file_and_never_goes_back(empty: FtsIndex) -> None:
    empty.apply([], cursor=7)
    empty.apply([], cursor=3)
    assert empty.cursor() == 7


def test_a_failed_block_leaves_the_index_as_it_was(empty: FtsIndex) -> None:
    empty.apply(documents(SMILE), cursor=1)

    def fails() -> Iterator[LicenseDocument]:
        yield from documents(PHARMACY)
        raise LookupError

    with pytest.raises(LookupError):
        empty.apply(fails(), cursor=2)
    assert empty.cursor() == 1
    assert found(empty) == (SMILE.code,)


def test_what_is_hidden_is_found_no_more_and_no_byte_of_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "index"
    planted = replace(HOTEL, holder="Qzxvkj Wpfmgh", number="90817263545", numbers=(), address="Bnmyui 5")
    with closing(FtsIndex.open(path, read_only=False)) as index:
        index.apply(documents(SMILE, planted), cursor=1)
        assert found(index, "Qzxvkj") == found(index, "90817263545") == (HOTEL.code,)
        index.apply(documents(replace(planted, log_index=5, visible=False)), cursor=2)
        assert found(index, "Qzxvkj") == found(index, "90817263545") == found(index, HOTEL.code) == ()
        assert found(index) == (SMILE.code,)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    assert b"qzxvkj" not in kept
    assert b"908172" not in kept
    assert b"bnmyui" not in kept


def test_the_document_of_a_hidden_license_has_no_token() -> None:
    hidden = analyze(replace(SMILE, visible=False))
    assert not any((hidden.names, hidden.address, hidden.types, hidden.numbers, hidden.sort_key))


def test_rebuilding_drops_what_is_not_named_again(empty: FtsIndex) -> None:
    empty.apply(documents(*LICENSES), cursor=9)
    empty.rebuild(documents(SMILE), cursor=5)
    assert (found(empty), empty.cursor()) == ((SMILE.code,), 5)
    assert found(empty, "สมชาย") == ()


def test_a_reader_waits_for_the_file_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with closing(FtsIndex.open(path, read_only=True)) as reader:
        with pytest.raises(SearchAway):
            reader.cursor()
        with closing(FtsIndex.open(path, read_only=False)) as writer:
            with pytest.raises(SearchAway, match="rebuild"):
                ask(reader, "ยิ้ม")
            writer.apply(documents(SMILE), cursor=1)
            assert found(reader, "ยิ้ม") == (SMILE.code,)


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    with closing(FtsIndex.open(tmp_path / "index", read_only=False)) as writer:
        writer.apply(documents(SMILE), cursor=1)
        with closing(FtsIndex.open(tmp_path / "index", read_only=True)) as reader, pytest.raises(SearchAway):
            reader.apply(documents(PHARMACY), cursor=2)


def test_an_index_of_another_analyzer_is_refused_until_it_is_fed_anew(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with (
        closing(FtsIndex.open(path, read_only=False)) as writer,
        closing(FtsIndex.open(path, read_only=True)) as reader,
    ):
        writer.apply(documents(SMILE, PHARMACY), cursor=2)
        with writer._connected() as connection:
            connection.execute("UPDATE state SET stamp = 'rules-0'")
        with pytest.raises(SearchAway, match="rebuild"):
            ask(reader, "ยิ้ม")
        with pytest.raises(SearchAway, match="rebuild"):
            reader.cursor()
        assert writer.cursor() == 0
        writer.apply(documents(SMILE), cursor=1)
        assert (writer.cursor(), found(reader)) == (1, (SMILE.code,))


def test_a_damaged_file_is_search_away(tmp_path: Path) -> None:
    path = tmp_path / "index"
    path.write_bytes(b"no database, " * 1000)
    with closing(FtsIndex.open(path, read_only=True)) as reader, pytest.raises(SearchAway):
        ask(reader, "ยิ้ม")
    with pytest.raises(SearchAway):
        FtsIndex.open(path, read_only=False)


@pytest.mark.parametrize("left", [0, 100, 5000])
def test_a_file_cut_short_while_it_serves_is_search_away(tmp_path: Path, left: int) -> None:
    path = tmp_path / "index"
    with closing(FtsIndex.open(path, read_only=False)) as writer:
        writer.apply(documents(*LICENSES), cursor=4)
    with closing(FtsIndex.open(path, read_only=True)) as reader:
        assert found(reader, "ยิ้ม") == (SMILE.code,)
        os.truncate(path, left)
        with pytest.raises(SearchAway):
            ask(reader, "หัวหิน")
        with pytest.raises(SearchAway):
            reader.cursor()
        path.unlink()
        with pytest.raises(SearchAway):
            ask(reader, "หัวหิน")
        with closing(FtsIndex.open(path, read_only=False)) as writer:
            writer.apply(documents(PHARMACY), cursor=1)
            assert found(reader, "หัวหิน") == (PHARMACY.code,)


def test_a_full_disk_takes_nothing_and_feeding_goes_on_when_there_is_room(empty: FtsIndex) -> None:
    empty.apply(documents(SMILE), cursor=1)
    with empty._connected() as connection:
        connection.execute("PRAGMA max_page_count=1").fetchall()  # No more than there are.
        many = [replace(PHARMACY, code=f"{n:014d}", log_index=n) for n in range(2, 400)]
        with pytest.raises(SearchAway, match="full"):
            empty.apply(documents(*many), cursor=400)
        assert (empty.cursor(), found(empty)) == (1, (SMILE.code,))
        connection.execute("PRAGMA max_page_count=1000000").fetchall()
    empty.apply(documents(*many), cursor=400)
    assert empty.cursor() == 400


def test_a_replaced_file_is_opened_anew(tmp_path: Path) -> None:
    path, other = tmp_path / "index", tmp_path / "other"
    for file, facts in ((path, SMILE), (other, PHARMACY)):
        with closing(FtsIndex.open(file, read_only=False)) as writer:
            writer.apply(documents(facts), cursor=1)
    with closing(FtsIndex.open(path, read_only=True)) as reader:
        assert found(reader) == (SMILE.code,)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        other.replace(path)
        assert found(reader) == (PHARMACY.code,)


def test_threads_share_an_index_while_it_is_fed(tmp_path: Path) -> None:
    path = tmp_path / "index"
    wrong: list[object] = []

    def read(reader: FtsIndex) -> None:
        for _ in range(60):
            page = ask(reader, "ยิ้มสวย")
            if SMILE.code not in page.codes:
                wrong.append(page)

    with (
        closing(FtsIndex.open(path, read_only=False)) as writer,
        closing(FtsIndex.open(path, read_only=True)) as reader,
    ):
        writer.apply(documents(SMILE), cursor=1)
        threads = [threading.Thread(target=read, args=(reader,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for size in range(2, 40):
            writer.apply(documents(replace(SMILE, log_index=size)), cursor=size)
        for thread in threads:
            thread.join()
        assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_process_opens_its_own_connection(tmp_path: Path) -> None:
    with closing(FtsIndex.open(tmp_path / "index", read_only=False)) as writer:
        writer.apply(documents(SMILE), cursor=1)
        before = writer._connection()
        writer._here.opened = (0, *writer._here.opened[1:])  # As a child sees it: another process opened it.
        assert writer.cursor() == 1
        assert writer._connection() is not before
        assert before.execute("SELECT 1").fetchone() == (1,), "the parent's connection is left alone"


STANDARD_DRIVER = """
import sys
sys.modules["pysqlite3"] = None
from pathlib import Path
from search.sqlite import driver
from search.fts import FtsIndex
from tests.search.licenses import LICENSES, SMILE, documents, found
from dataclasses import replace
assert driver.__name__ == "sqlite3"
index = FtsIndex.open(Path(sys.argv[1]), read_only=False)
index.apply(documents(*LICENSES), cursor=4)
index.apply(documents(replace(SMILE, log_index=5, premises="ร้านใหม่เอี่ยม")), cursor=5)
index.apply(documents(replace(LICENSES[1], log_index=6, visible=False)), cursor=6)
reader = FtsIndex.open(Path(sys.argv[1]), read_only=True)
assert found(reader, "ใหม่เอี่ยม") == found(reader, "0105559007128") == (SMILE.code,)
assert found(reader, "สมชาย") == ()
reader.close()
index.close()
"""


def test_the_standard_library_s_sqlite_makes_and_reads_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "index"
    folder = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", STANDARD_DRIVER, str(path)], check=True, cwd=folder, timeout=60)
    with closing(FtsIndex.open(path, read_only=True)) as reader:
        assert found(reader, "ใหม่เอี่ยม") == (SMILE.code,)


def test_a_locked_file_is_search_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.sqlite.BUSY_SECONDS", 0)
    path = tmp_path / "index"
    with closing(FtsIndex.open(path, read_only=False)) as writer, closing(connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SearchAway, match="locked"):
            writer.apply(documents(SMILE), cursor=1)
        other.execute("ROLLBACK")
