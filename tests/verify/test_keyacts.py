"""Rings, denials and the log's entries about keys tell one story; whatever part tells another is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keys import layout
from keys.acts import ActKind
from keys.denied import denied_set
from keys.entry import encode_entry, parse_entry
from keys.keyring import KeyRing, KeyState, RingKey, sign_ring
from keys.opening import sign_denied_set
from keys.signing import PublicKey
from keys.snapshot import Denial
from tests.verify.founding import ROOTS, TOWN, signer
from tests.verify.register import Register
from verify.audit import audit
from verify.sources import FolderSource

OLD, NOW, NEXT = (signer(f"agency {TOWN} {year}").public for year in (2025, 2026, 2027))
STRANGER, UNSEEN = signer("nobody's").public, signer("unseen").public


def with_state(
    ring: KeyRing, public: PublicKey, state: KeyState, good: int | None = None
) -> tuple[RingKey, ...]:
    return tuple(
        replace(key, state=state, good_size=good) if key.public == public else key for key in ring.keys
    )


def write_set(register: Register, public: PublicKey, good_size: int, *cards: bytes) -> None:
    """The set of a denied key's cards, for readers without the log."""
    value = denied_set(public.thumbprint, good_size, cards)
    register._write(layout.denied_set_path(public.thumbprint), sign_denied_set(value, signer("status 2026")))


def name(public: PublicKey) -> str:
    return f"key {public.thumbprint.hex()[:8]}"


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """Keys proposed and activated, one retired by a ring, one denied and then compromised by a ring."""
    register = Register(tmp_path)
    register.log_keys()
    register.issue()
    register.publish()
    register.key_act(ActKind.KEY_PROPOSED, STRANGER.thumbprint)
    register.key_act(ActKind.KEY_RETIRED, STRANGER.thumbprint)
    register.key_act(ActKind.KEY_RETIRED, OLD.thumbprint)
    register.next_ring(keys=with_state(register.ring, OLD, KeyState.RETIRED))
    register.later(minutes=1)
    register.publish()
    register.key_act(ActKind.KEY_COMPROMISED, NEXT.thumbprint, good_size=20)
    register.denied = (Denial(NEXT.thumbprint, 20),)
    register.later(minutes=1)
    register.publish()
    write_set(register, NEXT, 20)
    register.next_ring(keys=with_state(register.ring, NEXT, KeyState.COMPROMISED, 20))
    register.denied = ()
    register.later(minutes=1)
    register.publish()
    return register


def findings(register: Register, pinned: int = 1) -> list[tuple[str, str]]:
    content = (register.public / layout.keyring_path(pinned)).read_bytes()
    report = audit(FolderSource(register.public), at=register.now + timedelta(seconds=1), pinned=content)
    return [(found.where, found.what) for found in report.findings]


def test_an_honest_life_of_keys_has_no_findings(register: Register) -> None:
    assert findings(register) == []
    assert findings(register, pinned=2) == []
    assert findings(register, pinned=3) == []


def test_a_proposed_key_that_no_ring_has_yet_is_no_finding(register: Register) -> None:
    register.key_act(ActKind.KEY_PROPOSED, signer("spare").public.thumbprint)
    register.publish()
    assert findings(register) == []


def test_a_ring_that_is_not_named_yet_may_be_ahead_of_the_log(register: Register) -> None:
    """A stop between ring and snapshot leaves it so."""
    ahead = replace(register.ring, version=4, keys=with_state(register.ring, NOW, KeyState.RETIRED))
    register._write(layout.keyring_path(4), sign_ring(ahead, ROOTS))
    assert findings(register) == []


# --- each disagreement is found -------------------------------------------------------------------


def _ring_retires(register: Register) -> None:
    register.next_ring(keys=with_state(register.ring, NOW, KeyState.RETIRED))


def _ring_adds(public: PublicKey) -> Callable[[Register], None]:
    def add(register: Register) -> None:
        key = replace(register.ring.key(NOW.kid), public=public)
        register.next_ring(keys=(*register.ring.keys, key))

    return add


def _ring_compromises(register: Register) -> None:
    register.next_ring(keys=with_state(register.ring, NOW, KeyState.COMPROMISED, 7))


def _ring_in_disorder(register: Register) -> None:
    """Carried out in the order 5, 4."""
    key = register.ring.key(NOW.kid)
    other = next(k for k in register.ring.keys if k.state is KeyState.ACTIVE and k.agency not in (None, TOWN))
    register.next_ring(keys=with_state(register.ring, key.public, KeyState.RETIRED))
    register.next_ring(keys=with_state(register.ring, other.public, KeyState.RETIRED))
    register.key_act(ActKind.KEY_RETIRED, other.public.thumbprint)
    register.key_act(ActKind.KEY_RETIRED, key.public.thumbprint)


def _act(act: ActKind, public: PublicKey, good_size: int | None = None) -> Callable[[Register], None]:
    return lambda register: register.key_act(act, public.thumbprint, good_size)


def _denied(public: PublicKey, good_size: int) -> Callable[[Register], None]:
    def deny(register: Register) -> None:
        register.denied = (Denial(public.thumbprint, good_size),)

    return deny


