"""The register feeds a search cluster: whatever stops it, nothing is lost and nothing half-made is served."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner
from elasticsearch import ConnectionError as NoConnection
from elasticsearch import Elasticsearch

from keys.acts import ActKind
from registry.feed import OFFICE, PUBLIC
from registry.feed_cluster import feed_cluster
from registry.follow import ClusterFeeder
from registry.services import Services
from search import SearchAway, SearchPage, SearchQuery, open_index
from search.elastic import connect
from search.elastic_feed import ElasticFeed
from search.settings import ClusterSettings
from tests.elastic_server import ADMIN, Node
from tests.registry.founded import Clock, founded, issue, order, revise
from tests.search.indexes import settings
from wsgi import permits

pytestmark = pytest.mark.elastic
_numbers = count(1)


@pytest.fixture
def cluster(elastic: Sequence[Node]) -> ClusterSettings:
    """A cluster in which nothing is ours yet."""
    return replace(settings(elastic), prefix=f"register-{next(_numbers)}")


@pytest.fixture
def register(tmp_path: Path, cluster: ClusterSettings) -> Services:
    """A register of three licenses that has a cluster."""
    services = founded(tmp_path, Clock())
    issue(services, 1, 2, 3)
    return Services(
        replace(services.config, cluster=cluster), services.database, services.vault, services.clock
    )


def bring_up(services: Services, *, afresh: bool = False) -> None:
    cluster, folder = services.config.cluster, services.config.search
    assert cluster
    feed_cluster(services.database.reading, cluster, folder, at=services.clock(), afresh=afresh)


def ask(services: Services, audience: str, words: str = "") -> SearchPage:
    """What the cluster finds; there is no embedded index behind it."""
    index = open_index(services.config.cluster, audience, services.config.data / "none")
    return index.find(SearchQuery(words=words, today=20_514))


def check(services: Services, monkeypatch: pytest.MonkeyPatch, command: str = "check") -> tuple[int, str]:
    """Exit code and words of a command for the indexes of this register."""
    cluster, password = services.config.cluster, services.config.data / "elastic-password"
    assert cluster
    assert cluster.password
    password.touch(0o600)
    password.write_text(cluster.password)
    monkeypatch.setenv("PERMITS_DATA", str(services.config.data))
    monkeypatch.setenv("PERMITS_ELASTIC", ",".join(cluster.urls))
    monkeypatch.setenv("PERMITS_ELASTIC_CA", str(cluster.ca_file))
    monkeypatch.setenv("PERMITS_ELASTIC_USER", ADMIN)
    monkeypatch.setenv("PERMITS_ELASTIC_PASSWORD_FILE", str(password))
    monkeypatch.setenv("PERMITS_ELASTIC_PREFIX", cluster.prefix)
    monkeypatch.setenv("PERMITS_ELASTIC_TIMEOUT", "20")
    done = CliRunner().invoke(permits, ["search", command])
    return done.exit_code, done.output


def test_what_an_act_changed_is_found_in_the_cluster(register: Services) -> None:
    bring_up(register)
    assert ask(register, PUBLIC).total == ask(register, OFFICE).total == 3
    (done,) = issue(register, 4)
    bring_up(register)
    assert ask(register, PUBLIC, "12/4/2569").codes == (done.code,)
    revise(register, done.code, ActKind.AMENDMENT, premises="ร้านใหม่เอี่ยม")
    bring_up(register)
    assert ask(register, PUBLIC, "ใหม่เอี่ยม").codes == (done.code,)
    order(register, done.code, ActKind.REVOCATION, reason="conditions")
    bring_up(register)
    assert ask(register, OFFICE).facets["verdict"] == {"VALID": 3, "REVOKED": 1}


def test_an_alias_that_leads_to_two_indexes_leads_to_the_newest_after_the_next_feeding(
    register: Services, cluster: ClusterSettings
) -> None:
    """As two feeders on two machines may leave it."""
    bring_up(register)
    client, alias = connect(cluster), cluster.alias(PUBLIC)
    (before,) = ElasticFeed(client, alias).physical()
    bring_up(register, afresh=True)
    client.indices.put_alias(index=before.name, name=alias)
    assert ask(register, PUBLIC).total == 6
    bring_up(register)
    assert ask(register, PUBLIC).total == 3


class Interrupted:
    """Lets so many requests of every client through; the next one fails, before it is sent or after."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left, self.after = 1_000_000, False
        send = Elasticsearch.perform_request

        def perform(client: Elasticsearch, *args: object, **kwargs: object) -> object:
            self.left -= 1
            answer = send(client, *args, **kwargs) if self.left >= 0 or self.after else None  # type: ignore[arg-type]
            if self.left < 0:
                raise NoConnection("cut")
            return answer

        monkeypatch.setattr(Elasticsearch, "perform_request", perform)

    def stop_at(self, number: int, *, after: bool) -> None:
        self.left, self.after = number, after


