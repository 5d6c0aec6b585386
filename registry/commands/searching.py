"""The search indexes: made again, compared with the register, measured."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from registry.commands.shared import config_of, data_option, faults_told, open_register, sharing
from registry.config import RegistryConfig
from registry.feed import FACTS, Licenses, feed, index_file
from registry.services import now
from search import FtsIndex, LicenseDocument, SearchAway
from search.drift import Fault, drift

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Place:
    """One index, wherever it is."""

    name: str
    audience: str
    cursor: Callable[[], int]
    documents: Callable[[], Iterator[LicenseDocument]]
    size: Callable[[], tuple[int, int]]
    answers: bool = True


@click.group("search")
def search_group() -> None:
    """Make the search indexes again, compare them with the register, measure them."""


@search_group.command("rebuild")
@data_option
def rebuild_command(data: Path | None) -> None:
    """Build all indexes again from the register.

    Each is found as it was until its new one is whole.  Stopped half-way, an embedded one is as before,
    and one in a cluster is gone on with by the next call or by the follower.
    """
    with faults_told(), _searching():
        config = config_of(data)
        database = open_register(config)
        show = sharing("entries indexed")
        feed(database.reading, config.search, at=now(), afresh=True, progress=show)
        if config.cluster:
            # Half a second to load, and not everybody has a cluster.
            from registry.feed_cluster import feed_cluster  # noqa: PLC0415

            feed_cluster(
                database.reading, config.cluster, config.search, at=now(), afresh=True, progress=show
            )
        click.echo("All search indexes are built.")


@search_group.command("check")
@data_option
def check_command(data: Path | None) -> None:
    """Compare each license in each index with the register; exit code 1 when one differs."""
    with faults_told(), _searching():
        config = config_of(data)
        database = open_register(config)
        wrong = 0
        for place in _places(config):
            if not place.answers:  # It is being built, or is about to be removed.
                continue
            with database.reading() as session:
                licenses = Licenses(session, place.audience, at=now())
                wanted = _counted(licenses.in_order(), sharing(f"licenses compared with {place.name}"))
                upto = min(place.cursor(), licenses.head)
                found = list(drift(place.documents(), wanted, upto=upto))
            _tell(place.name, found, behind=licenses.head - upto)
            wrong += len(found)
        if wrong:
            raise click.ClickException(f"{wrong:,} differ: run `permits search rebuild`")


@search_group.command("stats")
@data_option
def stats_command(data: Path | None) -> None:
    """Entries, licenses and bytes of each index."""
    with faults_told(), _searching():
        config = config_of(data)
        for place in _places(config):
            documents, size = place.size()
            click.echo(
                f"{place.name}: {place.cursor():,} entries, {documents:,} licenses, {size / 1e6:,.1f} MB"
            )


def _places(config: RegistryConfig) -> Iterator[_Place]:
    for audience in FACTS:
        file = index_file(config.search, audience)
        if file.exists():
            with closing(FtsIndex.open(file, read_only=True)) as index:
                yield _Place(f"{audience}, embedded", audience, index.cursor, index.documents, index.size)
    if not config.cluster:
        return
    # Half a second to load, and not everybody has a cluster.
    from search.elastic import connect  # noqa: PLC0415
    from search.elastic_feed import ElasticFeed  # noqa: PLC0415

    with closing(connect(config.cluster)) as client:
        for audience in FACTS:
            feeding = ElasticFeed(client, config.cluster.alias(audience))
            for physical in feeding.physical():
                yield _Place(
                    f"{physical.name}, {'served' if physical.served else 'not served'}",
                    audience,
                    partial(feeding.cursor, physical.name),
                    partial(feeding.documents, physical.name),
                    partial(feeding.size, physical.name),
                    answers=physical.served,
                )


@contextmanager
def _searching() -> Iterator[None]:
    try:
        yield
    except SearchAway as error:
        raise click.ClickException(str(error)) from error


def _counted(
    documents: Iterator[LicenseDocument], show: Callable[[int, int], None]
) -> Iterator[LicenseDocument]:
    for number, document in enumerate(documents, start=1):
        show(number, 0)
        yield document


def _tell(name: str, found: Sequence[tuple[str, Fault]], *, behind: int) -> None:
    counts = Counter(fault for _, fault in found)
    told = ", ".join(f"{count:,} {fault.value}" for fault, count in counts.items()) or "as the register"
    click.echo(f"{name}: {told}{f'; {behind:,} entries behind' if behind else ''}")
    for code, fault in found[:_SHOWN]:
        click.echo(f"  {code}: {fault.value}")
