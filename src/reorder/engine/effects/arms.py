"""Sums over the people of one arm: all that a comparison needs to know of them.

The unit is the person, because what one person does twice is not independent: means are of one exposure, their
variances are those of ratios with people as clusters (Cochran, Sampling Techniques, 1977, section 6.3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from reorder.engine.frames import Column, Frame, InvalidFrame, require

TREATED: Final = "treated"
HELD_OUT: Final = "held_out"
ARMS: Final = (TREATED, HELD_OUT)
_SUMS: Final = ("people", "trials", "value", "before", "tt", "vv", "bb", "tv", "tb", "vb")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSums:
    """Of the people of an arm: how many, their exposures (trials), what they did (value), and did before (before).

    Two letters are sums of products: `tv` of trials and value, and so on.
    """

    people: float = 0.0
    trials: float = 0.0
    value: float = 0.0
    before: float = 0.0
    tt: float = 0.0
    vv: float = 0.0
    bb: float = 0.0
    tv: float = 0.0
    tb: float = 0.0
    vb: float = 0.0

    @property
    def mean(self) -> float:
        """Value of one exposure; 0 without any."""
        return self.value / self.trials if self.trials else 0.0

    @property
    def before_mean(self) -> float:
        """What was done before, of one exposure."""
        return self.before / self.trials if self.trials else 0.0

    @property
    def variance(self) -> float:
        """Variance of `mean`, people as clusters."""
        return self._spread(self.vv - 2 * self.mean * self.tv + self.mean**2 * self.tt)

    @property
    def before_variance(self) -> float:
        """Variance of `before_mean`."""
        return self._spread(self.bb - 2 * self.before_mean * self.tb + self.before_mean**2 * self.tt)

    @property
    def covariance(self) -> float:
        """Covariance of `mean` and `before_mean`."""
        crossed = self.vb - self.mean * self.tb - self.before_mean * self.tv + self.mean * self.before_mean * self.tt
        return self._spread(crossed, is_signed=True)

    @property
    def effective_trials(self) -> float:
        """As many independent trials as would know a share as well; for values that count yes or no.

        Where all exposures ended alike the clusters tell nothing of each other: then each person counts once.
        """
        share = self.mean
        single = share * (1.0 - share)
        if self.trials <= 0:
            return 0.0
        if single <= 0.0 or self.variance <= 0.0:
            return self.people
        return min(single / self.variance, self.trials)

    def _spread(self, squares: float, *, is_signed: bool = False) -> float:
        if self.people < 2 or not self.trials:
            return 0.0
        value = squares / self.trials**2 * self.people / (self.people - 1.0)
        return value if is_signed else max(value, 0.0)


@dataclass(frozen=True, slots=True)
class Arms:
    """Both sides of a comparison."""

    treated: ArmSums
    held_out: ArmSums

    @property
    def is_comparable(self) -> bool:
        """Whether both sides have at least two people."""
        return min(self.treated.people, self.held_out.people) >= 2


def sum_arms(
    *, people: pl.DataFrame, by: Sequence[str], value: str, before: str | None = None
) -> dict[tuple[str, ...], Arms]:
    """Both arms of each part of the people.

    Args:
        people: one row a person, arm and part: the columns of `by` (text, not null), arm (treated, held_out), trials
            (exposures, above 0), and the columns named by `value` and `before` (sums over the exposures).
        by: what parts are told apart by; none: everybody together, under the key ().
        value: the column that is compared.
        before: the same of the days before the exposure; None: not known.

    A person may stand in several rows of one part and arm; they are added up here by `customer_id`.
    Raises InvalidFrame, also for an unknown arm.
    """
    columns: dict[str, Column] = {name: Column(pl.String()) for name in ("customer_id", "arm", *by)}
    columns["trials"] = Column(pl.Float64(), above=0.0)
    columns |= {name: Column(pl.Float64()) for name in (value, before) if name}
    table = require(table=people, contract=Frame("exposed_people", columns))
    odd = ~table["arm"].is_in(ARMS)
    if odd.any():
        raise InvalidFrame(frame="exposed_people", column="arm", row=odd.arg_max(), reason="is none of both arms")
    past = pl.col(before) if before else pl.lit(0.0)
    one = (
        table.group_by([*by, "arm", "customer_id"])
        .agg(pl.col("trials").sum(), pl.col(value).sum().alias("_value"), past.sum().alias("_before"))
        .select([*by, "arm", "trials", "_value", "_before"])
    )
    return _arms_of(summed=one.group_by([*by, "arm"]).agg(_moments()), by=by)


def _moments() -> list[pl.Expr]:
    columns = {"t": pl.col("trials"), "v": pl.col("_value"), "b": pl.col("_before")}
    return [
        pl.len().cast(pl.Float64).alias("people"),
        columns["t"].sum().alias("trials_sum"),
        columns["v"].sum().alias("value"),
        columns["b"].sum().alias("before"),
        *((columns[name[0]] * columns[name[1]]).sum().alias(name) for name in ("tt", "vv", "bb", "tv", "tb", "vb")),
    ]


def _arms_of(*, summed: pl.DataFrame, by: Sequence[str]) -> dict[tuple[str, ...], Arms]:
    found: dict[tuple[str, ...], dict[str, ArmSums]] = {}
    for row in summed.rename({"trials_sum": "trials"}).sort([*by, "arm"]).iter_rows(named=True):
        found.setdefault(tuple(row[name] for name in by), {})[row["arm"]] = _sums(row)
    return {key: Arms(arms.get(TREATED, ArmSums()), arms.get(HELD_OUT, ArmSums())) for key, arms in found.items()}


def _sums(row: Mapping[str, Any]) -> ArmSums:
    return ArmSums(**{name: float(row[name]) for name in _SUMS})
