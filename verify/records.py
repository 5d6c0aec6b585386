"""The audit of the records: every statement and card present is the one that the log holds."""

from collections.abc import Callable
from dataclasses import replace

from keys import layout
from keys.acts import ActKind
from keys.card import LicenseCard, whole_card
from keys.entry import LogEntry, subject_of
from keys.errors import KeysError
from keys.keyring import RingKey
from keys.layout import BUNDLE_ENTRIES, PAGE_BUNDLES, Page, Presence, sha256
from keys.opening import open_card, open_statement
from keys.record import LicenseRecord, Statement
from verify.errors import SourceAway
from verify.ingest import LARGEST_MANIFEST, LARGEST_PAGE, LARGEST_RECORDS_BUNDLE
from verify.published import Evidence
from verify.sources import Source

Pair = tuple[bytes, bytes | None]


class RecordsAudit:
    """Follows the walk over the log: `check` is called for each entry in its order."""

    def __init__(self, records: Source, evidence: Evidence, add: Callable[[str, str], None]) -> None:
        self._records, self._evidence, self._add = records, evidence, add
        self._pages = self._manifest()
        self._page: tuple[int, Page | None] = (-1, None)
        self._bundle: tuple[int, list[Pair | None]] = (-1, [])
        self._subjects: dict[str, bytes] = {}  # By code: the subject of the license that bears it.
        self._erased: dict[
            bytes, list[int]
        ] = {}  # By subject: statements that no entry has said to be erased.
        self.statements = 0

    def _manifest(self) -> tuple[bytes, ...]:
        digest = self._evidence.snapshot.records
        path = layout.manifest_path(digest)
        try:
            size, pages = layout.parse_manifest(self._read(path, digest, LARGEST_MANIFEST))
        except (KeysError, SourceAway) as error:
            self._add(path, str(error))
            return ()
        if size != self._evidence.snapshot.log_size:
            self._add(path, f"covers {size} entries, the snapshot {self._evidence.snapshot.log_size}")
        return pages

    def check(self, index: int, entry: LogEntry) -> None:
        """Compare what the records hold at `index` with the entry there."""
        if entry.act is ActKind.ERASURE and entry.subject is not None:
            self._erased.pop(entry.subject, None)
        elif entry.act is ActKind.RECOVERY:
            # What was in no published file is lost with the register's database, and nobody erased it.
            self._erased.clear()
        number, offset = divmod(index, BUNDLE_ENTRIES)
        if self._bundle[0] != number:
            self._bundle = (number, self._load(number))
        page, pairs = self._page[1], self._bundle[1]
        if page is None or number % PAGE_BUNDLES >= len(page.digests):
            return
        where, presence = f"log index {index}", page.at(number % PAGE_BUNDLES, offset)
        pair = pairs[offset] if offset < len(pairs) else None
        if (entry.statement is None) != (presence is Presence.NONE):
            self._add(where, f"the manifest says {presence.name}, the entry something else")
        if (pair is not None) != (presence is Presence.PRESENT):
            self._add(where, f"the manifest says {presence.name}, the bundle something else")
        if presence is Presence.ERASED and entry.subject is not None:
            self._erased.setdefault(entry.subject, []).append(index)
        if pair is not None:
            self.statements += 1
            self._check_pair(where, index, entry, pair)

    def close(self) -> None:
        """Name every statement that is said to be erased, though no later entry accounts for that."""
        for index in sorted(index for indexes in self._erased.values() for index in indexes):
            self._add(f"log index {index}", "the manifest says ERASED, and no later entry of the log does")

    def _check_pair(self, where: str, index: int, entry: LogEntry, pair: Pair) -> None:
        signed, card = pair
        if sha256(signed) != entry.statement:
            self._add(where, "the statement is not the one that the entry holds")
        if (None if card is None else sha256(card)) != entry.card:
            self._add(where, "the card is not the one that the entry holds")
        ring = self._evidence.ring
        try:
            opened = open_statement(signed, ring)
            face = open_card(card, ring).value if card is not None else None
        except KeysError as error:
            self._add(where, f"cannot be opened: {error}")
            return
        statement = opened.value
        self._check_term(where, entry, opened.key)
        if (statement.index, statement.agency, statement.act) != (index, entry.agency, entry.act):
            self._add(where, "the statement says another index, agency or act than the entry")
        if isinstance(statement, LicenseRecord):
            subject = subject_of(statement.salt, statement.code)
            if (statement.status, subject) != (entry.ref, entry.subject):
                self._add(where, "the record says another position or subject than the entry")
        if face is not None and not _is_card_of(face, statement):
            self._add(where, "the card says something else than the record")
        if entry.subject is not None:
            # An order has no salt: that it is about the entry's license, only the license's records show.
            known = self._subjects.setdefault(statement.code, entry.subject)
            if known != entry.subject:
                self._add(where, f"the entry is about another license than {statement.code} before")

    def _check_term(self, where: str, entry: LogEntry, key: RingKey) -> None:
        if not key.valid_from <= entry.moment < key.valid_until:
            self._add(where, f"entered outside the term of key {key.public.kid.hex()}")

    def _load(self, number: int) -> list[Pair | None]:
        page_number = number // PAGE_BUNDLES
        if self._page[0] != page_number:
            self._page = (page_number, self._load_page(page_number))
        page = self._page[1]
        if page is None or number % PAGE_BUNDLES >= len(page.digests):
            self._add(f"records bundle {number}", "is not in the manifest")
            return []
        digest = page.digests[number % PAGE_BUNDLES]
        path = layout.bundle_path(number, digest)
        try:
            return layout.parse_bundle(self._read(path, digest, LARGEST_RECORDS_BUNDLE))
        except (KeysError, SourceAway) as error:
            self._add(path, str(error))
            return []

    def _load_page(self, number: int) -> Page | None:
        if number >= len(self._pages):
            return None
        path = layout.page_path(self._pages[number])
        try:
            return layout.parse_page(self._read(path, self._pages[number], LARGEST_PAGE))
        except (KeysError, SourceAway) as error:
            self._add(path, str(error))
            return None

    def _read(self, path: str, digest: bytes, limit: int) -> bytes:
        content = self._records.read(path, limit=limit)
        if sha256(content) != digest:
            self._add(path, "is not the file that its name says")
        return content


def _is_card_of(card: LicenseCard, statement: Statement) -> bool:
    """Whether a card says what the record does; its address may have given way to the place."""
    if not isinstance(statement, LicenseRecord):
        return False
    whole = whole_card(statement)
    return card in (whole, replace(whole, address=None))
