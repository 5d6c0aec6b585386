"""The words of batches, and a row's content as it is stored: what a file would do, counted and kept.

A batch is proposed, released by somebody who may, and entered in blocks; it can be withdrawn before
its release and undone after it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from keys.acts import ActKind
from keys.catalog import Text
from keys.dates import parse_date
from registry.acts import OrderRequest
from registry.applications import Application
from registry.intake.faults import RowFault


class State(StrEnum):
    """How far a batch is; while it is being read it can only be waited for.

    One that was received waits for its columns to be said, one that was refused could not be read.
    """

    RECEIVED = "received"
    READING = "reading"
    REFUSED = "refused"
    PROPOSED = "proposed"
    RELEASED = "released"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"


# A person decides what becomes of these.
OPEN = (State.RECEIVED, State.REFUSED, State.PROPOSED)


class Kind(StrEnum):
    """What a row is beside the register; rows of the last three kinds go nowhere."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MISSING = "missing"
    CONFLICT = "conflict"
    FAULT = "fault"
    STALE = "stale"


PROBLEMS = (Kind.FAULT, Kind.CONFLICT, Kind.STALE)

STATE_WORDS: dict[State, Text] = {
    State.RECEIVED: Text("รอจับคู่คอลัมน์", "waits for its columns"),
    State.READING: Text("กำลังอ่านไฟล์", "being read"),
    State.REFUSED: Text("อ่านไฟล์ไม่ได้", "could not be read"),
    State.PROPOSED: Text("รอเผยแพร่", "waits for release"),
    State.RELEASED: Text("กำลังเผยแพร่", "being published"),
    State.DONE: Text("เผยแพร่แล้ว", "published"),
    State.WITHDRAWN: Text("ถอนแล้ว", "withdrawn"),
    State.UNDONE: Text("เรียกคืนแล้ว", "undone"),
}

KIND_WORDS: dict[Kind, Text] = {
    Kind.NEW: Text("ใหม่", "new"),
    Kind.CHANGED: Text("เปลี่ยน", "changed"),
    Kind.UNCHANGED: Text("เหมือนเดิม", "unchanged"),
    Kind.MISSING: Text("ไม่อยู่ในไฟล์", "missing from the file"),
    Kind.CONFLICT: Text("ขัดกัน", "in conflict"),
    Kind.FAULT: Text("มีข้อผิดพลาด", "with faults"),
    Kind.STALE: Text("มีผู้แก้ไขหลังการเปรียบเทียบ", "changed by somebody since"),
}


class Release(StrEnum):
    """What may go in of a file with faults or conflicts: nothing, or the good rows."""

    ALL_OR_NOTHING = "all"
    GOOD_ROWS = "good"


class Missing(StrEnum):
    """What happens to licenses in force that the file no longer has."""

    LEAVE = "leave"
    END = "end"
    ASK = "ask"


class NameAlone(StrEnum):
    """What a changed holder's name is where no 13-digit number tells; `ask` makes it a conflict."""

    ASK = "ask"
    AMENDMENT = "amendment"
    TRANSFER = "transfer"

    @property
    def act(self) -> ActKind | None:
        """The act, or None."""
        return None if self is NameAlone.ASK else ActKind[self.name]


@dataclass(frozen=True, slots=True)
class Options:
    """What was decided about a file before it was compared; the last three are for the orders it makes.

    A status column says who is suspended or revoked; `until` is then the suspensions' last day, and
    `reason` the controlled code of the revocations.
    """

    release: Release = Release.ALL_OR_NOTHING
    missing: Missing = Missing.ASK
    name_alone: NameAlone = NameAlone.ASK
    legal_basis: str = ""
    reason: str | None = None
    until: date | None = None

    def as_json(self) -> dict[str, str]:
        """The options as they are stored."""
        return {key: str(value) for key, value in asdict(self).items() if value is not None}

    @classmethod
    def of(cls, stored: Mapping[str, str]) -> "Options":
        """The options of their stored form."""
        return cls(
            Release(stored["release"]),
            Missing(stored["missing"]),
            NameAlone(stored["name_alone"]),
            stored["legal_basis"],
            stored.get("reason"),
            parse_date(stored["until"]) if "until" in stored else None,
        )


@dataclass(frozen=True, slots=True)
class Planned:
    """What one row means for the register, before anything happens.

    `acts` are entered one after the other; `application` is the face they lead to, `decision` the
    content of an order among them, and `base_index` the version of the license compared with.
    `remarks` say why it goes nowhere, or what somebody should look at.
    """

    kind: Kind
    number: str
    row: int | None = None
    code: str | None = None
    base_index: int | None = None
    acts: tuple[ActKind, ...] = ()
    changes: tuple[str, ...] = ()
    application: Application | None = None
    decision: OrderRequest | None = None
    remarks: tuple[RowFault, ...] = ()


def pack_application(application: Application) -> dict[str, Any]:
    """An application as JSON: dates as ISO text, what is empty left out."""
    packed = {
        name: value for name in Application.__slots__ if (value := getattr(application, name)) not in _EMPTY
    }
    for name in ("valid_from", "valid_until", "issued"):
        if name in packed:
            packed[name] = packed[name].isoformat()
    return packed


_EMPTY: tuple[object, ...] = (None, (), {})


def unpack_application(packed: Mapping[str, Any]) -> Application:
    """The application of its JSON."""
    content = {"valid_until": None, **packed}
    content["valid_from"] = date.fromisoformat(content["valid_from"])
    for name in ("valid_until", "issued"):
        if content.get(name):
            content[name] = date.fromisoformat(content[name])
    for name in ("conditions", "linked"):
        if name in content:
            content[name] = tuple(content[name])
    return Application(**content)


def pack_order(request: OrderRequest) -> dict[str, Any]:
    """An order's content as JSON."""
    packed = {key: value for key, value in asdict(request).items() if value is not None}
    for name in ("begins", "until"):
        if name in packed:
            packed[name] = packed[name].isoformat()
    return packed | {"act": request.act.name}


def unpack_order(packed: Mapping[str, Any]) -> OrderRequest:
    """The order's content of its JSON."""
    dates = {name: parse_date(packed[name]) for name in ("begins", "until") if name in packed}
    return OrderRequest(**{**packed, **dates, "act": ActKind[packed["act"]]})
