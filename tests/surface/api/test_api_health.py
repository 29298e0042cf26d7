"""What a watcher sees: alive, ready, and the figures."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.test import Client

from reorder.api import health
from reorder.flows import upkeep
from tests.factories.api import make_secret

NOON = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _asked_afresh() -> Iterator[None]:
    asked = health._require_migrations
    asked.cache_clear()
    yield
    asked.cache_clear()


def test_a_process_is_alive_without_asking_the_database(client: Client) -> None:
    # No database mark: a query would fail this test.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_it_is_ready_when_the_database_has_its_tables(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").json() == {"database": "ready"}
    health._require_migrations.cache_clear()
    monkeypatch.setattr("reorder.api.health.MigrationExecutor.migration_plan", lambda *_: ["something"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "api.migrations_missing", "2")


@pytest.mark.django_db
def test_it_is_not_ready_while_the_database_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError

    monkeypatch.setattr("reorder.api.health._require_migrations", away)
    answer = client.get("/readyz")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")


@pytest.mark.django_db
def test_metrics_need_their_own_scope(client: Client) -> None:
    assert client.get("/metrics").status_code == 401
    wrong = make_secret(scopes=["orders:read"])
    assert client.get("/metrics", headers={"Authorization": f"Bearer {wrong}"}).status_code == 403


@pytest.mark.django_db
def test_metrics_speak_the_format_of_prometheus(client: Client) -> None:
    # The queue is no model: jobs that an earlier night deferred outlive its test.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    upkeep.check_ledger(moment=NOON)
    headers = {"Authorization": f"Bearer {make_secret(scopes=['metrics:read'])}"}
    client.get("/api/v1/orders", headers=headers)

    answer = client.get("/metrics", headers=headers)

    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.content.decode()
    assert text.endswith("\n")
    line = re.compile(r'# (HELP|TYPE) \w+ .+|\w+({\w+="[^"]*"(,\w+="[^"]*")*})? [0-9.e+-]+')
    assert [wrong for wrong in text.splitlines() if not line.fullmatch(wrong)] == []
    assert "reorder_ledger_differences 0" in text
    assert f"reorder_ledger_checked_timestamp_seconds {NOON.timestamp()}" in text
    assert 'reorder_jobs{status="todo"} 0' in text
    assert 'reorder_outbox_messages{state="planned"} 0' in text
    count = r'reorder_http_request_seconds_count{process="\d+",route="/api/v1/orders",method="GET",status="4xx"} \d+'
    assert re.search(count, text)


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_week() -> None:
    from reorder.domain.staff import operations as staff
    from reorder.domain.staff.models import ApiToken, StoredAnswer
    from reorder.domain.staff.queries import AnswerRow

    make_secret()
    row = AnswerRow(request_hash="x", status=200, body=b"{}", content_type="application/json", headers={})
    for days in (8, 6):
        staff.store_answer(
            token_id=ApiToken.objects.get().pk, key=f"{days}", answer=row, moment=NOON - dt.timedelta(days=days)
        )
    assert upkeep.forget_answers(moment=NOON) == 1
    assert StoredAnswer.objects.get().key == "6"
