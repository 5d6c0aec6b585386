"""What officers take away from a batch: their own file with what to correct, the faults, the receipt."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from flask import Blueprint, Response, redirect, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from registry.catalogs import current_catalog
from registry.errors import refuse
from registry.intake.browsing import batch_of, problems_of, remarked_of
from registry.intake.columns import map_sheet
from registry.intake.faults import RowFault
from registry.intake.readers import Sheet
from registry.intake.receipts import make_receipt
from registry.intake.receiving import folder_of
from registry.intake.returning import remedies, return_csv, return_xlsx
from registry.intake.uploads import mapping_of, upload_of
from registry.web.batch_words import faults_json
from registry.web.context import moment, officer, services

pages = Blueprint("batch_files", __name__)

_AT_ONCE = 1_000


@pages.get("/<positive:batch>/remedies.csv")
def give_csv(batch: int) -> AnyResponse:
    """The agency's own file with a column of what to correct, in the encoding it came in."""
    return _returned(batch, return_csv, "csv", "text/csv")


@pages.get("/<positive:batch>/remedies.xlsx")
def give_xlsx(batch: int) -> AnyResponse:
    """The same as a workbook, whose cells are all text."""
    return _returned(
        batch, return_xlsx, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )


def _returned(
    batch: int, write: Callable[[Sheet, Mapping[int, str], Path], None], suffix: str, mimetype: str
) -> AnyResponse:
    folder = folder_of(services().config.data)
    with services().database.reading() as session:
        found, upload = batch_of(session, batch, officer()), upload_of(session, batch)
        if upload is None or not (folder / upload.stored).exists():
            raise refuse("no-batch", "ไม่มีไฟล์นี้แล้ว", "The file is no longer here")
        catalog = current_catalog(session)
        kind, agency = catalog.types[found.license_type], catalog.agencies[found.agency]
        sheet = map_sheet(folder / upload.stored, mapping_of(session, upload, kind, agency, folder)).sheet
        told = remedies(RowFault.of_json(one) for row in remarked_of(session, batch) for one in row)
    path = folder / f"{secrets.token_hex(16)}.part"
    try:
        write(sheet, told, path)
        file = path.open("rb")
    finally:
        path.unlink(missing_ok=True)  # What is open can still be sent, and nothing is left.
    return send_file(file, mimetype, as_attachment=True, download_name=f"batch-{batch}.{suffix}")


@pages.get("/<positive:batch>/faults.json")
def give_faults(batch: int) -> Response:
    """Every fault with row, column, value as found, what is wrong and what to do, in both languages."""
    database = services().database
    with database.reading() as session:
        batch_of(session, batch, officer())

    def parts() -> Iterator[str]:
        yield "["
        after, comma = 0, ""
        while True:
            with database.reading() as session:
                rows = problems_of(session, batch, after=after, size=_AT_ONCE)
            for told in faults_json(rows):
                yield f"{comma}\n{json.dumps(told, ensure_ascii=False)}"
                comma = ","
            if len(rows) < _AT_ONCE:
                break
            after = rows[-1].position
        yield "\n]\n"

    answer = Response(parts(), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="batch-{batch}-faults.json"'
    return answer


@pages.get("/<positive:batch>/receipt")
def give_receipt(batch: int) -> AnyResponse:
    """The signed receipt: what became public, under which checkpoint."""
    with services().database.reading() as session:
        found = batch_of(session, batch, officer())
        if found.last_index is None:
            return redirect(url_for("batches.show", batch=batch))
        signed = make_receipt(
            *(session, found),
            signers=services().signers(session),
            public=services().publication().public,
            at=moment(),
        )
    answer = Response(signed, content_type="application/cbor")
    answer.headers["Content-Disposition"] = f'attachment; filename="batch-{batch}.receipt"'
    return answer
