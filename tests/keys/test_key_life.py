"""Sets of denied keys, proposals of rings, files of roots: the vectors hold, the doors stay shut."""

import dataclasses
import hashlib
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.denied import denied_set
from keys.errors import Malformed, RingRefused, VaultError
from keys.keyring import follow_ring
from keys.opening import open_denied_set
from keys.phone import encode_phone_bundle, parse_phone_bundle
from keys.proposal import changes, encode_proposal, gather, parse_proposal, propose_ring, sign_proposal
from keys.rootfile import create_root, read_public, root_public, unlock_root
from keys.signing import parse_jwk
from tests.keys.examples import AGENCY, RING, ROOTS, SIGNED_RING
from tests.keys.life_vectors import DENIED, NEXT_RING, PROPOSAL, SIGNED_PROPOSAL
from tests.keys.test_vectors import stored

PASSPHRASE = b"correct horse battery staple"


def test_the_denied_set_vector_opens() -> None:
    opened = open_denied_set(bytes.fromhex(stored("key_life")["denied_set"]["signed"]), RING).value
    assert opened == DENIED
    assert opened.cards == b"".join(sorted(hashlib.sha256(b"card %d" % n).digest()[:8] for n in range(3)))


def test_the_phone_bundle_vector_holds_the_files_it_says() -> None:
    vector = stored("key_life")["phone_bundle"]
    content = bytes.fromhex(vector["content"])
    assert {path: file.hex() for path, file in parse_phone_bundle(content).items()} == vector["files"]
    assert encode_phone_bundle(parse_phone_bundle(content)) == content


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40), st.binary(min_size=32, max_size=32))
def test_a_set_holds_exactly_the_cards_it_was_made_of(digests: list[bytes], other: bytes) -> None:
    made = denied_set(bytes(32), 7, digests)
    assert all(made.holds(digest) for digest in digests)
    assert made.holds(other) is (other[:8] in {digest[:8] for digest in digests})


def test_the_proposal_vectors_gather_to_a_ring_that_follows() -> None:
    case = stored("key_life")["proposal"]
    assert parse_proposal(bytes.fromhex(case["unsigned"])) == PROPOSAL
    named = parse_proposal(bytes.fromhex(case["with_names"]))
    assert list(changes(named.before, named.after, named.agencies)) == case["says_with_names"]
    assert any("agency 1 “เทศบาลเมืองหัวหิน · Hua Hin Municipality”" in line for line in case["says_with_names"])
    assert sign_proposal(named, ROOTS[0]).agencies == named.agencies
    one = parse_proposal(bytes.fromhex(case["signed_by_root_1"]))
    assert [(need.have, need.want) for need in one.needs()] == [(1, 2), (1, 2)]
    whole = gather([one, sign_proposal(PROPOSAL, ROOTS[2])])
    assert [(need.have, need.want) for need in whole.needs()] == [(2, 2), (2, 2)]
    assert follow_ring(RING, whole.signed) == NEXT_RING
    assert list(changes(RING, NEXT_RING)) == case["says"]


def test_signing_twice_is_signing_once() -> None:
    assert sign_proposal(SIGNED_PROPOSAL, ROOTS[0]) == SIGNED_PROPOSAL


def test_different_proposals_do_not_gather() -> None:
    other = propose_ring(dataclasses.replace(NEXT_RING, threshold=3), SIGNED_RING)
    with pytest.raises(Malformed):
        gather([PROPOSAL, other])


def test_a_key_that_is_no_root_signs_no_proposal() -> None:
    with pytest.raises(RingRefused):
        sign_proposal(PROPOSAL, AGENCY)


def test_every_difference_of_two_rings_is_said() -> None:
    key = RING.keys[0]
    for changed in (
        dataclasses.replace(key, valid_from=key.valid_from + 60),
        dataclasses.replace(key, valid_until=key.valid_until + 60),
        dataclasses.replace(key, types=(3,)),
        dataclasses.replace(key, agency=9),
    ):
        ring = dataclasses.replace(RING, version=2, keys=(changed, *RING.keys[1:]))
        assert sum(line.startswith("CHANGED") for line in changes(RING, ring)) == 1
    fewer = dataclasses.replace(RING, version=2, keys=RING.keys[1:], roots=RING.roots[:2])
    assert [line.split()[0] for line in changes(RING, fewer)] == ["version", "GONE", "2", "GONE"]
    assert len(list(changes(None, RING))) == 2 + 3 + 1 + len(RING.keys)


def test_a_ring_from_elsewhere_steers_no_terminal() -> None:
    evil = dataclasses.replace(RING, origin="\x1b[2Jall is well\r", host="\u202ehtrae", expires=2**64 - 1)
    said = "".join(changes(None, evil))
    assert said.isprintable()
    assert "\u202e" not in said


def test_the_root_vector_opens(tmp_path: Path) -> None:
    case, path = stored("key_life")["root"], tmp_path / "root.key"
    path.write_bytes(bytes.fromhex(case["file"]))
    path.chmod(0o600)
    assert unlock_root(path, case["passphrase"].encode()).public == ROOTS[0].public
    assert hashlib.sha256(case["public_half"].encode()).hexdigest() == case["thumbprint"]
    assert parse_jwk(case["public_half"].encode()) == ROOTS[0].public


def test_a_root_opens_by_its_passphrase_and_is_its_holders_alone(tmp_path: Path) -> None:
    path, public = create_root(tmp_path, PASSPHRASE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert root_public(path) == public == unlock_root(path, PASSPHRASE).public
    content = path.read_bytes()
    with pytest.raises(VaultError) as refused:
        unlock_root(path, PASSPHRASE + b" ")
    told = "".join(traceback.format_exception(refused.value))
    assert PASSPHRASE.decode() not in told
    for at in (0, 14, 45, 46, 61, 62, len(content) - 1):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(VaultError):
            unlock_root(path, PASSPHRASE)
    path.write_bytes(content)
    path.chmod(0o640)
    with pytest.raises(VaultError, match="0600"):
        unlock_root(path, PASSPHRASE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"crv":"Ed25519","kty":"OKP","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}',
        ROOTS[0].public.jwk().replace(b",", b", "),
        ROOTS[0].public.jwk() + b"\n\n",
        ROOTS[0].public.jwk() + b" " * 300,
        ROOTS[0].public.raw,
    ],
)
def test_a_public_half_has_one_spelling(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "half.jwk"
    path.write_bytes(content)
    with pytest.raises(Malformed):
        read_public(path)
    path.write_bytes(ROOTS[0].public.jwk() + b"\n")
    assert read_public(path) == ROOTS[0].public


@given(st.binary(max_size=120))
def test_random_bytes_are_no_public_half(content: bytes) -> None:
    with pytest.raises(Malformed):
        parse_jwk(content)


def test_a_proposal_is_written_as_it_was_read() -> None:
    for proposal in (PROPOSAL, SIGNED_PROPOSAL):
        assert parse_proposal(encode_proposal(proposal)) == proposal
