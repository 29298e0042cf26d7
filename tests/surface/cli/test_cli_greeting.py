"""`reorder serve` while the database dies: what is said first is said when it is back."""

import pytest
from django.db import connection

from reorder.cli.serve import Greeting

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_database_that_dies_while_serve_greets_puts_the_greeting_off() -> None:
    told: list[str] = []
    said: list[str] = []
    deaths = iter([True, True])

    def greet() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid()) WHERE %s", [next(deaths, False)])
        said.append("Reorder is at http://127.0.0.1:8000")

    greeting = Greeting(greet=greet, told=told.append)
    for is_uttered in (False, False, True):
        greeting.utter()
        connection.close()
        assert greeting.is_uttered is is_uttered

    assert told == ["The database does not answer just now. What to do first is said when it does."]
    assert said == ["Reorder is at http://127.0.0.1:8000"]
