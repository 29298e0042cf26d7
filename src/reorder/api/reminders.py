"""The reminder budget: how many of the likeliest pairs the nights remind, and what every budget would bring."""

import datetime as dt

from ninja import Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import ExactAmount, Given, IdempotencyKey
from reorder.api.paging import as_number
from reorder.domain.staff.rules import Ability
from reorder.engine.repurchase import Lift
from reorder.flows.repeat_cycle import choose_budget
from reorder.insights.reminder_plan import Curve, CurveStep, ReminderPlan, load_plan
from reorder.kernel import clock
from reorder.kernel.money import Money

router = Router(tags=["reminders"])


class ReminderUplift(Schema):
    """What a reminder adds to the orders that would have come anyway."""

    lift_share: float = Field(description="0.1: one tenth more orders.")
    low_share: float = Field(description="Lower end of the 95 % interval.")
    high_share: float = Field(description="Upper end of the 95 % interval.")
    is_learned: bool = Field(description="false: mostly assumed, because too few customers could be compared yet.")
    treated_customers: int
    held_out_customers: int


class ReminderBudgetStep(Schema):
    """What the best `budget_share` of all pairs would bring in a night like the last one."""

    budget_share: float
    pairs_count: int
    least_share: float = Field(description="Hit share of the least likely of these pairs.")
    expected_hits: float = Field(description="Of these pairs, those bought within 3 days of their best day.")
    hit_share: float
    messages_count: int = Field(description="Messages that would go out, one a customer.")
    products_count: int = Field(description="Products that these messages name.")
    held_out_count: int = Field(description="Messages kept back to measure what reminders earn.")
    extra_orders: float
    extra_margin: ExactAmount | None = Field(
        description="After the cost of the messages; null where no margin is known."
    )
    no_consent_count: int = Field(description="Due pairs kept back for want of consent or an address.")
    no_stock_count: int = Field(description="Due pairs that wait for stock.")


class ReminderBudget(Schema):
    """The budget in force, and the preview of all that can be chosen."""

    budget_share: float = Field(description="Share of all pairs that the next night reminds at most, the best first.")
    decided_by: str | None = Field(description="null while nobody has chosen.")
    decided_at: dt.datetime | None
    floor_share: float = Field(description="Less likely pairs are never reminded, whatever the budget.")
    uplift: ReminderUplift
    as_of_date: dt.date | None = Field(description="The night that counted the steps; null before the first one.")
    pairs_count: int
    floor_pairs_count: int = Field(description="Pairs that reach the floor.")
    currency: str | None
    steps: list[ReminderBudgetStep]


class ReminderBudgetBody(Given):
    """What to keep to from the next night on."""

    budget_share: float = Field(ge=0, le=1, strict=True, description="One of the steps' shares.")


@reads(
    router,
    "/reminders/budget",
    ability=Ability.VIEW_MARKETING_MESSAGES,
    answer=ReminderBudget,
    summary="Show the reminder budget and what every other one would bring",
)
def get_reminder_budget(request: ApiRequest) -> ReminderBudget:
    return _budget(load_plan())


@writes(
    router,
    "/reminders/budget",
    ability=Ability.DECIDE_MARKETING_MESSAGES,
    answers={200: ReminderBudget},
    summary="Choose the reminder budget of the nights from now on",
    method="PUT",
)
def put_reminder_budget(request: ApiRequest, idempotency_key: IdempotencyKey, body: ReminderBudgetBody) -> Written:
    choose_budget(share=body.budget_share, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(status=200, body=_budget(load_plan()))


def _budget(plan: ReminderPlan) -> ReminderBudget:
    latest, curve = plan.policies[0] if plan.policies else None, plan.curve
    return ReminderBudget(
        budget_share=plan.share,
        decided_by=latest.decided_by if latest else None,
        decided_at=latest.decided_at if latest else None,
        floor_share=plan.floor_share,
        uplift=_uplift(plan.overall),
        as_of_date=plan.as_of_date,
        pairs_count=curve.pairs_count if curve else 0,
        floor_pairs_count=curve.floor_pairs_count if curve else 0,
        currency=curve.currency if curve else None,
        steps=[_step(step, curve=curve) for step in curve.steps] if curve else [],
    )


def _uplift(lift: Lift) -> ReminderUplift:
    return ReminderUplift(
        lift_share=as_number(lift.lift_share),
        low_share=as_number(lift.low_share),
        high_share=as_number(lift.high_share),
        is_learned=lift.is_learned,
        treated_customers=lift.treated_customers,
        held_out_customers=lift.held_out_customers,
    )


def _step(step: CurveStep, *, curve: Curve) -> ReminderBudgetStep:
    margin = step.extra_margin_minor
    return ReminderBudgetStep(
        budget_share=step.share,
        pairs_count=step.pairs_count,
        least_share=as_number(step.least_share),
        expected_hits=as_number(step.hits),
        hit_share=as_number(step.hit_share),
        messages_count=step.messages_count,
        products_count=step.named_count,
        held_out_count=step.held_out_count,
        extra_orders=as_number(step.extra_orders),
        extra_margin=None if margin is None else Money(round(margin), curve.currency).major,
        no_consent_count=step.no_consent_count,
        no_stock_count=step.no_stock_count,
    )
