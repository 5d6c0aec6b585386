"""Roots off line: founding, the next ring, rotation of roots, all by the commands that people type."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from keys import layout
from keys.acts import ActKind
from keys.errors import KeysError, Malformed, RingRefused
from keys.keyring import follow_ring, pin_ring
from keys.proposal import Proposal, changes, encode_proposal, parse_proposal
from keys.signing import SeedSigner, base64url
from tests.registry import ceremony as ceremonies
from tests.registry.ceremony import PASSPHRASES, Ceremony, copy_of, proposal_in
from verify.audit import audit
from verify.sources import FolderSource

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Ceremony:
    return ceremonies.found(tmp_path_factory.mktemp("founded"))


@pytest.fixture
def ceremony(founded: Ceremony, tmp_path: Path) -> Ceremony:
    return copy_of(founded, tmp_path)


def acts_of(ceremony: Ceremony) -> list[ActKind]:
    evidence = ceremony.evidence()
    return [evidence.log.entry(index).act for index in range(evidence.snapshot.log_size)]


def test_a_register_founded_by_roots_off_line_holds_no_root(founded: Ceremony) -> None:
    assert not (founded.register / "private" / "demonstration-roots").exists()
    ring = founded.ring()
    assert (ring.version, ring.threshold, len(ring.roots), len(ring.keys)) == (1, 2, 3, 4)
    assert acts_of(founded) == [ActKind.KEY_PROPOSED] * 4 + [ActKind.KEY_ACTIVATED] * 4
    first = (founded.public / layout.keyring_path(1)).read_bytes()
    assert pin_ring(first) == ring
    report = audit(FolderSource(founded.public), at=founded.evidence().moment, pinned=first)
    assert report.findings == []


def test_before_the_first_ring_is_signed_nothing_can_be_published(tmp_path: Path) -> None:
    ceremony = Ceremony(tmp_path)
    ceremony.make_roots("roots", 0, 1)
    first = tmp_path / "first.proposal"
    ceremony.said("init", *ceremony.halves(0, 1), "--proposal", first)
    assert "waits for the roots" in ceremony.refused("publish")
    assert "waits for the roots" in ceremony.said("key", "list")
    ceremony.sign(first, 0)
    assert "1 of 2 signatures" in ceremony.refused("ring", "publish", first)
    # The file may get lost: the same ring is proposed again, from the keys that wait.
    again = ceremony.propose("again.proposal", *ceremony.halves(0, 1))
    assert proposal_in(again).after.keys == proposal_in(first).after.keys
    ceremony.sign(again, 0, 1)
    ceremony.said("ring", "publish", again)
    assert ceremony.ring().version == 1


def test_roots_are_files_of_their_own_with_passphrases_of_their_own(founded: Ceremony) -> None:
    files = sorted((founded.folder / "roots").glob("*.key"))
    assert len(files) == 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    other = founded.passphrase_file(1)
    proposal = founded.propose("others.proposal")
    said = founded.refused(
        "ring", "sign", proposal, "--yes", "--root", founded.root(0), "--passphrase-file", other
    )
    assert "wrong passphrase" in said


def test_the_thumbprint_said_is_the_hash_of_the_public_half(founded: Ceremony) -> None:
    for half in (founded.folder / "roots").glob("*.jwk"):
        digest = layout.sha256(half.read_bytes())
        assert half.stem == f"root-{digest[:4].hex()}"
        assert json.loads(half.read_text())["crv"] == "Ed25519"


def test_a_root_signs_without_the_register_and_sees_first_what_changes(
    ceremony: Ceremony, tmp_path: Path
) -> None:
    kid = ceremony.said("key", "propose", "--role", "log").split()[3].rstrip(".")
    proposal = ceremony.propose()
    before = proposal.read_bytes()
    away = tmp_path / "away"
    away.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PERMITS")} | {
        "PYTHONPATH": str(ROOT)
    }
    program = "import sys, wsgi\nsys.argv[0] = 'permits'\nwsgi.permits()"
    for answer, code in (("n\n", 1), (f"y\n{PASSPHRASES[0]}\n", 0)):
        (away / "p").write_bytes(before)
        done = subprocess.run(
            [sys.executable, "-c", program, "ring", "sign", "p", "--root", str(ceremony.root(0))],
            cwd=away,
            env=environment,
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        shown = done.stdout.partition("Sign all of this")[0]
        assert "NEW log key, " in shown
        assert kid in shown
        assert ((away / "p").read_bytes() != before) is (code == 0)
        assert PASSPHRASES[0] not in done.stdout + done.stderr
    assert sorted(path.name for path in away.iterdir()) == ["p"]


def test_signatures_made_apart_are_gathered(ceremony: Ceremony) -> None:
    one = ceremony.propose("one.proposal")
    two = ceremony.folder / "two.proposal"
    two.write_bytes(one.read_bytes())
    ceremony.sign(one, 1)
    ceremony.sign(two, 2)
    for alone in (one, two):
        assert "1 of 2" in ceremony.refused("ring", "publish", alone)
    ceremony.said("ring", "publish", one, two)
    assert ceremony.ring().version == 2


def test_a_ring_is_published_once_and_only_on_the_one_it_was_made_for(ceremony: Ceremony) -> None:
    first, second = ceremony.propose("a.proposal"), ceremony.propose("b.proposal", "--days", 300)
    for proposal in (first, second):
        ceremony.sign(proposal, 0, 1)
    ceremony.said("ring", "publish", first)
    assert "in force already" in ceremony.refused("ring", "publish", first)
    assert "cannot follow" in ceremony.refused("ring", "publish", second)
    assert ceremony.ring().version == 2


def test_a_stranger_s_key_signs_nothing(ceremony: Ceremony) -> None:
    ceremony.make_roots("strangers", 3)
    proposal = ceremony.propose()
    said = ceremony.refused(
        *("ring", "sign", proposal, "--yes", "--root", ceremony.root(3)),
        *("--passphrase-file", ceremony.passphrase_file(3)),
    )
    assert "is no root" in said


def test_roots_rotate_by_the_old_and_by_the_new_threshold(ceremony: Ceremony) -> None:
    ceremony.make_roots("new-roots", 3, 4, 5, 6)
    proposal = ceremony.propose("rotation.proposal", *ceremony.halves(2, 3, 4, 5, 6), "--threshold", 3)
    said = ceremony.said("ring", "show", proposal)
    assert said.count("NEW root") == 4
    assert said.count("GONE root") == 2
    assert "3 of 5 roots sign each ring" in said
    unsigned = proposal.read_bytes()
    for too_few in ((3, 4, 5), (0, 1, 3), (0, 2, 3)):
        proposal.write_bytes(unsigned)
        ceremony.sign(proposal, *too_few)
        said = ceremony.refused("ring", "publish", proposal)
        assert "signatures by" in said
        assert "another holder signs first, by `permits ring sign`" in said
    proposal.write_bytes(unsigned)
    ceremony.sign(proposal, 0, 2, 3, 4)
    ceremony.said("ring", "publish", proposal)
    ring = ceremony.ring()
    assert (ring.version, ring.threshold, len(ring.roots)) == (2, 3, 5)
    # The roots that left have no say any more; those that came have.
    later = ceremony.propose()
    assert "is no root" in ceremony.refused(
        *("ring", "sign", later, "--yes", "--root", ceremony.root(0)),
        *("--passphrase-file", ceremony.passphrase_file(0)),
    )
    ceremony.renew(4, 5, 6)
    assert ceremony.ring().version == 3


def test_a_root_of_low_order_is_refused_at_registration(ceremony: Ceremony) -> None:
    low = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ]
    for number, raw in enumerate(low):
        half = ceremony.folder / f"low-{number}.jwk"
        x = base64url(bytes.fromhex(raw))
        half.write_text(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}')
        said = ceremony.refused("ring", "propose", "--out", ceremony.folder / "low", "--roots", half)
        assert "full order" in said
    assert not (ceremony.folder / "low").exists()


def test_roots_that_share_an_identifier_are_refused_at_registration(ceremony: Ceremony) -> None:
    # Found by trying: among some 65,000 keys two share their first four bytes.
    roots = [SeedSigner(layout.sha256(f"collision {n}".encode())) for n in (8276, 60077)]
    assert roots[0].public.kid == roots[1].public.kid
    halves = []
    for number, root in enumerate(roots):
        half = ceremony.folder / f"collision-{number}.jwk"
        half.write_bytes(root.public.jwk())
        halves += ["--roots", half]
    out = ceremony.folder / "collision"
    assert "Another key has the identifier" in ceremony.refused("ring", "propose", "--out", out, *halves)
    # A root that is also a key of the ring shares its identifier too.
    key = ceremony.folder / "key.jwk"
    key.write_bytes(ceremony.ring().keys[0].public.jwk())
    halves = [*ceremony.halves(0), "--roots", key]
    assert "Another key has the identifier" in ceremony.refused("ring", "propose", "--out", out, *halves)


def test_no_damage_to_a_proposal_escapes_as_anything_but_our_error(ceremony: Ceremony) -> None:
    path = ceremony.propose()
    ceremony.sign(path, 0)
    content = path.read_bytes()
    for at in range(len(content)):
        damaged = content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]
        try:
            proposal = parse_proposal(damaged)
            list(changes(proposal.before, proposal.after))
        except KeysError:
            continue
        assert proposal != parse_proposal(content)
    for length in range(0, len(content), 7):
        with pytest.raises(Malformed):
            parse_proposal(content[:length])


def test_a_proposal_that_skips_a_version_or_names_another_log_is_refused(ceremony: Ceremony) -> None:
    proposal = proposal_in(ceremony.propose())
    with pytest.raises(RingRefused):
        parse_proposal(encode_proposal(Proposal(None, proposal.signed)))
    trusted = pin_ring(proposal.trusted or b"")
    with pytest.raises(RingRefused):
        follow_ring(trusted, proposal.signed)


def test_a_place_that_cannot_be_written_is_named_in_words(ceremony: Ceremony) -> None:
    said = ceremony.refused("ring", "propose", "--out", ceremony.folder / "nowhere" / "next.proposal")
    assert "nowhere" in said
    assert "No such file or directory" in said


def test_the_roots_of_a_demonstration_sign_where_they_lie(tmp_path: Path, ceremony: Ceremony) -> None:
    demonstration, proposal = Ceremony(tmp_path / "demonstration"), tmp_path / "theirs.proposal"
    demonstration.folder.mkdir()
    demonstration.said("init")
    demonstration.said("key", "propose", "--role", "log")
    demonstration.said("ring", "propose", "--out", proposal)
    assert "--demonstration" in demonstration.refused("ring", "sign", proposal, "--yes")
    demonstration.said("ring", "sign", proposal, "--demonstration", "--yes")
    demonstration.said("ring", "publish", proposal)
    assert demonstration.ring().version == 2
    said = ceremony.refused("ring", "sign", ceremony.propose(), "--demonstration", "--yes")
    assert "the root keys are off line" in said
