"""The form of a campaign."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from reorder.domain.marketing.campaigns import CampaignRow, CampaignTerms
from reorder.insights.campaign_pages import CampaignChoices
from reorder.kernel.formatting import format_units
from reorder.web.marketing.campaigns import words
from reorder.web.marketing.segments.ready_words import say_segments
from reorder.web.marketing.template_names import say_templates
from reorder.web.setup.forms import MomentField


class _Boxes(forms.CheckboxSelectMultiple):
    template_name = "marketing/campaigns/boxes.html"


class CampaignForm(forms.Form):
    """Moments are read and shown on the shop's clock."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput({"class": "form-control"}))
    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9_-]{0,39}$",
        label=_("Code"),
        help_text=_("Small letters, digits, - and _; links and results are known by it."),
        widget=forms.TextInput({"class": "form-control"}),
    )
    segments = forms.MultipleChoiceField(label=_("Goes to members of any of these"), widget=_Boxes)
    excluded_segments = forms.MultipleChoiceField(label=_("But to nobody of these"), required=False, widget=_Boxes)
    template_code = forms.ChoiceField(label=_("Template"), widget=forms.Select({"class": "form-select"}))
    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        choices=words.CHANNELS,
        help_text=_("Of those that reach a person, the one that is answered best for its cost."),
        widget=_Boxes,
    )
    offers = forms.MultipleChoiceField(label=_("Offers to customers"), required=False, widget=_Boxes)
    skus = forms.CharField(
        label=_("Products"),
        required=False,
        help_text=_("SKUs, the most important first, separated by spaces; twelve at most."),
        widget=forms.TextInput({"class": "form-control"}),
    )
    stock_rule = forms.ChoiceField(
        label=_("Products that are out of stock"),
        choices=words.STOCK_RULES,
        widget=forms.Select({"class": "form-select"}),
    )
    timing = forms.ChoiceField(label=_("Hour"), choices=words.TIMINGS, widget=forms.Select({"class": "form-select"}))
    starts_at = MomentField(label=_("Begins"))
    ends_at = MomentField(label=_("Worth anything until"), help_text=_("What has not gone by then does not go."))
    holdout_percent = forms.FloatField(
        label=_("Kept back to measure (%)"),
        min_value=0,
        max_value=50,
        initial=10,
        help_text=_("Without anybody kept back nobody can say what it earned."),
        widget=forms.NumberInput({"class": "form-control", "step": "any"}),
    )
    response_percent = forms.FloatField(
        label=_("Extra orders expected (% of messages)"),
        min_value=0,
        max_value=100,
        initial=2,
        help_text=_("Enters the demand plan before the campaign goes, so that the goods are there."),
        widget=forms.NumberInput({"class": "form-control", "step": "any"}),
    )
    units_each = forms.FloatField(
        label=_("Units of these products in such an order"),
        min_value=0.01,
        max_value=100,
        initial=1,
        widget=forms.NumberInput({"class": "form-control", "step": "any"}),
    )

    def __init__(self, *args: Any, choices: CampaignChoices, has_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_code:
            del self.fields["code"]
        named = say_segments(choices=choices.segment_names)
        segments = [(one, f"{name} ({format_units(choices.members[one])})") for one, name in named]
        _choose(self.fields["segments"], segments)
        _choose(self.fields["excluded_segments"], segments)
        _choose(self.fields["template_code"], say_templates(choices=choices.templates))
        _choose(self.fields["offers"], choices.offers)

    @property
    def terms(self) -> CampaignTerms:
        """What was written."""
        given = self.cleaned_data
        return CampaignTerms(
            name=given["name"].strip(),
            segments=tuple(given["segments"]),
            excluded_segments=tuple(given["excluded_segments"]),
            template_code=given["template_code"],
            channels=tuple(given["channels"]),
            offers=tuple(given["offers"]),
            skus=tuple(dict.fromkeys(given["skus"].replace(",", " ").split())),
            stock_rule=given["stock_rule"],
            timing=given["timing"],
            starts_at=given["starts_at"].astimezone(dt.UTC),
            ends_at=given["ends_at"].astimezone(dt.UTC),
            holdout_share=given["holdout_percent"] / 100,
            response_share=given["response_percent"] / 100,
            units_each=given["units_each"],
        )


def initial_of(*, row: CampaignRow) -> dict[str, Any]:
    """A campaign as its form shows it."""
    terms = row.terms
    return {
        "name": terms.name,
        "segments": terms.segments,
        "excluded_segments": terms.excluded_segments,
        "template_code": terms.template_code,
        "channels": terms.channels,
        "offers": terms.offers,
        "skus": " ".join(terms.skus),
        "stock_rule": terms.stock_rule,
        "timing": terms.timing,
        "starts_at": _on_clock(terms.starts_at),
        "ends_at": _on_clock(terms.ends_at),
        "holdout_percent": terms.holdout_share * 100,
        "response_percent": terms.response_share * 100,
        "units_each": terms.units_each,
    }


def first_values(*, moment: dt.datetime) -> dict[str, Any]:
    """Tomorrow from ten on, for three days, by the template of campaigns: what most want."""
    day = moment.astimezone(ZoneInfo(settings.REORDER.time_zone)).date() + dt.timedelta(days=1)
    starts = dt.datetime.combine(day, dt.time(settings.REORDER.send_hour))
    times = {"starts_at": starts, "ends_at": starts + dt.timedelta(days=3)}
    return {**times, "channels": ["email"], "template_code": "campaign"}


def _choose(field: forms.Field, choices: Any) -> None:
    field.choices = list(choices)  # type: ignore[attr-defined]


def _on_clock(value: dt.datetime | None) -> dt.datetime | None:
    return value.astimezone(ZoneInfo(settings.REORDER.time_zone)).replace(tzinfo=None) if value else None
