"""Entering one license by its items."""

from pathlib import Path

import click

from keys.acts import ActKind
from keys.code import show_code
from registry.commands.shared import (
    config_of,
    data_option,
    faults_told,
    officer_named,
    type_named,
)
from registry.proposals import DONE, Wish, propose
from registry.services import Services


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
