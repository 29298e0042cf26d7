"""The form of the limits."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from reorder.domain.marketing.limits import MOST_A_DAY, MOST_A_WEEK, Limits
from reorder.web.marketing.campaigns.words import CHANNELS


def _whole(label: Any, *, most: int, least: int = 0, needed: bool = True, words: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=needed,
        help_text=words,
        widget=forms.NumberInput({"class": "form-control"}),
    )


def _number(label: Any, *, most: float, words: Any = "", needed: bool = True) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        min_value=0,
        max_value=most,
        required=needed,
        help_text=words,
        widget=forms.NumberInput({"class": "form-control", "step": "any"}),
    )


class LimitsForm(forms.Form):
    """All channels together first, then one by one."""

    per_day = _whole(_("In 24 hours at most"), most=MOST_A_DAY, words=_("All channels together."))
    per_week = _whole(_("In seven days at most"), most=MOST_A_WEEK)
    first_hour = _whole(_("From this hour on"), most=23, words=_("On the clock of who gets it."))
    last_hour = _whole(_("Before this hour"), most=24, least=1)
    promise_percent = _number(
        _("Units that one message promises of its goods (%)"),
        most=100,
        words=_("25: four messages go for each unit that is free, until people have answered."),
    )
    margin_percent = _number(_("Margin that an offer must leave (% of the price)"), most=99)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = settings.REORDER.currency
        for code, _name in CHANNELS:
            self.fields[f"day_{code}"] = _whole(_("In 24 hours"), most=MOST_A_DAY, needed=False)
            self.fields[f"week_{code}"] = _whole(_("In seven days"), most=MOST_A_WEEK, needed=False)
            label = _("Cost of one ({currency})").format(currency=currency)
            self.fields[f"cost_{code}"] = _number(label, most=10_000, needed=False)

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields of each channel."""
        return [(name, [self[f"{part}_{code}"] for part in ("day", "week", "cost")]) for code, name in CHANNELS]

    @property
    def limits(self) -> Limits:
        """What was written."""
        given = self.cleaned_data
        pairs = {code: (given[f"day_{code}"], given[f"week_{code}"]) for code, _name in CHANNELS}
        return Limits(
            per_day=given["per_day"],
            per_week=given["per_week"],
            first_hour=given["first_hour"],
            last_hour=given["last_hour"],
            promise_units=given["promise_percent"] / 100,
            margin_floor_share=given["margin_percent"] / 100,
            channel_caps={code: pair for code, pair in pairs.items() if pair != (None, None)},
            costs={code: given[f"cost_{code}"] for code, _name in CHANNELS if given[f"cost_{code}"] is not None},
        )


def initial_of(*, limits: Limits) -> dict[str, Any]:
    """The limits as the form shows them."""
    values: dict[str, Any] = {
        "per_day": limits.per_day,
        "per_week": limits.per_week,
        "first_hour": limits.first_hour,
        "last_hour": limits.last_hour,
        "promise_percent": limits.promise_units * 100,
        "margin_percent": limits.margin_floor_share * 100,
    }
    for code, (day, week) in limits.channel_caps.items():
        values |= {f"day_{code}": day, f"week_{code}": week}
    return values | {f"cost_{code}": cost for code, cost in limits.costs.items()}
