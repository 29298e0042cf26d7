"""Looking back on the shop's own data: month by month, each kept on its own, and done once."""

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection

from reorder.domain.orders.models import Order
from reorder.domain.planning.backtests import list_backtests
from reorder.domain.staff.models import AuditEntry
from reorder.domain.storage import AlreadyRunning, holding_advisory_lock
from reorder.engine.repurchase import BadBacktestHorizon, TooLittleHistory
from reorder.flows import backtest
from reorder.flows.backtest import running
from reorder.flows.backtest.running import NothingFromThatDay
from reorder.insights import quality_progress
from reorder.insights.quality import find_date_errors, find_quality
from tests.factories.shop import AS_OF, NIGHT_AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

AUGUST, SEPTEMBER, OCTOBER = (dt.date(2026, month, 1) for month in (8, 9, 10))


def look_back(**options: object) -> backtest.BacktestReport:
    return backtest.run_backtest(as_of=AS_OF, now=lambda: NIGHT_AT, **options)  # type: ignore[arg-type]


@pytest.fixture
def _no_jobs() -> Iterator[None]:
    """The queue's tables are no models of ours, and the cache outlives a test."""
    yield
    cache.clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'run_backtest'")


def test_the_three_latest_months_are_judged_the_newest_first() -> None:
    told: list[tuple[dt.date | None, int, int]] = []
    report = look_back(told=lambda cut, done, total: told.append((cut, done, total)))

    assert told == [(OCTOBER, 0, 3), (SEPTEMBER, 1, 3), (AUGUST, 2, 3), (None, 3, 3)]
    assert report.judged == [AUGUST, SEPTEMBER, OCTOBER]
    quality = find_quality(actor=None, horizon_days=30)
    assert quality is not None
    assert [month.cut_date for month in quality.months] == [AUGUST, SEPTEMBER, OCTOBER]
    assert quality.latest.until_date == dt.date(2026, 10, 30)
    assert quality.whole.bought_count == sum(month.quality.bought_count for month in quality.months)
    assert quality.customers_share == 1.0


def test_every_process_can_read_how_far_it_is() -> None:
    seen: list[tuple[int, int] | None] = []

    def told(cut: dt.date | None, done: int, total: int) -> None:
        found = quality_progress.find_progress()
        seen.append((found.done, found.total) if found else None)

    look_back(told=told)

    # Told of a month before it is noted: what is seen is the month before.
    assert seen == [None, (0, 3), (1, 3), (2, 3)]
    assert quality_progress.find_progress() is None


def test_what_was_judged_is_not_judged_again() -> None:
    look_back()
    told: list[dt.date | None] = []
    report = look_back(told=lambda cut, done, total: told.append(cut))

    assert (report.judged, report.kept) == ([], [AUGUST, SEPTEMBER, OCTOBER])
    assert told == [None]
    assert look_back(is_again=True).judged == [AUGUST, SEPTEMBER, OCTOBER]


def test_a_run_that_was_interrupted_goes_on_where_it_was() -> None:
    def pull_the_plug(cut: dt.date | None, done: int, total: int) -> None:
        if cut == AUGUST:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look_back(told=pull_the_plug)
    assert [row.cut_date for row in list_backtests(horizon_days=30)] == [SEPTEMBER, OCTOBER]

    report = look_back()

    assert (report.judged, report.kept) == ([AUGUST], [SEPTEMBER, OCTOBER])


def test_an_order_that_is_cancelled_has_its_months_judged_again() -> None:
    look_back()
    order = Order.objects.filter(ordered_at__date=dt.date(2026, 9, 15)).order_by("pk")[:1].get()
    Order.objects.filter(pk=order.pk).update(state=Order.State.CANCELLED)
    try:
        report = look_back()
    finally:
        Order.objects.filter(pk=order.pk).update(state=Order.State.PLACED)

    assert (report.judged, report.kept) == ([SEPTEMBER, OCTOBER], [AUGUST])


def test_horizons_stand_beside_each_other() -> None:
    look_back(cuts_count=1)
    look_back(cuts_count=1, horizon_days=45)

    assert [row.cut_date for row in list_backtests(horizon_days=30)] == [OCTOBER]
    assert [row.cut_date for row in list_backtests(horizon_days=45)] == [OCTOBER]


