"""What behaviour events are worth: a LABELLED SYNTHETIC overlay on an order history, and predictions with and without.

Events are drawn on top of real or synthetic orders: with probability `--share` a repurchase is preceded by views and
carts of that product in the days before it, and everybody looks at things they do not buy besides. Each event is
labelled with what it is; the model sees none of the labels. It shows that events that mean something rank and date
better, that noise costs nothing, and that no events change nothing at all (bit for bit).

Run with `python -m benchmarks.overlay`; `--orders FILE.parquet` takes any file with the engine's order lines
(customer_id, order_id, ordered_at, sku, quantity, category?) instead of the synthetic shop.
"""

import argparse
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine import frames, repurchase

SEED = 20261126
HORIZON_DAYS = 30
_FIRST_DAY = dt.date(2025, 6, 1)
_HISTORY_DAYS = 400
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """One model at one cut; `auc_7` and `auc_30` of a purchase within so many days, `concordance` of due dates."""

    name: str
    auc_7: float
    auc_30: float
    concordance: float
    log_loss: float
    expected_over_realised: float


def synthetic_orders(*, customers: int, seed: int = SEED) -> pl.DataFrame:
    """A SYNTHETIC shop: every customer buys a few of 200 products again and again, each in a rhythm of its own."""
    dice = np.random.default_rng(seed)
    pairs = dice.poisson(4.0, size=customers) + 1
    customer = np.repeat(np.arange(customers), pairs)
    product = dice.zipf(1.3, size=customer.size) % 200
    gap_days = dice.gamma(3.0, 12.0, size=customer.size) + 5.0
    day = dice.uniform(0, gap_days)
    rows = []
    alive = np.ones(customer.size, dtype=bool)
    while (alive & (day < _HISTORY_DAYS)).any():
        now = alive & (day < _HISTORY_DAYS)
        rows.append(np.stack([customer[now], product[now], day[now].astype(int)], axis=1))
        # One in twenty stops after a purchase.
        alive &= dice.random(customer.size) > 0.05 * now
        day = np.where(now, day + np.maximum(dice.gamma(4.0, gap_days / 4.0), 1.0), day)
    table = np.concatenate(rows)
    return pl.DataFrame(
        {
            "customer_id": pl.Series(table[:, 0]).cast(pl.String),
            "order_id": pl.Series(table[:, 0] * 1000 + table[:, 2]).cast(pl.String),
            "ordered_at": pl.Series(table[:, 2]),
            "sku": "P" + pl.Series(table[:, 1]).cast(pl.String),
            "quantity": 1.0,
            "category": "C" + pl.Series(table[:, 1] % 20).cast(pl.String),
        }
    ).with_columns(
        ordered_at=pl.lit(_FIRST_DAY).cast(pl.Datetime("us", "UTC")) + pl.duration(days="ordered_at", hours=20)
    )


def read_orders(*, path: Path, subject: str) -> pl.DataFrame:
    """Order lines of a parquet file: ids of any type, moments with or without a zone (`ordered_at` or `day`)."""
    lines = pl.read_parquet(path)
    moment = "ordered_at" if "ordered_at" in lines.columns else "day"
    names = ["customer_id", "order_id", subject, *(["category"] if "category" in lines.columns else [])]
    known = lines.select(
        *(pl.col(name).cast(pl.String).alias("sku" if name == subject else name) for name in dict.fromkeys(names)),
        pl.col(moment).cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("ordered_at"),
        pl.col("quantity").cast(pl.Float64),
    ).filter(pl.col("sku").is_not_null() & (pl.col("quantity") > 0))
    return frames.require(table=known, contract=frames.ORDER_LINES).sort("ordered_at", "order_id", "sku")


def draw_events(*, orders: pl.DataFrame, share: float, noise_a_day: float, seed: int = SEED) -> pl.DataFrame:
    """Events by `frames.EVENTS` with their label `is_signal`.

    Before a repurchase (with probability `share`): one to four views within the four days before it, and a cart in half
    of the cases. Besides, each customer looks at `noise_a_day` products a day, half of them ones they have bought.
    """
    dice = np.random.default_rng(seed)
    bought = orders.select("customer_id", "sku", date=pl.col("ordered_at").dt.date()).unique(maintain_order=True)
    again = bought.sort("customer_id", "sku", "date").filter(
        pl.col("date") > pl.col("date").min().over("customer_id", "sku")
    )
    chosen = again.filter(pl.Series(dice.random(again.height) < share))
    looks = chosen[np.repeat(np.arange(chosen.height), dice.integers(1, 5, size=chosen.height))]
    carted = chosen.filter(pl.Series(dice.random(chosen.height) < 0.5))
    signal = pl.concat(
        [
            _before(looks, days=dice.integers(0, 5, size=looks.height), kind="view"),
            _before(carted, days=dice.integers(0, 2, size=carted.height), kind="cart"),
        ]
    )
    return pl.concat([signal, _noise(bought=bought, a_day=noise_a_day, dice=dice)]).sort("happened_at", "customer_id")


