"""The face of a license as a page lists it: label and value of each item, in the order of the type."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keys.card import LicenseCard
from keys.catalog import Catalog, Field, LicenseType
from keys.code import show_code
from keys.dates import show_date
from keys.places import show_address, show_place
from keys.record import Item, LicenseRecord, Withheld
from verify.words import SOME_KIND, say


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the face; `value` is None when it is withheld; `code` is another license's."""

    key: str
    label: str
    value: str | None
    code: str | None = None


def kind_words(kind: LicenseType | None, language: str) -> str:
    """What a document of this type is called: ใบอนุญาต, ใบทะเบียน, หนังสือรับรองการแจ้ง …"""
    return (kind.kind if kind else SOME_KIND).show(language)


def full_address(face: LicenseRecord | LicenseCard, language: str) -> str:
    """The address and the place, as far as they are known."""
    return show_address(face.address, face.place, language)


def place_line(face: LicenseRecord | LicenseCard, language: str) -> str:
    """The place alone, or the address where no place is known."""
    return show_place(face.place, language) or face.address or ""


def holder_name(face: LicenseRecord | LicenseCard) -> str | None:
    """The holder's name, when it is shown."""
    name = face.holder.get("name") if isinstance(face, LicenseRecord) else face.holder
    return name if isinstance(name, str) else None


def number_of(face: LicenseRecord | LicenseCard) -> str | None:
    """The official number, when it is shown."""
    return face.number if isinstance(face.number, str) else None


def rows_of(face: LicenseRecord | LicenseCard, catalog: Catalog, language: str) -> list[Row]:
    """All items on the face, those that are withheld too."""
    kind = catalog.types.get(face.license_type)
    rows = (
        _record_rows(face, kind, language)
        if isinstance(face, LicenseRecord)
        else _card_rows(face, kind, language)
    )
    name = kind.name.show(language) if kind else str(face.license_type)
    return [Row("type", say("type", language), name), *rows]


def _card_rows(card: LicenseCard, kind: LicenseType | None, language: str) -> Iterator[Row]:
    yield Row("number", say("number", language), card.number)
    if card.holder is not None:
        yield Row("holder", _holder_label(kind, language), card.holder)
    if card.premises is not None:
        yield Row("premises", say("premises", language), card.premises)
    if address := full_address(card, language):
        yield Row("address", say("address", language), address)
    yield from _term_rows(card, language)


def _record_rows(record: LicenseRecord, kind: LicenseType | None, language: str) -> Iterator[Row]:
    yield Row("number", say("number", language), _plain(record.number, None, language))
    for key, label in (("name", "holder"), ("name_en", "holder_en"), ("id", "holder_id")):
        if key in record.holder:
            words = _holder_label(kind, language) if label == "holder" else say(label, language)
            yield Row(label, words, _plain(record.holder[key], None, language))
    if record.premises is not None:
        yield Row("premises", say("premises", language), record.premises)
    if address := full_address(record, language):
        yield Row("address", say("address", language), address)
    yield from _field_rows(record, kind.fields if kind else (), language)
    if record.conditions:
        yield Row("conditions", say("conditions", language), " · ".join(record.conditions))
    for key, day in (("issued", record.issued), ("term_from", record.term_from)):
        if day is not None:
            yield Row(key, say(key, language), show_date(day, language))
    yield from _term_rows(record, language)
    yield from _closing_rows(record, language)


def _holder_label(kind: LicenseType | None, language: str) -> str:
    return say("holder", language, kind=kind_words(kind, language))


def _field_rows(record: LicenseRecord, fields: Sequence[Field], language: str) -> Iterator[Row]:
    for field in fields:
        if field.key in record.fields:
            value = _plain(record.fields[field.key], field, language)
            yield Row(f"field.{field.key}", field.label.show(language), value)
    # A field that the type no longer has still stands on the face, under its own name.
    for key in sorted(record.fields.keys() - {field.key for field in fields}):
        yield Row(f"field.{key}", key, _plain(record.fields[key], None, language))


def _closing_rows(record: LicenseRecord, language: str) -> Iterator[Row]:
    if record.signer:
        signer = " · ".join(record.signer[key] for key in ("name", "position") if key in record.signer)
        yield Row("signer", say("signer", language), signer)
    for code in record.linked:
        yield Row("linked", say("linked", language), show_code(code), code)
    if record.earlier is not None:
        yield Row("earlier", say("earlier", language), show_code(record.earlier), record.earlier)
    if record.version > 1:
        yield Row("version", say("version", language), str(record.version))


def _term_rows(face: LicenseRecord | LicenseCard, language: str) -> Iterator[Row]:
    yield Row("valid_from", say("valid_from", language), show_date(face.valid_from, language))
    until = show_date(face.valid_until, language) if face.valid_until else say("no_end", language)
    yield Row("valid_until", say("valid_until", language), until)


def _plain(item: Item, field: Field | None, language: str) -> str | None:
    if isinstance(item, Withheld):
        return None
    if isinstance(item, bool):
        return say("yes" if item else "no", language)
    values = item if isinstance(item, list) else [item]
    return ", ".join(_spelled(value, field, language) for value in values)


def _spelled(value: str | int, field: Field | None, language: str) -> str:
    if field is not None and str(value) in field.choices:
        return field.choices[str(value)].show(language)
    if field is None or field.unit is None:
        return str(value)  # A bare number may be a year, which takes no comma.
    amount = f"{value:,}" if isinstance(value, int) else value
    return f"{amount} {field.unit.show(language)}"
