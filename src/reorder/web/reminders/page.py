"""What the reminder plan says, in the reader's language: plain rows for the template."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.engine.repurchase import Lift
from reorder.insights.reminder_plan import STEPS, Curve, CurveStep, ReminderPlan
from reorder.kernel.formatting import format_amount, format_money, format_share, format_units
from reorder.kernel.money import minor_digits
from reorder.web.charts import Chart, Series
from reorder.web.reminders.words import LATENESS, budget_name, percent_of
from reorder.web.templatetags.reorder import share

# Rows of the table; the slider knows the shares between as well.
_TABLE_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name and what stands behind it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Notch:
    """One place of the slider."""

    percent: str
    label: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table of budgets."""

    name: str
    of_all: Sequence[str]
    tonight: Sequence[str]
    is_current: bool
    is_looked_at: bool
    is_beyond_floor: bool


@dataclass(frozen=True, slots=True)
class LiftLine:
    """One row of the table of uplifts."""

    name: str
    customers: str
    bought: str
    lift: str
    is_learned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Everything about one budget, before it is chosen."""

    share: float
    percent: str
    name: str
    is_current: bool
    of_all: Sequence[Figure]
    tonight: Sequence[Figure]
    floor_sentence: str


def make_notches(*, share: float) -> list[Notch]:
    """The places of the slider, that of `share` marked."""
    return [
        Notch(percent=percent_of(one), label=f"{percent_of(one)}%", is_current=abs(one - share) < 1e-9) for one in STEPS
    ]


def make_preview(*, plan: ReminderPlan, share: float) -> Preview | None:
    """What the best `share` of the pairs would bring; None before the first night has counted."""
    step, curve = plan.step_at(share=share), plan.curve
    if step is None or curve is None:
        return None
    return Preview(
        share=share,
        percent=percent_of(share),
        name=budget_name(share),
        is_current=abs(plan.share - share) < 1e-9,
        of_all=_of_all(step=step, curve=curve),
        tonight=_tonight(step=step, curve=curve, lift=plan.overall),
        floor_sentence=_floor_sentence(curve=curve, step=step),
    )


def _of_all(*, step: CurveStep, curve: Curve) -> list[Figure]:
    return [
        Figure(
            _("Pairs"), format_units(step.pairs_count), _("of {count}").format(count=format_units(curve.pairs_count))
        ),
        Figure(_("Expected hits"), format_units(step.hits), _("bought within 3 days of their best day")),
        Figure(_("Hit share"), format_share(step.hit_share), _("of these pairs")),
        Figure(
            _("The last of them"),
            format_share(step.least_share) if step.pairs_count else "–",
            _("chance to be bought within these days"),
        ),
    ]


def _tonight(*, step: CurveStep, curve: Curve, lift: Lift) -> list[Figure]:
    held = ngettext("{count} more kept back to measure", "{count} more kept back to measure", step.held_out_count)
    basis = _("learned") if lift.is_learned else _("assumed")
    added = _("at {share} more orders, {basis}").format(share=format_lift(lift.lift_share), basis=basis)
    return [
        Figure(_("Messages"), format_units(step.messages_count), held.format(count=format_units(step.held_out_count))),
        Figure(
            _("Products in them"),
            format_units(step.named_count),
            _("{hits} of them bought within 3 days").format(hits=format_units(step.named_hits)),
        ),
        Figure(_("Extra orders"), format_units(step.extra_orders), added),
        Figure(_("Extra margin"), _margin(step=step, curve=curve), _cost(curve)),
        Figure(_("Kept back: no consent"), format_units(step.no_consent_count), _("or no address, or paused")),
        Figure(_("Kept back: no stock"), format_units(step.no_stock_count), _("they wait for a delivery")),
    ]


def _margin(*, step: CurveStep, curve: Curve) -> str:
    if step.extra_margin_minor is None:
        return _("not known")
    major = step.extra_margin_minor / 10 ** minor_digits(currency=curve.currency)
    return format_amount(major, currency=curve.currency)


def _cost(curve: Curve) -> str:
    if not curve.message_cost_minor:
        return _("messages cost nothing")
    cost = format_money(round(curve.message_cost_minor), currency=curve.currency)
    return _("after {cost} a message").format(cost=cost)


def _floor_sentence(*, curve: Curve, step: CurveStep) -> str:
    """Where the floor ends what budgets can do."""
    floor = format_share(curve.floor_share)
    reached = curve.floor_pairs_count / curve.pairs_count if curve.pairs_count else 0.0
    given = {
        "floor": floor,
        "count": format_units(curve.floor_pairs_count),
        "all": format_units(curve.pairs_count),
        "share": f"{reached * 100:.1f}%",
    }
    if step.pairs_count > curve.floor_pairs_count:
        return _(
            "Pairs less likely than {floor} are never reminded, whatever the budget: {count} of {all} pairs ({share}) "
            "reach that, so this budget brings no more messages than those."
        ).format(**given)
    return _(
        "Pairs less likely than {floor} are never reminded, whatever the budget; {count} of {all} pairs ({share}) "
        "reach that."
    ).format(**given)


def make_lines(*, plan: ReminderPlan, share: float) -> list[Line]:
    """The table of budgets."""
    if plan.curve is None:
        return []
    return [
        Line(
            name=budget_name(step.share),
            of_all=[format_units(step.pairs_count), format_units(step.hits), format_share(step.hit_share)],
            tonight=_tonight_cells(step=step, curve=plan.curve),
            is_current=abs(step.share - plan.share) < 1e-9,
            is_looked_at=abs(step.share - share) < 1e-9,
            is_beyond_floor=step.pairs_count > plan.curve.floor_pairs_count,
        )
        for step in plan.curve.steps
        if any(abs(step.share - one) < 1e-9 for one in (*_TABLE_STEPS, share, plan.share)) and step.share > 0
    ]


def _tonight_cells(*, step: CurveStep, curve: Curve) -> list[str]:
    return [
        format_units(step.messages_count),
        format_units(step.extra_orders),
        _margin(step=step, curve=curve),
        format_units(step.no_consent_count),
        format_units(step.no_stock_count),
    ]


def make_chart(*, plan: ReminderPlan) -> Chart | None:
    """How the hit share falls as the budget grows; None where there is no pair."""
    steps = [step for step in plan.curve.steps if step.share > 0] if plan.curve else []
    if not steps or not steps[-1].pairs_count:
        return None
    few, many = (next(step for step in steps if abs(step.share - one) < 1e-9) for one in (0.01, 0.2))
    title = _("Of the best 1% of pairs {few} are bought within 3 days of their best day, of the best 20% {many}")
    return Chart(
        id="budget-curve",
        title=title.format(few=format_share(few.hit_share), many=format_share(many.hit_share)),
        labels=[f"{percent_of(step.share)}%" for step in steps],
        series=[
            Series(name=_("hit share"), values=[round(step.hit_share * 100, 1) for step in steps]),
            Series(
                name=_("last pair"),
                values=[round(step.least_share * 100, 1) for step in steps],
                colour="quiet",
                is_dashed=True,
            ),
        ],
        unit="%",
        axis_name=_("best share of pairs"),
        note=_(
            "Predicted, not yet measured: the page Prediction quality says how such predictions turned out. The dashed "
            "line is the least likely pair that the budget takes in."
        ),
    )


def uplift_sentence(*, plan: ReminderPlan) -> str:
    """What a reminder is taken to add, and why."""
    lift = plan.overall
    given = {
        "lift": format_lift(lift.lift_share),
        "low": format_lift(lift.low_share),
        "high": format_lift(lift.high_share),
        "treated": format_units(lift.treated_customers),
        "held": format_units(lift.held_out_customers),
    }
    if lift.is_learned:
        return _(
            "Learned from {treated} reminded and {held} held-out customers: a reminder brings {lift} orders, between "
            "{low} and {high} with 95%."
        ).format(**given)
    if lift.learned_share > 0:
        return _(
            "Mostly assumed: a reminder brings {lift} orders, between {low} and {high} with 95%. So far {treated} "
            "reminded and {held} held-out customers can be compared, too few to learn from alone."
        ).format(**given)
    return _(
        "Assumed, not learned: a reminder brings {lift} orders, between {low} and {high} with 95%. It is learned from "
        "the customers who are held out, once their days have passed."
    ).format(**given)


def make_lift_lines(*, plan: ReminderPlan) -> list[LiftLine]:
    """The uplift of everybody and by when the parcel comes; empty before anybody could be compared."""
    if not plan.overall.treated_customers and not plan.overall.held_out_customers:
        return []
    shown = [lift for lift in plan.uplift.lifts if not lift.evidence]
    return [_lift_line(lift) for lift in shown]


def _lift_line(lift: Lift) -> LiftLine:
    interval = _("{lift} ({low} to {high})").format(
        lift=format_lift(lift.lift_share), low=format_lift(lift.low_share), high=format_lift(lift.high_share)
    )
    return LiftLine(
        name=str(LATENESS[lift.lateness]),
        customers=f"{format_units(lift.treated_customers)} / {format_units(lift.held_out_customers)}",
        bought=f"{share(lift.treated_share)} / {share(lift.held_out_share)}",
        lift=interval,
        is_learned=lift.is_learned,
    )


def format_lift(share: float) -> str:
    """A relative change with its sign: `+10%`, `−3%`."""
    percent = round(share * 100)
    return f"+{percent}%" if percent >= 0 else f"−{-percent}%"
