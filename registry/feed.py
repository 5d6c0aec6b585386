"""Feeding the embedded search indexes from the register: each index equals the entries up to its own cursor.

One function makes the public facts of a license and one the office's; nothing that is withheld or
closed passes the first.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, sessionmaker

from keys.acts import Status
from keys.catalog import Catalog, encode_json
from keys.dates import bangkok_date, parse_date, to_days
from keys.places import ancestry, show_place
from keys.text import fold_digits
from registry.catalogs import current_catalog
from registry.collation import sort_key
from registry.files import locked
from registry.models import LicenseRow, LogHead
from registry.records import open_types
from search.document import LicenseDocument, LicenseFacts, analyze
from search.errors import SearchDamaged
from search.fts import FtsIndex

_BLOCK = 1000
_RULES = 2  # Raised when the facts below say more or less than before: indexes made by others are made again.

Progress = Callable[[int, int], None]


# What tells a person apart, wherever it was typed: 13 digits that do not begin with 0, in any punctuation,
# and in names and addresses a telephone number.
_IDENTITY = re.compile(r"(?<!\d)[1-9](?:[^\w\n]{0,3}\d){12}(?!\d)")
_TELEPHONE = re.compile(r"(?<!\d)(?:\+?66|0)(?:[^\w\n/]{0,3}\d){8,9}(?!\d)")


def public_facts(row: LicenseRow, catalog: Catalog, today: date) -> LicenseFacts:
    """What the public may find a license by; `visible` is False when it may not be found at all.

    Numbers of persons and of telephones never are in it, not even where a name or an address has one.
    """
    visible = catalog.is_open(row.agency, row.license_type, today)
    return _facts(row, catalog, visible=visible, shown=_impersonal, numbered=_no_identity)


def _impersonal(text: str) -> str:
    return _without(_TELEPHONE, _no_identity(text))


def _no_identity(text: str) -> str:
    return _without(_IDENTITY, text)


def _without(pattern: re.Pattern[str], text: str) -> str:
    # Folded digits are as many letters as they were: what matches stands at the same places.
    for match in reversed([*pattern.finditer(fold_digits(text))]):
        text = f"{text[: match.start()]} {text[match.end() :]}"
    return text.strip()


def office_facts(row: LicenseRow, catalog: Catalog, _today: date) -> LicenseFacts:
    """What the agency's own officers may find a license by: every item."""
    return _facts(row, catalog, visible=True, shown=str, numbered=str)


def _facts(
    row: LicenseRow,
    catalog: Catalog,
    *,
    visible: bool,
    shown: Callable[[str], str],
    numbered: Callable[[str], str],
) -> LicenseFacts:
    """The facts of a license; each text of a person goes through `shown`, each number through `numbered`."""
    holder, premises = shown(row.holder or ""), shown(row.premises or "")
    number = numbered(row.number)
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
        numbers=tuple(filter(None, (numbered(row.holder_id or ""),))),
        holder=holder or None,
        premises=premises or None,
        other_names=tuple(filter(None, (shown(row.holder_en or ""),))),
        address=" ".join(filter(None, (shown(row.address or ""), *places))),
        type_names=(kind.name.th, kind.name.en),
        sort_key=sort_key(premises or holder or number),
    )


Facts = Callable[[LicenseRow, Catalog, date], LicenseFacts]
# Whom an index is for → what it may hold.
PUBLIC, OFFICE = "public", "office"
FACTS: dict[str, Facts] = {PUBLIC: public_facts, OFFICE: office_facts}


def index_file(folder: Path, audience: str) -> Path:
    """The embedded index for `audience`, in a folder of its own that the public process can be kept out of."""
    return folder / audience / "index.sqlite"


def feed(
    reading: sessionmaker[Session],
    folder: Path,
    *,
    at: datetime,
    afresh: bool = False,
    progress: Progress | None = None,
) -> None:
    """Bring each embedded index up to the log's head, in blocks; harmless to repeat and to run twice at once.

    When a type was opened or closed, or the catalog says something new, the index is made again as
    a whole, as it is `afresh`: what may be found has changed for licenses no act has touched.  So is
    one that is ahead of the log, for its versions would win over what the log says from now on, and
    one whose file is damaged.
    """
    for audience in FACTS:
        file = index_file(folder, audience)
        with locked(file.with_name("index.sqlite.lock")), reading() as session:
            licenses = Licenses(session, audience, at=at, progress=progress)
            if file.exists() and not file.stat().st_size:
                _remove(file)  # It was cut off; readers that have it open would keep it locked.
            try:
                _feed_file(file, licenses, afresh=afresh)
            except SearchDamaged:
                _remove(file)
                _feed_file(file, licenses, afresh=True)


def _remove(file: Path) -> None:
    """Removes an index; its journal first, for SQLite would take it for the journal of the next one."""
    for name in ("index.sqlite-wal", "index.sqlite-shm", "index.sqlite"):
        file.with_name(name).unlink(missing_ok=True)


def _feed_file(file: Path, licenses: "Licenses", *, afresh: bool) -> None:
    with closing(FtsIndex.open(file, read_only=False)) as index:
        _feed_one(index, file.with_name("index.sqlite.policy"), licenses, afresh=afresh)


def _feed_one(index: FtsIndex, policy_file: Path, licenses: "Licenses", *, afresh: bool) -> None:
    policy = licenses.policy()
    ahead = index.cursor() > licenses.head  # Of a register that was restored from a backup.
    if afresh or ahead or not policy_file.exists() or policy_file.read_bytes() != policy:
        index.rebuild(licenses.documents(0, licenses.head), cursor=licenses.head)
        policy_file.write_bytes(policy)
    while (cursor := index.cursor()) < licenses.head:
        end = licenses.block_end(cursor)
        index.apply(licenses.documents(cursor, end), cursor=end)


class Licenses:
    """The licenses as one transaction sees them, as the documents of the index for `audience`."""

    def __init__(
        self, session: Session, audience: str, *, at: datetime, progress: Progress | None = None
    ) -> None:
        self._session, self._facts, self._progress = session, FACTS[audience], progress
        self._today = bangkok_date(at)
        self._catalog = current_catalog(session)
        self.head = session.scalars(select(LogHead.size)).one()

    def policy(self) -> bytes:
        """What decides, besides the licenses themselves, what may be found and under which words."""
        return encode_json([_RULES, self._catalog.version, open_types(self._catalog, self._today)])

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
        return self._read(
            select(LicenseRow)
            .where(LicenseRow.updated_index >= start, LicenseRow.updated_index < end)
            .order_by(LicenseRow.updated_index),
            end,
        )

    def in_order(self) -> Iterator[LicenseDocument]:
        """The documents of all licenses in order of their codes, read as they are taken."""
        return self._read(select(LicenseRow).order_by(LicenseRow.code), 0)

    def _read(self, wanted: Select[LicenseRow], end: int) -> Iterator[LicenseDocument]:
        for row in self._session.scalars(wanted.execution_options(yield_per=_BLOCK)):
            yield analyze(self._facts(row, self._catalog, self._today))
            self._session.expunge(row)
            if self._progress and end:
                self._progress(row.updated_index + 1, end)
