"""What is told about one cell of a file: where it stands, what was found, what is wrong, what to do.

A fault keeps its row out; a warning lets it in, for somebody to look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys.catalog import Text
from registry.applications import Fault


@dataclass(frozen=True, slots=True)
class RowFault:
    """A fault or a warning with its place: spreadsheet row, column header, and the value as found."""

    row: int
    column: str
    label: Text
    fault: Fault
    is_warning: bool = False

    def as_json(self) -> dict[str, Any]:
        """The same for programs: row, column, value, and the words in Thai and English."""
        return {
            "row": self.row,
            "column": self.column,
            "item": self.fault.name,
            "label": {"th": self.label.th, "en": self.label.en},
            "severity": "warning" if self.is_warning else "fault",
            "value": self.fault.value,
            "what": {"th": self.fault.what.th, "en": self.fault.what.en},
            "remedy": {"th": self.fault.remedy.th, "en": self.fault.remedy.en},
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "RowFault":
        """The fault or warning of what `as_json` gave."""
        fault = Fault(told["item"], told["value"], Text(**told["what"]), Text(**told["remedy"]))
        return cls(told["row"], told["column"], Text(**told["label"]), fault, told["severity"] == "warning")
