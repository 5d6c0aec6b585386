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


def read_order(act: ActKind, raw: Mapping[str, str]) -> OrderRequest:
    """The order that texts under the names of `LABELS` make; raises `Faulty` with every fault.

    Names that the act's form does not have are ignored.
    """
    wanted = ORDER_FIELDS[act]
    faults: list[Fault] = []
    found = {name: canonical(raw.get(name, "")) for name in ("legal_basis", *wanted)}

    def fault(name: str, what: Text, remedy: Text) -> None:
        faults.append(Fault(name, raw.get(name, ""), what, remedy))

    def day(name: str) -> date | None:
        if not found.get(name):
            return None
        try:
            return parse_day(found[name])
        except DateFault as error:
            fault(name, error.what, error.remedy)
            return None

    for name in ("legal_basis", *(n for n in wanted if n in ("reason", "until", "outcome"))):
        if not found[name]:
            fault(name, _MISSING, _FILL_IN)
    outcome = found.get("outcome") or None
    if outcome and outcome not in OUTCOMES:
        fault(
            "outcome",
            Text("ไม่ใช่เหตุสิ้นสุดที่ใช้ได้", "Not an outcome"),
            Text("เลือกจากรายการ", "Choose from the list"),
        )
    successor = None
    if found.get("successor"):
        try:
            successor = parse_code(found["successor"])
        except MistypedCode:
            fault("successor", Text("รหัสนี้พิมพ์ผิด", "This code has a typing mistake"), _FILL_IN)
    request = OrderRequest(
        act=act,
        legal_basis=found["legal_basis"],
        reason=found.get("reason") or None,
        begins=day("begins"),
        until=day("until"),
        outcome=outcome,
        successor=successor,
    )
    if faults:
        raise Faulty(faults)
    return request
