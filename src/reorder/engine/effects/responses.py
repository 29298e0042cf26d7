"""What channels and offers add to messages, learned from held-out people: whole first, then its parts.

Within one channel, and one offer, chance alone decided who was held out; between channels it did not, so that each is
compared with its own held-out people and never with another channel's buyers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import polars as pl

from reorder.engine.effects.arms import Arms, sum_arms

# Assumed before anything was compared, as for reminders: a tenth more orders, hardly below none or above three tenths.
PRIOR_LIFT_SHARE: Final = 0.10
PRIOR_DEVIATION: Final = 0.10
# How much parts differ in their lift from the whole that they belong to.
PART_DEVIATION: Final = 0.05
# Trials at the rate of both arms together that the held-out rate is shrunk by.
_BASE_TRIALS: Final = 20.0
_LEAST_LIFT: Final = -1.0
SCOPES: Final = ("channel", "offer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Extra orders of one channel or offer as a share of those that would have come anyway.

    `scope` is all, channel or offer; `key` the channel or the offer's code; `segment` empty: everybody;
    `learned_share`: how much of it the comparison says (0: all assumed).
    """

    scope: str
    key: str = ""
    segment: str = ""
    treated_count: int = 0
    held_out_count: int = 0
    lift_share: float = PRIOR_LIFT_SHARE
    deviation: float = PRIOR_DEVIATION
    learned_share: float = 0.0


def learn_responses(*, people: pl.DataFrame) -> list[Response]:
    """Lifts of everybody, of each channel and offer, and of those within segments; the whole first.

    A part's lift is shrunk to that of the whole that it belongs to by precision: everybody to PRIOR_LIFT_SHARE, a
    channel or offer to everybody, a segment of it to the channel or offer.

    Args:
        people: one row a person, arm, channel, offer and segment: customer_id, arm (treated, held_out), channel, offer,
            segment (text, empty: none), trials (exposures) and hits (those that ended in an order).

    Raises InvalidFrame.
    """
    whole = sum_arms(people=people, by=(), value="hits").get(())
    overall = _estimate(scope="all", arms=whole, prior=Response(scope="all"), deviation=PRIOR_DEVIATION)
    made = [overall]
    for scope in SCOPES:
        named = people.filter(pl.col(scope) != "")
        tops: dict[str, Response] = {}
        for (key,), arms in sorted(sum_arms(people=named, by=(scope,), value="hits").items()):
            tops[key] = _estimate(scope=scope, key=key, arms=arms, prior=overall, deviation=_widened(overall))
        parts = sum_arms(people=named.filter(pl.col("segment") != ""), by=(scope, "segment"), value="hits")
        made += [*tops.values(), *_of_segments(scope=scope, parts=parts, tops=tops)]
    return made


def find_response(*, responses: Sequence[Response], scope: str, key: str, segment: str) -> Response:
    """The closest that is known: of the segment, else of the channel or offer, else of everybody, else assumed."""
    known = {(one.scope, one.key, one.segment): one for one in responses}
    for name in ((scope, key, segment), (scope, key, ""), ("all", "", "")):
        if name in known:
            return known[name]
    return Response(scope="all")


def _of_segments(*, scope: str, parts: Mapping[tuple[str, ...], Arms], tops: Mapping[str, Response]) -> list[Response]:
    return [
        _estimate(scope=scope, key=key, segment=segment, arms=arms, prior=tops[key], deviation=_widened(tops[key]))
        for (key, segment), arms in sorted(parts.items())
    ]


def _widened(whole: Response) -> float:
    return sqrt(whole.deviation**2 + PART_DEVIATION**2)


def _estimate(
    *, scope: str, arms: Arms | None, prior: Response, deviation: float, key: str = "", segment: str = ""
) -> Response:
    """`prior` with this deviation, combined with what the arms show."""
    if arms is None or not arms.is_comparable:
        return Response(
            scope=scope,
            key=key,
            segment=segment,
            treated_count=int(arms.treated.people) if arms else 0,
            held_out_count=int(arms.held_out.people) if arms else 0,
            lift_share=prior.lift_share,
            deviation=deviation,
            learned_share=0.0,
        )
    treated, held = arms.treated, arms.held_out
    pooled = (treated.value + held.value + 0.5) / (treated.trials + held.trials + 1.0)
    base = (held.value + _BASE_TRIALS * pooled) / (held.trials + _BASE_TRIALS)
    noise = _deviation(arms=arms, pooled=pooled, base=base) ** 2
    after = 1.0 / (1.0 / deviation**2 + 1.0 / noise)
    found = (treated.mean - held.mean) / base
    return Response(
        scope=scope,
        key=key,
        segment=segment,
        treated_count=int(treated.people),
        held_out_count=int(held.people),
        lift_share=max(after * (prior.lift_share / deviation**2 + found / noise), _LEAST_LIFT),
        deviation=sqrt(after),
        learned_share=max(1.0 - after / deviation**2, 0.0),
    )


def _deviation(*, arms: Arms, pooled: float, base: float) -> float:
    """Standard error of a lift against `base`: few trials that all end alike look certain and are not."""
    least = pooled * (1.0 - pooled)
    return sqrt(sum(max(one.variance, least / one.trials) for one in (arms.treated, arms.held_out))) / base
