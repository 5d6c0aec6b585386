"""Proofs over HTTP: what they say verifies under the signed checkpoint, and bad questions are told so."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import merkle
from keys.acts import ActKind
from keys.checkpoint import open_checkpoint
from keys.cosignature import WitnessKey, cosign, open_witnessed, with_cosignatures
from keys.entry import parse_entry
from keys.layout import sha256
from keys.tlogproof import open_proof, parse_proof
from tests.verify.founding import HOST, ORIGIN, signer
from tests.verify.site import Site, make_site

SIZE = 300
LOG_KEY = signer("log 2026").public


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = make_site(tmp_path_factory.mktemp("site"))
    for n in range(SIZE - 1):
        site.register.key_act(ActKind.KEY_ACTIVATED, n.to_bytes(32, "big"))
    site.register.issue()
    site.publish()
    return site


def asked(site: Site, path: str) -> dict[str, Any]:
    answer = site.client.get(path)
    assert answer.status_code == 200, answer.text
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.json is not None
    return dict(answer.json)


def raw(texts: Any) -> list[bytes]:
    return [base64.b64decode(text) for text in texts]


@given(st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_inclusion_proof_verifies_for_any_index_and_size(site: Site, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, SIZE))
    index = data.draw(st.integers(0, size - 1))
    said = asked(site, f"/proof/inclusion/{size}/{index}")
    leaves = [merkle.leaf_hash(entry) for entry in site.register.entries]
    assert raw([said["root"], said["leaf"]]) == [merkle.root_of(leaves[:size]), leaves[index]]
    merkle.verify_inclusion(leaves[index], index, size, raw(said["proof"]), merkle.root_of(leaves[:size]))
    assert (said["log"], said["index"], said["size"]) == (ORIGIN, index, size)


@given(st.integers(0, SIZE), st.integers(0, SIZE))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_consistency_proof_verifies_for_any_two_sizes(site: Site, one: int, other: int) -> None:
    old, new = sorted((one, other))
    said = asked(site, f"/proof/consistency/{old}/{new}")
    leaves = [merkle.leaf_hash(entry) for entry in site.register.entries]
    roots = raw([said["old_root"], said["new_root"]])
    assert roots == [merkle.root_of(leaves[:old]), merkle.root_of(leaves[:new])]
    merkle.verify_consistency(old, new, raw(said["proof"]), *roots)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/proof/inclusion/300/300", 400),
        ("/proof/inclusion/0/0", 400),
        ("/proof/inclusion/300/-1", 400),
        ("/proof/inclusion/300/007", 400),
        ("/proof/inclusion/300/๗", 400),
        ("/proof/inclusion/x/1", 400),
        (f"/proof/inclusion/{'9' * 5000}/1", 400),
        ("/proof/inclusion/301/1", 404),
        ("/proof/consistency/2/1", 400),
        ("/proof/consistency/1/301", 404),
        ("/proof/x.tlog-proof", 400),
        ("/proof/300.tlog-proof", 404),
        ("/proof/nothing", 404),
    ],
)
def test_a_bad_question_is_answered_with_problem_details(site: Site, path: str, status: int) -> None:
    answer = site.client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert json.loads(answer.text)["status"] == status
    assert answer.headers["Cache-Control"] == "no-store"


def test_proofs_are_never_limited(site: Site) -> None:
    assert {site.client.get("/proof/inclusion/300/7").status_code for _ in range(300)} == {200}


def test_an_etag_spares_the_body(site: Site) -> None:
    first = site.client.get("/proof/7.tlog-proof")
    again = site.client.get("/proof/7.tlog-proof", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_proof_file_of_a_license_shows_its_entry_off_line(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.register.issue()
    issued = site.register.issue()
    site.publish()
    page = site.client.get(site.scan(issued)).text
    assert f'href="/proof/{issued.index}.tlog-proof"' in page
    answer = site.client.get(f"/proof/{issued.index}.tlog-proof")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{issued.index}.tlog-proof"'
    entry = parse_proof(answer.data).extra
    assert entry is not None
    assert open_proof(answer.data, entry, ORIGIN, [LOG_KEY]).size == 2
    assert parse_entry(entry).card == sha256(issued.signed_card)


def test_the_proof_file_holds_the_cosignatures_of_the_served_checkpoint(tmp_path: Path) -> None:
    site, witness = make_site(tmp_path), signer("witness")
    site.register.issue()
    site.publish()
    path = site.register.public / "log/checkpoint"
    text = path.read_text().partition("\n\n")[0] + "\n"
    line = cosign(text, "witness.example/w1", witness, moment=7)
    path.write_bytes(with_cosignatures(path.read_bytes(), [line]))
    proof = parse_proof(site.client.get("/proof/0.tlog-proof").data)
    known = [WitnessKey("witness.example/w1", witness.public)]
    assert open_witnessed(proof.checkpoint, ORIGIN, [LOG_KEY], known, quorum=1).size == 1


def test_a_checkpoint_newer_than_the_snapshot_is_followed(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.register.issue()
    site.publish()
    snapshot = (site.register.public / "snapshot").read_bytes()
    site.register.issue()
    site.register.publish()
    (site.register.public / "snapshot").write_bytes(snapshot)
    content = site.client.get("/proof/1.tlog-proof").data
    assert open_checkpoint(parse_proof(content).checkpoint, ORIGIN, [LOG_KEY]).size == 2


def test_without_evidence_nothing_is_said(tmp_path: Path) -> None:
    answer = make_site(tmp_path).client.get("/proof/inclusion/1/0")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["type"] == f"tag:{HOST},2026:evidence_away"


@pytest.mark.parametrize("path", ["/proof/0.tlog-proof", "/proof/inclusion/2/0", "/proof/consistency/1/2"])
def test_a_damaged_tile_is_never_made_into_a_proof(tmp_path: Path, path: str) -> None:
    site = make_site(tmp_path)
    site.register.issue()
    site.register.issue()
    site.register.publish()
    tile = site.register.public / "log/tile/0/000.p/2"
    tile.write_bytes(bytes(64))
    assert site.client.get(path).status_code == 503
