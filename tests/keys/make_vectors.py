"""The golden vectors: `python -m tests.keys.make_vectors` writes them, a test compares byte for byte.

Old vectors stay for ever: a format that changes gets a new version and new examples beside these.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from keys import cbor, cose, merkle, tiles
from keys.base10 import to_digits
from keys.card import LicenseCard, card_link, encode_card
from keys.catalog import encode_catalog
from keys.checkpoint import Checkpoint, note_text, sign_checkpoint, sign_note, verifier_key, write_note
from keys.code import make_code, show_code
from keys.entry import LogEntry, encode_entry
from keys.extract import encode_extract
from keys.keyring import encode_ring, sign_ring
from keys.layout import encode_bundle, encode_list_index, encode_manifest, encode_page, pack_presence, sha256
from keys.opening import sign_card, sign_snapshot, sign_statement
from keys.record import LicenseRecord, Order, Statement, StatusRef, Withheld, encode_statement
from keys.signing import SeedSigner
from keys.snapshot import Denial, Named, Snapshot, encode_snapshot
from keys.statuslist import ListName, StatusList, sign_list
from keys.text import canonical, fold_digits, to_windows_874
from tests.keys import examples, examples_extract, life_vectors, receipt_vectors, refused_vectors

FOLDER = Path(__file__).parent / "vectors"

TEXTS = {
    "plain": "ร้านเจริญกรุง",
    "tone before an apart am": "น\u0e49\u0e4d\u0e32",
    "tone inside an apart am": "น\u0e4d\u0e49\u0e32",
    "tone after am": "น\u0e33\u0e49",
    "tone before the vowel": "ท\u0e35\u0e48 ท\u0e48\u0e35",
    "tone before a lower vowel": "ป\u0e48\u0e39",
    "doubled marks": "ก\u0e34\u0e34\u0e49\u0e49",
    "two sara e": "\u0e40\u0e40\u0e40กว",
    "zero-width and directional": "\ufeffก\u200bา\u200d\u2066ร\u2069\u00ad",
    "variation selector and fillers": "ก\ufe0fา\u3164ร\u034f",
    "blanks": "\u00a0ก \t\u3000 ข\u2028\r\nค ",
    "latin": "Cafe\u0301 \u2126",
    "thai digits stay": "๑๒/๒๕๖๙",
    "nothing but controls": "\u200b\u0000\ufffe",
}
BYTES = ("", "00", "ff", "ffff", "0102030405", "00000000000000", "ffffffffffffff", "ffffffffffffff01")
TWELVES = (0, 1, 97, 123_456_789_012, 999_999_999_999)
VALUES: tuple[Any, ...] = (
    *(0, 23, 24, 255, 256, 65_535, 65_536, 2**32, 2**64 - 1, -1, -24, -25, -(2**64)),
    *(False, True, None, b"", b"\x01\xff", "", "ก", [], [1, [2]], {}),
    {"b": 1, "a": 2, "aa": 3},
    {10: 0, 1: 0, -1: 0, 100: 0},
)


def plain(value: Any) -> Any:
    """`value` as JSON shows it: bytes in hex, dates as ISO 8601, enumerations as their values."""
    for kind, show in _SHOWN:
        if isinstance(value, kind):
            return show(value)
    return value


def _fields(value: Any) -> Any:
    return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


_SHOWN: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Withheld, lambda value: {"withheld": value.digest.hex()}),
    (Enum, lambda value: value.value),
    (bytes, bytes.hex),
    (date, date.isoformat),
    (Mapping, lambda value: {str(k): plain(v) for k, v in value.items()}),
    (tuple | list, lambda value: [plain(item) for item in value]),
    (
        (
            LicenseRecord,
            Order,
            StatusRef,
            LicenseCard,
            LogEntry,
            ListName,
            StatusList,
            Named,
            Denial,
            Snapshot,
        ),
        _fields,
    ),
)


def text_vectors() -> Any:
    """Canonical text, folded digits and windows-874."""
    windows = ("กขค", "ร้าน ABC 12", "฿ ๏ ๛", "Café", "ก\u00a0ข")
    return {
        "canonical": [{"name": n, "text": t, "canonical": canonical(t)} for n, t in TEXTS.items()],
        "fold_digits": [{"text": t, "folded": fold_digits(t)} for t in ("๑๒๓/๒๕๖๙", "０１２-ก๙")],
        "windows_874": [{"text": t, "bytes": b.hex() if b else None} for t, b in _windows(windows)],
    }


def _windows(texts: tuple[str, ...]) -> list[tuple[str, bytes | None]]:
    return [(text, to_windows_874(text)) for text in texts]


def cbor_vectors() -> Any:
    """Values of each kind and their one encoding."""
    encodings = [cbor.encode(value) for value in VALUES]
    return [{"diagnostic": diagnostic(cbor.decode(data)), "bytes": data.hex()} for data in encodings]


def diagnostic(value: Any) -> str:
    """`value` in CBOR diagnostic notation (RFC 8949 §8)."""
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, list):
        return f"[{', '.join(map(diagnostic, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{diagnostic(k)}: {diagnostic(v)}' for k, v in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)


def key_vectors() -> Any:
    """Every key of the examples."""
    named = {
        "root 1": examples.ROOTS[0],
        "root 2": examples.ROOTS[1],
        "root 3": examples.ROOTS[2],
        "agency 1, 2026": examples.AGENCY,
        "agency 1, 2025": examples.OLD_AGENCY,
        "agency 2, 2025": examples.STOLEN,
        "log": examples.LOG,
        "status": examples.STATUS,
    }
    return {name: _key(name, signer) for name, signer in named.items()}


def _key(name: str, signer: SeedSigner) -> Any:
    return {
        "seed": examples.seed(name).hex(),
        "public": signer.public.raw.hex(),
        "thumbprint": signer.public.thumbprint.hex(),
        "kid": signer.public.kid.hex(),
    }


def cose_vectors() -> Any:
    """COSE_Sign1 around payloads at the borders of the length's spelling, and one COSE_Sign."""
    return {
        "sign1": [
            {"payload": (b"p" * n).hex(), "signed": cose.sign1(b"p" * n, examples.AGENCY).hex()}
            for n in (0, 23, 24, 255, 256)
        ],
        "sign": {
            "payload": b"payload".hex(),
            "signed": cose.write_many(
                cose.SignMany(b"payload", tuple(cose.cosign(b"payload", root) for root in examples.ROOTS))
            ).hex(),
        },
    }


