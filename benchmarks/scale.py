"""Seconds and memory of counting, fitting and predicting at one, three and ten million pairs, and how they grow.

Everything is SYNTHETIC and made by set-based SQL in an embedded database of the benchmark's own, one a size: ten
products a customer, five order lines a pair, so ten million pairs are fifty million lines. It shows how time and
memory grow, never how good an answer is. Run with `python -m benchmarks.scale`; `--pairs 100000 300000 1000000`
measures other sizes, `--picture FILE.svg` draws the growth.
"""

import argparse
import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.growth import draw_growth

TODAY = dt.date(2026, 11, 23)
HISTORY_DAYS = 728
PAIRS_A_CUSTOMER, LINES_A_PAIR, LINES_AN_ORDER = 10, 5, 5
PRODUCTS, CATEGORIES = 30_000, 200
SEED = 0.20261123
# The news of a night, in a shop of ten million pairs; fewer in smaller ones.
NEW_LINES = 300_000
SIZES = (1_000_000, 3_000_000, 10_000_000)
# What issue 4 asks for at ten million pairs, in seconds.
TARGETS: Mapping[str, float] = {"fit": 30, "score every pair, layer 1": 10, "night": 30}

_MAKE = (
    "SELECT setseed(%(seed)s)",
    """INSERT INTO catalog_category (code, name)
       SELECT 'CAT-' || n, 'Category ' || n FROM generate_series(0, %(categories)s - 1) AS n""",
    """INSERT INTO catalog_product (sku, name, currency, category_id)
       SELECT 'SKU-' || n, 'Product ' || n, 'TWD', (SELECT min(id) FROM catalog_category) + n %% %(categories)s
       FROM generate_series(0, %(products)s - 1) AS n""",
    "INSERT INTO customers_customer (key) SELECT 'C-' || n FROM generate_series(1, %(customers)s) AS n",
    # A customer's days bunch around an own pace: the square of a number favours those who came lately.
    """INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, currency, content_hash)
       SELECT 'bench', 'O-' || id || '-' || n, id,
              (%(today)s::date - 1 - (power(random(), 1.3) * %(days)s)::int + interval '10 hours')
                  AT TIME ZONE 'Asia/Taipei', 'TWD', ''
       FROM customers_customer, generate_series(1, %(orders)s) AS n""",
)
# Ten products of each customer's own, popular ones more often; five of them an order.
_PRODUCT = """(SELECT min(id) FROM catalog_product)
    + (power(((o.customer_id * 7919 + ({pick}) * 104729) %% 1000003) / 1000003.0, 2) * %(products)s)::int"""
_LINES = f"""
INSERT INTO orders_orderline (order_id, line_key, product_id, units, unit_price_minor)
SELECT o.id, n::text, {_PRODUCT.format(pick="(o.id * 31 + n * 7 + o.id / 7) %% 10")}, 1 + o.id %% 3, 10000 + n * 500
FROM orders_order AS o, generate_series(1, %(lines)s) AS n WHERE o.id > %(after_id)s
"""
_NEWS = """
INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, currency, content_hash)
SELECT 'bench', 'NEW-' || n, 1 + (n * 16 + n %% 7) %% %(customers)s,
       (%(today)s::date - 1 + interval '20 hours') AT TIME ZONE 'Asia/Taipei', 'TWD', ''
FROM generate_series(1, %(orders)s) AS n
"""
_MARK = (
    """INSERT INTO planning_dirtymark (kind, subject_key)
       SELECT DISTINCT 'customer', customer_id::text FROM orders_order WHERE external_id LIKE 'NEW-%%'""",
    "INSERT INTO planning_dirtymark (kind, subject_key) VALUES ('day', (%(today)s::date - 1)::text || '|0')",
)
_FAST = ("SET synchronous_commit = off", "SET session_replication_role = replica", "SET work_mem = '256MB'")
_LOOSE = (
    ("orders_orderline", "order_line_once", "UNIQUE (order_id, line_key)"),
    ("orders_order", "order_once_per_channel", "UNIQUE (channel, external_id)"),
)


