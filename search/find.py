"""How a question is answered from an index file: channels collect candidates, one rank orders them.

Channels run in order and stop once an answer is certain: number, all words, rare words and grams,
sounds, the other keyboard layout.  What each may read is bounded, so that no question is slow.
"""

# ruff: noqa: S608 -- the SQL is put together from constants of this package; all values are bound.

import json
from collections.abc import Iterable, Sequence

from search.document import LONGEST_BEGINNING
from search.query import (
    MOST_BY_FILTERS,
    MOST_BY_WORDS,
    STANDINGS,
    VERDICT_SQL,
    SearchPage,
    SearchQuery,
    page_after,
    place_of,
    verdict,
)
from search.rank import Candidate, Weights, in_order, names_hold, number_score, text_score
from search.reading import Reading, Token, asked_code, asked_numbers, other_layout, readings
from search.sqlite import driver
from search.store import (
    ABOUT,
    COLUMNS,
    GRAM,
    INSIDE,
    NAME,
    SOUND,
    WHOLE,
    document_of,
    facets,
    standing_facet,
)

_MOST_MATCHES = 2000  # Read by the number and all-words channels before the shortest names are kept.
_MOST_POSTINGS = 8000  # Read by one of the other channels, rarest terms first.
_BLOCK = 500
_POSTINGS = "SELECT rowid FROM posting WHERE posting MATCH ? LIMIT ?"
_MOST_CANDIDATES = 60  # Ranked of what one of the other channels found.
_RAREST = {"word": 6, "gram": 10, "sound": 12}
_SHORTEST_NUMBER = 3  # Of which a part is sought; shorter ones must be a whole or a last part.
_SHORTEST_BEGINNING = 2
_CERTAIN, _GOOD = 0.75, 0.5
_OPERATES = frozenset({"VALID", "RENEWAL_PENDING"})


def answer(connection: "driver.Connection", query: SearchQuery, documents: int) -> SearchPage:
    """The page of `query` in an index of `documents` visible documents."""
    if query.verdict is not None and query.verdict not in STANDINGS:
        return SearchPage(codes=(), total=0, capped=False, next=None)
    if not query.words.strip():
        return _by_filters(connection, query)
    codes, capped = _Search(connection, query, documents).codes()
    place = place_of(query)
    begin = place[0] if place else 0
    end = begin + query.page_size
    page = tuple(codes[begin:end])
    more = page_after(query, (end, "", page[-1])) if end < len(codes) else None
    return SearchPage(page, len(codes), capped, more)


def _conditions(query: SearchQuery) -> tuple[list[str], dict[str, object]]:
    """Conditions on `document` for the filters of `query`, and their values."""
    given = {
        "license_type": query.license_type,
        "agency": query.agency,
        "province": query.province,
        "district": query.district,
    }
    values: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    conditions = [f"{name} = :{name}" for name in values]
    if query.verdict is not None:
        conditions.append(f"{VERDICT_SQL} = :verdict")
        values |= {"verdict": query.verdict, "today": query.today}
    return conditions, values


def _by_filters(connection: "driver.Connection", query: SearchQuery) -> SearchPage:
    conditions, values = _conditions(query)
    place = place_of(query)
    passed, sort_key, code = place or (0, "", "")
    where = " AND ".join(["visible", *conditions])
    (found,) = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM document INDEXED BY document_in_order WHERE {where} LIMIT :most)",
        {**values, "most": MOST_BY_FILTERS + 1},
    ).fetchone()
    size = min(query.page_size, MOST_BY_FILTERS - passed)
    rows = connection.execute(
        f"SELECT sort_key, code FROM document INDEXED BY document_in_order WHERE {where}"
        " AND (sort_key, code) > (:sort_key, :code) ORDER BY sort_key, code LIMIT :size",
        {**values, "sort_key": sort_key, "code": code, "size": size + 1},
    ).fetchall()
    page, more = rows[:size], None
    if len(rows) > size and passed + size < MOST_BY_FILTERS:
        more = page_after(query, (passed + size, *page[-1]))
    codes = tuple(row[1] for row in page)
    return SearchPage(codes, min(found, MOST_BY_FILTERS), found > MOST_BY_FILTERS, more)


def _quoted(term: str) -> str:
    return f'"{term}"'  # Terms hold letters, digits, marks and our own signs: never a quote.


