"""Files that come over the network: streamed, numbered at once, read by the follower, kept for a while."""

import io
import os
import threading
from datetime import timedelta

import pytest

from registry.errors import Changed, NotPermitted, Refused
from registry.follow import FileReader, follow
from registry.intake.batches import State
from registry.intake.browsing import rows_of
from registry.intake.receiving import folder_of, receive, shown_name
from registry.intake.releasing import release, withdraw
from registry.intake.undoing import Grounds, start_undo
from registry.intake.uploads import KEPT
from registry.models import Batch, Officer, Upload
from tests.registry.arriving import asked, batch, csv_of, enter, proposed, read, received, upload, uploaded
from tests.registry.two_agencies import Founded


def files(register: Founded) -> list[str]:
    return sorted(path.name for path in folder_of(register.services.config.data).iterdir())


def test_a_file_has_its_number_before_it_is_read_and_keeps_it(on_both: Founded):
    number = uploaded(on_both, csv_of(3))
    assert batch(on_both, number).state == State.RECEIVED
    assert read(on_both) is None  # Nobody has said yet what its columns are.
    asked(on_both, number)
    assert batch(on_both, number).state == State.READING
    assert read(on_both) == number
    found = batch(on_both, number)
    assert (found.state, found.file_name, found.total) == (State.PROPOSED, "month.csv", 3)
    assert found.counts["kinds"]["new"] == 3
    assert read(on_both) is None


def test_a_file_that_cannot_be_read_says_why_and_can_be_asked_for_again(on_both: Founded):
    number = uploaded(on_both, b"%PDF-1.7 not a table")
    asked(on_both, number)
    assert read(on_both) == number
    assert batch(on_both, number).state == State.REFUSED
    assert "PDF" in upload(on_both, number).fault["th"]
    asked(on_both, number)
    assert batch(on_both, number).state == State.READING


def test_what_a_killed_reader_left_is_read_from_the_beginning(on_both: Founded):
    number = uploaded(on_both, csv_of(3))
    asked(on_both, number)
    with on_both.services.database.writing.begin() as session:
        session.get_one(Upload, number).claimed_at = on_both.clock()  # Somebody reads it and is killed.
    assert read(on_both) is None
    on_both.clock.advance(seconds=61)
    assert read(on_both) == number
    with on_both.services.database.reading() as session:
        assert len(rows_of(session, number, size=10)) == 3


def test_other_columns_make_another_diff_of_the_same_file(register: Founded):
    number = proposed(register, csv_of(2))
    asked(register, number)
    read(register)
    assert batch(register, number).total == 2
    with register.services.database.reading() as session:
        assert len(rows_of(session, number, size=10)) == 2


@pytest.mark.parametrize(("login", "error"), [("wanna", NotPermitted), ("chalong", Refused)])
def test_only_the_agency_s_own_issuers_have_it_read_or_thrown_away(
    register: Founded, login: str, error: type[Exception]
):
    number = uploaded(register, csv_of(1))
    with pytest.raises(error):
        asked(register, number, login)
    with pytest.raises(error), register.services.database.writing.begin() as session:
        withdraw(session, number, register.officer(login), at=register.clock())
    assert batch(register, number).state == State.RECEIVED


def test_a_discarded_file_is_not_read(register: Founded):
    number = uploaded(register, csv_of(1))
    with register.services.database.writing.begin() as session:
        withdraw(session, number, register.officer("somying"), at=register.clock())
    with pytest.raises(Changed):
        asked(register, number)


def test_nothing_is_read_for_an_officer_who_was_removed(register: Founded):
    number = uploaded(register, csv_of(1))
    asked(register, number)
    with register.services.database.writing.begin() as session:
        session.get_one(Officer, register.officer("somying").id).disabled_at = register.clock()
    read(register)
    assert batch(register, number).state == State.REFUSED


