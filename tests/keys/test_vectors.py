"""The golden vectors: what was written once is written so for ever, and what was refused stays refused."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from keys import cbor, cose, errors, merkle
from keys.base10 import from_digits
from keys.card import card_link, parse_card
from keys.catalog import parse_catalog
from keys.checkpoint import open_checkpoint, parse_verifier_key
from keys.code import MistypedCode, parse_code
from keys.entry import parse_entry
from keys.keyring import follow_ring, pin_ring
from keys.layout import parse_bundle, parse_list_index, parse_manifest, parse_page
from keys.opening import open_card, open_snapshot, open_statement
from keys.record import parse_statement
from keys.signing import PublicKey, SeedSigner
from keys.statuslist import open_list
from keys.text import canonical, from_windows_874
from keys.tiles import parse_bundle as parse_entry_bundle
from keys.vault import Vault
from tests.keys import examples, make_vectors, refused_vectors

RING = examples.RING


def stored(name: str) -> Any:
    """One file of vectors."""
    return json.loads((make_vectors.FOLDER / f"{name}.json").read_bytes())


@pytest.mark.parametrize("name", make_vectors.FILES)
def test_the_generator_writes_the_golden_vectors_byte_for_byte(name: str) -> None:
    if name in {"status_list", "refused", "extract"} and "zlib-ng" in zlib.ZLIB_RUNTIME_VERSION:
        pytest.skip("another compressor than zlib makes other bytes of the same list")
    assert make_vectors.render(name) == (make_vectors.FOLDER / f"{name}.json").read_bytes()


def test_every_file_of_vectors_has_its_generator() -> None:
    assert {path.stem for path in make_vectors.FOLDER.glob("*.json")} == set(make_vectors.FILES)


def refused_cases() -> list[Any]:
    return [pytest.param(case, id=f"{case['door']}: {case['why']}") for case in stored("refused")]


def enter(case: dict[str, str]) -> object:
    """What the case's door makes of its content."""
    if "hex" in case:
        return refused_vectors.BYTE_DOORS[case["door"]](bytes.fromhex(case["hex"]))
    return refused_vectors.TEXT_DOORS[case["door"]](case["text"])


@pytest.mark.parametrize("case", refused_cases())
def test_what_we_would_not_write_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(errors.KeysError) as caught:
        enter(case)
    assert type(caught.value).__name__ == case["error"]


def test_every_door_has_a_negative_vector() -> None:
    doors = {*refused_vectors.BYTE_DOORS, *refused_vectors.TEXT_DOORS}
    assert {case["door"] for case in stored("refused")} == doors


def test_a_mistyped_code_is_malformed_too() -> None:
    assert issubclass(MistypedCode, errors.Malformed)


def test_text_vectors_hold() -> None:
    for case in stored("text")["canonical"]:
        assert canonical(case["text"]) == case["canonical"], case["name"]
        assert canonical(case["canonical"]) == case["canonical"], case["name"]
    for case in stored("text")["windows_874"]:
        if case["bytes"] is not None:
            assert from_windows_874(bytes.fromhex(case["bytes"])) == case["text"]


def test_cbor_vectors_pass_the_door() -> None:
    for case in stored("cbor"):
        value = cbor.decode(bytes.fromhex(case["bytes"]))
        assert make_vectors.diagnostic(value) == case["diagnostic"]
        assert cbor.encode(value).hex() == case["bytes"]


def test_key_vectors_hold() -> None:
    for case in stored("keys").values():
        signer = SeedSigner(bytes.fromhex(case["seed"]))
        assert signer.public == PublicKey(bytes.fromhex(case["public"]))
        assert (signer.public.thumbprint.hex(), signer.public.kid.hex()) == (case["thumbprint"], case["kid"])


def test_cose_vectors_verify() -> None:
    for case in stored("cose")["sign1"]:
        parts = cose.parse_sign1(bytes.fromhex(case["signed"]))
        parts.verify(examples.AGENCY.public)
        assert parts.payload.hex() == case["payload"]
    many = cose.parse_many(bytes.fromhex(stored("cose")["sign"]["signed"]))
    assert many.signed_by([root.public for root in examples.ROOTS]) == 3


