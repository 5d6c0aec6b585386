"""Officers' passwords: argon2id, at one cost for names that exist and names that do not."""

import unicodedata
from threading import BoundedSemaphore

import nacl.exceptions
from nacl.pwhash import argon2id

from registry.errors import RegistryError, refuse

# RFC 9106's second recommended choice (64 MiB); with two passes about 0.2 s on one core.
OPERATIONS = 2
MEMORY = 64 << 20
SHORTEST = 12
LONGEST = 200

# The hash of a password nobody has, made at the cost above: what an unknown name is compared with.
_NOBODY = b"$argon2id$v=19$m=65536,t=2,p=1$6EeE7LKPyqIkga6/Vq9hXw$Q62NbKOmpqCHbe8r0ZRgfyasr0or/C+t2G1wJxRXQEI"
# Each comparison takes 64 MiB, so a process compares two at a time however many threads it has.
_AT_ONCE = BoundedSemaphore(2)


class WrongPassword(RegistryError):
    """The name is unknown, or this is not its password; which of the two is not told."""


def hash_password(password: str) -> bytes:
    """The hash to store; raises `Refused` for fewer than 12 characters or more than 200."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise refuse(
            "password-length",
            f"รหัสผ่านต้องยาว {SHORTEST} ถึง {LONGEST} ตัวอักษร",
            f"A password has {SHORTEST} to {LONGEST} characters",
            field="password",
        )
    with _AT_ONCE:
        return argon2id.str(_octets(password), opslimit=OPERATIONS, memlimit=MEMORY)


def verify_password(password: str, stored: bytes | None) -> None:
    """Return if `password` is the one that was hashed; raise `WrongPassword` otherwise.

    Without a stored hash it takes the same time and raises, so that time does not tell names apart.
    """
    # What is longer than a password can be is not hashed whole: its length would cost us the time.
    with _AT_ONCE:
        try:
            argon2id.verify(stored or _NOBODY, _octets(password[: LONGEST + 1]))
        except nacl.exceptions.CryptoError as error:
            raise WrongPassword("wrong name or password") from error
    if stored is None:
        raise WrongPassword("wrong name or password")


def _octets(password: str) -> bytes:
    # Keyboards differ in how they compose a letter with its marks; NFC makes them one.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
