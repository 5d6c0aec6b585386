"""Extracts that every reader must refuse, whatever their parts are."""

from collections.abc import Iterator
from typing import Any

from keys import cbor
from keys.extract import encode_extract
from tests.keys.examples_extract import EXTRACT
from tests.keys.refused_texts import Case


def cases() -> Iterator[Case]:
    """Each with its door and why."""
    good = encode_extract(EXTRACT)
    items: dict[str, Any] = cbor.decode(good)
    act, files = items["acts"][0], items["files"]
    edits: dict[str, dict[str, Any]] = {
        "another format": {"format": "extract/2"},
        "an unknown item": {"note": "x"},
        "no day": {"day": None},
        "a day of another spelling": {"day": "2026-4-11"},
        "a code with dashes": {"code": "1234-5678-9012-44"},
        "a code that does not check": {"code": "12345678901245"},
        "no rings": {"rings": []},
        "no acts": {"acts": []},
        "an act twice": {"acts": [act, act]},
        "acts out of order": {"acts": items["acts"][::-1]},
        "an act of three": {"acts": [act[:3]]},
        "a negative index": {"acts": [[-1, *act[1:]]]},
        "an index that is true": {"acts": [[True, *act[1:]]]},
        "a hash of 31 bytes": {"growth": [b"h" * 31]},
        "a proof of 129 hashes": {"growth": [b"h" * 32] * 129},
        "a snapshot that is a text": {"then": "x"},
        "files out of order": {"files": files[::-1]},
        "a file twice": {"files": [files[0], *files]},
        "a checkpoint beyond 64 KiB": {"checkpoint_now": bytes((64 << 10) + 1)},
    }
    yield "extract", "trailing bytes", good + b"\0"
    yield "extract", "an array", cbor.encode([])
    for why, edit in edits.items():
        changed = items | edit
        yield "extract", why, cbor.encode({key: value for key, value in changed.items() if value is not None})
    yield "extract", "null in place of absence", cbor.encode(items | {"checkpoint_then": None})
