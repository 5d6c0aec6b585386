"""The forms of acts, made from the license type: which fields, what they take, what was typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from keys.acts import ActKind
from keys.catalog import Agency, Catalog, Field, LicenseType, Text
from keys.code import show_code
from keys.record import OUTCOMES
from registry.acts import REVISABLE
from registry.applications import Application, Fault, label_of
from registry.orders import LABELS as ORDER_LABELS
from registry.orders import ORDER_FIELDS
from registry.web.face import PUBLIC
from registry.web.places import places_of, spell_place
from registry.web.seen import OUTCOME_WORDS
from registry.web.words import type_day

BACKDATING = "backdating"
_BACKDATING_LABEL = Text("เหตุผลที่เริ่มใช้ก่อนวันนี้", "Why it starts before today")
_HOLDER = ("holder", "holder_en", "holder_id")
_PREMISES = ("premises", "address", "place")
_DATES = frozenset({"issued", "valid_from", "valid_until", "begins", "until"})

HINTS: dict[str, Text] = {
    "place": Text(
        "พิมพ์ชื่อตำบลและอำเภอ เช่น หัวหิน ประจวบคีรีขันธ์ หรือรหัส 6 หลัก",
        "Type the subdistrict and district or province, or the 6-digit code",
    ),
    "conditions": Text("บรรทัดละหนึ่งข้อ", "One to a line"),
    "valid_until": Text("เว้นว่างไว้ ระบบคำนวณให้ตามประเภท", "Left empty, it follows from the type"),
    "holder_id": Text(
        "เลขของบุคคลธรรมดาไม่เปิดเผยต่อสาธารณะ", "A natural person's number is not shown to the public"
    ),
    "begins": Text("เว้นว่าง = มีผลวันนี้", "Left empty: today"),
    "successor": Text("เฉพาะเมื่อมีใบใหม่แทน", "Only when a new license takes its place"),
    BACKDATING: Text(
        "กรอกเมื่อวันเริ่มใช้อยู่ก่อนวันนี้ และจะต้องมีผู้อนุมัติอีกคน",
        "Only for a start before today; a second person must approve then",
    ),
}
_MARK_HINTS: dict[str, Text] = {
    "withheld": Text("สาธารณะเห็นแต่ชื่อรายการ ไม่เห็นค่า", "The public sees that it is there, not its value"),
    "officers": Text("เฉพาะเจ้าหน้าที่ ไม่อยู่บนหน้าใบอนุญาต", "For officers only, not on the license"),
}
_DATE_HINT = Text("วัน/เดือน/ปี เช่น 30/09/2569", "Day/month/year, such as 30/09/2026")


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as the page draws it; `shape` is line, area, choice, date or place."""

    name: str
    label: Text
    shape: str
    value: str
    required: bool
    hints: tuple[Text, ...]
    choices: tuple[tuple[str, str], ...]
    fault: Fault | None


def names_of_form(act: ActKind, kind: LicenseType) -> tuple[str, ...]:
    """The flat names that the act's form has, in the order of the page."""
    if not act.makes_record:
        return ("legal_basis", *ORDER_FIELDS[act])
    everything = (
        "number",
        *(_HOLDER if kind.has_holder else ()),
        *(_PREMISES if kind.has_premises else ()),
        *(f"field.{own.key}" for own in kind.fields),
        "conditions",
        "issued",
        "valid_from",
        *(("valid_until",) if kind.term_rule != "none" else ()),
        "linked",
        "earlier",
    )
    if act is ActKind.ISSUANCE:
        return (*everything, BACKDATING)
    return tuple(name for name in everything if _root(name) in REVISABLE[act])


def _root(name: str) -> str:
    return "fields" if name.startswith("field.") else name


def texts_of(application: Application, language: str) -> dict[str, str]:
    """An application as the texts that `validate` makes it of again."""
    flat: dict[str, str] = {
        "number": application.number,
        "valid_from": type_day(application.valid_from, language),
        "valid_until": type_day(application.valid_until, language) if application.valid_until else "",
        "holder": application.holder or "",
        "holder_en": application.holder_en or "",
        "holder_id": application.holder_id or "",
        "premises": application.premises or "",
        "address": application.address or "",
        "place": str(application.place or ""),
        "conditions": "\n".join(application.conditions),
        "issued": type_day(application.issued, language) if application.issued else "",
        "linked": application.linked[0] if application.linked else "",
        "earlier": application.earlier or "",
    }
    for key, value in application.fields.items():
        flat[f"field.{key}"] = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return flat


