"""Founding a register: its keys, its first ring and catalog; and growing it by agencies and years."""

import os
import secrets
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from getpass import getpass
from pathlib import Path

from sqlalchemy.orm import Session

from keys.catalog import Agency
from keys.dates import from_seconds, to_seconds
from keys.keyring import KeyRing, Role
from keys.signing import Signer
from keys.vault import Vault
from registry import log
from registry.catalogs import put_agency, renew_catalog
from registry.config import RegistryConfig
from registry.errors import ConfigurationError
from registry.models import Register
from registry.ring_proposals import start_waiting
from registry.rings import (
    current_ring,
    first_ring,
    new_key,
    next_ring,
    retired_before,
    with_agency_keys,
    year_of,
)

ROOTS = 3
THRESHOLD = 2


@dataclass(frozen=True)
class KeyFolder:
    """The folders of private keys: `keys` for what the register signs with, `roots` for the roots.

    Roots belong off line; where their folder lies beside the register, as in a demonstration, the
    register can renew its own ring, and `docs/operations.md` says why a real one must not.
    """

    folder: Path

    @property
    def keys(self) -> Path:
        """The vault of agency, log and status keys."""
        return self.folder / "keys"

    @property
    def roots(self) -> Path:
        """The vault of root keys."""
        return self.folder / "demonstration-roots"


def make_passphrase(path: Path) -> bytes:
    """The passphrase in the file at `path`, drawn and written (mode 0600) when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
    return read_passphrase(path)


def read_passphrase(path: Path) -> bytes:
    """The passphrase in a file; raises `ConfigurationError` when it is empty or missing."""
    try:
        passphrase = path.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(f"cannot read the passphrase file {path}: {error.strerror}") from error
    if not passphrase:
        raise ConfigurationError(f"the passphrase file {path} is empty")
    return passphrase


def passphrase_of(config: RegistryConfig) -> bytes:
    """The passphrase of the register's keys: from its setting, its file, or the person at the terminal.

    Raises `ConfigurationError` when there is none of the three.
    """
    if config.passphrase is not None:
        return config.passphrase
    if config.passphrase_file.exists() or not sys.stdin.isatty():
        return read_passphrase(config.passphrase_file)
    return getpass("Passphrase of the register's keys: ").strip().encode()


def found(
    session: Session, folders: KeyFolder, passphrase: bytes, *, host: str, lifetime: timedelta, at: datetime
) -> Vault:
    """Make a register that has roots, a log key, a status key and an empty catalog; gives its vault.

    `host` is what plates print and links open, a port included where there is one.
    """
    vault = Vault.create(folders.keys, passphrase)
    roots_vault = Vault.create(folders.roots, passphrase)
    roots = [roots_vault.generate() for _ in range(ROOTS)]
    origin = f"{host.replace(':', '.')}/log"
    session.add(Register(id=1, host=host, origin=origin, created_at=at))
    log.start_log(session)
    years = (year_of(at), year_of(at) + 1)
    ring = KeyRing(
        version=1,
        origin=origin,
        host=host,
        issued=to_seconds(at),
        expires=to_seconds(at + lifetime),
        threshold=THRESHOLD,
        roots=tuple(root.public for root in roots),
        keys=tuple(new_key(vault, role, year) for role in (Role.LOG, Role.STATUS) for year in years),
    )
    first_ring(session, ring, roots, at=at)
    renew_catalog(session)
    return vault


def found_waiting(
    session: Session, folders: KeyFolder, passphrase: bytes, *, host: str, at: datetime
) -> Vault:
    """Make a register whose first ring waits for roots that are off line; gives its vault."""
    vault = Vault.create(folders.keys, passphrase)
    start_waiting(session, vault, host=host, at=at)
    renew_catalog(session)
    return vault


def root_signers(folders: KeyFolder, passphrase: bytes, ring: KeyRing) -> Sequence[Signer]:
    """Enough root signers for the threshold; raises `ConfigurationError` when the roots are off line."""
    if not folders.roots.exists():
        raise ConfigurationError("the root keys are off line: the next ring must be signed where they are")
    vault = Vault.unlock(folders.roots, passphrase)
    held = [root for root in ring.roots if vault.holds(root)]
    return [vault.signer(root) for root in held[: ring.threshold]]


def admit(
    session: Session, agencies: Iterable[Agency], vault: Vault, roots: Sequence[Signer], *, at: datetime
) -> KeyRing:
    """Add agencies (or types to agencies already there): catalog, keys of this year and next, ring."""
    ring = current_ring(session)
    years = (year_of(at), year_of(at) + 1)
    for agency in agencies:
        put_agency(session, agency)
        ring = with_agency_keys(ring, vault, agency.number, agency.types, years)
    renew_catalog(session)
    return next_ring(session, ring, roots, at=at)


def turn_year(
    session: Session, vault: Vault, roots: Sequence[Signer], *, lifetime: timedelta, at: datetime
) -> KeyRing:
    """The yearly rotation: keys whose term is over retire, next year's are added for every role."""
    before = current_ring(session)
    ring = retired_before(before, to_seconds(at))
    years = (year_of(at), year_of(at) + 1)
    agencies: dict[int, set[int]] = {}
    for key in ring.keys:
        if key.agency is not None:
            agencies.setdefault(key.agency, set()).update(key.types)
    for agency, types in agencies.items():
        ring = with_agency_keys(ring, vault, agency, types, years)
    for role in (Role.LOG, Role.STATUS):
        covered = {year_of_key(key.valid_from) for key in ring.with_role(role)}
        fresh = tuple(new_key(vault, role, year) for year in years if year not in covered)
        ring = replace(ring, keys=ring.keys + fresh)
    return next_ring(session, replace(ring, expires=to_seconds(at + lifetime)), roots, at=at)


def year_of_key(valid_from: int) -> int:
    """The Bangkok year in which a key's term begins."""
    return year_of(from_seconds(valid_from))
