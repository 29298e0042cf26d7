"""Replayed nights: one row a day and horizon; taking a night again replaces its row."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from reorder.domain.planning.models import ReplayNight


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """One replayed night; `targets` has the columns that `save_replay_night` was given."""

    as_of_date: dt.date
    figures: Mapping[str, Any]
    targets: pl.DataFrame


def find_replay_nights(*, as_of_dates: Sequence[dt.date], horizon_days: int) -> dict[dt.date, ReplayRow]:
    """Those of these nights that have been replayed with this horizon."""
    found = ReplayNight.objects.filter(as_of_date__in=list(as_of_dates), horizon_days=horizon_days)
    return {
        one.as_of_date: ReplayRow(one.as_of_date, one.figures, pl.read_ipc(io.BytesIO(bytes(one.targets))))
        for one in found
    }


def save_replay_night(
    *, as_of_date: dt.date, horizon_days: int, made_at: dt.datetime, figures: Mapping[str, Any], targets: pl.DataFrame
) -> None:
    """Keep one replayed night, in place of an earlier one of the same day and horizon."""
    content = io.BytesIO()
    targets.write_ipc(content, compression="zstd")
    ReplayNight.objects.update_or_create(
        as_of_date=as_of_date,
        horizon_days=horizon_days,
        defaults={"made_at": made_at, "figures": dict(figures), "targets": content.getvalue()},
    )


def forget_replay_nights(*, before_date: dt.date) -> int:
    """Delete nights that were replayed for days before `before_date`; returns how many."""
    return ReplayNight.objects.filter(as_of_date__lt=before_date).delete()[0]