def _unsay(act: ActKind, public: PublicKey) -> Callable[[Register], None]:
    """Make the key's entry one about another key."""

    def unsay(register: Register) -> None:
        for index, content in enumerate(register.entries):
            entry = parse_entry(content)
            if (entry.act, entry.thumbprint) == (act, public.thumbprint):
                register.entries[index] = encode_entry(replace(entry, thumbprint=b"x" * 32))

    return unsay


@pytest.mark.parametrize(
    ("lie", "where", "what"),
    [
        (_ring_retires, "keyring/4.cbor", f"KEY_RETIRED of {name(NOW)} is not in the log"),
        (
            _ring_adds(STRANGER),
            "log index 26",
            f"KEY_RETIRED of {name(STRANGER)}, but key ring 4 says KEY_ACT",
        ),
        (_ring_adds(UNSEEN), "keyring/4.cbor", f"{name(UNSEEN)} was never proposed in the log"),
        (_ring_compromises, "keyring/4.cbor", f"{name(NOW)} is denied from log size 7 on, which the log"),
        (_ring_in_disorder, "log index 29", "carries out key ring 5 before"),
        (
            _act(ActKind.KEY_ACTIVATED, OLD),
            "log index 29",
            f"KEY_ACTIVATED of {name(OLD)}, which no key ring",
        ),
        (
            _act(ActKind.KEY_RETIRED, NOW),
            "log index 29",
            f"KEY_RETIRED of {name(NOW)}, which no key ring says",
        ),
        (_act(ActKind.KEY_PROPOSED, NOW), "log index 29", f"{name(NOW)} was proposed before"),
        (
            _act(ActKind.KEY_ACTIVATED, signer("other").public),
            "log index 29",
            f"{name(signer('other').public)} was never proposed",
        ),
        (
            _act(ActKind.KEY_COMPROMISED, NOW, 9),
            "log index 29",
            f"{name(NOW)} is denied from log size 9 on, which neither ring nor snapshot says",
        ),
        (_act(ActKind.KEY_COMPROMISED, NEXT, 21), "log index 29", f"size 21 of {name(NEXT)} is larger"),
        (_act(ActKind.KEY_COMPROMISED, NOW, 99), "log index 29", f"size 99 of {name(NOW)} is larger"),
        (
            _denied(NOW, 9),
            "snapshot",
            f"{name(NOW)} is denied from log size 9 on, which the log does not say",
        ),
        (_denied(STRANGER, 9), "snapshot", f"{name(STRANGER)} is denied from log size 9 on"),
        (_unsay(ActKind.KEY_PROPOSED, NOW), "log index", f"{name(NOW)} was never proposed in the log"),
        (_unsay(ActKind.KEY_ACTIVATED, NOW), "keyring/1.cbor", f"KEY_ACTIVATED of {name(NOW)} is not in"),
        (_unsay(ActKind.KEY_RETIRED, OLD), "keyring/2.cbor", f"KEY_RETIRED of {name(OLD)} is not in the log"),
        (_unsay(ActKind.KEY_COMPROMISED, NEXT), "keyring/3.cbor", f"{name(NEXT)} is denied from log size 20"),
    ],
)
def test_each_disagreement_is_named_with_its_place(
    register: Register, lie: Callable[[Register], None], where: str, what: str
) -> None:
    lie(register)
    register.later(minutes=1)
    register.publish()
    found = findings(register)
    assert any(said.startswith(where) and what in told for said, told in found), found


def test_a_mark_that_the_ring_forgot_is_named(register: Register) -> None:
    register.next_ring(keys=with_state(register.ring, NEXT, KeyState.ACTIVE))
    register.later(minutes=1)
    register.publish()
    assert any(f"KEY_ACTIVATED of {name(NEXT)} is not in the log" in what for _, what in findings(register))


def test_an_older_ring_than_the_pinned_one_must_lead_to_it(register: Register) -> None:
    other = replace(register.ring, version=1, keys=register.ring.keys[:4], roots=(STRANGER,), threshold=1)
    register._write(layout.keyring_path(1), sign_ring(other, [signer("nobody's")]))
    assert any(where == "keyring/1.cbor" for where, _ in findings(register, pinned=2))


# --- the sets of denied keys ----------------------------------------------------------------------


def test_a_set_with_a_card_that_the_log_never_had_is_named(register: Register) -> None:
    """Whoever stole the status key too could slip forged cards into it."""
    write_set(register, NEXT, 20, b"c" * 32)
    assert findings(register) == [
        (layout.denied_set_path(NEXT.thumbprint), "1 of its cards are not in the log below 20")
    ]


def test_a_set_that_is_missing_or_of_another_size_is_named(register: Register) -> None:
    write_set(register, NEXT, 21)
    (found,) = findings(register)
    assert found[0] == layout.denied_set_path(NEXT.thumbprint)
    (register.public / layout.denied_set_path(NEXT.thumbprint)).unlink()
    (found,) = findings(register)
    assert found[0] == layout.denied_set_path(NEXT.thumbprint)
