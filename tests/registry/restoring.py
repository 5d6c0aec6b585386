"""What the tests of backup and recovery share: a register, the backup of it, and what to compare."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from keys import layout
from keys.acts import ActKind
from registry.backup import back_up, restore
from registry.copies import FolderCopy
from registry.db import Database
from registry.files import Folder
from registry.models import Tables
from registry.recovery import Recovered, recover
from registry.services import Services
from tests.registry.founded import issue, order
from verify.audit import Finding, audit
from verify.sources import FolderSource

SUSPENDED = {"reason": "conditions", "until": date(2026, 12, 31)}


@dataclass
class World:
    """A register, the backup of it, and an empty database to restore into."""

    services: Services
    empty: Database
    backup: Path

    def restored(self) -> Services:
        """The register out of the backup, over the same published folders."""
        restore(self.empty, self.backup, at=self.services.clock())
        return Services(self.services.config, self.empty, self.services.vault, self.services.clock)


def run_recover(services: Services, *mirrors: Path, records: Path | None = None) -> Recovered:
    public = Folder(services.config.published)
    copies = [FolderCopy(public.root), *map(FolderCopy, mirrors)]
    with services.database.writing.begin() as session:
        return recover(
            session, public, copies, FolderCopy(records or services.config.records), at=services.clock()
        )


def rows_of(database: Database, table: type[Tables], *left_out: str) -> list[dict[str, object]]:
    with database.reading() as session:
        made = Tables.metadata.tables[table.__tablename__]
        columns = [column for column in made.columns if column.name not in left_out]
        order = list(made.primary_key.columns)
        return [dict(row._mapping) for row in session.execute(select(*columns).order_by(*order))]


def small(world: World) -> tuple[Services, list[str]]:
    """Ten licenses, backed up; then some acts, published."""
    services = world.services
    codes = [done.code for done in issue(services, *range(10))]
    services.publish()
    back_up(services.database, world.backup, at=services.clock())
    issue(services, 50, 51)
    order(services, codes[0], ActKind.REVOCATION, reason="conditions")
    services.publish()
    return services, codes


def findings(services: Services) -> list[Finding]:
    public, records = services.config.published, services.config.records
    pinned = Folder(public).read(layout.keyring_path(1))
    report = audit(FolderSource(public), at=services.clock(), records=FolderSource(records), pinned=pinned)
    return report.findings
