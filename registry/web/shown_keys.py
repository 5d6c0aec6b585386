"""Keys as the key officer's pages show them: whose, of which year, how they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from keys.catalog import Catalog, Text
from keys.dates import from_seconds
from keys.keyring import KeyState, RingKey, Role
from registry.key_life import Standing
from registry.rings import year_of

ROLE_NAMES: Mapping[Role, Text] = {
    Role.LOG: Text("บันทึก", "the log"),
    Role.STATUS: Text("สถานะ", "status lists"),
}
_STATES: Mapping[str, Text] = {
    "proposed": Text("เสนอแล้ว", "proposed"),
    KeyState.ACTIVE: Text("ใช้งาน", "active"),
    KeyState.RETIRED: Text("เลิกใช้ลงนาม", "retired"),
    KeyState.COMPROMISED: Text("ถูกระงับ", "compromised"),
}
_ORDER = (Role.LOG, Role.STATUS, Role.AGENCY)
# Why a key is marked, as a word for the record of events and in the words of the page.
MARK_REASONS: Mapping[str, Text] = {
    "stolen": Text("กุญแจถูกขโมยหรือรั่วไหล", "The key was stolen or leaked"),
    "suspected": Text("สงสัยว่ากุญแจรั่วไหล", "The key may have leaked"),
    "machine": Text("เครื่องที่เก็บกุญแจถูกบุกรุก", "The machine that holds it was broken into"),
    "person": Text("ผู้เข้าถึงกุญแจใช้โดยมิชอบ", "Somebody with access misused it"),
}


@dataclass(frozen=True, slots=True)
class ShownKey:
    """One line of the list, and the head of a key's own page."""

    kid: str
    thumbprint: str
    role: Role
    whose: Text
    year: int
    begins: datetime
    ends: datetime
    types: tuple[Text, ...]
    state: Text
    is_active: bool
    is_known: bool
    waits: Text | None
    good_size: int | None


def show_key(standing: Standing, catalog: Catalog) -> ShownKey:
    """A key in words."""
    now, then = standing.now, standing.then
    begins, ends = from_seconds(then.valid_from), from_seconds(then.valid_until)
    return ShownKey(
        kid=then.public.kid.hex(),
        thumbprint=then.public.thumbprint.hex(),
        role=then.role,
        whose=whose(then, catalog),
        year=year_of(begins),
        begins=begins,
        ends=ends,
        types=tuple(catalog.types[number].name for number in then.types if number in catalog.types),
        state=_STATES[standing.word],
        is_active=then.state is KeyState.ACTIVE,
        is_known=now is not None,
        waits=_waits(standing),
        good_size=then.good_size,
    )


def show_keys(standings: tuple[Standing, ...], catalog: Catalog) -> list[ShownKey]:
    """Every key: of the log, of status lists, then of agencies by number; each by year."""
    ordered = sorted(
        standings, key=lambda s: (_ORDER.index(s.then.role), s.then.agency or 0, s.then.valid_from)
    )
    return [show_key(standing, catalog) for standing in ordered]


def whose(key: RingKey, catalog: Catalog) -> Text:
    """Who signs by a key: an agency's name, or what the register signs by it."""
    if key.agency is None:
        return ROLE_NAMES[key.role]
    agency = catalog.agencies.get(key.agency)
    return agency.name if agency else Text(f"หน่วยงาน {key.agency}", f"agency {key.agency}")


def _waits(standing: Standing) -> Text | None:
    if not standing.waits:
        return None
    if standing.then.state is KeyState.COMPROMISED:
        # The mark has taken effect already; only the ring is behind.
        return Text("มีผลแล้ว ชุดกุญแจรอกุญแจราก", "in effect; the ring waits for the roots")
    if standing.then.state is KeyState.RETIRED:
        return Text("จะเลิกใช้ รอกุญแจราก", "retires; waits for the roots")
    return Text("รอกุญแจราก", "waits for the roots")
