"""What was meant by words that are misspelt or typed on the other keyboard, told from names that were found."""

from collections.abc import Iterable, Sequence

from rapidfuzz.fuzz import partial_ratio_alignment

from search.normalize import fold, name_words
from search.reading import Reading, other_layout, readings

_SHORTEST = 4  # Letters: fewer are like too much.
_LEAST = 78.0


def meant(asked: str, names: Iterable[str]) -> str | None:
    """`asked` as one of `names` spells it, or None where it stands there as typed or nothing is like it.

    `names` are those of the best license found, as the caller has verified them.
    """
    ways = (*readings(asked)[:1], *other_layout(asked))
    each = [name_words(name) for name in names]
    if not ways or _as_typed(ways[0], each):
        return None
    best, said = _LEAST, None
    for words in each:
        for kept, places in (part for way in ways for part in _parts(way)):
            likeness, span = _alike(kept, words)
            if likeness > best and not set(span) <= set(ways[0].words):
                best, said = likeness, _spelled(span, places)
    return said


def _as_typed(way: Reading, names: Sequence[Sequence[str]]) -> bool:
    """Whether a name begins with or holds `way` as it is, or the names hold all its words but places."""
    whole = "".join(way.words)
    if any(whole in "".join(words) for words in names):
        return True
    of_place = {at for named in way.places for at in range(named.begin, named.end)}
    held = {word for words in names for word in words}
    return all(token.text in held for at, token in enumerate(way.tokens) if at not in of_place)


def _parts(way: Reading) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The words of `way` as they are, and apart from the places they name: words and places."""
    texts = tuple(token.text for token in way.tokens)
    of_place = {at for named in way.places for at in range(named.begin, named.end)}
    rest = tuple(text for at, text in enumerate(texts) if at not in of_place)
    places = tuple("".join(texts[named.begin : named.end]) for named in way.places)
    return [(texts, ()), (rest, places)] if places and rest else [(texts, ())]


def _alike(asked: Sequence[str], words: Sequence[str]) -> tuple[float, list[str]]:
    """How like `asked` the nearest run of `words` is, 0 to 100, and that run."""
    typed = "".join(map(fold, asked))
    folded = [fold(word) for word in words]
    whole = "".join(folded)
    if not _SHORTEST <= len(typed) <= len(whole) + 1:
        return 0.0, []
    found = partial_ratio_alignment(typed, whole)
    if found is None:
        return 0.0, []
    span, end = [], 0
    for word, letters in zip(words, folded, strict=True):
        begin, end = end, end + len(letters)
        shared = min(end, found.dest_end) - max(begin, found.dest_start)
        if shared > 0 and 2 * shared >= len(letters):
            span.append(word)
    return found.score, span


def _spelled(span: Sequence[str], places: Sequence[str]) -> str:
    """`span` as people write it, with the places that were asked for behind it."""
    said = ""
    for word in span:
        said += f" {word}" if word.isascii() or said[-1:].isascii() else word
    return " ".join((said.strip(), *places))
