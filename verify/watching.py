"""The commands that watch a log from outside: `monitor` and `vkey`."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from keys.checkpoint import LARGEST_NOTE, key_hash, parse_note, verifier_key
from keys.errors import KeysError
from keys.keyring import KeyRing, KeyState, Role
from keys.layout import CHECKPOINT
from keys.signing import PublicKey
from verify.cli import RING_HELP, say_anchor, source_of, witness_keys
from verify.errors import SourceAway, VerifyError
from verify.monitor import Wanted, look, read_state, write_state
from verify.published import EvidenceWatch


@click.command("monitor")
@click.argument("published")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Where it keeps what it saw last.",
)
@click.option("--ring", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=RING_HELP)
@click.option(
    "--silence", type=click.IntRange(1), default=15, show_default=True, help="Minutes a snapshot may be old."
)
@click.option("--witness", "vkeys", multiple=True, help="Verifier key of a witness to count; once for each.")
@click.option("--quorum", type=click.IntRange(0), default=0, help="How many of them must have cosigned.")
def monitor_command(
    published: str, state: Path, ring: Path | None, *, silence: int, vkeys: tuple[str, ...], quorum: int
) -> None:
    """Look once at PUBLISHED (a folder or an address) and compare it with what was seen last.

    Exits 0 when all is well, 1 with an alarm: rollback, fork, silence, too few witnesses.  Run it
    every few minutes, on another machine than the register.
    """
    source, witnesses = source_of(published), witness_keys(vkeys, quorum)
    try:
        before = read_state(state)
        if before is None:
            say_anchor(ring)
        wanted = Wanted(timedelta(minutes=silence), witnesses, quorum)
        pinned = ring.read_bytes() if ring else None
        found = look(source, before, at=datetime.now(UTC), wanted=wanted, pinned=pinned)
        if found.seen is not None:
            write_state(state, found.seen)
    except (OSError, VerifyError, KeysError) as error:
        raise click.ClickException(str(error)) from error
    for alarm in found.alarms:
        click.echo(alarm)
    if found.seen is not None and not found.alarms:
        seen = found.seen
        click.echo(f"All is well: {seen.size} entries, snapshot {seen.snapshot}.")
    sys.exit(1 if found.alarms else 0)


@click.command("vkey")
@click.argument("published")
@click.option("--ring", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=RING_HELP)
@click.option("--all", "every", is_flag=True, help="Every log key that is not compromised, one a line.")
def vkey_command(published: str, ring: Path | None, *, every: bool) -> None:
    """Print the verifier key of the log in PUBLISHED (a folder or an address).

    It is the one of the newest checkpoint; a witness should be told all of them.
    """
    say_anchor(ring)
    source = source_of(published)
    watching = EvidenceWatch(source, ring.read_bytes() if ring else None)
    evidence = watching.current(datetime.now(UTC))
    if evidence is None:
        raise click.ClickException(f"no evidence: {watching.fault}")
    try:
        signed = _signers(source.read(CHECKPOINT, limit=LARGEST_NOTE), evidence.ring)
    except (KeysError, SourceAway) as error:
        raise click.ClickException(str(error)) from error
    for key in _log_keys(evidence.ring) if every else signed:
        click.echo(verifier_key(evidence.ring.origin, key))


def _log_keys(ring: KeyRing) -> list[PublicKey]:
    return [key.public for key in ring.with_role(Role.LOG) if key.state is not KeyState.COMPROMISED]


def _signers(note: bytes, ring: KeyRing) -> list[PublicKey]:
    lines = {(line.name, line.key_hash) for line in parse_note(note)[1]}
    found = [key for key in _log_keys(ring) if (ring.origin, key_hash(ring.origin, key)) in lines]
    if not found:
        raise click.ClickException("no log key of the ring signed the checkpoint")
    return found