def _before(purchases: pl.DataFrame, *, days: npt.NDArray[np.int64], kind: str) -> pl.DataFrame:
    """An event of each purchase, so many days before it, in the morning."""
    moment = pl.col("date").cast(pl.Datetime("us", "UTC")) - pl.duration(days="days") + pl.duration(hours=9)
    return purchases.with_columns(days=pl.Series(days)).select(
        "customer_id", kind=pl.lit(kind), sku="sku", happened_at=moment, is_signal=pl.lit(value=True)
    )


def _noise(*, bought: pl.DataFrame, a_day: float, dice: np.random.Generator) -> pl.DataFrame:
    """Everybody looks as often as anybody else, at something they have bought before that day or at anything.

    Nothing of the future may enter: noise of those who will buy more would be no noise.
    """
    firsts = bought.group_by("customer_id", "sku").agg(day=pl.col("date").min()).sort("customer_id", "day", "sku")
    customers = firsts["customer_id"].unique().sort()
    codes = firsts["customer_id"].rank("dense").to_numpy().astype(np.int64) - 1
    first, last = bought["date"].min(), bought["date"].max()
    assert isinstance(first, dt.date)
    assert isinstance(last, dt.date)
    days = (last - first).days + 1
    count = int(customers.len() * days * a_day)
    who, day = dice.integers(0, customers.len(), size=count), dice.integers(0, days, size=count)
    since = (firsts["day"] - first).dt.total_days().to_numpy()
    starts = np.searchsorted(codes, who)
    known = np.searchsorted(codes * (days + 1) + since, who * (days + 1) + day) - starts
    own = (dice.random(count) < 0.5) & (known > 0)
    place = starts + np.floor(dice.random(count) * np.maximum(known, 1)).astype(np.int64)
    skus = firsts["sku"].unique().sort()
    sku = pl.select(
        pl.when(pl.Series(own)).then(firsts["sku"][place]).otherwise(skus[dice.integers(0, skus.len(), size=count)])
    ).to_series()
    return pl.DataFrame({"customer_id": customers[who], "sku": sku, "day": day}).select(
        "customer_id",
        kind=pl.Series(np.where(dice.random(count) < 0.85, "view", "cart")),
        sku="sku",
        happened_at=pl.lit(first).cast(pl.Datetime("us", "UTC")) + pl.duration(days="day") + pl.duration(hours=12),
        is_signal=pl.lit(value=False),
    )


def predict(*, orders: pl.DataFrame, events: pl.DataFrame | None, cut: dt.date) -> pl.DataFrame:
    """The due table at `cut`; orders and events from that day on are hidden."""
    past = orders.filter(pl.col("ordered_at").dt.date() < cut)
    known = None
    if events is not None:
        told = events.filter(pl.col("happened_at").dt.date() < cut)
        known = frames.require(table=told.drop("is_signal"), contract=frames.EVENTS)
    model = repurchase.fit(order_lines=past, as_of=cut, events=known)
    return model.due(as_of=cut)


def measure(*, name: str, due: pl.DataFrame, orders: pl.DataFrame, cut: dt.date) -> Measured:
    """How well a due table ranks and dates what was bought within 30 days after the cut."""
    future = orders.with_columns(date=pl.col("ordered_at").dt.date()).filter(
        (pl.col("date") >= cut) & (pl.col("date") < cut + dt.timedelta(days=HORIZON_DAYS))
    )
    following = future.group_by("customer_id", "sku").agg(next_date=pl.col("date").min())
    judged = due.join(following, on=["customer_id", "sku"], how="left", maintain_order="left")
    waits = (judged["next_date"] - cut).dt.total_days().cast(pl.Float64).fill_null(np.inf).to_numpy()
    bought = np.isfinite(waits)
    expected = judged["within_30_days"].to_numpy()
    near = judged["within_7_days"].to_numpy()
    safe = np.clip(expected, 1e-6, 1 - 1e-6)
    return Measured(
        name=name,
        auc_7=_auc(near, waits < 7),
        auc_30=_auc(expected, bought),
        concordance=_concordance(due=judged["due_date"], waits=waits),
        log_loss=float(-np.where(bought, np.log(safe), np.log1p(-safe)).mean()),
        expected_over_realised=float(expected.sum() / max(bought.sum(), 1)),
    )


