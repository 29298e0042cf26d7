"""What the shop laid down, as the decision takes it."""

import datetime as dt
from collections.abc import Collection

from django.conf import settings

from reorder.domain.catalog.categories import list_sensitive_categories
from reorder.domain.marketing.limits import Limits, find_limits
from reorder.domain.marketing.offers import OfferRow, list_offers_by_code
from reorder.domain.marketing.proof import GLOBAL_KIND, Holdouts, load_holdouts, salt_of
from reorder.domain.messaging.compliance import Policy
from reorder.domain.messaging.prices import list_channel_prices
from reorder.domain.messaging.reached import list_usual_answers
from reorder.domain.planning.responses import list_responses
from reorder.engine import contact
from reorder.flows.shop_day import shop_date
from reorder.kernel.money import minor_digits

_DAY_HOURS, _WEEK_HOURS = 24, 7 * 24
# From this part of information out of the comparison on, an estimate is more than its assumption.
_LEARNED_FROM = 0.5


def load_rules(
    *, offers: Collection[str], sources: Collection[tuple[str, str]], policy: Policy, moment: dt.datetime
) -> contact.Rules:
    """Limits, costs, offers and holdouts as they hold now.

    Args:
        offers: codes of the offers that some message may make.
        sources: (kind, key) of whoever wants messages.
        policy: the shop's rules of compliance.
        moment: now, UTC.
    """
    limits = find_limits()
    holdouts = load_holdouts()
    digits = minor_digits(currency=settings.REORDER.currency)
    found = list_offers_by_code(codes=offers)
    return contact.Rules(
        caps=_caps(limits),
        waking=(limits.first_hour, limits.last_hour),
        send_hour=settings.REORDER.send_hour,
        costs_minor={**_prices(moment), **{name: cost * 10**digits for name, cost in limits.costs.items()}},
        offers={code: offer_of(row=row, moment=moment) for code, row in found.items()},
        margin_floor_share=limits.margin_floor_share,
        promise_units=limits.promise_units,
        response_shares=list_usual_answers(moment=moment),
        holdouts={(kind, key): _holdout(holdouts, kind, key) for kind, key in sources},
        global_holdout=_holdout(holdouts, GLOBAL_KIND, ""),
        adult_categories=frozenset(policy.adult_categories),
        sensitive_categories=_sensitive() if policy.sensitive_needs_consent else frozenset(),
        adult_years=policy.adult_years,
        least_age_years=policy.minimum_age,
        asks_unknown_age=policy.asks_unknown_age,
        lifts=_lifts(),
    )


def _prices(moment: dt.datetime) -> dict[str, float]:
    """What accounts say that a message costs, minor units; what the shop entered by hand goes before."""
    micros = 1_000_000 / 10 ** minor_digits(currency=settings.REORDER.currency)
    found = list_channel_prices(today=shop_date(moment=moment))
    return {name: price.price_micros / micros for name, price in found.items() if price.price_micros}


def _sensitive() -> frozenset[str]:
    return frozenset(row.code for row in list_sensitive_categories())


def _holdout(holdouts: Holdouts, kind: str, key: str) -> contact.Holdout:
    share = holdouts.share_of(source_kind=kind, source_key=key)
    return contact.Holdout(salt=salt_of(source_kind=kind, source_key=key), share=share)


def _lifts() -> contact.Lifts:
    """What held-out people proved of channels and offers; what is mostly assumed decides nothing."""
    known = list_responses()
    overall = next((one.lift_share for one in known if one.scope == "all"), contact.Lifts().overall)
    return contact.Lifts(
        overall=overall,
        shares={
            (one.scope, one.key, one.segment): one.lift_share for one in known if one.learned_share >= _LEARNED_FROM
        },
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
