"""The catalog: what pages need besides statements (agencies, license types, reasons), as data.

Canonical JSON: sorted keys, no blanks, UTF-8, whole numbers only.  Every version is kept, because
a statement names the one it was made under.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from keys.dates import parse_date
from keys.errors import Malformed

CATALOG_FORMAT = "catalog/1"
LARGEST_CATALOG = 16 << 20
LANGUAGES = ("th", "en")
TERM_RULES = ("none", "years", "months", "year_end")
DISPLAY_METHODS = ("image", "qr")
MARKS = ("public", "withheld", "officers")


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Thai and English."""

    th: str
    en: str

    def show(self, language: str) -> str:
        """The words in `language`, Thai unless it is `en`."""
        return self.en if language == "en" else self.th


@dataclass(frozen=True, slots=True)
class Field:
    """One of a type's own fields, out of its JSON Schema: label, order on the face and mark.

    `choices` gives the words of an enumeration's values; `unit` follows a number.
    """

    key: str
    label: Text
    order: int
    mark: str
    kind: str
    required: bool
    choices: Mapping[str, Text]
    unit: Text | None


@dataclass(frozen=True)
class LicenseType:
    """A license type as its agency's legal basis has it; nothing about a type is in code."""

    number: int
    slug: str
    name: Text
    kind: Text
    legal_basis: Text
    schema: Mapping[str, Any]
    term_rule: str
    term_length: int
    number_pattern: str
    number_example: str
    display: tuple[str, ...]
    gazette: str
    openly_displayed: bool
    territorial: bool
    four_eyes: tuple[str, ...]
    activity: str | None
    has_holder: bool
    has_premises: bool
    has_start: bool = True

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The type's own fields in the order of the face."""
        required = set(self.schema.get("required", ()))
        fields = (_field(k, v, required=k in required) for k, v in self.schema.get("properties", {}).items())
        return tuple(sorted(fields, key=lambda field: (field.order, field.key)))

    @property
    def has_card(self) -> bool:
        """Whether the announced methods of display include a QR; without it there is no card."""
        return "qr" in self.display


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency as the public sees it; `types` says since when each of its types is published."""

    number: int
    slug: str
    name: Text
    phone: str
    hours: Text
    territory: tuple[int, ...]
    types: Mapping[int, date | None]


@dataclass(frozen=True)
class Catalog:
    """One version of the catalog."""

    version: int
    agencies: Mapping[int, Agency]
    types: Mapping[int, LicenseType]
    reasons: Mapping[str, Text]

    def is_open(self, agency: int, license_type: int, today: date) -> bool:
        """Whether licenses of this type and agency are public on `today`: openly displayed, published."""
        kind, office = self.types.get(license_type), self.agencies.get(agency)
        since = office.types.get(license_type) if office else None
        return bool(kind and kind.openly_displayed and since and since <= today)


def encode_json(value: Any) -> bytes:
    """Canonical JSON: UTF-8, sorted keys, no blanks (RFC 8785 for the values written here)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def _refuse_number(text: str) -> None:
    raise Malformed(f"JSON here has whole numbers only, not {text}")


def decode_json(data: bytes) -> Any:
    """The value of canonical JSON; raises `Malformed` unless `encode_json` would write these bytes."""
    try:
        value = json.loads(data, parse_float=_refuse_number, parse_constant=_refuse_number)
        again = encode_json(value)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON in UTF-8") from error
    if again != data:
        raise Malformed("canonical JSON has sorted keys, each once, and no blanks")
    return value


def encode_catalog(catalog: Catalog) -> bytes:
    """The bytes whose SHA-256 the snapshot names."""
    return encode_json(
        {
            "format": CATALOG_FORMAT,
            "version": catalog.version,
            "agencies": [_write_agency(a) for _, a in sorted(catalog.agencies.items())],
            "types": [write_type(t) for _, t in sorted(catalog.types.items())],
            "reasons": {code: _write_text(text) for code, text in catalog.reasons.items()},
        }
    )


def parse_catalog(data: bytes) -> Catalog:
    """The catalog of `data`; raises `Malformed` unless `encode_catalog` would write these bytes."""
    value = decode_json(data)
    try:
        catalog = Catalog(
            version=_whole(value["version"]),
            agencies={a.number: a for a in map(_parse_agency, value["agencies"])},
            types={t.number: t for t in map(parse_type, value["types"])},
            reasons={code: _parse_text(text) for code, text in value["reasons"].items()},
        )
        again = encode_catalog(catalog)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed("not a catalog as this service writes it") from error
    if again != data:
        raise Malformed("a catalog has its items in order and no unknown ones")
    return catalog


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise Malformed("catalog: numbers are whole and not negative")
    return value