def test_a_stream_that_breaks_off_leaves_nothing(register: Founded):
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            part = super().read(4)
            if not part:
                raise ConnectionError
            return part

    with pytest.raises(ConnectionError):
        receive(Breaking(b"half of it"), folder_of(register.services.config.data), "x.csv")
    with pytest.raises(Refused):
        received(register, b"")
    assert files(register) == []


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("ต.ค. 69.csv", "ต.ค. 69.csv"),
        (r"C:\งาน\month.csv", "month.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("", "file"),
        ("/", "file"),
        ("x" * 500 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_a_name_is_shown_as_one_line_and_never_used_as_a_path(sent: str, shown: str):
    assert shown_name(sent) == shown


def test_files_are_gone_after_a_month_and_said_to_be(register: Founded):
    number = proposed(register, csv_of(1))
    folder = folder_of(register.services.config.data)
    for path in folder.iterdir():
        moment = register.clock().timestamp()
        os.utime(path, (moment, moment))
    reader = FileReader(register.services)
    register.clock.advance(days=KEPT.days - 1)
    reader.step(register.clock())
    assert len(files(register)) == 1
    register.clock.advance(days=2)
    reader.step(register.clock())
    assert files(register) == []
    with pytest.raises(Refused, match="no longer here"):
        asked(register, number)


def test_the_follower_reads_beside_its_own_work_and_stops_when_told(register: Founded):
    number = uploaded(register, csv_of(2))
    asked(register, number)
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=(register.services, stop))
    thread.start()
    try:
        for _ in range(600):
            if batch(register, number).state == State.PROPOSED:
                break
            stop.wait(0.05)
    finally:
        stop.set()
        thread.join()
    assert batch(register, number).state == State.PROPOSED
    assert timedelta(0) <= register.clock() - batch(register, number).proposed_at


# --- undoings, which are compared in the same way -------------------------------------------------


def published(register: Founded, count: int) -> int:
    """The number of a batch of this many licenses that is entered."""
    number = proposed(register, csv_of(count))
    with register.services.database.writing.begin() as session:
        office = register.services.office(session)
        release(session, number, register.officer("somying"), office=office, at=register.clock())
    enter(register, number)
    return number


def undo_asked(register: Founded, number: int, reason: str = "closed") -> int:
    """The number of the batch that is to undo another, before it is compared."""
    with register.services.database.writing.begin() as session:
        grounds, who = Grounds("มาตรา 45", reason), register.officer("somying")
        return start_undo(session, number, who, grounds, at=register.clock())


def test_an_undoing_is_compared_by_whoever_reads_files_and_not_by_who_asks(on_both: Founded):
    number = published(on_both, 3)
    undo = undo_asked(on_both, number)
    assert (batch(on_both, undo).state, batch(on_both, undo).total) == (State.READING, 0)
    assert undo_asked(on_both, number) == undo  # Asked twice it is one.
    assert read(on_both) == undo
    found = batch(on_both, undo)
    assert (found.state, found.undo_of, found.counts["acts"]) == (State.PROPOSED, number, {"VOIDING": 3})
    assert undo_asked(on_both, number) == undo
    assert read(on_both) is None


def test_an_undoing_whose_reader_was_killed_is_compared_again_whole(on_both: Founded):
    number = published(on_both, 3)
    undo = undo_asked(on_both, number)
    with on_both.services.database.writing.begin() as session:
        session.get_one(Upload, undo).claimed_at = on_both.clock()
    assert read(on_both) is None
    on_both.clock.advance(seconds=61)
    assert read(on_both) == undo
    with on_both.services.database.reading() as session:
        assert len(rows_of(session, undo, size=10)) == 3


def test_an_undoing_that_became_impossible_says_why_and_may_be_asked_for_anew(register: Founded):
    number = published(register, 1)
    undo = undo_asked(register, number)
    with register.services.database.writing.begin() as session:
        session.get_one(Batch, number).state = State.RELEASED
    assert read(register) == undo
    assert batch(register, undo).state == State.REFUSED
    assert "done" in upload(register, undo).fault["en"]
    with register.services.database.writing.begin() as session:
        session.get_one(Batch, number).state = State.DONE
    assert undo_asked(register, number) != undo


def test_an_undoing_without_a_listed_reason_is_refused_before_anything_waits(register: Founded):
    number = published(register, 1)
    with pytest.raises(Refused):
        undo_asked(register, number, reason="none such")
    assert read(register) is None
