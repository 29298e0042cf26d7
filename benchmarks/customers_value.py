"""What customers are worth, timed: BG/NBD and Pareto/NBD at three sizes, `lifetimes` beside, and the night's moves.

All customers are synthetic, drawn from a fixed seed. `lifetimes` (unmaintained, numpy below 2) is installed into an
environment of its own in a temporary folder, to be timed on the same customers and to lend its copy of the CDNOW
sample, whose published parameters are printed beside ours; without a package index both are skipped. Run with
`python -m benchmarks.customers_value`; `--customers` sets the largest size, `--no-database` leaves the night out.
"""

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

SEED: Final = 20261126
TODAY: Final = dt.date(2026, 11, 26)
HISTORY_DAYS: Final = 3 * 365
_PACKAGES: Final = ("lifetimes==0.11.3", "numpy<2", "scipy<1.14", "pandas<2.2")
_LIFETIMES: Final = """
import json, sys, time, warnings
import numpy as np
warnings.simplefilter("ignore")
from lifetimes import BetaGeoFitter, ParetoNBDFitter
from lifetimes.datasets import load_cdnow_summary
given = np.load(sys.argv[1])
started = time.perf_counter()
found = BetaGeoFitter().fit(given["x"], given["t_x"], given["age"])
seconds = time.perf_counter() - started
sample = load_cdnow_summary()
np.savez(sys.argv[2], x=sample["frequency"], t_x=sample["recency"], age=sample["T"])
parameters = {name: float(found.params_[name]) for name in ("r", "alpha", "a", "b")}
print(json.dumps({"seconds": seconds, "parameters": parameters}))
"""
# Fader, Hardie & Lee (2005), tables 2 of both papers; the sample of 2,357 customers, weeks.
_PUBLISHED: Final = {
    "BG/NBD": {"r": 0.2426, "alpha": 4.414, "a": 0.793, "b": 2.426, "log_likelihood": -9582.4},
    "Pareto/NBD": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669, "log_likelihood": -9595.0},
}


def make_customers(*, count: int) -> pl.DataFrame:
    """Synthetic customers as `Statistics.customers` has them: own pace, own life, own spending, three years long."""
    dice = np.random.default_rng(SEED)
    age = dice.integers(1, HISTORY_DAYS, count)
    rate, stop = dice.gamma(0.8, 1 / 60.0, count), dice.gamma(0.7, 1 / 120.0, count)
    life = np.minimum(age, dice.exponential(1 / stop))
    repeats = dice.poisson(rate * life)
    last = np.where(repeats > 0, np.floor(life * dice.beta(np.maximum(repeats, 1), 1.0)), 0).astype(np.int64)
    an_order = dice.gamma(6.25, 1.0, count) / dice.gamma(3.74, 1 / 500.0, count)
    return pl.DataFrame(
        {"number": np.arange(count), "age": age, "last": last, "repeats": repeats, "money": an_order}
    ).select(
        customer_id=pl.col("number").cast(pl.String),
        visits_count=pl.col("repeats").cast(pl.Int32) + 1,
        first_date=pl.lit(TODAY) - pl.duration(days="age"),
        last_date=pl.lit(TODAY) - pl.duration(days="age") + pl.duration(days="last"),
        monetary=pl.col("money") * (pl.col("repeats") + 1),
        valued_orders=pl.col("repeats").cast(pl.Int32) + 1,
        later_orders=pl.col("repeats").cast(pl.Int32),
        later_value=pl.col("money") * pl.col("repeats"),
    )