def _write_text(text: Text) -> dict[str, str]:
    return {"th": text.th, "en": text.en}


def _parse_text(value: Any) -> Text:
    if not isinstance(value, dict) or not all(isinstance(value.get(lang), str) for lang in LANGUAGES):
        raise Malformed("catalog: words stand in Thai and in English: {th, en}")
    return Text(value["th"], value["en"])


def _write_agency(agency: Agency) -> dict[str, Any]:
    return {
        "id": agency.number,
        "slug": agency.slug,
        "name": _write_text(agency.name),
        "phone": agency.phone,
        "hours": _write_text(agency.hours),
        "territory": list(agency.territory),
        "types": {str(n): since.isoformat() if since else None for n, since in agency.types.items()},
    }


def _parse_agency(value: Any) -> Agency:
    return Agency(
        number=_whole(value["id"]),
        slug=str(value["slug"]),
        name=_parse_text(value["name"]),
        phone=str(value["phone"]),
        hours=_parse_text(value["hours"]),
        territory=tuple(map(_whole, value["territory"])),
        types={int(n): parse_date(since) if since else None for n, since in value["types"].items()},
    )


def write_type(kind: LicenseType) -> dict[str, Any]:
    """The JSON form of a type: the same in the catalog and in a file for `permits type load`."""
    return {
        "id": kind.number,
        "slug": kind.slug,
        "name": _write_text(kind.name),
        "kind": _write_text(kind.kind),
        "legal_basis": _write_text(kind.legal_basis),
        "schema": dict(kind.schema),
        "term": {"rule": kind.term_rule, "length": kind.term_length},
        "number": {"pattern": kind.number_pattern, "example": kind.number_example},
        "display": {"methods": list(kind.display), "gazette": kind.gazette},
        "openly_displayed": kind.openly_displayed,
        "territorial": kind.territorial,
        "four_eyes": list(kind.four_eyes),
        "activity": kind.activity,
        "holder": kind.has_holder,
        "premises": kind.has_premises,
        # Named only where it is so: catalogs of before it was known are still written as they were.
        **({} if kind.has_start else {"start": False}),
    }


def parse_type(value: Any) -> LicenseType:
    """The license type of its JSON form; raises `Malformed` that names what is wrong.

    What `write_type` would not give back is refused: a misspelled item must not count as absent.
    """
    try:
        kind = LicenseType(
            number=_whole(value["id"]),
            slug=str(value["slug"]),
            name=_parse_text(value["name"]),
            kind=_parse_text(value["kind"]),
            legal_basis=_parse_text(value["legal_basis"]),
            schema=value["schema"],
            term_rule=value["term"]["rule"],
            term_length=_whole(value["term"]["length"]),
            number_pattern=str(value["number"]["pattern"]),
            number_example=str(value["number"]["example"]),
            display=tuple(value["display"]["methods"]),
            gazette=str(value["display"]["gazette"]),
            openly_displayed=value["openly_displayed"] is True,
            territorial=value["territorial"] is True,
            four_eyes=tuple(map(str, value["four_eyes"])),
            activity=value["activity"],
            has_holder=value["holder"] is True,
            has_premises=value["premises"] is True,
            has_start=value.get("start") is not False,
        )
        _require_known_words(kind)
        written = decode_json(encode_json(write_type(kind)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"license type: {error!r}") from error
    odd = sorted(str(name) for name in value if name not in written or written[name] != value[name])
    if odd:
        raise Malformed(f"license type: unknown items, or values of the wrong kind: {', '.join(odd)}")
    return kind


def _require_known_words(kind: LicenseType) -> None:
    if kind.term_rule not in TERM_RULES:
        raise Malformed(f"license type: the term rule is one of {', '.join(TERM_RULES)}")
    if not set(kind.display) <= set(DISPLAY_METHODS):
        raise Malformed(f"license type: display methods are {', '.join(DISPLAY_METHODS)}")
    own = {field.key for field in kind.fields}
    if kind.activity is not None and kind.activity not in own:
        raise Malformed("license type: `activity` names one of the type's own fields")


def _field(key: str, value: Any, *, required: bool) -> Field:
    if value.get("x-mark", "public") not in MARKS:
        raise Malformed(f"field {key}: x-mark is one of {', '.join(MARKS)}")
    return Field(
        key=key,
        label=_parse_text(value["x-label"]),
        order=_whole(value["x-order"]),
        mark=value.get("x-mark", "public"),
        kind=str(value["type"]),
        required=required,
        choices={str(k): _parse_text(v) for k, v in value.get("x-choices", {}).items()},
        unit=_parse_text(value["x-unit"]) if "x-unit" in value else None,
    )
