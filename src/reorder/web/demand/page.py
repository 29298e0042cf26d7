"""Everything that the page of a plan shows, put together from one load of its weeks."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from reorder.insights.demand_page import (
    AdjustmentLine,
    Named,
    Selection,
    Week,
    find_accuracy,
    list_adjustments,
    list_weeks,
    name_selection,
)
from reorder.kernel.clock import current_date
from reorder.kernel.formatting import format_units
from reorder.web.charts import Chart
from reorder.web.demand.forms import AdjustmentForm, new_nonce
from reorder.web.demand.picture import list_scores, make_waterfall, make_weeks, say_gate


@dataclass(frozen=True, slots=True)
class DemandPage:
    """What `demand/index.html` draws; `weeks` are the planned ones, empty when nothing is planned."""

    named: Named
    title: str
    said: str
    weeks: Sequence[Week]
    week: str
    weeks_chart: Chart | None
    parts_chart: Chart | None
    scores: Sequence[tuple[str, str, str, str]]
    looks_count: int
    gate: str
    adjustments: Sequence[AdjustmentLine]
    form: AdjustmentForm | None
    change_units: float | None
    is_stale: bool


def make_demand_page(
    *,
    selection: Selection,
    places: Sequence[tuple[str, str]],
    may_adjust: bool,
    week: str,
    language: str,
    form: AdjustmentForm | None = None,
) -> DemandPage:
    """`week` is the number of a planned week from 1, or empty for all; `form` is one that was sent and refused."""
    today = current_date(time_zone=settings.REORDER.time_zone)
    named = name_selection(selection=selection)
    weeks = list_weeks(selection=selection)
    planned = [one for one in weeks if one.number >= 0]
    past = [one for one in weeks if one.number < 0]
    chosen = [one for one in planned if str(one.number + 1) == week] or planned
    compared = [one for one in planned if one.previous_units is not None]
    changes = [one.mean_units - (one.previous_units or 0.0) for one in compared]
    if form is None and selection.scope == "subject" and may_adjust and planned:
        form = AdjustmentForm(initial=_initial(selection=selection, today=today), places=places, today=today)
    accuracy = find_accuracy(selection=selection)
    return DemandPage(
        named=named,
        title=named.name if selection.scope != "shop" else _("Demand"),
        said=_say(planned=planned, changes=changes),
        weeks=planned,
        week=week if len(chosen) == 1 else "",
        weeks_chart=make_weeks(past=past, planned=planned, language=language) if planned else None,
        parts_chart=make_waterfall(weeks=chosen) if planned else None,
        scores=list_scores(accuracy=accuracy),
        looks_count=accuracy.origins_count,
        gate=say_gate(accuracy=accuracy) if accuracy.judged_count else "",
        adjustments=list_adjustments(selection=selection, from_date=planned[0].date) if planned else [],
        form=form,
        change_units=sum(changes) if compared else None,
        is_stale=named.as_of is not None and (today - named.as_of).days >= 2,
    )


def _initial(*, selection: Selection, today: dt.date) -> dict[str, object]:
    return {
        "subject": selection.key,
        "nonce": new_nonce(),
        "from_date": today.isoformat(),
        "until_date": (today + dt.timedelta(days=6)).isoformat(),
        "place": selection.place or "*",
    }


def _say(*, planned: Sequence[Week], changes: Sequence[float]) -> str:
    if not planned:
        return _("Nothing is planned here yet.")
    total = format_units(sum(one.mean_units for one in planned))
    if not changes:
        return _("{units} units in the next {weeks} weeks. The plan of the night before was not kept.").format(
            units=total, weeks=len(planned)
        )
    change = sum(changes)
    if abs(change) < 0.5:
        return _("{units} units in the next {weeks} weeks, as the night before.").format(
            units=total, weeks=len(planned)
        )
    if change > 0:
        return _("{units} units in the next {weeks} weeks, {change} more than the night before.").format(
            units=total, weeks=len(planned), change=format_units(change)
        )
    return _("{units} units in the next {weeks} weeks, {change} fewer than the night before.").format(
        units=total, weeks=len(planned), change=format_units(-change)
    )