def cells_of(customers: pl.DataFrame) -> dict[str, Any]:
    """Repeat orders, time of the last one and age in days."""
    ages = (pl.lit(TODAY) - pl.col("first_date")).dt.total_days()
    spread = (pl.col("last_date") - pl.col("first_date")).dt.total_days()
    told = customers.select(x=pl.col("visits_count") - 1, t_x=spread, age=ages).cast(pl.Float64)
    return {name: told[name].to_numpy() for name in told.columns}


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of a call and its answer."""
    started = time.perf_counter()
    answer = call()
    return time.perf_counter() - started, answer


def fit_at_sizes(*, largest: int) -> list[tuple[int, float, float, float]]:
    """Customers, seconds of BG/NBD, of Pareto/NBD and of valuing them all, at three sizes."""
    from reorder.engine import repurchase

    rows = []
    warm = make_customers(count=2_000)
    repurchase.value_customers(customers=warm, as_of=TODAY)
    print("synthetic customers      BG/NBD   Pareto/NBD   value_customers   seconds")
    for size in (largest // 10, largest * 3 // 10, largest):
        customers = make_customers(count=size)
        cells = cells_of(customers)
        given = {"frequency": cells["x"], "recency": cells["t_x"], "age": cells["age"]}
        first, _ = timed(lambda given=given: repurchase.fit_bgnbd(**given))  # type: ignore[misc]
        second, _ = timed(lambda given=given: repurchase.fit_pareto_nbd(**given))  # type: ignore[misc]
        whole, _ = timed(lambda known=customers: repurchase.value_customers(customers=known, as_of=TODAY))  # type: ignore[misc]
        rows.append((size, first, second, whole))
        print(f"{size:>19,} {first:11.2f} {second:12.2f} {whole:17.2f}")
    return rows


def compare_with_lifetimes(*, customers: int) -> dict[str, Any] | None:
    """`lifetimes` on the same customers, and the CDNOW sample that it brings; None where it cannot be installed."""
    from reorder.engine import repurchase

    with tempfile.TemporaryDirectory(prefix="reorder-bench-") as name:
        folder = Path(name)
        python = _install(folder=folder)
        if python is None:
            print("lifetimes: skipped, no package index answered")
            return None
        given = cells_of(make_customers(count=customers))
        np.savez(folder / "given.npz", **given)
        asked = [str(python), "-c", _LIFETIMES, str(folder / "given.npz"), str(folder / "cdnow.npz")]
        told = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=folder)
        if told.returncode:
            print(f"lifetimes: skipped, it failed: {told.stderr.strip().splitlines()[-1:]}")
            return None
        theirs = json.loads(told.stdout)
        seconds, ours = timed(
            lambda: repurchase.fit_bgnbd(frequency=given["x"], recency=given["t_x"], age=given["age"])
        )
        print(
            f"lifetimes, {customers:,} customers: {theirs['seconds']:.2f} s; here {seconds:.2f} s,"
            f" ×{theirs['seconds'] / seconds:.0f}"
        )
        for key, value in theirs["parameters"].items():
            print(f"  {key:6s} lifetimes {value:10.4f}   here {getattr(ours, key):10.4f}")
        sample = dict(np.load(folder / "cdnow.npz"))
    _tell_cdnow(sample)
    return {**theirs, "here_seconds": seconds}


def _install(*, folder: Path) -> Path | None:
    """An environment of its own with lifetimes in it."""
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    quiet = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_PACKAGES]
    done = subprocess.run(quiet, capture_output=True, check=False)
    return None if done.returncode else python


def _tell_cdnow(sample: dict[str, Any]) -> None:
    """Published parameters of the CDNOW sample beside ours."""
    from reorder.engine import repurchase

    given = {"frequency": sample["x"], "recency": sample["t_x"], "age": sample["age"]}
    print(f"CDNOW sample, {sample['x'].size:,} customers, weeks      published       here")
    for model in (repurchase.fit_bgnbd(**given), repurchase.fit_pareto_nbd(**given)):
        for key, published in _PUBLISHED[model.name].items():
            print(f"  {model.name:12s} {key:16s} {published:18.4f} {getattr(model, key):12.4f}")


def time_night(*, customers: int) -> None:
    """Seconds of recording moves and of the page's sums, in a database of its own."""
    from benchmarks.pages import make_rows, own_database, report, signed_in, time_pages

    with own_database():
        make_rows(statements=_MAKE, parameters={"customers": customers})
        from django.db import connection

        from reorder.domain.planning import segmenting

        for night, share in enumerate((0.0, 0.02, 0.02, 0.15)):
            day = TODAY - dt.timedelta(days=3 - night)
            with connection.cursor() as cursor:
                cursor.execute(_MOVE, [share])
            seconds, moved = timed(lambda day=day: segmenting.record_segment_moves(as_of_date=day))  # type: ignore[misc]
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE planning_segmentmove")
            sums, overview = timed(lambda day=day: segmenting.count_overview(as_of_date=day))  # type: ignore[misc]
            print(
                f"night {night + 1}: {moved:>9,} moves recorded in {seconds:5.2f} s, sums of the page in {sums:5.2f} s"
            )
        with connection.cursor() as cursor:
            cursor.execute(_FINISH, [json.dumps({"segments": {}, **overview}, default=str)])
        get = signed_in()
        asked = {
            "segments": get("/customers/segments/", {}),
            "segments, 30 days": get("/customers/segments/", {"days": "30"}),
            "customers of a cell": get("/customers/segments/moved", {"from": "loyal", "to": "lost"}),
            "customers of a small cell": get("/customers/segments/moved", {"from": "first", "to": "lost"}),
        }
        report(shop=f"{customers:,} SYNTHETIC customers", found=time_pages(asked=asked))


_MAKE: Final = (
    """INSERT INTO planning_run (kind, as_of_date, state, started_at, finished_at, error)
       VALUES ('night', DATE '2026-11-26', 'succeeded', now(), now(), '')""",
    """INSERT INTO customers_customer (key, name)
       SELECT 'C-' || n, 'Person ' || n FROM generate_series(1, %(customers)s) AS n""",
    """INSERT INTO planning_customervalue (run_id, customer_id, recency_days, frequency, monetary, r_score, f_score,
           m_score, segment, active_share, expected_orders, expected_value, churn_share, expected_orders_90,
           expected_value_90)
       SELECT (SELECT max(id) FROM planning_run), id, random() * 365, 1 + (random() * 20)::int, random() * 50000,
              1 + (random() * 4)::int, 1 + (random() * 4)::int, 1 + (random() * 4)::int,
              (ARRAY['champions', 'loyal', 'promising', 'at_risk', 'lost'])[1 + (id %% 5)],
              random(), random() * 12, random() * 20000, random(), random() * 3, random() * 5000
       FROM customers_customer""",
)  # fmt: skip
_MOVE: Final = """UPDATE planning_customervalue
    SET segment = (ARRAY['champions', 'loyal', 'promising', 'at_risk', 'lost'])[1 + (random() * 4)::int]
    WHERE random() < %s"""
_FINISH: Final = """INSERT INTO planning_runstep (run_id, name, ordinal, state, started_at, finished_at, details)
    SELECT max(id), 'value_customers', 1, 'succeeded', now(), now(), %s::jsonb FROM planning_run"""


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--no-database", action="store_true")
    given = parser.parse_args(argv)
    print("synthetic, seed", SEED)
    fit_at_sizes(largest=given.customers)
    compare_with_lifetimes(customers=given.customers)
    if not given.no_database:
        time_night(customers=given.customers)


if __name__ == "__main__":
    sys.exit(main())
