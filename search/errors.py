"""What can go wrong in search.  No text of a query is wrong: each gives a page."""


class SearchError(Exception):
    """Any fault of search."""


class SearchAway(SearchError):
    """The index cannot answer now: it is missing, locked, damaged or made by another analyzer."""


class BadSetting(SearchError):
    """A setting of search cannot be used; the words name it."""
