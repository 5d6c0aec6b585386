"""What a page answers when it cannot answer: one table of names and statuses."""

from verify.errors import VerifyError

STATUS_OF = {
    "damaged": 400,
    "mistyped": 400,
    "bad_request": 400,
    "bad_day": 400,
    "future_day": 400,
    "wrong_host": 400,
    "not_here": 404,
    "no_day": 404,
    "not_allowed": 405,
    "too_many": 429,
    "fault": 500,
    "search_away": 503,
    "evidence_away": 503,
}
# Where a box for the typed code helps to go on.
WITH_CODE_BOX = frozenset({"damaged", "mistyped", "search_away"})


class Problem(VerifyError):
    """Ends a request with the page, or the problem details, of `name`."""

    def __init__(self, name: str, **values: object) -> None:
        super().__init__(name)
        self.name = name
        self.status = STATUS_OF[name]
        self.values = values
