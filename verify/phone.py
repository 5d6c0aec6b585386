"""The phone bundle: made here of what the newest snapshot names, and read as a source of its own."""

import threading
from collections.abc import Iterator
from datetime import timedelta

from keys import layout
from keys.catalog import LARGEST_CATALOG
from keys.checkpoint import LARGEST_NOTE, open_checkpoint
from keys.denied import LARGEST_DENIED_SET
from keys.errors import KeysError
from keys.keyring import LARGEST_RING, Role
from keys.phone import encode_phone_bundle, parse_phone_bundle
from keys.statuslist import LARGEST_LIST_JWT
from verify.days import read_named
from verify.errors import EvidenceMissing, Missing, SourceAway
from verify.published import LARGEST_LIST_INDEX, Evidence
from verify.sources import Source


class BundleSource:
    """The files of a bundle, read as a folder of them would be."""

    pause = timedelta(0)

    def __init__(self, content: bytes) -> None:
        """Raises `Malformed` for what is no phone bundle."""
        self._files = parse_phone_bundle(content)

    def read(self, path: str, *, limit: int) -> bytes:
        """The file's bytes; raises `Missing`, or `SourceAway` when it is longer than `limit`."""
        content = self._files.get(path)
        if content is None:
            raise Missing(f"{path}: not in the bundle")
        if len(content) > limit:
            raise SourceAway(f"{path}: longer than the {limit} bytes such a file may have")
        return content

    def poll(self, path: str, *, limit: int, seen: str | None) -> tuple[str, bytes] | None:
        """The file the first time, None from then on."""
        return None if seen is not None else (path, self.read(path, limit=limit))

    def names(self, folder: str) -> Iterator[str]:
        """The paths of the files below `folder`."""
        yield from (path for path in sorted(self._files) if path.startswith(f"{folder}/"))


class PhoneBundle:
    """The newest bundle, made once for each snapshot; safe for several threads."""

    def __init__(self) -> None:
        self._made: tuple[bytes, bytes] = (b"", b"")
        self._lock = threading.Lock()

    def of(self, evidence: Evidence, source: Source) -> bytes:
        """The bundle of `evidence`, whose files are in `source`; raises `EvidenceMissing`, `SourceAway`."""
        with self._lock:
            if self._made[0] != evidence.signed:
                self._made = (evidence.signed, make_bundle(evidence, source))
            return self._made[1]


def make_bundle(evidence: Evidence, source: Source) -> bytes:
    """The bundle of what the snapshot of `evidence` names; raises `EvidenceMissing` or `SourceAway`."""
    read, snapshot = read_named(source), evidence.snapshot
    files = {layout.SNAPSHOT: evidence.signed}
    named = [
        (layout.catalog_path(snapshot.catalog.version), snapshot.catalog.digest, LARGEST_CATALOG),
        (layout.list_index_path(snapshot.lists), snapshot.lists, LARGEST_LIST_INDEX),
    ]
    named += [
        (layout.list_path(name, one.version), one.digest, LARGEST_LIST_JWT)
        for name, one in evidence.named_lists.items()
    ]
    files |= {path: read(path, digest, limit) for path, digest, limit in named}
    files |= dict(_rings(evidence, source))
    files |= dict(_denied_sets(evidence, source))
    files |= dict(_checkpoint(evidence, source))
    return encode_phone_bundle(files)


def _rings(evidence: Evidence, source: Source) -> Iterator[tuple[str, bytes]]:
    # From the first one on: which of them a phone pinned, nobody here knows.
    for version in range(1, evidence.snapshot.keyring.version + 1):
        path = layout.keyring_path(version)
        try:
            signed = source.read(path, limit=LARGEST_RING)
        except Missing:
            if version >= evidence.first_ring:
                raise
            continue
        known = evidence.rings.get(version)
        if known is not None and layout.sha256(signed) != known[1]:
            raise EvidenceMissing(f"{path} is not the one that was followed")
        yield path, signed


def _denied_sets(evidence: Evidence, source: Source) -> Iterator[tuple[str, bytes]]:
    for key in evidence.ring.with_role(Role.AGENCY):
        if evidence.good_size(key) is None:
            continue
        path = layout.denied_set_path(key.public.thumbprint)
        try:
            evidence.denied_set(key)
            yield path, source.read(path, limit=LARGEST_DENIED_SET)
        except (EvidenceMissing, SourceAway):
            continue  # The phone says that it cannot tell.


def _checkpoint(evidence: Evidence, source: Source) -> Iterator[tuple[str, bytes]]:
    """The checkpoint of the same tree, with its witnesses' lines; it may be newer, and is left out then."""
    ring, snapshot = evidence.ring, evidence.snapshot
    try:
        note = source.read(layout.CHECKPOINT, limit=LARGEST_NOTE)
        keys = [key.public for key in ring.with_role(Role.LOG)]
        checkpoint = open_checkpoint(note, ring.origin, keys)
    except (KeysError, SourceAway):
        return
    if (checkpoint.size, checkpoint.root) == (snapshot.log_size, snapshot.log_root):
        yield layout.CHECKPOINT, note
