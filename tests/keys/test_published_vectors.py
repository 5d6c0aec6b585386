"""Vectors that others published; the exceptions are those `docs/formats.md` names, and no more."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
import pytest

from keys import cbor, cose, merkle, tiles
from keys.checkpoint import parse_note, parse_verifier_key
from keys.errors import BadProof, BadSignature, KeysError, Malformed
from keys.opening import open_card
from keys.signing import PublicKey, SeedSigner
from keys.statuslist import compress, decompress
from tests.keys import examples

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason=f"no published vectors at {VECTORS}")


def load(path: str) -> Any:
    return json.loads((VECTORS / path).read_bytes())


def found(pattern: str) -> list[Any]:
    paths = sorted(VECTORS.glob(pattern)) if VECTORS.exists() else []
    return [pytest.param(path, id=str(path.relative_to(VECTORS).with_suffix(""))) for path in paths]


# --- Ed25519 --------------------------------------------------------------------------------------


def wycheproof() -> Iterator[tuple[dict[str, Any], bool]]:
    for group in load("ed25519/wycheproof_ed25519.json")["testGroups"]:
        for case in group["tests"]:
            try:
                key = PublicKey(bytes.fromhex(group["publicKey"]["pk"]))
                key.verify(bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            except KeysError:
                yield case, False
            else:
                yield case, True


def test_all_151_answers_of_wycheproof_are_ours() -> None:
    answers = list(wycheproof())
    assert len(answers) == 151
    assert [case["tcId"] for case, accepted in answers if accepted != (case["result"] == "valid")] == []


# --- COSE -----------------------------------------------------------------------------------------


def test_the_eddsa_example_verifies_through_the_primitive_and_is_refused_by_the_door() -> None:
    example = load("cose/eddsa-examples/eddsa-sig-01.json")
    whole = bytes.fromhex(example["output"]["cbor"])
    key = PublicKey(bytes.fromhex(example["input"]["sign0"]["key"]["x_hex"]))
    signed = bytes.fromhex(example["intermediates"]["ToBeSign_hex"])
    protected, _, payload, signature = cbor2.loads(whole).value
    assert signed == cbor.encode(["Signature1", protected, b"", payload])
    key.verify(signed, signature)
    signer = SeedSigner(bytes.fromhex(example["input"]["sign0"]["key"]["d_hex"]))
    assert (signer.public, signer.sign(signed)) == (key, signature)
    for data in (whole, whole[1:]):
        with pytest.raises(Malformed):
            cose.parse_sign1(data)


@pytest.mark.parametrize("path", found("cose/*/*.json"))
def test_no_example_of_another_profile_passes_the_doors(path: Path) -> None:
    data = bytes.fromhex(json.loads(path.read_bytes())["output"]["cbor"])
    for door in (cose.parse_sign1, cose.parse_many, lambda data: open_card(data, examples.RING)):
        with pytest.raises(Malformed):
            door(data)


def twin(failure: dict[str, Any]) -> bytes:
    """Our profile's counterpart of one failure of the sign1 tests, made from a good message."""
    signer, content = examples.AGENCY, b"This is the content."
    good = cose.sign1(content, signer)
    protected, unprotected, payload, signature = cbor.decode(good)
    header = cbor.decode(protected)
    if "ChangeCBORTag" in failure:
        return cbor2.dumps(cbor2.CBORTag(failure["ChangeCBORTag"], cbor.decode(good)))
    if "ChangeTag" in failure:  # The example changes the last byte of the payload.
        payload = payload[:-1] + bytes([payload[-1] ^ failure["ChangeTag"]])
    elif "ChangeAttr" in failure:
        protected = cbor.encode(header | {1: failure["ChangeAttr"]["alg"]})
    elif "AddProtected" in failure:
        protected = cbor.encode(header | {3: 0})
    else:  # RemoveProtected: signed with the header, sent without it.
        more = cbor.encode(header | {3: 0})
        signature = signer.sign(cbor.encode(["Signature1", more, b"", payload]))
    return cbor.encode([protected, unprotected, payload, signature])


@pytest.mark.parametrize("path", found("cose/sign1-tests/sign-fail-*.json"))
def test_the_ed25519_twin_of_each_failure_is_refused(path: Path) -> None:
    failure = json.loads(path.read_bytes())["input"]["failures"]
    changed_inside = "ChangeTag" in failure or "RemoveProtected" in failure
    with pytest.raises(BadSignature if changed_inside else Malformed):
        cose.parse_sign1(twin(failure)).verify(examples.AGENCY.public)


# --- Merkle proofs --------------------------------------------------------------------------------

# The one exception: its roots are short words, and here every hash has 32 bytes.
SHORT_ROOTS = "sizes-are-equal-one-and-proof-is-empty"


def test_the_exception_has_roots_that_are_no_hashes() -> None:
    case = load(f"merkle/consistency/additional/{SHORT_ROOTS}.json")
    assert {len(root) for root in decoded([case["root1"], case["root2"]])} != {32}
    assert (case["size1"], case["size2"], case["wantErr"]) == (1, 1, False)


