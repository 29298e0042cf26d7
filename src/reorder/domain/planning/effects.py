"""What the night learned of promotions, events and prices, and the methods that people chose for single series."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from reorder.domain.planning.errors import BadMethods, UnknownMethods
from reorder.domain.planning.models import ForecastChoice, LearnedEffect, MethodOverride
from reorder.domain.storage import copy_frame, read_frame, run_sql

_COLUMNS = ["name", "value", "scope", "key", "effect_share", "low_share", "high_share"]
MOST_METHODS = 3
FEWEST_OF_PRODUCT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """One learned effect with its 80 % interval, shares as fractions."""

    name: str
    value: str
    scope: str
    key: str
    effect_share: float
    low_share: float
    high_share: float
    occurrences_count: int
    days_count: int
    as_of_date: dt.date


def save_effects(*, run_id: int, as_of: dt.date, effects: pl.DataFrame) -> int:
    """Replace what was learned; `effects` as `demand.forecast` gives it. Returns rows written.

    Of holidays only what they do to the whole shop is kept, of single products only what happened to them twice: the
    rest would be a row for every product and day of the lunar new year, and says what its category says. Effects that
    are no numbers are left out.
    """
    run_sql(statement="DELETE FROM planning_learnedeffect")
    finite = effects.filter(
        pl.all_horizontal(pl.col(name).is_finite() for name in ("effect_share", "low_share", "high_share"))
    )
    told = finite.filter(
        (pl.col("scope") == "shop")
        | (pl.col("name") != "holiday")
        & ((pl.col("scope") == "category") | (pl.col("occurrences") >= FEWEST_OF_PRODUCT))
    )
    frame = told.with_columns(
        pl.col("value").fill_null(""), pl.col("key").fill_null(""), pl.lit(run_id).alias("run_id")
    ).unique(["name", "value", "scope", "key"], keep="first", maintain_order=True)
    return copy_frame(
        table="planning_learnedeffect",
        frame=frame.select(
            "run_id",
            *_COLUMNS,
            pl.col("occurrences").alias("occurrences_count"),
            pl.col("days").alias("days_count"),
            pl.lit(as_of).alias("as_of_date"),
        ),
    )


def list_effects(*, scope: str, keys: Collection[str] = (), limit: int = 500) -> list[EffectRow]:
    """Learned effects of a scope (shop, category or sku) by name; of the named categories or products only."""
    rows = LearnedEffect.objects.filter(scope=scope)
    if scope != "shop":
        rows = rows.filter(key__in=list(keys))
    return [
        EffectRow(
            name=row.name,
            value=row.value,
            scope=row.scope,
            key=row.key,
            effect_share=row.effect_share,
            low_share=row.low_share,
            high_share=row.high_share,
            occurrences_count=row.occurrences_count,
            days_count=row.days_count,
            as_of_date=row.as_of_date,
        )
        for row in rows.order_by("name", "value", "key")[:limit]
    ]


def choose_methods(
    *, subject: str, place_code: str, methods: Sequence[str], note: str, author: str, moment: dt.datetime
) -> int:
    """Have one series forecast by these methods from the next night on; what was chosen before is withdrawn.

    Returns the id. Raises BadMethods, also when somebody else chose at the same moment.
    """
    if not methods:
        raise BadMethods(reason="choose at least one method")
    if len(methods) > MOST_METHODS:
        raise BadMethods(reason="choose at most three methods")
    if not note.strip():
        raise BadMethods(reason="say why in the note")
    if len(note) > 200:
        raise BadMethods(reason="a text is longer than 200 characters")
    if not ForecastChoice.objects.filter(subject=subject, place_code=place_code).exists():
        raise BadMethods(reason="nothing is forecast for it there")
    _standing(subject=subject, place_code=place_code).update(withdrawn_at=moment)
    try:
        with transaction.atomic():
            made = MethodOverride.objects.create(
                subject=subject,
                place_code=place_code,
                methods=list(dict.fromkeys(methods)),
                note=note.strip(),
                author=author,
                recorded_at=moment,
            )
    except IntegrityError:
        raise BadMethods(reason="somebody else chose at the same moment; look again") from None
    return int(made.pk)


def withdraw_methods(*, subject: str, place_code: str, moment: dt.datetime) -> None:
    """Back to the choice by backtest, from the next night on. Raises UnknownMethods."""
    if not _standing(subject=subject, place_code=place_code).update(withdrawn_at=moment):
        raise UnknownMethods(subject=subject)


def _standing(*, subject: str, place_code: str) -> QuerySet[MethodOverride]:
    return MethodOverride.objects.filter(subject=subject, place_code=place_code, withdrawn_at__isnull=True)


def frame_overrides(*, known_before: dt.datetime) -> pl.DataFrame:
    """Choices of methods that stood at a moment: sku (subject), place, methods."""
    return read_frame(
        query="""SELECT subject AS sku, place_code AS place, methods FROM planning_methodoverride
                 WHERE recorded_at < {known_before}::timestamptz
                   AND (withdrawn_at IS NULL OR withdrawn_at >= {known_before}::timestamptz)""",
        parameters={"known_before": known_before},
    ).cast({"methods": pl.List(pl.String)})


def frame_incumbents() -> pl.DataFrame:
    """The methods of the last night that no person demanded: sku (subject), place, methods."""
    return read_frame(
        query="""SELECT subject AS sku, place_code AS place, methods FROM planning_forecastchoice
                 WHERE NOT is_override AND cardinality(methods) > 0"""
    ).cast({"methods": pl.List(pl.String)})
