"""Days and products that cannot sell as usual: nothing on closed days, and a discontinued product fades away."""

import numpy as np
import polars as pl

from reorder.engine.demand.panel import Flags, Floats, Panel

FADE_DAYS = 28


def is_discontinued(*, panel: Panel, products: pl.DataFrame | None) -> Flags:
    """(series,): whether the product is discontinued."""
    if products is None:
        return np.zeros(panel.series_count, dtype=np.bool_)
    gone = products.filter(pl.col("is_discontinued").fill_null(value=False))["sku"]
    return np.asarray(panel.keys["sku"].is_in(gone.implode()).to_numpy(), dtype=np.bool_)


def sellable(*, panel: Panel, gone: Flags) -> Floats:
    """(series, horizon) share of usual demand: 0 when closed; of what is discontinued straight down to 0 on day 28."""
    ahead = np.arange(panel.horizon_days) + 1.0
    fading = np.maximum(1.0 - ahead / FADE_DAYS, 0.0)
    return np.where(panel.closed[:, panel.days :], 0.0, np.where(gone[:, None], fading[None, :], 1.0))
