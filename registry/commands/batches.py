"""Files of many licenses: import one, and what becomes of its batch."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from keys.catalog import Agency, LicenseType
from registry.commands.batch_words import Seen, print_seen, row_words, stored, words_of
from registry.commands.shared import (
    agency_named,
    config_of,
    data_option,
    faults_told,
    officer_named,
    sharing,
    type_named,
)
from registry.errors import ConfigurationError, Refused
from registry.feed import feed
from registry.intake.batches import (
    Kind,
    Missing,
    NameAlone,
    Options,
    Release,
    State,
)
from registry.intake.browsing import batch_of, batches_of, remarked_of, rows_of
from registry.intake.columns import MappedSheet, map_sheet, read_mapping
from registry.intake.entering import enter_for
from registry.intake.faults import RowFault
from registry.intake.filing import Filing
from registry.intake.proposing import look, propose
from registry.intake.receipts import make_receipt
from registry.intake.releasing import decide_missing, mark_stale, release, withdraw
from registry.intake.returning import remedies, return_csv, return_xlsx
from registry.intake.sources import mapping_for, remember
from registry.intake.undoing import Grounds, propose_undo
from registry.models import Officer
from registry.services import Services, now

_SHOWN_BATCHES = 50
_PUBLISH_SECONDS = 5.0
_ROWS_AT_ONCE = 1000

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
officer_option = click.option("--officer", help="Log-in of the officer who decides (default: the operator).")


@click.command("import")
@data_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--agency", required=True, help="Slug of the agency.")
@click.option("--type", "type_slug", required=True, help="Slug of the license type.")
@click.option(
    "--mapping",
    type=click.Path(exists=True, path_type=Path),
    help="Which column feeds which item (default: as in the agency's last file with this header).",
)
@click.option(
    "--source", default="", help="The agency's name for this file; only its own licenses can be missing."
)
@click.option("--proposer", help="Log-in of the officer who proposes.")
@click.option("--approver", help="Log-in of another officer who releases, where the policy wants two.")
@click.option("--all-or-nothing", is_flag=True, help="One bad row keeps the whole file out.")
@click.option(
    "--missing",
    type=click.Choice([one.value for one in Missing]),
    default=Missing.LEAVE.value,
    show_default=True,
    help="What happens to licenses in force that the file does not have.",
)
@click.option(
    "--names",
    type=click.Choice([one.value for one in NameAlone]),
    default=NameAlone.ASK.value,
    show_default=True,
    help="What a changed holder's name is where no 13-digit number tells.",
)
@click.option("--legal-basis", default="", help="Legal basis of orders (default: the type's).")
@click.option("--reason", help="Controlled reason code of what a status column says is revoked.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of what it says is suspended.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option(
    "--returned",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write FILE there again, with a column of what to correct: .csv or .xlsx.",
)
@json_option
def import_command(**given: Any) -> None:
    """Import a FILE: say what it changes, and let the good rows become licenses where policy allows.

    What needs a second officer waits as a batch: see `permits batch`.
    """
    with faults_told():
        services = Services.open(config_of(given["data"]))
        filing = _filing(services, given)
        if given["dry_run"]:
            seen = _look(services, filing)
        else:
            seen = _import(services, filing, given["proposer"], given["approver"])
            if given["mapping"] is not None:
                _remember(services, filing, given["mapping"])
        if given["returned"] is not None:
            _give_back(services, filing, seen, given["returned"])
    print_seen(seen, as_json=given["as_json"])
    sys.exit(1 if seen.problems else 0)


def _filing(services: Services, given: dict[str, Any]) -> Filing:
    with services.database.reading() as session:
        owner = agency_named(session, given["agency"])
        kind = type_named(services.office(session).catalog, given["type_slug"])
    if kind.number not in owner.types:
        raise ConfigurationError(f"{owner.slug} issues no type {kind.slug!r}")
    options = Options(
        Release.ALL_OR_NOTHING if given["all_or_nothing"] else Release.GOOD_ROWS,
        Missing(given["missing"]),
        NameAlone(given["names"]),
        given["legal_basis"],
        given["reason"],
        given["until"].date() if given["until"] else None,
    )
    mapped = _mapped(services, given["file"], given["mapping"], kind, owner)
    return Filing(mapped, kind, owner, options, given["source"])


def _mapped(
    services: Services, file: Path, mapping: Path | None, kind: LicenseType, owner: Agency
) -> MappedSheet:
    if mapping is not None:
        return map_sheet(file, read_mapping(mapping, kind))
    with services.database.reading() as session:
        return map_sheet(file, mapping_for(session, owner, kind, file))


def _remember(services: Services, filing: Filing, mapping: Path) -> None:
    with services.database.writing.begin() as session:
        said = read_mapping(mapping, filing.kind)
        remember(session, filing.agency, filing.kind, filing.mapped.sheet.path, said, at=services.clock())


def _give_back(services: Services, filing: Filing, seen: Seen, path: Path) -> None:
    write = return_xlsx if path.suffix.lower() == ".xlsx" else return_csv
    if "batch" not in seen.told:
        told = remedies(remark for _, _, remarks in seen.problems for remark in remarks)
    else:
        with services.database.reading() as session:
            rows = remarked_of(session, seen.told["batch"])
            told = remedies(RowFault.of_json(remark) for remarks in rows for remark in remarks)
    write(filing.mapped.sheet, told, path)


def _look(services: Services, filing: Filing) -> Seen:
    diff = look(
        services.database, services.office, filing, clock=services.clock, progress=sharing("rows compared")
    )
    return Seen(diff.tally.as_json(), list(diff.problems), {"state": "dry-run", **_file_words(filing)})


def _file_words(filing: Filing) -> dict[str, Any]:
    return {"encoding": filing.mapped.sheet.encoding, "unmapped_columns": list(filing.mapped.unmapped)}


def _import(services: Services, filing: Filing, proposer: str | None, approver: str | None) -> Seen:
    number = propose(
        *(services.database, services.office, filing, _officer(services, proposer)),
        clock=services.clock,
        progress=sharing("rows compared"),
    )
    try:
        _release(services, number, _officer(services, approver or proposer))
    except Refused as error:
        click.echo(f"Batch {number} waits: {error.words.th} · {error}", err=True)
    else:
        _enter(services, number)
    seen = _stored(services, number)
    return Seen(seen.counts, seen.problems, seen.told | _file_words(filing))


def _officer(services: Services, login: str | None) -> Officer | None:
    if login is None:
        return None
    with services.database.reading() as session:
        return officer_named(session, login)


def _stored(services: Services, number: int) -> Seen:
    with services.database.reading() as session:
        return stored(session, number)


def _release(services: Services, number: int, officer: Officer | None) -> None:
    with services.database.writing.begin() as session:
        batch = batch_of(session, number, officer)
        if batch.state == State.PROPOSED:
            mark_stale(session, number, officer)
    with services.database.writing.begin() as session:
        if batch_of(session, number, officer).state != State.DONE:
            release(session, number, officer, office=services.office(session), at=services.clock())


def _enter(services: Services, number: int) -> None:
    progress, is_done = sharing("rows entered"), False
    while not is_done:
        is_done = enter_for(
            *(services.database, services.office, number, _PUBLISH_SECONDS),
            clock=services.clock,
            progress=progress,
        ).is_done
        services.publish()
    feed(services.database.reading, services.config.search, at=now(), progress=sharing("entries indexed"))


@click.group("batch")
def batch_group() -> None:
    """Batches: see, release, withdraw, go on with, undo, and a receipt."""


@batch_group.command("list")
@data_option
@click.option("--agency", help="Slug of the agency (default: all).")
@json_option
def list_command(data: Path | None, agency: str | None, *, as_json: bool) -> None:
    """The newest batches."""
    with faults_told():
        services = Services.open(config_of(data))
        with services.database.reading() as session:
            number = agency_named(session, agency).number if agency else None
            batches = [
                {**words_of(b), "counts": b.counts} for b in batches_of(session, number, size=_SHOWN_BATCHES)
            ]
    for batch in batches:
        line = f"{batch['batch']:6} {batch['state']:10} {batch['entered']:9,}/{batch['to_enter']:,} {batch['file']}"
        click.echo(json.dumps(batch, ensure_ascii=False) if as_json else line)


@batch_group.command("show")
@data_option
@click.argument("number", type=int)
@json_option
def show_command(data: Path | None, number: int, *, as_json: bool) -> None:
    """The counts of one batch, how far it is, and the rows that go nowhere."""
    with faults_told():
        seen = _stored(Services.open(config_of(data)), number)
    print_seen(seen, as_json=as_json)
    sys.exit(1 if seen.problems else 0)


@batch_group.command("diff")
@data_option
@click.argument("number", type=int)
@click.option(
    "--kind",
    type=click.Choice([one.value for one in Kind if one is not Kind.UNCHANGED]),
    help="Only these rows.",
)
def diff_command(data: Path | None, number: int, kind: str | None) -> None:
    """Every row of a batch that is not as the register has it, one JSON object a line."""
    with faults_told():
        services = Services.open(config_of(data))
        after = 0
        with services.database.reading() as session:
            batch_of(session, number, None)
            while rows := rows_of(
                session, number, Kind(kind) if kind else None, after=after, size=_ROWS_AT_ONCE
            ):
                for row in rows:
                    click.echo(json.dumps(row_words(row), ensure_ascii=False))
                after = rows[-1].position
                session.expunge_all()


@batch_group.command("release")
@data_option
@click.argument("number", type=int)
@officer_option
@click.option(
    "--missing",
    type=click.Choice([Missing.LEAVE.value, Missing.END.value]),
    help="What becomes of the missing.",
)
def release_command(data: Path | None, number: int, officer: str | None, missing: str | None) -> None:
    """Release a proposed batch and enter it."""
    with faults_told():
        services = Services.open(config_of(data))
        person = _officer(services, officer)
        if missing is not None:
            with services.database.writing.begin() as session:
                _decide_missing(services, session, number, person, end=missing == Missing.END)
        _release(services, number, person)
        _enter(services, number)
        seen = _stored(services, number)
    print_seen(seen, as_json=False)


def _decide_missing(
    services: Services, session: Session, number: int, officer: Officer | None, *, end: bool
) -> None:
    batch = batch_of(session, number, officer)
    kind = services.office(session).catalog.types[batch.license_type]
    decide_missing(session, number, officer, end=end, kind=kind)


@batch_group.command("resume")
@data_option
@click.argument("number", type=int)
def resume_command(data: Path | None, number: int) -> None:
    """Go on entering a released batch whose process was stopped (the follower does it by itself)."""
    with faults_told():
        services = Services.open(config_of(data))
        with services.database.reading() as session:
            batch_of(session, number, None)
        _enter(services, number)
        seen = _stored(services, number)
    print_seen(seen, as_json=False)


@batch_group.command("withdraw")
@data_option
@click.argument("number", type=int)
@officer_option
def withdraw_command(data: Path | None, number: int, officer: str | None) -> None:
    """Take a batch back that was not released."""
    with faults_told():
        services = Services.open(config_of(data))
        person = _officer(services, officer)
        with services.database.writing.begin() as session:
            withdraw(session, number, person, at=services.clock())
    click.echo(f"Batch {number} is withdrawn.")


@batch_group.command("undo")
@data_option
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Controlled reason code for the licenses voided.")
@click.option("--legal-basis", default="", help="Legal basis of the orders (default: the type's).")
@officer_option
def undo_command(data: Path | None, number: int, reason: str, legal_basis: str, officer: str | None) -> None:
    """Propose to take back all that a batch entered; release the new batch to do it."""
    with faults_told():
        services = Services.open(config_of(data))
        undo = propose_undo(
            *(services.database, services.office, number, _officer(services, officer)),
            Grounds(legal_basis, reason),
            at=services.clock(),
            progress=sharing("licenses compared"),
        )
        seen = _stored(services, undo)
    print_seen(seen, as_json=False)


@batch_group.command("receipt")
@data_option
@click.argument("number", type=int)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File (default batch-N.receipt)."
)
def receipt_command(data: Path | None, number: int, out: Path | None) -> None:
    """Write the signed receipt of a batch: what became public, row by row, under which checkpoint."""
    with faults_told():
        services = Services.open(config_of(data))
        with services.database.reading() as session:
            signed = make_receipt(
                *(session, batch_of(session, number, None)),
                signers=services.signers(session),
                public=services.publication().public,
                at=services.clock(),
            )
    path = out or Path(f"batch-{number}.receipt")
    path.write_bytes(signed)
    click.echo(
        f"{path}: check it with permits verify {path} --receipt --published {services.config.published}"
    )
