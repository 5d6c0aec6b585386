"""A type's own fields: from the text of a form or a cell to the value that the type's schema takes."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema

from keys.catalog import Field, LicenseType, Text, encode_json
from keys.record import Plain
from keys.text import fold_digits

Check = Callable[[Any], bool]

_TYPES: dict[str, type] = {"string": str, "integer": int, "boolean": bool}
_WITHOUT_EFFECT = frozenset({"type", "title", "description", "default", "examples"})
# Each keyword with what it asks of a value whose type is already right.
_CHECKS: dict[str, Callable[[Any], Check]] = {
    "minimum": lambda limit: lambda value: value >= limit,
    "maximum": lambda limit: lambda value: value <= limit,
    "enum": lambda known: frozenset(known).__contains__,
    "pattern": lambda pattern: lambda value: re.search(pattern, value) is not None,
    "minLength": lambda limit: lambda value: len(value) >= limit,
    "maxLength": lambda limit: lambda value: len(value) <= limit,
}
_OF_TYPE = {
    "string": frozenset({"enum", "pattern", "minLength", "maxLength"}),
    "integer": frozenset({"minimum", "maximum"}),
    "boolean": frozenset[str](),
}


@dataclass(frozen=True, slots=True)
class OwnField:
    """One field made ready for many values: `name` is its flat name."""

    key: str
    name: str
    is_required: bool
    typed: Callable[[str], Plain]
    schema: Mapping[str, Any]
    checks: tuple[Check, ...] | None

    def problem(self, value: Plain) -> tuple[Text, Text] | None:
        """What is wrong with a value and what to do, or None; the schema decides (JSON Schema 2020-12)."""
        if self.checks is not None and all(check(value) for check in self.checks):
            return None
        return _problem(value, self.schema)


def own_fields(kind: LicenseType) -> tuple[OwnField, ...]:
    """The fields of a type in the order of its face."""
    properties = kind.schema.get("properties", {})
    return tuple(
        OwnField(
            own.key,
            f"field.{own.key}",
            own.required,
            _typing(own),
            properties[own.key],
            _checks(properties[own.key]),
        )
        for own in kind.fields
    )


def _checks(schema: Mapping[str, Any]) -> tuple[Check, ...] | None:
    """The schema as functions that say yes where it does; None when only its own validator can tell."""
    expected = schema.get("type")
    if not isinstance(expected, str) or expected not in _TYPES:
        return None
    words = {word for word in schema if not word.startswith("x-")} - _WITHOUT_EFFECT
    if not words <= _OF_TYPE[expected]:
        return None
    wanted = _TYPES[expected]
    # `type() is` and not isinstance: True is an int to Python, and none to JSON Schema.
    return (lambda value: type(value) is wanted, *(_CHECKS[word](schema[word]) for word in sorted(words)))


def _typing(own: Field) -> Callable[[str], Plain]:
    if own.kind == "integer":
        return _whole
    if own.kind == "boolean":
        return lambda found: found.casefold() in ("1", "yes", "true", "ใช่", "มี")
    if own.choices:
        by_words = {
            words.casefold(): key for key, text in own.choices.items() for words in (text.th, text.en)
        }
        return lambda found: by_words.get(found.casefold(), found)
    return lambda found: found


def _whole(found: str) -> Plain:
    # Numbers come as "1,000" or "๑๐๐"; what does not look like one stays text, for the schema to refuse.
    plain = fold_digits(found).replace(",", "").replace(" ", "")
    whole, _, fraction = plain.partition(".")
    if whole.isascii() and whole.isdigit() and len(whole) <= 18 and not fraction.strip("0"):
        return int(whole)
    return found


def _problem(value: Plain, schema: Mapping[str, Any]) -> tuple[Text, Text] | None:
    error = next(_validator(encode_json(dict(schema))).iter_errors(value), None)
    if error is None:
        return None
    limit = error.validator_value
    words = {
        "type": Text("ต้องเป็นตัวเลขจำนวนเต็ม", "Must be a whole number"),
        "minimum": Text(f"ต้องไม่น้อยกว่า {limit}", f"Must be at least {limit}"),
        "maximum": Text(f"ต้องไม่เกิน {limit}", f"Must be at most {limit}"),
        "enum": Text("ไม่ใช่ค่าที่ใช้ได้ในประเภทนี้", "Not one of this type's values"),
        "pattern": Text("รูปแบบไม่ถูกต้อง", "Not in the right form"),
    }
    choices = ", ".join(map(str, schema.get("enum", ())))
    remedy = (
        Text(f"ใช้ค่าใดค่าหนึ่ง: {choices}", f"Use one of: {choices}")
        if choices
        else Text("แก้ตามนั้น", "Correct it so")
    )
    return words.get(str(error.validator), Text("ค่าไม่ถูกต้อง", "Not a right value")), remedy


@lru_cache(maxsize=1024)
def _validator(schema: bytes) -> jsonschema.Draft202012Validator:
    # Building a validator costs more than using it, and a file has one schema for all its rows.
    return jsonschema.Draft202012Validator(json.loads(schema))
