"""Where published files lie, and the index files that bind them together (formats §What is published).

Two roots that never mix: *public* is served as it is; *records* holds signed statements and is
for verify hosts only.  What a snapshot names lies under a name that never holds other bytes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from keys import cbor
from keys.cbor import Reader
from keys.errors import Malformed
from keys.snapshot import Named
from keys.statuslist import ListName, vars_of
from keys.tiles import number_path

SNAPSHOT = "snapshot"
CHECKPOINT = "log/checkpoint"
KEYRING = "keyring.cbor"
JWKS = "jwks.json"
CATALOG = "catalog.json"
LIST_INDEX = "status/index.cbor"
DAYS = "snapshots"

BUNDLE_ENTRIES = 256
PAGE_BUNDLES = 256
PAGE_ENTRIES = BUNDLE_ENTRIES * PAGE_BUNDLES

LIST_INDEX_FORMAT = "status-index/1"
MANIFEST_FORMAT = "records/1"
PAGE_FORMAT = "records-page/1"


def sha256(data: bytes) -> bytes:
    """The SHA-256 of `data`, 32 bytes."""
    return hashlib.sha256(data).digest()


def keyring_path(version: int) -> str:
    """Every version of the ring, so that a reader can follow the chain."""
    return f"keyring/{version}.cbor"


def catalog_path(version: int) -> str:
    """Every version of the catalog."""
    return f"catalog/{version}.json"


def list_path(name: ListName, version: int) -> str:
    """One version of a status list."""
    return f"status/{name.path()}/{version}.jwt"


def current_list_path(name: ListName) -> str:
    """The newest version of a status list, for readers of the draft who know only its URI."""
    return f"status/{name.path()}/current.jwt"


def day_snapshot_path(day: date) -> str:
    """The last snapshot of a day in Bangkok, kept once a later day has one."""
    return f"{DAYS}/{day.isoformat()}.cbor"


def day_checkpoint_path(day: date) -> str:
    """The checkpoint that was served with that snapshot, witnesses' lines included."""
    return f"{DAYS}/{day.isoformat()}.checkpoint"


def list_index_path(digest: bytes) -> str:
    """The list index that a snapshot names."""
    return f"status/index/{digest.hex()}.cbor"


def denied_set_path(thumbprint: bytes) -> str:
    """The set of a denied or compromised key, for readers without the log."""
    return f"denied/{thumbprint.hex()}.cbor"


def manifest_path(digest: bytes) -> str:
    """The records manifest that a snapshot names (below the records root)."""
    return f"manifest/{digest.hex()}.cbor"


def page_path(digest: bytes) -> str:
    """A page of the manifest (below the records root)."""
    return f"page/{digest.hex()}.cbor"


def bundle_path(number: int, digest: bytes) -> str:
    """A bundle of signed statements and cards (below the records root)."""
    return f"bundle/{number_path(number)}/{digest.hex()}.cbor"


# --- the list index: every list's newest version and hash ---------------------------------------


def encode_list_index(lists: Mapping[ListName, Named]) -> bytes:
    """The bytes of the list index, lists in ascending order of their numbers."""
    rows = [[*vars_of(n), lists[n].version, lists[n].digest] for n in sorted(lists, key=vars_of)]
    return cbor.encode({"format": LIST_INDEX_FORMAT, "lists": rows})


def parse_list_index(data: bytes) -> dict[ListName, Named]:
    """The lists that a snapshot covers; raises `Malformed`."""
    read = Reader(cbor.decode(data), "list index")
    read.literal("format", LIST_INDEX_FORMAT)
    rows = read.required("lists", list)
    read.done()
    lists: dict[ListName, Named] = {}
    for row in rows:
        if not isinstance(row, list) or list(map(type, row)) != [int, int, int, int, bytes]:
            raise Malformed("list index: a row is agency, year, number, version, hash")
        if min(row[:4]) < 0 or len(row[4]) != 32:
            raise Malformed("list index: numbers are not negative and a hash has 32 bytes")
        lists[ListName(*row[:3])] = Named(row[3], row[4])
    if len(lists) != len(rows) or encode_list_index(lists) != data:
        raise Malformed("list index: each list once, in ascending order")
    return lists


