"""The model of baskets: what the shop knows of its products and how to rank them for any customer."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from reorder.engine.reasons import reason_columns
from reorder.engine.recommend import storage
from reorder.engine.recommend.errors import BadSize, OrdersAfterDate
from reorder.engine.recommend.explain import explain
from reorder.engine.recommend.features import describe_candidates, to_matrix
from reorder.engine.recommend.frequency import FILL_SCORE, score_by_frequency
from reorder.engine.recommend.given_due import number_due
from reorder.engine.recommend.learning import Ranking, learn_ranking, threads_for
from reorder.engine.recommend.purchases import (
    date_of,
    day_number,
    list_assortment,
    number_purchases,
    require_lines,
)
from reorder.engine.recommend.shop import Shop, survey_shop

LEARNED, FREQUENCY = "learned", "frequency"
_PART = 4_000
_ANSWER = {
    "customer_id": pl.String(),
    "rank": pl.Int64(),
    "sku": pl.String(),
    "score": pl.Float64(),
    "method": pl.String(),
    "reason": pl.String(),
    "reason_code": pl.String(),
    "reason_parameters": pl.String(),
}


@dataclass(frozen=True)
class BasketModel:
    """Products as known on `as_of` and, where the shop had enough baskets to learn from, a trained ranking."""

    shop: Shop
    ranking: Ranking | None
    seed: int = 0

    @property
    def as_of(self) -> dt.date:
        """The last day that the model knows."""
        return date_of(self.shop.end)

    @property
    def method(self) -> str:
        """`learned`, or `frequency` where there was too little to learn from."""
        return LEARNED if self.ranking else FREQUENCY

    @property
    def summary(self) -> str:
        """What it is and on how much it stands, for people."""
        count = len(self.shop.assortment)
        if self.ranking is None:
            return f"frequency and recency over {count} products; no learned ranking found more"
        more = self.ranking.learned_gain / max(self.ranking.frequency_gain, 1.0) - 1
        return (
            f"ranking learned from {self.ranking.baskets_count} baskets over {count} products; on baskets kept back "
            f"{more:.0%} better than frequency"
        )

    @property
    def companions(self) -> pl.DataFrame:
        """Products bought together more often than by chance: sku, rank, other_sku, lift, orders_together."""
        skus = self.shop.assortment.skus
        pairs = self.shop.neighbours.companions
        return pairs.select(
            skus.gather(pairs["item"]).alias("sku"),
            "rank",
            skus.gather(pairs["other"]).alias("other_sku"),
            "lift",
            orders_together="together",
        )

    def to_bytes(self) -> bytes:
        """One file with version and checksum; it holds numbers and text, and runs no code."""
        return storage.pack(stored=storage.Stored(shop=self.shop, ranking=self.ranking, seed=self.seed))

    def next_basket(
        self,
        *,
        order_lines: pl.DataFrame,
        as_of: dt.date | None = None,
        size: int = 20,
        due: pl.DataFrame | None = None,
        exclude_skus: Collection[str] = (),
        only_skus: Collection[str] | None = None,
        only_if_bought_skus: Collection[str] = (),
    ) -> pl.DataFrame:
        """The `size` likeliest products of each customer of `order_lines` (all lines of these customers).

        customer_id, rank (1..), sku, score, method, reason, reason_code, reason_parameters. `as_of`: the day from which
        the next visit counts; None is the later of the model's day and the last line. `due` (customer_id, sku,
        within_…_days, as `repurchase` gives it) replaces the model's own estimate of what is due, pair by pair. Never
        recommended: `exclude_skus`, anything outside `only_skus`, and `only_if_bought_skus` to customers who have not
        bought them before. Products that the model does not know yet are not recommended; they come with the next one.
        Raises InvalidFrame, OrdersAfterDate, BadSize, BadDue.
        """
        if size < 1:
            raise BadSize(size=size)
        lines = require_lines(order_lines)
        end = self._end(lines=lines, as_of=as_of)
        allowed = _allowed(shop=self.shop, exclude_skus=exclude_skus, only_skus=only_skus)
        shy = self.shop.assortment.skus.is_in(list(only_if_bought_skus)).to_numpy()
        ids = lines["customer_id"].unique().sort()
        parts = [
            self._rank_part(
                lines=lines.filter(pl.col("customer_id").is_in(ids[start : start + _PART].implode())),
                end=end,
                size=size,
                due=due,
                allowed=allowed,
                shy=shy,
            )
            for start in range(0, len(ids), _PART)
        ]
        return pl.concat([pl.DataFrame(schema=_ANSWER), *parts])

    def _end(self, *, lines: pl.DataFrame, as_of: dt.date | None) -> int:
        latest = lines["day"].max() if lines.height else None
        last = latest if isinstance(latest, int) else self.shop.end
        if as_of is None:
            return max(last, self.shop.end)
        if last > day_number(as_of):
            later = lines.filter(pl.col("day") > day_number(as_of)).height
            raise OrdersAfterDate(lines_count=later, as_of=as_of, latest_date=date_of(last))
        return day_number(as_of)

    def _rank_part(
        self,
        *,
        lines: pl.DataFrame,
        end: int,
        size: int,
        due: pl.DataFrame | None,
        allowed: np.ndarray,
        shy: np.ndarray,
    ) -> pl.DataFrame:
        known = lines.join(self.shop.assortment.codes, on="sku", how="semi").select("customer_id").unique()
        ranked = self._rank_known(
            lines=lines.join(known, on="customer_id", how="semi"), end=end, size=size, due=due, allowed=allowed, shy=shy
        )
        strangers = lines.join(known, on="customer_id", how="anti").select("customer_id").unique()
        if strangers.is_empty():
            return ranked
        popular = self._popular(allowed=allowed & ~shy, size=size)
        fill = strangers.join(popular, how="cross").select(_ANSWER.keys())
        return pl.concat([ranked, fill]).sort("customer_id", "rank")

    def _popular(self, *, allowed: np.ndarray, size: int) -> pl.DataFrame:
        """What to offer to somebody of whom nothing is known."""
        return (
            self.shop.products.select("popular_14", "buyers")
            .with_columns(sku=self.shop.assortment.skus)
            .filter(pl.Series(allowed, dtype=pl.Boolean))
            .sort(["popular_14", "sku"], descending=[True, False])
            .head(size)
            .select(
                "sku",
                rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
                score=(FILL_SCORE * pl.col("popular_14")).cast(pl.Float64),
                method=pl.lit(self.method),
                buyers=pl.col("buyers").cast(pl.Int64),
            )
            .with_columns(reason_columns(code="recommend.popular", parameters={"customers_count": pl.col("buyers")}))
        )

    def _rank_known(
        self,
        *,
        lines: pl.DataFrame,
        end: int,
        size: int,
        due: pl.DataFrame | None,
        allowed: np.ndarray,
        shy: np.ndarray,
    ) -> pl.DataFrame:
        purchases, ids = number_purchases(lines=lines, assortment=self.shop.assortment)
        if purchases.is_empty():
            return pl.DataFrame(schema=_ANSWER)
        # Filters may take candidates away: enough popular ones must stay to fill the list.
        least = size + int((~allowed).sum() + shy.sum())
        given = None if due is None else number_due(due=due, ids=ids, assortment=self.shop.assortment)
        rows = describe_candidates(
            purchases=purchases, shop=self.shop, end=end, least=min(least, 20 * size + 200), due=given
        )
        item = rows["item"].to_numpy()
        kept = rows.filter(pl.Series(allowed[item] & ~(shy[item] & (rows["times"] == 0).to_numpy())))
        scored = kept.with_columns(self._score(kept, due=given))
        ranked = (
            scored.sort(
                ["customer", "score", "days_ago", "popular_14", "item"],
                descending=[False, True, False, True, False],
                nulls_last=True,
            )
            .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("customer"))
            .filter(pl.col("rank") <= size)
        )
        explained = explain(rows=ranked, purchases=purchases, shop=self.shop)
        return explained.select(
            ids.gather(explained["customer"]).alias("customer_id"),
            "rank",
            self.shop.assortment.skus.gather(explained["item"]).alias("sku"),
            "score",
            pl.lit(self.method).alias("method"),
            "reason",
            "reason_code",
            "reason_parameters",
        )

    def _score(self, rows: pl.DataFrame, *, due: pl.DataFrame | None) -> pl.Series:
        if self.ranking is None:
            return score_by_frequency(rows, due=due)
        features = to_matrix(rows, columns=self.ranking.columns)
        raw = (
            self._booster.predict(features, num_threads=threads_for(rows=len(features)))
            if len(features)
            else np.zeros(0)
        )
        return pl.Series("score", 1 / (1 + np.exp(-np.asarray(raw, dtype=np.float64))))

    @cached_property
    def _booster(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.ranking.booster if self.ranking else "")


def _allowed(*, shop: Shop, exclude_skus: Collection[str], only_skus: Collection[str] | None) -> np.ndarray:
    skus = shop.assortment.skus
    allowed = ~skus.is_in(list(exclude_skus)).to_numpy()
    return allowed if only_skus is None else allowed & skus.is_in(list(only_skus)).to_numpy()


def read_basket_model(content: bytes) -> BasketModel:
    """What `to_bytes` wrote; raises BasketModelRefused for another version, a wrong checksum or foreign bytes."""
    stored = storage.unpack(content=content)
    return BasketModel(shop=stored.shop, ranking=stored.ranking, seed=stored.seed)


def fit(*, order_lines: pl.DataFrame, as_of: dt.date | None = None, seed: int = 0) -> BasketModel:
    """Learn from order lines what belongs in a customer's next basket.

    With `as_of` (a shop's own day) it learns to answer "what from this day on" at earlier days; without, "what at the
    customer's next visit, whenever it comes", by leaving out the last baskets of everybody. Too few baskets to learn
    from give a model that ranks by frequency and says so. Same lines, same seed, same model.
    Raises InvalidFrame, OrdersAfterDate.
    """
    lines = require_lines(order_lines)
    later = lines.filter(pl.col("day") > day_number(as_of)) if as_of else lines.clear()
    if as_of and later.height:
        latest = later["day"].max()
        raise OrdersAfterDate(lines_count=later.height, as_of=as_of, latest_date=date_of(int(str(latest))))
    assortment = list_assortment(lines)
    purchases, _ = number_purchases(lines=lines, assortment=assortment)
    latest_day = purchases["day"].max()
    end = day_number(as_of) if as_of else (latest_day if isinstance(latest_day, int) else 0)
    return BasketModel(
        shop=survey_shop(purchases=purchases, assortment=assortment, end=end),
        ranking=learn_ranking(purchases=purchases, assortment=assortment, as_of=as_of, seed=seed),
        seed=seed,
    )
