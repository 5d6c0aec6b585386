"""What is told of one row while its texts are settled: faults that keep it out, warnings that let it in."""

from keys.catalog import Text
from registry.applications import Fault

LOOK = Text("ตรวจดูว่าถูกต้อง", "See whether that is right")


class Told:
    """One row's texts as they are settled, with what is to be told of them."""

    def __init__(self, found: dict[str, str]) -> None:
        """Begin with the texts as found, by flat name; `raw` is what they become."""
        self.found, self.raw = found, dict(found)
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def fault(self, name: str, what: Text, remedy: Text, value: str = "") -> None:
        """Tell what keeps the row out."""
        self.faults.append(Fault(name, self.found.get(name, value), what, remedy))

    def warn(self, name: str, what: Text, remedy: Text) -> None:
        """Tell what a person should look at; the row goes in."""
        self.warnings.append(Fault(name, self.found.get(name, ""), what, remedy))