def _clause(token: Token, *, beginning: bool, anywhere: bool) -> str:
    """What a document must hold for one token: in its names, or `anywhere`; a number in either."""
    star = " *" if beginning and not token.parts else ""
    words = (
        [_quoted(sign + part) + star for sign in (("", ABOUT) if anywhere else ("",))]
        for part in token.parts or (token.text,)
    )
    clause = " AND ".join(f"({' OR '.join(alternatives)})" for alternatives in words)
    if any(character.isdecimal() for character in token.text):
        clause = f"({clause}) OR {_quoted(WHOLE + token.text)} OR {_quoted(INSIDE + token.text)}"
    return f"({clause})"


def _all_of(way: Reading, *, anywhere: bool) -> str:
    """What a document must hold for `way`: all its words, the last as a beginning."""
    last = len(way.tokens) - 1
    clauses = [
        _clause(token, beginning=way.open_end and place == last, anywhere=anywhere)
        for place, token in enumerate(way.tokens)
    ]
    cuts = [" AND ".join(dict.fromkeys(clauses))]
    for count, joined in way.endings:
        ending = _clause(Token(joined), beginning=True, anywhere=anywhere)
        cuts.append(" AND ".join([*clauses[: len(clauses) - count], ending]))
    return " OR ".join(f"({cut})" for cut in cuts)


