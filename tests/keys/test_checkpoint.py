"""Checkpoints as signed notes: ours is verified, a witness's line beside it makes no difference."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.checkpoint import (
    LARGEST_NOTE,
    Checkpoint,
    NoteSignature,
    key_hash,
    note_text,
    open_checkpoint,
    parse_note,
    parse_verifier_key,
    sign_checkpoint,
    sign_note,
    verifier_key,
    write_lines,
    write_note,
)
from keys.errors import BadSignature, KeysError, Malformed, UnknownKey
from keys.signing import SeedSigner
from tests.keys import strategies
from tests.keys.examples import LOG, ORIGIN, ROOTS, STATUS

CHECKPOINT = Checkpoint(ORIGIN, 70_123, bytes(range(32)))
NOTE = sign_checkpoint(CHECKPOINT, LOG)
checkpoints = st.builds(Checkpoint, st.just(ORIGIN), strategies.naturals, strategies.hashes)
names = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="+"), min_size=1, max_size=20)
strangers = st.builds(
    NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
).filter(lambda s: (s.name, s.key_hash) != (ORIGIN, key_hash(ORIGIN, LOG.public)))


@given(checkpoints)
def test_a_checkpoint_opens_to_what_was_signed(checkpoint: Checkpoint) -> None:
    assert (
        open_checkpoint(sign_checkpoint(checkpoint, LOG), ORIGIN, [STATUS.public, LOG.public]) == checkpoint
    )


@given(checkpoints, st.lists(strangers, max_size=3), st.lists(strangers, max_size=3))
def test_signatures_of_unknown_keys_are_ignored(
    checkpoint: Checkpoint, before: list[NoteSignature], after: list[NoteSignature]
) -> None:
    text = note_text(checkpoint)
    note = write_note(text, [*before, sign_note(text, ORIGIN, LOG), *after])
    assert open_checkpoint(note, ORIGIN, [LOG.public]) == checkpoint
    assert parse_note(note)[0] == text
    assert write_note(*parse_note(note)) == note


@given(st.data())
def test_a_damaged_checkpoint_says_what_was_signed_or_is_refused(data: st.DataObject) -> None:
    try:
        checkpoint = open_checkpoint(data.draw(strategies.damaged(NOTE)), ORIGIN, [LOG.public])
    except KeysError:
        return
    assert checkpoint == CHECKPOINT


@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_random_bytes_are_no_note(data: bytes) -> None:
    try:
        text, signatures = parse_note(data)
    except Malformed:
        return
    assert write_note(text, signatures) == data


def test_a_note_signed_by_strangers_alone_is_unknown() -> None:
    with pytest.raises(UnknownKey):
        open_checkpoint(NOTE, ORIGIN, [STATUS.public])
    with pytest.raises(UnknownKey):
        open_checkpoint(NOTE, "other.example/log", [LOG.public])


def test_one_wrong_signature_of_ours_spoils_a_right_one() -> None:
    text = note_text(CHECKPOINT)
    right = sign_note(text, ORIGIN, LOG)
    for wrong in (bytes(64), bytes(63), right.signature + b"\0"):
        note = write_note(text, [right, dataclasses.replace(right, signature=wrong)])
        with pytest.raises(BadSignature):
            open_checkpoint(note, ORIGIN, [LOG.public])


def test_a_note_beyond_64_kib_is_refused() -> None:
    text = "a" * LARGEST_NOTE + "\n"
    with pytest.raises(Malformed):
        parse_note(write_note(text, [sign_note(text, ORIGIN, LOG)]))


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003", "\u2028", "\u0085", "\u3000"])
def test_a_name_in_a_note_has_no_blank_of_any_script(blank: str) -> None:
    # Go's note package calls such a note malformed, so one that we took would be a note for us alone.
    line = dataclasses.replace(sign_note("text\n", "witness", STATUS), name=f"wit{blank}ness")
    with pytest.raises(Malformed):
        parse_note(NOTE + write_lines([line]).encode())


def test_the_size_of_a_tree_is_below_two_to_the_64() -> None:
    largest = dataclasses.replace(CHECKPOINT, size=(1 << 64) - 1)
    assert open_checkpoint(sign_checkpoint(largest, LOG), ORIGIN, [LOG.public]) == largest
    for size in (1 << 64, 10**4000):
        with pytest.raises(Malformed):
            open_checkpoint(
                sign_checkpoint(dataclasses.replace(CHECKPOINT, size=size), LOG), ORIGIN, [LOG.public]
            )


@given(names, st.sampled_from([LOG, STATUS, *ROOTS]))
def test_a_verifier_key_names_its_log(name: str, signer: SeedSigner) -> None:
    assert parse_verifier_key(verifier_key(name, signer.public) + "\n") == (name, signer.public)


@given(
    st.text(max_size=80) | st.just(verifier_key(ORIGIN, LOG.public)), st.integers(0, 120), st.text(max_size=3)
)
def test_any_text_is_a_verifier_key_or_malformed(text: str, at: int, inserted: str) -> None:
    line = text[:at] + inserted + text[at:]
    try:
        name, public = parse_verifier_key(line)
    except Malformed:
        return
    assert verifier_key(name, public) == line.strip()


def test_a_lone_surrogate_is_malformed() -> None:
    with pytest.raises(Malformed):
        parse_verifier_key("\ud800" + verifier_key(ORIGIN, LOG.public))
