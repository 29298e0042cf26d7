"""Fixtures for every test."""

import os

import pytest
from django.db import connection
from django.test import TransactionTestCase

from tests import emptying, environment


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """pytest-django asks for this just before it makes the test database: the moment the server is needed."""
    environment.start_database()
    if "REORDER_DATABASE_URL" not in os.environ:
        # The server's own database has every table and no row.
        connection.settings_dict["TEST"]["TEMPLATE"] = connection.settings_dict["NAME"]


@pytest.fixture(scope="session", autouse=True)
def _empty_quickly() -> None:
    TransactionTestCase._fixture_teardown = emptying.empty_tables  # type: ignore[method-assign]
