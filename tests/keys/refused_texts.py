"""Texts that every reader must refuse: digits, codes, dates, catalogs, checkpoints, verifier keys."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from keys.catalog import encode_catalog, encode_json
from keys.checkpoint import Checkpoint, NoteSignature, key_hash, sign_checkpoint, verifier_key, write_note
from keys.layout import sha256
from tests.keys import examples
from tests.keys.examples import LOG, ORIGIN

# Door, why, content, and the error where it is not `Malformed`.
Case = tuple[str, str, bytes | str] | tuple[str, str, bytes | str, str]
_STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def cases() -> Iterator[Case]:
    """Every case of this file."""
    yield from _text_cases()
    yield from _catalog_cases()
    yield from _note_cases()


def _text_cases() -> Iterator[Case]:
    for why, text in {
        "one digit": "0",
        "two digits": "00",
        "16 digits": "0" * 16,
        "18 digits": "0" * 18,
        "a byte of 256": "256",
        "two bytes of 65536": "65536",
        "seven bytes of 2**56": "72057594037927936",
        "Thai digits": "๐๐๐",
        "a blank": "00 000",
        "a sign": "+10",
        "an underscore": "1_0",
    }.items():
        yield "digits", why, text
    for why, text in {
        "one digit wrong": "12345678901254",
        "two digits swapped": "21345678901244",
        "13 digits": "1234567890124",
        "15 digits": "123456789012444",
        "letters": "1234567890124O",
        "check digits that are 97 too low": "00000000000001",
        "nothing": "",
    }.items():
        yield "code", why, text, "MistypedCode"
    for text in ("20260410", "2026-4-10", "2026-04-31", "0000-01-01", "2026-04-10 ", "๒๐๒๖-๐๔-๑๐", ""):
        yield "date", "another spelling, or no day", text


def _catalog_cases() -> Iterator[Case]:
    good = encode_catalog(examples.CATALOG).decode()
    value = json.loads(good)
    kind = value["types"][0]
    yield "catalog", "a blank", good.replace(":", ": ", 1)
    yield "catalog", "a newline at the end", good + "\n"
    yield "catalog", "a byte-order mark", "\ufeff" + good
    yield "catalog", "an escaped letter", good.replace("ต", "\\u0e15", 1)
    yield "catalog", "a duplicate item", good.replace('"version":1', '"version":1,"version":1')
    yield "catalog", "a number that is not whole", good.replace('"minimum":1', '"minimum":1.5')
    yield "catalog", "a whole number with a point", good.replace('"minimum":1', '"minimum":1.0')
    yield "catalog", "not a number", good.replace('"minimum":1', '"minimum":NaN')
    for why, edit in {
        "an unknown item": {"x": 1},
        "another format": {"format": "catalog/2"},
        "a negative version": {"version": -1},
        "true as version": {"version": True},
        "an agency twice": {"agencies": value["agencies"] * 2},
        "an unknown term rule": {"types": [kind | {"term": {"rule": "weeks", "length": 1}}]},
        "an unknown display method": {"types": [kind | {"display": {"methods": ["fax"], "gazette": ""}}]},
        "an activity that is no field": {"types": [kind | {"activity": "x"}]},
        "words in one language": {"types": [kind | {"name": {"th": "ก"}}]},
        "a text for yes": {"types": [kind | {"holder": "true"}]},
        "an unknown mark": {"types": [kind | {"schema": _schema(kind, "x-mark", "secret")}]},
        "a field without label": {"types": [kind | {"schema": _schema(kind, "x-label", None)}]},
    }.items():
        yield "catalog", why, encode_json(value | edit).decode()


def _schema(kind: dict[str, Any], key: str, new: object) -> dict[str, Any]:
    properties = kind["schema"]["properties"]
    return kind["schema"] | {"properties": properties | {"phone": properties["phone"] | {key: new}}}


def _note_cases() -> Iterator[Case]:
    checkpoint = Checkpoint(ORIGIN, 5, sha256(b"root"))
    good = sign_checkpoint(checkpoint, LOG).decode()
    text, _, line = good.partition("\n\n")

    def signed(body: str) -> str:
        signature = LOG.sign(body.encode())
        return write_note(body, [NoteSignature(ORIGIN, key_hash(ORIGIN, LOG.public), signature)]).decode()

    root = text.split("\n")[2]
    yield "checkpoint", "no blank line", good.replace("\n\n", "\n")
    yield "checkpoint", "no newline at the end", good[:-1]
    yield "checkpoint", "carriage returns", good.replace("\n", "\r\n")
    yield "checkpoint", "a hyphen for the dash", good.replace("\u2014", "-")
    yield "checkpoint", "base64 without padding", good.rstrip("\n").rstrip("=") + "\n"
    yield "checkpoint", "bits left over in base64", f"{text}\n\n{odd_bits(line[:-1])}\n"
    yield "checkpoint", "a size with a leading zero", signed(f"{ORIGIN}\n05\n{root}\n")
    yield "checkpoint", "a negative size", signed(f"{ORIGIN}\n-5\n{root}\n")
    yield "checkpoint", "a size in Thai digits", signed(f"{ORIGIN}\n๕\n{root}\n")
    yield "checkpoint", "a root of 31 bytes", signed(f"{ORIGIN}\n5\n{'A' * 40}AA==\n")
    yield "checkpoint", "a fourth line", signed(f"{text}\nextension\n")
    yield "checkpoint", "another origin in the text", signed(f"other\n5\n{root}\n")
    yield "checkpoint", "another log", good.replace(ORIGIN, "other"), "UnknownKey"
    wrong = sign_checkpoint(dataclasses.replace(checkpoint, size=6), LOG).decode().partition("\n\n")[2]
    yield "checkpoint", "the signature of another size", f"{text}\n\n{wrong}", "BadSignature"
    vkey = verifier_key(ORIGIN, LOG.public)
    yield "verifier key", "another name", vkey.replace(ORIGIN, "other")
    yield "verifier key", "hash in upper case", vkey.replace(vkey.split("+")[1], vkey.split("+")[1].upper())
    yield "verifier key", "no name", vkey.removeprefix(ORIGIN)
    yield "verifier key", "letters beyond ASCII", vkey[:-4] + "กกก="
    yield "verifier key", "nothing", ""


def odd_bits(encoded: str, alphabet: str = _STANDARD) -> str:
    """`encoded` with bits set that base64 leaves unused; decoders that do not look give the same bytes."""
    text = encoded.rstrip("=")
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1] + encoded[len(text) :]
