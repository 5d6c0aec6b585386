"""Roots off line: `root init` and `ring sign` where the roots are, `ring propose` and `publish` here.

What runs at a root's holder needs neither the register nor its database.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from keys.errors import Malformed
from keys.proposal import (
    LARGEST_PROPOSAL,
    Proposal,
    changes,
    encode_proposal,
    gather,
    parse_proposal,
    sign_proposal,
)
from keys.rootfile import create_root, read_public, root_public, unlock_root
from keys.signing import Signer
from registry.commands.shared import config_of, data_option, faults_told, open_register
from registry.config import RegistryConfig
from registry.errors import ConfigurationError
from registry.founding import KeyFolder, passphrase_of, read_passphrase, root_signers
from registry.ring_proposals import Roots, make_proposal, publish_ring
from registry.rings import RING_LIFETIME
from registry.services import Services, now

_SHORTEST_PASSPHRASE = 12
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
roots_option = click.option(
    "--roots",
    "root_files",
    type=_file,
    multiple=True,
    metavar="FILE",
    help="Public half of a root (repeat for each).",
)
threshold_option = click.option("--threshold", type=click.IntRange(1), default=2, show_default=True)


@click.group("root")
def root_group() -> None:
    """Root keys, kept off line by different people."""


@root_group.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--count", type=click.IntRange(1, 15), default=3, show_default=True, help="How many roots.")
@threshold_option
@click.option(
    "--passphrase-file",
    "files",
    type=_file,
    multiple=True,
    help="A root's passphrase, one file a root in their order; without, each is asked for.",
)
def root_init(folder: Path, count: int, threshold: int, files: tuple[Path, ...]) -> None:
    """Make COUNT root keys in FOLDER: one sealed file a root, and its public half beside it.

    Run it once a person with --count 1, each on a machine of the own, or once with everybody present.
    """
    with faults_told():
        if files and len(files) != count:
            raise ConfigurationError(f"{count} roots need {count} passphrase files, one a root")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        halves = []
        for number in range(count):
            passphrase = read_passphrase(files[number]) if files else _new_passphrase(number + 1, count)
            if len(passphrase) < _SHORTEST_PASSPHRASE:
                raise ConfigurationError(f"a root's passphrase has {_SHORTEST_PASSPHRASE} characters or more")
            sealed, public = create_root(folder, passphrase)
            half = sealed.with_suffix(".jwk")
            half.write_bytes(public.jwk())
            halves.append(half)
            click.echo(f"{sealed}: root {public.kid.hex()}, thumbprint {public.thumbprint.hex()}")
        named = " ".join(f"--roots {half}" for half in halves)
        click.echo(
            "Give each .key file to one person, and the .jwk files to the register. With those of the other "
            "holders, if any:\n"
            f"permits init {named} --threshold {threshold}\n"
            f"or, where the register is there already:\n"
            f"permits ring propose --out FILE {named} --threshold {threshold}"
        )


def _new_passphrase(number: int, count: int) -> bytes:
    said = f"Passphrase of root {number} of {count}, typed by its holder"
    text: str = click.prompt(said, hide_input=True, confirmation_prompt=True)
    return text.strip().encode()


@click.group("ring")
def ring_group() -> None:
    """Key rings: proposed here, signed by roots off line, published here."""


@ring_group.command("propose")
@data_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="New file.")
@roots_option
@click.option("--threshold", type=click.IntRange(1), help="With --roots: how many must sign (default 2).")
@click.option(
    "--days", type=click.IntRange(1, 3653), default=RING_LIFETIME.days, show_default=True, help="Lifetime."
)
def ring_propose(
    data: Path | None, out: Path, root_files: tuple[Path, ...], threshold: int | None, days: int
) -> None:
    """Write the next ring with every change that waits; with --roots, also new roots."""
    with faults_told():
        if threshold is not None and not root_files:
            raise ConfigurationError("--threshold goes with --roots: name all roots of the next ring")
        with open_register(config_of(data)).reading() as session:
            proposal = make_proposal(
                session,
                at=now(),
                roots=named_roots(root_files, threshold or 2) if root_files else None,
                lifetime=timedelta(days=days),
            )
        write_proposal(out, proposal, replace=False)
    _show(proposal)
    click.echo(f"\nWritten to {out}. Have it signed: permits ring sign {out} --root FILE")


def named_roots(files: tuple[Path, ...], threshold: int) -> Roots:
    """The roots of files of public halves; raises `Malformed`, for keys of low order too, or `Refused`."""
    return Roots(tuple(map(read_public, files)), threshold)


@ring_group.command("show")
@click.argument("file", type=_file)
def ring_show(file: Path) -> None:
    """Say what a proposal would change and who has signed it."""
    with faults_told():
        proposal = read_proposal(file)
    _show(proposal)


@ring_group.command("sign")
@data_option
@click.argument("file", type=_file)
@click.option("--root", type=_file, help="The sealed root key.")
@click.option("--passphrase-file", type=_file, help="Its passphrase; without, it is asked for.")
@click.option(
    "--demonstration", is_flag=True, help="Instead of --root: the roots that a demonstration has beside it."
)
@click.option("--yes", is_flag=True, help="Sign without asking; what is signed is printed all the same.")
def ring_sign(
    data: Path | None,
    file: Path,
    root: Path | None,
    passphrase_file: Path | None,
    *,
    demonstration: bool,
    yes: bool,
) -> None:
    """Show what a proposal changes, then add one root's signature to the file.

    Runs off line, without the register: only this file and the root key are read.  A demonstration, whose
    roots lie beside the register, signs with all of them.
    """
    with faults_told():
        if demonstration == (root is not None):
            raise ConfigurationError("name --root FILE, or --demonstration where the roots lie beside it")
        proposal = read_proposal(file)
        _show(proposal)
        named = f"root {root_public(root).kid.hex()}" if root else "the demonstration's roots"
        if not yes:
            click.confirm(f"\nSign all of this with {named}?", abort=True)
        if root is None:
            signers = _demonstration_roots(config_of(data), proposal)
        else:
            passphrase = read_passphrase(passphrase_file) if passphrase_file else _passphrase(named)
            signers = [unlock_root(root, passphrase)]
        for signer in signers:
            proposal = sign_proposal(proposal, signer)
        write_proposal(file, proposal, replace=True)
    click.echo(f"\nSigned with {named}.")
    _show_needs(proposal)


def _demonstration_roots(config: RegistryConfig, proposal: Proposal) -> Sequence[Signer]:
    folders = KeyFolder(config.key_folder)
    return root_signers(folders, passphrase_of(config), proposal.before or proposal.after)


def _passphrase(named: str) -> bytes:
    text: str = click.prompt(f"Passphrase of {named}", hide_input=True)
    return text.strip().encode()


@ring_group.command("publish")
@data_option
@click.argument("files", type=_file, nargs=-1, required=True, metavar="PROPOSAL…")
def ring_publish(data: Path | None, files: tuple[Path, ...]) -> None:
    """Put a signed proposal in force; several files of the same one give their signatures together."""
    with faults_told():
        proposal = gather([read_proposal(file) for file in files])
        _require_signed(proposal)
        services = Services.open(config_of(data))
        with services.database.writing.begin() as session:
            ring = publish_ring(session, proposal, services.vault, at=services.clock())
        snapshot = services.publish()
    for line in changes(proposal.before, proposal.after, proposal.agencies):
        click.echo(line)
    click.echo(f"Key ring {ring.version} is in force; snapshot {snapshot.version}.")


def _require_signed(proposal: Proposal) -> None:
    lacking = [need for need in proposal.needs() if need.have < need.want]
    if lacking:
        said = ", ".join(f"{need.have} of {need.want} signatures by {need.whose}" for need in lacking)
        raise ConfigurationError(f"{said}: another holder signs first, by `permits ring sign`")


# --- proposals as files -------------------------------------------------------------------------


def read_proposal(file: Path) -> Proposal:
    """The proposal in a file; raises what `parse_proposal` does."""
    if file.stat().st_size > LARGEST_PROPOSAL:
        raise Malformed(f"{file.name} is too large for a key ring")
    return parse_proposal(file.read_bytes())


def write_proposal(file: Path, proposal: Proposal, *, replace: bool) -> None:
    """Write a proposal whole; raises `ConfigurationError` where a file is that must not be replaced."""
    if not replace and file.exists():
        raise ConfigurationError(f"{file} is there already")
    draft = file.with_name(f".{file.name}.draft")
    draft.write_bytes(encode_proposal(proposal))
    draft.replace(file)


def _show(proposal: Proposal) -> None:
    for line in changes(proposal.before, proposal.after, proposal.agencies):
        click.echo(line)
    _show_needs(proposal)


def _show_needs(proposal: Proposal) -> None:
    for need in proposal.needs():
        click.echo(f"{need.have} of {need.want} signatures by {need.whose}")
