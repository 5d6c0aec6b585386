"""What the columns of a file seem to be: a mapping to begin with."""

import json
from pathlib import Path

import click

from registry.commands.shared import config_of, data_option, faults_told, type_named
from registry.intake.columns import fit, items_of, write_mapping
from registry.intake.guessing import guess_columns
from registry.intake.readers import open_sheet
from registry.services import Services


@click.command("columns")
@data_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--type", "type_slug", required=True, help="Slug of the license type.")
@click.option("--sheet", help="Name of a workbook's sheet.")
def columns_command(data: Path | None, file: Path, type_slug: str, sheet: str | None) -> None:
    """Print a mapping for FILE, as JSON to correct; to standard error, how sure it is and samples."""
    with faults_told():
        services = Services.open(config_of(data))
        with services.database.reading() as session:
            kind = type_named(services.office(session).catalog, type_slug)
        opened = open_sheet(file, sheet=sheet)
        guessed = guess_columns(opened, kind)
        mapped = fit(opened, guessed.mapping)
    labels = items_of(kind)
    for guess in guessed.columns:
        told = f"{guess.item} ({labels[guess.item].th}) {guess.confidence:.0%}" if guess.item else "–"
        click.echo(f"{guess.header}: {told} · {' | '.join(guess.samples)}", err=True)
    for name, era in mapped.eras.items():
        click.echo(f"{name}: {era.words().th} · {era.words().en}", err=True)
    click.echo(json.dumps(write_mapping(guessed.mapping), ensure_ascii=False, indent=2))
