"""The next key ring on its way to the roots: a file that gathers signatures and goes back.

It carries the ring in force too, so that a root's holder, off line, sees what would change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from keys import cbor, cose
from keys.cbor import Reader
from keys.dates import BANGKOK, from_seconds
from keys.errors import Malformed, RingRefused
from keys.keyring import KeyRing, KeyState, RingKey, encode_ring, parse_ring, pin_ring
from keys.signing import PublicKey, Signer
from keys.text import canonical

PROPOSAL_FORMAT = "ring-proposal/1"
LARGEST_PROPOSAL = 9 << 20


@dataclass(frozen=True)
class Proposal:
    """A ring that waits for roots: `signed` has the signatures so far, `trusted` is what it follows.

    `trusted` is the signed ring in force; None for the first ring of a register.  `agencies` are the
    names that the register gives its agencies: nobody has signed them, they help to read.
    """

    trusted: bytes | None
    signed: bytes
    agencies: tuple[tuple[int, str], ...] = ()

    @cached_property
    def parts(self) -> cose.SignMany:
        """Payload and signatures."""
        return cose.parse_many(self.signed)

    @cached_property
    def before(self) -> KeyRing | None:
        """The ring in force."""
        return pin_ring(self.trusted) if self.trusted is not None else None

    @cached_property
    def after(self) -> KeyRing:
        """The ring proposed."""
        return parse_ring(self.parts.payload)

    def needs(self) -> tuple["Need", ...]:
        """What each set of roots has given and must give; raises `BadSignature` for a wrong one."""
        sets = [("the new ring's roots", self.after)]
        if self.before is not None:
            sets.insert(0, ("the roots in force", self.before))
        return tuple(
            Need(whose, self.parts.signed_by(ring.roots), ring.threshold, ring.roots) for whose, ring in sets
        )


@dataclass(frozen=True, slots=True)
class Need:
    """How many signatures of one set of roots there are, and how many there must be."""

    whose: str
    have: int
    want: int
    roots: tuple[PublicKey, ...]


def propose_ring(ring: KeyRing, trusted: bytes | None, agencies: Iterable[tuple[int, str]] = ()) -> Proposal:
    """A proposal without signatures; raises as `parse_proposal` does when it can never be published."""
    signed = cose.write_many(cose.SignMany(encode_ring(ring), ()))
    return parse_proposal(encode_proposal(Proposal(trusted, signed, tuple(sorted(agencies)))))


def encode_proposal(proposal: Proposal) -> bytes:
    """The bytes of the file."""
    return cbor.encode(
        cbor.without_absent(
            {
                "format": PROPOSAL_FORMAT,
                "trusted": proposal.trusted,
                "ring": proposal.signed,
                "agencies": [list(named) for named in proposal.agencies],
            }
        )
    )


def parse_proposal(content: bytes) -> Proposal:
    """The proposal of a file.

    Raises `Malformed` or `BadSignature` for damage and `RingRefused` for a ring that does not follow
    the one it carries.
    """
    read = Reader(cbor.decode(content), "proposal of a key ring")
    read.literal("format", PROPOSAL_FORMAT)
    proposal = Proposal(read.optional("trusted", bytes), read.required("ring", bytes), _agencies(read))
    read.done()
    before, after = proposal.before, proposal.after
    number = before.version + 1 if before else 1
    same = before is None or (before.origin, before.host) == (after.origin, after.host)
    if after.version != number or not same:
        raise RingRefused(f"version {after.version} of {after.origin!r} cannot be version {number} here")
    proposal.needs()
    return proposal


def _agencies(read: Reader) -> tuple[tuple[int, str], ...]:
    rows = read.optional("agencies", list)
    if rows is None:
        return ()
    named = [tuple(row) for row in rows if isinstance(row, list) and list(map(type, row)) == [int, str]]
    numbers = [number for number, _ in named]
    # A name goes to the terminal that a person decides by: only what canonical text may hold.
    if not named or len(named) != len(rows) or numbers != sorted(set(numbers)) or numbers[0] < 0:
        raise read.fail("'agencies' are pairs of number and name, in ascending order, or absent")
    if any(not name or canonical(name) != name for _, name in named):
        raise read.fail("a name is canonical text")
    return tuple((number, name) for number, name in named)


def sign_proposal(proposal: Proposal, root: Signer) -> Proposal:
    """The proposal with one root's signature added; raises `RingRefused` for a key that is no root."""
    if not any(root.public in need.roots for need in proposal.needs()):
        raise RingRefused(f"key {root.public.kid.hex()} is no root of the old or of the new ring")
    given = dict(proposal.parts.signatures)
    kid, signature = cose.cosign(proposal.parts.payload, root)
    return _with_signatures(proposal, {**given, kid: signature}.items())


