"""Vectors of a key's life, and of what phones get of it: ring on its way, denied set, root's file, bundle."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from nacl.pwhash import argon2id
from nacl.secret import SecretBox

from keys import cbor, cose
from keys.denied import DeniedSet, denied_set, encode_denied_set
from keys.keyring import KeyState, sign_ring
from keys.layout import sha256
from keys.opening import sign_denied_set, sign_snapshot
from keys.phone import encode_phone_bundle
from keys.proposal import Proposal, changes, encode_proposal, propose_ring, sign_proposal
from tests.keys import examples
from tests.keys.examples import AGENCY, LOG, RING, ROOTS, SIGNED_RING, STATUS, STOLEN, seed
from tests.keys.refused_texts import Case

DENIED: DeniedSet = denied_set(STOLEN.public.thumbprint, 17, (sha256(b"card %d" % n) for n in range(3)))
NEXT_RING = dataclasses.replace(
    RING,
    version=2,
    keys=tuple(
        dataclasses.replace(key, state=KeyState.COMPROMISED, good_size=5)
        if key.public == AGENCY.public
        else key
        for key in RING.keys
    ),
)
PROPOSAL = propose_ring(NEXT_RING, SIGNED_RING)
NAMED_PROPOSAL = propose_ring(NEXT_RING, SIGNED_RING, [(1, "เทศบาลเมืองหัวหิน · Hua Hin Municipality")])
SIGNED_PROPOSAL = sign_proposal(PROPOSAL, ROOTS[0])


PHONE_FILES = {
    "snapshot": sign_snapshot(examples.SNAPSHOT, STATUS),
    "keyring/1.cbor": SIGNED_RING,
    f"denied/{STOLEN.public.thumbprint.hex()}.cbor": sign_denied_set(DENIED, STATUS),
}


def root_file() -> bytes:
    """A root's file, made from the specification with fixed randomness."""
    salt, nonce = seed("root salt")[: argon2id.SALTBYTES], seed("root nonce")[: SecretBox.NONCE_SIZE]
    key = argon2id.kdf(32, examples.PASSPHRASE, salt, opslimit=3, memlimit=256 << 20)
    sealed = bytes(SecretBox(key).encrypt(seed("root 1"), nonce))
    return b"permit-root/1\n" + ROOTS[0].public.raw + salt + sealed


def key_life_vectors() -> Any:
    """What golden vectors say of all four."""
    return {
        "phone_bundle": {
            "files": {path: content.hex() for path, content in PHONE_FILES.items()},
            "content": encode_phone_bundle(PHONE_FILES).hex(),
        },
        "denied_set": {
            "key": DENIED.thumbprint.hex(),
            "good_size": DENIED.good_size,
            "cards": DENIED.cards.hex(),
            "payload": encode_denied_set(DENIED).hex(),
            "signed": sign_denied_set(DENIED, STATUS).hex(),
        },
        "proposal": {
            "unsigned": encode_proposal(PROPOSAL).hex(),
            "signed_by_root_1": encode_proposal(SIGNED_PROPOSAL).hex(),
            "says": list(changes(PROPOSAL.before, PROPOSAL.after)),
            "with_names": encode_proposal(NAMED_PROPOSAL).hex(),
            "says_with_names": list(changes(PROPOSAL.before, PROPOSAL.after, NAMED_PROPOSAL.agencies)),
        },
        "root": {
            "passphrase": examples.PASSPHRASE.decode(),
            "file": root_file().hex(),
            "public_half": ROOTS[0].public.jwk().decode(),
            "thumbprint": ROOTS[0].public.thumbprint.hex(),
        },
    }


