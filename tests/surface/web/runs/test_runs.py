"""The nights on screen: what each step did, where one stopped, and starting one by hand."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.planning import operations
from reorder.domain.planning.models import Run, RunStep
from reorder.domain.staff.models import AuditEntry
from reorder.flows import nightly
from tests.factories.messaging import NIGHT, SUNDAY
from tests.factories.pages import text_of
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-22T02:00:00+00:00")
    # The queue's tables belong to its library and are not emptied between tests.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'start_night'")


def make_night(*, day: dt.date = SUNDAY, error: str = "", details: dict | None = None) -> Run:
    """A night of two steps; the second fails with `error` when given."""
    run = operations.open_run(kind="night", as_of_date=day, moment=NIGHT)
    operations.start_step(run_id=run.id, name="import_files", ordinal=0, moment=NIGHT)
    operations.finish_step(
        run_id=run.id,
        name="import_files",
        moment=NIGHT + dt.timedelta(seconds=75),
        rows_read=12,
        rows_written=10,
        details=details or {"files": ["orders.csv"], "rows_rejected": 2, "failed": []},
    )
    operations.start_step(run_id=run.id, name="plan_reminders", ordinal=1, moment=NIGHT)
    if error:
        operations.fail_step(run_id=run.id, name="plan_reminders", moment=NIGHT, error=error)
    else:
        operations.finish_step(
            run_id=run.id,
            name="plan_reminders",
            moment=NIGHT + dt.timedelta(seconds=2),
            rows_read=5,
            rows_written=1,
            details={"reminder.planned": 3, "reminder.no_consent": 2},
        )
    operations.close_run(run_id=run.id, moment=NIGHT + dt.timedelta(seconds=90), error=error)
    return Run.objects.get(pk=run.id)


def asked_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'start_night'")
        return int(cursor.fetchone()[0])


def test_a_run_tells_in_words_what_its_steps_did_and_how_long_they_took(client: Client) -> None:
    sign_in(client, role="viewer")
    run = make_night()
    page = text_of(client.get(f"/runs/{run.pk}/"))
    assert "Night of 2026-11-22 Started on 2026-11-22 02:30, took 1 min 30 s." in page
    assert "1 file: orders.csv. 2 rows were rejected." in page
    assert "planned 3 · never agreed 2" in page
    assert "1 min 15 s" in page


def test_a_failed_run_says_where_and_why_and_how_to_go_on(client: Client) -> None:
    sign_in(client)
    run = make_night(error="DatabaseError: disk full")
    page = text_of(client.get(f"/runs/{run.pk}/"))
    assert "It stopped at “Plan reminders”." in page
    assert "DatabaseError: disk full" in page
    assert "Go on where it stopped" in page
    client.post("/runs/start", {"run": run.pk})
    assert asked_jobs() == 1
    entry = AuditEntry.objects.get(action="runs.start")
    assert (entry.actor, entry.subject_key) == ("owner", "2026-11-22")
    page = text_of(client.get(f"/runs/{run.pk}/"))
    assert "It was asked for and waits: no worker is running." in page
    assert "Who asked for it owner" in page


def test_files_that_the_night_refused_are_named(client: Client) -> None:
    sign_in(client)
    run = make_night(details={"files": ["a.csv"], "failed": ["a.csv: the columns are not understood"]})
    assert "a.csv: the columns are not understood" in text_of(client.get(f"/runs/{run.pk}/"))


def test_two_clicks_ask_for_one_night(client: Client) -> None:
    sign_in(client, role="marketer")
    client.post("/runs/start")
    client.post("/runs/start")
    assert asked_jobs() == 1
    assert "A night was asked for No worker is running, so it waits." in text_of(client.get("/runs/"))


def test_a_running_night_is_shown_and_no_second_one_starts(client: Client) -> None:
    sign_in(client)
    run = make_night()
    Run.objects.filter(pk=run.pk).update(state="running", finished_at=None)
    RunStep.objects.filter(run=run, name="plan_reminders").update(state="running", finished_at=None)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            from reorder.domain.storage import locks

            cursor.execute("SELECT pg_advisory_lock(%s)", [locks._number_of("reorder.night")])
        page = text_of(client.get("/runs/"))
        assert "The night of 2026-11-22 is under way." in page
        assert "Plan reminders 1/15" in page
        assert "already running" in text_of(client.post("/runs/start", follow=True))
        assert client.get(f"/runs/{run.pk}/progress").status_code == 200
    finally:
        other.close()
    assert asked_jobs() == 0
    page = text_of(client.get(f"/runs/{run.pk}/"))
    assert "The process that ran it ended in the middle." in page
    assert client.get(f"/runs/{run.pk}/progress")["HX-Refresh"] == "true"


def test_the_job_behind_the_button_runs_once_for_one_click(client: Client) -> None:
    make_night()
    asked_at = NIGHT + dt.timedelta(hours=1)
    told = []

    def now() -> dt.datetime:
        told.append(1)
        return asked_at + dt.timedelta(minutes=1)

    first = nightly.run_asked_night(as_of=SUNDAY, asked_at=asked_at, now=now)
    assert first is not None
    assert nightly.run_asked_night(as_of=SUNDAY, asked_at=asked_at, now=now) is None
    assert Run.objects.count() == 2


def test_who_may_not_start_a_night_is_refused(client: Client) -> None:
    sign_in(client, role="warehouse")
    assert "Start tonight" not in text_of(client.get("/runs/"))
    assert client.post("/runs/start").status_code == 403
    assert asked_jobs() == 0


def test_nonsense_is_answered(client: Client) -> None:
    sign_in(client)
    assert client.get("/runs/999/").status_code == 404
    assert client.get("/runs/99999999999999999999999/").status_code == 404
    assert client.post("/runs/start", {"run": "abc"}).status_code == 404
    assert client.get("/runs/start").status_code == 405
    assert client.get("/runs/?after=WyJhIl0").status_code == 422


def test_health_names_what_is_wrong_and_how_to_mend_it(client: Client) -> None:
    sign_in(client, role="viewer")
    make_night(error="ValueError: broken")
    page = text_of(client.get("/runs/health"))
    assert "night 2026-11-22 failed" in page
    assert "Run: reorder plan" in page


def test_the_list_asks_the_same_for_two_runs_and_for_thirty(client: Client) -> None:
    sign_in(client)
    counts = []
    for size in (2, 28):
        for number in range(size):
            make_night(day=SUNDAY - dt.timedelta(days=number + size))
        client.get("/runs/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/runs/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
