"""What goes on paper: every symbol is read back from its own bytes, and a plate says what it must."""

import io
import random
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import qrcode
import zxingcpp
from PIL import Image, ImageDraw
from qrcode.util import QRData

from keys.acts import Status
from keys.card import LARGEST_VERSION, TYPICAL_VERSION, card_link
from keys.keyring import Role
from keys.opening import open_card
from registry.errors import Refused
from registry.faces import record_in_force
from registry.paper import qr
from registry.paper.plate import SIZES, SMALLEST_MODULE, SMALLEST_QR, make_plate, plate_symbol
from registry.paper.qr import Unprintable, card_symbol, symbol_path, symbol_png, symbol_svg, terminal_qr
from registry.queries import card_in_force
from tests.registry.two_agencies import AGENCIES, HAZARD_TYPE, HOST, TRADE, TRADE_TYPE, Founded

URL = f"https://{HOST}"
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
# Letters in holder and premises alike, next to the most that fits with a number and a place.
LONGEST_NAMES = 115


@pytest.fixture
def card(register: Founded) -> bytes:
    """The signed card of a typical license."""
    return card_of(register, register.issue())


def card_of(register: Founded, code: str) -> bytes:
    with register.services.database.reading() as session:
        signed = card_in_force(session, register.row(code))
    assert signed is not None
    return signed


def read(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image, formats=QR)]


def test_a_typical_thai_license_fits_version_12(register: Founded) -> None:
    code = register.issue(
        {
            "holder": "บริษัท ก้าวหน้าการช่างและบริการยานยนต์ จำกัด",
            "premises": "อู่ช่างพงษ์ สาขาหัวหิน ซอย 94",
            "address": "88/4 ถนนเพชรเกษม ซอยหัวหิน 94",
        }
    )
    assert card_symbol(card_of(register, code), base_url=URL).version <= TYPICAL_VERSION


def test_the_longest_license_that_is_issued_fits_version_15(register: Founded) -> None:
    def with_names(length: int) -> str:
        number = f"{length}/1/2569"
        return register.issue({"number": number, "holder": "ก" * length, "premises": "ข" * length})

    with pytest.raises(Refused, match="too long for a QR"):
        with_names(120)
    symbol = card_symbol(card_of(register, with_names(LONGEST_NAMES)), base_url=URL)
    assert TYPICAL_VERSION < symbol.version <= LARGEST_VERSION
    symbol_path(symbol)


def test_the_symbol_says_the_signed_card(register: Founded, card: bytes) -> None:
    symbol = card_symbol(card, base_url=URL)
    prefix, digits = card_link(card, base_url=URL)
    assert symbol.text == prefix + digits
    assert prefix == f"https://{HOST}/v/"
    with register.services.database.reading() as session:
        ring = register.services.signers(session).ring
    opened = open_card(card, ring)
    assert opened.key.role is Role.AGENCY


def test_another_writer_makes_a_symbol_of_the_same_size_that_says_the_same(card: bytes) -> None:
    prefix, digits = card_link(card, base_url=URL)
    other = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=6)
    # Its names for the modes have no literal types: 4 is bytes, 1 is digits (ISO/IEC 18004, table 2).
    other.add_data(QRData(prefix.encode(), mode=4))
    other.add_data(QRData(digits.encode(), mode=1))
    other.make(fit=True)
    symbol = card_symbol(card, base_url=URL)
    assert other.version == symbol.version
    drawn = io.BytesIO()
    other.make_image().save(drawn)
    with Image.open(drawn) as image:
        assert read(image.convert("L")) == [symbol.text]


@pytest.mark.parametrize("seed", [29, 71, 1758])
def test_a_bar_code_that_stands_by_chance_among_the_modules_is_no_fault(seed: int) -> None:
    symbol = card_symbol(random.Random(seed).randbytes(200), base_url=URL)
    image = qr._fill(symbol_path(symbol), symbol.width)
    assert len(zxingcpp.read_barcodes(image)) == 2  # The symbol, and a bar code of a few digits.
    assert read(image) == [symbol.text]
    symbol_png(symbol, host=HOST, code="48210937551608")


def test_svg_and_png_are_read_as_the_link_and_carry_host_and_code(card: bytes) -> None:
    symbol, code = card_symbol(card, base_url=URL), "48210937551608"
    svg = symbol_svg(symbol, host=HOST, code=code)
    assert HOST in svg
    assert "4821-0937-5516-08" in svg
    (path,) = re.findall(r'crispEdges" d="([^"]+)"', svg)
    assert read(qr._fill(path, symbol.width)) == [symbol.text]
    with Image.open(io.BytesIO(symbol_png(symbol, host=HOST, code=code))) as image:
        assert read(image.convert("L")) == [symbol.text]
        below = image.convert("L").crop((0, symbol.width * 8, *image.size))
        assert below.getextrema()[0] == 0  # Something is written there.