def test_only_days_from_a_given_one_are_judged() -> None:
    assert look_back(cuts_count=12, from_date=dt.date(2026, 8, 15)).judged == [SEPTEMBER, OCTOBER]
    with pytest.raises(NothingFromThatDay, match="The latest day that can be is 2026-10-01"):
        look_back(from_date=dt.date(2026, 11, 1))


def test_too_little_history_is_said_with_what_is_needed() -> None:
    with pytest.raises(TooLittleHistory, match=r"orders of 40 days .* Needed are 58 days"):
        backtest.run_backtest(as_of=dt.date(2026, 8, 5), now=lambda: NIGHT_AT)
    with pytest.raises(TooLittleHistory, match="orders of 0 days"):
        backtest.run_backtest(as_of=dt.date(2020, 1, 1), now=lambda: NIGHT_AT)
    with pytest.raises(BadBacktestHorizon):
        look_back(horizon_days=3)


def test_a_large_shop_is_judged_by_a_part_of_its_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    look_back(cuts_count=1)
    whole = find_quality(actor=None, horizon_days=30)
    monkeypatch.setattr(running, "LINES_MAXIMUM", 600)
    look_back(cuts_count=1, is_again=True)
    part = find_quality(actor=None, horizon_days=30)

    assert whole is not None
    assert part is not None
    assert 0 < part.customers_share < 1
    assert 0 < part.whole.pairs_count < whole.whole.pairs_count


def test_one_process_looks_back_at_a_time() -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with holding_advisory_lock(name="reorder.backtest", what="Somebody"):
            held.set()
            done.wait(30)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert held.wait(30)
        assert backtest.is_backtest_running()
        with pytest.raises(AlreadyRunning):
            look_back()
        with pytest.raises(AlreadyRunning):
            backtest.ask_for_backtest(decided_by="Mei")
        assert backtest.run_backtest_job(as_of=AS_OF, now=lambda: NIGHT_AT, cuts_count=None, horizon_days=None) is None
    finally:
        done.set()
        other.join()
    assert not backtest.is_backtest_running()


@pytest.mark.usefixtures("_no_jobs")
def test_asked_for_twice_one_job_waits_and_both_are_on_record() -> None:
    backtest.ask_for_backtest(decided_by="Mei")
    backtest.ask_for_backtest(decided_by="Lin")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args->>'cuts_count' FROM procrastinate_jobs WHERE task_name = 'run_backtest' AND status = 'todo'"
        )
        assert cursor.fetchall() == [("3",)]
    assert list(AuditEntry.objects.filter(action="backtest.start").order_by("pk").values_list("actor", flat=True)) == [
        "Mei",
        "Lin",
    ]


@pytest.mark.usefixtures("_no_jobs")
def test_the_job_tells_what_was_lacking_and_forgets_it_when_it_succeeds() -> None:
    def job(as_of: dt.date) -> backtest.BacktestReport | None:
        return backtest.run_backtest_job(as_of=as_of, now=lambda: NIGHT_AT, cuts_count=1, horizon_days=None)

    assert job(dt.date(2026, 8, 5)) is None
    fault = quality_progress.find_fault()
    assert isinstance(fault, TooLittleHistory)
    assert fault.parameters["history_days"] == 40

    report = job(AS_OF)

    assert report is not None
    assert report.judged == [OCTOBER]
    assert quality_progress.find_fault() is None
    assert quality_progress.find_progress() is None


@pytest.mark.usefixtures("_no_jobs")
def test_a_job_that_breaks_says_so_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(**_given: object) -> None:
        raise RuntimeError("no memory left")

    monkeypatch.setattr(running.repurchase, "judge_cut", break_down)
    with pytest.raises(RuntimeError):
        backtest.run_backtest_job(as_of=AS_OF, now=lambda: NIGHT_AT, cuts_count=1, horizon_days=None)

    fault = quality_progress.find_fault()
    assert fault is not None
    assert str(fault) == (
        "The look back stopped: RuntimeError: no memory left. Start it again; months that are done are kept."
    )


def test_date_errors_of_levels_with_few_orders_are_not_told() -> None:
    look_back()
    quality = find_quality(actor=None, horizon_days=30)
    assert quality is not None

    errors = find_date_errors()

    assert set(errors) == {name for name, one in quality.levels.items() if name != "all" and one.bought_count >= 100}
    assert errors["pair"].orders_count == quality.levels["pair"].bought_count
    assert errors["pair"].mean_days == pytest.approx(quality.levels["pair"].date_error_mean_days)
