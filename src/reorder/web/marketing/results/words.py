"""Words of the results: sources, measures, and what an interval means."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.marketing.effect_figures import FigureRow
from reorder.domain.marketing.proof import GLOBAL_KIND
from reorder.flows.journeys.ready_made import READY_MADE
from reorder.insights.effects import FEWEST_HELD_OUT, Part, Result
from reorder.kernel.formatting import format_amount, format_rate, format_units
from reorder.kernel.money import minor_digits
from reorder.web.marketing.journeys.words import name_of as name_of_journey

KINDS: Final[Mapping[str, Promise]] = {
    GLOBAL_KIND: gettext_lazy("All marketing"),
    "journey": gettext_lazy("Journey"),
    "campaign": gettext_lazy("Campaign"),
    "reminder": gettext_lazy("Reminders"),
}
MEASURES: Final[Mapping[str, Promise]] = {
    "buyers": gettext_lazy("People who ordered"),
    "orders": gettext_lazy("Orders"),
    "revenue": gettext_lazy("Revenue"),
    "margin": gettext_lazy("Margin"),
    "unsubscribes": gettext_lazy("Refusals"),
    "complaints": gettext_lazy("Complaints"),
}
SHARES: Final = frozenset({"buyers", "unsubscribes", "complaints"})
MONEY: Final = frozenset({"revenue", "margin"})
# Below it a share alone would sound surer than it is.
FEW_EXPOSURES: Final = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is proved, as a mark (good, bad, soon or quiet), a word and a sentence."""

    tone: str
    word: str
    sentence: str


def name_of(result: Result) -> str:
    """What people call a source."""
    if result.source_kind == GLOBAL_KIND:
        return str(KINDS[GLOBAL_KIND])
    if result.source_kind == "reminder":
        return _("Reminders of what is due")
    made = READY_MADE.get(result.name.ready_made)
    return name_of_journey(name=result.name.name, code=result.source_key, made_name=made.name if made else "")


def kind_of(result: Result) -> str:
    """What kind of source it is, where its name does not say so."""
    if result.source_kind in {GLOBAL_KIND, "reminder"}:
        return ""
    return str(KINDS.get(result.source_kind, result.source_kind))


def judge(part: Part) -> Verdict:
    """What the margin of a part proves."""
    margin = part.figures.get("margin")
    if margin is None:
        return Verdict("quiet", _("not measured"), _("Not measured yet: the night does."))
    if not part.held_out_people:
        sentence = _("Nobody was held out so far, so nobody can tell what it earned.")
        return Verdict("quiet", _("no comparison"), sentence)
    if not part.is_comparable:
        sentence = _("{held} customers were held out so far; from {fewest} on it can be compared.").format(
            held=format_units(part.held_out_people), fewest=FEWEST_HELD_OUT
        )
        return Verdict("quiet", _("too early"), sentence)
    total, low, high = (
        money_of(value * margin.treated_count) for value in (margin.difference, margin.low, margin.high)
    )
    if margin.low > 0:
        return Verdict(
            "good",
            _("earned"),
            _("It earned {total} of margin that would not have come anyway, between {low} and {high}.").format(
                total=total, low=low, high=high
            ),
        )
    if margin.high < 0:
        return Verdict(
            "bad",
            _("lost money"),
            _(
                "It cost {total} of margin, between {low} and {high}: without it the shop would have earned more."
            ).format(
                total=money_of(-margin.difference * margin.treated_count),
                low=money_of(-margin.high * margin.treated_count),
                high=money_of(-margin.low * margin.treated_count),
            ),
        )
    return Verdict(
        "soon",
        _("not proved"),
        _("Not proved yet: what it earned lies between {low} and {high}.").format(low=low, high=high),
    )


def money_of(minor: float) -> str:
    """An estimate in minor units of the shop's currency."""
    if not isfinite(minor):
        return "∞" if minor > 0 else "−∞"
    currency = settings.REORDER.currency
    return minus(format_amount(minor / 10 ** minor_digits(currency=currency), currency=currency))


def minus(text: str) -> str:
    """A number with a minus sign instead of a hyphen."""
    return f"−{text[1:]}" if text.startswith("-") else text


def value_of(figure: FigureRow, value: float, *, trials: int) -> str:
    """The mean of so many exposures, as its measure is said; of few of them with the numbers behind the share."""
    if figure.measure in SHARES and trials < FEW_EXPOSURES:
        return _("{share} ({count} of {all})").format(share=percent(value), count=round(value * trials), all=trials)
    if figure.measure in SHARES:
        return percent(value)
    return money_of(value) if figure.measure in MONEY else f"{value:.2f}"


def gap_of(figure: FigureRow) -> str:
    """What the treated had more, with its interval."""
    if not isfinite(figure.low):
        return _("not known yet")
    said = (_signed(figure, one) for one in (figure.difference, figure.low, figure.high))
    difference, low, high = said
    return _("{difference} ({low} to {high})").format(difference=difference, low=low, high=high)


def total_of(figure: FigureRow) -> str:
    """What all treated exposures brought more, with its interval."""
    if not isfinite(figure.low):
        return _("not known yet")
    totals = [one * figure.treated_count for one in (figure.difference, figure.low, figure.high)]
    total, low, high = (money_of(one) if figure.measure in MONEY else minus(format_units(one)) for one in totals)
    return _("{total} ({low} to {high})").format(total=total, low=low, high=high)


def percent(share: float) -> str:
    """A share with the decimals that small ones need: `0.12%`, `4.5%`, `10%`."""
    return format_rate(share)


def _signed(figure: FigureRow, value: float) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else ""
    if figure.measure in SHARES:
        return f"{sign}{percent(abs(value))}"
    return f"{sign}{money_of(abs(value))}" if figure.measure in MONEY else f"{sign}{abs(value):.2f}"
