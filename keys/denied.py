"""The set of a denied key: which cards under it were logged in good time, for readers without the log.

It is bound to the key and to the last good size, and a status key signs it; so it can travel in any
bundle, and an old one is of no use once the last good size is lowered.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from keys import cbor
from keys.cbor import Reader

DENIED_SET_FORMAT = "denied-set/1"
PREFIX_BYTES = 8
LARGEST_DENIED_SET = 64 << 20


@dataclass(frozen=True, slots=True)
class DeniedSet:
    """`cards` joins, in ascending order, the first 8 bytes of SHA-256 of each signed card.

    It holds every card under the key with `thumbprint` that the log has below `good_size`.
    """

    thumbprint: bytes
    good_size: int
    cards: bytes

    def holds(self, digest: bytes) -> bool:
        """Whether a card with this SHA-256 is in the set."""
        wanted, low, high = digest[:PREFIX_BYTES], 0, len(self.cards) // PREFIX_BYTES
        while low < high:
            middle = (low + high) // 2
            found = self.cards[middle * PREFIX_BYTES : (middle + 1) * PREFIX_BYTES]
            if found == wanted:
                return True
            low, high = (middle + 1, high) if found < wanted else (low, middle)
        return False


def denied_set(thumbprint: bytes, good_size: int, digests: Iterable[bytes]) -> DeniedSet:
    """The set of these cards, given by their SHA-256."""
    prefixes = sorted({digest[:PREFIX_BYTES] for digest in digests})
    return DeniedSet(thumbprint, good_size, b"".join(prefixes))


def encode_denied_set(value: DeniedSet) -> bytes:
    """The payload the status key signs."""
    return cbor.encode(
        cbor.without_absent(
            {
                "format": DENIED_SET_FORMAT,
                "key": value.thumbprint,
                "good_size": value.good_size,
                "cards": value.cards,
            }
        )
    )


def parse_denied_set(payload: bytes) -> DeniedSet:
    """The set of a verified payload; raises `Malformed`.  Callers use `open_denied_set`."""
    read = Reader(cbor.decode(payload), "denied set")
    read.literal("format", DENIED_SET_FORMAT)
    cards = read.optional("cards", bytes)
    value = DeniedSet(read.hash("key"), read.natural("good_size"), cards or b"")
    read.done()
    prefixes = [value.cards[i : i + PREFIX_BYTES] for i in range(0, len(value.cards), PREFIX_BYTES)]
    if cards == b"" or len(value.cards) % PREFIX_BYTES or prefixes != sorted(set(prefixes)):
        raise read.fail("'cards' must be 8-byte prefixes in ascending order, each once, or absent")
    return value
