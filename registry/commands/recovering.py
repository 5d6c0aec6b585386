"""Backups, and coming back from one: backup, restore, recover."""

import time
from collections.abc import Sequence
from pathlib import Path

import click

from registry.backup import back_up, restore
from registry.commands.shared import config_of, data_option, faults_told, open_register, sharing
from registry.copies import copy_at
from registry.db import open_database
from registry.files import Folder
from registry.recovery import recover
from registry.replaying import Lost
from registry.services import now

_SHOWN_LOST = 50


@click.command("backup")
@data_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(data: Path | None, file: Path) -> None:
    """Write every row of the register to FILE, while it runs; private keys are not in it."""
    with faults_told():
        config, began = config_of(data), time.monotonic()
        backup = back_up(open_register(config), file, at=now(), progress=sharing("rows"))
        click.echo(
            f"{file}: {backup.log_size:,} log entries, {backup.rows:,} rows, "
            f"{file.stat().st_size:,} bytes in {time.monotonic() - began:.1f} s."
        )
        click.echo(f"Back up {config.key_folder} too, and its passphrase apart from it.")


@click.command("restore")
@data_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(data: Path | None, file: Path) -> None:
    """Fill an empty database from FILE; `permits recover` must follow."""
    with faults_told():
        config, began = config_of(data), time.monotonic()
        config.data.mkdir(parents=True, exist_ok=True)
        backup = restore(open_database(config.database_url), file, at=now(), progress=sharing("rows"))
        click.echo(
            f"Restored {backup.log_size:,} log entries as of {backup.made.isoformat()}, "
            f"{backup.rows:,} rows in {time.monotonic() - began:.1f} s."
        )
        click.echo("The register enters and publishes nothing until `permits recover` has run.")


@click.command("recover")
@data_option
@click.option("--from", "source", help="Folder or https address of a copy of the public files.")
@click.option("--records", help="Folder or https address of a copy of the records.")
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Client certificate with its key, for the address of the records.",
)
def recover_command(
    data: Path | None, source: str | None, records: str | None, certificate: Path | None
) -> None:
    """Catch up with what was published after the backup that this register was restored from."""
    with faults_told():
        config = config_of(data)
        database = open_register(config)
        copies = [copy_at(str(config.published)), *([copy_at(source)] if source else [])]
        from_records = copy_at(records or str(config.records), certificate=certificate)
        with database.writing.begin() as session:
            done = recover(
                session,
                Folder(config.published),
                copies,
                from_records,
                at=now(),
                witnesses=config.witnesses,
                progress=sharing("entries taken over"),
            )
        click.echo(
            f"Took over {done.size - done.start:,} entries ({done.start:,} to {done.size:,}) with "
            f"{done.statements:,} statements, {done.rings} key rings and {done.catalogs} catalogs."
        )
        click.echo(
            f"Erased again: {done.erased}. Proposals found carried out: {done.settled}. "
            f"The next snapshot has version {done.snapshot_version + 1}."
        )
        _show_lost(done.lost)
        click.echo("Officers, proposals and log-ins of after the backup are not published: enter them again.")


def _show_lost(lost: Sequence[Lost]) -> None:
    if not lost:
        click.echo("No statement and no withheld value is lost.")
        return
    click.echo(f"Lost: {len(lost)}")
    for each in lost[:_SHOWN_LOST]:
        click.echo(f"  log index {each.index}, agency {each.agency}, license {each.code or '?'}: {each.what}")
    if len(lost) > _SHOWN_LOST:
        click.echo(f"  … and {len(lost) - _SHOWN_LOST} more")