def test_statement_vectors_open_to_their_values() -> None:
    for case in stored("statements")["statements"].values():
        opened = open_statement(bytes.fromhex(case["signed"]), RING)
        assert make_vectors.plain(opened.value) == case["value"]
        assert parse_statement(bytes.fromhex(case["payload"])) == opened.value


def test_card_vectors_open_to_their_values_from_the_digits_of_their_links() -> None:
    for case in stored("cards").values():
        signed = from_digits(case["digits"])
        assert signed.hex() == case["signed"]
        assert make_vectors.plain(open_card(signed, RING).value) == case["value"]
        assert card_link(signed, base_url=f"https://{examples.HOST}") == (case["prefix"], case["digits"])
        assert parse_card(bytes.fromhex(case["payload"])) == open_card(signed, RING).value


def test_digit_vectors_hold() -> None:
    for case in stored("digits")["base10"]:
        assert from_digits(case["digits"]).hex() == case["bytes"]
    for case in stored("digits")["codes"]:
        assert parse_code(case["shown"]) == case["code"]


def test_log_vectors_prove_what_they_say() -> None:
    log = stored("log")
    leaves = [bytes.fromhex(case["leaf"]) for case in log["entries"]]
    roots = [bytes.fromhex(root) for root in log["roots"]]
    for case in log["entries"]:
        data = bytes.fromhex(case["bytes"])
        assert merkle.leaf_hash(data).hex() == case["leaf"]
        assert make_vectors.plain(parse_entry(data)) == case["value"]
    for case in log["inclusion"]:
        proof = list(map(bytes.fromhex, case["proof"]))
        merkle.verify_inclusion(leaves[case["index"]], case["index"], 5, proof, roots[5])
    for case in log["consistency"]:
        proof = list(map(bytes.fromhex, case["proof"]))
        merkle.verify_consistency(case["old"], 5, proof, roots[case["old"]], roots[5])
    bundle = parse_entry_bundle(bytes.fromhex(log["entry_bundle"]))
    assert [merkle.leaf_hash(entry) for entry in bundle] == leaves


def test_checkpoint_vectors_open_under_their_verifier_key() -> None:
    log = stored("log")
    origin, key = parse_verifier_key(log["verifier_key"])
    for name in ("checkpoint", "checkpoint_with_a_stranger"):
        checkpoint = open_checkpoint(log[name].encode(), origin, [key])
        assert (checkpoint.size, checkpoint.root.hex()) == (5, log["roots"][5])


def test_the_status_list_vector_opens() -> None:
    case = stored("status_list")
    opened = open_list(case["signed"].encode(), RING)
    assert opened == examples.LIST
    assert {p: opened.status_at(int(p)) for p in case["set"]} == case["set"]


def test_ring_vectors_can_be_pinned_and_followed() -> None:
    case = stored("ring")
    first = pin_ring(bytes.fromhex(case["first"]["signed"]))
    assert first == RING
    assert first.jwks() == case["jwks"]
    assert follow_ring(first, bytes.fromhex(case["second"]["signed"])).version == 2


def test_published_vectors_hold() -> None:
    case = stored("published")
    opened = open_snapshot(bytes.fromhex(case["snapshot"]["signed"]), RING)
    assert opened.value == examples.SNAPSHOT
    assert parse_list_index(bytes.fromhex(case["list_index"])) == examples.LISTS
    assert parse_page(bytes.fromhex(case["page"])) == examples.PAGE
    assert parse_manifest(bytes.fromhex(case["manifest"]))[0] == 5
    assert tuple(parse_bundle(bytes.fromhex(case["bundle"]))) == examples.STATEMENTS
    assert parse_catalog(case["catalog"]["text"].encode()) == examples.CATALOG


def test_the_vault_vector_opens(tmp_path: Path) -> None:
    case = stored("vault")
    for name, content in case["files"].items():
        (tmp_path / name).write_bytes(bytes.fromhex(content))
        (tmp_path / name).chmod(0o600)
    vault = Vault.unlock(tmp_path, case["passphrase"].encode())
    public = PublicKey(bytes.fromhex(case["public"]))
    assert vault.signer(public).public == public
