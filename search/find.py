"""How a question is answered, on every engine: channels collect candidates, one rank orders them.

Channels run in order and stop once an answer is certain: number, all words, rare words and grams,
sounds, the other keyboard layout.  What each may read is bounded, so that no question is slow.
"""

from collections.abc import Iterable, Iterator, Sequence

from search.document import GRAM, LONGEST_BEGINNING, SOUND, LicenseDocument
from search.engine import All, Either, Engine, Expression, Heaviest, InTurn, Kind, Question, Term
from search.query import (
    FACETS,
    MOST_BY_FILTERS,
    MOST_BY_WORDS,
    NEVER,
    STANDINGS,
    Key,
    SearchPage,
    SearchQuery,
    Sorting,
    counted,
    page_after,
    place_of,
    verdict,
)
from search.rank import Candidate, Weights, in_order, least_shown, names_hold, number_score, text_score
from search.reading import Reading, Token, asked_code, asked_numbers, numbers_within, other_layout, readings

_MOST = MOST_BY_WORDS + 1  # So that it is known when there are more.
_FEWEST_OF_A_NAME = 3  # Words: of fewer it is not sure that they are not a place or a type.
_MOST_POSTINGS = 8000  # Read by a channel of rare terms, unless the rarest alone has more.
_MOST_CANDIDATES = 60  # Ranked of what such a channel found.
_RAREST = {"word": 6, "gram": 10, "sound": 12}
_SHORTEST_NUMBER = 3  # Of which a part is sought; shorter ones must be a whole or a last part.
_SHORTEST_BEGINNING = 2
_SURE, _CERTAIN, _GOOD = 0.94, 0.75, 0.6
_OPERATES = frozenset({"VALID", "RENEWAL_PENDING"})


def answer(engine: Engine, query: SearchQuery) -> SearchPage:
    """The page of `query`, whose filters `engine` is narrowed to; raises `SearchAway`."""
    if query.verdict is not None and query.verdict not in STANDINGS:
        return SearchPage(codes=(), total=0, capped=False, next=None)
    if not query.words.strip():
        return _by_filters(engine, query)
    found, capped = _Search(engine, query).documents()
    facets = counted((_values(document, query.today), 1) for document in found)
    if query.order is not Sorting.BEST:
        found.sort(key=lambda document: (_key(document, query.order), document.code))
    place = place_of(query)
    begin = place[0] if place else 0
    end = begin + query.page_size
    page = tuple(document.code for document in found[begin:end])
    more = page_after(query, (end, "", page[-1])) if end < len(found) else None
    return SearchPage(page, len(found), capped, more, facets)


def _values(document: LicenseDocument, today: int) -> dict[str, int | str | None]:
    """The value of each facet."""
    found = verdict(document.standing, document.valid_from, document.valid_until, today)
    return {name: found if name == "verdict" else getattr(document, name) for name in FACETS}


def _key(document: LicenseDocument, order: Sorting) -> Key:
    """By what `document` is sorted; as an engine's list has it."""
    if order is Sorting.NEWEST:
        return -document.valid_from
    if order is Sorting.EXPIRY:
        return NEVER if document.valid_until is None else document.valid_until
    return document.sort_key


def _by_filters(engine: Engine, query: SearchQuery) -> SearchPage:
    place = place_of(query)
    passed = place[0] if place else 0
    size = min(query.page_size, MOST_BY_FILTERS - passed)
    listed = engine.listed(place[1:] if place else None, size=size + 1, most=MOST_BY_FILTERS + 1)
    page, more = listed.rows[:size], None
    if len(listed.rows) > size and passed + size < MOST_BY_FILTERS:
        more = page_after(query, (passed + size, *page[-1]))
    codes = tuple(code for _, code in page)
    capped = listed.found > MOST_BY_FILTERS
    return SearchPage(codes, min(listed.found, MOST_BY_FILTERS), capped, more, listed.facets)


def _clause(token: Token, kind: Kind, *, begins: bool) -> Expression:
    """What a document must hold for one token, where `kind` says; a number also among its numbers."""
    begins = begins and not token.parts
    clause = All(tuple(Term(kind, part, begins) for part in token.parts or (token.text,)))
    if not any(character.isdecimal() for character in token.text):
        return clause
    return Either((clause, Term(Kind.WHOLE, token.text), Term(Kind.INSIDE, token.text)))


