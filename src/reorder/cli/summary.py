"""The one-page summary of a night: who is due, what to buy, what to expect, which messages go out."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import Entry, head, say, show_entries, show_table

if TYPE_CHECKING:
    from reorder.flows.nightly import NightReport
    from reorder.insights.demand import PlanOutlook
    from reorder.insights.due import DueLine


def show_summary(*, as_of: dt.date, size: int) -> None:
    """Print the answers of the last night: `size` due customers and proposals, three forecasts, the outbox."""
    from django.conf import settings

    from reorder.insights.demand import list_outlooks
    from reorder.insights.due import list_due

    due = list_due(as_of=as_of, days=7, limit=size, translate=_)
    head(_("Likely to buy again in the next 7 days (the {count} surest)").format(count=len(due)))
    show_entries(due_entries(due))
    _show_proposals(size=size)
    outlooks = list_outlooks(as_of=as_of, time_zone=settings.REORDER.time_zone, size=3)
    head(_("Demand plan: weeks sold │ weeks planned"))
    for outlook in outlooks:
        _show_outlook(outlook)
    _show_messages()


def due_entries(lines: Sequence["DueLine"]) -> list[Entry]:
    """Due customers as entries: who and what, the dates with their bands, and the evidence in words."""
    return [
        Entry(
            title=f"{line.customer_name or line.customer_key} · {line.product_name}",
            facts=[
                _("due {date}").format(date=f"{line.due_date:%m-%d}"),
                _("50%: {band}").format(band=_band(line.half_band)),
                _("80%: {band}").format(band=_band(line.wide_band)),
                _("within 3 days of {date}: {share:.0%}").format(
                    date=f"{line.remind_date:%m-%d}", share=line.remind_hit_share
                ),
            ],
            reason=line.reason,
        )
        for line in lines
    ]


def _band(band: tuple[dt.date, dt.date]) -> str:
    return f"{band[0]:%m-%d}…{band[1]:%m-%d}"


def _show_proposals(*, size: int) -> None:
    from reorder.cli.buying import proposal_entries
    from reorder.domain.purchasing.queries import list_open_proposals

    proposals = list_open_proposals()
    shown = proposals[:size]
    head(
        _("Purchase proposals (the {size} with most money at risk, of {count})").format(
            size=len(shown), count=len(proposals)
        )
    )
    show_entries(proposal_entries(shown))
    if proposals:
        say(_("Approve with: reorder approve --all, or see: reorder proposals"))


def _show_outlook(outlook: "PlanOutlook") -> None:
    from reorder.engine.reasons import translate_words
    from reorder.insights.demand import draw_bars

    top = max([*outlook.sold_by_week, *outlook.planned_high_by_week, 1.0])
    past = draw_bars(values=outlook.sold_by_week, top=top)
    plan = draw_bars(values=outlook.planned_by_week, top=top)
    high = draw_bars(values=outlook.planned_high_by_week, top=top)
    say()
    say(f"{outlook.product_name} ({outlook.sku})")
    say(f"  {past}│{plan}   " + _("90% line: {high}").format(high=high))
    weeks = ", ".join(_units(units) for units in outlook.planned_by_week)
    say(
        "  "
        + _("next weeks: {weeks} units; {known} of {total} from customers we know; committed {committed}").format(
            weeks=weeks,
            known=_units(outlook.known_customers_units),
            total=_units(outlook.total_units),
            committed=_units(outlook.committed_units),
        )
    )
    say(
        "  "
        + _("{kind} demand; methods: {methods}").format(
            kind=translate_words(text=outlook.demand_class.replace("_", " "), translate=_),
            methods=translate_words(text=", ".join(outlook.methods), translate=_),
        )
    )


def _units(units: float) -> str:
    """Rounded for a person; few units keep a decimal, so that the weeks add up."""
    return f"{units:,.0f}" if units >= 10 or units == 0 else f"{units:.1f}"


def _show_messages() -> None:
    from reorder.cli.messages import message_entries
    from reorder.domain.messaging.queries import count_messages_by_state, list_messages

    counts = count_messages_by_state()
    head(_("Messages"))
    say(", ".join(f"{word(state)}: {count}" for state, count in sorted(counts.items())) or _("none planned"))
    show_entries(message_entries(list_messages(state="planned", limit=5)))


def show_steps(*, report: "NightReport") -> None:
    """Print the steps of a night with their times and row counts."""
    head(_("Night of {date}").format(date=report.run.as_of_date))
    rows = [
        [
            word(step.name),
            word(step.state),
            f"{step.seconds:.1f}" if step.seconds is not None else "",
            f"{step.rows_read:,}",
            f"{step.rows_written:,}",
            step.error,
        ]
        for step in report.steps
    ]
    columns = [_("step"), _("state"), _("seconds"), _("rows read"), _("rows written"), _("error")]
    show_table(columns=columns, rows=rows, right={2, 3, 4})
    for refused in [fault for step in report.steps for fault in step.details.get("failed", [])]:
        say(_("Not imported: {fault}").format(fault=refused))
    total = sum(step.seconds or 0.0 for step in report.steps)
    say(_("{seconds:.1f} s in all").format(seconds=total))
