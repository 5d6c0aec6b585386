"""The one error family of `keys`; nothing foreign escapes the package."""


class KeysError(Exception):
    """Anything that `keys` refuses; catch this to catch all of them."""


class Malformed(KeysError):
    """The bytes or the text are not something this service would ever have written."""


class NotTrusted(KeysError):
    """Well-formed, yet nothing vouches for it; the subclasses say why."""


class UnknownKey(NotTrusted):
    """The key identifier is not in the key ring."""

    def __init__(self, kid: bytes) -> None:
        super().__init__(f"no key with identifier {kid.hex()} in the key ring")
        self.kid = kid


class BadSignature(NotTrusted):
    """The signature does not fit the bytes and the key."""


class KeyNotAllowed(NotTrusted):
    """The key is genuine, but its role, agency or license types do not cover this."""


class BadProof(NotTrusted):
    """A Merkle proof or a checkpoint does not lead to the root it claims."""


class NotWitnessed(NotTrusted):
    """A checkpoint that too few of the trusted witnesses cosigned."""


class RingRefused(NotTrusted):
    """A key ring without enough root signatures, or older than the one already known."""


class VaultError(KeysError):
    """A key file is missing, readable by others, damaged, or the passphrase is wrong."""


class TooLong(KeysError):
    """What should be written does not fit: a card no QR of version 15 can carry, say."""