def _all_of(way: Reading, kind: Kind) -> Expression:
    """What a document must hold for `way`: all its words, the last as a beginning."""
    last = len(way.tokens) - 1
    clauses = [
        _clause(token, kind, begins=way.open_end and place == last) for place, token in enumerate(way.tokens)
    ]
    cuts = [All(tuple(dict.fromkeys(clauses)))]
    if kind is Kind.ANYWHERE and way.places:
        cuts.append(All(tuple(_with_areas(way, clauses))))
    for count, joined in way.endings:
        cuts.append(All((*clauses[: len(clauses) - count], _clause(Token(joined), kind, begins=True))))
    return Either(tuple(cuts))


def _with_areas(way: Reading, clauses: Sequence[Expression]) -> Iterator[Expression]:
    """`clauses`, each run of words that names a place being the areas of that name."""
    at = 0
    for place in way.places:
        yield from clauses[at : place.begin]
        yield Either(tuple(Term(Kind.AREA, str(code)) for code in sorted(place.codes)))
        at = place.end
    yield from clauses[at:]


def _named(way: Reading) -> InTurn:
    """Names that begin with `way`, then those that hold all its words.

    Then, where so few words may be a place or a type, what holds them anywhere: in this order, for
    words of common places must not crowd out the names.
    """
    begins = way.open_end and len(way.beginning) >= _SHORTEST_BEGINNING
    beginning = Term(Kind.BEGINNING, way.beginning[:LONGEST_BEGINNING], begins)
    expressions = (beginning, _all_of(way, Kind.NAME))
    return InTurn((*expressions, _all_of(way, Kind.ANYWHERE)) if _may_be_about(way) else expressions, _MOST)


def _may_be_about(way: Reading) -> bool:
    return bool(way.places) or len(way.tokens) < _FEWEST_OF_A_NAME


def _like(way: Reading, weights: Weights) -> list[Question]:
    """What asks for all words of `way` anywhere, and for what is like it: in words, spelling or sound."""
    questions: list[Question] = []
    if not _may_be_about(way):
        questions.append(InTurn((_all_of(way, Kind.ANYWHERE),), _MOST))
    questions += _any_of(way.words, "word", weights)
    questions += _any_of((GRAM + gram for gram in way.grams), "gram", weights)
    if way.latin:
        questions += _any_of((SOUND + gram for gram in way.sound_grams), "sound", weights)
    return questions


def _any_of(terms: Iterable[str], kind: str, weights: Weights) -> list[Question]:
    """Asks for the greatest weight of the rarest of `terms`; nothing when none is known."""
    known = [(weights.frequency[term], term) for term in set(terms) if weights.frequency.get(term)]
    left = _MOST_POSTINGS
    chosen: dict[str, int] = {}
    for frequency, term in sorted(known)[: _RAREST[kind]]:
        if frequency > left and chosen:
            break
        chosen[term] = weights.whole(term)
        left -= min(frequency, left)
    return [Heaviest(chosen, _MOST_CANDIDATES)] if chosen else []


