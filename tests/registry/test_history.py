"""A license's acts are found from its newest one backwards."""

from pathlib import Path

from sqlalchemy import insert, select

from keys.acts import ActKind
from registry.db import open_database
from registry.migrate import upgrade, upgrade_within
from registry.models import EntryRow, table_of
from registry.queries import history_of
from tests.registry.founded import CAPITAL, TOWN, Clock, found_at, issue, order, revise


def test_a_history_holds_every_act_on_its_license_and_no_other(database_url: str, tmp_path: Path) -> None:
    services = found_at(tmp_path, database_url, Clock())
    one, other = issue(services, 1, 2)
    acts = [
        one.index,
        order(services, one.code, ActKind.RENEWAL_FILING).index,
        revise(services, one.code, ActKind.REPLACEMENT).index,
    ]
    order(services, other.code, ActKind.REVOCATION, reason="conditions")
    acts.append(order(services, one.code, ActKind.REVOCATION, reason="conditions").index)
    with services.database.reading() as session:
        history = history_of(session, TOWN, one.code)
        assert [row.index for row in history] == acts[::-1]
        assert [row.act for row in history][-1] is ActKind.ISSUANCE
        assert len(history_of(session, TOWN, other.code)) == 2
        assert history_of(session, CAPITAL, one.code) == []
    services.database.engine.dispose()


def test_acts_from_before_the_chain_are_chained(database_url: str) -> None:
    database = open_database(database_url)
    codes = [None, "a", "b", "a", "a", None, "b"]
    table = table_of(EntryRow)
    rows = [
        {"log_index": index, "act": 1, "moment": 0, "code": code, "leaf": b"", "entry": b""}
        for index, code in enumerate(codes)
    ]
    with database.engine.begin() as connection:
        upgrade_within(connection, "0002")
        connection.execute(insert(table), rows)
    upgrade(database)
    with database.reading() as session:
        chain = session.scalars(select(EntryRow.previous).order_by(EntryRow.log_index)).all()
    assert chain == [None, None, None, 1, 3, None, 2]
    database.engine.dispose()