def cases() -> Iterator[Case]:
    """What every reader of these must refuse."""
    payload = cbor.decode(encode_denied_set(DENIED))
    first, second = DENIED.cards[:8], DENIED.cards[8:16]
    for why, edit in {
        "another format": {"format": "denied-set/2"},
        "an unknown item": {"x": 1},
        "a key of 31 bytes": {"key": bytes(31)},
        "a negative size": {"good_size": -1},
        "no cards, written": {"cards": b""},
        "out of order": {"cards": second + first},
        "one card twice": {"cards": first + first},
        "half a card": {"cards": first + second[:4]},
    }.items():
        yield "signed denied set", why, cose.sign1(cbor.encode(payload | edit), STATUS)
    yield "signed denied set", "an agency's signature", sign_denied_set(DENIED, AGENCY), "KeyNotAllowed"
    yield "signed denied set", "the log's signature", sign_denied_set(DENIED, LOG), "KeyNotAllowed"
    yield from _proposal_cases()
    yield from _phone_cases()


def _phone_cases() -> Iterator[Case]:
    good = cbor.decode(encode_phone_bundle(PHONE_FILES))
    files = good["files"]
    yield "phone bundle", "trailing bytes", cbor.encode(good) + b"\0"
    for why, edit in {
        "another format": {"format": "phone-bundle/2"},
        "an unknown item": {"x": 1},
        "files in a list": {"files": list(files)},
        "no snapshot": {"files": {k: v for k, v in files.items() if k != "snapshot"}},
        "a file that is text": {"files": files | {"log/checkpoint": "text"}},
        "a path out of the folder": {"files": files | {"../snapshot": b""}},
        "a path of the records": {"files": files | {"manifest/" + "0" * 64 + ".cbor": b""}},
        "a number with a zero before it": {"files": files | {"keyring/01.cbor": b""}},
    }.items():
        yield "phone bundle", why, cbor.encode(good | edit)


def _proposal_cases() -> Iterator[Case]:
    good = cbor.decode(encode_proposal(SIGNED_PROPOSAL))
    yield "proposal of a ring", "trailing bytes", cbor.encode(good) + b"\0"
    yield "proposal of a ring", "another format", cbor.encode(good | {"format": "ring-proposal/2"})
    yield "proposal of a ring", "an unknown item", cbor.encode(good | {"x": 1})
    for why, rows in {
        "no agencies, written": [],
        "agencies in disorder": [[2, "ข"], [1, "ก"]],
        "an agency twice": [[1, "ก"], [1, "ข"]],
        "an agency without a name": [[1, ""]],
        "a name that steers the terminal": [[1, "\x1b[2J"]],
        "a name that runs backwards": [[1, "\u202eก"]],
        "a name that is bytes": [[1, b"a"]],
        "a negative agency": [[-1, "ก"]],
    }.items():
        yield "proposal of a ring", why, cbor.encode(good | {"agencies": rows})
    yield "proposal of a ring", "no ring", cbor.encode({k: v for k, v in good.items() if k != "ring"})
    first = encode_proposal(Proposal(None, SIGNED_PROPOSAL.signed))
    yield "proposal of a ring", "a second ring as the first", first, "RingRefused"
    skipped = dataclasses.replace(NEXT_RING, version=3)
    yield "proposal of a ring", "a version skipped", _proposed(skipped), "RingRefused"
    elsewhere = dataclasses.replace(NEXT_RING, origin="other.example/log")
    yield "proposal of a ring", "another log", _proposed(elsewhere), "RingRefused"
    lonely = sign_ring(RING, ROOTS[:1])
    alone = encode_proposal(Proposal(lonely, PROPOSAL.signed))
    yield "proposal of a ring", "the ring in force lacks a signature", alone, "RingRefused"
    kid, signature = cose.parse_many(SIGNED_PROPOSAL.signed).signatures[0]
    forged = cose.SignMany(SIGNED_PROPOSAL.parts.payload, ((kid, signature[:-1] + b"\0"),))
    wrong = encode_proposal(Proposal(SIGNED_RING, cose.write_many(forged)))
    yield "proposal of a ring", "a wrong signature of a root", wrong, "BadSignature"


def _proposed(ring: Any) -> bytes:
    return encode_proposal(Proposal(SIGNED_RING, sign_ring(ring, ROOTS)))
