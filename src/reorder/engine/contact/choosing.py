"""Which channel carries a message, and which offer goes with it; pure."""

from collections.abc import Sequence

from reorder.engine.contact.allowing import Case
from reorder.engine.contact.lifts import CHANNEL, OFFER
from reorder.engine.contact.values import Offer, Reach

# A channel that the source names later must be answered this much better to be chosen before the one ahead of it.
_STEP_DOWN = 0.85
# Of a message by a channel of which nothing is known.
_USUAL_RESPONSE = 0.1
# The chance of having left from which on a more generous offer is made.
_LEAVING = 0.5
# The kind of offer that takes nothing off goods.
_TAKES_NOTHING = "free_shipping"


def rank_channels(*, case: Case) -> list[Reach]:
    """The channels that are left, the most worth while first.

    Response × what the channel was found to add × value × the source's order, less cost.
    """
    scores = {reach.channel: _worth(case, reach, place) for place, reach in enumerate(case.reaches)}
    return sorted(case.reaches, key=lambda one: -scores[one.channel])


def is_worth_its_cost(*, case: Case, channel: str) -> bool:
    """Whether a message by a channel is expected to win what it costs; one whose value nobody knows is."""
    cost = case.rules.costs_minor.get(channel, 0.0)
    return case.wanted.value_minor <= 0 or cost < case.wanted.value_minor


def _worth(case: Case, reach: Reach, place: int) -> float:
    usual = case.rules.response_shares.get(reach.channel, _USUAL_RESPONSE)
    response = usual if reach.response_share is None else reach.response_share
    response *= case.rules.lifts.times(scope=CHANNEL, key=reach.channel, segment_codes=case.person.segment_codes)
    cost = case.rules.costs_minor.get(reach.channel, 0.0)
    # Where no value is known, answers alone are compared, and money only between equals.
    value = case.wanted.value_minor
    if value <= 0:
        return response * _STEP_DOWN**place - cost * 1e-6
    return response / max(usual, 1e-6) * value * _STEP_DOWN**place - cost


def choose_offer(*, case: Case) -> Offer | None:
    """One step of the ladder, or none: nothing below the margin floor.

    People of high value get what is personal and ends; people who look at prices a bundle, or the most generous step;
    whoever is about to leave the most generous one; everybody else the least generous. Where offers that would do were
    compared with held-out people, the one that earned most decides instead.
    """
    ladder = [case.rules.offers[code] for code in case.wanted.offers if code in case.rules.offers]
    allowed = [one for one in ladder if _may_have(case, one) and _leaves_enough(case, one)]
    if not allowed:
        return None
    fitting, usual = _fitting(case, allowed)
    return _proved(case, fitting) or usual


def _fitting(case: Case, allowed: Sequence[Offer]) -> tuple[Sequence[Offer], Offer]:
    """The offers that would do for this person, and the one to make while nothing was compared."""
    person = case.person
    if person.is_high_value:
        personal = [one for one in allowed if one.is_personal and one.is_limited]
        personal = personal or [one for one in allowed if one.is_personal] or list(allowed)
        return personal, personal[0]
    if person.is_price_sensitive:
        bundles = [one for one in allowed if one.kind == "bundle"]
        return (bundles, bundles[0]) if bundles else (allowed, allowed[-1])
    return allowed, allowed[-1] if person.churn_share >= _LEAVING else allowed[0]


def _proved(case: Case, fitting: Sequence[Offer]) -> Offer | None:
    """The offer that leaves most: extra orders × margin left, less what it gives to those who would buy anyway.

    None unless at least two of them were compared, or nobody knows the margin.
    """
    goods, margin = case.wanted.goods_minor, case.wanted.margin_minor
    if not goods or margin is None:
        return None
    earned = {}
    for one in fitting:
        lift = case.rules.lifts.find(scope=OFFER, key=one.code, segment_codes=case.person.segment_codes)
        if lift is not None:
            given = one.takes_share * goods + one.takes_minor
            earned[one.code] = lift * (margin - given) - given
    if len(earned) < 2:
        return None
    best = max(earned, key=lambda code: earned[code])
    return next(one for one in fitting if one.code == best)


def _may_have(case: Case, offer: Offer) -> bool:
    return offer.is_live and (not offer.segment_codes or bool(offer.segment_codes & case.person.segment_codes))


def _leaves_enough(case: Case, offer: Offer) -> bool:
    """Whether the goods keep the least share of margin; not where nobody knows what they cost.

    A message about no goods in particular is left to the price, which keeps the floor line by line.
    """
    goods, margin = case.wanted.goods_minor, case.wanted.margin_minor
    if not goods:
        return True
    if margin is None:
        return offer.kind == _TAKES_NOTHING
    left = margin - offer.takes_share * goods - offer.takes_minor
    return left >= case.rules.margin_floor_share * goods
