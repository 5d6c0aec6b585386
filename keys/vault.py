"""Private keys at rest: one passphrase, one argon2id, a SecretBox a file (formats §Keys at rest).

A vault is a folder: `vault` holds the salt and a sealed check, `<thumbprint>.key` one seed each.
Every file must be readable by its owner alone; anything else is refused.
"""

import os
import stat
from pathlib import Path

import nacl.exceptions
import nacl.secret
import nacl.utils
from nacl.pwhash import argon2id

from keys.errors import VaultError
from keys.signing import PublicKey, SeedSigner

_VAULT_MAGIC = b"permit-vault/1\n"
_KEY_MAGIC = b"permit-key/1\n"
_CHECK = b"this passphrase opens this vault"


class Vault:
    """An unlocked vault: stores new keys and gives their signers; keeps no passphrase."""

    __slots__ = ("_box", "_folder")

    def __init__(self, folder: Path, box: nacl.secret.SecretBox) -> None:
        self._folder = folder
        self._box = box

    @classmethod
    def create(cls, folder: Path, passphrase: bytes) -> "Vault":
        """Make the folder and its `vault` file; raises `VaultError` when there is one already."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        salt = nacl.utils.random(argon2id.SALTBYTES)
        vault = cls(folder, _derive(passphrase, salt))
        _write_new(folder / "vault", _VAULT_MAGIC + salt + vault._box.encrypt(_CHECK))
        return vault

    @classmethod
    def unlock(cls, folder: Path, passphrase: bytes) -> "Vault":
        """Open an existing vault (about a second); raises `VaultError`."""
        content = _read_private(folder / "vault", _VAULT_MAGIC)
        salt, sealed = content[: argon2id.SALTBYTES], content[argon2id.SALTBYTES :]
        if len(salt) != argon2id.SALTBYTES:
            raise VaultError("vault: damaged file")
        vault = cls(folder, _derive(passphrase, salt))
        if vault._unseal(sealed, folder / "vault") != _CHECK:
            raise VaultError(f"{folder}: the vault's check does not fit")
        return vault

    def generate(self) -> SeedSigner:
        """A new key, sealed and on disk before it is returned."""
        seed = nacl.utils.random(32)
        signer = SeedSigner(seed)
        _write_new(self._path(signer.public), _KEY_MAGIC + self._box.encrypt(seed))
        return signer

    def signer(self, public: PublicKey) -> SeedSigner:
        """The signer of a public key named by the ring; raises `VaultError`.

        The seed must give exactly this public key: a swapped or damaged file is refused.
        """
        path = self._path(public)
        signer = SeedSigner(self._unseal(_read_private(path, _KEY_MAGIC), path))
        if signer.public != public:
            raise VaultError(f"{path.name} holds another key than its name says")
        return signer

    def holds(self, public: PublicKey) -> bool:
        """Whether a key file for `public` is in the folder."""
        return self._path(public).exists()

    def _path(self, public: PublicKey) -> Path:
        return self._folder / f"{public.thumbprint.hex()}.key"

    def _unseal(self, sealed: bytes, path: Path) -> bytes:
        try:
            return self._box.decrypt(sealed)
        except (nacl.exceptions.CryptoError, ValueError) as error:
            raise VaultError(f"{path.name}: wrong passphrase or damaged file") from error

    def __repr__(self) -> str:
        return f"Vault({str(self._folder)!r})"


def _derive(passphrase: bytes, salt: bytes) -> nacl.secret.SecretBox:
    key = argon2id.kdf(
        nacl.secret.SecretBox.KEY_SIZE,
        passphrase,
        salt,
        opslimit=argon2id.OPSLIMIT_MODERATE,
        memlimit=argon2id.MEMLIMIT_MODERATE,
    )
    return nacl.secret.SecretBox(key)


def _read_private(path: Path, magic: bytes) -> bytes:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise VaultError(f"{path.name}: readable by others; it must have mode 0600")
        content = path.read_bytes()
    except OSError as error:
        raise VaultError(f"{path.name}: cannot be read") from error
    if not content.startswith(magic):
        raise VaultError(f"{path.name}: not a file of this vault's version")
    return content[len(magic) :]


def _write_new(path: Path, content: bytes) -> None:
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
