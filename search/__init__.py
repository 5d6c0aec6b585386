"""Search: words, numbers and codes become licenses' codes, and nothing else.

The index holds tokens, filters and codes.  What a page displays comes from verified statements.
"""

from search.document import STAMP, LicenseDocument, LicenseFacts, analyze
from search.errors import SearchAway, SearchDamaged, SearchError
from search.fts import FtsIndex
from search.opening import SearchIndex, open_index
from search.query import SearchPage, SearchQuery
from search.spelling import meant

__all__ = [
    "STAMP",
    "FtsIndex",
    "LicenseDocument",
    "LicenseFacts",
    "SearchAway",
    "SearchDamaged",
    "SearchError",
    "SearchIndex",
    "SearchPage",
    "SearchQuery",
    "analyze",
    "meant",
    "open_index",
]