# --- the records: manifest → pages → bundles ----------------------------------------------------


class Presence(IntEnum):
    """What the records hold for one log index (2 bits)."""

    NONE = 0  # The act has no statement: key acts, erasures.
    PRESENT = 1
    CLOSED = 2  # Of a type that is not openly displayed, or not yet published.
    ERASED = 3


@dataclass(frozen=True, slots=True)
class Page:
    """Up to 256 bundles: each one's hash, and for each of its indexes what the records hold."""

    digests: tuple[bytes, ...]
    presence: tuple[bytes, ...]

    def at(self, bundle: int, offset: int) -> Presence:
        """What the records hold at `offset` (0 to 255) of the page's `bundle`."""
        packed = self.presence[bundle]
        if offset >> 2 >= len(packed):
            return Presence.NONE
        return Presence(packed[offset >> 2] >> (2 * (offset & 3)) & 3)


def pack_presence(states: Sequence[Presence]) -> bytes:
    """Two bits an index, the first in the lowest bits; as many bytes as needed."""
    packed = bytearray((len(states) + 3) // 4)
    for offset, state in enumerate(states):
        packed[offset >> 2] |= state << (2 * (offset & 3))
    return bytes(packed)


def encode_page(page: Page) -> bytes:
    """The bytes of one page of the manifest."""
    rows = [list(row) for row in zip(page.digests, page.presence, strict=True)]
    return cbor.encode({"format": PAGE_FORMAT, "bundles": rows})


def parse_page(data: bytes) -> Page:
    """One page of the manifest; raises `Malformed`."""
    read = Reader(cbor.decode(data), "records page")
    read.literal("format", PAGE_FORMAT)
    rows = read.required("bundles", list)
    read.done()
    for row in rows:
        if not isinstance(row, list) or list(map(type, row)) != [bytes, bytes] or len(row[0]) != 32:
            raise Malformed("records page: a row is a hash and packed states")
        if len(row[1]) > BUNDLE_ENTRIES // 4:
            raise Malformed("records page: a bundle has at most 256 entries")
    if len(rows) > PAGE_BUNDLES:
        raise Malformed("records page: a page has at most 256 bundles")
    return Page(tuple(row[0] for row in rows), tuple(row[1] for row in rows))


def encode_manifest(size: int, pages: Sequence[bytes]) -> bytes:
    """The bytes of the manifest: the log size it covers and its pages' hashes."""
    return cbor.encode({"format": MANIFEST_FORMAT, "size": size, "pages": list(pages)})


def parse_manifest(data: bytes) -> tuple[int, tuple[bytes, ...]]:
    """The log size and the pages' hashes; raises `Malformed`."""
    read = Reader(cbor.decode(data), "records manifest")
    read.literal("format", MANIFEST_FORMAT)
    size = read.natural("size")
    pages = read.required("pages", list)
    read.done()
    if any(not isinstance(digest, bytes) or len(digest) != 32 for digest in pages):
        raise Malformed("records manifest: a page is named by its hash")
    if len(pages) != -(-size // PAGE_ENTRIES):
        raise Malformed("records manifest: the pages do not cover the size")
    return size, tuple(pages)


def encode_bundle(statements: Sequence[tuple[bytes, bytes | None] | None]) -> bytes:
    """Signed statement and signed card (or null) for each of up to 256 indexes, null where absent."""
    return cbor.encode(list(statements))


def parse_bundle(data: bytes) -> list[tuple[bytes, bytes | None] | None]:
    """The signed statements and cards of a bundle, none of them verified; raises `Malformed`."""
    rows = cbor.decode(data)
    if not isinstance(rows, list) or len(rows) > BUNDLE_ENTRIES:
        raise Malformed("a records bundle is an array of at most 256")
    for row in rows:
        if row is not None and not (
            isinstance(row, list)
            and len(row) == 2
            and isinstance(row[0], bytes)
            and (row[1] is None or isinstance(row[1], bytes))
        ):
            raise Malformed("a records bundle holds pairs of byte strings")
    return [None if row is None else (row[0], row[1]) for row in rows]
