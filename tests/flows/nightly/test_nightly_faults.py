"""A night that fails, dies or meets another one: recorded, resumed, and never twice at a time."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from django.conf import LazySettings
from django.db import connection

from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.planning import operations, queries
from reorder.domain.planning.errors import RunFailed
from reorder.domain.planning.models import DueDate
from reorder.domain.purchasing.models import Proposal
from reorder.domain.storage import AlreadyRunning
from reorder.domain.storage.reading import _uri
from reorder.flows.file_import import import_file
from reorder.flows.nightly import run_night, run_night_when_due
from reorder.flows.nightly.steps import STEPS, Night
from reorder.flows.stepping import Done, Step
from tests.factories.books import read_books
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place, opening
from tests.factories.shop import AS_OF, NIGHT_AT

pytestmark = pytest.mark.django_db(transaction=True)


def ticking(start: dt.datetime = NIGHT_AT) -> Iterator[dt.datetime]:
    """A clock on which every look is one second later."""
    moment = start
    while True:
        yield moment
        moment += dt.timedelta(seconds=1)


class Kettle:
    """A step that fails as often as it is told to, and knows how often it ran."""

    def __init__(self, *, name: str, failures: int = 0) -> None:
        self.name = name
        self.failures = failures
        self.runs = 0

    def step(self) -> Step[Night]:
        return Step(self.name, self._run)

    def _run(self, night: Night) -> Done:
        self.runs += 1
        if self.runs <= self.failures:
            raise ValueError("the water boiled away")
        return Done(rows_read=3, rows_written=2, details={"cups": 2})


def test_a_step_that_fails_is_recorded_with_its_cause_and_stops_the_night() -> None:
    heat, steep, pour = Kettle(name="heat"), Kettle(name="steep", failures=1), Kettle(name="pour")
    clock = ticking()

    with pytest.raises(RunFailed, match="stopped at step “steep”: ValueError: the water boiled away"):
        run_night(as_of=AS_OF, now=lambda: next(clock), steps=[heat.step(), steep.step(), pour.step()])

    run = queries.find_latest_run(kind="night")
    assert run is not None
    assert (run.state, run.error) == ("failed", "steep: ValueError: the water boiled away")
    steps = queries.list_steps(run_id=run.id)
    assert [(step.name, step.state, step.error) for step in steps] == [
        ("heat", "succeeded", ""),
        ("steep", "failed", "ValueError: the water boiled away"),
    ]
    assert (steps[0].rows_read, steps[0].rows_written, steps[0].details, steps[0].seconds) == (3, 2, {"cups": 2}, 1.0)
    assert pour.runs == 0


def test_the_next_run_goes_on_after_the_finished_steps() -> None:
    heat, steep, pour = Kettle(name="heat"), Kettle(name="steep", failures=1), Kettle(name="pour")
    steps = [heat.step(), steep.step(), pour.step()]
    with pytest.raises(RunFailed) as failed:
        run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=steps)

    report = run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=steps)

    assert report.run.id == failed.value.parameters["run_id"]
    assert (report.run.state, report.run.error) == ("succeeded", "")
    assert [(step.name, step.state, step.attempts_count, step.error) for step in report.steps] == [
        ("heat", "succeeded", 1, ""),
        ("steep", "succeeded", 2, ""),
        ("pour", "succeeded", 1, ""),
    ]
    assert (heat.runs, steep.runs, pour.runs) == (1, 2, 1)


def test_a_night_whose_process_died_in_a_step_is_taken_up_at_that_step() -> None:
    heat, steep = Kettle(name="heat"), Kettle(name="steep")
    run = operations.open_run(kind="night", as_of_date=AS_OF, moment=NIGHT_AT)
    operations.start_step(run_id=run.id, name="heat", ordinal=0, moment=NIGHT_AT)

    report = run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=[heat.step(), steep.step()])

    assert report.run.id == run.id
    assert [(step.name, step.attempts_count) for step in report.steps] == [("heat", 2), ("steep", 1)]


def test_a_dead_night_of_another_day_is_closed_and_a_new_one_begins() -> None:
    heat = Kettle(name="heat")
    yesterday = operations.open_run(kind="night", as_of_date=AS_OF - dt.timedelta(days=1), moment=NIGHT_AT)

    report = run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=[heat.step()])

    assert report.run.id > yesterday.id
    old = next(run for run in queries.list_runs() if run.id == yesterday.id)
    assert (old.state, old.error) == ("failed", "interrupted; a later run took its place")


def test_two_nights_at_once_are_refused() -> None:
    is_inside, may_end = Event(), Event()

    def wait_inside(night: Night) -> Done:
        is_inside.set()
        assert may_end.wait(timeout=60)
        return Done()

    def first_night() -> str:
        try:
            return run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=[Step("wait", wait_inside)]).run.state
        finally:
            connection.close()

    late = Kettle(name="late")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(first_night)
        assert is_inside.wait(timeout=60)
        try:
            with pytest.raises(AlreadyRunning, match="The night is already running"):
                run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=[late.step()])
            assert run_night_when_due(moment=NIGHT_AT, now=lambda: NIGHT_AT) is None
        finally:
            may_end.set()
        assert first.result() == "succeeded"

    assert late.runs == 0
    assert len(queries.list_runs()) == 1
    assert run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=[late.step()]).run.state == "succeeded"


def test_a_night_stops_when_levels_and_ledger_differ() -> None:
    from reorder.domain.inventory import operations as stock

    make_place()
    oolong = make_product()
    stock.record_moves(moves=[opening(product_id=oolong.pk, units=12)])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_level SET on_hand_units = 13 WHERE on_hand_units = 12")

    with pytest.raises(RunFailed, match=r"check_ledger.*differ from the ledger.*reorder doctor"):
        run_night(as_of=AS_OF, now=lambda: NIGHT_AT)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_level SET on_hand_units = 12 WHERE on_hand_units = 13")
    report = run_night(as_of=AS_OF, now=lambda: NIGHT_AT)
    assert [step.attempts_count for step in report.steps] == [1] * (len(STEPS) - 1) + [2]


def test_a_shop_without_orders_has_an_empty_night() -> None:
    report = run_night(as_of=AS_OF, now=lambda: NIGHT_AT)

    assert [step.name for step in report.steps] == [step.name for step in STEPS]
    assert {(step.state, step.rows_written) for step in report.steps} == {("succeeded", 0)}
    books = read_books(url=_uri())
    assert {name: lines for name, lines in books.items() if lines} == {}


def test_one_customer_with_one_order_has_a_night(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        "order_id,ordered_at,customer_id,sku,quantity,unit_price\nT-1,2026-11-20 10:00,mei,OOLONG-150,1,450\n"
    )
    import_file(path=file)

    report = run_night(as_of=AS_OF, now=lambda: NIGHT_AT)

    assert {step.state for step in report.steps} == {"succeeded"}
    assert DueDate.objects.get().subject == "OOLONG-150"
    assert queries.frame_demand_plan()["sku"].unique().to_list() == ["OOLONG-150"]
    assert queries.frame_targets().height == Proposal.objects.count() == OutboxMessage.objects.count() == 0


def test_a_product_without_supplier_is_planned_but_not_bought(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    lines = [f"T-{day},2026-{10 + day // 31}-{day % 31 + 1:02d} 10:00,mei,MATCHA-30,2,380" for day in range(0, 52, 4)]
    file.write_text("\n".join(["order_id,ordered_at,customer_id,sku,quantity,unit_price", *lines]) + "\n")
    import_file(path=file)

    run_night(as_of=AS_OF, now=lambda: NIGHT_AT)

    assert queries.frame_demand_plan()["mean_units"].sum() > 0
    assert queries.frame_targets().height == Proposal.objects.count() == 0


def test_files_in_the_folder_are_taken_in_by_the_night_and_a_bad_one_stops_nothing(home: Path) -> None:
    (home / "import").mkdir()
    (home / "import" / "a.csv").write_text("colour\nred\n")
    (home / "import" / "b.csv").write_text(
        "order_id,ordered_at,customer_id,sku,quantity\nT-1,2026-11-20 10:00,mei,OOLONG-150,1\n"
    )

    report = run_night(as_of=AS_OF, now=lambda: NIGHT_AT)

    taken = report.steps[0]
    assert (taken.name, taken.rows_read, taken.rows_written) == ("import_files", 1, 1)
    assert list(taken.details["files"]) == ["a.csv", "b.csv"]
    assert "a.csv" in taken.details["failed"][0]
    assert report.steps[1].rows_read == 1


def night_as_of(moment: dt.datetime) -> dt.date | None:
    report = run_night_when_due(moment=moment, now=lambda: moment)
    return report.run.as_of_date if report else None


def test_the_night_runs_at_its_hour_in_the_shops_time_zone() -> None:
    assert night_as_of(NIGHT_AT - dt.timedelta(days=1)) == AS_OF - dt.timedelta(days=1)

    assert night_as_of(NIGHT_AT - dt.timedelta(seconds=1)) is None
    # 02:30 in Taipei is still the evening before in UTC; the day is the shop's.
    assert night_as_of(NIGHT_AT) == AS_OF
    assert night_as_of(NIGHT_AT + dt.timedelta(minutes=5)) is None
    assert night_as_of(NIGHT_AT + dt.timedelta(hours=23, minutes=59)) is None


def test_a_missed_night_is_made_up_for_once() -> None:
    assert night_as_of(NIGHT_AT) == AS_OF
    friday_noon = NIGHT_AT + dt.timedelta(days=4, hours=10)

    assert night_as_of(friday_noon) == dt.date(2026, 11, 27)
    assert night_as_of(friday_noon + dt.timedelta(minutes=5)) is None


def test_a_new_shop_has_its_first_night_as_soon_as_something_runs() -> None:
    assert night_as_of(NIGHT_AT - dt.timedelta(hours=3)) == dt.date(2026, 11, 22)


def test_a_failed_night_is_due_again() -> None:
    with pytest.raises(RunFailed):
        run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=[Kettle(name="heat", failures=1).step()])

    assert night_as_of(NIGHT_AT + dt.timedelta(minutes=5)) == AS_OF


@pytest.mark.parametrize("day", [dt.date(2026, 11, 1), dt.date(2026, 12, 24)])
def test_another_day_planned_by_hand_does_not_stand_for_tonight(day: dt.date) -> None:
    run_night(as_of=day, now=lambda: NIGHT_AT + dt.timedelta(minutes=1))

    assert night_as_of(NIGHT_AT + dt.timedelta(minutes=5)) == AS_OF


def test_the_hour_follows_the_time_zone_of_the_shop(settings: LazySettings) -> None:
    settings.REORDER = replace(settings.REORDER, time_zone="America/Los_Angeles")
    # 02:30 in Los Angeles, on standard time.
    hour = dt.datetime(2026, 11, 23, 10, 30, tzinfo=dt.UTC)
    assert night_as_of(hour - dt.timedelta(days=1)) == dt.date(2026, 11, 22)

    assert night_as_of(hour - dt.timedelta(minutes=1)) is None
    assert night_as_of(hour) == dt.date(2026, 11, 23)
