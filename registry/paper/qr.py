"""QR symbols of signed cards: drawn, read back from what was drawn, and only then handed out.

The link is two segments, the prefix in byte mode and the digits in numeric mode (formats §QR); one
mode for all would take a symbol half as wide again.
"""

import io
import re
from dataclasses import dataclass
from typing import Any

import qrcode
import segno
import zxingcpp
from PIL import Image, ImageDraw, ImageFont
from segno import consts

from keys.card import LARGEST_VERSION, card_link
from keys.code import show_code
from registry.errors import RegistryError

QUIET_ZONE = 4  # Modules, ISO/IEC 18004 §9.1.
_PIXELS = 8  # A module's width in the PNG and in what is read back.
_CAPTION_LINES = 2
_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


class Unprintable(RegistryError):
    """A symbol that is too large, or that was not read back as it was meant."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One QR symbol: its rows of dark and light modules, without the quiet zone, and what it says."""

    text: str
    version: int
    rows: tuple[tuple[bool, ...], ...]

    @property
    def width(self) -> int:
        """Modules from edge to edge, quiet zone included."""
        return len(self.rows) + 2 * QUIET_ZONE


def card_symbol(signed_card: bytes, *, base_url: str) -> Symbol:
    """The symbol of a signed card at error correction M; raises `Unprintable` above version 15."""
    prefix, digits = card_link(signed_card, base_url=base_url)
    # The stubs leave out the form with segments that the library documents.
    segments: Any = [(prefix, consts.MODE_BYTE), (digits, consts.MODE_NUMERIC)]
    symbol = segno.make(segments, error="m", boost_error=False, micro=False)
    version = int(symbol.version)
    if version > LARGEST_VERSION:
        raise Unprintable(f"a QR of version {version}; plates carry {LARGEST_VERSION} at most")
    rows = tuple(tuple(module & 1 == 1 for module in row) for row in symbol.matrix)
    return Symbol(prefix + digits, version, rows)


def symbol_path(symbol: Symbol) -> str:
    """The dark modules as an SVG path, one rectangle a run; its unit is a module, quiet zone included.

    Raises `Unprintable` unless the path, filled as it stands, is read as the symbol's text.
    """
    runs = []
    for y, row in enumerate(symbol.rows, QUIET_ZONE):
        x = 0
        while x < len(row):
            length = 1
            while x + length < len(row) and row[x + length] == row[x]:
                length += 1
            if row[x]:
                runs.append(f"M{x + QUIET_ZONE} {y}h{length}v1h-{length}z")
            x += length
    path = "".join(runs)
    _require_readable(_fill(path, symbol.width), symbol.text)
    return path


def symbol_svg(symbol: Symbol, *, host: str, code: str) -> str:
    """A file of its own: the symbol black on white, host and code printed beneath it."""
    width, middle = symbol.width, symbol.width / 2
    caption = "".join(
        f'<text x="{middle}" y="{width + y}" font-size="{size}">{text}</text>'
        for y, size, text in ((2, 3.4, host), (7, 5, show_code(code)))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width + 10}" role="img"'
        f' aria-label="{host} {show_code(code)}"><path fill="#fff" d="M0 0h{width}v{width + 10}H0z"/>'
        f'<path fill="#000" shape-rendering="crispEdges" d="{symbol_path(symbol)}"/>'
        f'<g fill="#000" font-family="monospace" text-anchor="middle">{caption}</g></svg>\n'
    )


def symbol_png(symbol: Symbol, *, host: str, code: str) -> bytes:
    """The same as a PNG, eight pixels a module; raises `Unprintable` unless its bytes are read right."""
    side, line = symbol.width * _PIXELS, 6 * _PIXELS
    image = Image.new("L", (side, side + _CAPTION_LINES * line), 255)
    image.paste(_fill(symbol_path(symbol), symbol.width), (0, 0))
    draw = ImageDraw.Draw(image)
    for at, text in enumerate((host, show_code(code))):
        font = ImageFont.load_default(_font_size(text, side, line))
        draw.text((side / 2, side - 2 * _PIXELS + at * line), text, fill=0, font=font, anchor="mt")
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    with Image.open(io.BytesIO(written.getvalue())) as read:
        _require_readable(read.convert("L"), symbol.text)
    return written.getvalue()


def _font_size(text: str, side: int, line: int) -> float:
    # A long host is set smaller, so that it stays as wide as the symbol.
    width = ImageFont.load_default(line).getlength(text)
    return min(0.8 * line, 0.9 * line * side / width)


def _fill(path: str, width: int) -> Image.Image:
    image = Image.new("L", (width * _PIXELS, width * _PIXELS), 255)
    draw = ImageDraw.Draw(image)
    drawn = 0
    for run in _RUN.finditer(path):
        x, y, length, back = map(int, run.groups())
        if length != back:
            raise Unprintable("a run of modules does not close")
        corner = ((x + length) * _PIXELS - 1, (y + 1) * _PIXELS - 1)
        draw.rectangle(((x * _PIXELS, y * _PIXELS), corner), fill=0)
        drawn += len(run.group())
    if drawn != len(path):
        raise Unprintable("the path holds more than runs of modules")
    return image


def _require_readable(image: Image.Image, text: str) -> None:
    # Writers of QR symbols have had faults at the edges of padding, so nothing is handed out unread.
    # Among the modules of one symbol in 200 a bar code of a few digits stands by chance; it is no fault.
    # Its formats are made anew: kept by the module, they would be told as a leak when a server stops.
    only_qr = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = [found.text for found in zxingcpp.read_barcodes(image, formats=only_qr)]
    if found != [text]:
        raise Unprintable("the QR was not read back as it was meant")


def terminal_qr(text: str) -> str:
    """`text` as a QR of block characters, for a dark terminal and a phone in front of it."""
    symbol = qrcode.QRCode(border=2, error_correction=qrcode.constants.ERROR_CORRECT_L)
    symbol.add_data(text)
    drawn = io.StringIO()
    symbol.print_ascii(out=drawn, invert=True)
    return drawn.getvalue()
