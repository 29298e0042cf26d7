"""The overview of the desk Marketing: what waits for a word, what marketing earned, what runs and what went out."""

import datetime as dt

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.insights import marketing_desk
from reorder.insights.deliverability import read_ways_and_costs
from reorder.insights.effects import load_results
from reorder.insights.tonight import find_coming
from reorder.kernel import clock
from reorder.kernel.formatting import format_day, format_units
from reorder.web.access import desk
from reorder.web.channel_names import CHANNEL_WORDS
from reorder.web.charts import Chart, Series
from reorder.web.marketing.cards import list_cards
from reorder.web.marketing.results.page import make_source_lines

_COLOURS = ("accent", "info", "ink", "soon", "band", "now")
_SOURCES_SHOWN = 5
_MICROS = 1_000_000


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """Decisions first, then what was earned beyond what would have been anyway, then what runs."""
    moment, zone = clock.current_moment(), settings.REORDER.time_zone
    today = clock.date_at(moment=moment, time_zone=zone)
    standing = marketing_desk.read_standing(moment=moment)
    results = load_results()
    ways, costs = read_ways_and_costs(moment=moment)
    context = {
        "tab": "overview",
        "cards": list_cards(standing=standing, coming=find_coming(moment=moment), ways=ways),
        "standing": standing,
        "results": results,
        "lines": make_source_lines(results=results.results[:_SOURCES_SHOWN]),
        "costs": [
            {"name": _(cost.name), "row": cost, "month": cost.month_micros / _MICROS}
            for cost in costs
            if cost.sent_count or cost.month_micros
        ],
        "currency": settings.REORDER.currency,
        "chart": _sent_chart(today=today, zone=zone),
    }
    return render(request, "marketing/index.html", context)


def _sent_chart(*, today: dt.date, zone: str) -> Chart | None:
    midnight = clock.midnight(date=today, time_zone=zone)
    counted = marketing_desk.count_sent(midnight=midnight, today=today, zone=zone)
    if not counted:
        return None
    first = today - dt.timedelta(days=marketing_desk.SENT_DAYS - 1)
    days = [first + dt.timedelta(days=number) for number in range(marketing_desk.SENT_DAYS)]
    total = sum(sum(counts) for counts in counted.values())
    return Chart(
        id="sent",
        title=_("{count} marketing messages left in four weeks").format(count=format_units(total)),
        labels=[format_day(day, language=get_language() or "en") for day in days],
        series=[
            Series(str(CHANNEL_WORDS.get(channel, channel)), counts, kind="bar", colour=colour, stack="sent")
            for (channel, counts), colour in zip(sorted(counted.items()), _COLOURS, strict=False)
        ],
        axis_name=_("Day"),
        unit=_("messages"),
    )
