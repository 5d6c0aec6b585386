"""What key files have in common: the box a passphrase opens, and files for their owner alone."""

import os
import stat
from pathlib import Path

import nacl.exceptions
import nacl.secret
from nacl.pwhash import argon2id

from keys.errors import VaultError

SALT_BYTES: int = argon2id.SALTBYTES


def derive(passphrase: bytes, salt: bytes) -> nacl.secret.SecretBox:
    """The box that `passphrase` opens; takes 256 MiB and about a second."""
    key = argon2id.kdf(
        nacl.secret.SecretBox.KEY_SIZE,
        passphrase,
        salt,
        opslimit=argon2id.OPSLIMIT_MODERATE,
        memlimit=argon2id.MEMLIMIT_MODERATE,
    )
    return nacl.secret.SecretBox(key)


def unseal(box: nacl.secret.SecretBox, sealed: bytes, path: Path) -> bytes:
    """What lies in the box; raises `VaultError` that names the file."""
    try:
        return box.decrypt(sealed)
    except (nacl.exceptions.CryptoError, ValueError) as error:
        raise VaultError(f"{path.name}: wrong passphrase or damaged file") from error


def read_private(path: Path, magic: bytes) -> bytes:
    """The content behind `magic` of a file that its owner alone may touch; raises `VaultError`."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise VaultError(f"{path.name}: readable by others; it must have mode 0600")
        content = path.read_bytes()
    except OSError as error:
        raise VaultError(f"{path.name}: cannot be read") from error
    if not content.startswith(magic):
        raise VaultError(f"{path.name}: not a file of this vault's version")
    return content[len(magic) :]


def write_new(path: Path, content: bytes) -> None:
    """Make a file of mode 0600, durable when this returns; raises `VaultError` if it is there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise VaultError(f"{path.name}: cannot be made, or is there already") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # The name must last as well as the content: a key that signed must be there after a power loss.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
