"""The records: signed statements and cards for verify hosts, in bundles of 256 by log index.

Every file is named by its own hash, and a manifest names them all, so a reader that was told the
manifest's hash by a verified snapshot can take nothing else.
"""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from keys import layout
from keys.acts import ActKind
from keys.catalog import Catalog, encode_json
from keys.dates import bangkok_date
from keys.layout import BUNDLE_ENTRIES, PAGE_BUNDLES, PAGE_ENTRIES, Page, Presence
from registry.catalogs import current_catalog
from registry.files import Folder
from registry.log import tiles_of

# A reader that still loads what an older snapshot named must find it; after this, the snapshot
# itself is too old to show anything green by.
_KEPT = timedelta(minutes=20)
# By root: when this process last looked for files that nothing names, and which these were.
_UNNAMED: dict[Path, tuple[datetime, frozenset[str]]] = {}

OpenTypes = list[list[int]]


def publish_records(
    session: Session, records: Folder, before: bytes | None, start: int, size: int, *, at: datetime
) -> bytes:
    """Write the bundles from the one that held `start` to `size`, and the manifest; gives its hash.

    `before` is the hash of the manifest that covers `start`.  When a type was opened or closed
    since, all bundles are written again.
    """
    opened = open_types(current_catalog(session), bangkok_date(at))
    if before is None or _opened_at(records, before) != opened:
        before, start = None, 0
    digests, bundles = _kept(records, before, start)
    shown = {tuple(pair) for pair in opened}
    for number, rows in tiles_of(session, start, size, "act", "agency", "license_type", "statement", "card"):
        bundles.append(_write_bundle(records, number, rows, shown))
        if len(bundles) == PAGE_BUNDLES:
            digests.append(_write_page(records, bundles))
            bundles = []
    if bundles:
        digests.append(_write_page(records, bundles))
    manifest = layout.encode_manifest(size, digests)
    digest = layout.sha256(manifest)
    records.replace(_opened_path(digest), encode_json(opened))
    records.write_new(layout.manifest_path(digest), manifest)
    _sweep(records, digest, digests, at)
    return digest


Bundle = tuple[bytes, bytes]  # The bundle file's hash, and what it holds for each of its indexes.


def _kept(records: Folder, before: bytes | None, start: int) -> tuple[list[bytes], list[Bundle]]:
    # What stays of the last manifest: whole pages by their hashes, then bundles of the page begun.
    if before is None:
        return [], []
    _, digests = layout.parse_manifest(_read(records, layout.manifest_path(before)))
    page_number = start // PAGE_ENTRIES
    kept = start // BUNDLE_ENTRIES % PAGE_BUNDLES
    if kept == 0:
        return list(digests[:page_number]), []
    page = layout.parse_page(_read(records, layout.page_path(digests[page_number])))
    return list(digests[:page_number]), list(zip(page.digests, page.presence, strict=True))[:kept]


def _read(records: Folder, path: str) -> bytes:
    content = records.read(path)
    if content is None:
        raise FileNotFoundError(f"{path} is missing from the records")
    return content


def _write_bundle(records: Folder, number: int, rows: Sequence[Any], shown: set[tuple[int, ...]]) -> Bundle:
    states, pairs = [], list[tuple[bytes, bytes | None] | None]()
    for act, agency, license_type, statement, card in rows:
        if statement is not None and (agency, license_type) in shown:
            states.append(Presence.PRESENT)
            pairs.append((statement, card))
        else:
            without = Presence.NONE if act >= ActKind.ERASURE else Presence.ERASED
            states.append(without if statement is None else Presence.CLOSED)
            pairs.append(None)
    content = layout.encode_bundle(pairs)
    digest = layout.sha256(content)
    records.write_new(layout.bundle_path(number, digest), content)
    return digest, layout.pack_presence(states)


def _write_page(records: Folder, bundles: list[Bundle]) -> bytes:
    page = layout.encode_page(Page(tuple(b[0] for b in bundles), tuple(b[1] for b in bundles)))
    digest = layout.sha256(page)
    records.write_new(layout.page_path(digest), page)
    return digest


def open_types(catalog: Catalog, today: date) -> OpenTypes:
    """The pairs of agency and type whose licenses are public on `today`, in ascending order."""
    return [
        [agency.number, license_type]
        for _, agency in sorted(catalog.agencies.items())
        for license_type in sorted(agency.types)
        if catalog.is_open(agency.number, license_type, today)
    ]


def _opened_path(manifest: bytes) -> str:
    return f"opened/{manifest.hex()}.json"


def _opened_at(records: Folder, manifest: bytes) -> OpenTypes | None:
    # A note to ourselves: without it, or with a damaged one, all bundles are written again.
    try:
        opened: OpenTypes = json.loads(records.read(_opened_path(manifest)) or b"null")
    except ValueError:
        return None
    return opened


def _sweep(records: Folder, manifest: bytes, pages: Sequence[bytes], at: datetime) -> None:
    # When a file was superseded stands nowhere: so what nothing names now is looked at again later, and
    # removed if nothing names it then.  All bundles are looked at, for one that is full is not written again.
    looked, before = _UNNAMED.get(records.root, (None, frozenset[str]()))
    if looked is not None and at - looked < _KEPT:
        return
    unnamed = frozenset(_files(records.root)) - _named(records, manifest, pages)
    for path in unnamed & before:
        records.remove(path)
    _UNNAMED[records.root] = at, unnamed - before


def _files(root: Path) -> Iterator[str]:
    for top in ("manifest", "opened", "page", "bundle"):
        for folder, _, names in os.walk(root / top):
            place = Path(folder).relative_to(root).as_posix()
            yield from (f"{place}/{name}" for name in names)


def _named(records: Folder, manifest: bytes, pages: Sequence[bytes]) -> set[str]:
    names = {layout.manifest_path(manifest), _opened_path(manifest), *map(layout.page_path, pages)}
    for number, digest in enumerate(pages):
        page = layout.parse_page(_read(records, layout.page_path(digest)))
        bundles = enumerate(page.digests, number * PAGE_BUNDLES)
        names.update(layout.bundle_path(bundle, named) for bundle, named in bundles)
    return names
