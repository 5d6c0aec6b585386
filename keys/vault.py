"""Private keys at rest: one passphrase, one argon2id, a SecretBox a file (formats §Keys at rest).

A vault is a folder: `vault` holds the salt and a sealed check, `<thumbprint>.key` one seed each.
Every file must be readable by its owner alone; anything else is refused.
"""

from pathlib import Path

import nacl.secret
import nacl.utils

from keys.errors import VaultError
from keys.sealing import SALT_BYTES, derive, read_private, unseal, write_new
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
        salt = nacl.utils.random(SALT_BYTES)
        vault = cls(folder, derive(passphrase, salt))
        write_new(folder / "vault", _VAULT_MAGIC + salt + vault._box.encrypt(_CHECK))
        return vault

    @classmethod
    def unlock(cls, folder: Path, passphrase: bytes) -> "Vault":
        """Open an existing vault (about a second); raises `VaultError`."""
        content = read_private(folder / "vault", _VAULT_MAGIC)
        salt, sealed = content[:SALT_BYTES], content[SALT_BYTES:]
        if len(salt) != SALT_BYTES:
            raise VaultError("vault: damaged file")
        vault = cls(folder, derive(passphrase, salt))
        if unseal(vault._box, sealed, folder / "vault") != _CHECK:
            raise VaultError(f"{folder}: the vault's check does not fit")
        return vault

    def generate(self) -> SeedSigner:
        """A new key, sealed and on disk before it is returned."""
        seed = nacl.utils.random(32)
        signer = SeedSigner(seed)
        write_new(self._path(signer.public), _KEY_MAGIC + self._box.encrypt(seed))
        return signer

    def signer(self, public: PublicKey) -> SeedSigner:
        """The signer of a public key named by the ring; raises `VaultError`.

        The seed must give exactly this public key: a swapped or damaged file is refused.
        """
        path = self._path(public)
        signer = SeedSigner(unseal(self._box, read_private(path, _KEY_MAGIC), path))
        if signer.public != public:
            raise VaultError(f"{path.name} holds another key than its name says")
        return signer

    def holds(self, public: PublicKey) -> bool:
        """Whether a key file for `public` is in the folder."""
        return self._path(public).exists()

    def _path(self, public: PublicKey) -> Path:
        return self._folder / f"{public.thumbprint.hex()}.key"

    def __repr__(self) -> str:
        return f"Vault({str(self._folder)!r})"
