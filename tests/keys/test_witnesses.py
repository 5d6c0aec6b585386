"""Cosignatures, submissions to witnesses and `.tlog-proof` files: what is written is read, nothing else is."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import merkle
from keys.checkpoint import (
    COSIGNATURE,
    Checkpoint,
    key_hash,
    note_text,
    open_checkpoint,
    parse_note,
    parse_verifier_key,
    sign_checkpoint,
)
from keys.cosignature import (
    WitnessKey,
    cosign,
    cosigned_by,
    open_witnessed,
    parse_witness_verifier_key,
    verify_cosignature,
    with_cosignatures,
    witness_verifier_key,
)
from keys.errors import BadProof, BadSignature, KeysError, Malformed, NotWitnessed, UnknownKey
from keys.submission import Submission, parse_submission, write_submission
from keys.tlogproof import TlogProof, open_proof, parse_proof, write_proof
from tests.keys import strategies
from tests.keys.examples import LOG, ORIGIN, ROOTS

ENTRIES = [f"entry {n}".encode() for n in range(300)]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
CHECKPOINT = Checkpoint(ORIGIN, len(LEAVES), merkle.root_of(LEAVES))
NOTE = sign_checkpoint(CHECKPOINT, LOG)
TEXT = note_text(CHECKPOINT)
WITNESSES = [WitnessKey(f"witness.example/w{n}", root.public) for n, root in enumerate(ROOTS)]
COSIGNATURES = [cosign(TEXT, f"witness.example/w{n}", root, moment=1700 + n) for n, root in enumerate(ROOTS)]
moments = st.integers(0, (1 << 63) - 1)


def node(level: int, index: int) -> bytes:
    return merkle.perfect_root(LEAVES[index << level : (index + 1) << level])


def proof_of(index: int) -> bytes:
    hashes = tuple(merkle.inclusion_proof(index, len(LEAVES), node))
    return write_proof(TlogProof(index, hashes, NOTE, ENTRIES[index]))


@given(moments)
def test_a_cosignature_says_the_moment_it_was_made(moment: int) -> None:
    signature = cosign(TEXT, WITNESSES[0].name, ROOTS[0], moment=moment)
    assert verify_cosignature(TEXT, signature, WITNESSES[0]) == moment


def test_a_cosignature_is_over_the_words_of_the_specification() -> None:
    signature = COSIGNATURES[0].signature
    assert signature[:8] == (1700).to_bytes(8, "big")
    WITNESSES[0].public.verify(b"cosignature/v1\ntime 1700\n" + TEXT.encode(), signature[8:])
    assert WITNESSES[0].key_hash == key_hash("witness.example/w0", ROOTS[0].public, b"\x04")


@pytest.mark.parametrize("bit", range(8 * 72))
def test_every_flipped_bit_of_a_cosignature_is_refused(bit: int) -> None:
    signature = bytearray(COSIGNATURES[0].signature)
    signature[bit >> 3] ^= 1 << (bit & 7)
    with pytest.raises(BadSignature):
        verify_cosignature(
            TEXT, dataclasses.replace(COSIGNATURES[0], signature=bytes(signature)), WITNESSES[0]
        )


@pytest.mark.parametrize("length", [0, 8, 64, 71, 73])
def test_a_cosignature_has_72_bytes(length: int) -> None:
    with pytest.raises(BadSignature):
        verify_cosignature(TEXT, dataclasses.replace(COSIGNATURES[0], signature=bytes(length)), WITNESSES[0])


def test_the_logs_own_signature_is_no_cosignature_of_the_same_key() -> None:
    _, (own,) = parse_note(NOTE)
    with pytest.raises(BadSignature):
        verify_cosignature(TEXT, own, WitnessKey(ORIGIN, LOG.public))


def test_merged_cosignatures_leave_the_checkpoint_as_it_was() -> None:
    merged = with_cosignatures(NOTE, COSIGNATURES)
    assert open_checkpoint(merged, ORIGIN, [LOG.public]) == CHECKPOINT
    assert merged.startswith(NOTE)
    assert cosigned_by(merged, WITNESSES) == {w: 1700 + n for n, w in enumerate(WITNESSES)}
    assert with_cosignatures(merged, COSIGNATURES) == merged


def test_a_newer_cosignature_takes_the_place_of_the_older() -> None:
    newer = cosign(TEXT, WITNESSES[0].name, ROOTS[0], moment=9000)
    merged = with_cosignatures(with_cosignatures(NOTE, COSIGNATURES), [newer])
    assert cosigned_by(merged, WITNESSES)[WITNESSES[0]] == 9000
    assert len(parse_note(merged)[1]) == 1 + len(ROOTS)


@pytest.mark.parametrize("count", range(4))
@pytest.mark.parametrize("quorum", range(4))
def test_k_of_n_witnesses_are_required(count: int, quorum: int) -> None:
    note = with_cosignatures(NOTE, COSIGNATURES[:count])
    if count >= quorum:
        assert open_witnessed(note, ORIGIN, [LOG.public], WITNESSES, quorum=quorum) == CHECKPOINT
    else:
        with pytest.raises(NotWitnessed):
            open_witnessed(note, ORIGIN, [LOG.public], WITNESSES, quorum=quorum)


def test_one_key_under_two_names_counts_once() -> None:
    alias = WitnessKey("witness.example/alias", ROOTS[0].public)
    note = with_cosignatures(NOTE, [COSIGNATURES[0], cosign(TEXT, alias.name, ROOTS[0], moment=1)])
    with pytest.raises(NotWitnessed):
        open_witnessed(note, ORIGIN, [LOG.public], [WITNESSES[0], alias], quorum=2)


def test_witnesses_do_not_stand_in_for_the_log() -> None:
    text, _ = parse_note(NOTE)
    note = with_cosignatures(NOTE, COSIGNATURES).replace(NOTE, text.encode() + b"\n")
    with pytest.raises(UnknownKey):
        open_witnessed(note, ORIGIN, [LOG.public], WITNESSES, quorum=1)


def test_a_wrong_cosignature_of_a_known_witness_spoils_the_note() -> None:
    of_another_tree = cosign(
        note_text(Checkpoint(ORIGIN, 1, LEAVES[0])), WITNESSES[0].name, ROOTS[0], moment=1
    )
    with pytest.raises(BadSignature):
        cosigned_by(with_cosignatures(NOTE, [of_another_tree]), WITNESSES)


def test_a_witness_has_a_verifier_key_of_its_own_type() -> None:
    vkey = witness_verifier_key(WITNESSES[0])
    assert parse_witness_verifier_key(vkey) == WITNESSES[0]
    assert parse_verifier_key(vkey, COSIGNATURE) == (WITNESSES[0].name, WITNESSES[0].public)
    with pytest.raises(Malformed):
        parse_verifier_key(vkey)


@given(st.integers(0, 10**18), st.lists(strategies.hashes, max_size=63))
def test_a_submission_is_read_as_it_was_written(old_size: int, proof: list[bytes]) -> None:
    submission = Submission(old_size, tuple(proof), NOTE)
    assert parse_submission(write_submission(submission)) == submission


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        NOTE,
        b"old 00\n\n" + NOTE,
        b"old -1\n\n" + NOTE,
        b"old \xc3\xa0\n\n" + NOTE,
        b"old 1 \n\n" + NOTE,
        b"size 1\n\n" + NOTE,
        b"old 1\nAAAA\n\n" + NOTE,
        b"old 1\n" + b"A" * 43 + b"=" + b"\r\n\n" + NOTE,
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + NOTE,
        b"old " + b"9" * 5000 + b"\n\n" + NOTE,
        b"old 1\n\n" + b"x" * (1 << 18),
    ],
)
def test_a_malformed_submission_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_submission(body)


@given(st.binary(max_size=200))
def test_random_bytes_are_a_submission_or_malformed(body: bytes) -> None:
    try:
        assert write_submission(parse_submission(body)) == body
    except Malformed:
        return


@given(st.integers(0, 299))
def test_a_proof_shows_its_entry_and_no_other(index: int) -> None:
    content = proof_of(index)
    assert write_proof(parse_proof(content)) == content
    assert open_proof(content, ENTRIES[index], ORIGIN, [LOG.public]) == CHECKPOINT
    with pytest.raises(BadProof):
        open_proof(content, ENTRIES[index - 1], ORIGIN, [LOG.public])


def test_a_proof_keeps_the_checkpoints_cosignatures() -> None:
    merged = with_cosignatures(NOTE, COSIGNATURES)
    content = proof_of(7).replace(NOTE, merged)
    assert parse_proof(content).checkpoint == merged
    checkpoint = open_witnessed(parse_proof(content).checkpoint, ORIGIN, [LOG.public], WITNESSES, quorum=3)
    assert checkpoint == CHECKPOINT


def test_the_example_of_the_specification_is_laid_out_as_ours() -> None:
    lines = proof_of(7).decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 7"
    assert lines[3 + 9 :][:2] == ["", ORIGIN]


@given(st.data())
def test_a_damaged_proof_shows_the_same_entry_or_is_refused(data: st.DataObject) -> None:
    content = data.draw(strategies.damaged(proof_of(7)))
    try:
        checkpoint = open_proof(content, ENTRIES[7], ORIGIN, [LOG.public])
    except KeysError:
        return
    assert checkpoint == CHECKPOINT
    assert parse_proof(content).index == 7


@given(st.binary(max_size=200))
def test_random_bytes_are_no_proof(content: bytes) -> None:
    with pytest.raises(Malformed):
        parse_proof(content)


def test_a_log_of_one_entry_has_a_proof_without_hashes(tmp_path: Path) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, LEAVES[0]), LOG)
    content = write_proof(TlogProof(0, (), note))
    assert content == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + note
    assert open_proof(content, ENTRIES[0], ORIGIN, [LOG.public]).size == 1
