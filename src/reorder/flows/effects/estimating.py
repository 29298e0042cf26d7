"""From what people did to what each source, step and variant caused; pure."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any, Final

import numpy as np
import polars as pl

from reorder.domain.marketing.effect_figures import FigureRow
from reorder.engine import effects
from reorder.engine.effects import Arms, Difference, VariantTrial, VariantVerdict

UNIT: Final = ("source_kind", "source_key", "step_key")
_SHARES: Final = ("buyers", "unsubscribes", "complaints")
_AMOUNTS: Final = ("orders", "revenue", "margin")
# Of all exposures: refusals a shop should not pass, and complaints above which mailboxes begin to turn mail away.
GUARD_LIMITS: Final[Mapping[str, float]] = {"unsubscribes": 0.01, "complaints": 0.001}
# What the variant without a name is called beside those that have one.
STANDARD: Final = "standard"
Key = tuple[str, ...]


def estimate_figures(
    *, people: pl.DataFrame, attributed: pl.DataFrame, costs: pl.DataFrame, as_of: dt.date, dice: np.random.Generator
) -> list[FigureRow]:
    """Every measure of every source, step and variant.

    Args:
        people: as marketing's frame_exposed_people gives it.
        attributed: orders and revenue after clicks by source, step and variant.
        costs: messages sent and their cost by source and step.
        as_of: the day that the figures are of.
        dice: for the chances of variants to be the best.
    """
    named = _tried(people)
    beside = _beside(people=people, attributed=attributed, costs=costs)
    rows: list[FigureRow] = []
    for measure in (*_SHARES, *_AMOUNTS):
        before = f"before_{measure}" if measure in _AMOUNTS else None
        units = effects.sum_arms(people=people, by=UNIT, value=measure, before=before)
        variants = effects.sum_arms(people=named, by=(*UNIT, "variant"), value=measure, before=before)
        verdicts = _judge(variants, dice=dice) if measure == "buyers" else {}
        clicks = _click_shares(named) if measure == "buyers" else {}
        for key, arms in units.items():
            details = dict(beside.get(key, {})) if measure == "revenue" else _guard(measure, arms)
            if key in verdicts:
                details |= _told_variants(verdicts[key], clicks=clicks, unit=key)
            rows.append(_figure(key=key, variant="", measure=measure, arms=arms, as_of=as_of, details=details))
        for key, arms in variants.items():
            against = Arms(arms.treated, units[key[:-1]].held_out)
            rows.append(_figure(key=key[:-1], variant=key[-1], measure=measure, arms=against, as_of=as_of, details={}))
    return rows


def _tried(people: pl.DataFrame) -> pl.DataFrame:
    """Whoever got one of several variants: of steps, and of sources that have none."""
    source = list(UNIT[:2])
    treated = people.filter(pl.col("arm") == effects.TREATED)
    stepped = people.filter(pl.col("step_key") != "").select(source).unique()
    single = treated.filter(pl.col("step_key") == "").join(stepped, on=source, how="anti")
    found = pl.concat([treated.filter(pl.col("step_key") != ""), single])
    varied = found.filter(pl.col("variant") != "").select(UNIT).unique()
    return found.join(varied, on=UNIT, how="semi").with_columns(pl.col("variant").replace("", STANDARD))


def _figure(
    *, key: Key, variant: str, measure: str, arms: Arms, as_of: dt.date, details: Mapping[str, Any]
) -> FigureRow:
    certainty = effects.always_valid(people=min(arms.treated.people, arms.held_out.people))
    compare = effects.compare_shares if measure in _SHARES else effects.compare_amounts
    found = compare(arms=arms, certainty=certainty)
    kind, source, step = key
    return FigureRow(
        as_of_date=as_of,
        source_kind=kind,
        source_key=source,
        step_key=step,
        variant=variant,
        measure=measure,
        treated_count=int(arms.treated.trials),
        held_out_count=int(arms.held_out.trials),
        treated_value=arms.treated.mean,
        held_out_value=arms.held_out.mean,
        **_interval(found),
        details={
            **details,
            "treated_people": int(arms.treated.people),
            "held_out_people": int(arms.held_out.people),
        },
    )


def _interval(found: Difference | None) -> dict[str, Any]:
    if found is None:
        return {"difference": 0.0, "low": -inf, "high": inf, "is_always_valid": True}
    return {
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "is_always_valid": found.is_always_valid,
        "variance_cut_share": found.variance_cut_share,
    }


def _guard(measure: str, arms: Arms) -> dict[str, Any]:
    limit = GUARD_LIMITS.get(measure)
    if limit is None:
        return {}
    judged = effects.judge_guard(bad_count=int(arms.treated.value), trials=int(arms.treated.trials), limit_share=limit)
    return {"limit_share": limit, "is_broken": judged.is_broken, "is_above": judged.is_above}


def _judge(variants: Mapping[Key, Arms], *, dice: np.random.Generator) -> dict[Key, VariantVerdict]:
    """Of each source or step that has several variants: which is the best, by people who buy."""
    trials: dict[Key, list[VariantTrial]] = {}
    for key, arms in variants.items():
        trials.setdefault(key[:-1], []).append(VariantTrial(name=key[-1], sums=arms.treated))
    return {unit: effects.judge_variants(trials=rows, dice=dice) for unit, rows in trials.items() if len(rows) > 1}


def _told_variants(verdict: VariantVerdict, *, clicks: Mapping[Key, float], unit: Key) -> dict[str, Any]:
    return {
        "winner": verdict.winner,
        "variants": [
            {
                "name": one.name,
                "people": one.people,
                "share": one.share,
                "low_share": one.low_share,
                "high_share": one.high_share,
                "best_share": one.best_share,
                "weight": one.weight,
                "is_beaten": one.is_beaten,
                "clicks_share": clicks.get((*unit, one.name), 0.0),
            }
            for one in verdict.standings
        ],
    }


def _click_shares(named: pl.DataFrame) -> dict[Key, float]:
    keys = [*UNIT, "variant"]
    rows = named.group_by(keys).agg((pl.col("clicks").sum() / pl.col("trials").sum()).alias("share"))
    return {row[:-1]: row[-1] for row in rows.iter_rows()}


def _beside(*, people: pl.DataFrame, attributed: pl.DataFrame, costs: pl.DataFrame) -> dict[Key, dict[str, Any]]:
    """What stands beside the revenue of each unit: attributed figures, costs, windows that have not ended."""
    waiting = people.group_by(UNIT).agg(pl.col("waiting").sum(), pl.col("waiting_until").max())
    told: dict[Key, dict[str, Any]] = {
        (kind, key, step): {"waiting": count, "waiting_until": until and until.isoformat()}
        for kind, key, step, count, until in waiting.iter_rows()
    }
    for frame, names in ((attributed, ("orders", "revenue")), (costs, ("sent", "cost_micros"))):
        for key, values in _rolled(frame=frame, names=names):
            if key in told:
                told[key] |= {f"attributed_{n}" if frame is attributed else n: v for n, v in values.items()}
    return told


def _rolled(*, frame: pl.DataFrame, names: Sequence[str]) -> Iterator[tuple[Key, dict[str, float]]]:
    """Sums of steps, of whole sources, and of everything."""
    sums = [pl.col(name).sum() for name in names]
    source = frame.with_columns(pl.lit("").alias("step_key"))
    whole = source.with_columns(pl.lit("global").alias("source_kind"), pl.lit("").alias("source_key"))
    for part in (frame.filter(pl.col("step_key") != ""), source, whole):
        for row in part.group_by(UNIT).agg(sums).iter_rows():
            yield row[:3], dict(zip(names, row[3:], strict=True))
