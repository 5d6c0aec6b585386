"""Uploaded files on their way to being batches: received, mapped, read by the follower, thrown away.

Undoings come the same way, with the rows of an earlier batch in place of a file's.  A batch has its
number from the moment its file is here, so that nobody loses it.  Whoever reads a file says so every
second; a file that nobody has spoken of for a minute is read again from its beginning, so a killed
reader leaves nothing half-read.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from keys.catalog import Agency, LicenseType, Text
from registry.audit_events import record_event
from registry.catalogs import current_catalog
from registry.db import Database
from registry.errors import Refused, refuse
from registry.intake.batches import Options, State
from registry.intake.browsing import batch_of, require_open
from registry.intake.columns import ColumnMapping, map_sheet, parse_mapping
from registry.intake.filing import Filing
from registry.intake.proposing import OfficeOf, delete_rows, propose
from registry.intake.receiving import Received, forget
from registry.intake.sources import mapping_for, remember
from registry.intake.undoing import Grounds, propose_undo
from registry.models import Batch, Officer, Upload
from registry.permissions import Permission, proposer_in_office, require, require_type

KEPT = timedelta(days=30)
_SILENT = timedelta(minutes=1)
_SPOKEN_EVERY_SECONDS = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a file when it arrives: its type, the agency's name for it, and what is to happen.

    `is_mapped` says that `mapping` tells its columns already, None meaning the items' own words.
    """

    license_type: int
    source: str
    options: Options
    is_mapped: bool = False
    mapping: dict[str, Any] | None = None


def accept(
    session: Session,
    file: Received,
    wanted: Wanted,
    officer: Officer,
    *,
    api_key: str | None = None,
    at: datetime,
) -> Batch:
    """Give a received file its batch; it waits for its columns to be said, or to be read.

    Raises `NotPermitted` for a role without the right or a type the agency does not issue, `Refused`
    for a mapping that is none.
    """
    require(officer.role, Permission.IMPORT)
    catalog = current_catalog(session)
    require_type(catalog.agencies[officer.agency], wanted.license_type)
    if wanted.mapping is not None:
        parse_mapping(wanted.mapping, catalog.types[wanted.license_type])
    batch = _new_batch(file, wanted, officer, at)
    session.add(batch)
    session.flush()
    session.add(
        Upload(
            batch=batch.id,
            stored=file.stored,
            size=file.size,
            api_key=api_key,
            received_at=at,
            mapping=wanted.mapping,
            rows_read=0,
            rows_total=0,
        )
    )
    about = {"batch": batch.id} | ({"key": api_key} if api_key else {})
    record_event(session, "file-received", officer, at=at, **about)
    session.flush()
    return batch


def _new_batch(file: Received, wanted: Wanted, officer: Officer, at: datetime) -> Batch:
    return Batch(
        agency=officer.agency,
        license_type=wanted.license_type,
        source=wanted.source,
        file_name=file.name,
        file_hash=file.digest,
        options=wanted.options.as_json(),
        state=State.READING if wanted.is_mapped else State.RECEIVED,
        proposer=officer.id,
        proposed_at=at,
    )


def upload_of(session: Session, batch_id: int) -> Upload | None:
    """The file of a batch; None when it did not come over the network."""
    return session.get(Upload, batch_id)


def start_reading(
    session: Session,
    batch_id: int,
    officer: Officer,
    mapping: dict[str, Any] | None,
    options: Options,
    *,
    at: datetime,
) -> None:
    """Have a file read with these columns, for the first time or anew; its diff comes to be then.

    Without a mapping the headers are to be the items' own words.  Raises `Refused` for a mapping that
    is none, `Changed` for a batch that is being read or has been decided, and when the file is gone.
    """
    require(officer.role, Permission.IMPORT)
    batch = batch_of(session, batch_id, officer, lock=True)
    require_open(batch)
    upload = upload_of(session, batch_id)
    if upload is None or at - upload.received_at > KEPT:
        raise file_gone()
    if mapping is not None:
        parse_mapping(mapping, current_catalog(session).types[batch.license_type])
    delete_rows(session, [batch_id])
    batch.state, batch.proposed_at, batch.counts, batch.total = State.READING, at, {}, 0
    batch.options, batch.proposer = options.as_json(), officer.id
    upload.mapping, upload.fault, upload.claimed_at = mapping, None, None
    upload.rows_read = upload.rows_total = 0
    record_event(session, "file-mapped", officer, at=at, batch=batch_id)


def file_gone() -> Refused:
    """What is said where a batch has no file, or has it no longer."""
    return refuse("file-gone", "ไม่มีไฟล์นี้แล้ว ให้ส่งอีกครั้ง", "The file is no longer here: send it again")


# --- reading, by the follower ---------------------------------------------------------------------


