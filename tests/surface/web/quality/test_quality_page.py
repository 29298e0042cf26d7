"""Prediction quality on screen: what was found, what was too little to say, and looking back by a button."""

import csv
import html
import io
import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.planning.models import PredictionBacktest
from reorder.engine.repurchase import TooLittleHistory
from reorder.insights import quality_progress
from tests.factories.quality import JUDGED_AT, SPRING, make_backtests
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/insights/prediction-quality/"


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    cache.clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'run_backtest'")


def text_of(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def jobs_waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'run_backtest' AND status = 'todo'")
        return int(cursor.fetchone()[0])


def test_before_the_first_look_back_the_page_says_how_to_make_one(client: Client) -> None:
    sign_in(client)
    said = text_of(client.get(PAGE))
    assert "No prediction was judged yet." in said
    assert "orders of at least 58 days and 20 purchases that came back" in said
    assert "reorder backtest" in said
    assert "Run the backtest" in said


def test_somebody_who_may_not_start_runs_is_told_whom_to_ask(client: Client) -> None:
    sign_in(client, role="viewer")
    said = text_of(client.get(PAGE))
    assert "ask somebody who may start runs" in said
    assert "Run the backtest" not in said
    assert client.post(f"{PAGE}start/").status_code == 403


def test_the_title_says_what_was_found(client: Client) -> None:
    make_backtests()
    found = PredictionBacktest.objects.all()
    bought = sum(one.figures["counts"]["all"]["bought"] for one in found)
    inside = sum(one.figures["counts"]["all"]["bands"]["in_wide"] for one in found)
    sign_in(client, role="viewer")
    said = text_of(client.get(PAGE))
    assert f"Over 3 months {inside / bought:.0%} of next orders fell inside the 80% band" in said
    assert f"{bought:,} next orders of" in said
    assert "2026-03-01, 2026-04-01, 2026-05-01" in said
    assert "All customers with orders before that day." in said


def test_the_rule_of_the_mean_gap_stands_beside_the_model(client: Client) -> None:
    make_backtests()
    sign_in(client)
    said = text_of(client.get(PAGE))
    assert "Mean gap alone" in said
    assert re.search(
        r"On the best 5% of pairs \d+% of reminders come within 3 days of the next order; by mean gap", said
    )


def test_levels_with_few_orders_are_not_judged(client: Client) -> None:
    make_backtests(cuts=SPRING[:1])
    kept = PredictionBacktest.objects.get()
    kept.figures["counts"]["store"] = kept.figures["counts"]["pair"] | {"bought": 12}
    kept.save()
    sign_in(client)
    rows = re.findall(r"<tr>.*?</tr>", client.get(PAGE).content.decode(), re.DOTALL)
    few = [row for row in rows if "too few next orders to judge" in row]
    assert len(few) == 1
    assert "The whole shop" in few[0]
    assert few[0].count("–") == 8


def test_one_month_makes_no_line(client: Client) -> None:
    make_backtests(cuts=SPRING[:1])
    sign_in(client)
    page = client.get(PAGE).content.decode()
    assert 'id="months"' not in page
    assert 'id="calibration"' in page
    assert "In the last month that is over" in page


def test_a_large_shop_is_told_that_it_was_sampled(client: Client) -> None:
    make_backtests(customers_share=0.25)
    sign_in(client)
    assert "A sample of 25% of the customers, the same ones every time" in text_of(client.get(PAGE))


def test_horizons_can_be_chosen_and_nonsense_is_the_usual_one(client: Client) -> None:
    make_backtests(cuts=SPRING[:1])
    make_backtests(cuts=SPRING[:1], horizon_days=45)
    sign_in(client)
    assert "within 45 days of 2026-03-01" in text_of(client.get(f"{PAGE}?horizon=45"))
    for nonsense in ("-1", "x", "٣٠", "9999", "30'"):
        assert "within 30 days of 2026-03-01" in text_of(client.get(PAGE, {"horizon": nonsense}))
    assert "No prediction was judged yet." in text_of(client.get(f"{PAGE}?horizon=8"))


def test_figures_of_an_older_version_are_not_shown(client: Client) -> None:
    make_backtests(cuts=SPRING[:1])
    PredictionBacktest.objects.update(figures={"version": 0})
    sign_in(client)
    assert "No prediction was judged yet." in text_of(client.get(PAGE))


def test_the_button_lets_one_job_look_back(client: Client) -> None:
    sign_in(client)
    client.post(f"{PAGE}start/")
    client.post(f"{PAGE}start/")
    assert jobs_waiting() == 1
    said = text_of(client.get(PAGE))
    assert "A look back was asked for" in said
    assert "No worker is running, so it waits." in said
    assert "Run the backtest" not in said


def test_progress_asks_for_the_page_when_it_is_over(client: Client) -> None:
    sign_in(client)
    answer = client.get(f"{PAGE}progress/")
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_what_the_last_look_back_lacked_is_said_in_the_readers_language(client: Client) -> None:
    fault = TooLittleHistory(
        history_days=40, repeats_count=3, horizon_days=30, needed_days=58, needed_repeats=20
    )  # fmt: skip
    quality_progress.note_fault(fault=fault)
    sign_in(client)
    assert "there are orders of 40 days and 3 repeat purchases" in text_of(client.get(PAGE))


def test_the_file_holds_a_row_for_every_month_and_level(client: Client) -> None:
    make_backtests()
    sign_in(client)
    answer = client.get(f"{PAGE}export/?format=csv")
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[0][:5] == ["Predicted on", "Judged until", "Evidence", "Pairs", "Next orders"]
    levels = sum(len(one.figures["counts"]) for one in PredictionBacktest.objects.all())
    assert len(rows) == levels + 1
    first = PredictionBacktest.objects.get(cut_date=SPRING[0]).figures["counts"]["all"]
    assert rows[1][:5] == ["2026-03-01", "2026-03-30", "All predictions", str(first["pairs"]), str(first["bought"])]
    sheet = client.get(f"{PAGE}export/?format=xlsx")
    assert sheet.getvalue()[:2] == b"PK"
    sheet.close()


def test_without_figures_there_is_no_file(client: Client) -> None:
    sign_in(client)
    answer = client.get(f"{PAGE}export/")
    assert answer.status_code == 404
    assert "No prediction was judged within 30 days yet." in html.unescape(answer.content.decode())


def test_the_page_takes_few_queries_however_many_months_there_are(client: Client) -> None:
    make_backtests()
    sign_in(client)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as seen:
        client.get(PAGE)
    assert len(seen) <= 12


def test_the_day_it_was_judged_is_on_the_shops_clock(client: Client) -> None:
    make_backtests()
    sign_in(client)
    assert JUDGED_AT.day == 4
    assert "2026-06-05 04:10" in text_of(client.get(PAGE))
