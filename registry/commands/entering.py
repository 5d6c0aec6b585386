"""Entering licenses: one by its items, or a file of many."""

import json
import sys
from pathlib import Path

import click

from keys.acts import ActKind
from keys.code import show_code
from registry.commands.shared import (
    agency_named,
    config_of,
    counting,
    data_option,
    faults_told,
    officer_named,
    sharing,
    type_named,
)
from registry.drafts import Authority
from registry.errors import ConfigurationError
from registry.feed import feed
from registry.intake.columns import map_sheet, read_mapping
from registry.intake.imports import Import, Report, run_import
from registry.proposals import DONE, Wish, propose
from registry.services import Services, now

_SHOWN_FAULTS = 50


@click.command("issue")
@data_option
@click.option("--officer", required=True, help="Log-in of the officer who issues.")
@click.option("--type", "type_slug", required=True)
@click.option("--set", "items", multiple=True, metavar="NAME=VALUE", help="An item: number, holder, field.… ")
@click.option("--backdating", default="", help="Reason for a start before today.")
def issue_command(
    data: Path | None, officer: str, type_slug: str, items: tuple[str, ...], backdating: str
) -> None:
    """Issue one license, as the officer's form does; policy may want a second officer's approval."""
    with faults_told():
        raw = dict(item.partition("=")[::2] for item in items)
        services = Services.open(config_of(data))
        with services.database.writing.begin() as session:
            office = services.office(session)
            kind = type_named(office.catalog, type_slug)
            wish = Wish(ActKind.ISSUANCE, kind.number, raw, backdating=backdating)
            proposal = propose(
                session, wish, officer_named(session, officer), office=office, at=services.clock()
            )
        if proposal.state != DONE or proposal.code is None:
            click.echo(f"Proposal {proposal.id} waits for another officer's approval.")
            return
        services.publish()
        services.feed()
        click.echo(show_code(proposal.code))


@click.command("import")
@data_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--agency", required=True, help="Slug of the agency.")
@click.option("--type", "type_slug", required=True, help="Slug of the license type.")
@click.option(
    "--mapping", type=click.Path(exists=True, path_type=Path), help="Which column feeds which item."
)
@click.option("--proposer", help="Log-in of the officer who proposes, where the type wants two.")
@click.option("--approver", help="Log-in of the officer who approves.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_command(
    data: Path | None,
    file: Path,
    *,
    agency: str,
    type_slug: str,
    mapping: Path | None,
    proposer: str | None,
    approver: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import a CSV FILE: good rows become licenses, each fault is told by row and column."""
    with faults_told():
        services = Services.open(config_of(data))
        job = _job(
            services,
            file,
            agency=agency,
            type_slug=type_slug,
            mapping=mapping,
            logins=(proposer, approver),
        )
        report = run_import(
            job,
            services.database,
            services.office,
            dry_run=dry_run,
            clock=services.clock,
            progress=counting("rows"),
        )
        if not dry_run and report.issued:
            services.publish()
            feed(
                services.database.reading,
                services.config.search,
                at=now(),
                progress=sharing("entries indexed"),
            )
    _print_report(report, dry_run=dry_run, as_json=as_json)
    sys.exit(1 if report.faulty_rows else 0)


def _job(
    services: Services,
    file: Path,
    *,
    agency: str,
    type_slug: str,
    mapping: Path | None,
    logins: tuple[str | None, str | None],
) -> Import:
    with services.database.reading() as session:
        owner = agency_named(session, agency)
        kind = type_named(services.office(session).catalog, type_slug)
        if kind.number not in owner.types:
            raise ConfigurationError(f"{agency} issues no type {type_slug!r}")
        proposer, approver = (officer_named(session, login) if login else None for login in logins)
    signs = approver or proposer
    authority = Authority(
        proposer.id if proposer else None,
        approver.id if approver else None,
        name=signs.name if signs else "",
        position=signs.position if signs else "",
    )
    return Import(map_sheet(file, read_mapping(mapping, kind)), kind, owner, authority)


def _print_report(report: Report, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
        return
    for f in report.faults[:_SHOWN_FAULTS]:
        click.echo(f"แถว {f.row} · {f.column} · `{f.fault.value}` · {f.fault.what.th} · {f.fault.remedy.th}")
        click.echo(f"    row {f.row} · {f.label.en} · {f.fault.what.en} · {f.fault.remedy.en}")
    if len(report.faults) > _SHOWN_FAULTS:
        click.echo(f"… {len(report.faults) - _SHOWN_FAULTS} more faults: --json prints them all")
    if report.unmapped:
        click.echo(f"Columns that feed nothing: {', '.join(report.unmapped)}")
    verb = "would be issued" if dry_run else "issued"
    click.echo(
        f"{report.rows} rows ({report.encoding}): {report.issued} {verb}, "
        f"{report.unchanged} in the register already, {report.faulty_rows} with faults"
    )
