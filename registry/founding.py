"""Founding a register: its keys, its first ring and catalog; and growing it by agencies and years."""

import os
import secrets
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from getpass import getpass
from pathlib import Path

from sqlalchemy.orm import Session

from keys.catalog import Agency
from keys.dates import from_seconds
from keys.keyring import KeyRing
from keys.proposal import sign_proposal
from keys.signing import Signer
from keys.vault import Vault
from registry.catalogs import put_agency, renew_catalog
from registry.config import RegistryConfig
from registry.errors import ConfigurationError
from registry.key_life import propose_agency_keys, propose_missing
from registry.ring_proposals import Roots, make_proposal, publish_ring, start_waiting
from registry.rings import current_ring, year_of

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
    start_waiting(session, vault, host=host, at=at)
    named = Roots(tuple(root.public for root in roots), THRESHOLD)
    vouch(session, vault, roots, lifetime=lifetime, at=at, named=named)
    renew_catalog(session)
    return vault


def vouch(
    session: Session,
    vault: Vault,
    roots: Iterable[Signer],
    *,
    lifetime: timedelta,
    at: datetime,
    named: Roots | None = None,
) -> KeyRing:
    """Put the next ring in force with every change that waits, signed by roots that are at hand."""
    proposal = make_proposal(session, at=at, roots=named, lifetime=lifetime)
    for root in roots:
        proposal = sign_proposal(proposal, root)
    return publish_ring(session, proposal, vault, at=at)


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
    years = (year_of(at), year_of(at) + 1)
    for agency in agencies:
        put_agency(session, agency)
        propose_agency_keys(session, vault, agency.number, agency.types, years, at=at)
    renew_catalog(session)
    left = from_seconds(current_ring(session).expires) - at
    return vouch(session, vault, roots, lifetime=left, at=at)


def turn_year(
    session: Session, vault: Vault, roots: Sequence[Signer], *, lifetime: timedelta, at: datetime
) -> KeyRing:
    """The yearly rotation: keys whose term is over retire, next year's are added for every role."""
    propose_missing(session, vault, at=at)
    return vouch(session, vault, roots, lifetime=lifetime, at=at)
