"""What the shop lays down about law and custom, as a form reads it."""

import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.messaging.compliance import KEPT_DAYS, Policy
from reorder.domain.messaging.topic_rules import TopicRow
from reorder.web.setup.forms import SetupForm

_HOURS: Final = re.compile(r"(\*|[A-Z]{2})\s*[:=]?\s*(\d{1,2})\s*[-–~至]\s*(\d{1,2})")
_AREA: Final = {"rows": 4}


class PolicyForm(SetupForm):
    """The rules that hold from the next message on."""

    postal_address = forms.CharField(
        label=gettext_lazy("Postal address"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Stands at the foot of every marketing mail, as CAN-SPAM asks."),
    )
    has_double_opt_in = forms.BooleanField(
        label=gettext_lazy("Sign-ups are confirmed by mail (double opt-in)"),
        required=False,
        help_text=gettext_lazy("Without it anybody can sign up somebody else. Germany and Austria expect it."),
    )
    minimum_age = forms.IntegerField(
        label=gettext_lazy("Marketing only to people of this age and more"),
        min_value=0,
        max_value=25,
        help_text=gettext_lazy("0: no limit. Who is younger by the birthday on record gets none."),
    )
    asks_unknown_age = forms.BooleanField(
        label=gettext_lazy("Without a birthday on record, none either"), required=False
    )
    adult_categories = forms.CharField(
        label=gettext_lazy("Categories for adults (codes)"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("With commas between, such as wine, spirits. Messages about them go to adults only."),
    )
    adult_years = forms.IntegerField(label=gettext_lazy("Adult from this age on"), min_value=1, max_value=25)
    sensitive_needs_consent = forms.BooleanField(
        label=gettext_lazy("Sensitive categories need an explicit yes"),
        required=False,
        help_text=gettext_lazy("A topic below names the categories; only who ticked it hears of them."),
    )
    quiet_hours = forms.CharField(
        label=gettext_lazy("Hours in which marketing may go, by country"),
        widget=forms.Textarea(attrs=_AREA),
        help_text=gettext_lazy("A line each, on the person's own clock: TW 8-21. * stands for all others."),
    )
    kept_bodies = forms.IntegerField(
        label=gettext_lazy("Days that messages keep their words"), min_value=1, max_value=3650
    )
    kept_sign_ups = forms.IntegerField(label=gettext_lazy("Days that sign-ups are kept"), min_value=8, max_value=365)

    def clean_quiet_hours(self) -> dict[str, tuple[int, int]]:
        hours: dict[str, tuple[int, int]] = {}
        for line in filter(None, (one.strip().upper() for one in self.cleaned_data["quiet_hours"].splitlines())):
            read = _HOURS.fullmatch(line)
            if read is None:
                raise forms.ValidationError(_("“%(line)s” is not understood; write TW 8-21."), params={"line": line})
            hours[read[1]] = (int(read[2]), int(read[3]))
        return hours

    def policy(self, *, dkim_selectors: tuple[str, ...]) -> Policy:
        """What was typed, as a policy; selectors are kept by another page."""
        given = self.cleaned_data
        return Policy(
            postal_address=given["postal_address"].strip(),
            has_double_opt_in=given["has_double_opt_in"],
            minimum_age=given["minimum_age"],
            asks_unknown_age=given["asks_unknown_age"],
            adult_years=given["adult_years"],
            adult_categories=words_of(given["adult_categories"]),
            sensitive_needs_consent=given["sensitive_needs_consent"],
            quiet_hours=given["quiet_hours"],
            kept_days={"message_bodies": given["kept_bodies"], "pending_consents": given["kept_sign_ups"]},
            dkim_selectors=dkim_selectors,
        )


class TopicForm(SetupForm):
    """One topic, as people choose it."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=32)
    name = forms.CharField(label=gettext_lazy("In English"), max_length=60)
    name_zh = forms.CharField(label=gettext_lazy("In Chinese"), max_length=60, required=False)
    words = forms.CharField(label=gettext_lazy("What it is, in English"), max_length=200, required=False)
    words_zh = forms.CharField(label=gettext_lazy("What it is, in Chinese"), max_length=200, required=False)
    sources = forms.CharField(
        label=gettext_lazy("Which messages belong to it"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("With commas between: campaign:autumn, journey:how_to*, * for all that is left."),
    )
    category_codes = forms.CharField(
        label=gettext_lazy("Messages about these categories (codes)"), required=False, max_length=1000
    )
    needs_explicit = forms.BooleanField(
        label=gettext_lazy("Only who ticks it gets it"),
        required=False,
        help_text=gettext_lazy("For sensitive goods. Otherwise silence about a topic is a yes."),
    )
    position = forms.IntegerField(label=gettext_lazy("Place in the list"), min_value=0, max_value=99, initial=5)
    is_active = forms.BooleanField(label=gettext_lazy("Shown"), required=False, initial=True)

    def topic(self) -> TopicRow:
        """What was typed, as a topic."""
        given: dict[str, Any] = self.cleaned_data
        lists = {name: words_of(given[name]) for name in ("sources", "category_codes")}
        return TopicRow(**(given | lists))


def initial_of(policy: Policy) -> dict[str, Any]:
    """A policy as the form shows it."""
    return {
        "postal_address": policy.postal_address,
        "has_double_opt_in": policy.has_double_opt_in,
        "minimum_age": policy.minimum_age,
        "asks_unknown_age": policy.asks_unknown_age,
        "adult_categories": ", ".join(policy.adult_categories),
        "adult_years": policy.adult_years,
        "sensitive_needs_consent": policy.sensitive_needs_consent,
        "quiet_hours": "\n".join(f"{country} {first}-{last}" for country, (first, last) in policy.quiet_hours.items()),
        "kept_bodies": policy.kept_days.get("message_bodies", KEPT_DAYS["message_bodies"]),
        "kept_sign_ups": policy.kept_days.get("pending_consents", KEPT_DAYS["pending_consents"]),
    }


def topic_initial(topic: TopicRow) -> dict[str, Any]:
    """A topic as the form shows it."""
    return {
        **{name: getattr(topic, name) for name in TopicRow.__slots__},
        "sources": ", ".join(topic.sources),
        "category_codes": ", ".join(topic.category_codes),
    }


def words_of(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    said = text.replace("\x00", "").replace("，", ",").split(",")
    return tuple(dict.fromkeys(word.strip() for word in said if word.strip()))