def decoded(values: list[str] | None) -> list[bytes]:
    return [base64.b64decode(value) for value in values or []]


@pytest.mark.parametrize("path", found("merkle/inclusion/**/*.json"))
def test_inclusion_proofs_are_judged_as_published(path: Path) -> None:
    case = json.loads(path.read_bytes())
    leaf, root = decoded([case["leafHash"], case["root"]])
    arguments = leaf, case["leafIdx"], case["treeSize"], decoded(case["proof"]), root
    if case["wantErr"]:
        with pytest.raises(BadProof):
            merkle.verify_inclusion(*arguments)
    else:
        merkle.verify_inclusion(*arguments)


@pytest.mark.parametrize("path", found("merkle/consistency/**/*.json"))
def test_consistency_proofs_are_judged_as_published(path: Path) -> None:
    case = json.loads(path.read_bytes())
    old_root, new_root = decoded([case["root1"], case["root2"]])
    arguments = case["size1"], case["size2"], decoded(case["proof"]), old_root, new_root
    if case["wantErr"] or path.stem == SHORT_ROOTS:
        with pytest.raises(BadProof):
            merkle.verify_consistency(*arguments)
    else:
        merkle.verify_consistency(*arguments)


# --- notes and tiles ------------------------------------------------------------------------------


def test_the_published_note_verifies_under_its_key() -> None:
    text, signatures = parse_note((VECTORS / "note/c2sp_signed_note.txt").read_bytes())
    name, key = parse_verifier_key((VECTORS / "note/c2sp_signed_note.vkey").read_text())
    assert [signature.name for signature in signatures] == [name]
    key.verify(text.encode(), signatures[0].signature)
    with pytest.raises(BadSignature):
        key.verify(text.encode() + b"\n", signatures[0].signature)


def test_the_root_over_sunlights_tiles_is_its_checkpoints() -> None:
    folder = next(VECTORS.glob("tiles/**/checkpoint")).parent
    text, _ = parse_note((folder / "checkpoint").read_bytes())
    _, size, root = text.splitlines()[:3]
    # Below its own name for level 1's tile 0, the folder has the layout of tlog-tiles.
    tree = tiles.TileTree(lambda path: (folder / path).read_bytes())
    node = tree.node(int(size))
    assert merkle.tree_root(int(size), node) == base64.b64decode(root)
    row = b"".join(path.read_bytes() for path in (folder / "tile/0/000", folder / "tile/0/001.p/44"))
    leaves = [row[at : at + 32] for at in range(0, len(row), 32)]
    assert len(leaves) == int(size) == 300
    for index in (0, 255, 256, 299):
        proof = merkle.inclusion_proof(index, 300, node)
        merkle.verify_inclusion(leaves[index], index, 300, proof, base64.b64decode(root))


# --- status lists ---------------------------------------------------------------------------------


def unwrapped(text: str) -> str:
    """The JSON of an example, whose long strings run over several lines."""
    return re.sub(r"\n  (?![\"}])", "", text[text.index("{") :])


@pytest.mark.parametrize("path", found("statuslist/*encoding*json.md"))
def test_json_encodings_are_read_and_written_byte_for_byte(path: Path) -> None:
    text = path.read_text()
    encoded = json.loads(unwrapped(text))
    packed = decompress(encoded["lst"], limit=1 << 20)
    assert compress(packed) == encoded["lst"]
    stated = re.search(r"byte_array = \[(.*)\]", text)
    if stated:
        assert packed == bytes(int(number, 16) for number in stated[1].split(","))


@pytest.mark.parametrize("path", found("statuslist/*encoding*cbor.md"))
def test_cbor_encodings_hold_the_same_compressed_bytes_as_the_json_ones(path: Path) -> None:
    rows = re.findall(r"^[0-9a-f]+$", path.read_text(), re.MULTILINE)
    value = cbor2.loads(bytes.fromhex("".join(rows)))  # Its keys are not in the deterministic order.
    twin = json.loads(unwrapped(path.with_name(path.name.replace("_cbor", "_json")).read_text()))
    assert twin["lst"] == base64.urlsafe_b64encode(value["lst"]).rstrip(b"=").decode()


def test_the_jwt_and_cwt_examples_parse() -> None:
    jwt = (VECTORS / "statuslist/status_list_jwt_raw.md").read_text().replace("\n", "")
    header, claims, _ = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in jwt.split("."))
    assert json.loads(header)["typ"] == "statuslist+jwt"
    assert decompress(json.loads(claims)["status_list"]["lst"], limit=100) == bytes.fromhex("b9a3")
    cwt = bytes.fromhex((VECTORS / "statuslist/status_list_cwt.md").read_text().replace("\n", ""))
    _, _, payload, _ = cbor2.loads(cwt).value
    assert cbor2.loads(payload)[65533]["bits"] == 1
    with pytest.raises(Malformed):
        cbor.decode(cwt)
