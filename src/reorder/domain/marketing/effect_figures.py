"""What each source, step and variant was found to cause, night by night."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Max

from reorder.domain.marketing.proof_models import EffectFigure

MEASURES: Final = ("buyers", "orders", "revenue", "margin", "unsubscribes", "complaints")
_BATCH: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One figure; values are means of one exposure, amounts in minor units of the shop's currency.

    `difference`, `low` and `high`: what the treated had more than the held out. Endless where nobody can tell yet.
    """

    as_of_date: dt.date
    source_kind: str
    source_key: str
    step_key: str
    variant: str
    measure: str
    treated_count: int
    held_out_count: int
    treated_value: float
    held_out_value: float
    difference: float
    low: float
    high: float
    is_always_valid: bool
    variance_cut_share: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)


def replace_figures(*, as_of: dt.date, figures: Sequence[FigureRow]) -> int:
    """Save one night's figures in place of those that it had; returns how many."""
    EffectFigure.objects.filter(as_of_date=as_of).delete()
    rows = [EffectFigure(**{name: getattr(one, name) for name in FigureRow.__slots__}) for one in figures]
    EffectFigure.objects.bulk_create(rows, batch_size=_BATCH)
    return len(rows)


def list_latest_figures(*, source_kind: str = "", source_key: str = "") -> list[FigureRow]:
    """The figures of the last night that measured: of everything, or of one source with its steps and variants."""
    latest = EffectFigure.objects.order_by("-as_of_date").values_list("as_of_date", flat=True).first()
    if latest is None:
        return []
    rows = EffectFigure.objects.filter(as_of_date=latest)
    if source_kind:
        rows = rows.filter(source_kind=source_kind, source_key=source_key)
    return [_row(row) for row in rows.order_by("source_kind", "source_key", "step_key", "variant", "pk")]


def list_bounds(*, source_kind: str, source_keys: Sequence[str]) -> dict[tuple[str, str], tuple[float, float]]:
    """Between what the extra orders of one exposure lie, by source and step (empty: the whole source), of the last
    night that measured."""
    latest = EffectFigure.objects.aggregate(date=Max("as_of_date"))["date"]
    rows = EffectFigure.objects.filter(
        as_of_date=latest, source_kind=source_kind, source_key__in=source_keys, measure="orders", variant=""
    )
    return {(row.source_key, row.step_key): (row.low, row.high) for row in rows}


def list_history(*, source_kind: str, source_key: str, measure: str, since: dt.date) -> list[FigureRow]:
    """One measure of a whole source, day by day."""
    rows = EffectFigure.objects.filter(
        source_kind=source_kind, source_key=source_key, step_key="", variant="", measure=measure, as_of_date__gte=since
    )
    return [_row(row) for row in rows.order_by("as_of_date")]


def forget_figures(*, before: dt.date) -> int:
    """Remove figures of nights long ago."""
    return EffectFigure.objects.filter(as_of_date__lt=before).delete()[0]


def _row(row: EffectFigure) -> FigureRow:
    return FigureRow(**{name: getattr(row, name) for name in FigureRow.__slots__})
