"""How often search finds what was meant: recall among the first ten and mean reciprocal rank, by kind.

    python -m bench.relevance               100,000 licenses, the questions that the rank was tuned on
    python -m bench.relevance --held-out    the questions held out
    python -m bench.relevance --elastic     the same on an Elasticsearch of the run's own, and how often both agree
    python -m bench.relevance --missed      also each question that was not answered first

Beside the project's index stand SQLite's own tokenizers, `unicode61` and `trigram`, over the same text:
all words, and when nothing holds them any, by bm25.
"""

import argparse
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

from bench.asked import Asked, ambiguous, questions
from bench.licenses import TODAY, licenses
from search import FtsIndex, LicenseFacts, SearchPage, SearchQuery, analyze
from tests.elastic_server import cluster
from tests.search.indexes import ElasticFed

_BLOCK = 2_000
Ask = Callable[[str], Sequence[str]]
Score = tuple[float, float]


class Index(Protocol):
    """What is asked of the project's index, in either engine."""

    def find(self, query: SearchQuery) -> SearchPage:
        """The page of `query`."""


def ours(index: Index) -> Ask:
    """The first ten codes of the project's index."""
    return lambda words: index.find(SearchQuery(words=words, today=TODAY, size=10)).codes


def plain_index(folder: Path, tokenizer: str, facts: Iterable[LicenseFacts]) -> Ask:
    """The first ten codes of FTS5 as it comes, with `tokenizer`."""
    connection = sqlite3.connect(folder / tokenizer)
    connection.execute(
        f"CREATE VIRTUAL TABLE license USING fts5 (code UNINDEXED, text, tokenize={tokenizer})"
    )
    connection.executemany("INSERT INTO license VALUES (?, ?)", ((one.code, text_of(one)) for one in facts))
    connection.commit()

    def ask(words: str) -> Sequence[str]:
        terms = ['"{}"'.format(word.replace('"', '""')) for word in words.replace("\0", " ").split()]
        best = "SELECT code FROM license WHERE license MATCH ? ORDER BY rank LIMIT 10"
        rows = connection.execute(best, (" AND ".join(terms),)).fetchall()
        rows = rows or connection.execute(best, (" OR ".join(terms),)).fetchall()
        return [code for (code,) in rows]

    return ask


def text_of(facts: LicenseFacts) -> str:
    """All the text that the project's index is made of, as it stands."""
    texts = (
        facts.code,
        facts.number,
        *facts.numbers,
        facts.holder,
        facts.premises,
        *facts.other_names,
        facts.address,
        *facts.type_names,
    )
    return " ".join(filter(None, texts))


def measure(ask: Ask, asked: Iterable[Asked], *, missed: bool = False) -> dict[str, Score]:
    """Recall and mean reciprocal rank of each kind and, under `all`, of all questions."""
    scores: dict[str, list[Score]] = defaultdict(list)
    for question in asked:
        found = ask(question.words)
        score = question.recall(found), question.reciprocal(found)
        scores[question.kind].append(score)
        scores["all"].append(score)
        if missed and score != (1, 1):
            print(f"  {question.kind:11} {score[0]:.2f} {score[1]:.2f}  {question.words}")
    return {kind: _mean(held) for kind, held in scores.items()}


def _mean(scores: Sequence[Score]) -> Score:
    return sum(recall for recall, _ in scores) / len(scores), sum(rank for _, rank in scores) / len(scores)


def main() -> None:
    """Print the figures of each way to search."""
    parser = argparse.ArgumentParser(description="How often search finds what was meant")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--elastic", action="store_true")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--index", type=Path, help="keep the project's index here, and take the one that is")
    arguments = parser.parse_args()
    facts = list(licenses(arguments.count))
    asked = [one for one in questions(facts) if one.held_out == arguments.held_out]
    if unclear := ambiguous(asked, facts):
        sys.exit("\n".join(f"{words} is also {held!r}" for words, held in unclear[:20]))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        index = stack.enter_context(
            closing(FtsIndex.open(arguments.index or folder / "index.sqlite", read_only=False))
        )
        if index.cursor() != len(facts):
            index.rebuild(map(analyze, facts), cursor=len(facts))
        ways = {"FTS5": ours(index)}
        if arguments.elastic:
            ways["Elasticsearch"] = ours(elastic_index(stack, facts))
        if not arguments.index:
            ways |= {
                tokenizer: plain_index(folder, tokenizer, facts) for tokenizer in ("unicode61", "trigram")
            }
        results = {
            name: measure(ask, asked, missed=arguments.missed and name == "FTS5")
            for name, ask in ways.items()
        }
        agreed = [
            ways["FTS5"](one.words)[:1] == ways["Elasticsearch"](one.words)[:1]
            for one in asked
            if arguments.elastic
        ]
    show(results, len(asked), len(facts))
    if agreed:
        print(f"same first hit on both engines: {sum(agreed)} of {len(agreed)}")


def elastic_index(stack: ExitStack, facts: Sequence[LicenseFacts]) -> ElasticFed:
    """The same index in an Elasticsearch that runs until `stack` closes."""
    index = ElasticFed(stack.enter_context(cluster(1)))
    for begin in range(0, len(facts), _BLOCK):
        end = min(begin + _BLOCK, len(facts))
        index.apply([analyze(one) for one in facts[begin:end]], cursor=end)
    return index


def show(results: Mapping[str, Mapping[str, Score]], asked: int, held: int) -> None:
    """Print the table."""
    print(f"{asked} questions, {held:,} licenses; recall@10 / MRR")
    print(f"{'':12}" + "".join(f"{name:>18}" for name in results))
    for kind in next(iter(results.values())):
        cells = (f"{result[kind][0]:.3f} / {result[kind][1]:.3f}" for result in results.values())
        print(f"{kind:12}" + "".join(f"{cell:>18}" for cell in cells))


if __name__ == "__main__":
    main()
