"""How much of the forecast known events and promotions add or take, told apart for the waterfall; pure."""

from typing import Final

import polars as pl

_KEY: Final = ["sku", "place", "date"]
# The closest to the product counts.
_RANK: Final = {"shop": 0, "category": 1, "sku": 2}


def with_event_units(
    *, daily: pl.DataFrame, known_future: pl.DataFrame | None, effects: pl.DataFrame, subjects: pl.DataFrame
) -> pl.DataFrame:
    """`daily` with `event_units`: what of its mean goes back to promotions (flags) and events (names) of the day.

    Args:
        daily: sku, place, date, mean_units … as the forecast gives them, effects inside.
        known_future: sku, place, date and what is known of the day; None where nothing is.
        effects: name, value, scope, key, effect_share as `demand.forecast` learned them.
        subjects: sku, category_code.

    Effects of one day multiply: of a mean with effects e₁ and e₂, mean × (1 − 1 / ((1 + e₁)(1 + e₂))) is theirs.
    Prices, temperatures and other numbers move the forecast too, but have no plain day to be told from.
    """
    if known_future is None or effects.is_empty() or daily.is_empty():
        return daily.with_columns(pl.lit(0.0).alias("event_units"))
    columns = [
        name
        for name, kind in known_future.schema.items()
        if name not in {*_KEY, "is_open", "in_stock"} and kind in {pl.Boolean, pl.String}
    ]
    days = known_future.select(*_KEY, *columns).join(subjects.unique("sku"), on="sku", how="left")
    found = [_shares_of(days=days, name=name, effects=effects) for name in columns]
    if not found:
        return daily.with_columns(pl.lit(0.0).alias("event_units"))
    factors = pl.concat(found).group_by(_KEY).agg((1 + pl.col("effect_share")).product().alias("factor"))
    joined = daily.join(factors, on=_KEY, how="left", maintain_order="left")
    factor = pl.col("factor").fill_null(1.0).clip(0.05)
    return joined.with_columns((pl.col("mean_units") * (1 - 1 / factor)).alias("event_units")).drop("factor")


def _shares_of(*, days: pl.DataFrame, name: str, effects: pl.DataFrame) -> pl.DataFrame:
    """The effect of one column on each day that it marks, the closest scope first: sku, place, date, effect_share."""
    is_flag = days.schema[name] == pl.Boolean
    marked = days.filter(pl.col(name)) if is_flag else days.filter(pl.col(name).fill_null("") != "")
    value = pl.lit("") if is_flag else pl.col(name)
    wide = marked.select(*_KEY, value.alias("value"), pl.col("category_code").fill_null(""))
    keys = {"shop": pl.lit(""), "category": pl.col("category_code"), "sku": pl.col("sku")}
    known = effects.filter(pl.col("name") == name).with_columns(pl.col("value").fill_null(""))
    parts = []
    for scope, key in keys.items():
        own = known.filter(pl.col("scope") == scope).select(
            "value", (pl.lit("") if scope == "shop" else pl.col("key")).alias("key"), "effect_share"
        )
        hits = wide.with_columns(key.alias("key")).join(own, on=["value", "key"])
        parts.append(hits.select(*_KEY, "effect_share", pl.lit(_RANK[scope]).alias("rank")))
    best = pl.concat(parts).sort("rank", descending=True)
    return best.unique(_KEY, keep="first", maintain_order=True).select(*_KEY, "effect_share")