@contextlib.contextmanager
def clocked(figures: dict[str, float], name: str) -> Iterator[None]:
    """Seconds of the block under a name, processor seconds of it and of its database, and this process's memory in GB.

    On a machine that does other things at the same time, processor seconds are what the work costs.
    """
    begun, spent = time.perf_counter(), _processor_seconds()
    yield
    figures[name] = time.perf_counter() - begun
    figures[f"{name}, processor"] = _processor_seconds() - spent
    figures[f"{name}, GB"] = _highest_memory_gb()
    said = f"{figures[name]:.1f} s, {figures[f'{name}, processor']:.1f} s of processor, {figures[f'{name}, GB']:.2f} GB"
    print(f"  {name}: {said}", file=sys.stderr, flush=True)


def make_shop(*, pairs: int) -> None:
    """Customers, products, orders and lines; keys that would be checked row by row are made afterwards."""
    customers = pairs // PAIRS_A_CUSTOMER
    orders = PAIRS_A_CUSTOMER * LINES_A_PAIR // LINES_AN_ORDER
    given = {"customers": customers, "products": PRODUCTS, "categories": CATEGORIES, "orders": orders, "seed": SEED,
             "today": TODAY, "days": HISTORY_DAYS, "lines": LINES_AN_ORDER, "after_id": 0}  # fmt: skip
    _run(*_FAST)
    for table, name, _ in _LOOSE:
        _run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for statement in (*_MAKE, _LINES):
        _run(statement, parameters=given)
    for table, name, rule in _LOOSE:
        _run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
    _run("VACUUM ANALYZE")


