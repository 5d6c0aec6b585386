"""What `permits verify` says of an extract, with no network and no published files."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click

from keys.cosignature import WitnessKey
from keys.dates import BANGKOK, from_seconds, show_date
from keys.errors import KeysError, Malformed
from keys.extract import LARGEST_EXTRACT
from keys.phone import LARGEST_PHONE_BUNDLE
from verify.errors import VerifyError
from verify.extracts import Checked, check_extract
from verify.past import past_json, record_of, say_verdict
from verify.phone import BundleSource
from verify.verdict import GREEN, Verdict
from verify.words import say


def say_extract(
    path: Path, ring: Path | None, witnesses: Sequence[WitnessKey], *, as_json: bool, language: str
) -> NoReturn:
    """Check the extract at `path`, print what it shows, and end the command with its exit code."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_EXTRACT + 1)
    except OSError as error:
        raise click.UsageError("--published is needed for all but an extract's file") from error
    if ring is None:
        click.echo("trust anchor taken from the extract itself", err=True)
    try:
        checked = check_extract(content, ring.read_bytes() if ring else None, witnesses)
    except Malformed as error:
        raise click.UsageError(f"not an extract that this register writes: {error}") from error
    except (KeysError, VerifyError) as error:
        raise click.ClickException(f"the extract proves nothing: {error}") from error
    if checked.found.current.license is None:
        raise click.ClickException("the extract shows no license that is public")
    if as_json:
        click.echo(json.dumps(_as_json(checked), ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(checked, language)))
    sys.exit(0 if checked.found.now.kind in GREEN else 1)


def bundle_at(path: Path) -> BundleSource:
    """The phone bundle in a file; what is none ends the command."""
    with path.open("rb") as file:
        content = file.read(LARGEST_PHONE_BUNDLE + 1)
    try:
        return BundleSource(content)
    except Malformed as error:
        raise click.UsageError(f"not a phone bundle: {error}") from error


def _as_json(checked: Checked) -> dict[str, object]:
    seen = {"witnessed_then": _moments(checked.seen_then), "witnessed_now": _moments(checked.seen_now)}
    return past_json(checked.found, checked.code) | {"extract": None} | seen


def _moments(seen: Mapping[WitnessKey, int]) -> dict[str, str]:
    return {witness.name: from_seconds(moment).isoformat() for witness, moment in seen.items()}


def _lines(checked: Checked, language: str) -> list[str]:
    found = checked.found
    record = record_of(found)
    name = (record.premises if record else None) or ""
    lines = [
        f"{checked.code} {name}".strip(),
        say("past_title", language, day=show_date(found.day, language)),
        _known("known_then", found.then, checked.then.moment, language),
        _known("known_made", found.now, checked.now.moment, language),
    ]
    for words, seen in (("seen_then", checked.seen_then), ("seen_made", checked.seen_now)):
        lines += [
            say(words, language, witness=witness.name, moment=_moment(from_seconds(moment)))
            for witness, moment in seen.items()
        ]
    return lines


def _known(words: str, verdict: Verdict, moment: datetime, language: str) -> str:
    said = f"{say(words, language)}: {verdict.kind.value}: {say_verdict(verdict, language)}"
    return f"{said} ({say('as_published', language, moment=_moment(moment))})"


def _moment(at: datetime) -> str:
    return at.astimezone(BANGKOK).isoformat()
