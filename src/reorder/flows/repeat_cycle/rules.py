"""What the shop wants of its reminders."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

ITEMS_IN_A_MESSAGE: Final = 5
CAP_DAYS: Final = 7
# A product whose best day comes within so many days joins a message of today: two mails in three days are one too many.
JOIN_DAYS: Final = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """The best `share` of all pairs: `pairs_count` of them at most, and none less likely than `least_share`."""

    share: float
    pairs_count: int
    least_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What decides between pairs that pass their checks; a message must win more than it costs (minor units).

    Shares of customers who are kept back, of reminders and of all marketing, with the salts by which they are drawn.
    """

    as_of: dt.date
    messages_per_week: int
    holdout_share: float
    budget: Budget
    message_cost_minor: float
    currency: str
    global_holdout_share: float = 0.0
    salt: str = "reminders"
    global_salt: str = "global"
