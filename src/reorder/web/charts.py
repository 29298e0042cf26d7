"""Charts as plain values: a script draws them by ECharts, and the same rows stand in a table below.

Colours are names of tokens (`ink`, `accent`, `band`, `soon`, `now`, `info`); the script looks them up, so that a chart
follows light, dark and high contrast.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Series:
    """One line or row of bars over the chart's days; None leaves a gap."""

    name: str
    values: Sequence[float | None]
    kind: Literal["line", "bar"] = "line"
    colour: str = "accent"
    is_dashed: bool = False
    stack: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """An area between two lines, for example the 50 % band."""

    name: str
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Flag:
    """A marked point on the axis: an event, or today."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart whose title says the finding; `labels` are the points of the axis, said in the reader's language."""

    id: str
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    bands: Sequence[Band] = ()
    flags: Sequence[Flag] = ()
    unit: str = ""
    axis_name: str = ""
    kind: Literal["time", "bars", "waterfall"] = "time"
    note: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, Any]:
        """What the script reads."""
        return asdict(self)

    @property
    def table_head(self) -> list[str]:
        """Heads of the table behind the chart."""
        return [self.axis_name, *(s.name for s in self.series), *(f"{b.name}" for b in self.bands)]

    @property
    def table_rows(self) -> list[list[str]]:
        """Rows of the table behind the chart."""
        from reorder.kernel.formatting import format_units

        def said(value: float | None) -> str:
            return "–" if value is None else format_units(value)

        return [
            [
                str(label),
                *(said(s.values[place]) for s in self.series),
                *(f"{said(b.low[place])} – {said(b.high[place])}" for b in self.bands),
            ]
            for place, label in enumerate(self.labels)
        ]


@dataclass(frozen=True, slots=True)
class BandMark:
    """A due band as `<c-band>` draws it: places on a line of 0 to 100."""

    wide_from: float
    wide_to: float
    half_from: float
    half_to: float
    middle: float
    today: float | None

    @property
    def wide_width(self) -> float:
        return max(self.wide_to - self.wide_from, 1)

    @property
    def half_width(self) -> float:
        return max(self.half_to - self.half_from, 1)


def place_band(
    *, middle: dt.date, half: tuple[dt.date, dt.date], wide: tuple[dt.date, dt.date], today: dt.date
) -> BandMark:
    """Where the days of a band and today lie on a line that holds them all."""
    first = min(wide[0], today)
    last = max(wide[1], today, first + dt.timedelta(days=1))
    days = (last - first).days

    def at(day: dt.date) -> float:
        return round((day - first).days * 96 / days + 2, 1)

    return BandMark(at(wide[0]), at(wide[1]), at(half[0]), at(half[1]), at(middle), at(today))
