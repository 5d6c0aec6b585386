"""A file that comes over the network into the register of two agencies, and is read."""

import io
from collections.abc import Mapping

from registry.intake.batches import Missing, Options, Release
from registry.intake.entering import enter_batch
from registry.intake.receiving import Received, folder_of, receive
from registry.intake.uploads import Wanted, accept, read_next, start_reading
from registry.models import Batch, Upload
from tests.registry.two_agencies import FORM, HAZARD, Founded

GOOD_ROWS = Options(Release.GOOD_ROWS, Missing.LEAVE)
COLUMNS = ("number", "holder", "premises", "address", "place", "valid_from", "field.activity")


def csv_of(count: int, changes: Mapping[str, str] | None = None, *, first: int = 1) -> bytes:
    """A CSV of this many good rows, with flat names as its header and `changes` in each row."""
    lines = [",".join(COLUMNS)]
    for n in range(first, first + count):
        row = {**FORM, "premises": f"ร้านแถวที่ {n}", "number": f"{n}/77/2569", **(changes or {})}
        lines.append(",".join(row[name] for name in COLUMNS))
    return "\r\n".join(lines).encode()


def received(register: Founded, content: bytes, name: str = "month.csv") -> Received:
    """The file in the folder of received files."""
    return receive(io.BytesIO(content), folder_of(register.services.config.data), name)


def uploaded(
    register: Founded, content: bytes, login: str = "somying", *, options: Options = GOOD_ROWS
) -> int:
    """The number of the batch that a file has got, before its columns are said."""
    file = received(register, content)
    with register.services.database.writing.begin() as session:
        wanted = Wanted(HAZARD, "", options)
        return accept(session, file, wanted, register.officer(login), at=register.clock()).id


def asked(register: Founded, number: int, login: str = "somying", *, options: Options = GOOD_ROWS) -> None:
    """Have the file read with its headers as they are."""
    with register.services.database.writing.begin() as session:
        start_reading(session, number, register.officer(login), None, options, at=register.clock())


def read(register: Founded) -> int | None:
    """Read the next file as the follower does."""
    services = register.services
    return read_next(
        services.database, services.office, folder_of(services.config.data), clock=services.clock
    )


def proposed(
    register: Founded, content: bytes, login: str = "somying", *, options: Options = GOOD_ROWS
) -> int:
    """The number of a batch whose file was read."""
    number = uploaded(register, content, login, options=options)
    asked(register, number, login, options=options)
    assert read(register) == number
    return number


def batch(register: Founded, number: int) -> Batch:
    """The batch as it stands."""
    with register.services.database.reading() as session:
        return session.get_one(Batch, number)


def upload(register: Founded, number: int) -> Upload:
    """The file's row as it stands."""
    with register.services.database.reading() as session:
        return session.get_one(Upload, number)


def enter(register: Founded, number: int) -> None:
    """Enter a released batch to its end, as the follower does."""
    services = register.services
    enter_batch(
        services.database,
        services.office,
        number,
        clock=services.clock,
        progress=lambda _entered, _total: None,
    )
