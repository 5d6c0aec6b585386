"""What is asked of an index and what it answers; the verdict by which it filters."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from hashlib import blake2b

from keys.acts import Status

LONGEST_WORDS = 100
MOST_BY_WORDS = 200
MOST_BY_FILTERS = 10_000
LARGEST_PAGE = 100

_FILED = f"{Status.RENEWAL_PENDING:d}, {Status.SUSPENDED_PENDING:d}"
# The rows of the verdict table that depend on standing and dates, in its order; the first that
# holds is the verdict.  `:today` is a Bangkok date in days since 1970-01-01.
_VERDICT_ROWS = (
    ("REVOKED", f"standing = {Status.INVALID:d}"),
    ("ENDED", f"standing = {Status.ENDED:d}"),
    ("NOT_YET_VALID", ":today < valid_from"),
    ("EXPIRED", f"ifnull(:today > valid_until, 0) AND standing NOT IN ({_FILED})"),
    ("SUSPENDED", f"standing IN ({Status.SUSPENDED:d}, {Status.SUSPENDED_PENDING:d})"),
    ("RENEWAL_PENDING", f"standing = {Status.RENEWAL_PENDING:d} AND ifnull(:today > valid_until, 0)"),
    ("VALID", f"standing IN ({Status.VALID:d}, {Status.RENEWAL_PENDING:d})"),
)
VERDICTS = tuple(verdict for verdict, _ in _VERDICT_ROWS)
# The standings that can have a verdict: an index finds these first and asks for the dates then.
STANDINGS = {
    "REVOKED": (Status.INVALID,),
    "ENDED": (Status.ENDED,),
    "NOT_YET_VALID": (Status.VALID, Status.SUSPENDED, Status.RENEWAL_PENDING, Status.SUSPENDED_PENDING),
    "EXPIRED": (Status.VALID, Status.SUSPENDED),
    "SUSPENDED": (Status.SUSPENDED, Status.SUSPENDED_PENDING),
    "RENEWAL_PENDING": (Status.RENEWAL_PENDING,),
    "VALID": (Status.VALID, Status.RENEWAL_PENDING),
}
VERDICT_SQL = f"CASE {' '.join(f'WHEN {rule} THEN {verdict!r}' for verdict, rule in _VERDICT_ROWS)} END"


class Sorting(Enum):
    """In which order licenses are listed; without words `BEST` is `NAME`."""

    BEST = "best"
    NAME = "name"
    NEWEST = "newest"
    EXPIRY = "expiry"


# A field by which a question is narrowed → its values → how many of the licenses found have it.
Facets = Mapping[str, Mapping[int | str, int]]
FILTERS = ("license_type", "agency", "province", "district", "subdistrict")
FACETS = (*FILTERS, "verdict")
NEVER = 10_000_000  # A day after every end: a license without one expires last.


def counted(found: Iterable[tuple[Mapping[str, int | str | None], int]]) -> Facets:
    """The facets of `found`, each the values of one license or of several alike, and how many these are."""
    facets: dict[str, Counter[int | str]] = {name: Counter() for name in FACETS}
    for values, count in found:
        for name, value in values.items():
            if value is not None:
                facets[name][value] += count
    return facets


def verdict(standing: int, valid_from: int, valid_until: int | None, today: int) -> str:
    """The verdict that standing and dates give on `today`; `VERDICT_SQL` says the same."""
    after = valid_until is not None and today > valid_until
    if standing in (1, 3):
        return "REVOKED" if standing == 1 else "ENDED"
    if today < valid_from:
        return "NOT_YET_VALID"
    if standing in (12, 0):
        return "VALID" if not after else "RENEWAL_PENDING" if standing == 12 else "EXPIRED"
    return "EXPIRED" if after and standing == 2 else "SUSPENDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """One question.  Words are read up to 100 characters; a `verdict` unknown here finds nothing.

    `order` decides among what is found; of equal ones the code.  `today` is the Bangkok date in days since 1970-01-01.  `after` is the `next` of the page
    before; one that is damaged, or of another question, gives the first page.
    """

    words: str = ""
    license_type: int | None = None
    agency: int | None = None
    province: int | None = None
    district: int | None = None
    subdistrict: int | None = None
    verdict: str | None = None
    order: Sorting = Sorting.BEST
    today: int
    after: str | None = None
    size: int = 20

    @property
    def page_size(self) -> int:
        """`size` within 1 to 100."""
        return max(1, min(self.size, LARGEST_PAGE))


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Codes in order, best first; `total` counts all pages, up to 200 by words, 10,000 by filters.

    `capped` says that there are more than `total`: the person should narrow the question.
    `facets` are exact: of words they count the `total` found; of filters alone there are none when
    `capped`.
    """

    codes: tuple[str, ...]
    total: int
    capped: bool
    next: str | None
    facets: Facets = field(default_factory=dict)


def _question(query: SearchQuery) -> str:
    """A short name of everything that decides the order of the answers; today may turn at midnight."""
    asked = repr(replace(query, after=None, size=0, today=0)).encode("utf-8", "surrogatepass")
    return blake2b(asked, digest_size=6).hexdigest()


Key = str | int  # By what a list is sorted: text for names, days for dates.


def page_after(query: SearchQuery, place: tuple[int, Key, str]) -> str:
    """The cursor that continues `query` after `place`: rows passed, key and code of the last."""
    text = json.dumps([_question(query), *place], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()


_BY_DATE = frozenset({Sorting.NEWEST, Sorting.EXPIRY})


def place_of(query: SearchQuery) -> tuple[int, Key, str] | None:
    """The place after which `query` continues, or None for the first page."""
    if not query.after or len(query.after) > 4000:
        return None
    try:
        padded = query.after.encode("ascii") + b"=" * (-len(query.after) % 4)
        match json.loads(base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")):
            case [str(question), int(passed), (str() | int()) as key, str(code)]:
                str(key).encode()  # What is no text, no engine takes.
                fits = question == _question(query) and 0 < passed <= MOST_BY_FILTERS
                fits = fits and _is_key(query, key)
                return (passed, key, code) if fits else None
    except (ValueError, binascii.Error, RecursionError):
        pass  # Not ours: the first page is a good answer to any cursor.
    return None


def _is_key(query: SearchQuery, key: Key) -> bool:
    """Whether `key` can be of a list in the order of `query`."""
    if query.words.strip() or query.order not in _BY_DATE:
        return isinstance(key, str)
    return isinstance(key, int) and not isinstance(key, bool) and abs(key) <= NEVER
