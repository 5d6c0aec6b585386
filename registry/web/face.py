"""The face of a license as the office shows it: every item, and how much of it the public sees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from keys.catalog import Field, LicenseType, Text
from keys.code import show_code
from keys.dates import show_date
from keys.places import show_address
from keys.record import Plain
from keys.text import canonical
from registry.applications import LABELS, Application, is_natural_person

PUBLIC, WITHHELD, OFFICERS = "public", "withheld", "officers"
_YES_NO = {True: Text("ใช่", "Yes"), False: Text("ไม่ใช่", "No")}
_NO_END = Text("ไม่มีวันหมดอายุ", "No end date")
_SIGNER = Text("ผู้ลงนาม", "Signed by")
_GROUPED_FROM = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One item; `mark` says who sees the value, `before` what stood there in the version in force."""

    name: str
    label: Text
    value: str
    mark: str = PUBLIC
    before: str | None = None
    is_changed: bool = False
    is_respelled: bool = False


def face_of(application: Application, kind: LicenseType, language: str, signer: str = "") -> list[Item]:
    """All items that have a value, in the order of the face."""
    items = [*_common_items(application, language), *_own_items(application, kind, language)]
    items += _closing_items(application, language)
    if signer:
        items.append(Item("signer", _SIGNER, signer))
    return [item for item in items if item.value]


def beside(after: Sequence[Item], before: Sequence[Item]) -> list[Item]:
    """The items of `after` with what they were in `before`; items that went are listed as empty."""
    old = {item.name: item for item in before}
    shown = [
        replace(item, before=old[item.name].value if item.name in old else "", is_changed=True)
        if item.name not in old or old[item.name].value != item.value
        else item
        for item in after
    ]
    kept = {item.name for item in after}
    gone = (item for name, item in old.items() if name not in kept)
    return shown + [replace(item, value="", before=item.value, is_changed=True) for item in gone]


def respelled(items: Sequence[Item], typed: dict[str, str]) -> list[Item]:
    """The items, those marked whose text was brought into canonical form after it was typed."""

    def differs(item: Item) -> bool:
        text = typed.get(item.name, "")
        return item.name in _TEXTS and canonical(text) == item.value and text.strip() != item.value

    return [replace(item, is_respelled=differs(item)) for item in items]


_TEXTS = frozenset({"number", "holder", "holder_en", "premises"})


def _common_items(application: Application, language: str) -> Iterator[Item]:
    for name in ("number", "holder", "holder_en", "holder_id", "premises"):
        value = getattr(application, name) or ""
        # An official number may be a person's own number; then it is withheld like one.
        personal = name in ("number", "holder_id") and is_natural_person(value)
        yield Item(name, LABELS[name], value, WITHHELD if personal else PUBLIC)
    address = show_address(application.address, application.place, language)
    yield Item("address", LABELS["address"], address)


def _own_items(application: Application, kind: LicenseType, language: str) -> Iterator[Item]:
    for own in kind.fields:
        if own.key in application.fields:
            value = spell(application.fields[own.key], own, language)
            yield Item(f"field.{own.key}", own.label, value, own.mark)
    for key in sorted(application.fields.keys() - {own.key for own in kind.fields}):
        yield Item(f"field.{key}", Text(key, key), spell(application.fields[key], None, language))


def _closing_items(application: Application, language: str) -> Iterator[Item]:
    yield Item("conditions", LABELS["conditions"], " · ".join(application.conditions))
    issued = show_date(application.issued, language) if application.issued else ""
    yield Item("issued", LABELS["issued"], issued)
    yield Item("valid_from", LABELS["valid_from"], show_date(application.valid_from, language))
    end = application.valid_until
    yield Item(
        "valid_until", LABELS["valid_until"], show_date(end, language) if end else _NO_END.show(language)
    )
    yield Item("linked", LABELS["linked"], ", ".join(map(show_code, application.linked)))
    yield Item("earlier", LABELS["earlier"], show_code(application.earlier) if application.earlier else "")


def spell(value: Plain, own: Field | None, language: str) -> str:
    """A value of a type's own field in words: choices by their names, numbers with their unit."""
    if isinstance(value, bool):
        return _YES_NO[value].show(language)
    if isinstance(value, list):
        return ", ".join(spell(part, own, language) for part in value)
    if own is not None and str(value) in own.choices:
        return own.choices[str(value)].show(language)
    text = f"{value:,}" if isinstance(value, int) and abs(value) >= _GROUPED_FROM else str(value)
    return f"{text} {own.unit.show(language)}" if own is not None and own.unit else text
