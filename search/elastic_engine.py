"""How Elasticsearch answers what a search asks of an index."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keys.acts import Status
from search.document import LicenseDocument
from search.elastic_shape import document_of
from search.engine import All, Answer, Either, Expression, InTurn, Kind, Listed, Question, Term
from search.query import FACETS, FILTERS, NEVER, STANDINGS, VERDICTS, Facets, Key, SearchQuery, Sorting

Body = dict[str, Any]
Found = Mapping[str, Any]

_FIELDS = {
    Kind.NAME: "name_words",
    Kind.ANYWHERE: "terms",
    Kind.BEGINNING: "beginnings",
    Kind.WHOLE: "wholes",
    Kind.INSIDE: "insides",
    Kind.AREA: "areas",
}
_SORTS: dict[Sorting, Body] = {
    Sorting.NEWEST: {"valid_from": "desc"},
    Sorting.EXPIRY: {"valid_until": {"order": "asc", "missing": NEVER}},
}
_MOST_COUNTED = 200_000
_STALE_PART = 100  # Counts are kept until one act for this many documents has passed.


@dataclass(frozen=True, slots=True)
class State:
    """Which physical index answered, and the log size that it reflects."""

    index: str
    cursor: int


# Sends searches in one request; gives the state of the index and what each found, or raises `SearchAway`.
Send = Callable[[Sequence[Body]], tuple[State, Sequence[Found]]]


@dataclass(slots=True)
class _Counted:
    """How many documents there are, and how many hold each of some terms."""

    state: State
    documents: int = 0
    frequency: dict[str, int] = field(default_factory=dict)

    def may_stand_for(self, state: State) -> bool:
        passed = abs(state.cursor - self.state.cursor)
        few = len(self.frequency) <= _MOST_COUNTED
        return few and state.index == self.state.index and passed * _STALE_PART <= self.documents

    def take(self, terms: Sequence[str], found: Found) -> None:
        """Takes the answer to `_counting(terms)`."""
        self.documents, *counts = (each["doc_count"] for each in found["aggregations"]["of"]["buckets"])
        self.frequency.update(zip(terms, counts, strict=True))


class Counts:
    """What was counted lately of one index.

    Counting is most of what a search costs there, and the counts hardly change: weights go by
    their logarithm.  They are kept until one act for every hundred documents has passed, so those
    of an index of fewer than a hundred are always exact.
    """

    def __init__(self) -> None:
        self._counted = _Counted(State("", 0))

    def unknown(self, terms: Iterable[str]) -> list[str]:
        """Those of `terms` that were not counted."""
        known = self._counted.frequency
        return sorted(term for term in set(terms) if term not in known)

    def at(self, state: State) -> _Counted:
        """What may be taken for the counts at `state`; nothing is counted yet when too much has changed."""
        if not self._counted.may_stand_for(state):
            self._counted = _Counted(state)
        return self._counted


class ElasticEngine:
    """An `Engine` over one index, asked by `send`."""

    def __init__(self, send: Send, query: SearchQuery, counts: Counts) -> None:
        self._send = send
        self._query = query
        self._filters = _filters_of(query)
        self._counts = counts

    def ask(self, questions: Sequence[Question], terms: Collection[str] = ()) -> Answer:
        """Asks all at once, and again for counts only when those kept turn out to be of another state."""
        unknown = self._counts.unknown(terms)
        counting = [_counting(unknown)] if unknown else []
        state, answers = self._send([*counting, *map(self._body, questions)])
        counted = self._counts.at(state)
        if unknown:
            counted.take(unknown, answers[0])
        if missing := sorted({term for term in terms if term not in counted.frequency}):
            _, (again,) = self._send([_counting(missing)])
            counted.take(missing, again)
        found = tuple(map(_documents, questions, answers[len(counting) :]))
        return Answer(found, counted.documents, {term: counted.frequency[term] for term in terms})

    def holds(self, code: str) -> LicenseDocument | None:
        """The license of this code, if it is there and passes the filters."""
        _, (found,) = self._send([self._of({"ids": {"values": [code]}}) | {"size": 1}])
        hits = found["hits"]["hits"]
        return document_of(hits[0]["_source"]) if hits else None

    def listed(self, after: tuple[Key, str] | None, *, size: int, most: int) -> Listed:
        """A page of the list that the filters leave; when it is not too long, asks again for the facets."""
        body = self._of({"match_all": {}}) | {
            "size": size,
            "_source": False,
            "track_total_hits": most,
            "sort": [_SORTS.get(self._query.order, "sort_key"), "code"],
        }
        if after:
            body["search_after"] = [self._sign(after[0]), after[1]]
        _, (found,) = self._send([body])
        rows = [(self._sign(hit["sort"][0]), hit["sort"][1]) for hit in found["hits"]["hits"]]
        total = min(found["hits"]["total"]["value"], most)
        return Listed(rows, total, self._facets(most) if total < most else {})

    def _sign(self, key: Key) -> Key:
        """The newest come first by their first day counted downwards; the server sorts the day itself."""
        return -key if self._query.order is Sorting.NEWEST and isinstance(key, int) else key

    def _facets(self, most: int) -> Facets:
        """How many of the list have each value of each field, of which there are no more than `most`."""
        fields = {name: {"terms": {"field": name, "size": most}} for name in FACETS[:-1]}
        verdicts = {each: {"bool": {"filter": _verdict(each, self._query.today)}} for each in VERDICTS}
        counting = {**fields, FACETS[-1]: {"filters": {"filters": verdicts}}}
        _, (found,) = self._send([self._of({"match_all": {}}) | {"size": 0, "aggs": counting}])
        of = {name: found["aggregations"][name]["buckets"] for name in FACETS}
        facets: dict[str, dict[int | str, int]] = {
            name: {int(bucket["key"]): bucket["doc_count"] for bucket in of[name]} for name in fields
        }
        told = {each: bucket["doc_count"] for each, bucket in of[FACETS[-1]].items()}
        return {**facets, FACETS[-1]: {each: count for each, count in told.items() if count}}

    def _of(self, scored: Body) -> Body:
        """A search of the visible documents that pass the filters, scored as `scored` says."""
        return {
            "query": {"bool": {"must": scored, "filter": [_term("visible", value=True), *self._filters]}},
            "track_total_hits": False,
        }

    def _body(self, question: Question) -> Body:
        by_place = {"size": question.most, "sort": ["place"]}
        by_score = {"size": question.most, "sort": [{"_score": "desc"}, "place"]}
        if isinstance(question, InTurn):
            last = len(question.expressions)
            turns = [
                _constant(_expression(expression), last - turn)
                for turn, expression in enumerate(question.expressions)
            ]
            return self._of({"dis_max": {"queries": turns}}) | by_score
        if len(question.weights) == 1:  # In order of place as the index is: the rest is not looked at.
            return self._of(_term("terms", next(iter(question.weights)))) | by_place
        weighed = [_constant(_term("terms", term), weight) for term, weight in question.weights.items()]
        return self._of({"bool": {"should": weighed}}) | by_score


def _documents(question: Question, found: Found) -> list[LicenseDocument]:
    hits = found["hits"]["hits"]
    if isinstance(question, InTurn) and question.first_only:
        hits = [hit for hit in hits if hit["sort"][0] == hits[0]["sort"][0]]
    return [document_of(hit["_source"]) for hit in hits]


def _counting(terms: Sequence[str]) -> Body:
    """Counts all visible documents and those that hold each term."""
    filters = [_term("visible", value=True), *(_term("terms", term) for term in terms)]
    return {"size": 0, "track_total_hits": False, "aggs": {"of": {"filters": {"filters": filters}}}}


def _term(field_name: str, value: str | int | bool) -> Body:  # noqa: FBT001
    return {"term": {field_name: value}}


def _constant(query: Body, score: int) -> Body:
    return {"constant_score": {"filter": query, "boost": score}}


def _any(queries: Iterable[Body]) -> Body:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _expression(expression: Expression) -> Body:
    match expression:
        case Term(kind, text, begins):
            return {"prefix" if begins else "term": {_FIELDS[kind]: text}}
        case All(parts):
            return {"bool": {"filter": list(map(_expression, parts))}}
        case Either(parts):
            return _any(map(_expression, parts))


def _filters_of(query: SearchQuery) -> list[Body]:
    given = {name: getattr(query, name) for name in FILTERS}
    filters = [_term(name, value) for name, value in given.items() if value is not None]
    return filters if query.verdict is None else [*filters, *_verdict(query.verdict, query.today)]


def _verdict(verdict: str, today: int) -> list[Body]:
    """Conditions that say what `search.query.verdict` says; no end is later than every day."""
    began = {"range": {"valid_from": {"lte": today}}}
    ended = {"range": {"valid_until": {"lt": today}}}
    lasts = {"bool": {"must_not": ended}}
    conditions: dict[str, list[Body]] = {
        "REVOKED": [],
        "ENDED": [],
        "NOT_YET_VALID": [{"range": {"valid_from": {"gt": today}}}],
        "EXPIRED": [began, ended],
        "SUSPENDED": [began, _any([lasts, _term("standing", Status.SUSPENDED_PENDING)])],
        "RENEWAL_PENDING": [began, ended],
        "VALID": [began, lasts],
    }
    standings = {"terms": {"standing": list(STANDINGS.get(verdict, ()))}}
    return [standings, *conditions.get(verdict, [])]
