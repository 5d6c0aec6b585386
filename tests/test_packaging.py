"""What is installed is what was pinned, and a built package holds all that the packages need."""

import configparser
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("keys", "registry", "search", "verify")
COMMANDS = sorted(path for path in (ROOT / "bin").iterdir() if path.is_file())

PINNED = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)


def wanted(section: str, option: str) -> list[Requirement]:
    """The requirements of one option of setup.cfg."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = settings[section][option].splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def pinned(lock: str) -> dict[str, set[Version]]:
    """The versions that a lock file pins, by name; several where platforms differ."""
    versions: dict[str, set[Version]] = {}
    for found in PINNED.finditer((ROOT / lock).read_text()):
        versions.setdefault(found["name"], set()).add(Version(found["version"]))
    return versions


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("requirements.lock", ("build",)), ("requirements-test.lock", ("build", "test", "check"))],
)
def test_a_lock_pins_all_that_setup_cfg_wants(lock: str, extras: tuple[str, ...]) -> None:
    requirements = wanted("options", "install_requires")
    for extra in extras:
        requirements += wanted("options.extras_require", extra)
    versions = pinned(lock)
    for requirement in requirements:
        found = versions.get(canonicalize_name(requirement.name))
        assert found, f"{requirement.name} is not in {lock}: run bin/lock"
        assert all(requirement.specifier.contains(version) for version in found), str(requirement)


def test_the_tests_run_with_the_versions_that_serve() -> None:
    serve, test = pinned("requirements.lock"), pinned("requirements-test.lock")
    assert serve.items() <= test.items()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_every_pinned_file_has_its_hash_and_no_index_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "index-url" not in text


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a wheel built from this checkout, without network."""
    source = tmp_path_factory.mktemp("source")
    for part in (*PACKAGES, "wsgi.py", "setup.cfg", "pyproject.toml", "README.md"):
        path = ROOT / part
        if path.is_dir():
            shutil.copytree(path, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.exists():
            shutil.copy(path, source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    built = subprocess.run(
        [*command, "--no-index", "--wheel-dir", source / "wheel", source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (file,) = (source / "wheel").iterdir()
    with zipfile.ZipFile(file) as archive:
        return archive.namelist()


def test_a_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: list[str]) -> None:
    files = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name for name in wheel if ".dist-info/" not in name}
    assert held == files | {"wsgi.py"}


def test_a_wheel_brings_the_command(wheel: list[str]) -> None:
    assert any(name.endswith(".dist-info/entry_points.txt") for name in wheel)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.name)
def test_a_command_is_executable_and_its_shell_understands_it(command: Path) -> None:
    assert command.stat().st_mode & 0o111
    first, _, _ = command.read_text().partition("\n")
    assert first.startswith("#!")
    if first == "#!/bin/sh":
        subprocess.run(["sh", "-n", command], check=True)


@pytest.mark.parametrize("command", ["serve", "test"])
def test_a_command_explains_itself_without_installing_anything(command: str) -> None:
    answer = subprocess.run([ROOT / "bin" / command, "--help"], capture_output=True, text=True, check=True)
    assert f"usage: bin/{command}" in answer.stdout
    assert answer.stderr == ""
