"""What became of messages of the last 30 days, by way and mail service, and what sending costs."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.insights.deliverability import list_costs, read_deliverability
from reorder.kernel import clock
from reorder.web.access import desk
from reorder.web.channel_names import CHANNEL_WORDS

# Google's rule for senders: complaints of three in a thousand stop mail, one in a thousand is the aim.
_COMPLAINTS_BAD: Final = 0.003
_COMPLAINTS_SOON: Final = 0.001
_BOUNCES_BAD: Final = 0.05
_BOUNCES_SOON: Final = 0.02


@desk(Ability.VIEW_MARKETING)
def deliverability(request: HttpRequest) -> HttpResponse:
    found = read_deliverability(moment=clock.current_moment())
    ways = [
        {
            "row": one,
            "name": _(found.names.get(one.way, one.way)) if one.way else "",
            "channel": CHANNEL_WORDS.get(one.channel, one.channel),
            "delivered": _share(one.delivered_count, one.sent_count),
            "opened": _share(one.opened_count, one.sent_count),
            "clicked": _share(one.clicked_count, one.sent_count),
            "bounced": _rated(one.bounced_count, one.sent_count, soon=_BOUNCES_SOON, bad=_BOUNCES_BAD),
            "complained": _rated(one.complained_count, one.sent_count, soon=_COMPLAINTS_SOON, bad=_COMPLAINTS_BAD),
            "unsubscribed": _share(one.unsubscribed_count, one.sent_count),
            "strays_count": found.strays.get(one.way, 0),
        }
        for one in found.ways
    ]
    domains = [
        {
            "row": one,
            "opened": _share(one.opened_count, one.sent_count),
            "bounced": _rated(one.bounced_count, one.sent_count, soon=_BOUNCES_SOON, bad=_BOUNCES_BAD),
            "complained": _rated(one.complained_count, one.sent_count, soon=_COMPLAINTS_SOON, bad=_COMPLAINTS_BAD),
        }
        for one in found.domains
    ]
    faults = [
        {
            "row": one,
            "channel": CHANNEL_WORDS.get(one.channel, one.channel),
        }
        for one in found.faults
    ]
    resting = [{"row": one, "name": _(one.name)} for one in found.resting]
    context = {"tab": "sending", "ways": ways, "domains": domains, "faults": faults, "resting": resting}
    return render(request, "marketing/sending/deliverability.html", context)


@desk(Ability.VIEW_MARKETING)
def costs(request: HttpRequest) -> HttpResponse:
    moment = clock.current_moment()
    lines = [
        {
            "row": one,
            "name": _(one.name),
            "channel": CHANNEL_WORDS.get(one.channel, one.channel),
            "month": _money(one.month_micros),
            "last_month": _money(one.last_month_micros),
            "each": _money(one.month_micros / one.sent_count) if one.sent_count else None,
            "fee": _money(one.quota.plan.fee_micros) if one.quota else None,
            "next": _money(one.quota.next_micros) if one.quota else None,
            "used_percent": _percent(one.quota.used_count, one.quota.plan.included_count) if one.quota else None,
        }
        for one in list_costs(moment=moment)
    ]
    context = {"tab": "sending", "lines": lines, "currency": settings.REORDER.currency}
    return render(request, "marketing/sending/costs.html", context)


def _share(count: int, of: int) -> float | None:
    return count / of if of else None


def _rated(count: int, of: int, *, soon: float, bad: float) -> dict[str, Any]:
    share = _share(count, of)
    tone = "" if share is None or share < soon else "bad" if share >= bad else "soon"
    return {"count": count, "share": share, "tone": tone}


def _percent(used: int, included: int) -> int:
    return round(100 * used / included) if included else 0


def _money(micros: float) -> float:
    return micros / 1_000_000
