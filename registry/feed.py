"""Feeding the search indexes from the register: each index equals the entries up to its own cursor.

One function makes the public facts of a license and one the office's; nothing that is withheld or
closed passes the first.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from keys.acts import Status
from keys.catalog import Catalog, encode_json
from keys.dates import bangkok_date, parse_date, to_days
from keys.places import ancestry, show_place
from registry.applications import is_natural_person
from registry.catalogs import current_catalog
from registry.collation import sort_key
from registry.files import locked
from registry.models import LicenseRow, LogHead
from registry.records import open_types
from search.document import LicenseDocument, LicenseFacts, analyze
from search.fts import FtsIndex

_BLOCK = 1000

Progress = Callable[[int, int], None]


def public_facts(row: LicenseRow, catalog: Catalog, today: date) -> LicenseFacts:
    """What the public may find a license by; `visible` is False when it may not be found at all."""
    visible = catalog.is_open(row.agency, row.license_type, today)
    numbers = tuple(n for n in (row.holder_id,) if n and not is_natural_person(n))
    number = "" if is_natural_person(row.number) else row.number
    return _facts(row, catalog, visible=visible, number=number, numbers=numbers)


def office_facts(row: LicenseRow, catalog: Catalog, _today: date) -> LicenseFacts:
    """What the agency's own officers may find a license by: every item."""
    numbers = tuple(n for n in (row.holder_id,) if n)
    return _facts(row, catalog, visible=True, number=row.number, numbers=numbers)


def _facts(
    row: LicenseRow, catalog: Catalog, *, visible: bool, number: str, numbers: tuple[str, ...]
) -> LicenseFacts:
    kind = catalog.types[row.license_type]
    province, district, subdistrict = ancestry(row.place) if row.place else (None, None, None)
    places = (show_place(row.place), show_place(row.place, "en")) if row.place else ()
    return LicenseFacts(
        code=row.code,
        log_index=row.updated_index,
        revision=catalog.version,
        visible=visible,
        agency=row.agency,
        license_type=row.license_type,
        province=province,
        district=district,
        subdistrict=subdistrict,
        standing=Status(row.status),
        valid_from=to_days(parse_date(row.valid_from)),
        valid_until=to_days(parse_date(row.valid_until)) if row.valid_until else None,
        number=number,
        numbers=numbers,
        holder=row.holder,
        premises=row.premises,
        other_names=(row.holder_en,) if row.holder_en else (),
        address=" ".join(filter(None, (row.address, *places))),
        type_names=(kind.name.th, kind.name.en),
        sort_key=sort_key(row.premises or row.holder or row.number),
    )


Facts = Callable[[LicenseRow, Catalog, date], LicenseFacts]
# File below the search folder → who its documents are made for.  Folders of their own, so that the
# public process can be kept out of the office's.
PUBLIC_INDEX, OFFICE_INDEX = "public/index.sqlite", "office/index.sqlite"
INDEXES: dict[str, Facts] = {PUBLIC_INDEX: public_facts, OFFICE_INDEX: office_facts}


def feed(
    reading: sessionmaker[Session],
    folder: Path,
    *,
    at: datetime,
    names: Sequence[str] = tuple(INDEXES),
    progress: Progress | None = None,
) -> None:
    """Bring each index up to the log's head, in blocks; harmless to repeat and to run twice at once.

    When a type was opened or closed, or the catalog says something new, the index is made again as
    a whole: what may be found has changed for licenses no act has touched.
    """
    for name in names:
        with locked(folder / f"{name}.lock"), reading() as session:
            index = FtsIndex.open(folder / name, read_only=False)
            try:
                register = _Register(session, INDEXES[name], bangkok_date(at), progress)
                _feed_one(index, folder / f"{name}.policy", register)
            finally:
                index.close()


def _feed_one(index: FtsIndex, policy_file: Path, register: "_Register") -> None:
    policy = register.policy()
    if not policy_file.exists() or policy_file.read_bytes() != policy:
        index.rebuild(register.documents(0, register.head), cursor=register.head)
        policy_file.write_bytes(policy)
    while (cursor := index.cursor()) < register.head:
        end = register.block_end(cursor)
        index.apply(register.documents(cursor, end), cursor=end)


class _Register:
    """The licenses of one moment, as the documents of one index."""

    def __init__(self, session: Session, facts: Facts, today: date, progress: Progress | None) -> None:
        self._session, self._facts, self._today, self._progress = session, facts, today, progress
        self._catalog = current_catalog(session)
        self.head = session.scalars(select(LogHead.size)).one()

    def policy(self) -> bytes:
        """What decides, besides the licenses themselves, what may be found and under which words."""
        return encode_json([self._catalog.version, open_types(self._catalog, self._today)])

    def block_end(self, start: int) -> int:
        """The end of the next block of acts from `start`."""
        last = self._session.scalars(
            select(LicenseRow.updated_index)
            .where(LicenseRow.updated_index >= start)
            .order_by(LicenseRow.updated_index)
            .offset(_BLOCK - 1)
            .limit(1)
        ).first()
        return self.head if last is None else min(last + 1, self.head)

    def documents(self, start: int, end: int) -> Iterator[LicenseDocument]:
        """The documents of the licenses whose newest act lies in [start, end), read as they are taken."""
        rows = self._session.scalars(
            select(LicenseRow)
            .where(LicenseRow.updated_index >= start, LicenseRow.updated_index < end)
            .order_by(LicenseRow.updated_index)
            .execution_options(yield_per=_BLOCK)
        )
        for row in rows:
            yield analyze(self._facts(row, self._catalog, self._today))
            self._session.expunge(row)
            if self._progress:
                self._progress(row.updated_index + 1, end)
