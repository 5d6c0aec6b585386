"""Proofs over HTTP: that an entry stands in the log, and that a tree of the log extends another.

Nothing is answered that was not verified under the root of the signed snapshot first.  The
answers never change for the sizes they name, so they may be kept anywhere; there is no limit.
"""

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from keys import layout, merkle
from keys.checkpoint import LARGEST_NOTE, open_checkpoint
from keys.errors import KeysError
from keys.keyring import Role
from keys.layout import sha256
from keys.submission import write_hashes
from keys.tiles import TILE_WIDTH
from keys.tlogproof import TlogProof, write_proof
from verify.errors import EvidenceMissing, SourceAway
from verify.logreader import LogReader
from verify.problems import Problem
from verify.published import Evidence
from verify.services import SERVICES, Services
from verify.sources import Source

_IMMUTABLE = "public, max-age=31536000, immutable"
_CHANGING = "no-cache"
_MOST_DIGITS = 18

proofs = Blueprint("proofs", __name__, url_prefix="/proof")


def inclusion(evidence: Evidence, index: int, size: int) -> tuple[bytes, list[bytes], bytes]:
    """Leaf hash, audit path and root that show entry `index` in the tree of `size`.

    `size` is at most the snapshot's.  Raises `EvidenceMissing` when a tile cannot be had.
    """
    root = _root_at(evidence, size)
    leaf = merkle.leaf_hash(evidence.log.bundle(index // TILE_WIDTH)[index % TILE_WIDTH])
    try:
        path = merkle.inclusion_proof(index, size, evidence.log.node)
        merkle.verify_inclusion(leaf, index, size, path, root)
    except (KeysError, SourceAway) as error:
        raise EvidenceMissing(f"entry {index} cannot be shown in a tree of {size}") from error
    return leaf, path, root


def consistency(evidence: Evidence, old: int, new: int) -> tuple[bytes, list[bytes], bytes]:
    """Old root, proof and new root that show that the tree of `new` extends that of `old`.

    `new` is at most the snapshot's size.  Raises `EvidenceMissing` when a tile cannot be had.
    """
    old_root, new_root = _root_at(evidence, old), _root_at(evidence, new)
    try:
        path = merkle.consistency_proof(old, new, evidence.log.node)
        merkle.verify_consistency(old, new, path, old_root, new_root)
    except (KeysError, SourceAway) as error:
        raise EvidenceMissing(f"trees of {old} and {new} cannot be compared") from error
    return old_root, path, new_root


def _root_at(evidence: Evidence, size: int) -> bytes:
    """The root of the first `size` entries, shown to lead to the snapshot's."""
    snapshot, node = evidence.snapshot, evidence.log.node
    try:
        root = merkle.tree_root(size, node)
        path = merkle.consistency_proof(size, snapshot.log_size, node)
        merkle.verify_consistency(size, snapshot.log_size, path, root, snapshot.log_root)
    except (KeysError, SourceAway) as error:
        raise EvidenceMissing(f"the tree of {size} cannot be shown") from error
    return root


def proof_file(source: Source, evidence: Evidence, index: int) -> bytes | None:
    """The `.tlog-proof` of entry `index` under the published checkpoint, witnesses' lines included.

    None when that checkpoint does not cover the entry.  Raises `EvidenceMissing`.
    """
    ring, ours = evidence.ring, evidence.snapshot
    try:
        note = source.read(layout.CHECKPOINT, limit=LARGEST_NOTE)
        checkpoint = open_checkpoint(note, ring.origin, [key.public for key in ring.with_role(Role.LOG)])
        if not index < checkpoint.size:
            return None
        log = evidence.log
        if (checkpoint.size, checkpoint.root) != (ours.log_size, ours.log_root):
            log = LogReader(source, checkpoint.size, checkpoint.root)
        entry = log.bundle(index // TILE_WIDTH)[index % TILE_WIDTH]
        path = merkle.inclusion_proof(index, checkpoint.size, log.node)
        leaf = merkle.leaf_hash(entry)
        merkle.verify_inclusion(leaf, index, checkpoint.size, path, checkpoint.root)
    except (KeysError, SourceAway) as error:
        raise EvidenceMissing(f"entry {index} cannot be shown under the checkpoint") from error
    return write_proof(TlogProof(index, tuple(path), note, entry))


# --- the views ----------------------------------------------------------------------------------


@proofs.get("/inclusion/<size>/<index>")
def inclusion_view(size: str, index: str) -> AnyResponse:
    """The inclusion proof of an entry in the tree of a size, as JSON."""
    evidence, wanted, at = _evidence(), _number(size), _number(index)
    if not at < wanted:
        raise Problem("bad_request")
    _require_covered(evidence, wanted)
    try:
        leaf, path, root = inclusion(evidence, at, wanted)
    except EvidenceMissing as error:
        raise Problem("evidence_away") from error
    said = {"log": evidence.ring.origin, "index": at, "size": wanted}
    return _answer(said | _in_base64(leaf=leaf, root=root), path)


@proofs.get("/consistency/<old>/<new>")
def consistency_view(old: str, new: str) -> AnyResponse:
    """The consistency proof between the trees of two sizes, as JSON."""
    evidence, before, after = _evidence(), _number(old), _number(new)
    if before > after:
        raise Problem("bad_request")
    _require_covered(evidence, after)
    try:
        old_root, path, new_root = consistency(evidence, before, after)
    except EvidenceMissing as error:
        raise Problem("evidence_away") from error
    said = {"log": evidence.ring.origin, "old_size": before, "new_size": after}
    return _answer(said | _in_base64(old_root=old_root, new_root=new_root), path)


@proofs.get("/<index>.tlog-proof")
def file_view(index: str) -> AnyResponse:
    """The proof of an entry as a file that shows it off line (C2SP tlog-proof)."""
    services, evidence, at = _services(), _evidence(), _number(index)
    try:
        content = proof_file(services.evidence.source, evidence, at)
    except EvidenceMissing as error:
        raise Problem("evidence_away") from error
    if content is None:
        raise Problem("not_here")
    answer = Response(content, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{at}.tlog-proof"'
    return _cacheable(answer, _CHANGING)


def _services() -> Services:
    services: Services = current_app.extensions[SERVICES]
    return services


def _evidence() -> Evidence:
    services = _services()
    evidence = services.evidence.current(services.clock())
    if evidence is None:
        raise Problem("evidence_away")
    return evidence


def _number(text: str) -> int:
    # One spelling a number: what caches hold is then one answer a proof.
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS or str(int(text)) != text:
        raise Problem("bad_request")
    return int(text)


def _require_covered(evidence: Evidence, size: int) -> None:
    if size > evidence.snapshot.log_size:
        raise Problem("not_here")


def _in_base64(**hashes: bytes) -> dict[str, str]:
    return {name: write_hashes([digest])[0] for name, digest in hashes.items()}


def _answer(said: dict[str, Any], path: Sequence[bytes]) -> AnyResponse:
    body = json.dumps(said | {"proof": write_hashes(path)}, separators=(",", ":"))
    return _cacheable(Response(body, content_type="application/json"), _IMMUTABLE)


def _cacheable(answer: Response, cache: str) -> AnyResponse:
    answer.headers["Cache-Control"] = cache
    answer.set_etag(sha256(answer.get_data()).hex())
    return answer.make_conditional(request)
