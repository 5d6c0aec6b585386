"""How fast search answers, as ratios to bare queries of the same index, with Datasette beside it.

    python -m bench.search               100,000 licenses, the embedded index
    python -m bench.search --elastic     an Elasticsearch of the run's own too
    python -m bench.search --full        1,000,000 licenses

A mix of 60 % names and their beginnings, 15 % numbers and codes and 25 % hard kinds is asked, one
after another, in one process.  *Bare* is the plainest query of the same index: all words, the first
ten.  *Channels* are the very queries that a search sent, sent again without analysis and rank; on
Elasticsearch in one `_msearch`.  Datasette serves a table of the same text with its own full-text
search, over HTTP on this machine, and so does the project's index for that comparison.
"""

import argparse
import json
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from bench.licenses import TODAY, licenses
from bench.mix import mix
from bench.relevance import elastic_index
from bench.worst import WORST
from search import FtsIndex, LicenseFacts, SearchQuery, analyze
from search.elastic_engine import Body
from search.reading import readings
from search.sqlite import driver
from tests.search.indexes import ElasticFed

Ask = Callable[[Any], object]
Clock = Callable[[], float]
_PLAIN = "SELECT code FROM document WHERE id IN (SELECT rowid FROM posting WHERE posting MATCH ? LIMIT 10)"
_SLOWEST_ALLOWED = 0.3


def query(words: str) -> SearchQuery:
    """The question that a page asks."""
    return SearchQuery(words=words, today=TODAY, size=10)


def timed(ask: Ask, questions: Sequence[Any], clock: Clock = time.perf_counter) -> list[float]:
    """Seconds for each question."""
    spent = []
    for words in questions:
        begun = clock()
        ask(words)
        spent.append(clock() - begun)
    return spent


def show(name: str, spent: Sequence[float]) -> None:
    """Print percentiles in milliseconds and the rate of one client."""
    ranked = statistics.quantiles(spent, n=100)
    p50, p95, p99 = (1000 * ranked[place] for place in (49, 94, 98))
    print(
        f"  {name:28} p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms  {len(spent) / sum(spent):7.0f} a second"
    )


def ratios(spent: Sequence[float], bare: Sequence[float], channels: Sequence[float]) -> None:
    """Print how search compares to the same index asked barely."""
    print(
        f"    p50 to a bare query's p50    {statistics.median(spent) / statistics.median(bare):5.2f}  (aim: 2)"
    )
    each = [one / other for one, other in zip(spent, channels, strict=True)]
    print(f"    each to its channels, p50    {statistics.median(each):5.2f}  (aim: 1.5)")


def all_words(words: str) -> tuple[str, ...]:
    """The words of a question, as the index has them."""
    return next(iter(readings(words))).words if readings(words) else ()


def embedded(index: FtsIndex, questions: Sequence[str]) -> None:
    """The figures of the index in one file."""
    sent: list[str] = []
    with index._connected() as connection:  # noqa: SLF001 -- what was sent is to be seen.
        connection.set_trace_callback(sent.append)
        per_question = []
        for words in questions:
            sent.clear()
            index.find(query(words))
            per_question.append([text for text in sent if text.startswith("SELECT")])
        connection.set_trace_callback(None)

        def again(texts: Sequence[str]) -> None:
            for text in texts:
                connection.execute(text).fetchall()

        def plain(words: str) -> None:
            match = " AND ".join(f'"{word}"' for word in all_words(words))
            if match:
                connection.execute(_PLAIN, (match,)).fetchall()

        wall = timed(lambda words: index.find(query(words)), questions)
        # All of it happens in this thread: its processor time tells the ratios even beside other programs.
        spent = timed(lambda words: index.find(query(words)), questions, time.thread_time)
        bare = timed(plain, questions, time.thread_time)
        channels = [timed(again, [texts], time.thread_time)[0] for texts in per_question]
    show("embedded index", wall)
    show("embedded index, processor", spent)
    show("bare FTS5, processor", bare)
    ratios(spent, bare, channels)


class _Seen(list[Body]):
    """The searches of one question."""


