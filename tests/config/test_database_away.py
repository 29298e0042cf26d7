"""Pages while the database is away: a clear answer that says to come again, and no traceback."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Lets the first look at a session fail."""

    def fail(fault: Exception) -> None:
        def load(*args: Any) -> dict[str, Any]:
            raise fault

        monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", load)

    return fail


@pytest.fixture
def visitor(client: Client) -> Client:
    client.cookies["reorder_session"] = "x" * 32
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh-hant", "zh-Hant-TW")])
def test_a_database_that_is_away_is_said_in_the_readers_language(
    visitor: Client, failing: Callable[[Exception], None], language: str, tag: str
) -> None:
    failing(OperationalError("server closed the connection unexpectedly"))
    visitor.cookies["reorder_language"] = language

    answer = visitor.get("/")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    page = answer.content.decode()
    assert f'<html lang="{tag}">' in page
    assert "server closed" not in page
    assert answer["X-Request-Id"] in page


def test_a_fault_of_ours_is_no_excuse_to_come_again(visitor: Client, failing: Callable[[Exception], None]) -> None:
    failing(IntegrityError("duplicate key"))

    answer = visitor.get("/")

    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
    assert "duplicate" not in answer.content.decode()
