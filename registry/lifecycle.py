"""The lifecycle as one table: what each act makes of each status.

Standing and "renewal filed" are two facts in one value (12 and 13 are VALID and SUSPENDED with a
renewal filed); only a renewal or its refusal clears the second (formats §Status lists).
"""

from keys.acts import ActKind, Status
from keys.catalog import Text
from registry.errors import refuse

_VALID, _SUSPENDED = Status.VALID, Status.SUSPENDED
_FILED, _SUSPENDED_FILED = Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING
_INVALID, _ENDED = Status.INVALID, Status.ENDED

NEXT: dict[tuple[Status | None, ActKind], Status] = {
    (None, ActKind.ISSUANCE): _VALID,
    (_VALID, ActKind.RENEWAL): _VALID,
    (_FILED, ActKind.RENEWAL): _VALID,
    (_SUSPENDED, ActKind.RENEWAL): _SUSPENDED,
    (_SUSPENDED_FILED, ActKind.RENEWAL): _SUSPENDED,
    (_VALID, ActKind.RENEWAL_FILING): _FILED,
    (_SUSPENDED, ActKind.RENEWAL_FILING): _SUSPENDED_FILED,
    (_FILED, ActKind.RENEWAL_REFUSAL): _VALID,
    (_SUSPENDED_FILED, ActKind.RENEWAL_REFUSAL): _SUSPENDED,
    (_VALID, ActKind.SUSPENSION): _SUSPENDED,
    (_FILED, ActKind.SUSPENSION): _SUSPENDED_FILED,
    (_SUSPENDED, ActKind.REINSTATEMENT): _VALID,
    (_SUSPENDED_FILED, ActKind.REINSTATEMENT): _FILED,
    **{
        (status, act): status
        for status in (_VALID, _FILED, _SUSPENDED, _SUSPENDED_FILED)
        for act in (ActKind.AMENDMENT, ActKind.TRANSFER, ActKind.REPLACEMENT)
    },
    **{
        (status, act): after
        for status in (_VALID, _FILED, _SUSPENDED, _SUSPENDED_FILED)
        for act, after in (
            (ActKind.REVOCATION, _INVALID),
            (ActKind.VOIDING, _INVALID),
            (ActKind.ENDING, _ENDED),
        )
    },
}

STATUS_WORDS: dict[Status, Text] = {
    _VALID: Text("ใช้ได้", "valid"),
    _INVALID: Text("ถูกเพิกถอนหรือยกเลิก", "revoked or voided"),
    _SUSPENDED: Text("ถูกพักใช้", "suspended"),
    _ENDED: Text("สิ้นสุดแล้ว", "ended"),
    _FILED: Text("ยื่นต่ออายุแล้ว", "renewal filed"),
    _SUSPENDED_FILED: Text("ถูกพักใช้ ยื่นต่ออายุแล้ว", "suspended, renewal filed"),
    Status.SUPERSEDED: Text("มีฉบับใหม่แทน", "superseded"),
}

ACT_WORDS: dict[ActKind, Text] = {
    ActKind.ISSUANCE: Text("ออกใบอนุญาต", "issue"),
    ActKind.RENEWAL_FILING: Text("รับคำขอต่ออายุ", "file renewal"),
    ActKind.RENEWAL_REFUSAL: Text("ไม่อนุญาตให้ต่ออายุ", "refuse renewal"),
    ActKind.RENEWAL: Text("ต่ออายุ", "renew"),
    ActKind.AMENDMENT: Text("แก้ไขรายการ", "amend"),
    ActKind.TRANSFER: Text("โอนให้ผู้รับใหม่", "transfer"),
    ActKind.REPLACEMENT: Text("ออกใบแทน", "replace"),
    ActKind.SUSPENSION: Text("พักใช้", "suspend"),
    ActKind.REINSTATEMENT: Text("ยกเลิกการพักใช้", "reinstate"),
    ActKind.REVOCATION: Text("เพิกถอน", "revoke"),
    ActKind.ENDING: Text("สิ้นสุด", "end"),
    ActKind.VOIDING: Text("ยกเลิกเพราะออกโดยผิดพลาด", "void"),
}


def next_status(status: Status | None, act: ActKind) -> Status:
    """The status after `act`; raises `Refused` when the table has no such row."""
    try:
        return NEXT[status, act]
    except KeyError:
        now = STATUS_WORDS[status] if status is not None else Text("ยังไม่ออก", "not issued")
        doing = ACT_WORDS[act]
        raise refuse(
            "lifecycle",
            f"{doing.th}ไม่ได้ เพราะใบอนุญาตนี้{now.th}",
            f"Cannot {doing.en}: this license is {now.en}",
        ) from None


def allowed_acts(status: Status) -> tuple[ActKind, ...]:
    """The acts that the table allows on a license of this status, in the order of the enumeration."""
    return tuple(act for act in ActKind if (status, act) in NEXT)
