"""Which witnesses the log asks: the setting PERMITS_WITNESSES as values."""

from dataclasses import dataclass

from keys.cosignature import WitnessKey, parse_witness_verifier_key
from keys.errors import Malformed
from registry.errors import ConfigurationError
from registry.fetching import checked_address


@dataclass(frozen=True, slots=True)
class Witness:
    """Where a witness takes submissions, and what it is known by."""

    url: str
    key: WitnessKey


def parse_witnesses(text: str) -> tuple[Witness, ...]:
    """The witnesses of a setting: address and verifier key, separated by a blank; raises `ConfigurationError`."""
    witnesses = []
    for part in filter(None, map(str.strip, text.split(","))):
        url, _, vkey = part.partition(" ")
        try:
            key = parse_witness_verifier_key(vkey)
        except Malformed as error:
            raise ConfigurationError(f"PERMITS_WITNESSES: {part!r}: {error}") from error
        witnesses.append(Witness(_address(url), key))
    if len({witness.key.public for witness in witnesses}) != len(witnesses):
        raise ConfigurationError("PERMITS_WITNESSES: two witnesses have one key")
    return tuple(witnesses)


def _address(url: str) -> str:
    try:
        return checked_address(url)
    except ValueError as error:
        raise ConfigurationError(
            f"PERMITS_WITNESSES: {url!r} is not the address of a witness: {error}"
        ) from error
