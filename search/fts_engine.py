"""How FTS5 answers what a search asks of an index."""

# ruff: noqa: S608 -- the SQL is put together from constants of this package; all values are bound.

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from search.document import GRAM, SOUND, LicenseDocument
from search.engine import All, Answer, Either, Expression, InTurn, Kind, Listed, Question, Term
from search.query import (
    FACETS,
    FILTERS,
    NEVER,
    STANDINGS,
    VERDICT_SQL,
    Facets,
    Key,
    SearchQuery,
    Sorting,
    counted,
)
from search.sqlite import driver
from search.store import ABOUT, COLUMNS, FACET, INSIDE, NAME, WHOLE, document_of, facets, standing_facet

_BLOCK = 500
_KEYS = {Sorting.NEWEST: "-valid_from", Sorting.EXPIRY: f"ifnull(valid_until, {NEVER})"}
_SIGNS = {
    Kind.NAME: ("",),
    Kind.ANYWHERE: ("", ABOUT),
    Kind.BEGINNING: (NAME,),
    Kind.WHOLE: (WHOLE,),
    Kind.INSIDE: (INSIDE,),
    Kind.AREA: (FACET,),
}


class FtsEngine:
    """An `Engine` over one read transaction on an index of `documents` visible documents.

    A filter is a token of its own and narrows inside FTS5; only the dates of a verdict are read
    from the rows.
    """

    def __init__(self, connection: "driver.Connection", query: SearchQuery, documents: int) -> None:
        self._connection = connection
        self._documents = documents
        self._read: dict[int, LicenseDocument] = {}
        self._key = _KEYS.get(query.order, "sort_key")
        self._filters = {name: getattr(query, name) for name in FILTERS}
        narrowed = list(map(_quoted, facets(**self._filters)))
        if query.verdict is not None:
            narrowed.append(_either(map(_quoted, map(standing_facet, STANDINGS.get(query.verdict, ())))))
        self._narrowed = "".join(f" AND {clause}" for clause in narrowed)
        self._verdict = f"{VERDICT_SQL} = :verdict" if query.verdict is not None else None
        self._values: dict[str, object] = {"verdict": query.verdict, "today": query.today}

    def ask(self, questions: Sequence[Question], terms: Collection[str] = ()) -> Answer:
        """Asks one after another."""
        frequency = self._frequency(terms) if terms else {}
        found = tuple(self._documents_at(self._places(question)) for question in questions)
        return Answer(found, self._documents, frequency)

    def holds(self, code: str) -> LicenseDocument | None:
        """The license of this code, if it is there and passes the filters."""
        row = self._connection.execute(
            f"SELECT {COLUMNS} FROM document WHERE code = :code AND {self._where()}", self._bound(code=code)
        ).fetchone()
        return document_of(row) if row else None

    def listed(self, after: tuple[Key, str] | None, *, size: int, most: int) -> Listed:
        """A page of the list that the filters leave."""
        table = f"document INDEXED BY document_in_order WHERE {self._where()}"
        (found,) = self._connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT :most)", self._bound(most=most)
        ).fetchone()
        key, (last, code) = self._key, after or (None, "")
        behind = f"AND ({key}, code) > (:last, :code)" if after else ""
        rows = self._connection.execute(
            f"SELECT {key}, code FROM {table} {behind} ORDER BY {key}, code LIMIT :size",
            self._bound(last=last, code=code, size=size),
        ).fetchall()
        return Listed(rows, found, self._facets() if found < most else {})

    def _facets(self) -> Facets:
        """How many of the list have each value of each field: one pass over the index, which has all."""
        fields = ", ".join((*FACETS[:-1], VERDICT_SQL))
        numbers = ", ".join(str(place + 1) for place in range(len(FACETS)))
        rows = self._connection.execute(
            f"SELECT {fields}, count(*) FROM document INDEXED BY document_in_order WHERE {self._where()}"
            f" GROUP BY {numbers}",
            self._bound(),
        )
        return counted((dict(zip(FACETS, row[:-1], strict=True)), row[-1]) for row in rows)

    def _where(self) -> str:
        """Conditions on `document` for all filters."""
        given = [f"{name} = :{name}" for name, value in self._filters.items() if value is not None]
        return " AND ".join(["visible", *given, *([self._verdict] if self._verdict else [])])

    def _bound(self, **values: object) -> dict[str, object]:
        return {**self._filters, **self._values, **values}

    def _frequency(self, terms: Collection[str]) -> Mapping[str, int]:
        rows = self._connection.execute(
            "SELECT term, documents FROM term WHERE term IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(terms)),),
        )
        return dict(rows.fetchall())

    def _places(self, question: Question) -> Sequence[int]:
        if isinstance(question, InTurn):
            return self._in_turn(question)
        terms = {term: _of_term(term) for term in question.weights}
        if len(terms) == 1:  # However common it is: the first in order of place are read, no more.
            return self._matching(next(iter(terms.values())), question.most)
        weight: dict[int, int] = {}
        for term, match in terms.items():
            # All places in one text: a row for each takes several times as long as to find them.
            ((places,),) = self._connection.execute(
                "SELECT json_group_array(rowid) FROM posting WHERE posting MATCH ?", (match + self._narrowed,)
            )
            for place in json.loads(places):
                weight[place] = weight.get(place, 0) + question.weights[term]
        least = 0
        if self._verdict is None and len(weight) > question.most:  # Only these need to be put in order.
            least = sorted(weight.values(), reverse=True)[question.most - 1]
        heaviest = sorted((at for at in weight if weight[at] >= least), key=lambda at: (-weight[at], at))
        return self._with_verdict(heaviest, question.most) if self._verdict else heaviest[: question.most]

    def _in_turn(self, question: InTurn) -> Sequence[int]:
        places: dict[int, None] = {}
        for expression in question.expressions:
            places.update(dict.fromkeys(self._matching(_match(expression), question.most)))
            if len(places) >= question.most or (places and question.first_only):
                break
        return list(places)[: question.most]

    def _matching(self, match: str, most: int) -> Sequence[int]:
        """The first `most` places that match, in their order; only the dates of a verdict need rows."""
        table, where = "posting", "posting MATCH :match"
        if self._verdict:
            table = "posting CROSS JOIN document ON document.id = posting.rowid"
            where = f"{where} AND {self._verdict}"
        rows = self._connection.execute(
            f"SELECT posting.rowid FROM {table} WHERE {where} ORDER BY posting.rowid LIMIT :most",
            {**self._values, "match": f"({match}){self._narrowed}", "most": most},
        )
        return [row[0] for row in rows]

    def _with_verdict(self, places: Sequence[int], most: int) -> Sequence[int]:
        """The first `most` of `places` that have the verdict asked for: its dates are no tokens."""
        found: list[int] = []
        for begin in range(0, len(places), _BLOCK):
            block = places[begin : begin + _BLOCK]
            rows = self._connection.execute(
                f"SELECT id FROM document WHERE id IN (SELECT value FROM json_each(:ids)) AND {self._verdict}",
                {**self._values, "ids": json.dumps(block)},
            )
            kept = {row[0] for row in rows}
            found += [place for place in block if place in kept]
            if len(found) >= most:
                break
        return found[:most]

    def _documents_at(self, places: Sequence[int]) -> Sequence[LicenseDocument]:
        missing = [place for place in places if place not in self._read]
        if missing:
            rows = self._connection.execute(
                f"SELECT id, {COLUMNS} FROM document WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(missing),),
            )
            self._read.update((row[0], document_of(row[1:])) for row in rows)
        return [self._read[place] for place in places]


def _quoted(term: str) -> str:
    return f'"{term}"'  # Terms hold letters, digits, marks and our own signs: never a quote.


def _of_term(term: str) -> str:
    """One of `LicenseDocument.terms`, wherever it is."""
    return _quoted(term) if term[0] in (GRAM, SOUND) else _either((_quoted(term), _quoted(ABOUT + term)))


def _either(clauses: Iterable[str]) -> str:
    return f"({' OR '.join(clauses)})"


def _match(expression: Expression) -> str:
    """`expression` in the language of FTS5."""
    match expression:
        case Term(kind, text, begins):
            star = " *" if begins else ""
            return _either(_quoted(sign + text) + star for sign in _SIGNS[kind])
        case All(parts):
            return f"({' AND '.join(map(_match, parts))})"
        case Either(parts):
            return _either(map(_match, parts))
