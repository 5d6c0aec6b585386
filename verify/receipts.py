"""Checking a batch's receipt against the published log, with no register."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

from keys.checkpoint import open_checkpoint
from keys.errors import BadSignature, KeysError
from keys.keyring import Role
from keys.opening import open_receipt
from keys.receipt import LARGEST_RECEIPT, Receipt
from verify.errors import EvidenceMissing, VerifyError
from verify.logreader import LogReader
from verify.published import Evidence
from verify.sources import Source

_SHOWN = 50
_SIGNED_OVERHEAD = 100


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """A receipt whose signatures hold, the size of the log it stands under, and what the log has otherwise."""

    receipt: Receipt
    log_size: int
    findings: tuple[str, ...]


def check_receipt(signed: bytes, evidence: Evidence, public: Source) -> CheckedReceipt:
    """Hold every line of a receipt against the log under the receipt's own checkpoint.

    Raises what `open_receipt` and `open_checkpoint` raise, and `BadSignature` for a denied key.
    """
    ring = evidence.ring
    opened = open_receipt(signed, ring)
    if evidence.good_size(opened.key) is not None:
        raise BadSignature("the key that signed this receipt is denied")
    keys = [key.public for key in ring.with_role(Role.LOG) if evidence.good_size(key) is None]
    checkpoint = open_checkpoint(opened.value.checkpoint, ring.origin, keys)
    reader = LogReader(public, checkpoint.size, checkpoint.root)
    return CheckedReceipt(opened.value, checkpoint.size, tuple(_findings(opened.value, reader)))


def _findings(receipt: Receipt, reader: LogReader) -> Iterator[str]:
    for line in receipt.entries:
        try:
            entry = reader.entry(line.index)
        except EvidenceMissing as error:
            yield f"row {line.row}: {error}"
            continue
        if (entry.act, entry.agency, entry.statement) != (line.act, receipt.agency, line.statement):
            yield f"row {line.row}: the log has something else at {line.index}"


def say_receipt(path: Path, evidence: Evidence, public: Source) -> NoReturn:
    """Check the receipt at `path`, say what it shows, and end the command with its exit code."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_RECEIPT + _SIGNED_OVERHEAD)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read") from error
    try:
        checked = check_receipt(content, evidence, public)
    except (KeysError, VerifyError) as error:
        raise click.ClickException(f"the receipt proves nothing: {error}") from error
    for finding in checked.findings[:_SHOWN]:
        click.echo(finding)
    receipt, count = checked.receipt, len(checked.receipt.entries)
    counts = ", ".join(f"{number} {kind}" for kind, number in receipt.counts.items())
    click.echo(f"batch {receipt.batch} of agency {receipt.agency}, file {receipt.file.hex()}: {counts}")
    wrong = f"{len(checked.findings)} are not there" if checked.findings else "all there"
    click.echo(f"{count} acts in the log of {checked.log_size} entries: {wrong}")
    sys.exit(1 if checked.findings else 0)