def elastic(index: ElasticFed, questions: Sequence[str]) -> None:
    """The figures of an Elasticsearch."""
    send, seen = index._send, _Seen()  # noqa: SLF001 -- what was sent is to be seen.

    def noting(bodies: Sequence[Body]) -> object:
        seen.extend(bodies)
        return send(bodies)

    for words in questions:  # Counts are kept: the second time they are known, as in a running service.
        index.find(query(words))
    index._send = noting  # type: ignore[assignment,method-assign]  # noqa: SLF001
    per_question = []
    for words in questions:
        seen.clear()
        index.find(query(words))
        per_question.append(list(seen))
    index._send = send  # type: ignore[method-assign]  # noqa: SLF001

    def plain(words: str) -> None:
        match = {"terms": {"query": " ".join(all_words(words)), "operator": "and"}}
        send([{"query": {"match": match}, "size": 10, "_source": ["code"]}])

    spent = timed(lambda words: index.find(query(words)), questions)
    bare = timed(plain, questions)
    channels = [timed(send, [bodies])[0] for bodies in per_question]
    show("Elasticsearch", spent)
    show("bare match, all words", bare)
    ratios(spent, bare, channels)


def worst(name: str, ask: Ask) -> None:
    """Print the slowest of the worst questions; none may fail."""
    spent = timed(ask, WORST)
    slowest, words = max(zip(spent, WORST, strict=True))
    verdict = "held" if slowest <= _SLOWEST_ALLOWED else "MISSED"
    print(
        f"  {len(WORST)} worst questions, {name}: slowest {1000 * slowest:.0f} ms ({words[:20]!r}), aim 300: {verdict}"
    )


@contextmanager
def datasette(folder: Path, facts: Sequence[LicenseFacts]) -> Iterator[Ask]:
    """Datasette over the same text in one table with full-text search."""
    path = folder / "licenses.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE license (code TEXT PRIMARY KEY, number, holder, premises, english, address)"
        )
        connection.executemany(
            "INSERT INTO license VALUES (?, ?, ?, ?, ?, ?)",
            (
                (one.code, one.number, one.holder, one.premises, " ".join(one.other_names), one.address)
                for one in facts
            ),
        )
        connection.commit()
    program = Path(sys.executable).with_name
    columns = ("number", "holder", "premises", "english", "address")
    subprocess.run([program("sqlite-utils"), "enable-fts", path, "license", *columns], check=True)
    with server([str(program("datasette")), "serve", str(path), "--port"]) as get:
        yield lambda words: get(f"/licenses/license.json?_size=10&_search={quote(words)}")


@contextmanager
def server(command: Sequence[str]) -> Iterator[Ask]:
    """A program that serves on a port given last; asks it over one kept connection."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    process = subprocess.Popen([*command, port], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        connection = HTTPConnection("127.0.0.1", int(port), timeout=60)
        while not _answers(connection):
            if process.poll() is not None:
                sys.exit(f"{command[0]} did not start")

        def get(path: str) -> object:
            connection.request("GET", path)
            return connection.getresponse().read()

        yield get
        connection.close()
    finally:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()


def _answers(connection: HTTPConnection) -> bool:
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except OSError:
        connection.close()
        time.sleep(0.2)
        return False
    return True


def serve(path: Path, port: int) -> None:
    """Answers `/?q=` with codes as JSON, for the comparison over HTTP."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer  # noqa: PLC0415 -- this process only.
    from urllib.parse import parse_qs, urlsplit  # noqa: PLC0415

    index = FtsIndex.open(path, read_only=True)

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # Head and body are two writes: the second would wait for 40 ms.

        def do_GET(self) -> None:
            words = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
            body = json.dumps(index.find(query(words)).codes).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="How fast search answers")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--elastic", action="store_true")
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--index", type=Path, help="keep the index here, and take the one that is")
    parser.add_argument("--serve", type=Path)
    parser.add_argument("port", type=int, nargs="?")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.port)
    facts = list(licenses(1_000_000 if arguments.full else arguments.count))
    questions = mix(facts, arguments.questions)
    print(f"{len(facts):,} licenses, {len(questions)} questions, SQLite {driver.sqlite_version}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = arguments.index or folder / "index.sqlite"
        index = stack.enter_context(closing(FtsIndex.open(path, read_only=False)))
        if index.cursor() != len(facts):
            index.rebuild(map(analyze, facts), cursor=len(facts))
        index.find(query("ร้าน hotel"))  # The word list is loaded.
        embedded(index, questions)
        worst("embedded", lambda words: index.find(query(words)))
        if arguments.elastic:
            cluster = elastic_index(stack, facts)
            elastic(cluster, questions)
            worst("Elasticsearch", lambda words: cluster.find(query(words)))
        with datasette(folder, facts) as ask:
            show("Datasette, its search", timed(ask, questions))
        with server([sys.executable, "-m", "bench.search", "--serve", str(path)]) as get:
            get("/?q=hotel")
            show("embedded index over HTTP", timed(lambda words: get(f"/?q={quote(words)}"), questions))


if __name__ == "__main__":
    main()