def bring_news(*, pairs: int) -> int:
    """A day's new lines, marked as an import marks them; returns how many."""
    lines = min(NEW_LINES, pairs * 3 // 100)
    given: dict[str, Any] = {"customers": pairs // PAIRS_A_CUSTOMER, "orders": lines // LINES_AN_ORDER, "today": TODAY,
                             "products": PRODUCTS, "lines": LINES_AN_ORDER, "after_id": _highest_order()}  # fmt: skip
    for statement in (_NEWS, _LINES, *_MARK):
        _run(statement, parameters=given)
    return lines


def run_one(*, pairs: int) -> dict[str, float]:
    """Make and measure one shop in the present process, whose REORDER_HOME is new."""
    from reorder.cli.start import start_application, stop_database

    start_application()
    figures: dict[str, float] = {}
    try:
        with clocked(figures, "make the shop"):
            make_shop(pairs=pairs)
        from reorder.flows.predictions import rebuild_statistics

        with clocked(figures, "count everything"):
            rebuild_statistics(today=TODAY)
        figures |= _in_a_child("engine", pairs=pairs)
        with clocked(figures, "first prediction of everybody, saved"):
            first_night(as_of=TODAY - dt.timedelta(days=1))
        figures["new lines"] = bring_news(pairs=pairs)
        figures |= _in_a_child("night", pairs=pairs)
    finally:
        stop_database()
    return figures


def measure_engine() -> dict[str, float]:
    """From statistics in the database to due dates of all pairs, in this process."""
    from reorder.cli.start import start_application

    start_application()
    from reorder.domain.planning import counted
    from reorder.engine import repurchase

    figures: dict[str, float] = {}
    with clocked(figures, "read statistics"):
        statistics = counted.frame_statistics(as_of=TODAY)
    with clocked(figures, "fit"):
        model = repurchase.fit_statistics(statistics=statistics, learned=None, as_of=TODAY)
    with clocked(figures, "score every pair, layer 1"):
        due = model.due(as_of=TODAY, horizons_days=(7, 14, 30))
    assert due.height == statistics.pairs.height
    return figures


def measure_night() -> dict[str, float]:
    """The customer half of a night after a day of news: count, value, predict touched and due pairs."""
    from reorder.cli.start import start_application

    start_application()
    from reorder.flows.nightly import customers

    figures: dict[str, float] = {}
    with clocked(figures, "night"):
        with clocked(figures, "  count_statistics"):
            customers.count_statistics(today=TODAY)
        with clocked(figures, "  value_customers"):
            customers.value_customers(run_id=2, as_of=TODAY, order_lines=None)
        with clocked(figures, "  predict_due_dates"):
            done = customers.predict_due_dates(run_id=2, as_of=TODAY, order_lines=None)
    print(f"  {done.details}", file=sys.stderr, flush=True)
    figures["pairs predicted in the night"] = done.rows_written
    return figures


def measure(*, pairs: int) -> dict[str, float]:
    """One size in a process and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="reorder-bench-") as home:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("REORDER_")} | {"REORDER_HOME": home}
        command = [sys.executable, "-m", "benchmarks.scale", "--part", "one", "--pairs", str(pairs)]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout.splitlines()[-1]))


_PARTS: Mapping[str, Callable[[], dict[str, float]]] = {"engine": measure_engine, "night": measure_night}


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line (or `arguments`), measure every size, print figures and growth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--picture", type=Path, help="draw the growth into this SVG file")
    parser.add_argument("--part", choices=["one", *_PARTS], help="measure in this process and print JSON")
    given = parser.parse_args(arguments)
    if given.part:
        figures = run_one(pairs=given.pairs[0]) if given.part == "one" else _PARTS[given.part]()
        print(json.dumps(figures))
        return
    print(f"SYNTHETIC shop, {PAIRS_A_CUSTOMER} pairs a customer, {LINES_A_PAIR} lines a pair, {HISTORY_DAYS} days")
    found = {pairs: measure(pairs=pairs) for pairs in sorted(given.pairs)}
    _report(found)
    if given.picture:
        given.picture.write_text(draw_growth(figures=found))
        print(f"drawn: {given.picture}")


def _report(found: Mapping[int, Mapping[str, float]]) -> None:
    sizes = list(found)
    print(f"{'':40s}" + "".join(f"{size / 1e6:>11g} M" for size in sizes) + "   growth of time over growth of size")
    for name in found[sizes[0]]:
        values = [found[size][name] for size in sizes]
        line = f"{name:40s}" + "".join(f"{value:13.2f}" for value in values)
        if len(sizes) > 1 and "GB" not in name and values[0] > 0.05:
            line += f"   {values[-1] / values[0] / (sizes[-1] / sizes[0]):.2f}"
        wanted = TARGETS.get(name)
        print(line + (f"   (asked for at 10 M: {wanted:g})" if wanted else ""))


def first_night(*, as_of: dt.date) -> None:
    """Value and predict everybody, as the first night of a shop does."""
    from reorder.flows.nightly import customers

    customers.value_customers(run_id=1, as_of=as_of, order_lines=None)
    customers.predict_due_dates(run_id=1, as_of=as_of, order_lines=None)


def _in_a_child(part: str, *, pairs: int) -> dict[str, float]:
    """A part in a process of its own, so that its highest memory is its own."""
    command = [sys.executable, "-m", "benchmarks.scale", "--part", part, "--pairs", str(pairs)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _processor_seconds() -> float:
    """Of this process, of the database server and of all its sessions, those that ended included."""
    postmaster = (Path(os.environ["REORDER_HOME"]) / "postgres" / "data" / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if folder.name == postmaster:
                ticks += sum(int(field) for field in fields[11:15])
            elif fields[1] == postmaster:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


def _highest_memory_gb() -> float:
    """Of this process alone: what getrusage tells a child includes what its parent held when it was started."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024**2


def _highest_order() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM orders_order")
        return int(cursor.fetchone()[0])


def _run(*statements: str, parameters: Mapping[str, Any] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, parameters)


if __name__ == "__main__":
    main()
