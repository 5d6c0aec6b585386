"""What the public sees of a license's status, and what it will see after an act: words and shape.

The rows are those of the verdict table; the office has no evidence to judge, so the rows about
evidence are not here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from keys.acts import ActKind, Status
from keys.catalog import LicenseType, Text
from keys.dates import bangkok_date, show_date, to_days
from keys.keyring import KeyRing
from keys.opening import open_statement
from keys.record import Order
from registry.acts import OrderRequest
from registry.queries import HistoryRow
from search.query import verdict

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Seen:
    """A verdict in words; `tone` answers whether the place may operate, `shape` tells the kind."""

    verdict: str
    tone: str
    shape: str
    headline: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Row:
    tone: str
    shape: str
    headline: Text


_ROWS: dict[str, _Row] = {
    "VALID": _Row(YES, "check", Text("{kind}แท้ · ประกอบกิจการได้วันนี้", "Genuine. May operate today")),
    "RENEWAL_PENDING": _Row(
        YES,
        "hourglass",
        Text(
            "{kind}แท้ · ประกอบกิจการได้ ระหว่างรอต่ออายุ",
            "Genuine. May operate while renewal is decided",
        ),
    ),
    "NOT_YET_VALID": _Row(NO, "clock", Text("{kind}แท้ · ยังไม่ถึงวันเริ่มใช้", "Genuine. Not valid yet")),
    "EXPIRED": _Row(NO, "cross", Text("{kind}หมดอายุแล้ว · ประกอบกิจการไม่ได้", "Expired. May not operate")),
    "SUSPENDED": _Row(
        NO,
        "bars",
        Text("{kind}ถูกพักใช้ · ประกอบกิจการไม่ได้{until}", "Suspended. May not operate{until}"),
    ),
    "REVOKED": _Row(NO, "cross", Text("{kind}ถูกเพิกถอน · ประกอบกิจการไม่ได้", "Revoked. May not operate")),
    "VOIDED": _Row(NO, "cross", Text("{kind}ถูกยกเลิกเพราะออกโดยผิดพลาด · ใช้ไม่ได้", "Voided: issued in error")),
    "ENDED": _Row(NO, "cross", Text("{kind}สิ้นสุดแล้ว", "No longer in use")),
}
BADGES: dict[str, Text] = {
    "VALID": Text("ใช้ได้", "Valid"),
    "RENEWAL_PENDING": Text("รอต่ออายุ", "Renewal pending"),
    "NOT_YET_VALID": Text("ยังไม่เริ่มใช้", "Not valid yet"),
    "EXPIRED": Text("หมดอายุ", "Expired"),
    "SUSPENDED": Text("ถูกพักใช้", "Suspended"),
    "REVOKED": Text("ถูกเพิกถอนหรือยกเลิก", "Revoked or voided"),
    "ENDED": Text("สิ้นสุดแล้ว", "Ended"),
}
OUTCOME_WORDS: dict[str, Text] = {
    "ceased": Text("เลิกกิจการ", "Ceased"),
    "surrendered": Text("คืนใบอนุญาต", "Surrendered"),
    "succeeded": Text("มีใบใหม่แทน: ดูใบใหม่", "Succeeded: see the new license"),
}


def verdict_on(status: Status, valid_from: date, valid_until: date | None, day: date) -> str:
    """The verdict that a standing and dates give on a day."""
    until = to_days(valid_until) if valid_until else None
    return verdict(status, to_days(valid_from), until, to_days(day))


def tone_of(found: str) -> str:
    """Whether a place may operate under a verdict: `yes` or `no`."""
    return _ROWS[found].tone


@dataclass(frozen=True, slots=True)
class Standing:
    """What a verdict follows from: status, dates, and the order that explains the status with its day."""

    status: Status
    valid_from: date
    valid_until: date | None
    order: Order | OrderRequest | None = None
    since: date | None = None


def see(
    standing: Standing, kind: LicenseType, reasons: Mapping[str, Text], *, day: date, language: str
) -> Seen:
    """The words for a standing on `day`."""
    order = standing.order
    found = verdict_on(standing.status, standing.valid_from, standing.valid_until, day)
    row = _ROWS["VOIDED" if order is not None and order.act is ActKind.VOIDING else found]
    end = order.until if order is not None else None
    until = Text(f"ถึง {show_date(end, 'th')}", f" until {show_date(end, 'en')}") if end else Text("", "")
    headline = row.headline.show(language).format(
        kind=kind.kind.show(language), until=until.show(language) if found == "SUSPENDED" else ""
    )
    return Seen(found, row.tone, row.shape, headline, _detail(found, standing, reasons).show(language))


def _detail(found: str, standing: Standing, reasons: Mapping[str, Text]) -> Text:
    start, end = standing.valid_from, standing.valid_until
    if found == "NOT_YET_VALID":
        return Text(f"เริ่มใช้ {show_date(start, 'th')}", f"Begins {show_date(start, 'en')}")
    if found == "EXPIRED" and end:
        return Text(f"หมดอายุเมื่อ {show_date(end, 'th')}", f"Ended {show_date(end, 'en')}")
    if found == "VALID":
        words = (
            Text(f"ใช้ได้ถึง {show_date(end, 'th')}", f"Valid until {show_date(end, 'en')}")
            if end
            else Text("ไม่มีวันหมดอายุ", "No end date")
        )
        filed = standing.status is Status.RENEWAL_PENDING
        return Text(f"{words.th} · ยื่นต่ออายุแล้ว", f"{words.en} · Renewal filed") if filed else words
    return _order_detail(found, standing.order, standing.since, reasons)


def _order_detail(
    found: str, order: Order | OrderRequest | None, since: date | None, reasons: Mapping[str, Text]
) -> Text:
    if order is None or since is None:
        return Text("", "")
    day = Text(show_date(since, "th"), show_date(since, "en"))
    if found == "RENEWAL_PENDING":
        return Text(
            f"ยื่นต่ออายุและชำระค่าธรรมเนียมแล้วเมื่อ {day.th} กฎหมายให้ประกอบกิจการต่อได้จนกว่าจะมีคำสั่ง",
            f"Renewal filed and paid on {day.en}",
        )
    if order.outcome:
        words = OUTCOME_WORDS[order.outcome]
        return Text(f"{words.th} เมื่อ {day.th}", f"{words.en}, {day.en}")
    reason = reasons.get(order.reason or "")
    if reason and found == "REVOKED" and order.act is ActKind.REVOCATION:
        return Text(f"ตั้งแต่ {day.th} · เหตุ: {reason.th}", f"Since {day.en} · {reason.en}")
    return Text(f"ตั้งแต่ {day.th}", f"Since {day.en}")


# The orders that a status is told by.
_TELLING: dict[Status, frozenset[ActKind]] = {
    Status.SUSPENDED: frozenset({ActKind.SUSPENSION}),
    Status.SUSPENDED_PENDING: frozenset({ActKind.SUSPENSION}),
    Status.RENEWAL_PENDING: frozenset({ActKind.RENEWAL_FILING}),
    Status.INVALID: frozenset({ActKind.REVOCATION, ActKind.VOIDING}),
    Status.ENDED: frozenset({ActKind.ENDING}),
}


def telling_order(
    status: Status, history: Sequence[HistoryRow], ring: KeyRing
) -> tuple[Order | None, date | None]:
    """The newest order that explains a status, opened, and the day since when it holds."""
    for row in history:
        if row.act in _TELLING.get(status, frozenset()) and row.statement is not None:
            order = open_statement(row.statement, ring).value
            if isinstance(order, Order):
                entered = bangkok_date(row.moment)
                return order, order.begins or entered
    return None, None
