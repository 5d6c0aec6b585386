"""What can go wrong in search.  No text of a query is wrong: each gives a page."""


class SearchError(Exception):
    """Any fault of search."""


class SearchAway(SearchError):
    """The index cannot answer now: it is missing, locked, damaged or made by another analyzer."""


class SearchDamaged(SearchAway):
    """The embedded index's file is no sound database: it answers only after it was made again."""


class BadSetting(SearchError):
    """A setting of search cannot be used; the words name it."""