def gather(proposals: Sequence[Proposal]) -> Proposal:
    """One proposal with the signatures of all; raises `Malformed` when they are not the same one."""
    first = proposals[0]
    if any((p.parts.payload, p.trusted) != (first.parts.payload, first.trusted) for p in proposals):
        raise Malformed("these files propose different rings")
    given = {kid: signature for p in proposals for kid, signature in p.parts.signatures}
    return _with_signatures(first, given.items())


def _with_signatures(proposal: Proposal, signatures: Iterable[tuple[bytes, bytes]]) -> Proposal:
    signed = cose.write_many(cose.SignMany(proposal.parts.payload, tuple(sorted(signatures))))
    return replace(proposal, signed=signed)


# --- in words -----------------------------------------------------------------------------------


def changes(
    before: KeyRing | None, after: KeyRing, agencies: Iterable[tuple[int, str]] = ()
) -> Iterator[str]:
    """What a ring changes, a line a fact; every difference of the two has its line.

    Agencies are named as `agencies` does: in quotation marks, because nobody vouches for it.
    """
    names = dict(agencies)
    if before is None:
        # Escaped: a file from elsewhere must not steer the terminal that a person decides by.
        yield f"the first ring of {after.origin!a}, for links to {after.host!a}"
    yield f"version {after.version}, made {_moment(after.issued)}, expires {_moment(after.expires)}"
    yield from _root_changes(before, after)
    old = {key.public: key for key in before.keys} if before else {}
    for key in after.keys:
        known = old.pop(key.public, None)
        if known is None:
            yield f"NEW {_key(key, names)}{_state(key)}"
        elif known != key:
            yield f"CHANGED {_key(known, names)}{_state(known)}  →  {_key(key, names)}{_state(key)}"
    for key in old.values():
        yield f"GONE {_key(key, names)}: what it signed can no longer be checked"


def _root_changes(before: KeyRing | None, after: KeyRing) -> Iterator[str]:
    old = before.roots if before else ()
    for root in after.roots:
        if root not in old:
            yield f"NEW root {_print(root)}"
    for root in old:
        if root not in after.roots:
            yield f"GONE root {_print(root)}"
    if before is None or (before.threshold, len(old)) != (after.threshold, len(after.roots)):
        yield f"{after.threshold} of {len(after.roots)} roots sign each ring"


def _key(key: RingKey, names: Mapping[int, str]) -> str:
    types = f" for types {', '.join(map(str, key.types))}" if key.types else ""
    whose = f"{key.role.value} key"
    if key.agency is not None:
        whose = f"key of agency {key.agency}"
        whose += f" “{names[key.agency]}”" if key.agency in names else ""
    return f"{whose}{types}, {_moment(key.valid_from)} to {_moment(key.valid_until)}, {_print(key.public)}"


def _state(key: RingKey) -> str:
    if key.state is KeyState.COMPROMISED:
        return f": COMPROMISED, good below log size {key.good_size}"
    return f": {key.state.value.upper()}"


def _print(key: PublicKey) -> str:
    return f"{key.kid.hex()} ({key.thumbprint.hex()})"


def _moment(seconds: int) -> str:
    try:
        return from_seconds(seconds).astimezone(BANGKOK).strftime("%Y-%m-%d %H:%M")
    except (Malformed, OverflowError):
        return f"{seconds} seconds after 1970, beyond the calendar"
