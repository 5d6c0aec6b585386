"""Root keys off line: one sealed file a root, with a passphrase of its own, for one person.

The public half is a file too: the text whose SHA-256 is the key's thumbprint (RFC 7638), so any
`sha256sum` shows what is read aloud when halves are handed over.
"""

from pathlib import Path

import nacl.utils

from keys.errors import Malformed, VaultError
from keys.sealing import SALT_BYTES, derive, read_private, unseal, write_new
from keys.signing import PublicKey, SeedSigner, parse_jwk

_MAGIC = b"permit-root/1\n"
_PUBLIC_BYTES = 32
_LARGEST_PUBLIC_FILE = 256


def create_root(folder: Path, passphrase: bytes) -> tuple[Path, PublicKey]:
    """Make a root key in a new file `root-<kid>.key`; gives file and public half.  Raises `VaultError`."""
    signer = SeedSigner(seed := nacl.utils.random(32))
    salt = nacl.utils.random(SALT_BYTES)
    sealed = derive(passphrase, salt).encrypt(seed)
    path = folder / f"root-{signer.public.kid.hex()}.key"
    write_new(path, _MAGIC + signer.public.raw + salt + sealed)
    return path, signer.public


def root_public(path: Path) -> PublicKey:
    """The public half that a root's file names, not yet proven by its seed; raises `VaultError`."""
    return _named(read_private(path, _MAGIC), path)


def unlock_root(path: Path, passphrase: bytes) -> SeedSigner:
    """The signer in a root's file (about a second); raises `VaultError`."""
    content = read_private(path, _MAGIC)
    named = _named(content, path)
    salt, sealed = content[_PUBLIC_BYTES:][:SALT_BYTES], content[_PUBLIC_BYTES + SALT_BYTES :]
    if len(salt) != SALT_BYTES:
        raise VaultError(f"{path.name}: damaged file")
    signer = SeedSigner(unseal(derive(passphrase, salt), sealed, path))
    if signer.public != named:
        raise VaultError(f"{path.name} holds another key than it says")
    return signer


def _named(content: bytes, path: Path) -> PublicKey:
    try:
        return PublicKey(content[:_PUBLIC_BYTES])
    except Malformed as error:
        raise VaultError(f"{path.name}: damaged file") from error


def read_public(path: Path) -> PublicKey:
    """The key in a file of a public half; raises `Malformed`, for keys of low order too."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_PUBLIC_FILE)
    except OSError as error:
        raise Malformed(f"{path.name}: cannot be read") from error
    try:
        return parse_jwk(content.removesuffix(b"\n"))
    except Malformed as error:
        raise Malformed(f"{path.name}: {error}") from error
