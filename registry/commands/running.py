"""Founding, running and repairing: init, demo, publish, follow, serve."""

import shutil
import signal
import sys
import threading
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path

import click

from keys.dates import BANGKOK
from registry import founding
from registry.behind import require_register
from registry.commands.roots import named_roots, roots_option, threshold_option, write_proposal
from registry.commands.shared import config_of, data_option, faults_told, is_founded, sharing
from registry.config import RegistryConfig
from registry.db import Database, open_database
from registry.demo.build import build_demo
from registry.errors import ConfigurationError
from registry.feed import feed
from registry.follow import follow
from registry.migrate import upgrade
from registry.ring_proposals import Roots, make_proposal
from registry.rings import RING_LIFETIME
from registry.services import Services, now
from registry.serving import serve

# Stands in the data folder while a demonstration is being made.
_UNFINISHED = "demonstration-unfinished"


@click.command("init")
@data_option
@roots_option
@threshold_option
@click.option(
    "--proposal",
    type=click.Path(dir_okay=False, path_type=Path),
    default="ring-1.proposal",
    show_default=True,
    help="With --roots: the new file that the roots sign.",
)
def init_command(data: Path | None, root_files: tuple[Path, ...], threshold: int, proposal: Path) -> None:
    """Make the tables and, in an empty database, found a register: keys, ring, catalog.

    With --roots (their public halves) the first ring waits for them: `permits ring sign` and `publish`.
    Without, roots are made beside the register, as a demonstration has them.
    """
    with faults_told():
        roots = named_roots(root_files, threshold) if root_files else None
        config = config_of(data)
        config.data.mkdir(parents=True, exist_ok=True)
        database = open_database(config.database_url)
        upgrade(database)
        if is_founded(database):
            click.echo("The register is there already; its tables are up to date.")
            return
        passphrase = config.passphrase or founding.make_passphrase(config.passphrase_file)
        folders = founding.KeyFolder(config.key_folder)
        if roots is not None:
            _found_waiting(config, database, passphrase, roots, proposal)
            return
        with database.writing.begin() as session:
            founding.found(session, folders, passphrase, host=config.host, lifetime=RING_LIFETIME, at=now())
        click.echo(f"Founded a register for {config.host}. Its keys are in {config.key_folder}.")
        click.echo(f"Move {folders.roots} off this machine: see docs/operations.md.")


def _found_waiting(
    config: RegistryConfig, database: Database, passphrase: bytes, roots: Roots, file: Path
) -> None:
    folders, at = founding.KeyFolder(config.key_folder), now()
    with database.writing.begin() as session:
        founding.found_waiting(session, folders, passphrase, host=config.host, at=at)
        write_proposal(file, make_proposal(session, at=at, roots=roots), replace=False)
    click.echo(f"Founded a register for {config.host}. Its first key ring waits for the roots:")
    click.echo(
        f"permits ring sign {file} --root FILE ({roots.threshold} times), then permits ring publish {file}"
    )


@click.command("demo")
@data_option
@click.option("--seed", type=int, default=2569, show_default=True)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The demo's today (default today).")
@click.option("--licenses", type=click.IntRange(100, 20_000), default=2000, show_default=True)
def demo_command(data: Path | None, seed: int, as_of: datetime | None, licenses: int) -> None:
    """Fill an empty data folder with a demonstration register."""
    with faults_told():
        config = config_of(data)
        make_demo(config, seed=seed, as_of=_noon(as_of.date()) if as_of else now(), licenses=licenses)
        click.echo(f"Made {licenses} licenses in {config.data}.")


def _noon(day: date) -> datetime:
    return datetime.combine(day, clock_time(12), BANGKOK)


def make_demo(config: RegistryConfig, *, seed: int, as_of: datetime, licenses: int) -> None:
    """Make, publish and index the demonstration register.

    One that was killed half-way is thrown away and begun again: it holds nothing of anybody's.
    Raises `ConfigurationError` when a register is there, or for a day to come.
    """
    if as_of > now():
        raise ConfigurationError("--as-of lies in the future: entries would be dated ahead of the clock")
    config.data.mkdir(parents=True, exist_ok=True)
    unfinished = config.data / _UNFINISHED
    if unfinished.exists():
        _throw_away(config)
    database = open_database(config.database_url)
    upgrade(database)
    if is_founded(database):
        raise ConfigurationError(f"{config.data} holds a register already")
    unfinished.touch()
    build_demo(config, seed=seed, as_of=as_of, licenses=licenses, progress=sharing("licenses"))
    services = Services.open(config)
    services.publish()
    feed(services.database.reading, config.search, at=now(), progress=sharing("entries indexed"))
    unfinished.unlink()


def _throw_away(config: RegistryConfig) -> None:
    if not config.database_url.startswith("sqlite"):
        raise ConfigurationError(f"{config.data} holds half a demonstration: empty its database, then repeat")
    for path in (config.key_folder, config.published.parent, config.search):
        shutil.rmtree(path, ignore_errors=True)
    for path in config.data.glob("register.sqlite*"):
        path.unlink()


@click.command("publish")
@data_option
def publish_command(data: Path | None) -> None:
    """Publish everything logged so far and sign a snapshot."""
    with faults_told():
        snapshot = Services.open(config_of(data)).publish()
        click.echo(f"Snapshot {snapshot.version}: {snapshot.log_size} entries.")


@click.command("follow")
@data_option
def follow_command(data: Path | None) -> None:
    """Keep published files and indexes up to the register until stopped."""
    with faults_told():
        services, stop = Services.open(config_of(data)), threading.Event()
        require_register(services.database, services.config.published)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        follow(services, stop)


@click.command("serve")
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (default PERMITS_DATA).")
@click.option("--port", type=click.IntRange(1, 65534), default=8000, show_default=True)
@click.option("--lan", is_flag=True, help="Answer to other machines in the network too.")
@click.option("--demo-if-empty", is_flag=True, help="Make a demonstration register in an empty data folder.")
def serve_command(data: Path | None, port: int, *, lan: bool, demo_if_empty: bool) -> None:
    """Serve the public pages on PORT, the officers' on PORT + 1, with the follower."""
    with faults_told():
        config = config_of(data)
        upgrade_or_demo(config, demo_if_empty=demo_if_empty)
        # The three have no terminal to ask at.
        has_file = config.passphrase is None and config.passphrase_file.exists()
        passphrase = None if has_file else founding.passphrase_of(config)
        sys.exit(serve(data=config.data, port=port, lan=lan, passphrase=passphrase))


def upgrade_or_demo(config: RegistryConfig, *, demo_if_empty: bool) -> None:
    """Bring an existing register's tables up to date, or make a demonstration where there is none."""
    config.data.mkdir(parents=True, exist_ok=True)
    database = open_database(config.database_url)
    upgrade(database)
    if is_founded(database) and not (config.data / _UNFINISHED).exists():
        require_register(database, config.published)
        return
    if not demo_if_empty:
        raise ConfigurationError(f"{config.data} holds no register: run `permits init` or `permits demo`")
    click.echo("Making a demonstration register (once) …", err=True)
    make_demo(config, seed=2569, as_of=now(), licenses=2000)
