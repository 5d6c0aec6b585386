"""The tables of an index file, and how a document becomes rows and postings and comes back.

`posting` is an FTS5 table used as a plain inverted index: contentless, without positions and
sizes, because order comes from our own weights, the same in every engine.  Contentless tables
forget a row when they are told its tokens again, on every SQLite; the tokens follow from what
`document` keeps, so nothing is stored twice.  What begins with one or two characters is kept as a
posting of its own: else all postings of thousands of words are merged while a person begins to type.
A first character tells the kinds of tokens apart:
words of names have none, which lets a prefix of a word run over them alone; words of the address
and the type have `ABOUT`.  A row's id is the document's place: postings are read in that order.
"""

# ruff: noqa: S608 -- the SQL is put together from constants of this package; all values are bound.

from collections.abc import Iterable
from typing import Any

from search.document import GRAM, SOUND, LicenseDocument
from search.sqlite import driver

WHOLE, INSIDE, NAME, FACET, ABOUT = "=", "#", "^", "!", "&"

# `document_in_order` has all that a list by filters reads, in its order: it never touches the table.
SCHEMA = f"""
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1), stamp TEXT NOT NULL, cursor INTEGER NOT NULL, documents INTEGER NOT NULL
) STRICT;
CREATE TABLE document (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, visible INTEGER NOT NULL,
  agency INTEGER NOT NULL, license_type INTEGER NOT NULL,
  province INTEGER, district INTEGER, subdistrict INTEGER,
  standing INTEGER NOT NULL, valid_from INTEGER NOT NULL, valid_until INTEGER, sort_key TEXT NOT NULL,
  names TEXT NOT NULL, address TEXT NOT NULL, types TEXT NOT NULL, numbers TEXT NOT NULL
) STRICT;
CREATE INDEX document_in_order ON document (
  sort_key, code, agency, license_type, province, district, subdistrict, standing, valid_from, valid_until
) WHERE visible;
CREATE TABLE term (term TEXT PRIMARY KEY, documents INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE posting USING fts5 (
  tokens, content='', columnsize=0, detail=none, prefix='1 2',
  tokenize="ascii tokenchars '{WHOLE}{INSIDE}{NAME}{GRAM}{SOUND}{FACET}{ABOUT}'"
);
"""
_SIGNS = frozenset((GRAM, SOUND))
TABLES = ("state", "document", "term", "posting")

COLUMNS = (
    "code, version, visible, agency, license_type, province, district, subdistrict, standing,"
    " valid_from, valid_until, sort_key, names, address, types, numbers"
)
INSERT = f"INSERT INTO document (id, {COLUMNS}) VALUES ({', '.join('?' * 17)})"


def create(connection: "driver.Connection", stamp: str) -> None:
    """Empties the index inside the caller's transaction, whatever its tables were."""
    for table in TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in filter(str.strip, SCHEMA.split(";\n")):  # `executescript` would commit first.
        connection.execute(statement)
    connection.execute("INSERT INTO state VALUES (1, ?, 0, 0)", (stamp,))


def row_of(document: LicenseDocument) -> tuple[object, ...]:
    """The values of `INSERT`."""
    return (
        document.place,
        document.code,
        document.version,
        int(document.visible),
        document.agency,
        document.license_type,
        document.province,
        document.district,
        document.subdistrict,
        document.standing,
        document.valid_from,
        document.valid_until,
        document.sort_key,
        "\n".join(document.names),
        " ".join(document.address),
        " ".join(document.types),
        "\n".join(document.numbers),
    )


def document_of(row: tuple[Any, ...]) -> LicenseDocument:
    """The document of a row of `COLUMNS`."""
    return LicenseDocument(
        code=row[0],
        version=row[1],
        visible=bool(row[2]),
        agency=row[3],
        license_type=row[4],
        province=row[5],
        district=row[6],
        subdistrict=row[7],
        standing=row[8],
        valid_from=row[9],
        valid_until=row[10],
        sort_key=row[11],
        names=tuple(filter(None, row[12].split("\n"))),
        address=tuple(row[13].split()),
        types=tuple(row[14].split()),
        numbers=tuple(filter(None, row[15].split("\n"))),
    )


def facets(
    *,
    license_type: int | None,
    agency: int | None,
    province: int | None,
    district: int | None,
    subdistrict: int | None,
) -> list[str]:
    """The facet tokens of what is given; an area's code tells by its length what it is."""
    given = (("t", license_type), ("a", agency), ("", province), ("", district), ("", subdistrict))
    return [f"{FACET}{kind}{value}" for kind, value in given if value is not None]


def standing_facet(standing: int) -> str:
    """The facet token of a standing."""
    return f"{FACET}s{standing}"


def tokens(document: LicenseDocument, terms: Iterable[str]) -> str:
    """All tokens of `document`, whose `terms` were made before, as `posting` takes and forgets them."""
    named = document.words | document.english
    return " ".join(
        (
            *(term for term in terms if term[0] in _SIGNS or term in named),
            *(ABOUT + word for word in {*document.address, *document.types}),
            *(WHOLE + number for number in document.wholes),
            *(NAME + name for name in document.beginnings),
            *(INSIDE + number for number in document.insides),
            *facets(
                license_type=document.license_type,
                agency=document.agency,
                province=document.province,
                district=document.district,
                subdistrict=document.subdistrict,
            ),
            standing_facet(document.standing),
        )
    )
