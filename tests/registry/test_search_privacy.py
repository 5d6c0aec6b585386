"""Nothing that tells a person apart is in the public index, in any form: planted, fed, and looked for byte by byte."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from keys.dates import bangkok_date, to_days
from registry import acts
from registry.applications import validate
from registry.demo.license_types import COMMERCIAL, FIREARM, HAZARD
from registry.demo.people import with_check_digit
from registry.drafts import Authority
from registry.feed import OFFICE, PUBLIC, Licenses, feed, index_file
from registry.services import Services
from search import FtsIndex, SearchQuery
from search.elastic_shape import source_of
from tests.registry.founded import TOWN, Clock, founded, raw

# Numbers of persons and telephones, each planted once.  Their digits come in no number that is public.
PERSON, IN_NAME, IN_ADDRESS, AS_NUMBER, ARMED = map(
    with_check_digit, ("377071234567", "377078642753", "155079876543", "533076543210", "866079871234")
)
PHONE, PHONE_IN_ADDRESS, PHONE_IN_NAME, PHONE_IN_CONDITIONS = (
    "0876541239", "0891234765", "025558642", "0619876543",
)  # fmt: skip
PLANTED = (
    PERSON, IN_NAME, IN_ADDRESS, AS_NUMBER, ARMED,
    PHONE, PHONE_IN_ADDRESS, PHONE_IN_NAME, PHONE_IN_CONDITIONS,
)  # fmt: skip
SECRET_NAME = "นายลับสุดยอด ห้ามเผยแพร่"
TELLING = 8  # Digits in a row of a planted number that nobody meets by chance in so small an index.


def _thai(digits: str) -> str:
    return digits.translate({ord("0") + n: 0x0E50 + n for n in range(10)})


def _dashed(digits: str, *parts: int, by: str = "-") -> str:
    cut = iter(digits)
    return by.join("".join(next(cut) for _ in range(size)) for size in parts)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, Path]]:
    """A register with every number planted in its place, fed to the indexes."""
    services = founded(tmp_path_factory.mktemp("register"), Clock())
    forms = [
        (HAZARD, {
            "holder": "นางสาวดวงใจ มั่นคง", "holder_id": PERSON, "field.telephone": PHONE,
            "conditions": f"แจ้งเหตุที่ {PHONE_IN_CONDITIONS}", "premises": f"ร้านดวงใจ โทร {_dashed(PHONE_IN_NAME, 2, 3, 4)}",
        }),
        (HAZARD, {
            "number": "12/2/2569", "premises": f"ร้านป้าแดง ({_dashed(_thai(IN_NAME), 1, 4, 5, 2, 1)})",
            "address": f"5 ถนนเพชรเกษม โทร. {_dashed(PHONE_IN_ADDRESS, 3, 3, 4, by=' ')} บัตร {_dashed(IN_ADDRESS, 1, 4, 5, 2, 1, by='/')}",
        }),
        (COMMERCIAL, {"number": AS_NUMBER, "holder": "นายบุญมี ค้าขาย", "holder_id": AS_NUMBER}),
        (FIREARM, {"number": "7/2569", "holder": SECRET_NAME, "holder_id": ARMED}),
    ]  # fmt: skip
    with services.database.writing.begin() as session:
        office = services.office(session)
        catalog = office.catalog
        for number, changes in forms:
            kind = catalog.types[number]
            own = {f"field.{one.key}": "1" for one in kind.fields if one.required}
            texts = raw(1) | own | changes
            # No form takes a person's number in these two; licenses from before that was so have them.
            premises, address = texts.pop("premises"), texts.pop("address")
            applied = validate(raw(1) | texts, kind, catalog.agencies[TOWN], today=date(2026, 3, 2))
            acts.issue(
                session,
                [replace(applied, premises=premises, address=address)],
                office=office,
                authority=Authority(None, name="สมศักดิ์ ใจดี", position="นายทะเบียน"),
                at=services.clock(),
            )
    folder = services.config.search
    feed(services.database.reading, folder, at=services.clock())
    yield services, index_file(folder, PUBLIC)
    services.database.engine.dispose()


def pieces(digits: str) -> set[str]:
    """Every run of a planted number that tells it apart, in either digits."""
    runs = {digits[at : at + TELLING] for at in range(len(digits) - TELLING + 1)}
    return runs | set(map(_thai, runs))


def texts_of(path: Path) -> Iterator[str]:
    """Every value of every table of the file, those of FTS5's own tables and its vocabulary too."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.held USING fts5vocab(main, posting, row)")
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for name in ["temp.held", *(f'"{name}"' for name in names if name != "posting")]:
            for row in connection.execute(f"SELECT * FROM {name}"):  # noqa: S608 -- names of tables.
                yield from (
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    for value in row
                )


def test_the_plants_stand_in_the_register(planted: tuple[Services, Path]) -> None:
    """Else the tests below would prove nothing."""
    services, _ = planted
    path = index_file(services.config.search, OFFICE)
    with closing(FtsIndex.open(path, read_only=True)) as office:
        assert len(list(texts_of(path))) > 100
        found = office.find(SearchQuery(words=PERSON, today=to_days(bangkok_date(services.clock()))))
        assert len(found.codes) == 1


@pytest.mark.parametrize("digits", PLANTED)
def test_no_byte_and_no_token_of_the_public_index_tells_a_planted_number(
    planted: tuple[Services, Path], digits: str
) -> None:
    _, path = planted
    held = "\n".join(texts_of(path))
    files = b"".join(file.read_bytes() for file in path.parent.iterdir())
    for piece in pieces(digits):
        assert piece not in held
        assert piece.encode() not in files
    parts = " ".join(_dashed(digits, 1, 4, len(digits) - 5, by=" "))
    assert parts not in held


@pytest.mark.parametrize("digits", PLANTED)
def test_no_document_for_a_cluster_tells_a_planted_number(
    planted: tuple[Services, Path], digits: str
) -> None:
    services, _ = planted
    with services.database.reading() as session:
        licenses = Licenses(session, PUBLIC, at=services.clock())
        sent = [source_of(document) for document in licenses.in_order()]
    held = json.dumps(sent, ensure_ascii=False)
    assert len(sent) == 4
    assert not [piece for piece in pieces(digits) if piece in held]


def test_a_closed_type_is_not_in_the_public_index_at_all(planted: tuple[Services, Path]) -> None:
    _, path = planted
    held = "\n".join(texts_of(path))
    assert "ลับสุดยอด" not in held.replace(" ", "")
    assert "ลับ" not in json.dumps(held, ensure_ascii=False)


@pytest.mark.parametrize("digits", PLANTED)
def test_nobody_is_found_by_a_number_of_a_person(planted: tuple[Services, Path], digits: str) -> None:
    services, path = planted
    today = to_days(bangkok_date(services.clock()))
    with closing(FtsIndex.open(path, read_only=True)) as index:
        for words in (
            digits,
            _thai(digits),
            digits[1:],
            digits[:-1],
            digits[3:],
            _dashed(digits, 4, 3, len(digits) - 7, by=" "),
            "-".join(digits),
        ):
            assert index.find(SearchQuery(words=words, today=today)).codes == (), words


def test_the_rest_of_such_a_name_and_address_is_found(planted: tuple[Services, Path]) -> None:
    services, path = planted
    today = to_days(bangkok_date(services.clock()))
    with closing(FtsIndex.open(path, read_only=True)) as index:
        for words in ("ร้านดวงใจ", "ป้าแดง", "ดวงใจ มั่นคง", "บุญมี ค้าขาย", "12/2/2569"):
            assert len(index.find(SearchQuery(words=words, today=today)).codes) == 1, words
