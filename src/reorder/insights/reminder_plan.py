"""What the choice of a reminder budget rests on: the curve that a night drew, the uplift, and earlier choices."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.conf import settings

from reorder.domain.planning import learned as store
from reorder.domain.planning import reminders as planning
from reorder.domain.planning.reminders import PolicyRow
from reorder.engine.repurchase import Lift, Uplift, assume_uplift

CURVE_KIND: Final = "reminders"
UPLIFT_KIND: Final = "uplift"
VERSION: Final = 1
_POLICIES_SHOWN: Final = 10
# Shares that can be chosen. Without a choice everything that reaches the floor is reminded, as with the last one.
STEPS: Final = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveStep:
    """What the best `share` of all pairs would bring.

    Of all pairs: `pairs_count`, `least_share` (hit share of the last of them), `hits` (purchases within ±3 days).
    Of tonight's candidates among them: `due_count`, `no_consent_count`, `no_stock_count` (kept back for these reasons),
    and what goes out: `messages_count` to as many customers, `named_count` products, `held_out_count` messages kept
    back to measure; of what goes out `named_hits`, `extra_orders`, `extra_margin_minor` (after the messages' cost; None
    where no margin is known).
    """

    share: float
    pairs_count: int
    least_share: float
    hits: float
    due_count: int = 0
    no_consent_count: int = 0
    no_stock_count: int = 0
    messages_count: int = 0
    named_count: int = 0
    held_out_count: int = 0
    named_hits: float = 0.0
    extra_orders: float = 0.0
    extra_margin_minor: float | None = 0.0

    @property
    def hit_share(self) -> float:
        """Share of these pairs that is bought within ±3 days of the remind date."""
        return self.hits / self.pairs_count if self.pairs_count else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """All steps as one night found them; pairs below `floor_share` are never reminded."""

    pairs_count: int
    floor_share: float
    floor_pairs_count: int
    currency: str
    message_cost_minor: float
    steps: Sequence[CurveStep]

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, *, values: Mapping[str, Any]) -> "Curve":
        """What `as_json` wrote."""
        return cls(**{**values, "steps": tuple(CurveStep(**one) for one in values["steps"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPlan:
    """Everything that somebody who chooses a budget should see.

    `curve` and its `as_of_date` are None before the first night; `share` is what the next night keeps to.
    """

    share: float
    policies: Sequence[PolicyRow]
    curve: Curve | None
    as_of_date: dt.date | None
    uplift: Uplift
    delivery_days: int
    floor_share: float

    @property
    def overall(self) -> Lift:
        """The uplift of all reminders together."""
        return self.uplift.overall

    def step_at(self, *, share: float) -> CurveStep | None:
        """What this share would bring; None for a share that is no step, or before the first night."""
        steps = self.curve.steps if self.curve else ()
        return next((step for step in steps if abs(step.share - share) < 1e-9), None)


def load_plan() -> ReminderPlan:
    """The plan as it stands."""
    policies = planning.list_policies(limit=_POLICIES_SHOWN)
    row = store.find_learned(kind=CURVE_KIND)
    content = _content(row_id=row.id if row and row.version == VERSION else None)
    return ReminderPlan(
        share=policies[0].budget_share if policies else STEPS[-1],
        policies=policies,
        curve=Curve.from_json(values=content) if content else None,
        as_of_date=row.as_of_date if row and content else None,
        uplift=load_uplift(),
        delivery_days=settings.REORDER.delivery_days,
        floor_share=settings.REORDER.reminder_minimum_share,
    )


def has_curve(*, as_of: dt.date) -> bool:
    """Whether the night of this day has drawn its curve."""
    row = store.find_learned(kind=CURVE_KIND)
    return row is not None and row.version == VERSION and row.as_of_date == as_of


def load_uplift() -> Uplift:
    """What was learned last of what reminders add; the assumption before anything was."""
    row = store.find_learned(kind=UPLIFT_KIND)
    content = _content(row_id=row.id if row and row.version == VERSION else None)
    return Uplift.from_json(values=content) if content else assume_uplift()


def _content(*, row_id: int | None) -> Any:
    content = store.read_content(row_id=row_id) if row_id else b""
    return json.loads(content) if content else None
