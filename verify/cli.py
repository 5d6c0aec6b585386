"""The commands that check what is published: `audit` for all of it, `verify` for one license.

Neither needs the register, a database or a private key.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

import click

from keys.checkpoint import LARGEST_NOTE
from keys.cosignature import WitnessKey, parse_witness_verifier_key
from keys.errors import KeysError, Malformed
from keys.layout import CHECKPOINT, keyring_path
from verify.asjson import verdict_json
from verify.audit import Report, audit
from verify.check import check_card, check_code
from verify.errors import Foreign, LookupAway, Missing, VerifyError
from verify.headlines import speak
from verify.license import Held, Look
from verify.lookup import Lookup
from verify.offline import bundle_at, say_extract
from verify.present import verdict_page
from verify.published import Evidence, EvidenceWatch
from verify.receipts import say_receipt
from verify.scan import Code, scan
from verify.sources import Source, source_at
from verify.verdict import OFF_LINE, ON_LINE, MayOperate, Rules, Verdict

RING_HELP = f"The key ring to trust; without it, {keyring_path(1)} of the published files themselves."
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SAVED_HELP = "A checkpoint saved before, which the log must extend; once for each."


def witness_keys(vkeys: Sequence[str], quorum: int) -> list[WitnessKey]:
    """The witnesses of `--witness` options, of which `quorum` are wanted."""
    try:
        witnesses = [parse_witness_verifier_key(vkey) for vkey in vkeys]
    except KeysError as error:
        raise click.UsageError(f"--witness: {error}") from error
    if quorum > len(witnesses):
        raise click.UsageError(f"--quorum {quorum}: {len(witnesses)} witnesses are named")
    return witnesses


@click.command("audit")
@click.argument("published")
@click.option("--records", help="Folder or address of the signed statements, to check them too.")
@click.option("--ring", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=RING_HELP)
@click.option("--checkpoint", "saved", type=click.File("rb"), multiple=True, help=_SAVED_HELP)
@click.option("--witness", "vkeys", multiple=True, help="Verifier key of a witness to count; once for each.")
@click.option("--quorum", type=click.IntRange(0), default=0, help="How many of them must have cosigned.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def audit_command(
    published: str,
    records: str | None,
    ring: Path | None,
    *,
    saved: Sequence[IO[bytes]],
    vkeys: Sequence[str],
    quorum: int,
    as_json: bool,
) -> None:
    """Replay the log in PUBLISHED (a folder or an address) and say what is wrong.

    Exits 0 when nothing is wrong, 1 when something is.
    """
    public, statements = source_of(published), source_of(records) if records else None
    say_anchor(ring)
    pinned = ring.read_bytes() if ring else None
    with _Bar() as bar:
        try:
            report = audit(
                public,
                at=datetime.now(UTC),
                records=statements,
                pinned=pinned,
                progress=bar.show,
                saved=[file.read(LARGEST_NOTE + 1) for file in saved],
                witnesses=witness_keys(vkeys, quorum),
                quorum=quorum,
            )
        except (KeysError, VerifyError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(_report_json(report) if as_json else _report_text(report))
    sys.exit(1 if report.findings else 0)


class _Bar:
    """Entries done on a terminal's last line; nothing anywhere else."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            click.echo("\r\033[K", nl=False, err=True)

    def show(self, done: int, whole: int) -> None:
        """Say how far the audit has come."""
        if self._terminal:
            click.echo(f"\r{done:,} of {whole:,} entries", nl=False, err=True)


def _report_text(report: Report) -> str:
    lines = [f"{finding.where}: {finding.what}" for finding in report.findings]
    seen = (
        f"{report.log_size} entries, {report.licenses} licenses, {report.lists} status lists, "
        f"{report.statements} statements; snapshot {report.snapshot_version} of {report.moment}"
    )
    verdict = f"{len(lines)} findings" if lines else "nothing wrong"
    return "\n".join([*lines, f"{seen}: {verdict}"])


def _report_json(report: Report) -> str:
    return json.dumps(
        {
            "findings": [{"where": f.where, "what": f.what} for f in report.findings],
            "log_size": report.log_size,
            "licenses": report.licenses,
            "lists": report.lists,
            "statements": report.statements,
            "snapshot": report.snapshot_version,
            "moment": report.moment.isoformat() if report.moment else None,
        }
    )


