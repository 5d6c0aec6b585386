"""The witness, to be run by somebody else than the register, on another machine."""

import os
import sys
from pathlib import Path

import click

from keys.cosignature import witness_verifier_key
from registry.commands.shared import faults_told
from registry.witness import Memory, logs_of, make_key_file, read_key_file


@click.command("witness")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Its memory.")
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Its key file.")
@click.option("--name", help="Its name; makes the key file when there is none.")
@click.option("--log", "vkeys", multiple=True, help="Verifier key of a log it cosigns; once for each key.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Where it listens; TLS goes before.")
@click.option("--port", type=click.IntRange(1, 65535), default=8020, show_default=True)
@click.option("--show-key", is_flag=True, help="Print its verifier key and stop.")
def witness_command(
    state: Path,
    key: Path,
    name: str | None,
    vkeys: tuple[str, ...],
    *,
    address: str,
    port: int,
    show_key: bool,
) -> None:
    """Cosign the checkpoints of logs, each only if its tree extends the one cosigned before."""
    with faults_told():
        cosigner = make_key_file(key, name) if name and not key.exists() else read_key_file(key)
        click.echo(witness_verifier_key(cosigner.key))
        if show_key:
            return
        if not logs_of(vkeys):
            raise click.UsageError("--log: name at least one log, by the verifier key of `permits vkey`")
        Memory.start(state)
    sys.stdout.flush()
    app = f"registry.witness:witness_app({str(state.absolute())!r}, {str(key.absolute())!r}, {list(vkeys)!r})"
    command = [
        *(sys.executable, "-m", "gunicorn", app, "--bind", f"{address}:{port}"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "4", "--timeout", "30"),
        *("--log-level", "warning", "--no-control-socket"),
    ]
    os.execv(sys.executable, command)  # noqa: S606  # The same program, serving; no shell in between.
