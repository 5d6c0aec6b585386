"""Plates and QR files of the agency's own licenses, once the public can check them."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from keys.acts import Status
from keys.catalog import Agency, LicenseType
from keys.record import LicenseRecord
from registry.catalogs import current_catalog
from registry.errors import refuse
from registry.faces import record_in_force
from registry.paper.plate import SIZES, SMALL_PRINT, make_plate, plate_symbol
from registry.paper.qr import Symbol, symbol_png, symbol_svg
from registry.queries import card_in_force, own_license
from registry.web.context import officer, services
from registry.web.headers import page_style
from registry.web.publication import published_size

pages = Blueprint("plates", __name__)


@dataclass(frozen=True, slots=True)
class Printable:
    """A license that may have a plate, opened from its signed bytes, and its symbol."""

    record: LicenseRecord
    kind: LicenseType
    agency: Agency
    symbol: Symbol


@pages.get("/<code:code>/plate")
def show_plate(code: str) -> str:
    """The plate as a sheet to print: A5, or `?size=A4` or `A6`."""
    size = SIZES.get(request.args.get("size", "A5").upper())
    if size is None:
        raise refuse("no-type", "ไม่มีป้ายขนาดนี้", "There is no plate of this size")
    found = _printable(code)
    host = services().config.host
    plate = make_plate(found.symbol, found.record, found.kind, found.agency, size, host=host)
    return render_template(
        "plate.html", plate=plate, code=code, sizes=SIZES, sheet=page_style(size.name), small=SMALL_PRINT
    )


@pages.get("/<code:code>/qr.svg")
def qr_svg(code: str) -> Response:
    """The QR with host and code beneath, as SVG."""
    drawn = symbol_svg(_printable(code).symbol, host=services().config.host, code=code)
    return _file(drawn.encode(), f"{code}.svg", "image/svg+xml")


@pages.get("/<code:code>/qr.png")
def qr_png(code: str) -> Response:
    """The QR with host and code beneath, as PNG."""
    drawn = symbol_png(_printable(code).symbol, host=services().config.host, code=code)
    return _file(drawn, f"{code}.png", "image/png")


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _printable(code: str) -> Printable:
    with services().database.reading() as session:
        row = own_license(session, officer().agency, code)
        if row is None:
            raise refuse("no-license", "ไม่มีใบอนุญาตรหัสนี้", "There is no license with this code")
        catalog = current_catalog(session)
        kind, agency = catalog.types[row.license_type], catalog.agencies[row.agency]
        record, _ = record_in_force(session, row, services().signers(session).ring)
        url = services().config.base_url
        symbol = plate_symbol(card_in_force(session, row), record, Status(row.status), kind, base_url=url)
        _require_public(session, row.record_index)
    return Printable(record, kind, agency, symbol)


def _require_public(session: Session, index: int) -> None:
    # A plate that is scanned before its entry is public would read "cannot tell".
    if published_size(session) <= index:
        raise refuse(
            "not-public-yet",
            "กำลังเผยแพร่ ลองพิมพ์ป้ายอีกครั้งในอีกสักครู่",
            "Being published: try to print the plate again in a moment",
        )
