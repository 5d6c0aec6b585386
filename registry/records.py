"""The records: signed statements and cards for verify hosts, in bundles of 256 by log index.

Every file is named by its own hash, and a manifest names them all, so a reader that was told the
manifest's hash by a verified snapshot can take nothing else.
"""

import json
import os
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from keys import layout
from keys.acts import ActKind
from keys.catalog import Catalog, encode_json
from keys.layout import BUNDLE_ENTRIES, PAGE_BUNDLES, PAGE_ENTRIES, Page, Presence
from registry.catalogs import current_catalog
from registry.files import Folder
from registry.log import tiles_of

# A reader that still loads what an older snapshot named must find it; after this, the snapshot
# itself is too old to show anything green by.
_KEPT_SECONDS = 20 * 60

OpenTypes = list[list[int]]


def publish_records(
    session: Session, records: Folder, before: bytes | None, start: int, size: int, *, today: date
) -> bytes:
    """Write the bundles from the one that held `start` to `size`, and the manifest; gives its hash.

    `before` is the hash of the manifest that covers `start`.  When a type was opened or closed
    since, all bundles are written again.
    """
    opened = open_types(current_catalog(session), today)
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
    _sweep(records, digest, digests)
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
    path = layout.bundle_path(number, digest)
    records.write_new(path, content)
    folder, _, name = path.rpartition("/")
    _remove_old(records, folder, keep={name})
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


def _sweep(records: Folder, manifest: bytes, pages: list[bytes]) -> None:
    _remove_old(records, "manifest", keep={f"{manifest.hex()}.cbor"})
    _remove_old(records, "opened", keep={f"{manifest.hex()}.json"})
    _remove_old(records, "page", keep={f"{digest.hex()}.cbor" for digest in pages})


def _remove_old(records: Folder, folder: str, *, keep: set[str]) -> None:
    latest = time.time() - _KEPT_SECONDS
    with os.scandir(records.root / folder) as found:
        old = [entry.name for entry in found if entry.name not in keep and entry.stat().st_mtime < latest]
    for name in old:
        records.remove(f"{folder}/{name}")
