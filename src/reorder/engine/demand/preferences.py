"""What a person and the last night say about methods: a person's choice wins, last night's is left only for a gain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.demand.panel import KEY, Flags, Panel


@dataclass(frozen=True, slots=True)
class Preferences:
    """By method the series (Flags over the panel's rows) that used it last night, or must use it from now on."""

    incumbents: dict[str, Flags]
    overrides: dict[str, Flags]

    def incumbents_of(self, *, methods: Sequence[str], series_count: int) -> Flags:
        """(methods, series): which methods each series used last night."""
        return _stacked(self.incumbents, methods=methods, series_count=series_count)

    def overrides_of(self, *, methods: Sequence[str], series_count: int) -> Flags:
        """(methods, series): which methods a person demands for each series."""
        return _stacked(self.overrides, methods=methods, series_count=series_count)


def read_preferences(*, panel: Panel, incumbents: pl.DataFrame | None, overrides: pl.DataFrame | None) -> Preferences:
    """Both frames (sku, place, methods) by the rows of the panel; series that are not in it are left out.

    Raises InvalidFrame.
    """
    return Preferences(
        incumbents=_by_method(panel=panel, table=incumbents, contract=frames.INCUMBENTS),
        overrides=_by_method(panel=panel, table=overrides, contract=frames.OVERRIDES),
    )


def _by_method(*, panel: Panel, table: pl.DataFrame | None, contract: frames.Frame) -> dict[str, Flags]:
    if table is None:
        return {}
    named = frames.require(table=table, contract=contract).select(*KEY, "methods").explode("methods").drop_nulls()
    placed = named.join(panel.keys.with_row_index("series"), on=KEY)
    out: dict[str, Flags] = {}
    for (method,), rows in placed.group_by("methods"):
        flags = np.zeros(panel.series_count, dtype=np.bool_)
        flags[rows["series"].to_numpy()] = True
        out[str(method)] = flags
    return out


def _stacked(by_method: dict[str, Flags], *, methods: Sequence[str], series_count: int) -> Flags:
    nobody = np.zeros(series_count, dtype=np.bool_)
    return np.stack([by_method.get(method, nobody) for method in methods])