class _Search:
    """One search by words: the candidates met so far and their scores."""

    def __init__(self, connection: "driver.Connection", query: SearchQuery, documents: int) -> None:
        self._connection = connection
        self._query = query
        self._documents = documents
        self._candidates: dict[int, Candidate] = {}
        self._scores: dict[int, float] = {}
        self._capped = False
        self._numbers = asked_numbers(query.words)
        narrowed = [
            _quoted(token)
            for token in facets(
                license_type=query.license_type,
                agency=query.agency,
                province=query.province,
                district=query.district,
            )
        ]
        if query.verdict is not None:
            standings = map(_quoted, map(standing_facet, STANDINGS[query.verdict]))
            narrowed.append(f"({' OR '.join(standings)})")
        self._narrowed = "".join(f" AND {clause}" for clause in narrowed)

    def codes(self) -> tuple[list[str], bool]:
        """The codes found, best first, at most 200, and whether there were more."""
        asked = self._query.words
        code = asked_code(asked)
        if code is not None and self._by_code(code):
            return [code], False
        if not (self._numbers and self._by_number(self._numbers)):
            self._by_readings(readings(asked))
            if self._best() < _GOOD:
                self._by_readings(other_layout(asked))
        operates = {
            found: verdict(
                candidate.document.standing,
                candidate.document.valid_from,
                candidate.document.valid_until,
                self._query.today,
            )
            in _OPERATES
            for found, candidate in self._candidates.items()
        }
        order = in_order(self._scores, self._candidates, operates)
        found = [self._candidates[place].document.code for place in order]
        return found[:MOST_BY_WORDS], self._capped or len(found) > MOST_BY_WORDS

    def _by_readings(self, ways: Sequence[Reading]) -> None:
        """All words of each reading; then, only while nothing is certain, what is like them."""
        weights = [self._weights(way) for way in ways]
        for way, rarity in zip(ways, weights, strict=True):
            self._score(self._all_words(way), way, rarity)
        for way, rarity in zip(ways, weights, strict=True):
            if not self._certain(way):
                self._score(self._any_of(way.words, "word", rarity), way, rarity)
                grams = (GRAM + gram for gram in way.grams)
                self._score(self._any_of(grams, "gram", rarity), way, rarity)
            if self._best() < _CERTAIN and way.latin:
                sounds = (SOUND + gram for gram in way.sound_grams)
                self._score(self._any_of(sounds, "sound", rarity), way, rarity)

    def _certain(self, way: Reading) -> bool:
        """Whether a name, not only an address, holds all that was asked."""
        return any(
            score >= _CERTAIN and names_hold(way, self._candidates[found])
            for found, score in self._scores.items()
        )

    def _best(self) -> float:
        return max(self._scores.values(), default=0.0)

    def _by_code(self, code: str) -> bool:
        conditions, values = _conditions(self._query)
        where = " AND ".join(["visible", "code = :code", *conditions])
        row = self._connection.execute(f"SELECT 1 FROM document WHERE {where}", {**values, "code": code})
        return row.fetchone() is not None

    def _by_number(self, numbers: tuple[str, ...]) -> bool:
        """Whether one of `numbers` is a whole number here; parts of numbers become candidates too."""
        found = self._matching(" OR ".join(_quoted(WHOLE + number) for number in numbers))
        whole = bool(found)
        if not whole:
            star = " *" if min(map(len, numbers)) >= _SHORTEST_NUMBER else ""
            found = self._matching(" OR ".join(_quoted(INSIDE + number) + star for number in numbers))
        for place in self._read(found):
            self._scores[place] = number_score(numbers, self._candidates[place])
        return whole

    def _matching(self, expression: str) -> list[int]:
        """Up to 200 ids that match, those with the shortest names; notes when there were more."""
        conditions, values = _conditions(self._query) if self._query.verdict else ([], {})
        where = " AND ".join(["posting MATCH :match", *conditions])
        rows = self._connection.execute(
            "SELECT id FROM (SELECT document.id, length, code FROM posting CROSS JOIN document"
            f" ON document.id = posting.rowid WHERE {where} LIMIT :most)"
            " ORDER BY length, code LIMIT :candidates",
            {
                **values,
                "match": f"({expression}){self._narrowed}",
                "most": _MOST_MATCHES,
                "candidates": MOST_BY_WORDS + 1,
            },
        ).fetchall()
        self._capped = self._capped or len(rows) > MOST_BY_WORDS
        return [row[0] for row in rows]

    def _all_words(self, way: Reading) -> list[int]:
        """The ids of names that begin with `way`, or hold all its words, then of those that do anywhere.

        In this order, for words of common places must not crowd out the names.
        """
        beginning = _quoted(NAME + way.beginning[:LONGEST_BEGINNING])
        star = " *" if way.open_end and len(way.beginning) >= _SHORTEST_BEGINNING else ""
        found = self._matching(beginning + star)
        for anywhere in (False, True):
            if len(found) <= MOST_BY_WORDS:
                found += self._matching(_all_of(way, anywhere=anywhere))
        return list(dict.fromkeys(found))

    def _any_of(self, terms: Iterable[str], kind: str, weights: Weights) -> list[int]:
        """The ids with the greatest weight of the rarest of `terms`."""
        known = [(weights.frequency[term], term) for term in set(terms) if weights.frequency.get(term)]
        left = _MOST_POSTINGS
        gathered: dict[int, float] = {}
        for frequency, term in sorted(known)[: _RAREST[kind]]:
            if frequency > left and gathered:
                break
            either = f"({_quoted(term)} OR {_quoted(ABOUT + term)})" if kind == "word" else _quoted(term)
            match = either + self._narrowed
            weight = weights.of(term)
            for (found,) in self._connection.execute(_POSTINGS, (match, left)):
                gathered[found] = gathered.get(found, 0.0) + weight
            left -= min(frequency, left)
        best = sorted(gathered.items(), key=lambda item: (-item[1], item[0]))
        return self._with_verdict([found for found, _ in best])

    def _with_verdict(self, ids: Sequence[int]) -> list[int]:
        """The first 60 of `ids` that have the verdict asked for: its dates are no tokens."""
        if self._query.verdict is None:
            return list(ids[:_MOST_CANDIDATES])
        conditions, values = _conditions(self._query)
        where = " AND ".join(["id IN (SELECT value FROM json_each(:ids))", *conditions])
        found: list[int] = []
        for begin in range(0, len(ids), _BLOCK):
            block = ids[begin : begin + _BLOCK]
            rows = self._connection.execute(
                f"SELECT id FROM document WHERE {where}", {**values, "ids": json.dumps(block)}
            )
            kept = {row[0] for row in rows}
            found += [place for place in block if place in kept]
            if len(found) >= _MOST_CANDIDATES:
                break
        return found[:_MOST_CANDIDATES]

    def _weights(self, way: Reading) -> Weights:
        asked = {*way.words, *(GRAM + gram for gram in way.grams)}
        if way.latin:
            asked.update(SOUND + gram for gram in way.sound_grams)
        rows = self._connection.execute(
            "SELECT term, documents FROM term WHERE term IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(asked)),),
        )
        return Weights(self._documents, dict(rows.fetchall()))

    def _read(self, ids: Sequence[int]) -> Sequence[int]:
        """`ids`, each now among the candidates."""
        missing = [found for found in ids if found not in self._candidates]
        rows = self._connection.execute(
            f"SELECT id, {COLUMNS} FROM document WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(missing),),
        )
        for row in rows:
            self._candidates[row[0]] = Candidate(document_of(row[1:]))
        return ids

    def _score(self, ids: Sequence[int], way: Reading, weights: Weights) -> None:
        for found in self._read(ids):
            candidate = self._candidates[found]
            score = max(text_score(way, candidate, weights), number_score(self._numbers, candidate))
            self._scores[found] = max(score, self._scores.get(found, 0.0))
