"""What the shop laid down, as the decision takes it."""

import datetime as dt
from collections.abc import Collection

from django.conf import settings

from reorder.domain.marketing.limits import Limits, find_limits
from reorder.domain.marketing.offers import OfferRow, list_offers_by_code
from reorder.engine import contact
from reorder.kernel.money import minor_digits

_DAY_HOURS, _WEEK_HOURS = 24, 7 * 24


def load_rules(*, offers: Collection[str], moment: dt.datetime) -> contact.Rules:
    """Limits, costs, offers and holdouts as they hold now.

    Args:
        offers: codes of the offers that some message may make.
        moment: now, UTC.
    """
    limits = find_limits()
    digits = minor_digits(currency=settings.REORDER.currency)
    found = list_offers_by_code(codes=offers)
    return contact.Rules(
        caps=_caps(limits),
        waking=(limits.first_hour, limits.last_hour),
        send_hour=settings.REORDER.send_hour,
        costs_minor={name: cost * 10**digits for name, cost in limits.costs.items()},
        offers={code: offer_of(row=row, moment=moment) for code, row in found.items()},
        margin_floor_share=limits.margin_floor_share,
        promise_units=limits.promise_units,
    )


def _caps(limits: Limits) -> tuple[contact.Cap, ...]:
    caps = [
        contact.Cap(hours=_DAY_HOURS, limit=limits.per_day),
        contact.Cap(hours=_WEEK_HOURS, limit=limits.per_week),
    ]
    for channel, (day, week) in sorted(limits.channel_caps.items()):
        for hours, limit in ((_DAY_HOURS, day), (_WEEK_HOURS, week)):
            if limit is not None:
                caps.append(contact.Cap(hours=hours, limit=limit, channel=channel))
    return tuple(caps)


def offer_of(*, row: OfferRow, moment: dt.datetime) -> contact.Offer:
    """An offer as a step of a ladder."""
    terms = row.terms
    return contact.Offer(
        code=row.code,
        kind=row.kind,
        is_personal=row.is_personal,
        is_limited=row.is_limited,
        takes_share=float(terms.share or 0) if row.kind == "percent" else 0.0,
        takes_minor=float(terms.amount_minor) if row.kind == "amount" else 0.0,
        segment_codes=frozenset(row.segment_codes),
        is_live=row.why_not(moment=moment) == "",
    )