def read_next(
    database: Database, office_of: OfficeOf, folder: Path, *, clock: Callable[[], datetime]
) -> int | None:
    """Read the file or undoing that has waited longest and store what it would do; gives its batch, or None.

    A file that cannot be read ends refused, with the words why.
    """
    batch_id = _claim(database, clock())
    if batch_id is None:
        return None
    try:
        _read(database, office_of, folder, batch_id, clock)
    except Refused as error:
        _refuse(database, batch_id, error.words, at=clock())
    except Exception:  # noqa: BLE001  # Whatever a file does to us, its owner is told and the next file is read.
        _log.exception("batch %d could not be read", batch_id)
        words = Text(
            "ระบบอ่านไฟล์นี้ไม่ได้ แจ้งผู้ดูแลระบบ", "The register failed on this file: tell the administrators"
        )
        _refuse(database, batch_id, words, at=clock())
    return batch_id


def _read(
    database: Database, office_of: OfficeOf, folder: Path, batch_id: int, clock: Callable[[], datetime]
) -> None:
    telling = _Telling(database, batch_id, clock)
    with database.reading() as session:
        batch = session.get_one(Batch, batch_id)
        officer = proposer_in_office(session, batch.proposer)
    if batch.undo_of is not None:
        undoing = (database, office_of, batch.undo_of, officer, Grounds.of(batch))
        propose_undo(*undoing, into=batch_id, at=clock(), progress=telling)
        return
    with database.reading() as session:
        filing = _filing(session, folder, batch)
    propose(database, office_of, filing, officer, into=batch_id, clock=clock, progress=telling)
    _remember(database, filing, batch_id, clock())


def _claim(database: Database, at: datetime) -> int | None:
    free = or_(Upload.claimed_at.is_(None), Upload.claimed_at < at - _SILENT)
    wanted = (
        select(Upload)
        .join(Batch, Batch.id == Upload.batch)
        .where(Batch.state == State.READING, free)
        .order_by(Batch.proposed_at, Batch.id)
        .limit(1)
    )
    with database.reading() as session:
        if session.scalars(wanted).first() is None:
            return None
    with database.writing.begin() as session:
        upload = session.scalars(wanted.with_for_update(of=Upload, skip_locked=True)).first()
        if upload is None:
            return None
        delete_rows(session, [upload.batch])
        upload.claimed_at, upload.rows_read, upload.rows_total = at, 0, 0
        return upload.batch


def _filing(session: Session, folder: Path, batch: Batch) -> Filing:
    upload = session.get_one(Upload, batch.id)
    path = folder / upload.stored
    if not path.exists():
        raise file_gone()
    catalog = current_catalog(session)
    kind, agency = catalog.types[batch.license_type], catalog.agencies[batch.agency]
    mapped = map_sheet(path, mapping_of(session, upload, kind, agency, folder))
    return Filing(mapped, kind, agency, Options.of(batch.options), batch.source, batch.file_name)


def mapping_of(
    session: Session, upload: Upload, kind: LicenseType, agency: Agency, folder: Path
) -> ColumnMapping:
    """The columns of a file: as they were said, else as for the last file like it."""
    if upload.mapping is not None:
        return parse_mapping(upload.mapping, kind)
    return mapping_for(session, agency, kind, folder / upload.stored)


def _remember(database: Database, filing: Filing, batch_id: int, at: datetime) -> None:
    with database.writing.begin() as session:
        said = session.get_one(Upload, batch_id).mapping
        if said is not None:
            mapping = parse_mapping(said, filing.kind)
            remember(session, filing.agency, filing.kind, filing.mapped.sheet.path, mapping, at=at)


class _Telling:
    """Progress that is written down once a second, which is also the sign that somebody still reads."""

    def __init__(self, database: Database, batch_id: int, clock: Callable[[], datetime]) -> None:
        self._database, self._batch, self._clock = database, batch_id, clock
        self._last = time.monotonic()

    def __call__(self, count: int, total: int) -> None:
        if time.monotonic() - self._last < _SPOKEN_EVERY_SECONDS:
            return
        with self._database.writing.begin() as session:
            upload = session.get_one(Upload, self._batch)
            upload.rows_read, upload.rows_total, upload.claimed_at = count, total, self._clock()
        self._last = time.monotonic()


def _refuse(database: Database, batch_id: int, words: Text, *, at: datetime) -> None:
    with database.writing.begin() as session:
        batch = session.get_one(Batch, batch_id)
        batch.state = State.REFUSED
        session.get_one(Upload, batch_id).fault = {"th": words.th, "en": words.en}
        record_event(session, "file-refused", None, at=at, batch=batch_id)


def sweep(database: Database, folder: Path, *, at: datetime) -> int:
    """Remove received files after 30 days, whatever became of their batches; gives how many."""
    young = select(Upload.stored).where(Upload.received_at >= at - KEPT)
    with database.reading() as session:
        kept = set(session.scalars(young))
    # A file without a row is one whose batch was never made: the file's own age decides.
    latest = (at - KEPT).timestamp()
    old = [p for p in folder.iterdir() if p.name not in kept and p.stat().st_mtime < latest]
    for path in old:
        forget(folder, path.name)
    return len(old)
