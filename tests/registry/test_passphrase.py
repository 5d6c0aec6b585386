"""Where the passphrase of the register's keys comes from: a file, a credential, the environment, a person."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from registry import founding
from registry.config import PASSPHRASE, RegistryConfig, take_environment
from registry.errors import ConfigurationError
from tests.registry.two_agencies import HOST, Founded

ROOT = Path(__file__).parents[2]


@pytest.fixture
def secret(register: Founded) -> str:
    """The passphrase of the register; its file is gone."""
    path = register.folder / "private" / "passphrase"
    found = path.read_text().strip()
    path.unlink()
    return found


def environment_of(register: Founded, **more: str) -> dict[str, str]:
    return {**os.environ, "PERMITS_DATA": str(register.folder), "PERMITS_HOST": HOST, **more}


def publish(register: Founded, **more: str) -> "subprocess.CompletedProcess[str]":
    """`permits publish` in a process without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "wsgi", "publish"],
        env=environment_of(register, **more),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_from_a_file(register: Founded, secret: str, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere"
    file.write_text(secret + "\n")
    done = publish(register, PERMITS_PASSPHRASE_FILE=str(file))
    assert done.stdout.startswith("Snapshot 1"), done.stderr


def test_from_a_credential_of_systemd(register: Founded, secret: str, tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text(secret)
    done = publish(register, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert done.stdout.startswith("Snapshot 1"), done.stderr


def test_from_the_environment(register: Founded, secret: str) -> None:
    done = publish(register, PERMITS_PASSPHRASE=secret)
    assert done.stdout.startswith("Snapshot 1"), done.stderr


def test_from_a_person_at_a_terminal(register: Founded, secret: str) -> None:
    """What is typed is not shown."""
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover  # The child becomes the command.
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-m", "wsgi", "publish"], environment_of(register))  # noqa: S606
    shown = b""
    while b"Passphrase of the register's keys: " not in shown:
        shown += os.read(terminal, 1024)
    os.write(terminal, secret.encode() + b"\n")
    while b"Snapshot 1" not in shown:
        shown += os.read(terminal, 1024)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0
    assert secret.encode() not in shown


def test_without_any_the_file_is_named_and_nobody_is_waited_for(register: Founded, secret: str) -> None:
    done = publish(register)
    assert done.returncode == 1
    assert str(register.folder / "private" / "passphrase") in done.stderr
    assert secret not in done.stderr


def test_one_read_from_the_environment_is_there_no_more() -> None:
    environment = {PASSPHRASE: "only for the register", "PERMITS_HOST": HOST}
    config = RegistryConfig.from_environment(take_environment(environment))
    assert founding.passphrase_of(config) == b"only for the register"
    assert environment == {"PERMITS_HOST": HOST}
    assert "only for the register" not in repr(config)


def test_a_wrong_one_opens_nothing(register: Founded, secret: str) -> None:
    done = publish(register, PERMITS_PASSPHRASE=secret[:-1] + "~")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert secret[:-1] not in done.stderr


def test_an_empty_file_is_no_passphrase(tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text("\n")
    with pytest.raises(ConfigurationError, match="empty"):
        founding.read_passphrase(tmp_path / "passphrase")
