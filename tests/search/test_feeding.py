"""What an index of either engine holds after any messages, and that both answer alike."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from elasticsearch import ApiError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from search import LicenseFacts, SearchAway, SearchPage
from search.document import STAMP
from search.elastic import ElasticIndex, connect
from search.elastic_feed import ElasticFeed
from tests.elastic_server import FEEDER, OFFICE, PUBLIC, Node
from tests.search import indexes
from tests.search.indexes import ElasticFed, Index, Make, fts_indexes
from tests.search.licenses import HOTEL, LICENSES, PHARMACY, PLAIN, SMILE, TODAY, ask, documents, found

NAMES = ("ยิ้มสวย", "ยิ้มแย้ม", "รุ่งเรือง", "Smile 12", "คลินิกยิ้มสวยหัวหิน")
QUESTIONS = (*NAMES, "ยิ้ม", "ยิมสวย", "yimsuay", "หัวหิน", "คลินิก หัวหิน", "1/2", "2/12", "12", "pbh,l;p", "ย", "")
FILTERS: tuple[dict[str, object], ...] = (
    {"province": 1},
    {"agency": 2, "license_type": 1},
    {"verdict": "VALID"},
    {"verdict": "EXPIRED"},
    {"verdict": "SUSPENDED", "province": 1},
)


@st.composite
def histories(draw: st.DrawFn) -> list[LicenseFacts]:
    """Versions of a few licenses, each (code, log index, revision) with one content; in any order."""
    keys = st.tuples(st.integers(0, 7), st.integers(0, 4), st.integers(0, 2))
    versions = draw(st.lists(keys, min_size=1, max_size=24, unique=True))
    return [
        replace(
            PLAIN,
            code=f"{code:014d}",
            log_index=8 * log_index + code,  # An entry is of one license.
            revision=revision,
            visible=draw(st.integers(0, 4)) > 0,
            holder=draw(st.sampled_from(NAMES)),
            premises=draw(st.sampled_from(NAMES)),
            address="หัวหิน" if draw(st.booleans()) else "เชียงใหม่",
            number=f"{code}/{log_index}{revision}",
            province=draw(st.integers(1, 2)),
            agency=draw(st.integers(1, 2)),
            standing=draw(st.sampled_from((0, 1, 2, 3, 12, 13))),
            valid_until=TODAY + draw(st.integers(-1, 1)),
            sort_key=draw(st.sampled_from(("", "ก", "ข", "😀"))),
        )
        for code, log_index, revision in versions
    ]


def answers(index: Index) -> list[SearchPage]:
    asked: list[tuple[str, dict[str, object]]] = [(words, {}) for words in QUESTIONS]
    asked += [(words, narrowed) for words in ("", "ยิ้มสวย", "ยิมสวย", "1/2") for narrowed in FILTERS]
    return [ask(index, words, **narrowed) for words, narrowed in asked]


# Each example makes an index in the cluster: too slow to look for a smaller one.
@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data(), history=histories())
@pytest.mark.elastic
def test_repeated_and_late_messages_leave_both_engines_equal(
    elastic: Sequence[Node],
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    history: list[LicenseFacts],
) -> None:
    messages = data.draw(st.permutations(history))
    cut = data.draw(st.integers(0, len(messages)))
    late = data.draw(st.lists(st.sampled_from(history)))
    with fts_indexes(tmp_path_factory.mktemp("orders")) as make:
        embedded, cluster = make(), ElasticFed(elastic)
        for part, cursor in ((messages[:cut], cut), (messages[cut:], 2 * len(messages)), (late, 0)):
            cluster.apply(documents(*part), cursor=cursor)
            ask(cluster, NAMES[0])  # What is counted of one state must not be taken for the next.
        embedded.apply(documents(*late, *sorted(history, key=lambda f: f.log_index)), cursor=cluster.cursor())
        assert cluster.cursor() == 2 * len(messages)
        assert answers(cluster) == answers(embedded)


def test_a_new_index_reflects_nothing(make_index: Make) -> None:
    index = make_index()
    index.apply([], cursor=0)
    assert (index.cursor(), ask(index).total) == (0, 0)


def test_the_cursor_never_goes_back(make_index: Make) -> None:
    index = make_index()
    index.apply([], cursor=7)
    index.apply([], cursor=3)
    assert index.cursor() == 7


def test_what_is_hidden_is_found_no_more(make_index: Make) -> None:
    index = make_index()
    index.apply(documents(SMILE, HOTEL), cursor=3)
    index.apply(documents(replace(HOTEL, log_index=5, visible=False)), cursor=5)
    index.apply(documents(HOTEL), cursor=5)
    for words in ("เจริญทรัพย์", "0012/0045/2561", HOTEL.code, "เชียงใหม่"):
        assert found(index, words) == ()
    assert found(index) == (SMILE.code,)


def test_a_new_revision_of_what_may_be_found_is_newer(make_index: Make) -> None:
    index = make_index()
    index.apply(documents(SMILE), cursor=1)
    index.apply(documents(replace(SMILE, revision=1, premises="ร้านใหม่เอี่ยม")), cursor=1)
    index.apply(documents(SMILE), cursor=1)
    assert found(index, "ใหม่เอี่ยม") == (SMILE.code,)


# --- the physical indexes behind an alias ---------------------------------------------------------


@pytest.fixture
def fed(elastic: Sequence[Node]) -> ElasticFed:
    """An index of four licenses in the cluster."""
    made = ElasticFed(elastic)
    made.apply(documents(*LICENSES), cursor=4)
    return made


def test_an_index_is_rebuilt_beside_the_one_that_serves(fed: ElasticFed) -> None:
    old, new = fed.feed.prepare("other policy")
    assert (old, new.served) == (fed.physical, False) or old.served
    fed.feed.apply(new.name, documents(SMILE), cursor=2)
    assert found(fed, "หัวหิน") == (PHARMACY.code, SMILE.code), (
        "readers find the old one until the new one serves"
    )
    fed.feed.serve(new)
    assert (found(fed, "หัวหิน"), fed.cursor()) == ((SMILE.code,), 2)
    (served,) = fed.feed.prepare("other policy")
    assert (served.name, served.served) == (new.name, True)
    assert [index.name for index in fed.feed.physical()] == [new.name], "the old one is gone"


def test_a_rebuild_that_stopped_goes_on_where_it_was(fed: ElasticFed) -> None:
    begun = fed.feed.prepare("other policy")[-1]
    fed.feed.apply(begun.name, documents(SMILE), cursor=2)
    again = fed.feed.prepare("other policy")[-1]
    assert (again, fed.feed.cursor(again.name)) == (begun, 2)


def test_a_rebuild_for_what_no_longer_holds_is_thrown_away(fed: ElasticFed) -> None:
    begun = fed.feed.prepare("other policy")[-1]
    names = [index.name for index in fed.feed.prepare("a third policy")]
    assert begun.name not in names
    assert len(names) == 2


def test_a_block_that_failed_leaves_the_cursor(fed: ElasticFed) -> None:
    wrong = replace(SMILE, log_index=9, valid_from=2**70)
    with pytest.raises(SearchAway, match="400"):
        fed.apply(documents(wrong), cursor=9)
    assert fed.cursor() == 4


def test_an_index_of_another_analyzer_is_refused(fed: ElasticFed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.elastic.STAMP", f"{STAMP} and other words")
    with pytest.raises(SearchAway, match="rebuild"):
        ask(fed, "ยิ้ม")


def test_nothing_but_what_the_mapping_names_is_taken(fed: ElasticFed, elastic: Sequence[Node]) -> None:
    client = connect(indexes.settings(elastic))
    with pytest.raises(ApiError, match="strict"):
        client.index(index=fed.physical.name, id="1", document={"holder": "นายสมชาย ใจดี"})


# --- accounts -------------------------------------------------------------------------------------


@pytest.fixture
def served(elastic: Sequence[Node]) -> None:
    """Both indexes, made by the feeder's own account."""
    client = connect(indexes.settings(elastic, FEEDER))
    for alias, facts in (("permits-public", SMILE), ("permits-office", PHARMACY)):
        feed = ElasticFeed(client, alias)
        made = feed.prepare("")[-1]
        feed.apply(made.name, documents(facts), cursor=4)
        feed.serve(made)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("user", "own", "other", "code"),
    [
        (PUBLIC, "permits-public", "permits-office", SMILE.code),
        (OFFICE, "permits-office", "permits-public", PHARMACY.code),
    ],
)
def test_a_reader_s_account_finds_and_can_do_nothing_else(
    elastic: Sequence[Node], user: str, own: str, other: str, code: str
) -> None:
    client = connect(indexes.settings(elastic, user))
    assert found(ElasticIndex(client, own, timeout=indexes.TIMEOUT)) == (code,)
    with pytest.raises(SearchAway, match="security_exception"):
        ask(ElasticIndex(client, other, timeout=indexes.TIMEOUT))
    feed = ElasticFeed(client, own)
    for forbidden in (
        lambda: feed.apply(f"{own}-000001", documents(HOTEL), cursor=9),
        lambda: feed.prepare("other policy"),
        lambda: feed.begin("other policy"),
    ):
        with pytest.raises(SearchAway, match="403"):
            forbidden()


@pytest.mark.usefixtures("served")
def test_a_wrong_password_is_search_away(elastic: Sequence[Node]) -> None:
    client = connect(indexes.settings(elastic, PUBLIC, "another"))
    with pytest.raises(SearchAway, match="401"):
        ask(ElasticIndex(client, "permits-public", timeout=indexes.TIMEOUT), "ยิ้ม")


def test_a_cluster_that_is_not_there_is_search_away() -> None:
    nowhere = indexes.settings([]).__class__(("http://127.0.0.1:9",), prefix="permits", timeout=1)
    with pytest.raises(SearchAway):
        ask(ElasticIndex(connect(nowhere), "permits-public", timeout=1), "ยิ้ม")
