"""Keys at rest: only the passphrase opens them, only the owner may read them, nothing shows them."""

import traceback
from pathlib import Path

import pytest

from keys.errors import VaultError
from keys.signing import SeedSigner
from keys.vault import Vault
from tests.keys import examples

PASSPHRASE = b"correct horse battery staple"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Vault, SeedSigner, SeedSigner]:
    folder = tmp_path_factory.mktemp("vault") / "keys"
    vault = Vault.create(folder, PASSPHRASE)
    return folder, vault, vault.generate(), vault.generate()


@pytest.fixture
def copied(made: tuple[Path, Vault, SeedSigner, SeedSigner], tmp_path: Path) -> tuple[Path, Vault]:
    """A folder with the same files, and the vault unlocked over it (the key is derived only once)."""
    folder, vault, *_ = made
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
        (tmp_path / path.name).chmod(0o600)
    return tmp_path, Vault(tmp_path, vault._box)


def key_file(folder: Path, signer: SeedSigner) -> Path:
    return folder / f"{signer.public.thumbprint.hex()}.key"


def test_the_passphrase_gives_back_the_signer(made: tuple[Path, Vault, SeedSigner, SeedSigner]) -> None:
    folder, _, first, second = made
    vault = Vault.unlock(folder, PASSPHRASE)
    for signer in (first, second):
        assert vault.holds(signer.public)
        assert vault.signer(signer.public).sign(b"message") == signer.sign(b"message")


def test_files_and_folder_are_the_owners_alone(made: tuple[Path, Vault, SeedSigner, SeedSigner]) -> None:
    folder = made[0]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_another_passphrase_is_refused(made: tuple[Path, Vault, SeedSigner, SeedSigner]) -> None:
    with pytest.raises(VaultError, match="wrong passphrase"):
        Vault.unlock(made[0], PASSPHRASE + b" ")


def test_a_vault_is_not_made_twice(made: tuple[Path, Vault, SeedSigner, SeedSigner]) -> None:
    before = (made[0] / "vault").read_bytes()
    with pytest.raises(VaultError):
        Vault.create(made[0], PASSPHRASE)
    assert (made[0] / "vault").read_bytes() == before


def test_a_folder_without_vault_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VaultError):
        Vault.unlock(tmp_path, PASSPHRASE)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_may_touch_is_refused(
    made: tuple[Path, Vault, SeedSigner, SeedSigner], copied: tuple[Path, Vault], mode: int
) -> None:
    folder, vault = copied
    key_file(folder, made[2]).chmod(mode)
    with pytest.raises(VaultError, match="0600"):
        vault.signer(made[2].public)
    (folder / "vault").chmod(mode)
    with pytest.raises(VaultError, match="0600"):
        Vault.unlock(folder, PASSPHRASE)


def test_swapped_key_files_are_refused(
    made: tuple[Path, Vault, SeedSigner, SeedSigner], copied: tuple[Path, Vault]
) -> None:
    folder, vault = copied
    first, second = (key_file(folder, signer) for signer in made[2:])
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    for signer in made[2:]:
        with pytest.raises(VaultError, match="another key"):
            vault.signer(signer.public)


def test_a_key_that_is_not_there_is_refused(copied: tuple[Path, Vault]) -> None:
    assert not copied[1].holds(examples.LOG.public)
    with pytest.raises(VaultError):
        copied[1].signer(examples.LOG.public)


def test_every_truncated_or_flipped_key_file_is_refused(
    made: tuple[Path, Vault, SeedSigner, SeedSigner], copied: tuple[Path, Vault]
) -> None:
    folder, vault = copied
    path = key_file(folder, made[2])
    content = path.read_bytes()
    flipped = [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in range(len(content))]
    for damaged in [*(content[:length] for length in range(len(content))), *flipped, content + b"\0"]:
        path.write_bytes(damaged)
        with pytest.raises(VaultError):
            vault.signer(made[2].public)


@pytest.mark.parametrize("length", [0, 5, 15, 20, 30])
def test_a_vault_file_cut_before_its_salt_ends_is_refused(copied: tuple[Path, Vault], length: int) -> None:
    path = copied[0] / "vault"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(VaultError):
        Vault.unlock(copied[0], PASSPHRASE)


def test_a_vault_file_cut_in_its_check_is_refused(copied: tuple[Path, Vault]) -> None:
    path = copied[0] / "vault"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(VaultError):
        Vault.unlock(copied[0], PASSPHRASE)


def test_nothing_secret_is_shown_or_stored_in_clear(made: tuple[Path, Vault, SeedSigner, SeedSigner]) -> None:
    folder, vault, first, _ = made
    seed, box_key = bytes(first._key), bytes(vault._box)
    try:
        vault.signer(examples.LOG.public)
    except VaultError as error:
        told = "".join(traceback.format_exception(error))
    else:
        raise AssertionError
    shown = [repr(vault), str(vault), repr(first), f"{first}", told]
    assert not [text for text in shown for secret in (seed, box_key, PASSPHRASE) if _stands_in(secret, text)]
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not [secret for secret in (seed, box_key, PASSPHRASE) if secret[:16] in content]


def _stands_in(secret: bytes, text: str) -> bool:
    return secret.hex() in text or repr(secret) in text or secret.decode("latin-1") in text
