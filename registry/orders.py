"""From the texts of a form to an order, with every fault named."""

from collections.abc import Mapping
from datetime import date

from keys.acts import ActKind
from keys.catalog import Text
from keys.code import MistypedCode, parse_code
from keys.record import OUTCOMES
from keys.text import canonical
from registry.acts import OrderRequest
from registry.applications import Fault, Faulty
from registry.terms import DateFault, parse_day

LABELS: dict[str, Text] = {
    "legal_basis": Text("ฐานอำนาจตามกฎหมาย", "Legal basis"),
    "reason": Text("เหตุ", "Reason"),
    "begins": Text("มีผลตั้งแต่", "Takes effect on"),
    "until": Text("ถึงวันที่", "Until"),
    "outcome": Text("สิ้นสุดเพราะ", "Ended because"),
    "successor": Text("รหัสใบใหม่", "Code of the new license"),
}

# Which of the names above each order's form has, besides the legal basis.
ORDER_FIELDS: dict[ActKind, tuple[str, ...]] = {
    ActKind.SUSPENSION: ("reason", "begins", "until"),
    ActKind.REINSTATEMENT: ("begins",),
    ActKind.REVOCATION: ("reason", "begins"),
    ActKind.ENDING: ("outcome", "successor", "begins"),
    ActKind.RENEWAL_FILING: ("begins",),
    ActKind.RENEWAL_REFUSAL: ("reason",),
    ActKind.VOIDING: ("reason",),
}

_MISSING = Text("ยังไม่ได้ใส่", "Missing")
_FILL_IN = Text("ใส่ค่านี้", "Fill it in")


class _Reading:
    """Takes the texts of one form by name and gathers the faults on the way."""

    def __init__(self, act: ActKind, raw: Mapping[str, str]) -> None:
        self._raw = raw
        self._texts = {name: canonical(raw.get(name, "")) for name in ("legal_basis", *ORDER_FIELDS[act])}
        self.faults: list[Fault] = []

    def _fault(self, name: str, what: Text, remedy: Text) -> None:
        self.faults.append(Fault(name, self._raw.get(name, ""), what, remedy))

    def text(self, name: str) -> str | None:
        """The text under `name`, which must be there where the form has it."""
        if name not in self._texts:
            return None
        if not self._texts[name]:
            self._fault(name, _MISSING, _FILL_IN)
        return self._texts[name] or None

    def day(self, name: str, *, required: bool = False) -> date | None:
        """The date under `name`."""
        found = self.text(name) if required else self._texts.get(name)
        if not found:
            return None
        try:
            return parse_day(found)
        except DateFault as error:
            self._fault(name, error.what, error.remedy)
            return None

    def outcome(self) -> str | None:
        """How a license ended."""
        found = self.text("outcome")
        if found is not None and found not in OUTCOMES:
            self._fault(
                "outcome",
                Text("ไม่ใช่เหตุสิ้นสุดที่ใช้ได้", "Not an outcome"),
                Text("เลือกจากรายการ", "Choose from the list"),
            )
        return found

    def successor(self) -> str | None:
        """The code of the license that follows, if there is one."""
        found = self._texts.get("successor")
        if not found:
            return None
        try:
            return parse_code(found)
        except MistypedCode:
            self._fault(
                "successor",
                Text("รหัสนี้พิมพ์ผิด", "This code has a typing mistake"),
                Text("เทียบกับป้ายอีกครั้ง", "Compare with the plate again"),
            )
            return None


def read_order(act: ActKind, raw: Mapping[str, str]) -> OrderRequest:
    """The order that texts under the names of `LABELS` make; raises `Faulty` with every fault.

    Names that the act's form does not have are ignored.
    """
    read = _Reading(act, raw)
    request = OrderRequest(
        act=act,
        legal_basis=read.text("legal_basis") or "",
        reason=read.text("reason"),
        begins=read.day("begins"),
        until=read.day("until", required=True),
        outcome=read.outcome(),
        successor=read.successor(),
    )
    if read.faults:
        raise Faulty(read.faults)
    return request