def _auc(scores: Numbers, hits: npt.NDArray[np.bool_]) -> float:
    ranks = pl.Series(scores).rank("average").to_numpy()
    good = int(hits.sum())
    if not good or good == hits.size:
        return float("nan")
    return float((ranks[hits].sum() - good * (good + 1) / 2) / (good * (hits.size - good)))


def _concordance(*, due: pl.Series, waits: Numbers) -> float:
    """Of two pairs drawn at random, of which one is seen to buy first: how often it is the one that was due first."""
    dice = np.random.default_rng(SEED)
    first, second = dice.integers(0, waits.size, size=(2, 2_000_000))
    days = due.cast(pl.Int32).to_numpy().astype(float)
    decided = waits[first] < waits[second]
    sooner = days[first[decided]] - days[second[decided]]
    return float((sooner < 0).mean() + 0.5 * (sooner == 0).mean())


def run(*, orders: pl.DataFrame, share: float, noise_a_day: float) -> list[Measured]:
    """All four models at a cut 30 days before the end of the history."""
    last = orders["ordered_at"].dt.date().max()
    assert isinstance(last, dt.date)
    cut = last - dt.timedelta(days=HORIZON_DAYS - 1)
    events = draw_events(orders=orders, share=share, noise_a_day=noise_a_day)
    noise = events.filter(~pl.col("is_signal"))
    tables = {
        "without events": predict(orders=orders, events=None, cut=cut),
        "no events (empty)": predict(orders=orders, events=events.clear(), cut=cut),
        "noise alone": predict(orders=orders, events=noise, cut=cut),
        "signal and noise": predict(orders=orders, events=events, cut=cut),
    }
    base = tables["without events"]
    assert tables["no events (empty)"].equals(base), "no events must change nothing"
    found = [measure(name=name, due=due, orders=orders, cut=cut) for name, due in tables.items()]
    _report(found=found, base=base, moved=tables["signal and noise"], noisy=tables["noise alone"], events=events)
    return found


def _report(
    *, found: Sequence[Measured], base: pl.DataFrame, moved: pl.DataFrame, noisy: pl.DataFrame, events: pl.DataFrame
) -> None:
    labelled = int(events["is_signal"].sum())
    print(f"{events.height:,} SYNTHETIC events, {labelled:,} of them before a purchase; {base.height:,} pairs")
    print(f"{'':20s} AUC 7   AUC 30  concord. log loss exp/real")
    for one in found:
        print(
            f"{one.name:20s} {one.auc_7:.4f}  {one.auc_30:.4f}  {one.concordance:.4f}  {one.log_loss:.4f}"
            f"   {one.expected_over_realised:.3f}"
        )
    for name, table in (("signal and noise", moved), ("noise alone", noisy)):
        days = (table["due_date"] - base["due_date"]).dt.total_days()
        print(f"{name}: {int((days != 0).sum()):,} due dates moved, in the mean {days.abs().mean():.2f} days")


def main(arguments: Sequence[str] | None = None) -> list[Measured]:
    """Read the command line (or `arguments`) and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=Path, help="parquet file of order lines; without it a synthetic shop")
    parser.add_argument("--subject", default="sku", help="column of what is bought again, such as category")
    parser.add_argument("--customers", type=int, default=4000)
    parser.add_argument("--share", type=float, default=0.4)
    parser.add_argument("--noise-a-day", type=float, default=0.05)
    given = parser.parse_args(arguments)
    if given.orders:
        orders = read_orders(path=given.orders, subject=given.subject)
        print(f"orders of {given.orders}, SYNTHETIC events")
    else:
        orders = synthetic_orders(customers=given.customers)
        print("SYNTHETIC orders and events")
    return run(orders=orders, share=given.share, noise_a_day=given.noise_a_day)


if __name__ == "__main__":
    main()
