"""What a holdout sees, and the shares that can be chosen: plain rows for the page of a source."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from reorder.engine.effects import STEPS, HoldoutVerdict
from reorder.flows.effects import Power
from reorder.kernel.formatting import format_units
from reorder.web.marketing.results.words import percent


@dataclass(frozen=True, slots=True)
class Notch:
    """One share that can be chosen."""

    percent: str
    label: str
    is_current: bool
    is_looked_at: bool


@dataclass(frozen=True, slots=True)
class SightLine:
    """What is seen after so many weeks."""

    weeks: str
    lift: str


def make_notches(*, current: float, looked_at: float) -> list[Notch]:
    """Shares that can be held out."""
    return [
        Notch(
            percent=f"{one * 100:g}",
            label=f"{one * 100:g}%" if one else _("nobody"),
            is_current=abs(one - current) < 1e-9,
            is_looked_at=abs(one - looked_at) < 1e-9,
        )
        for one in (0.0, *STEPS)
    ]


def make_sight_lines(*, power: Power) -> list[SightLine]:
    """What is seen week by week."""
    return [
        SightLine(
            weeks=format_units(one.weeks),
            lift=_lift(one.sight.least_lift_share),
        )
        for one in power.weeks
    ]


def _lift(share: float | None) -> str:
    if share is None:
        return _("nothing")
    return _("from +{share} on").format(share=percent(share))


def power_sentence(*, power: Power) -> str:
    """Whether a share is worth having."""
    judged = power.verdict
    last = power.weeks[-1]
    if judged.verdict == "none":
        return _("With nobody held out nothing can be proved.")
    if judged.is_silly and judged.suggested_share:
        return _(
            "This share would see too little: {suggested} would see a lift of a quarter within half a year."
        ).format(suggested=percent(judged.suggested_share))
    if judged.is_silly:
        return _("This share would see too little, and so would any other: there are too few people.")
    return _("With {share} held out, lifts {lift} are seen after {weeks} weeks, four times of five.").format(
        share=percent(power.share), lift=_lift(last.sight.least_lift_share), weeks=last.weeks
    )


def sight_sentence(*, judged: HoldoutVerdict) -> str:
    """What people who are held out of one campaign let anybody see of it."""
    seen = judged.sight.least_lift_share
    if judged.verdict == "none":
        return _("With nobody held out nothing can be proved.")
    if judged.is_silly or seen is None:
        return _("Too few people are held out to see anything.")
    return _("Lifts {lift} will be seen, four times of five.").format(lift=_lift(seen))


def base_sentence(*, power: Power) -> str:
    """What the reckoning rests on."""
    given = {"share": percent(power.base_share), "people": format_units(power.people), "days": power.window_days}
    if power.is_base_measured:
        return _(
            "{share} of the people held out so far ordered within their window; {people} people may be written to."
        ).format(**given)
    return _(
        "{share} of the customers of a year order within {days} days anyway; {people} people may be written to."
    ).format(**given)
