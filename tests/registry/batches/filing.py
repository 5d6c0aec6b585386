"""A file on its way into a small real register: written, proposed, released and entered."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select

from registry.intake.batches import Kind, Missing, Options, Release
from registry.intake.browsing import batch_of, rows_of
from registry.intake.columns import map_sheet, read_mapping
from registry.intake.entering import enter_batch
from registry.intake.filing import Filing
from registry.intake.proposing import Diff, look, propose
from registry.intake.releasing import release
from registry.models import Batch, BatchRow, EntryRow, LicenseRow, Officer
from registry.services import Services
from tests.registry.founded import TOWN, raw

GOOD_ROWS = Options(Release.GOOD_ROWS, Missing.LEAVE)


def rows(count: int, **changes: str) -> list[dict[str, str]]:
    """The rows of a file with this many licenses."""
    return [raw(n, **changes) for n in range(1, count + 1)]


def write_csv(
    path: Path, content: Sequence[dict[str, str]], *, encoding: str = "utf-8", separator: str = ","
) -> Path:
    """A CSV file with the flat names as its header."""
    header = list(content[0])
    lines = [separator.join(header)] + [separator.join(row[name] for name in header) for row in content]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def filing(
    services: Services,
    path: Path,
    license_type: int,
    mapping: Path | None = None,
    *,
    options: Options = GOOD_ROWS,
    source: str = "",
) -> Filing:
    """A file of the town's."""
    with services.database.reading() as session:
        catalog = services.office(session).catalog
    kind = catalog.types[license_type]
    return Filing(map_sheet(path, read_mapping(mapping, kind)), kind, catalog.agencies[TOWN], options, source)


def silent(_count: int, _total: int) -> None:
    """No progress."""


def looked(services: Services, file: Filing) -> Diff:
    """What a dry run says."""
    return look(services.database, services.office, file, clock=services.clock, progress=silent)


def proposed(services: Services, file: Filing, officer: Officer | None = None) -> int:
    """The number of a proposed batch."""
    return propose(services.database, services.office, file, officer, clock=services.clock, progress=silent)


def released(services: Services, number: int, officer: Officer | None = None) -> None:
    """Release a batch."""
    with services.database.writing.begin() as session:
        release(session, number, officer, office=services.office(session), at=services.clock())


def entered(services: Services, number: int) -> Batch:
    """Enter a released batch to its end."""
    enter_batch(services.database, services.office, number, clock=services.clock, progress=silent)
    return batch(services, number)


def imported(services: Services, file: Filing) -> Batch:
    """Propose, release and enter a file."""
    number = proposed(services, file)
    if batch(services, number).state == "proposed":
        released(services, number)
    return entered(services, number)


def batch(services: Services, number: int) -> Batch:
    """The batch as it stands."""
    with services.database.reading() as session:
        return batch_of(session, number, None)


def kinds(found: Batch | Diff) -> dict[str, int]:
    """How many rows are of each kind, as far as there are any."""
    counts = found.tally.as_json() if isinstance(found, Diff) else found.counts
    return {str(kind): counts["kinds"][kind] for kind in Kind if counts["kinds"][kind]}


def act_counts(found: Batch) -> dict[str, int]:
    """How many acts of each kind."""
    return {name: count for name, count in found.counts["acts"].items() if count}


def stored_rows(services: Services, number: int, kind: Kind | None = None) -> list[BatchRow]:
    """The rows of a batch."""
    with services.database.reading() as session:
        return list(rows_of(session, number, kind, size=10_000))


def count(services: Services) -> int:
    """How many licenses there are."""
    with services.database.reading() as session:
        return session.scalar(select(func.count()).select_from(LicenseRow)) or 0


def log_acts(services: Services, code: str) -> list[int]:
    """The acts in the log about one license, in order."""
    with services.database.reading() as session:
        wanted = select(EntryRow.act).where(EntryRow.code == code).order_by(EntryRow.log_index)
        return list(session.scalars(wanted))


def named(services: Services, number: str) -> LicenseRow:
    """The newest license with this number."""
    with services.database.reading() as session:
        wanted = (
            select(LicenseRow).where(LicenseRow.number == number).order_by(LicenseRow.record_index.desc())
        )
        return session.scalars(wanted.limit(1)).one()


def officer(services: Services, login: str, role: str = "approver", agency: int = TOWN) -> Officer:
    with services.database.writing.begin() as session:
        person = Officer(
            login=login,
            agency=agency,
            name=f"ชื่อ {login}",
            position="นายทะเบียน",
            role=role,
            password_hash=b"",
            created_at=services.clock(),
        )
        session.add(person)
    return person