def statement_vectors() -> Any:
    """License records and orders, signed by the key of agency 1."""
    named: dict[str, Statement] = {
        "record": examples.RECORD,
        "renewal": examples.SHORT_RECORD,
        "suspension": examples.SUSPENSION,
        "ending": examples.ENDING,
    }
    statements = {
        name: {
            "value": plain(statement),
            "payload": encode_statement(statement).hex(),
            "signed": sign_statement(statement, examples.AGENCY).hex(),
        }
        for name, statement in named.items()
    }
    blinded = {"value": "0105556012345", "blind": examples.BLIND.hex()}
    digest = Withheld.of("0105556012345", examples.BLIND).digest.hex()
    return {"statements": statements, "withheld": blinded | {"digest": digest}}


def card_vectors() -> Any:
    """Cards, signed by the key of agency 1, and what their QR holds."""
    named = {"typical": examples.CARD, "bare": examples.BARE_CARD}
    vectors = {}
    for name, card in named.items():
        signed = sign_card(card, examples.AGENCY)
        prefix, digits = card_link(signed, base_url=f"https://{examples.HOST}")
        vectors[name] = {
            "value": plain(card),
            "payload": encode_card(card).hex(),
            "signed": signed.hex(),
            "prefix": prefix,
            "digits": digits,
        }
    return vectors


def digit_vectors() -> Any:
    """Base10 and typed codes."""
    return {
        "base10": [{"bytes": text, "digits": to_digits(bytes.fromhex(text))} for text in BYTES],
        "codes": [{"number": n, "code": make_code(n), "shown": show_code(make_code(n))} for n in TWELVES],
    }


def log_vectors() -> Any:
    """Entries, the tree over them, its proofs and tiles, and its checkpoint."""
    entries = [encode_entry(entry) for entry in examples.ENTRIES]
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    tile = b"".join(leaves)
    node = tiles.TileTree(lambda _: tile).node(len(leaves))
    root = merkle.root_of(leaves)
    checkpoint = Checkpoint(examples.ORIGIN, len(leaves), root)
    return {
        "entries": [
            {"value": plain(value), "bytes": data.hex(), "leaf": leaf.hex()}
            for value, data, leaf in zip(examples.ENTRIES, entries, leaves, strict=True)
        ],
        "subject": {
            "salt": examples.SALT.hex(),
            "code": examples.CODE,
            "subject": plain(examples.ENTRIES[1].subject),
        },
        "roots": [merkle.root_of(leaves[:n]).hex() for n in range(len(leaves) + 1)],
        "inclusion": [
            {"index": i, "size": 5, "proof": plain(merkle.inclusion_proof(i, 5, node))} for i in range(5)
        ],
        "consistency": [
            {"old": n, "new": 5, "proof": plain(merkle.consistency_proof(n, 5, node))} for n in range(6)
        ],
        "entry_bundle": tiles.entry_bundle(entries).hex(),
        "tile_paths": {
            "0/0 of width 5": tiles.tile_path(0, 0, 5),
            "1/1234067": tiles.tile_path(1, 1_234_067),
            "entries/1000": tiles.entries_path(1000),
        },
        "verifier_key": verifier_key(examples.ORIGIN, examples.LOG.public),
        "checkpoint": sign_checkpoint(checkpoint, examples.LOG).decode(),
        "checkpoint_with_a_stranger": _with_a_stranger(checkpoint).decode(),
    }


