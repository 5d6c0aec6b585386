"""What a newcomer is shown of the demonstration: log-ins, and one link for each thing a reader may be told."""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.base10 import to_digits
from keys.card import LINK_PATH
from keys.catalog import Text
from keys.code import make_code
from keys.cose import parse_sign1, sign1
from keys.signing import SeedSigner
from registry.errors import RegistryError
from registry.models import EntryRow, LicenseRow
from registry.queries import chain_of

CODE_PATH = "/c/"
FILE_NAME = "demo.json"


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in as one officer of the demonstration."""

    login: str
    password: str
    name: str
    role: str
    agency: Text


@dataclass(frozen=True, slots=True)
class Link:
    """A path on the public pages, the verdict it leads to (empty where there is none), and its words."""

    key: str
    verdict: str
    label: Text
    path: str


@dataclass(frozen=True, slots=True)
class Showcase:
    """All of it, and the seed and day that fix the content."""

    seed: int
    as_of: str
    licenses: int
    logins: tuple[Login, ...]
    links: tuple[Link, ...]

    def link(self, key: str) -> Link:
        """The link with this key."""
        return next(link for link in self.links if link.key == key)


class _To(StrEnum):
    """Where a link leads."""

    CARD = "the newest plate's QR"
    FIRST_CARD = "the first plate's QR"
    CODE = "the typed code"
    FORGED = "a card signed with a key that is not of the register"
    DAMAGED = "a link with digits missing"
    MISTYPED = "a code with one digit wrong"
    UNKNOWN = "a code that nobody has"


# Key, verdict, where to, the planned license, words in Thai and English.
_LINKS: tuple[tuple[str, str, _To, str, str, str], ...] = (
    ("valid", "VALID", _To.CARD, "valid", "ใช้ได้", "Valid"),
    ("renewal-pending", "RENEWAL_PENDING", _To.CARD, "renewal-pending", "รอผลต่ออายุ", "Renewal pending"),
    ("not-yet-valid", "NOT_YET_VALID", _To.CARD, "not-yet-valid", "ยังไม่ถึงวันเริ่มใช้", "Not valid yet"),
    ("expired", "EXPIRED", _To.CARD, "expired", "หมดอายุ", "Expired"),
    ("suspended", "SUSPENDED", _To.CARD, "suspended", "ถูกพักใช้", "Suspended"),
    ("revoked", "REVOKED", _To.CARD, "revoked", "ถูกเพิกถอน", "Revoked"),
    ("voided", "REVOKED", _To.CARD, "voided", "ถูกยกเลิกเพราะออกโดยผิดพลาด", "Voided: issued in error"),
    ("ended", "ENDED", _To.CARD, "succeeded", "สิ้นสุด มีใบใหม่แทน", "Ended: succeeded by a new license"),
    ("not-genuine", "NOT_GENUINE", _To.FORGED, "valid", "ป้ายปลอม", "A forged card"),
    ("not-found", "NOT_FOUND", _To.UNKNOWN, "", "ไม่พบในทะเบียน", "A code nobody has"),
    ("cannot-tell", "CANNOT_TELL", _To.FIRST_CARD, "closed-replaced", "ยังบอกไม่ได้: ป้ายเก่าของประเภทที่ไม่เปิดเผย",
     "Cannot tell: an older plate of a type that is not public"),
    ("older-plate", "VALID", _To.FIRST_CARD, "replaced", "ป้ายเก่าที่มีใบแทนแล้ว", "An older plate, since replaced"),
    ("damaged", "", _To.DAMAGED, "valid", "ลิงก์ไม่ครบ", "A damaged link"),
    ("mistyped", "", _To.MISTYPED, "valid", "รหัสพิมพ์ผิด", "A mistyped code"),
    ("ten-acts", "VALID", _To.CODE, "ten-acts", "ประวัติ 10 รายการ", "A history of ten acts"),
    ("renewed-without-gap", "VALID", _To.CARD, "renewed-without-gap", "ต่ออายุโดยไม่ขาดช่วง", "Renewed without a gap"),
    ("renewal-refused", "EXPIRED", _To.CARD, "renewal-refused", "ไม่ได้รับอนุญาตให้ต่ออายุ", "Renewal refused"),
    ("suspended-and-filed", "SUSPENDED", _To.CARD, "suspended-and-filed", "ถูกพักใช้ ระหว่างรอต่ออายุ",
     "Suspended, renewal filed"),
    ("suspension-over", "VALID", _To.CARD, "suspension-over", "พ้นการพักใช้แล้ว", "A suspension that is over"),
    ("ceased", "ENDED", _To.CARD, "ceased", "เลิกกิจการ", "Ceased"),
    ("surrendered", "ENDED", _To.CARD, "surrendered", "คืนใบอนุญาต", "Surrendered"),
    ("transferred", "VALID", _To.CARD, "transferred", "โอนให้ผู้รับใหม่", "Transferred to a new holder"),
    ("pair", "VALID", _To.CARD, "clinic", "คู่กัน: ตั้งสถานพยาบาล", "A linked pair: to establish"),
    ("pair-operation", "VALID", _To.CARD, "clinic-operation", "คู่กัน: ดำเนินการ", "A linked pair: to operate"),
    ("no-end", "VALID", _To.CARD, "no-end", "ไม่มีวันหมดอายุ", "No end date"),
    ("image-only", "VALID", _To.CODE, "image-only", "แสดงเป็นภาพเท่านั้น ไม่มีคิวอาร์", "Image only, no QR"),
    ("closed", "VALID", _To.CARD, "closed", "ประเภทที่ไม่ต้องแสดงโดยเปิดเผย", "A type not openly displayed"),
)  # fmt: skip


def make_links(session: Session, codes: Mapping[str, str]) -> tuple[Link, ...]:
    """The links of the table, `codes` giving the code of each planned license by name."""
    return tuple(
        Link(key, verdict, Text(th, en), _path(session, to, codes.get(name, "")))
        for key, verdict, to, name, th, en in _LINKS
    )


def _path(session: Session, to: _To, code: str) -> str:
    if to in _TYPED:
        return CODE_PATH + _TYPED[to](session, code)
    digits = to_digits(_SCANNED[to](session, code))
    return LINK_PATH + (digits[:-_MISSING_DIGITS] if to is _To.DAMAGED else digits)


def _card(session: Session, code: str, *, first: bool = False) -> bytes:
    order = EntryRow.log_index if first else EntryRow.log_index.desc()
    acts = chain_of(code, session.get_one(LicenseRow, code).agency)
    card = session.scalars(
        select(EntryRow.card)
        .join(acts, EntryRow.log_index == acts.c.log_index)
        .where(EntryRow.card.is_not(None))
        .order_by(order)
        .limit(1)
    ).first()
    if card is None:
        raise RegistryError(f"license {code} has no card")
    return card


def _forge(card: bytes) -> bytes:
    """The same card under a signature of somebody who has none of the register's keys."""
    return sign1(parse_sign1(card).payload, SeedSigner(secrets.token_bytes(32)))


