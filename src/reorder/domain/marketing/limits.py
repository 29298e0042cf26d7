"""How much marketing one person gets and when: what the shop laid down, the latest holds."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from django.conf import settings

from reorder.domain.marketing.waiting_models import ContactLimits
from reorder.kernel.errors import BadInput

FIRST_HOUR, LAST_HOUR = 8, 20
PROMISE_UNITS = 0.25
MARGIN_FLOOR_SHARE = 0.05
MOST_A_DAY, MOST_A_WEEK = 10, 50


class BadLimits(BadInput):
    code = "marketing.bad_limits"
    template = "The limits cannot be so: {reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`channel_caps`: by channel (in 24 hours, in seven days), None: no more than for all together; `costs` by channel
    in whole units of the shop's currency.
    """

    per_day: int
    per_week: int
    first_hour: int = FIRST_HOUR
    last_hour: int = LAST_HOUR
    promise_units: float = PROMISE_UNITS
    margin_floor_share: float = MARGIN_FLOOR_SHARE
    channel_caps: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)
    decided_by: str = ""
    decided_at: dt.datetime | None = None


def find_limits() -> Limits:
    """What holds now; while nobody has laid anything down, what the settings say."""
    row = ContactLimits.objects.order_by("-pk").first()
    if row is None:
        options = settings.REORDER
        week = options.messages_per_week
        return Limits(per_day=min(1, week), per_week=week, costs={"email": float(options.message_cost)})
    return Limits(
        per_day=row.per_day,
        per_week=row.per_week,
        first_hour=row.first_hour,
        last_hour=row.last_hour,
        promise_units=row.promise_units,
        margin_floor_share=row.margin_floor_share,
        channel_caps={name: (pair[0], pair[1]) for name, pair in row.channel_caps.items()},
        costs=row.costs,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def record_limits(*, limits: Limits, decided_by: str, moment: dt.datetime) -> None:
    """Lay down new limits; earlier ones stay as they were. Raises BadLimits."""
    _refuse_bad(limits)
    values = {one.name: getattr(limits, one.name) for one in fields(limits)}
    values["channel_caps"] = {name: list(pair) for name, pair in limits.channel_caps.items()}
    values["costs"] = dict(limits.costs)
    ContactLimits.objects.create(**(values | {"decided_by": decided_by, "decided_at": moment}))


def _refuse_bad(limits: Limits) -> None:
    pairs = limits.channel_caps.values()
    reasons = (
        (not 0 <= limits.per_day <= MOST_A_DAY, f"in 24 hours give a number from 0 to {MOST_A_DAY}"),
        (not 0 <= limits.per_week <= MOST_A_WEEK, f"in seven days give a number from 0 to {MOST_A_WEEK}"),
        (not 0 <= limits.first_hour < limits.last_hour <= 24, "the first hour must come before the last one"),
        (not 0 < limits.promise_units <= 1, "what a message promises lies above 0 and is at most 1"),
        (not 0 <= limits.margin_floor_share < 1, "the least margin is a share below 100 %"),
        (any(one is not None and one < 0 for pair in pairs for one in pair), "a number of messages is not negative"),
        (any(cost < 0 for cost in limits.costs.values()), "a cost is not negative"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadLimits(reason=reason)
