"""What the report pages say above their lists: cards, pictures and small tables."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.insights.reports import ServiceSum, StockReport, StockSum
from reorder.kernel.formatting import format_short_day, format_units
from reorder.kernel.money import minor_digits
from reorder.web.charts import Chart, Series
from reorder.web.reports.words import ABC, METHODS, XYZ, days, money, number, share, share_of
from reorder.web.templatetags.reorder import word

Figure = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SumLine:
    """One line of a small table of sums."""

    name: str
    value: str
    part: str
    turns: str
    cover: str
    old: str


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One field of the ABC–XYZ matrix."""

    klass: str
    products: str
    value: str
    part: str
    sold: str
    url: str


def stock_figures(*, whole: StockSum) -> list[Figure]:
    ages = [whole.young_minor, whole.middle_minor, whole.aged_minor, whole.old_minor]
    without = (
        _("{count} products at places have no cost and count as nothing").format(count=format_units(whole.without_cost))
        if whole.without_cost
        else _("at cost, {count} products at places").format(count=format_units(whole.products))
    )
    mean = _("goods sold in 90 days, made into a year, over mean stock of {days} days").format(
        days=format_units(max(round(whole.mean_days), 1))
    )
    return [
        (_("Stock value"), money(whole.value_minor), without),
        (_("Turns a year"), number(whole.turns), mean),
        (_("Cover, days"), days(whole.cover_days), _("at the sales of the last 90 days")),
        (_("Older than 180 days"), share_of(whole.old_minor, ages), money(whole.old_minor)),
    ]


def sum_lines(*, sums: Sequence[StockSum], names: Mapping[str, str]) -> list[SumLine]:
    values = [one.value_minor for one in sums]
    return [
        SumLine(
            name=names.get(one.key[0], one.key[0]) or _("without category"),
            value=money(one.value_minor),
            part=share_of(one.value_minor, values),
            turns=number(one.turns),
            cover=days(one.cover_days),
            old=money(one.old_minor),
        )
        for one in sums
    ]


def age_chart(*, whole: StockSum) -> Chart:
    ages = [whole.young_minor, whole.middle_minor, whole.aged_minor, whole.old_minor]
    old = share_of(whole.old_minor, ages)
    return Chart(
        id="ages",
        title=_("{share} of the stock value has stood for more than 180 days").format(share=old),
        labels=[_("to 30 days"), _("31–90 days"), _("91–180 days"), _("over 180 days")],
        series=[Series(name=_("value"), values=[_major(one) for one in ages], kind="bar")],
        kind="bars",
        axis_name=_("since it came"),
        note=_("First in, first out: what is there now are the units that came last."),
    )


def trend_chart(*, trend: Sequence[tuple[dt.date, int]], language: str) -> Chart | None:
    """How the value moved; a picture of one day would say nothing."""
    if len(trend) < 2:
        return None
    change = trend[-1][1] - trend[0][1]
    since = format_short_day(trend[0][0], language=language)
    higher, lower = _("Stock value is {amount} higher than on {day}"), _("Stock value is {amount} lower than on {day}")
    title = higher if change >= 0 else lower
    return Chart(
        id="trend",
        title=title.format(amount=money(abs(change)), day=since),
        labels=[format_short_day(day, language=language) for day, _value in trend],
        series=[Series(name=_("stock value"), values=[_major(value) for _day, value in trend])],
        axis_name=_("day"),
    )


def matrix(*, report: StockReport) -> list[tuple[str, list[MatrixCell | None]]]:
    """Rows A, B, C with a cell for X, Y and Z each."""
    cells = {one.key: one for one in report.classes}
    values = [one.value_minor for one in report.classes]
    rows = []
    for abc, name in ABC.items():
        line: list[MatrixCell | None] = []
        for xyz in XYZ:
            one = cells.get((abc, xyz))
            line.append(None if one is None else _matrix_cell(one=one, values=values))
        rows.append((str(name), line))
    return rows


def _matrix_cell(*, one: StockSum, values: Sequence[int]) -> MatrixCell:
    klass = "".join(one.key)
    return MatrixCell(
        klass=klass,
        products=format_units(one.products),
        value=money(one.value_minor),
        part=share_of(one.value_minor, values),
        sold=money(one.sold_90_minor),
        url=f"{reverse('reports:stock')}?class={klass}",
    )


def service_figures(*, whole: ServiceSum) -> list[Figure]:
    held, promised = whole.held_share, whole.promised_share
    return [
        (_("Promise kept"), share(held), _("promised {share}").format(share=share(promised))),
        (
            _("Held less than promised"),
            format_units(whole.below),
            _("of {count} products at places with 8 weeks or more").format(count=format_units(whole.judged)),
        ),
        (
            _("Held more than promised"),
            format_units(whole.above),
            _("they could do with less stock"),
        ),
        (_("Money at risk"), money(whole.risk_minor), _("demand beyond the reorder point, at the margin of a sale")),
    ]


def service_chart(*, weeks: Sequence[Mapping[str, Any]], whole: ServiceSum, language: str) -> Chart | None:
    if not weeks:
        return None
    held, promised = whole.held_share or 0.0, whole.promised_share or 0.0
    said = {"held": share(held), "promised": share(promised)}
    title = (
        _("Reorder points held in {held} of the weeks, as promised ({promised})")
        if abs(held - promised) <= 0.01
        else _("Reorder points held in {held} of the weeks; {promised} was promised")
    )
    return Chart(
        id="service",
        title=title.format(**said),
        labels=[format_short_day(week["origin_date"], language=language) for week in weeks],
        series=[
            Series(name=_("held"), values=[round(100 * week["held"] / week["series"], 1) for week in weeks]),
            Series(
                name=_("promised"),
                values=[round(100 * float(week["promised"]) / week["series"], 1) for week in weeks],
                colour="ink",
                is_dashed=True,
            ),
        ],
        unit="%",
        axis_name=_("week of"),
        note=_(
            "Each Monday's targets, made of what was known then, against demand over lead time and review after it. "
            "Sales stand for demand: where stock really ran out, demand was higher."
        ),
    )


@dataclass(frozen=True, slots=True)
class AccuracyLine:
    """One method in one demand class."""

    klass: str
    method: str
    series: str
    chosen: str
    rmsse: str
    bias: str
    is_blend: bool


def accuracy_lines(*, report: StockReport) -> list[AccuracyLine]:
    """By demand class: the chosen blend first, then each method, the best first."""
    lines = []
    for chosen in report.chosen:
        lines.append(
            AccuracyLine(
                klass=word(chosen["demand_class"]),
                method=_("what is used"),
                series=format_units(chosen["judged"]),
                chosen="",
                rmsse=number(chosen["rmsse"], digits=3),
                bias="–",
                is_blend=True,
            )
        )
        lines += [
            AccuracyLine(
                klass="",
                method=str(METHODS.get(row["method"], row["method"])),
                series=format_units(row["series"]),
                chosen=share(row["chosen"] / row["series"]) if row["series"] else "–",
                rmsse=number(row["rmsse"], digits=3),
                bias="–" if row["bias"] is None else f"{row['bias']:+.2f}",
                is_blend=False,
            )
            for row in report.accuracy
            if row["demand_class"] == chosen["demand_class"]
        ]
    return lines


def _major(minor: int) -> float:
    return float(minor / 10 ** minor_digits(currency=settings.REORDER.currency))