def _with_a_stranger(checkpoint: Checkpoint) -> bytes:
    text = note_text(checkpoint)
    ours = sign_note(text, checkpoint.origin, examples.LOG)
    witness = dataclasses.replace(sign_note(text, "witness.example", examples.ROOTS[2]), signature=b"\1" * 72)
    return write_note(text, [witness, ours])


def list_vectors() -> Any:
    """One status list; a compressor that is not zlib's may give another JWT that opens alike."""
    return {
        "value": plain(dataclasses.replace(examples.LIST, nibbles=b"")) | {"nibbles": "as `set` below"},
        "set": {str(p): examples.LIST.status_at(p) for p in (*range(7), 40_321)},
        "signed": sign_list(examples.LIST, examples.STATUS).decode(),
    }


def ring_vectors() -> Any:
    """A first ring by two of three roots, its successor by all of them, and its JSON Web Key Set."""
    second = dataclasses.replace(examples.RING, version=2, keys=examples.RING.keys[:2])
    return {
        "first": {"payload": encode_ring(examples.RING).hex(), "signed": examples.SIGNED_RING.hex()},
        "second": {"payload": encode_ring(second).hex(), "signed": sign_ring(second, examples.ROOTS).hex()},
        "jwks": examples.RING.jwks(),
    }


def published_vectors() -> Any:
    """Snapshot, list index, manifest, page, bundle and catalog."""
    page = encode_page(examples.PAGE)
    catalog = encode_catalog(examples.CATALOG)
    return {
        "snapshot": {
            "value": plain(examples.SNAPSHOT),
            "payload": encode_snapshot(examples.SNAPSHOT).hex(),
            "signed": sign_snapshot(examples.SNAPSHOT, examples.STATUS).hex(),
        },
        "list_index": encode_list_index(examples.LISTS).hex(),
        "manifest": encode_manifest(5, [sha256(page)]).hex(),
        "page": page.hex(),
        "presence": {"states": plain(examples.PRESENCE), "packed": pack_presence(examples.PRESENCE).hex()},
        "bundle": encode_bundle(examples.STATEMENTS).hex(),
        "catalog": {"text": catalog.decode(), "sha256": sha256(catalog).hex()},
    }


def extract_vectors() -> Any:
    """An extract that checks, with the ring that it is checked by."""
    return {
        "ring": examples.SIGNED_RING.hex(),
        "code": examples_extract.EXTRACT.code,
        "day": plain(examples_extract.EXTRACT.day),
        "extract": encode_extract(examples_extract.EXTRACT).hex(),
        "known_then": "VALID",
        "known_now": "SUSPENDED",
    }


def vault_vectors() -> Any:
    """Files of a vault: they must open for as long as there are backups of them."""
    return {
        "passphrase": examples.PASSPHRASE.decode(),
        "public": examples.LOG.public.raw.hex(),
        "files": {name: content.hex() for name, content in examples.vault_files().items()},
    }


FILES: dict[str, Callable[[], Any]] = {
    "text": text_vectors,
    "cbor": cbor_vectors,
    "keys": key_vectors,
    "cose": cose_vectors,
    "statements": statement_vectors,
    "cards": card_vectors,
    "digits": digit_vectors,
    "log": log_vectors,
    "status_list": list_vectors,
    "ring": ring_vectors,
    "published": published_vectors,
    "extract": extract_vectors,
    "vault": vault_vectors,
    "key_life": life_vectors.key_life_vectors,
    "receipt": receipt_vectors.receipt_vectors,
    "refused": refused_vectors.refused,
}


def render(name: str) -> bytes:
    """The bytes of one file of vectors."""
    return (json.dumps(FILES[name](), ensure_ascii=False, indent=1) + "\n").encode()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in FILES:
        (FOLDER / f"{name}.json").write_bytes(render(name))
