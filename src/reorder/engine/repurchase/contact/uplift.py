"""What a message adds: extra orders as a share of those that would have come anyway, learned from held-out customers.

Customers are held out by chance, so that the two arms differ in the message alone. The unit of counting is the
customer: several trials of one customer are not independent.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from reorder.engine import frames
from reorder.engine.frames import InvalidFrame, require

# When the parcel arrives, against the due date: more than three days before it, within three days, later.
EARLY: Final = "early"
ON_TIME: Final = "on_time"
LATE: Final = "late"
LATENESS: Final = (EARLY, ON_TIME, LATE)
NEAR_DAYS: Final = 3
ARMS: Final = ("treated", "held_out")
# Assumed until there is a comparison: one tenth more orders, and hardly less than none or more than three tenths.
PRIOR_LIFT_SHARE: Final = 0.10
PRIOR_DEVIATION: Final = 0.10
# How much parts of the customers differ in their lift from the whole that they belong to.
PART_DEVIATION: Final = 0.05
# Below this share of information from the comparison, the assumption is what decides.
LEARNED_FROM: Final = 0.5
_LEVELS: Final = (("lateness",), ("lateness", "evidence"), ("lateness", "evidence", "segment"))
_DIMENSIONS: Final = ("lateness", "evidence", "segment")
_NORMAL_95 = 1.959964
# Trials at the rate of both arms together that the held-out rate is shrunk by.
_BASE_TRIALS = 20.0
_LEAST_LIFT = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """One estimate: of everybody (all three names empty), or of the part that they name.

    `treated_share`, `held_out_share`: of the products that a message was, or would have been, about, those that were
    bought in its window; `learned_share`: how much of what is known comes from the comparison (0: all assumed).
    """

    lateness: str = ""
    evidence: str = ""
    segment: str = ""
    lift_share: float = PRIOR_LIFT_SHARE
    deviation: float = PRIOR_DEVIATION
    treated_customers: int = 0
    held_out_customers: int = 0
    treated_share: float | None = None
    held_out_share: float | None = None
    learned_share: float = 0.0

    @property
    def low_share(self) -> float:
        """The lower end of the 95 % interval."""
        return self.lift_share - _NORMAL_95 * self.deviation

    @property
    def high_share(self) -> float:
        """The upper end of the 95 % interval."""
        return self.lift_share + _NORMAL_95 * self.deviation

    @property
    def is_learned(self) -> bool:
        """Whether the comparison outweighs the assumption."""
        return self.learned_share >= LEARNED_FROM


@dataclass(frozen=True, slots=True)
class Uplift:
    """All estimates, that of everybody first, then those of parts that were observed."""

    lifts: Sequence[Lift]

    @property
    def overall(self) -> Lift:
        """The estimate of everybody together."""
        return self.lifts[0]

    @property
    def frame(self) -> pl.DataFrame:
        """As `choose_contact` takes it (frames.UPLIFT)."""
        rows = [(one.lateness, one.evidence, one.segment, one.lift_share) for one in self.lifts]
        schema = {"lateness": pl.String, "evidence": pl.String, "segment": pl.String, "lift_share": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def as_json(self) -> list[dict[str, Any]]:
        """Plain values, to be stored."""
        return [{name: getattr(one, name) for name in Lift.__slots__} for one in self.lifts]

    @classmethod
    def from_json(cls, *, values: Sequence[Mapping[str, Any]]) -> "Uplift":
        """What `as_json` wrote."""
        return cls([Lift(**one) for one in values])


def assume_uplift() -> Uplift:
    """What is assumed before any customer was held out: PRIOR_LIFT_SHARE for everybody."""
    return Uplift([Lift()])


def learn_uplift(*, outcomes: pl.DataFrame) -> Uplift:
    """Lifts from what treated and held-out customers bought, shrunk to the assumption and then part to whole.

    The lift of a part is (treated rate − held-out rate) / held-out rate, its deviation that of the difference with
    customers as clusters (ratio estimator; Cochran, Sampling Techniques, 1977, section 6.3), at least the binomial's at
    the rate of both arms together.
    A normal prior is combined with it by precision: for everybody PRIOR_LIFT_SHARE ± PRIOR_DEVIATION; for a part the
    estimate of the whole that it belongs to (lateness, then evidence, then segment) ± PART_DEVIATION.

    Args:
        outcomes: frames.CONTACT_OUTCOMES: customer_id, arm (treated, held_out), lateness (early, on_time, late),
            evidence, segment, trials (products that a message was about) and hits (those bought in its window).

    Raises InvalidFrame, also for more hits than trials, or an unknown arm or lateness.
    """
    table = _check(require(table=outcomes, contract=frames.CONTACT_OUTCOMES))
    overall = _estimate(rows=table, names={}, prior=Lift(), variance=PRIOR_DEVIATION**2)
    made: dict[tuple[str, ...], Lift] = {(): overall}
    for level in _LEVELS:
        for key, rows in sorted(table.partition_by(level, as_dict=True).items()):
            part = tuple(map(str, key))
            whole = made[part[:-1]]
            names = dict(zip(level, part, strict=True))
            made[part] = _estimate(rows=rows, names=names, prior=whole, variance=whole.deviation**2 + PART_DEVIATION**2)
    return Uplift(list(made.values()))


def lifts_of_pairs(*, pairs: pl.DataFrame, uplift: pl.DataFrame) -> pl.DataFrame:
    """One row a pair, in its order, with the lift at each lateness: columns early, on_time, late.

    The closest estimate counts: of lateness, evidence and segment, else without the segment, else without the
    evidence, else everybody's; a table without everybody's assumes PRIOR_LIFT_SHARE.
    """
    known = {tuple(row[:3]): float(row[3]) for row in uplift.select(*_DIMENSIONS, "lift_share").iter_rows()}
    parts = pairs.select(pl.col("evidence", "segment").fill_null(""))
    kinds = parts.unique().sort("evidence", "segment")
    columns = {
        late: [_closest(known=known, late=late, evidence=one, segment=two) for one, two in kinds.iter_rows()]
        for late in LATENESS
    }
    priced = kinds.with_columns(pl.Series(late, values, dtype=pl.Float64) for late, values in columns.items())
    return parts.join(priced, on=["evidence", "segment"], how="left", maintain_order="left").select(LATENESS)


def _closest(*, known: Mapping[tuple[str, ...], float], late: str, evidence: str, segment: str) -> float:
    for key in ((late, evidence, segment), (late, evidence, ""), (late, "", ""), ("", "", "")):
        if key in known:
            return known[key]
    return PRIOR_LIFT_SHARE


def _check(table: pl.DataFrame) -> pl.DataFrame:
    for column, allowed in (("arm", ARMS), ("lateness", LATENESS)):
        odd = ~table[column].is_in(allowed)
        if odd.any():
            raise InvalidFrame(
                frame="contact_outcomes", column=column, row=odd.arg_max(), reason=f"is none of {', '.join(allowed)}"
            )
    over = table["hits"] > table["trials"]
    if over.any():
        raise InvalidFrame(frame="contact_outcomes", column="hits", row=over.arg_max(), reason="exceeds the trials")
    return table


@dataclass(frozen=True, slots=True)
class _Arm:
    """One side of the comparison; `rate` is None without trials."""

    customers: int
    trials: float
    hits: float
    rate: float | None
    variance: float


def _arm(rows: pl.DataFrame) -> _Arm:
    people = rows.group_by("customer_id").agg(pl.col("trials", "hits").sum()).sort("customer_id")
    trials, hits = people["trials"].to_numpy(), people["hits"].to_numpy()
    total, bought = float(trials.sum()), float(hits.sum())
    if not total:
        return _Arm(0, 0.0, 0.0, None, 0.0)
    rate = bought / total
    return _Arm(people.height, total, bought, rate, float(((hits - rate * trials) ** 2).sum()) / total**2)


def _estimate(*, rows: pl.DataFrame, names: Mapping[str, str], prior: Lift, variance: float) -> Lift:
    """`prior` (of the whole), with this variance, combined with what these rows show."""
    treated, held_out = (_arm(rows.filter(pl.col("arm") == arm)) for arm in ARMS)
    mean, after = prior.lift_share, variance
    if treated.rate is not None and held_out.rate is not None:
        # Shrunk to both arms together, or a few held-out customers who bought nothing would make the lift infinite.
        pooled = (treated.hits + held_out.hits + 0.5) / (treated.trials + held_out.trials + 1.0)
        base = (held_out.hits + _BASE_TRIALS * pooled) / (held_out.trials + _BASE_TRIALS)
        found = (treated.rate - held_out.rate) / base
        # Few trials that all end alike look certain and are not: at least what trials at the common rate would vary by.
        noise = sum(max(one.variance, pooled * (1 - pooled) / one.trials) for one in (treated, held_out)) / base**2
        after = 1.0 / (1.0 / variance + 1.0 / noise)
        mean = max(after * (prior.lift_share / variance + found / noise), _LEAST_LIFT)
    return Lift(
        **names,
        lift_share=mean,
        deviation=math.sqrt(after),
        treated_customers=treated.customers,
        held_out_customers=held_out.customers,
        treated_share=treated.rate,
        held_out_share=held_out.rate,
        learned_share=max(1.0 - after / (PRIOR_DEVIATION**2 + len(names) * PART_DEVIATION**2), 0.0),
    )
