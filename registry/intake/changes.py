"""Which change of a license's face is which act: one table, read in both directions of time.

A row that differs from the register becomes the acts that the law has for the difference, in their
order, or nothing at all: what no act can do is said, never bent into the nearest one.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from keys.acts import ActKind
from keys.catalog import Text
from registry.acts import REVISABLE
from registry.applications import Application, Fault
from registry.faces import Face

# What a change of an item is when nothing else changes with it.
ACT_OF: dict[str, ActKind] = {
    "holder_id": ActKind.TRANSFER,
    "valid_from": ActKind.RENEWAL,
    "valid_until": ActKind.RENEWAL,
    "holder": ActKind.AMENDMENT,
    "holder_en": ActKind.AMENDMENT,
    "premises": ActKind.AMENDMENT,
    "address": ActKind.AMENDMENT,
    "place": ActKind.AMENDMENT,
    "fields": ActKind.AMENDMENT,
    "conditions": ActKind.AMENDMENT,
    "linked": ActKind.AMENDMENT,
    "issued": ActKind.REPLACEMENT,
}
# A license passes to its new holder before the new holder's particulars and term are entered.
_ORDER = (ActKind.TRANSFER, ActKind.RENEWAL, ActKind.AMENDMENT, ActKind.REPLACEMENT)
_PLACES = frozenset({"place", "province", "district", "subdistrict"})
_REMEDY = Text("ทำรายการที่หน้าใบอนุญาต", "Enter it on the license's own page")


class NoAct(Exception):
    """A difference that no act makes; `fault` names the item and says what to do."""

    def __init__(self, name: str, value: object, what: Text, remedy: Text = _REMEDY) -> None:
        super().__init__(what.en)
        self.fault = Fault(name, "" if value is None else str(value), what, remedy)


@dataclass(frozen=True, slots=True)
class Step:
    """One act of a plan, and the items of the face that it changes."""

    act: ActKind
    items: tuple[str, ...]


def told(application: Application, face: Face, spoken: AbstractSet[str]) -> Application:
    """The face that a file wants: what it says, and for the rest the face in force.

    `spoken` are the flat names that the file has a column or a constant for.  A number written with
    other punctuation is the same number, and the first day of a term is not told again by the day
    from which the version is valid.
    """
    now = face.application
    kept: dict[str, Any] = {"number": now.number}
    for name in (*ACT_OF, "earlier"):
        if name not in spoken and not getattr(application, name):
            kept[name] = getattr(now, name)
    if now.place and application.address == now.address and spoken.isdisjoint(_PLACES):
        # What is only told from the address is no news beside the same address.
        kept["place"] = now.place
    own = {f"field.{key}": value for key, value in now.fields.items()}
    missing = {name.removeprefix("field."): value for name, value in own.items() if name not in spoken}
    kept["fields"] = {**missing, **application.fields}
    return _with_dates(replace(application, **kept), face, spoken)


def _with_dates(wanted: Application, face: Face, spoken: AbstractSet[str]) -> Application:
    now, first = face.application, face.term_from or face.application.valid_from
    # A renewed license's file may go on telling its very first day: that is no other start.
    same_start = wanted.valid_from == first or (face.term_from is not None and wanted.valid_from <= first)
    if "valid_from" in spoken and not same_start:
        return wanted
    until = wanted.valid_until if "valid_until" in spoken else now.valid_until
    if until and now.valid_until and until > now.valid_until:
        # A later end alone is a renewal, whose term begins where the old one ends.
        return replace(wanted, valid_from=now.valid_until + timedelta(days=1), valid_until=until)
    return replace(wanted, valid_from=now.valid_from, valid_until=until)


def changed_items(now: Application, wanted: Application) -> tuple[str, ...]:
    """The items in which two faces differ, in the order of the face."""
    return tuple(name for name in Application.__slots__ if getattr(now, name) != getattr(wanted, name))


def steps(now: Application, wanted: Application, *, name_alone: ActKind | None) -> tuple[Step, ...]:
    """The acts that lead from one face to the other, in their order; raises `NoAct`.

    `name_alone` is what a holder's name is that changes where no 13-digit number tells whether it
    is the same holder: an amendment, a transfer, or None, for a person to say.
    """
    changed = changed_items(now, wanted)
    acts = {_act_of(name, now, wanted, name_alone) for name in changed}
    if ActKind.RENEWAL in acts:
        _require_later(now, wanted)
    plan: list[Step] = []
    left = list(changed)
    for act in _ORDER:
        if act not in acts:
            continue
        # What an act may change besides goes with it: renewed particulars are no second act.
        items = tuple(name for name in left if name in REVISABLE[act])
        left = [name for name in left if name not in items]
        if items:
            plan.append(Step(act, items))
    return tuple(plan)


def _act_of(name: str, now: Application, wanted: Application, name_alone: ActKind | None) -> ActKind:
    if name not in ACT_OF:
        words = Text("แก้ค่านี้หลังออกใบอนุญาตแล้วไม่ได้", "This cannot change once a license is issued")
        raise NoAct(name, getattr(wanted, name), words)
    if name == "holder_id" and not (now.holder_id and wanted.holder_id):
        # A number that becomes known, or that a file leaves out, says nothing about another holder.
        words = Text(
            "เลข 13 หลักของผู้รับใบอนุญาตมีเพียงข้างเดียว บอกไม่ได้ว่าเป็นการโอนหรือไม่",
            "Only one side has the holder's 13-digit number: it cannot be told whether this is a transfer",
        )
        raise NoAct(name, getattr(wanted, name), words)
    if name == "holder" and not now.holder_id and not wanted.holder_id:
        if name_alone is None:
            words = Text(
                "ชื่อผู้รับใบอนุญาตเปลี่ยน แต่ไม่มีเลข 13 หลักที่บอกว่าเป็นคนเดิมหรือไม่",
                "The holder's name differs and no 13-digit number tells whether it is the same holder",
            )
            remedy = Text(
                "เลือกว่าชื่อที่เปลี่ยนในไฟล์นี้คือการแก้ไขหรือการโอน",
                "Say whether changed names in this file are amendments or transfers",
            )
            raise NoAct(name, wanted.holder, words, remedy)
        return name_alone
    return ACT_OF[name]


def _require_later(now: Application, wanted: Application) -> None:
    if now.valid_until is None or (wanted.valid_until is not None and wanted.valid_until <= now.valid_until):
        words = Text(
            "วันที่เปลี่ยน แต่วันสิ้นสุดไม่ได้ช้าลง จึงไม่ใช่การต่ออายุ",
            "The dates differ and the end is not later, so this is no renewal",
        )
        name = "valid_from" if now.valid_until == wanted.valid_until else "valid_until"
        raise NoAct(name, getattr(wanted, name), words)


def faces(now: Application, wanted: Application, plan: Iterable[Step]) -> Iterator[Application]:
    """The faces on the way, one after each step of the plan; each is signed, so each has to fit a plate."""
    for step in plan:
        now = after(now, wanted, step)
        yield now


def after(now: Application, wanted: Application, step: Step) -> Application:
    """The face after one step of the plan from `now` to `wanted`."""
    return replace(now, **{name: getattr(wanted, name) for name in step.items})
