"""`reorder reminders budget`: how many of the likeliest pairs the nights remind, and what every budget would bring."""

import dataclasses
import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext as _

from reorder.cli.screen import local_time, say, show_json, show_table
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import format_amount, format_share, format_units
from reorder.kernel.money import minor_digits

if TYPE_CHECKING:
    from reorder.insights.reminder_plan import CurveStep, ReminderPlan

reminders = typer.Typer(help="Reminders: how many, and what they would bring.", no_args_is_help=True)


class BadShare(BadInput):
    code = "reminders.bad_share"
    template = "{text!r} is not a share in percent. Write for example 5 or 0.5. See: reorder reminders budget"


@reminders.command("budget")
def budget(
    share: Annotated[
        str | None, typer.Argument(metavar="SHARE", help="Percent of all pairs to remind, the best first.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable; shares from 0 to 1.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who decides.", default_factory=getpass.getuser, show_default="you")],
) -> None:
    """Show what every budget would bring in a night; with SHARE, choose one for the nights from now on."""
    chosen = _share_of(share) if share is not None else None
    start_application()
    from reorder.flows.repeat_cycle import choose_budget
    from reorder.insights.reminder_plan import load_plan
    from reorder.kernel import clock

    if chosen is not None:
        choose_budget(share=chosen, decided_by=by, moment=clock.current_moment())
    plan = load_plan()
    if as_json:
        show_json(_document(plan))
        return
    _show_plan(plan)


def _share_of(text: str) -> float:
    """A share from percent as people write it; raises BadShare."""
    try:
        percent = float(text.strip().rstrip("%"))
    except ValueError:
        raise BadShare(text=text) from None
    return percent / 100


def _show_plan(plan: "ReminderPlan") -> None:
    if plan.policies:
        latest = plan.policies[0]
        say(
            _("The best {percent}% of pairs are reminded, as {name} chose on {moment}.").format(
                percent=_percent(plan.share), name=latest.decided_by, moment=local_time(latest.decided_at)
            )
        )
    else:
        say(_("Nobody has chosen a budget yet: everything that is likely enough is reminded."))
    if plan.curve is None:
        say(_("What each budget would bring is counted by the next night: reorder plan"))
        return
    columns = [
        _("budget"),
        _("pairs"),
        _("hit share"),
        _("messages"),
        _("extra orders"),
        _("extra margin"),
        _("kept back"),
    ]
    currency = plan.curve.currency
    show_table(
        columns=columns,
        rows=[_row(step, currency=currency) for step in plan.curve.steps],
        right=set(range(1, len(columns))),
    )
    _show_notes(plan)


def _show_notes(plan: "ReminderPlan") -> None:
    lift = plan.overall
    known = _("learned from {treated} reminded and {held} held-out customers") if lift.is_learned else _("assumed")
    said = known.format(treated=lift.treated_customers, held=lift.held_out_customers)
    say(
        _("Extra orders at {lift}% more by a reminder ({low}% to {high}%), {known}.").format(
            lift=round(lift.lift_share * 100),
            low=round(lift.low_share * 100),
            high=round(lift.high_share * 100),
            known=said,
        )
    )
    say(
        _("Pairs less likely than {floor} are never reminded (REORDER_REMINDER_MINIMUM_SHARE).").format(
            floor=format_share(plan.floor_share)
        )
    )
    say(_("Kept back: due, but without consent or out of stock."))
    say(_("Choose with: reorder reminders budget PERCENT"))


def _row(step: "CurveStep", *, currency: str) -> list[str]:
    margin = step.extra_margin_minor
    return [
        f"{_percent(step.share)}%",
        format_units(step.pairs_count),
        format_share(step.hit_share),
        format_units(step.messages_count),
        format_units(step.extra_orders),
        "?" if margin is None else format_amount(margin / 10 ** minor_digits(currency=currency), currency=currency),
        format_units(step.no_consent_count + step.no_stock_count),
    ]


def _percent(share: float) -> str:
    return f"{round(share * 100, 4):g}"


def _document(plan: "ReminderPlan") -> dict[str, Any]:
    overall = dataclasses.asdict(plan.overall) | {"is_learned": plan.overall.is_learned}
    return {
        "budget_share": plan.share,
        "floor_share": plan.floor_share,
        "as_of_date": plan.as_of_date,
        "uplift": overall,
        "curve": plan.curve.as_json() if plan.curve else None,
    }


def register(app: typer.Typer) -> None:
    """Add this part's commands."""
    app.add_typer(reminders, name="reminders")