def test_a_long_host_stays_as_wide_as_the_symbol(card: bytes) -> None:
    host = "permits.very-long-municipality-name.example.go.th"
    symbol = card_symbol(card, base_url=f"https://{host}")
    with Image.open(io.BytesIO(symbol_png(symbol, host=host, code="48210937551608"))) as image:
        edges = [image.getpixel((x, y)) for y in range(image.height) for x in (0, image.width - 1)]
    assert set(edges) == {255}


def test_the_quiet_zone_is_four_modules(card: bytes) -> None:
    symbol = card_symbol(card, base_url=URL)
    image = qr._fill(symbol_path(symbol), symbol.width)
    frame = image.copy()
    side, quiet = symbol.width * 8, 4 * 8
    ImageDraw.Draw(frame).rectangle((quiet, quiet, side - quiet - 1, side - quiet - 1), fill=255)
    assert frame.getextrema() == (255, 255)
    assert symbol.width == 17 + 4 * symbol.version + 8


def test_a_symbol_that_reads_otherwise_is_not_handed_out(card: bytes) -> None:
    symbol = card_symbol(card, base_url=URL)
    wrong = replace(symbol, text=symbol.text[:-1] + ("1" if symbol.text[-1] == "0" else "0"))
    torn = replace(symbol, rows=tuple(tuple(False for _ in row) for row in symbol.rows))
    for bad in (wrong, torn):
        for draw in (symbol_path, lambda s: symbol_png(s, host=HOST, code="48210937551608")):
            with pytest.raises(Unprintable):
                draw(bad)


def test_a_symbol_above_version_15_is_refused() -> None:
    with pytest.raises(Unprintable):
        card_symbol(bytes(range(256)) + bytes(200), base_url=URL)


def test_the_terminal_shows_a_link_that_phones_read() -> None:
    text = "https://192.168.1.20:8000/v/" + "0123456789" * 40
    lines = terminal_qr(text).splitlines()
    half = {" ": (255, 255), "█": (0, 0), "▀": (0, 255), "▄": (255, 0), "\xa0": (255, 255)}
    # Drawn light on dark; each character is two modules, one above the other.
    rows = [[half[c][part] for c in line] for line in lines for part in (0, 1)]
    image = Image.new("L", (len(rows[0]), len(rows)))
    image.putdata([255 - value for row in rows for value in row])
    large = image.resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST)
    framed = Image.new("L", (large.width + 48, large.height + 48), 255)
    framed.paste(large, (24, 24))
    assert read(framed) == [text]


# --- plates -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", list(SIZES))
def test_a_plate_is_coarse_enough_for_a_phone(register: Founded, size: str) -> None:
    code = register.issue({"holder": "ก" * 120, "premises": "ข" * 100})
    with register.services.database.reading() as session:
        row = register.row(code)
        record, _ = record_in_force(session, row, register.services.signers(session).ring)
        signed = card_in_force(session, row)
    symbol = plate_symbol(signed, record, Status.VALID, HAZARD_TYPE, base_url=URL)
    plate = make_plate(symbol, record, HAZARD_TYPE, AGENCIES[0], SIZES[size], host=HOST)
    assert plate.size.qr >= SMALLEST_QR
    assert plate.size.qr / plate.width >= SMALLEST_MODULE
    assert plate.size.qr < plate.size.width
    assert (plate.code, plate.number, plate.premises) == (
        f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}",
        "12/345/2569",
        "ข" * 100,
    )
    with pytest.raises(Refused, match="too fine"):
        make_plate(symbol, record, HAZARD_TYPE, AGENCIES[0], replace(SIZES[size], qr=20.0), host=HOST)


def test_a_type_without_qr_and_a_license_no_longer_in_use_have_no_plate(
    register: Founded, card: bytes
) -> None:
    code = register.issue(kind=TRADE)
    with register.services.database.reading() as session:
        record, _ = record_in_force(session, register.row(code), register.services.signers(session).ring)
    refusals: list[tuple[str, Callable[[], object]]] = [
        ("image-only", lambda: plate_symbol(None, record, Status.VALID, TRADE_TYPE, base_url=URL)),
        ("no-plate", lambda: plate_symbol(card, record, Status.INVALID, HAZARD_TYPE, base_url=URL)),
        ("no-plate", lambda: plate_symbol(card, record, Status.ENDED, HAZARD_TYPE, base_url=URL)),
        ("no-card", lambda: plate_symbol(None, record, Status.VALID, HAZARD_TYPE, base_url=URL)),
    ]
    for why, make in refusals:
        with pytest.raises(Refused) as refused:
            make()
        assert refused.value.code == why