def test_a_feeder_that_stops_at_any_request_loses_nothing_and_serves_nothing_half_made(
    register: Services, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    bring_up(register)
    requests = Interrupted(monkeypatch)
    for turn, number in enumerate(count(0, 1 if request.config.getoption("--long") else 4)):
        (done,) = issue(register, 10 + number)
        stopped = False
        for after in (False, True):
            requests.stop_at(number, after=after)
            try:
                bring_up(register, afresh=True)
            except SearchAway:
                stopped = True
            requests.stop_at(1_000_000, after=False)
            assert ask(register, PUBLIC).total >= 3 + turn
        bring_up(register)
        assert ask(register, PUBLIC, f"12/{10 + number}/2569").codes == (done.code,)
        if not stopped:
            break
    assert number > 10, "there are this many requests to stop at"
    assert check(register, monkeypatch)[0] == 0


def test_acts_during_a_rebuild_are_in_both_indexes(
    register: Services, cluster: ClusterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_up(register)
    monkeypatch.setattr("registry.feed._BLOCK", 1)
    seen: list[int] = []

    def progress(done: int, _: int) -> None:
        if len(seen) < 3:
            seen.append(ask(register, PUBLIC).total)
            issue(register, 20 + len(seen))

    feed_cluster(
        register.database.reading,
        cluster,
        register.config.search,
        at=register.clock(),
        afresh=True,
        progress=progress,
    )
    assert seen[0] == 3, "the old one answers meanwhile"
    assert seen[-1] > 3, "and is fed meanwhile"
    assert ask(register, PUBLIC).total == ask(register, OFFICE).total == 6
    assert check(register, monkeypatch)[0] == 0


def test_what_differs_from_the_register_is_named_and_a_rebuild_repairs_it(
    register: Services, cluster: ClusterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    register.feed()
    bring_up(register)
    status, words = check(register, monkeypatch)
    assert status == 0, words
    (code,) = ask(register, PUBLIC, "12/2/2569").codes
    connect(cluster).delete(index=f"{cluster.alias(PUBLIC)}-000001", id=code, refresh=True)
    status, words = check(register, monkeypatch)
    assert status == 1
    assert f"{code}: missing" in words
    assert check(register, monkeypatch, "rebuild")[0] == 0
    assert check(register, monkeypatch)[0] == 0
    status, words = check(register, monkeypatch, "stats")
    assert status == 0
    assert words.count("3 licenses") == 5, "two embedded, two served, one that the next feeder removes"


def test_an_index_ahead_of_a_restored_register_is_made_again(
    register: Services, cluster: ClusterSettings
) -> None:
    bring_up(register)
    feed = ElasticFeed(connect(cluster), cluster.alias(PUBLIC))
    (served,) = feed.physical()
    head = feed.cursor(served.name)
    feed.apply(served.name, [], cursor=head + 100)
    bring_up(register)
    (again,) = [index for index in feed.physical() if index.served]
    assert (again.name > served.name, feed.cursor(again.name)) == (True, head)
    assert ask(register, PUBLIC).total == 3


def test_the_follower_waits_longer_each_time_and_goes_on_when_the_cluster_is_back(
    register: Services, cluster: ClusterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeder = ClusterFeeder(register, cluster)
    requests = Interrupted(monkeypatch)
    clock = register.clock
    assert isinstance(clock, Clock)
    requests.stop_at(0, after=False)
    for pause in (2, 4, 8, 16, 32, 60, 60):
        with pytest.raises(SearchAway):
            feeder.step(clock())
        feeder.step(clock.advance(seconds=pause - 1))
        clock.advance(seconds=1)
    requests.stop_at(1_000_000, after=False)
    feeder.step(clock())
    assert ask(register, PUBLIC).total == 3
    requests.stop_at(0, after=False)
    feeder.step(clock())
    assert requests.left == 0, "nothing is sent while nothing is new"


def test_without_its_folder_a_cluster_is_fed_all_the_same(register: Services) -> None:
    shutil.rmtree(register.config.search, ignore_errors=True)
    bring_up(register)
    assert ask(register, PUBLIC).total == 3


@pytest.fixture(autouse=True)
def tidy(elastic: Sequence[Node], cluster: ClusterSettings) -> Iterator[None]:
    """The next test finds a small cluster."""
    yield
    client = connect(cluster)
    for audience in (PUBLIC, OFFICE):
        for index in ElasticFeed(client, cluster.alias(audience)).physical():
            client.indices.delete(index=index.name)
