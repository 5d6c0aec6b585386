"""Files to spoil, and one look at a spoiled one: rows or a refusal, and nothing else ever."""

import io
import json
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import xlsxwriter

from keys.catalog import Agency, Text
from registry.demo.license_types import JURISTIC, license_types
from registry.errors import Refused
from registry.intake.columns import fit
from registry.intake.guessing import guess_columns
from registry.intake.readers import open_sheet
from registry.intake.rows import read_rows
from tests.registry.intake.sheets import DATA

KIND = license_types()[JURISTIC]
AGENCY = Agency(1, "a", Text("ก", "a"), "", Text("", ""), (), {JURISTIC: None})
TITLES = ("ที่", "เลขทะเบียน", "ชื่อนิติบุคคล", "วันที่จดทะเบียน", "ทุนจดทะเบียน\n (บาท)", "ที่ตั้ง", "สถานะ")
LINES = (
    (
        "1",
        "0105558004940",
        "บจ.หนึ่ง จำกัด",
        "12/1/2558",
        " 2,000,000 ",
        "1 แขวงบางนา เขตบางนา กรุงเทพมหานคร",
        "ปกติ",
    ),
    ("2", "0105558002009", 'บจ."สอง"', "1 ม.ค. 58", "๑๐๐", "9 ต.กรอกสมบูรณ์ อ.ศรีมหาโพธิ จ.ปราจีนบุรี", "เลิก"),
    ("3", "0105558000316", "=A1", "0000-00-00", "#N/A", "", "-"),
)
PIECES = (
    *(b'"', b'""', b",", b";", b"\t", b"\r", b"\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04"),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b"\\u0000",
        b"\\ud800",
        b"1e999",
        b"NaN",
        b"-",
        b"=1+1",
        b"/",
        b"9" * 40,
        b"\xa1" * 9,
    ),
)
_HEAD = 4000


def table(*, separator: str = ",", encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """The rows as a CSV, cells with line breaks quoted."""

    def cell(text: str) -> str:
        quoted = text.replace('"', '""')
        return f'"{quoted}"' if any(c in text for c in f'"\n{separator}') else text

    return end.join(separator.join(map(cell, row)) for row in (TITLES, *LINES)).encode(encoding)


def workbook() -> bytes:
    """The rows as an XLSX."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate((TITLES, *LINES)):
            sheet.write_row(at, 0, row)
        sheet.merge_range("A6:C7", "รวม")
    return file.getvalue()


def texts() -> list[bytes]:
    """One small file of each kind of text, and the heads of real ones where they are."""
    rows = [dict(zip(TITLES, line, strict=True)) for line in LINES]
    features = [{"type": "Feature", "properties": row, "geometry": {"x": [1.5, None]}} for row in rows]
    made = [
        table(),
        table(separator=";", encoding="cp874", end="\r"),
        table(separator="\t", encoding="utf-16"),
        "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(),
        json.dumps({"type": "FeatureCollection", "features": features}, indent=1).encode(),
        json.dumps(rows).encode(),
    ]
    found = [path for path in sorted(DATA.glob("*/*")) if path.suffix in (".csv", ".json", ".geojson")]
    return made + [path.read_bytes()[:_HEAD] for path in found]


def spoiled(content: bytes, rng: random.Random, others: list[bytes]) -> bytes:
    """The file with one to four things gone wrong."""
    out = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(out) + 1)
        kind = rng.randrange(6)
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at:at] = rng.choice(PIECES)
        elif kind == 2:
            del out[at : at + rng.randint(1, 40)]
        elif kind == 3:
            out[at:at] = bytes(out[at : at + rng.randint(1, 200)]) * rng.randint(1, 30)
        elif kind == 4:
            other = rng.choice(others)
            out[at:] = other[rng.randrange(len(other) + 1) :]
        else:
            out[at : at + 4] = rng.randbytes(4)
    return bytes(out)


def many_spoiled(count: int, seed: int) -> Iterator[bytes]:
    """So many files of text, each spoiled in its own way; the same for the same seed."""
    rng, whole = random.Random(seed), texts()
    for _ in range(count):
        yield spoiled(rng.choice(whole), rng, whole)


def look(path: Path) -> str:
    """What became of a file: its number of rows, or the code it was refused with; all else escapes."""
    try:
        sheet = open_sheet(path)
        mapped = fit(sheet, guess_columns(sheet, KIND).mapping)
        return str(sum(1 for _ in read_rows(mapped, KIND, AGENCY, today=date(2026, 3, 2))))
    except Refused as refused:
        return refused.code if refused.words.th and refused.words.en else "no words"