@click.command("verify")
@click.argument("text", metavar="CODE|DIGITS|URL|FILE")
@click.option("--published", help="Folder or address of the public files; an extract needs none.")
@click.option("--records", help="Folder or address of the signed statements; a code needs them.")
@click.option("--ring", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=RING_HELP)
@click.option("--witness", "vkeys", multiple=True, help="With an extract: verifier key of a witness to name.")
@click.option(
    "--bundle", type=_FILE, help="A phone bundle instead of --published: the verdict of a phone off line."
)
@click.option("--receipt", "is_receipt", is_flag=True, help="FILE is the receipt of a batch.")
@click.option("--json", "as_json", is_flag=True, help="The verdict as JSON.")
@click.option("--lang", "language", type=click.Choice(["th", "en"]), default="en", show_default=True)
def verify_command(
    text: str,
    published: str | None,
    records: str | None,
    ring: Path | None,
    *,
    vkeys: Sequence[str],
    bundle: Path | None,
    is_receipt: bool,
    as_json: bool,
    language: str,
) -> None:
    """Give the verdict on one license, or on a past day what an extract FILE shows of it.

    With --receipt, say whether all that a batch's receipt lists stands in the published log.

    Exits 0 when it may operate today (with an extract: might, on its day, by all that was known at its
    making), 1 when it may not or nobody can tell, 2 for what cannot be read.
    """
    if published is None and is_receipt:
        raise click.UsageError("--receipt needs --published")
    if published is None and bundle is None:
        say_extract(Path(text), ring, witness_keys(vkeys, 0), as_json=as_json, language=language)
    say_anchor(ring)
    public = bundle_at(bundle) if bundle else source_of(published or "")
    statements = source_of(records) if records else None
    watching = EvidenceWatch(public, ring.read_bytes() if ring else None)
    at = datetime.now(UTC)
    evidence = watching.current(at)
    if evidence is None:
        raise click.ClickException(f"no evidence: {watching.fault}")
    if is_receipt:
        say_receipt(Path(text), evidence, public)
    try:
        verdict = _verdict(text, evidence, OFF_LINE if bundle else _rules(public), statements, at)
    except Malformed as error:
        raise click.UsageError(f"neither a code nor a link that this register writes: {error}") from error
    except Foreign as error:
        raise click.UsageError(f"not a link of {evidence.ring.host}") from error
    click.echo(
        json.dumps(verdict_json(verdict), ensure_ascii=False) if as_json else _spoken(verdict, language)
    )
    sys.exit(0 if verdict.may_operate_today is MayOperate.YES else 1)


def _verdict(text: str, evidence: Evidence, rules: Rules, records: Source | None, at: datetime) -> Verdict:
    host = evidence.ring.host
    scanned = scan(text, addresses=(f"https://{host}", f"http://{host}"))
    if isinstance(scanned, Code) and records is None:
        raise click.UsageError("a code needs --records: the public files hold no codes")
    with tempfile.TemporaryDirectory() as folder:
        look, caught_up = _look(records, evidence, Path(folder))
        if isinstance(scanned, Code):
            return check_code(
                scanned.digits, tuple(look(scanned.digits)), evidence, at=at, caught_up=caught_up
            )
        return check_card(scanned, evidence, at=at, rules=rules, look=look)


def _rules(public: Source) -> Rules:
    """On line where the log is at hand; a folder without it is judged as a phone would."""
    try:
        public.read(CHECKPOINT, limit=LARGEST_NOTE)
    except Missing:
        return OFF_LINE
    return ON_LINE


def _look(records: Source | None, evidence: Evidence, folder: Path) -> tuple[Look, bool]:
    """The way to a code's statements, in a look-up made for this one question."""

    def nothing(_: str) -> tuple[Held, ...]:
        return ()

    if records is None:
        return nothing, False
    lookup = Lookup(folder / "lookup.sqlite", records)
    try:
        lookup.advance(evidence)
    except LookupAway as error:
        raise click.ClickException(f"the records cannot be read: {error}") from error
    return lookup.held, True


def _spoken(verdict: Verdict, language: str) -> str:
    spoken, page = speak(verdict, language), verdict_page(verdict, language)
    lines = [f"{verdict.kind.value}: {' '.join(spoken.lines)}", spoken.detail, " · ".join(page.notes)]
    if page.license is not None:
        lines += [
            f"  {row.label}: {row.value if row.value is not None else '-'}" for row in page.license.rows
        ]
    return "\n".join(line for line in lines if line)


def source_of(place: str) -> Source:
    """The source that an argument names; a wrong one ends the command."""
    try:
        return source_at(place, plain=True)
    except VerifyError as error:
        raise click.UsageError(str(error)) from error


def say_anchor(ring: Path | None) -> None:
    """Say where trust begins, when nobody handed a ring over."""
    if ring is None:
        click.echo("trust anchor taken from the published files themselves", err=True)
