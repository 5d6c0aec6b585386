"""From a place in words to its DOPA code: columns of names, or the end of an address."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from keys.places import former_places, places
from keys.text import canonical

# An address ends in ต./แขวง, อ./เขต, จ. and postcode, each of which may be absent; the province may
# stand without its word.
_TAIL = re.compile(
    r"(?:^| )(?:(?:แขวง|ตำบล|ต\.) ?([^ ]+) )?"
    r"(?:(?:เขต|กิ่งอำเภอ|กิ่งอ\.|อำเภอ|อ\.) ?([^ ]+) )?"
    r"(?:จังหวัด|จ\.)? ?([^ ]+?)(?: ?[0-9]{5})?$"
)
_LONGEST_TAIL = 160
# Where most addresses' places begin: found faster so than by searching.
_FIRST_WORDS = (" แขวง", " ต.", " ตำบล")
_WORDS = re.compile(r"^(?:แขวง|ตำบล|ต\.|เขต|กิ่งอำเภอ|กิ่งอ\.|อำเภอ|อ\.|จังหวัด|จ\.) ?")
_NICKNAMES = {
    **dict.fromkeys(("กทม.", "กทม", "กรุงเทพ", "กรุงเทพฯ", "กรุงเทพมหานครฯ"), "กรุงเทพมหานคร"),
    "อยุธยา": "พระนครศรีอยุธยา",
    "โคราช": "นครราชสีมา",
}


@dataclass(frozen=True, slots=True)
class Found:
    """The code of what is known of a place, and the words that are not: None when all are."""

    code: int | None
    unknown: str | None


@cache
def _names() -> dict[tuple[str, ...], int]:
    """Every place by its bare names from the province down, today's before former ones."""
    table = places()
    names = dict(former_places())
    for code, place in table.items():
        if code < 100:
            names[(place.thai,)] = code
        elif code < 10_000:
            names[table[code // 100].thai, place.thai] = code
        else:
            names[table[code // 10_000].thai, table[code // 100].thai, place.thai] = code
    return names


@lru_cache(maxsize=16384)
def find_place(province: str, district: str = "", subdistrict: str = "") -> Found:
    """The smallest known place of these names; words in front of them (จ., เขต …) do no harm."""
    names = _names()
    first, second, third = (_bare(name) for name in (province, district, subdistrict))
    first = _NICKNAMES.get(first) or _in_full(first)
    if not first:
        return Found(None, " ".join(filter(None, (third, second))) or None)
    if (first,) not in names:
        return Found(None, " ".join(filter(None, (third, second, first))))
    if not second:
        return Found(names[first,], third or None)
    if second in ("เมือง", first):
        second = f"เมือง{first}" if (first, f"เมือง{first}") in names else second
    if (first, second) not in names:
        return Found(names[first,], " ".join(filter(None, (third, second))))
    code = names.get((first, second, third)) if third else None
    if third and code is None:
        return Found(names[first, second], third)
    return Found(code or names[first, second], None)


@cache
def _in_full(province: str) -> str:
    """A province that is cut short with ฯ in full, where only one begins so."""
    if not province.endswith("ฯ"):
        return province
    fitting = [
        place.thai for code, place in places().items() if code < 100 and place.thai.startswith(province[:-1])
    ]
    return fitting[0] if len(fitting) == 1 else province


def find_address_place(address: str) -> Found:
    """The place that an address ends in; an address without any gives no code and nothing unknown."""
    text = canonical(address)
    likely = max(text.rfind(word) for word in _FIRST_WORDS)
    match = _TAIL.match(text, likely) if likely >= 0 else None
    match = match or _TAIL.search(text[-_LONGEST_TAIL:])
    if match is None:
        return Found(None, None)
    subdistrict, district, province = match.groups("")
    found = find_place(province, district, subdistrict)
    # Without a word for it, the last word of an address need not be a place at all.
    return found if found.code or district else Found(None, None)


def _bare(name: str) -> str:
    return _WORDS.sub("", canonical(name)).replace(" ", "")
