"""What the key officer has to do about keys, in words."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from keys.catalog import Text
from keys.dates import to_seconds
from keys.keyring import KeyRing, KeyState, Role
from registry.catalogs import current_catalog
from registry.key_life import Standing, standings
from registry.rings import current_ring, newest_signed, serves, year_of

WARNED_BEFORE = timedelta(days=60)


def key_warnings(session: Session, at: datetime) -> list[Text]:
    """Every reason why keys will not do, or already do not; none when there is nothing to do.

    Missing keys count although they are proposed: until the roots have signed, nobody has them.
    """
    if newest_signed(session) is None:
        return [Text("ชุดกุญแจชุดแรกยังรอลายมือชื่อของกุญแจราก", "the first key ring waits for the roots")]
    ring = current_ring(session)
    return [
        *_of_ring(ring, at),
        *_missing(session, ring, at),
        *_waiting(standings(session)),
    ]


def _of_ring(ring: KeyRing, at: datetime) -> list[Text]:
    days = (ring.expires - to_seconds(at)) // 86_400
    if days < 0:
        return [Text("ชุดกุญแจหมดอายุแล้ว", "the key ring has expired")]
    if days <= WARNED_BEFORE.days:
        return [Text(f"ชุดกุญแจจะหมดอายุใน {days} วัน", f"the key ring expires in {days} days")]
    return []


def _missing(session: Session, ring: KeyRing, at: datetime) -> list[Text]:
    found, this_year = list[Text](), year_of(at)
    agencies = current_catalog(session).agencies.values()
    for year in (this_year, this_year + 1):
        for role, th in ((Role.LOG, "บันทึก"), (Role.STATUS, "สถานะ")):
            if not any(serves(key, None, year) for key in ring.with_role(role)):
                found.append(Text(f"ไม่มีกุญแจ{th}ของปี {year + 543}", f"no {role.value} key for {year}"))
        for agency in agencies:
            keys = [key for key in ring.keys if serves(key, agency.number, year)]
            if not set(agency.types) <= {number for key in keys for number in key.types}:
                found.append(
                    Text(
                        f"{agency.name.th} ไม่มีกุญแจของปี {year + 543} ครบทุกประเภท",
                        f"agency {agency.slug} lacks a key for {year} that covers all its types",
                    )
                )
    return found


def _waiting(known: tuple[Standing, ...]) -> list[Text]:
    found = []
    waiting = sum(standing.waits for standing in known)
    if waiting:
        found.append(
            Text(
                f"การเปลี่ยนกุญแจ {waiting} รายการรอลายมือชื่อของกุญแจราก",
                f"{waiting} changes of keys wait for the roots",
            )
        )
    found += [
        Text(
            f"กุญแจ {kid} ถูกระงับแล้ว แต่ชุดกุญแจยังไม่ระบุ", f"key {kid} is denied, and the ring does not say so yet"
        )
        for kid in (
            s.then.public.kid.hex() for s in known if s.waits and s.then.state is KeyState.COMPROMISED
        )
    ]
    return found
