"""What a system was answered, kept so that a request sent twice is carried out once.

A system that got no answer sends its request again under the same `Idempotency-Key` and gets the
answer of the first; another request under a key already used is refused.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from registry.errors import refuse
from registry.models import ApiAnswer

KEPT = timedelta(days=7)
LONGEST_NAME = 200


def require_name(name: str) -> str:
    """The `Idempotency-Key` of a request; raises `Refused` unless it is 1 to 200 visible ASCII characters."""
    if not 0 < len(name) <= LONGEST_NAME or not name.isascii() or not name.isprintable() or " " in name:
        raise refuse(
            "idempotency-key",
            f"ส่งหัว Idempotency-Key ที่ไม่ซ้ำกับคำขออื่น ยาว 1 ถึง {LONGEST_NAME} ตัวอักษร ASCII",
            f"Send a header Idempotency-Key, 1 to {LONGEST_NAME} visible ASCII characters, new for each request",
            field="Idempotency-Key",
        )
    return name


def known_answer(session: Session, api_key: str, name: str, request_hash: bytes) -> ApiAnswer | None:
    """What the request of this name was answered, None when it is new.

    Raises `Refused` when another request had this name.
    """
    found = session.get(ApiAnswer, (api_key, name))
    if found is not None and found.request_hash != request_hash:
        raise refuse(
            "idempotency-reused",
            "Idempotency-Key นี้ใช้กับคำขออื่นไปแล้ว ใช้ค่าใหม่สำหรับคำขอใหม่",
            "This Idempotency-Key was sent with another request: take a new one for a new request",
            field="Idempotency-Key",
        )
    return found


def keep_answer(
    session: Session,
    api_key: str,
    name: str,
    request_hash: bytes,
    *,
    status: int,
    answer: dict[str, Any],
    at: datetime,
) -> ApiAnswer:
    """Keep an answer for a week, in the transaction of what it answers; those older than that go."""
    session.execute(delete(ApiAnswer).where(ApiAnswer.at < at - KEPT))
    kept = ApiAnswer(
        api_key=api_key, name=name, request_hash=request_hash, status=status, answer=answer, at=at
    )
    session.add(kept)
    session.flush()
    return kept
