"""What each verdict says: headline in up to two lines, one line of detail, shape, color and pill.

Each cell lists spellings from the fullest to the barest; the first whose values are all known is
used.  Color answers one question only: may this place operate today?
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from keys.acts import ActKind
from keys.catalog import Text
from keys.dates import bangkok_date, from_seconds, show_date
from keys.record import Order
from verify.spelling import show_age
from verify.verdict import Detail, Kind, Verdict
from verify.words import SOME_KIND, WORDS


@dataclass(frozen=True, slots=True)
class Headline:
    """The words of one row: spellings of the headline (lines parted by ` · `) and of the detail."""

    tone: str
    shape: str
    title: tuple[Text, ...]
    detail: tuple[Text, ...] = ()


_UNSURE = Text("ยังบอกไม่ได้", "Cannot tell yet")

_HEADLINES: Mapping[tuple[Kind, Detail | None], Headline] = {
    (Kind.VALID, None): Headline(
        "yes",
        "check",
        (Text("{kind}แท้ · ประกอบกิจการได้วันนี้", "Genuine. · May operate today"),),
        (Text("ใช้ได้ถึง {until}", "Valid until {until}"), WORDS["no_end"]),
    ),
    (Kind.VALID, Detail.RENEWAL_FILED): Headline(
        "yes",
        "check",
        (Text("{kind}แท้ · ประกอบกิจการได้วันนี้", "Genuine. · May operate today"),),
        (
            Text("ใช้ได้ถึง {until} · ยื่นต่ออายุแล้ว", "Valid until {until} · Renewal filed"),
            WORDS["renewal_filed"],
        ),
    ),
    (Kind.RENEWAL_PENDING, None): Headline(
        "yes",
        "hourglass",
        (
            Text(
                "{kind}แท้ · ประกอบกิจการได้ ระหว่างรอต่ออายุ",
                "Genuine. · May operate while renewal is decided",
            ),
        ),
        (
            Text(
                "ยื่นต่ออายุและชำระค่าธรรมเนียมแล้วเมื่อ {filed} กฎหมายให้ประกอบกิจการต่อได้จนกว่าจะมีคำสั่ง",
                "Renewal filed and paid on {filed}",
            ),
            Text(
                "ยื่นต่ออายุและชำระค่าธรรมเนียมแล้ว กฎหมายให้ประกอบกิจการต่อได้จนกว่าจะมีคำสั่ง",
                "Renewal filed and paid",
            ),
        ),
    ),
    (Kind.NOT_YET_VALID, None): Headline(
        "no",
        "clock",
        (Text("{kind}แท้ · ยังไม่ถึงวันเริ่มใช้", "Genuine. · Not valid yet"),),
        (Text("เริ่มใช้ {begins}", "Begins {begins}"),),
    ),
    (Kind.EXPIRED, None): Headline(
        "no",
        "cross",
        (Text("{kind}หมดอายุแล้ว · ประกอบกิจการไม่ได้", "Expired. · May not operate"),),
        (Text("หมดอายุเมื่อ {until}", "Ended {until}"),),
    ),
    (Kind.SUSPENDED, None): Headline(
        "no",
        "bars",
        (
            Text(
                "{kind}ถูกพักใช้ · ประกอบกิจการไม่ได้ถึง {order_until}",
                "Suspended. · May not operate until {order_until}",
            ),
            Text("{kind}ถูกพักใช้ · ประกอบกิจการไม่ได้", "Suspended. · May not operate"),
        ),
        (Text("ตั้งแต่ {since}", "Since {since}"),),
    ),
    (Kind.REVOKED, Detail.VOIDED): Headline(
        "no",
        "cross",
        (Text("{kind}ถูกยกเลิกเพราะออกโดยผิดพลาด · ใช้ไม่ได้", "Voided: · issued in error"),),
        (Text("ตั้งแต่ {since}", "Since {since}"),),
    ),
    (Kind.REVOKED, None): Headline(
        "no",
        "cross",
        (Text("{kind}ถูกเพิกถอน · ประกอบกิจการไม่ได้", "Revoked. · May not operate"),),
        (
            Text("ตั้งแต่ {since} · เหตุ: {reason}", "Since {since} · {reason}"),
            Text("ตั้งแต่ {since}", "Since {since}"),
        ),
    ),
    (Kind.ENDED, None): Headline(
        "no",
        "cross",
        (Text("{kind}สิ้นสุดแล้ว", "No longer in use"),),
        (Text("{outcome} เมื่อ {since}", "{outcome}, {since}"),),
    ),
    (Kind.NOT_GENUINE, None): Headline(
        "foreign",
        "cross",
        (Text("ไม่ใช่เอกสารของทางราชการ", "Not an official document"),),
        (
            Text(
                "คิวอาร์นี้ไม่ได้ออกจากทะเบียนนี้ อาจถูกแก้ไขหรือปลอม",
                "This QR was not issued by this register: altered or forged",
            ),
        ),
    ),
    (Kind.NOT_GENUINE, Detail.KEY_DENIED): Headline(
        "foreign",
        "cross",
        (Text("ป้ายนี้ใช้ยืนยันไม่ได้", "This plate proves nothing"),),
        (
            Text(
                "กุญแจลงนามถูกยกเลิก ถ้าเป็นป้ายจริง หน่วยงานออกป้ายใหม่ให้ฟรี",
                "Its signing key was withdrawn. If it is real, the agency replaces it free",
            ),
        ),
    ),
    (Kind.NOT_FOUND, None): Headline(
        "none",
        "lens",
        (Text("ไม่พบในทะเบียนนี้", "Not in this register"),),
        (
            Text(
                "รหัส {code} ถูกรูปแบบ แต่ไม่มีใบอนุญาตนี้",
                "The code {code} is well formed, but there is no such license",
            ),
        ),
    ),
    (Kind.CANNOT_TELL, Detail.NEWER_THAN_EVIDENCE): Headline(
        "unsure",
        "warning",
        (Text("ใบนี้ใหม่กว่าข้อมูลที่มี", "Newer than our evidence"),),
        (Text("ลองใหม่ในอีกสักครู่", "Try again in a moment"),),
    ),
    (Kind.CANNOT_TELL, Detail.NEWER_VERSION): Headline(
        "unsure",
        "warning",
        (Text("มีฉบับใหม่กว่าป้ายนี้", "A newer version exists"),),
        (Text("ต่ออินเทอร์เน็ตแล้วสแกนอีกครั้ง", "Go on line and scan again"),),
    ),
    (Kind.CANNOT_TELL, Detail.EVIDENCE_MISSING): Headline(
        "unsure",
        "warning",
        (Text("ข้อมูลสถานะยังไม่ครบ", "Status evidence is missing"),),
        (Text("ลองใหม่ หรือโทรถามหน่วยงาน", "Try again or call the agency"),),
    ),
    (Kind.CANNOT_TELL, Detail.CLOCK_WRONG): Headline(
        "unsure",
        "warning",
        (_UNSURE,),
        (
            Text(
                "นาฬิกาของระบบช้ากว่าข้อมูล ลองใหม่ หรือโทรถามหน่วยงาน",
                "Our clock is behind the evidence. Try again or call the agency",
            ),
        ),
    ),
    (Kind.CANNOT_TELL, None): Headline(
        "unsure",
        "warning",
        (_UNSURE,),
        (
            Text(
                "{signature}แต่ข้อมูลสถานะเก่า {age} ลองใหม่ หรือโทรถามหน่วยงาน",
                "{signature}, but the status is {age} old. Try again or call the agency",
            ),
            Text(
                "ข้อมูลสถานะเก่า {age} ลองใหม่ หรือโทรถามหน่วยงาน",
                "The status is {age} old. Try again or call the agency",
            ),
            Text("ลองใหม่ หรือโทรถามหน่วยงาน", "Try again or call the agency"),
        ),
    ),
}

_PILLS: Mapping[Kind, tuple[Text, ...]] = {
    Kind.VALID: (Text("ใช้ได้ถึง {until}", "Valid until {until}"), Text("ใช้ได้", "Valid")),
    Kind.RENEWAL_PENDING: (Text("ใช้ได้ ระหว่างรอต่ออายุ", "Valid while renewal is decided"),),
    Kind.NOT_YET_VALID: (Text("เริ่มใช้ {begins}", "Begins {begins}"),),
    Kind.EXPIRED: (Text("หมดอายุ {until}", "Expired {until}"),),
    Kind.SUSPENDED: (Text("ถูกพักใช้", "Suspended"),),
    Kind.REVOKED: (Text("ถูกเพิกถอน", "Revoked"),),
    Kind.ENDED: (Text("สิ้นสุดแล้ว", "No longer in use"),),
    Kind.NOT_GENUINE: (Text("ใช้ยืนยันไม่ได้", "Proves nothing"),),
    Kind.NOT_FOUND: (Text("ไม่พบ", "Not found"),),
    Kind.CANNOT_TELL: (Text("ยังบอกไม่ได้", "Cannot tell"),),
}

KIND_WORDS: Mapping[Kind, Text] = {
    Kind.VALID: Text("ใช้ได้", "valid"),
    Kind.RENEWAL_PENDING: Text("ใช้ได้ ระหว่างรอต่ออายุ", "valid while renewal is decided"),
    Kind.NOT_YET_VALID: Text("ยังไม่ถึงวันเริ่มใช้", "not valid yet"),
    Kind.EXPIRED: Text("หมดอายุ", "expired"),
    Kind.SUSPENDED: Text("ถูกพักใช้", "suspended"),
    Kind.REVOKED: Text("ถูกเพิกถอน", "revoked"),
    Kind.ENDED: Text("สิ้นสุดแล้ว", "no longer in use"),
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One verdict in words: tone and shape, the headline's lines, the detail and the pill."""

    tone: str
    shape: str
    lines: tuple[str, ...]
    detail: str
    pill: str


