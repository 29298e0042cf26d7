"""The living style page."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.web.access import desk
from reorder.web.charts import Band, Chart, Flag, Series, place_band

_TOKENS = ("ink", "quiet", "paper", "surface", "line", "accent", "info", "soon", "now", "good")


@desk()
def index(request: HttpRequest) -> HttpResponse:
    """Invented values throughout, and the page says so."""
    day = dt.date(2026, 11, 22)
    past: list[float | None] = [12, 15, 11, 18, 17, 21, 19, 22]
    plan: list[float | None] = [21, 20, 22, 23]
    none: list[float | None] = [None] * 8
    chart = Chart(
        id="style-chart",
        title=_("Oolong 150 g will run out on 3 Dec"),
        labels=[f"W{number}" for number in range(40, 52)],
        series=[
            Series(name=_("sold"), values=[*past, None, None, None, None], colour="ink"),
            Series(name=_("plan"), values=[*none, *plan], is_dashed=True),
        ],
        bands=[
            Band(name=_("80% band"), low=[*none, 14, 13, 14, 15], high=[*none, 29, 28, 31, 33]),
            Band(name=_("50% band"), low=[*none, 18, 17, 18, 19], high=[*none, 24, 24, 26, 27]),
        ],
        flags=[Flag(label="W48", text=_("today"))],
        unit=_("units"),
        axis_name=_("week"),
    )
    band = place_band(
        middle=day + dt.timedelta(days=6),
        half=(day + dt.timedelta(days=3), day + dt.timedelta(days=10)),
        wide=(day - dt.timedelta(days=1), day + dt.timedelta(days=18)),
        today=day,
    )
    return render(request, "style/index.html", {"tokens": _TOKENS, "chart": chart, "band": band, "day": day})
