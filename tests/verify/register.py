"""A small register for tests: signs, logs and publishes a folder with `keys` alone, nothing faked.

Keys come from fixed seeds; moments are what the test says.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from keys import layout, merkle, tiles
from keys.acts import ActKind, Status
from keys.card import LicenseCard, card_of
from keys.catalog import Catalog, encode_catalog, encode_json
from keys.checkpoint import Checkpoint, sign_checkpoint
from keys.code import make_code
from keys.dates import BANGKOK, bangkok_date, from_seconds, to_seconds
from keys.entry import LogEntry, encode_entry, parse_entry, subject_of
from keys.keyring import KeyRing, RingKey, sign_ring
from keys.opening import sign_card, sign_snapshot, sign_statement
from keys.record import LicenseRecord, Order, StatusRef, Withheld
from keys.signing import SeedSigner
from keys.snapshot import Denial, Named, Snapshot
from keys.statuslist import LIFETIME_SECONDS, ListName, StatusList, empty_nibbles, put, sign_list
from tests.verify.founding import HAZARD, HOST, NOON, ROOTS, TOWN, first_catalog, first_ring, signer


@dataclass(frozen=True)
class Issued:
    """One version of a license as the register knows it."""

    record: LicenseRecord
    signed: bytes
    card: LicenseCard | None
    signed_card: bytes
    index: int

    @property
    def code(self) -> str:
        return self.record.code


@dataclass
class Register:
    """Acts append to the log; `publish` writes what a follower would."""

    folder: Path
    ring: KeyRing = field(default_factory=first_ring)
    catalog: Catalog = field(default_factory=first_catalog)
    denied: tuple[Denial, ...] = ()
    now: datetime = NOON
    entries: list[bytes] = field(default_factory=list)
    pairs: list[tuple[bytes, bytes | None] | None] = field(default_factory=list)
    types: list[int | None] = field(default_factory=list)
    lists: dict[ListName, tuple[bytearray, int]] = field(default_factory=dict)
    named: dict[ListName, Named] = field(default_factory=dict)
    snapshot: Snapshot | None = None
    drawn: int = 0

    @property
    def public(self) -> Path:
        return self.folder / "public"

    @property
    def records(self) -> Path:
        return self.folder / "records"

    # --- acts ---------------------------------------------------------------------------------

    def issue(
        self, act: ActKind = ActKind.ISSUANCE, *, status: Status = Status.VALID, **items: Any
    ) -> Issued:
        """A new license, or with `after` a new version of one."""
        after: Issued | None = items.pop("after", None)
        by: SeedSigner | None = items.pop("by", None)
        record = self._draft(act, after, items)
        ref = self._position(record.agency)
        record = replace(record, status=ref, index=len(self.entries))
        key = by or signer(f"agency {record.agency} {self.now.astimezone(BANGKOK).year}")
        signed = sign_statement(record, key)
        card = card_of(record, host=HOST)
        signed_card = sign_card(card, key)
        if after is not None:
            self._put(record.agency, after.record.status, Status.SUPERSEDED)
        self._put(record.agency, ref, status)
        self._append(record, signed, signed_card, ref, status, record.salt)
        return Issued(record, signed, card, signed_card, record.index)

    def _draft(self, act: ActKind, after: Issued | None, items: dict[str, Any]) -> LicenseRecord:
        if after is not None:
            return replace(after.record, act=act, version=after.record.version + 1, **items)
        self.drawn += 1
        values: dict[str, Any] = {
            "catalog": 1,
            "agency": TOWN,
            "license_type": HAZARD,
            "code": make_code(482109375500 + self.drawn),
            "version": 1,
            "number": f"12/{self.drawn}/2569",
            "holder": {"name": "บริษัท ก้าวหน้าการช่าง จำกัด", "id": "0105559012345"},
            "premises": "อู่ช่างพงษ์ สาขาหัวหิน",
            "address": "88/4 ถนนเพชรเกษม",
            "place": 770701,
            "fields": {
                "activity": "พ่นสี เคาะ ปะผุ",
                "power": 15,
                "age": Withheld.of(44, b"b" * 16),
                "class": "a",
            },
            "conditions": ("ห้ามพ่นสีนอกห้องพ่น",),
            "issued": date(2026, 1, 12),
            "valid_from": date(2026, 1, 12),
            "valid_until": date(2027, 1, 11),
            "signer": {"name": "นายสมชาย ใจดี", "position": "นายกเทศมนตรี"},
            "salt": hashlib.sha256(f"salt {self.drawn}".encode()).digest()[:16],
        }
        return LicenseRecord(act=act, status=StatusRef(0, 0, 0), index=0, **(values | items))

    def order(self, act: ActKind, about: Issued, status: Status, **items: Any) -> int:
        """An order about the version in force; gives its index."""
        by: SeedSigner | None = items.pop("by", None)
        record = about.record
        order = Order(
            act=act,
            catalog=1,
            agency=record.agency,
            license_type=record.license_type,
            code=record.code,
            version=record.version,
            legal_basis="มาตรา 59",
            index=len(self.entries),
            signer=dict(record.signer),
            **items,
        )
        key = by or signer(f"agency {record.agency} {self.now.astimezone(BANGKOK).year}")
        signed = sign_statement(order, key)
        self._put(record.agency, record.status, status)
        self._append(order, signed, None, record.status, status, record.salt)
        return order.index

    def key_act(self, act: ActKind, thumbprint: bytes, good_size: int | None = None) -> None:
        """An entry about a key."""
        entry = LogEntry(act, to_seconds(self.now), thumbprint=thumbprint, good_size=good_size)
        self._add(encode_entry(entry), None, None)

    def log_keys(self) -> None:
        """Log every key of the ring as proposed and activated, as founding a register does."""
        for key in self.ring.keys:
            self.key_act(ActKind.KEY_PROPOSED, key.public.thumbprint)
            self.key_act(ActKind.KEY_ACTIVATED, key.public.thumbprint)

    def erase(self, index: int) -> None:
        """Take a statement out of the records and log that, as an erasure does."""
        self.pairs[index] = None
        erased = parse_entry(self.entries[index])
        entry = LogEntry(ActKind.ERASURE, to_seconds(self.now), agency=erased.agency, subject=erased.subject)
        self._add(encode_entry(entry), None, None)

    def _append(
        self,
        statement: LicenseRecord | Order,
        signed: bytes,
        card: bytes | None,
        ref: StatusRef,
        status: Status,
        salt: bytes,
    ) -> None:
        entry = LogEntry(
            act=statement.act,
            moment=to_seconds(self.now),
            agency=statement.agency,
            subject=subject_of(salt, statement.code),
            statement=layout.sha256(signed),
            card=layout.sha256(card) if card else None,
            ref=ref,
            status=status,
        )
        self._add(encode_entry(entry), (signed, card), statement.license_type)

    def _add(self, entry: bytes, pair: tuple[bytes, bytes | None] | None, kind: int | None) -> None:
        self.entries.append(entry)
        self.pairs.append(pair)
        self.types.append(kind)

    def _position(self, agency: int) -> StatusRef:
        used = sum(1 for entry in self.entries)
        return StatusRef(self.now.astimezone(BANGKOK).year, 1, (used * 7919 + 17) % 65536)

    def _put(self, agency: int, ref: StatusRef, status: Status) -> None:
        name = ListName(agency, ref.year, ref.number)
        nibbles, _ = self.lists.setdefault(name, (empty_nibbles(), 0))
        put(nibbles, ref.position, status)
        self.lists[name] = (nibbles, len(self.entries))

    # --- keys ---------------------------------------------------------------------------------

    def next_ring(self, **changes: Any) -> None:
        """The next version of the ring, written when published."""
        self._write(layout.keyring_path(self.ring.version), sign_ring(self.ring, ROOTS))
        self.ring = replace(self.ring, version=self.ring.version + 1, **changes)

    # --- publishing ---------------------------------------------------------------------------

    def publish(self, **changes: Any) -> Snapshot:
        """Write the folder as of `now`; `changes` go into the snapshot as they are."""
        self._keep_day()
        size, leaves = len(self.entries), [merkle.leaf_hash(entry) for entry in self.entries]
        root = merkle.root_of(leaves)
        manifest = self._write_records()
        self._write_tiles(leaves)
        lists = self._write_lists(size)
        ring, catalog = sign_ring(self.ring, ROOTS), encode_catalog(self.catalog)
        self._write(layout.keyring_path(self.ring.version), ring)
        self._write(layout.KEYRING, ring)
        self._write(layout.JWKS, encode_json(self.ring.jwks()))
        self._write(layout.catalog_path(self.catalog.version), catalog)
        self._write(layout.CATALOG, catalog)
        year = self.now.astimezone(BANGKOK).year
        checkpoint = sign_checkpoint(Checkpoint(self.ring.origin, size, root), signer(f"log {year}"))
        self._write(layout.CHECKPOINT, checkpoint)
        snapshot = Snapshot(
            version=self.snapshot.version + 1 if self.snapshot else 1,
            moment=to_seconds(self.now),
            log_size=size,
            log_root=root,
            keyring=Named(self.ring.version, layout.sha256(ring)),
            catalog=Named(self.catalog.version, layout.sha256(catalog)),
            lists=lists,
            records=manifest,
            denied=self.denied,
        )
        self.snapshot = replace(snapshot, **changes)
        self._write(layout.SNAPSHOT, sign_snapshot(self.snapshot, signer(f"status {year}")))
        return self.snapshot

    def _keep_day(self) -> None:
        last = self.snapshot
        day = bangkok_date(from_seconds(last.moment)) if last else bangkok_date(self.now)
        if day < bangkok_date(self.now):
            paths = (layout.day_snapshot_path(day), layout.day_checkpoint_path(day))
            for path, kept in zip((layout.SNAPSHOT, layout.CHECKPOINT), paths, strict=True):
                self._write(kept, (self.public / path).read_bytes())

    def later(self, **delta: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**delta)
        return self.now

    def _write(self, path: str, content: bytes, *, records: bool = False) -> None:
        target = (self.records if records else self.public) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(target.name + ".new")
        beside.write_bytes(content)
        beside.replace(target)

    def _write_tiles(self, leaves: list[bytes]) -> None:
        for start in range(0, len(leaves), 256):
            part = self.entries[start : start + 256]
            path = tiles.entries_path(start // 256, len(part))
            self._write(f"log/{path}", tiles.entry_bundle(part))
        level, row = 0, leaves
        while row:
            for start in range(0, len(row), 256):
                part = row[start : start + 256]
                path = tiles.tile_path(level, start // 256, len(part))
                self._write(f"log/{path}", b"".join(part))
            whole = len(row) // 256 * 256
            row = [merkle.perfect_root(row[i : i + 256]) for i in range(0, whole, 256)]
            level += 1

    def _write_lists(self, size: int) -> bytes:
        covered = self.snapshot.log_size if self.snapshot else 0
        for name, (nibbles, changed) in self.lists.items():
            if name in self.named and changed < covered:
                continue
            version = self.named[name].version + 1 if name in self.named else 1
            value = StatusList(
                name=name,
                uri=f"https://{HOST}/{layout.current_list_path(name)}",
                version=version,
                log_size=size,
                issued=to_seconds(self.now),
                expires=to_seconds(self.now) + LIFETIME_SECONDS,
                nibbles=bytes(nibbles),
            )
            signed = sign_list(value, signer(f"status {self.now.astimezone(BANGKOK).year}"))
            self._write(layout.list_path(name, version), signed)
            self._write(layout.current_list_path(name), signed)
            self.named[name] = Named(version, layout.sha256(signed))
        index = layout.encode_list_index(self.named)
        self._write(layout.list_index_path(layout.sha256(index)), index)
        self._write(layout.LIST_INDEX, index)
        return layout.sha256(index)

    def _write_records(self) -> bytes:
        pages, bundles = [], []
        for start in range(0, len(self.pairs), 256):
            shown = [self._shown(i) for i in range(start, min(start + 256, len(self.pairs)))]
            content = layout.encode_bundle([pair for pair, _ in shown])
            digest = layout.sha256(content)
            self._write(layout.bundle_path(start // 256, digest), content, records=True)
            bundles.append((digest, layout.pack_presence([presence for _, presence in shown])))
        for start in range(0, len(bundles), 256):
            part = bundles[start : start + 256]
            page = layout.encode_page(layout.Page(tuple(d for d, _ in part), tuple(p for _, p in part)))
            pages.append(layout.sha256(page))
            self._write(layout.page_path(pages[-1]), page, records=True)
        manifest = layout.encode_manifest(len(self.pairs), pages)
        self._write(layout.manifest_path(layout.sha256(manifest)), manifest, records=True)
        return layout.sha256(manifest)

    def _shown(self, index: int) -> tuple[tuple[bytes, bytes | None] | None, layout.Presence]:
        kind, pair = self.types[index], self.pairs[index]
        if kind is None:
            return None, layout.Presence.NONE
        if not self.catalog.types[kind].openly_displayed:
            return None, layout.Presence.CLOSED
        return (None, layout.Presence.ERASED) if pair is None else (pair, layout.Presence.PRESENT)


def a_card(register: Register, issued: Issued, *, by: SeedSigner, **changes: Any) -> bytes:
    """A card like that of `issued`, changed and signed by somebody."""
    card = issued.card
    assert card is not None
    return sign_card(replace(card, **changes), by)


def with_key(ring: KeyRing, thumbprint: bytes, **changes: Any) -> tuple[RingKey, ...]:
    """The keys of a ring with one of them changed."""
    return tuple(replace(k, **changes) if k.public.thumbprint == thumbprint else k for k in ring.keys)
