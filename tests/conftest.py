"""Fixtures for every test."""

import pytest

from tests import environment


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """pytest-django asks for this just before it makes the test database: the moment the server is needed."""
    environment.start_database()
