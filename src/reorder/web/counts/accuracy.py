"""How true the records are: the report of the last months, and its rows as a file."""

import datetime as dt
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.insights.count_accuracy import Accuracy, list_counted_goods, report_accuracy
from reorder.kernel import clock
from reorder.kernel.money import Money
from reorder.web.access import desk
from reorder.web.counts.views import DECIDES
from reorder.web.counts.words import cause_word, outcome_word
from reorder.web.exports import table_response
from reorder.web.warehouse.place import choose_place, require_place

_MONTHS: Final = 12
# With fewer counted bins a share says next to nothing.
_FEW: Final = 10


@desk(DECIDES)
def show(request: HttpRequest) -> HttpResponse:
    """Accuracy of the last twelve months."""
    chosen = choose_place(request)
    if chosen is None:
        return render(request, "counts/accuracy.html", {"chosen": None, "tab": "counts"})
    since, until = _span()
    report = report_accuracy(places=[chosen.place.code], since=since, until=until, time_zone=settings.REORDER.time_zone)
    kinds = (
        ("class", _("By class"), _plain),
        ("zone", _("By zone"), _plain),
        ("month", _("By month"), _plain),
        ("cause", _("Why it was counted"), cause_word),
        ("outcome", _("What came of it"), outcome_word),
    )
    context = {
        "chosen": chosen,
        "tab": "counts",
        "whole": report.whole,
        "is_little": report.whole.bins_count < _FEW,
        "groups": [
            {"title": title, "rows": [_line(one, say(one.key)) for one in report.of(kind)]}
            for kind, title, say in kinds
        ],
        "since": since.astimezone(ZoneInfo(settings.REORDER.time_zone)).date(),
        "currency": settings.REORDER.currency,
    }
    return render(request, "counts/accuracy.html", context)


@desk(DECIDES)
def export(request: HttpRequest) -> HttpResponseBase:
    """Every counted goods of approved counts."""
    chosen = require_place(request)
    since, until = _span()
    heads = [
        _("Bin"), _("Zone"), _("Decided at"), _("Why"), _("Result"), _("SKU"), _("Owner"), _("Lot"), _("Expected"),
        _("Counted"), _("Moved meanwhile"), _("Difference"), _("Difference at cost"), _("Counted by"), _("Decided by"),
    ]  # fmt: skip
    rows = _rows(place=chosen.place.code, since=since, until=until)
    return table_response(request=request, name=f"counts-{chosen.place.code}", heads=heads, rows=rows)


def _rows(*, place: str, since: dt.datetime, until: dt.datetime) -> Iterator[list[object]]:
    currency = settings.REORDER.currency
    for row in list_counted_goods(places=[place], since=since, until=until):
        minor = row["variance_minor"]
        yield [
            row["bin"], row["zone"], row["decided_at"], cause_word(row["cause"]), outcome_word(row["outcome"]),
            row["sku"], row["owner"], row["lot"], row["expected_units"], row["counted_units"], row["moved_units"],
            row["variance_units"], None if minor is None else Money(minor=minor, currency=currency),
            row["counted_by"], row["decided_by"],
        ]  # fmt: skip


def _line(one: Accuracy, name: str) -> dict[str, object]:
    low, high = one.interval
    return {"name": name or "–", "row": one, "low": low, "high": high}


def _plain(key: str) -> str:
    return key


def _span() -> tuple[dt.datetime, dt.datetime]:
    """The last twelve months, from the first of a month on the shop's calendar."""
    now = clock.current_moment()
    today = now.astimezone(ZoneInfo(settings.REORDER.time_zone))
    months = today.year * 12 + today.month - 1 - (_MONTHS - 1)
    first = dt.datetime(months // 12, months % 12 + 1, 1, tzinfo=ZoneInfo(settings.REORDER.time_zone))
    return first.astimezone(dt.UTC), now + dt.timedelta(seconds=1)