def _unknown(session: Session) -> str:
    while True:
        code = make_code(secrets.randbelow(10**12))
        if session.get(LicenseRow, code) is None:
            return code


def _mistype(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


_MISSING_DIGITS = 40
_TYPED: Mapping[_To, Callable[[Session, str], str]] = {
    _To.CODE: lambda _, code: code,
    _To.MISTYPED: lambda _, code: _mistype(code),
    _To.UNKNOWN: lambda session, _: _unknown(session),
}
_SCANNED: Mapping[_To, Callable[[Session, str], bytes]] = {
    _To.CARD: _card,
    _To.FIRST_CARD: partial(_card, first=True),
    _To.FORGED: lambda session, code: _forge(_card(session, code)),
    _To.DAMAGED: _card,
}


def save_showcase(folder: Path, showcase: Showcase) -> Path:
    """Write the showcase below the register's folder, readable by its owner alone; gives the file."""
    path = folder / FILE_NAME
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(showcase), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return path


def read_showcase(folder: Path) -> Showcase | None:
    """The showcase of the register in `folder`; None where the register is not a demonstration."""
    try:
        value = json.loads((folder / FILE_NAME).read_text("utf-8"))
    except FileNotFoundError:
        return None
    try:
        return _parse(value)
    except (KeyError, TypeError) as error:
        raise RegistryError(f"{folder / FILE_NAME} is not a showcase") from error


def _parse(value: Any) -> Showcase:
    def words(item: Any) -> Text:
        return Text(item["th"], item["en"])

    return Showcase(
        seed=value["seed"],
        as_of=value["as_of"],
        licenses=value["licenses"],
        logins=tuple(Login(**{**item, "agency": words(item["agency"])}) for item in value["logins"]),
        links=tuple(Link(**{**item, "label": words(item["label"])}) for item in value["links"]),
    )
