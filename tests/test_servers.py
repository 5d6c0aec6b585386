"""The servers that other tests rely on are the real ones."""

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from tests import servers


def test_each_kind_of_database_starts_empty_and_keeps_thai_text(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE shops (name VARCHAR(40))"))
        connection.execute(text("INSERT INTO shops VALUES (:name)"), {"name": "น้ำทิพย์"})
        assert connection.scalar(text("SELECT name FROM shops")) == "น้ำทิพย์"
    engine.dispose()


def test_postgresql_knows_which_characters_are_thai_letters(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 'ทิพย์' ~ '^[[:alpha:]]'")) is True
    engine.dispose()


def test_two_databases_of_one_server_do_not_see_each_other(postgres: servers.Postgres) -> None:
    with postgres.fresh_database() as first, postgres.fresh_database() as second:
        assert first != second
        engine = create_engine(first)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE only_here (id INTEGER)"))
        engine.dispose()
        engine = create_engine(second)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT to_regclass('only_here')")) is None
        engine.dispose()


def test_the_browser_shows_a_page_and_reaches_nothing_outside(page: Page) -> None:
    page.set_content("<h1>ใบอนุญาต</h1>")
    assert page.inner_text("h1") == "ใบอนุญาต"
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://permits.example/")


def test_the_outside_verifier_of_logs_runs(fsck: Path) -> None:
    answer = subprocess.run([fsck, "--help"], capture_output=True, text=True, check=False)
    assert "storage_url" in answer.stderr + answer.stdout