def speak(verdict: Verdict, language: str, *, code: str = "") -> Spoken:
    """The words of `verdict`; `code` is the typed one, shown when nothing was found."""
    row = _HEADLINES.get((verdict.kind, verdict.detail)) or _HEADLINES[verdict.kind, None]
    values = _values(verdict, language, short=False) | {"code": code}
    title = _first(row.title, values, language)
    pill = _first(_PILLS[verdict.kind], _values(verdict, language, short=True), language)
    return Spoken(row.tone, row.shape, tuple(title.split(" · ")), _first(row.detail, values, language), pill)


def _first(spellings: tuple[Text, ...], values: Mapping[str, str], language: str) -> str:
    for text in spellings:
        pattern = text.show(language)
        if all(values.get(name) for _, name, _, _ in Formatter().parse(pattern) if name):
            return pattern.format(**values)
    return ""


def _values(verdict: Verdict, language: str, *, short: bool) -> dict[str, str]:
    values = {"kind": SOME_KIND.show(language)}
    if verdict.evidence_age is not None:
        values["age"] = show_age(verdict.evidence_age, language)
    if verdict.signed:
        values["signature"] = "The signature is right" if language == "en" else "ลายมือชื่อถูกต้อง "
    license_, evidence = verdict.license, verdict.evidence
    if license_ is None or evidence is None:
        return values
    face = license_.face
    kind = evidence.catalog.types.get(face.license_type)
    if kind is not None:
        values["kind"] = kind.kind.show(language)
    values["begins"] = show_date(face.valid_from, language, short=short)
    if face.valid_until is not None:
        values["until"] = show_date(face.valid_until, language, short=short)
    return values | _order_values(verdict, language, short=short)


_DECIDING = {
    Kind.SUSPENDED: (ActKind.SUSPENSION,),
    Kind.REVOKED: (ActKind.REVOCATION, ActKind.VOIDING),
    Kind.ENDED: (ActKind.ENDING,),
    Kind.RENEWAL_PENDING: (ActKind.RENEWAL_FILING,),
}


def _order_values(verdict: Verdict, language: str, *, short: bool) -> dict[str, str]:
    license_, evidence = verdict.license, verdict.evidence
    act = license_.last(*_DECIDING.get(verdict.kind, ())) if license_ is not None else None
    if act is None or evidence is None or not isinstance(act.statement, Order):
        return {}
    order = act.statement
    since = order.begins or bangkok_date(from_seconds(act.entry.moment))
    values = {"since": show_date(since, language, short=short)}
    values["filed"] = values["since"]
    if order.until is not None:
        values["order_until"] = show_date(order.until, language, short=short)
    if order.reason is not None and order.reason in evidence.catalog.reasons:
        values["reason"] = evidence.catalog.reasons[order.reason].show(language)
    if order.outcome is not None:
        values["outcome"] = WORDS[order.outcome].show(language)
    return values
