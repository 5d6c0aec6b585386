"""A copy that a recovery reads from: files and addresses, and nothing that would keep it waiting."""

import os
from pathlib import Path

import pytest

from registry.copies import FolderCopy, copy_at
from registry.errors import CannotRecover


def test_a_copy_reads_files_and_waits_for_nothing_else(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "snapshot")
    (tmp_path / "catalog.json").symlink_to("/dev/zero")
    with (tmp_path / "keyring.cbor").open("wb") as file:
        file.truncate(1 << 40)
    for name in ("snapshot", "catalog.json", "keyring.cbor"):
        with pytest.raises(CannotRecover):
            FolderCopy(tmp_path).read(name)


@pytest.mark.parametrize("address", ["https://[::1", "https://a:99999", "http://example.com", "https://"])
def test_a_copy_at_no_address_is_refused(address: str) -> None:
    with pytest.raises(CannotRecover):
        copy_at(address)
