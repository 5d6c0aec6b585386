"""What is asked of an index and what it answers; the verdict by which it filters."""

import base64
import binascii
import json
from dataclasses import dataclass, replace
from hashlib import blake2b

LONGEST_WORDS = 100
MOST_BY_WORDS = 200
MOST_BY_FILTERS = 10_000
LARGEST_PAGE = 100

# The rows of the verdict table that depend on standing and dates, in its order; the first that
# holds is the verdict.  `:today` is a Bangkok date in days since 1970-01-01.
_VERDICT_ROWS = (
    ("REVOKED", "standing = 1"),
    ("ENDED", "standing = 3"),
    ("NOT_YET_VALID", ":today < valid_from"),
    ("EXPIRED", "ifnull(:today > valid_until, 0) AND standing NOT IN (12, 13)"),
    ("SUSPENDED", "standing IN (2, 13)"),
    ("RENEWAL_PENDING", "standing = 12 AND ifnull(:today > valid_until, 0)"),
    ("VALID", "standing IN (0, 12)"),
)
VERDICTS = tuple(verdict for verdict, _ in _VERDICT_ROWS)
# The standings that can have a verdict: an index finds these first and asks for the dates then.
STANDINGS = {
    "REVOKED": (1,),
    "ENDED": (3,),
    "NOT_YET_VALID": (0, 2, 12, 13),
    "EXPIRED": (0, 2),
    "SUSPENDED": (2, 13),
    "RENEWAL_PENDING": (12,),
    "VALID": (0, 12),
}
VERDICT_SQL = f"CASE {' '.join(f'WHEN {rule} THEN {verdict!r}' for verdict, rule in _VERDICT_ROWS)} END"


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

    `today` is the Bangkok date in days since 1970-01-01.  `after` is the `next` of the page
    before; one that is damaged, or of another question, gives the first page.
    """

    words: str = ""
    license_type: int | None = None
    agency: int | None = None
    province: int | None = None
    district: int | None = None
    subdistrict: int | None = None
    verdict: str | None = None
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
    """

    codes: tuple[str, ...]
    total: int
    capped: bool
    next: str | None


def _question(query: SearchQuery) -> str:
    """A short name of everything that decides the order of the answers; today may turn at midnight."""
    asked = repr(replace(query, after=None, size=0, today=0)).encode("utf-8", "surrogatepass")
    return blake2b(asked, digest_size=6).hexdigest()


def page_after(query: SearchQuery, place: tuple[int, str, str]) -> str:
    """The cursor that continues `query` after `place`: rows passed, sort key and code of the last."""
    text = json.dumps([_question(query), *place], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()


def place_of(query: SearchQuery) -> tuple[int, str, str] | None:
    """The place after which `query` continues, or None for the first page."""
    if not query.after or len(query.after) > 4000:
        return None
    try:
        padded = query.after.encode("ascii") + b"=" * (-len(query.after) % 4)
        match json.loads(base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")):
            case [str(question), int(passed), str(sort_key), str(code)]:
                fits = question == _question(query) and 0 < passed <= MOST_BY_FILTERS
                return (passed, sort_key, code) if fits else None
    except (ValueError, binascii.Error, RecursionError):
        pass  # Not ours: the first page is a good answer to any cursor.
    return None
