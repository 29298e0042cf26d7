"""The ranking without learning: own products by frequency and recency, then what is popular.

Li et al. 2021, "A Next Basket Recommendation Reality Check": the personal-frequency baseline, here with recency.
"""

import polars as pl

FILL_SCORE = 1e-3  # no own product scores below a popular one that the customer never had


def score_by_frequency(rows: pl.DataFrame, *, due: pl.DataFrame | None) -> pl.Series:
    """Scores of candidates: for own products the share of the customer's baskets, each visit since weighing 5 % less.

    With `due` the probability of buying it within a week comes before frequency. For the others 1e-3 of the product's
    share of all baskets.
    """
    own = pl.col("share_95").clip(lower_bound=FILL_SCORE)
    if due is not None:
        given = rows.join(due.rename({"within_7": "given"}), on=["customer", "item"], how="left", maintain_order="left")
        rows = given.with_columns(pl.col("given").fill_null(0.0))
        own = (pl.col("given") + 1e-6 * pl.col("share_95")).clip(lower_bound=FILL_SCORE)
    score = pl.when(pl.col("times") > 0).then(own).otherwise(FILL_SCORE * pl.col("popular_14"))
    return rows.select(score.cast(pl.Float64).alias("score")).to_series()