def first_texts(
    act: ActKind, kind: LicenseType, current: Application | None, *, today: date, language: str
) -> dict[str, str]:
    """What stands in the form before anything is typed."""
    if not act.makes_record:
        return {"legal_basis": kind.legal_basis.th}
    if current is None:
        return {"valid_from": type_day(today, language), "issued": type_day(today, language)}
    texts = texts_of(current, language)
    if act is ActKind.RENEWAL and current.valid_until:
        follows = current.valid_until + timedelta(days=1)
        texts["valid_from"] = type_day(follows, language)
        texts["valid_until"] = ""
    if "issued" in REVISABLE[act]:
        texts["issued"] = type_day(today, language)
    return texts


@dataclass(frozen=True, slots=True)
class FormOf:
    """What a form is about: the act, the type, the agency and the words of its catalog."""

    act: ActKind
    kind: LicenseType
    agency: Agency
    catalog: Catalog
    language: str

    def fields(
        self, texts: Mapping[str, str], faults: Sequence[Fault] = (), places: Sequence[int] = ()
    ) -> list[FormField]:
        """The fields with what was typed and what is wrong; `places` are those a name may mean."""
        return [self._field(name, texts, faults, places) for name in names_of_form(self.act, self.kind)]

    def _field(
        self, name: str, texts: Mapping[str, str], faults: Sequence[Fault], places: Sequence[int]
    ) -> FormField:
        own = next((own for own in self.kind.fields if name == f"field.{own.key}"), None)
        choices = tuple(self._choices(name, own, places))
        return FormField(
            name=name,
            label=self.label(name),
            shape=_shape(name, own, is_choice=bool(choices) and (name != "place" or bool(places))),
            value=self._shown(name, texts.get(name, "")),
            required=self._is_required(name, own),
            hints=tuple(_hints(name, own)),
            choices=choices,
            fault=next((fault for fault in faults if fault.name == name), None),
        )

    def label(self, name: str) -> Text:
        """The words for a flat name in this form."""
        if name == BACKDATING:
            return _BACKDATING_LABEL
        return label_of(name, self.kind) if self.act.makes_record else ORDER_LABELS[name]

    def _shown(self, name: str, text: str) -> str:
        if name == "place" and text.isascii() and text.isdigit() and len(text) in (2, 4, 6):
            return spell_place(int(text), self.language)
        if name in ("linked", "earlier", "successor") and text.isdigit() and len(text) == 14:
            return show_code(text)
        return text

    def _is_required(self, name: str, own: Field | None) -> bool:
        if own is not None:
            return own.required
        if not self.act.makes_record:
            return name in ("legal_basis", "reason", "until", "outcome")
        return name in ("number", "holder", "premises", "valid_from")

    def _choices(self, name: str, own: Field | None, places: Sequence[int]) -> Iterator[tuple[str, str]]:
        if own is not None:
            yield from ((key, words.show(self.language)) for key, words in own.choices.items())
            if own.kind == "boolean":
                yield from (
                    ("yes", Text("ใช่", "Yes").show(self.language)),
                    ("no", Text("ไม่ใช่", "No").show(self.language)),
                )
        elif name == "reason":
            yield from ((code, words.show(self.language)) for code, words in self.catalog.reasons.items())
        elif name == "outcome":
            yield from ((key, OUTCOME_WORDS[key].show(self.language).partition(":")[0]) for key in OUTCOMES)
        elif name == "place":
            codes = places or [place.code for place in places_of(self.agency.territory)]
            yield from ((str(code), spell_place(code, self.language)) for code in codes)


def _shape(name: str, own: Field | None, *, is_choice: bool) -> str:
    if is_choice:
        return "choice"
    if name in _DATES:
        return "date"
    if name == "conditions":
        return "area"
    return "place" if name == "place" else "number" if own and own.kind == "integer" else "line"


def _hints(name: str, own: Field | None) -> Iterator[Text]:
    if name in _DATES:
        yield _DATE_HINT
    if name in HINTS:
        yield HINTS[name]
    if own is not None and own.unit:
        yield Text(f"หน่วย: {own.unit.th}", f"Unit: {own.unit.en}")
    if own is not None and own.mark != PUBLIC:
        yield _MARK_HINTS[own.mark]
