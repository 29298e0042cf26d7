"""What comes back, why, and what it costs: by product, with the interval that few sales leave."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.insights.return_rates import FEW_UNITS, SPAN_DAYS, ReturnRate, find_return_rate, list_return_rates
from reorder.kernel import clock
from reorder.kernel.formatting import format_money, format_share, format_units
from reorder.web import return_words as words
from reorder.web.access import desk, get_actor


@desk(Ability.VIEW_BUYING, Ability.MANAGE_ORDERS)
def index(request: HttpRequest) -> HttpResponse:
    """The hundred products whose returns cost most."""
    found = list_return_rates(moment=clock.current_moment())
    context = {
        "here": "returns",
        "may_judge": get_actor(request).may(Ability.VIEW_DEMAND),
        "rates": [_shown(one) for one in found],
        "reasons": _reasons(found),
        "days": SPAN_DAYS,
        "few": FEW_UNITS,
        "may_see_stock": get_actor(request).may(Ability.VIEW_BUYING),
    }
    return render(request, "reports/returns.html", context)


def shown_rate(*, product_id: int) -> Mapping[str, Any] | None:
    """The rate of one product as its page says it; None where nothing came back."""
    found = find_return_rate(product_id=product_id, moment=clock.current_moment())
    return _shown(found) if found else None


def _shown(one: ReturnRate) -> dict[str, Any]:
    total = sum(units for _reason, units in one.reasons) or 1.0
    return {
        "row": one,
        "share": format_share(one.share),
        "band": _("between {low} and {high}").format(
            low=format_share(one.low_share), high=format_share(one.high_share)
        ),
        "sold": format_units(one.sold_units),
        "returned": format_units(one.returned_units),
        "lost": format_money(one.lost_minor, currency=one.currency),
        "value": format_money(one.value_minor, currency=one.currency),
        "scrapped": format_money(one.scrapped_minor, currency=one.currency) if one.scrapped_minor else "",
        "reasons": [
            (words.said(reason, templates=words.REASON_TEMPLATES), format_units(units), format_share(units / total))
            for reason, units in one.reasons
        ],
    }


def _reasons(found: list[ReturnRate]) -> list[tuple[str, str, str]]:
    """All units by reason, the most frequent first."""
    sums: dict[str, float] = {}
    for one in found:
        for reason, units in one.reasons:
            sums[reason] = sums.get(reason, 0.0) + units
    total = sum(sums.values()) or 1.0
    return [
        (words.said(reason, templates=words.REASON_TEMPLATES), format_units(units), format_share(units / total))
        for reason, units in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
