"""The plate: the printed object on a wall, and what stands on it.

It carries no status and no end date: paper grows old, the page behind the QR does not.
"""

from dataclasses import dataclass

from keys.acts import Status
from keys.catalog import Agency, LicenseType, Text
from keys.code import show_code
from keys.places import show_address
from keys.record import LicenseRecord
from registry.errors import Refused, refuse
from registry.paper.qr import Symbol, card_symbol, symbol_path

SMALLEST_QR = 30.0  # Millimeters; below it phones fail at arm's length.
SMALLEST_MODULE = 0.33


@dataclass(frozen=True, slots=True)
class PlateSize:
    """A sheet in millimeters and how wide the QR on it is, quiet zone included."""

    name: str
    width: int
    height: int
    qr: float


SIZES: dict[str, PlateSize] = {
    "A4": PlateSize("A4", 210, 297, 108.0),
    "A5": PlateSize("A5", 148, 210, 76.0),
    "A6": PlateSize("A6", 105, 148, 54.0),
}
SMALL_PRINT = Text(
    "ตรวจได้ทุกเวลา ฟรี ไม่ต้องใช้แอป · สถานะปัจจุบันดูจากหน้าเว็บ ไม่ใช่จากป้ายนี้",
    "Check at any time, free, without an app. The status is on the web page, not on this plate.",
)


@dataclass(frozen=True, slots=True)
class Plate:
    """Everything a plate says; `path` is the QR as an SVG path in a square of `width` modules."""

    size: PlateSize
    agency: Text
    kind: Text
    name: Text
    host: str
    code: str
    path: str
    width: int
    premises: str
    number: str
    place: str


def plate_symbol(
    signed_card: bytes | None, record: LicenseRecord, status: Status, kind: LicenseType, *, base_url: str
) -> Symbol:
    """The QR of a license that may have a plate; raises `Refused` that says why there is none."""
    if not kind.has_card:
        raise refuse(
            "image-only",
            f"ใบอนุญาตประเภทนี้แสดงเป็นภาพเท่านั้น จึงไม่มีป้ายคิวอาร์ ตรวจได้ด้วยรหัส {show_code(record.code)}",
            f"This type is displayed as an image only, without a QR; its code is {show_code(record.code)}",
        )
    if status in (Status.INVALID, Status.ENDED):
        raise refuse(
            "no-plate",
            "ใบอนุญาตนี้ใช้ไม่ได้แล้ว จึงไม่พิมพ์ป้ายให้อีก",
            "This license is no longer in use, so no plate is printed",
        )
    if signed_card is None:
        raise refuse("no-card", "ใบอนุญาตฉบับนี้ไม่มีข้อมูลสำหรับคิวอาร์", "This version has no card for a QR")
    return card_symbol(signed_card, base_url=base_url)


def make_plate(
    symbol: Symbol, record: LicenseRecord, kind: LicenseType, agency: Agency, size: PlateSize, *, host: str
) -> Plate:
    """What the plate says; the QR in it was read back.  Raises `Refused` when it is too fine to scan."""
    _require_scannable(symbol, size)
    holder = record.holder.get("name")
    name = record.premises or (holder if isinstance(holder, str) else "")
    return Plate(
        size=size,
        agency=agency.name,
        kind=kind.kind,
        name=kind.name,
        host=host,
        code=show_code(record.code),
        path=symbol_path(symbol),
        width=symbol.width,
        premises=name,
        number=record.number if isinstance(record.number, str) else "",
        place=show_address(record.address, record.place),
    )


def _require_scannable(symbol: Symbol, size: PlateSize) -> None:
    if size.qr < SMALLEST_QR or size.qr / symbol.width < SMALLEST_MODULE:
        raise _too_fine(size)


def _too_fine(size: PlateSize) -> Refused:
    return refuse(
        "too-fine",
        f"คิวอาร์ละเอียดเกินกว่าจะสแกนได้บนขนาด {size.name}",
        f"The QR is too fine to be scanned at {size.name}",
    )