class _Search:
    """One search by words: the candidates met so far and their scores."""

    def __init__(self, engine: Engine, query: SearchQuery) -> None:
        self._engine = engine
        self._query = query
        self._candidates: dict[str, Candidate] = {}
        self._scores: dict[str, float] = {}
        self._least = 0.0
        self._capped = False
        self._numbers = asked_numbers(query.words)

    def documents(self) -> tuple[list[LicenseDocument], bool]:
        """What is found, best first, at most 200, and whether there was more."""
        asked = self._query.words
        code = asked_code(asked)
        if code is not None and (held := self._engine.holds(code)):
            return [held], False
        within = tuple(number for number in numbers_within(asked) if number not in self._numbers)
        if not (self._by_number(self._numbers, begins=True) or self._by_number(within)):
            self._by_readings(readings(asked))
            if self._best() < _CERTAIN:
                self._least = _GOOD  # Anything typed is some text on the other keyboard.
                self._by_readings(other_layout(asked))
        operates = {code: self._operates(found.document) for code, found in self._candidates.items()}
        found = in_order(self._scores, self._candidates, operates)
        kept = [self._candidates[code].document for code in found[:MOST_BY_WORDS]]
        return kept, self._capped or len(found) > MOST_BY_WORDS

    def _operates(self, document: LicenseDocument) -> bool:
        today = self._query.today
        return verdict(document.standing, document.valid_from, document.valid_until, today) in _OPERATES

    def _by_number(self, numbers: tuple[str, ...], *, begins: bool = False) -> bool:
        """Whether one of `numbers` is a whole number here, or its end; else parts of numbers become candidates.

        With `begins` these may be beginnings and middles too, and an end decides nothing.
        """
        if not numbers:
            return False
        wholes = Either(tuple(Term(Kind.WHOLE, number) for number in numbers))
        part = begins and min(map(len, numbers)) >= _SHORTEST_NUMBER
        insides = Either(tuple(Term(Kind.INSIDE, number, part) for number in numbers))
        asked = InTurn((wholes, insides), _MOST, first_only=True)
        (found,) = self._engine.ask([asked]).found
        self._capped = len(found) >= _MOST
        for document in found:
            self._scores[document.code] = number_score(numbers, self._candidate(document))
        sure = not begins or any(number in document.wholes for document in found[:1] for number in numbers)
        return bool(found) and sure

    def _by_readings(self, ways: Sequence[Reading]) -> None:
        """Names that hold all words of a reading; then, only while nothing is certain, what is like them."""
        if not ways:
            return
        terms = {term for way in ways for term in _weighed(way)}
        answered = self._engine.ask(list(map(_named, ways)), terms)
        weights = Weights(answered.documents, answered.frequency)
        for way, found in zip(ways, answered.found, strict=True):
            self._take(found, way, weights)
        if any(map(self._certain, ways)):
            return
        way = ways[0]  # The others differ by a title, which is little of what a name is like.
        if _known(way, weights) < self._least:
            return
        self._ask(_like(way, weights), way, weights)
        if not (way.latin or self._least or self._best() >= _CERTAIN):
            self._by_latin_names(way, weights)

    def _by_latin_names(self, way: Reading, weights: Weights) -> None:
        """Latin names that sound like `way`, which is Thai; few questions come so far, so it is asked apart."""
        heard = self._engine.ask((), {SOUND + gram for gram in way.sound_grams})
        weights = Weights(heard.documents, {**weights.frequency, **heard.frequency})
        self._ask(_any_of(heard.frequency, "sound", weights), way, weights)

    def _ask(self, questions: Sequence[Question], way: Reading, weights: Weights) -> None:
        for found in self._engine.ask(questions).found if questions else ():
            self._take(found, way, weights)

    def _certain(self, way: Reading) -> bool:
        """Whether a name holds all that was asked, or a license answers it whole, by name, type and place."""
        return any(
            score >= _SURE or (score >= _CERTAIN and names_hold(way, self._candidates[code]))
            for code, score in self._scores.items()
        )

    def _best(self) -> float:
        return max(self._scores.values(), default=0.0)

    def _take(self, found: Sequence[LicenseDocument], way: Reading, weights: Weights) -> None:
        self._capped = self._capped or len(found) >= _MOST
        best = self._best()
        for document in found:
            candidate = self._candidate(document)
            least = max(self._least, least_shown(best))
            score = text_score(way, candidate, weights, least)
            if self._numbers:
                score = max(score, number_score(self._numbers, candidate))
            best = max(best, score)
            if score >= self._least:
                self._scores[document.code] = max(score, self._scores.get(document.code, 0.0))

    def _candidate(self, document: LicenseDocument) -> Candidate:
        """`document` among the candidates, with the features it has from being met before."""
        found = self._candidates.get(document.code)
        if found is None:
            found = self._candidates[document.code] = Candidate(document)
        return found


def _known(way: Reading, weights: Weights) -> float:
    """How much of `way` is anywhere in the index, 0 to 1: of its words, its spelling or its sound."""
    kinds = [way.words, [GRAM + gram for gram in way.grams]]
    if way.latin:
        kinds.append([SOUND + gram for gram in way.sound_grams])
    return max(
        sum(weights.of(term) for term in terms if weights.frequency.get(term))
        / (sum(map(weights.of, terms)) or 1)
        for terms in kinds
    )


def _weighed(way: Reading) -> Iterator[str]:
    """The terms of `way` whose rarity counts."""
    yield from way.words
    yield from (GRAM + gram for gram in way.grams)
    if way.latin:
        yield from (SOUND + gram for gram in way.sound_grams)
