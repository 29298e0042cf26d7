"""Which service level each product deserves: one for all, by class, by margin against keeping, or a fill rate.

Every level that comes out lies above zero and below one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.classes import CLASSES
from reorder.engine.stocking.textbook import FloatArray
from reorder.kernel.errors import BadInput

KINDS = ("fixed", "abc_xyz", "margin", "fill_rate")
# By margin: no product so dear to keep that half its cycles end without stock, none so cheap that it needs more nines.
LEAST_LEVEL, MOST_LEVEL = 0.50, 0.995
LONGEST_CYCLE_DAYS = 365.0
# What a matrix says that nobody has filled in yet: what sells much and regularly is cheap to protect.
USUAL_LEVELS: Mapping[str, float] = {
    "AX": 0.98, "AY": 0.97, "AZ": 0.95, "BX": 0.97, "BY": 0.95, "BZ": 0.92, "CX": 0.95, "CY": 0.92, "CZ": 0.88,
}  # fmt: skip


class BadServicePolicy(BadInput):
    """A service policy has no such kind, or one of its levels is no share between zero and one."""

    code = "stocking.bad_service_policy"
    template = "The service policy cannot be used: {reason}"


@dataclass(frozen=True, slots=True)
class ServicePolicy:
    """`service_level` counts for everything (fixed), as the fill rate (fill_rate), and where nothing else speaks."""

    kind: str = "fixed"
    service_level: float = 0.95
    class_levels: Mapping[str, float] = field(default_factory=lambda: USUAL_LEVELS)


def service_levels(*, terms: pl.DataFrame, policy: ServicePolicy, classes: pl.DataFrame) -> pl.DataFrame:
    """`terms` with `service_level` (and `fill_rate` under that kind) set by the policy.

    `classes` (sku, place, class_code, and daily_units for margins) may lack rows: they get the policy's own level. By
    margin the level is the critical ratio of a cycle, p / (p + h T): p is what a lost unit costs, h what keeping one a
    day costs, T the days an order lasts (economic order quantity over daily demand, at least the review period).
    Raises BadServicePolicy, InvalidFrame.
    Source: Hadley and Whitin, Analysis of Inventory Systems (1963), section 4-11 (lost sales):
    1 − F = h Q / (h Q + p d).
    """
    _refuse_bad(policy=policy)
    terms = frames.require(table=terms, contract=frames.TERMS)
    known = classes.select("sku", "place", "class_code", *(n for n in ("daily_units",) if n in classes.columns))
    rows = terms.select("sku", "place").join(known, on=["sku", "place"], how="left", maintain_order="left")
    level = pl.Series(np.full(terms.height, policy.service_level))
    fill = pl.Series([None] * terms.height, dtype=pl.Float64)
    if policy.kind == "abc_xyz":
        level = (
            rows["class_code"]
            .replace_strict(dict(policy.class_levels), default=policy.service_level, return_dtype=pl.Float64)
            .fill_null(policy.service_level)
        )
    elif policy.kind == "margin":
        level = pl.Series(_critical_ratio(terms=terms, rows=rows, otherwise=policy.service_level))
    elif policy.kind == "fill_rate":
        fill = level
    return terms.with_columns(service_level=level, fill_rate=fill)


def _critical_ratio(*, terms: pl.DataFrame, rows: pl.DataFrame, otherwise: float) -> FloatArray:
    if "daily_units" not in rows.columns:
        raise BadServicePolicy(reason="by margin it needs daily_units")
    daily = rows["daily_units"].fill_null(0.0).to_numpy()
    lost = terms["lost_unit_cost"].to_numpy()
    holding = (terms["unit_cost"] * terms["holding_share_per_day"]).to_numpy()
    usable = (daily > 0) & (lost > 0) & (holding > 0)
    safe = np.where(usable, daily * holding, 1.0)
    cycle = np.sqrt(2 * terms["order_cost"].to_numpy() / safe)
    cycle = np.clip(cycle, np.maximum(terms["review_days"].to_numpy(), 1), LONGEST_CYCLE_DAYS)
    ratio = lost / np.where(usable, lost + holding * cycle, 1.0)
    return np.where(usable, np.clip(ratio, LEAST_LEVEL, MOST_LEVEL), otherwise)


def _refuse_bad(*, policy: ServicePolicy) -> None:
    if policy.kind not in KINDS:
        raise BadServicePolicy(reason=f"the kinds are {', '.join(KINDS)}")
    unknown = sorted(set(policy.class_levels) - set(CLASSES))
    if unknown:
        raise BadServicePolicy(reason=f"there is no class {unknown[0]}")
    for name, level in (("service_level", policy.service_level), *sorted(policy.class_levels.items())):
        if not 0 < level < 1:
            raise BadServicePolicy(reason=f"{name} is {level}: it must lie above 0 and below 1")
