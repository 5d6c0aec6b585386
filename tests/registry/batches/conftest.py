"""A small register for each test, on both databases."""

import pytest

from registry.services import Services


@pytest.fixture
def register(small_register: Services) -> Services:
    """A small register on SQLite and, in a second run, on PostgreSQL."""
    return small_register
