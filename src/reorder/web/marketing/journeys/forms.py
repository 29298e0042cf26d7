"""The forms beside the flow: one for each kind of step, and for trigger, exits and settings; plain options come out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.web.marketing.journeys import words
from reorder.web.marketing.segments.building import Node, read_form
from reorder.web.marketing.segments.offering import shown_rules
from reorder.web.setup.forms import SetupForm

Choices = Sequence[tuple[str, str]]
_LADDER: Final = 3
_LONGEST: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What can be chosen: templates, segments, offers and categories, each a code with its name."""

    templates: Choices = ()
    segments: Choices = ()
    offers: Choices = ()
    categories: Choices = ()


class StepForm(SetupForm):
    """A form that reads the options of a step and writes them."""

    def __init__(self, *args: Any, offered: Offered, step: Mapping[str, Any], **kwargs: Any) -> None:
        self.offered, self.step = offered, step
        super().__init__(*args, initial=self.initial_of(step), **kwargs)
        self.choose()

    @classmethod
    def initial_of(cls, step: Mapping[str, Any]) -> dict[str, Any]:
        """What the fields show of a step."""
        return dict(step)

    def choose(self) -> None:
        """Give fields the choices that are known only now."""

    def options(self) -> dict[str, Any]:
        """What the step says; fields that are left empty are not said."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [], ())}


class SpanForm(StepForm):
    days = forms.IntegerField(label=_("Whole days"), min_value=0, max_value=730, required=False)
    hours = forms.IntegerField(label=_("Hours"), min_value=0, max_value=999, required=False)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=0, max_value=9999, required=False)

    def options(self) -> dict[str, Any]:
        return {name: value for name, value in super().options().items() if value != 0}


class UntilForm(StepForm):
    weekdays = forms.MultipleChoiceField(
        label=_("On"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: on any day.")
    )
    hour = forms.IntegerField(
        label=_("Hour"), min_value=0, max_value=23, help_text=_("Where the customer lives, from 0 to 23.")
    )

    def choose(self) -> None:
        self.fields["weekdays"].choices = [  # type: ignore[attr-defined]
            (str(number), words.weekday_name(number)) for number in range(1, 8)
        ]

    @classmethod
    def initial_of(cls, step: Mapping[str, Any]) -> dict[str, Any]:
        return {**step, "weekdays": [str(one) for one in step.get("weekdays", ())]}

    def options(self) -> dict[str, Any]:
        return {
            "hour": self.cleaned_data["hour"],
            "weekdays": sorted(int(one) for one in self.cleaned_data["weekdays"]),
        }


class FactsForm(StepForm):
    facts = forms.MultipleChoiceField(
        label=_("What happens"), choices=words.FACT_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    about = forms.ChoiceField(label=_("About"), choices=words.ABOUT_WORDS.items())


class ListenForm(FactsForm, SpanForm):
    field_order = ("facts", "about", "days", "hours", "minutes")


class ConditionForm(StepForm):
    test = forms.ChoiceField(
        label=_("Which question"),
        choices=words.TEST_WORDS.items(),
        help_text=_("Another question shows its fields once it is saved."),
    )
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    facts = forms.MultipleChoiceField(
        label=_("What happened"),
        choices=words.FACT_CHOICES,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    about = forms.ChoiceField(label=_("About"), choices=words.ABOUT_WORDS.items(), required=False)
    detail = forms.CharField(
        label=_("Number"), max_length=40, required=False, help_text=_("Its name in the fact, for example churn_share.")
    )
    at_least = forms.FloatField(label=_("At least"), required=False)
    _OF: Final = {
        "bought": ("about",),
        "segment": ("segment",),
        "fact": ("facts", "about"),
        "detail": ("detail", "at_least"),
        "rule": (),
    }
    # What the rule builder shows, which stands in the same form.
    rules: Node

    def choose(self) -> None:
        """Only the fields of the question that is asked: another question shows its own once it is saved."""
        shown = {"test", *self._OF.get(self.step.get("test", ""), ())}
        for name in set(self.fields) - shown:
            del self.fields[name]
        if "segment" in self.fields:
            self.fields["segment"].choices = [("", "–"), *self.offered.segments]  # type: ignore[attr-defined]
        form = self.data if isinstance(self.data, QueryDict) and "node" in self.data else None
        self.rules = read_form(form=form) if form is not None else shown_rules(given=self.step.get("rules"))

    @property
    def has_rule(self) -> bool:
        """Whether the builder belongs to the form: the question that is asked is a rule."""
        return self.step.get("test") == "rule"

    def options(self) -> dict[str, Any]:
        said, test = super().options(), self.cleaned_data["test"]
        # What an earlier question left behind is not of this one.
        kept = {name: said[name] for name in self._OF[test] if name in said and test == self.step.get("test")}
        if test == "bought" and kept.get("about") == "subject":
            kept["about"] = "goods"
        if test == "rule" and self.has_rule:
            kept["rules"] = self.rules
        return {"test": test, **kept}


class SplitForm(StepForm):
    weights = forms.CharField(
        label=_("Weights"), max_length=60, help_text=_("One for each branch, for example 50, 50 or 20, 40, 40.")
    )

    @classmethod
    def initial_of(cls, step: Mapping[str, Any]) -> dict[str, Any]:
        return {"weights": ", ".join(str(one.get("weight", "")) for one in step.get("branches", ()))}

    def clean_weights(self) -> list[int]:
        parts = self.cleaned_data["weights"].replace(";", ",").replace("，", ",").split(",")
        try:
            found = [int(one) for one in parts]
        except ValueError:
            raise forms.ValidationError(gettext("Weights are whole numbers with commas between them.")) from None
        if not 2 <= len(found) <= 6 or not all(1 <= one <= 100 for one in found):
            raise forms.ValidationError(gettext("Give 2 to 6 weights from 1 to 100."))
        return found

    def options(self) -> dict[str, Any]:
        before = list(self.step.get("branches", ()))
        return {
            "branches": [
                {"weight": weight, "next": before[place].get("next") if place < len(before) else None}
                for place, weight in enumerate(self.cleaned_data["weights"])
            ]
        }


class _LadderForm(StepForm):
    """Channels and offers, each in the order in which they are tried."""

    ladders: Sequence[str] = ("channel", "offer")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("channel", list(words.CHANNEL_WORDS.items())), ("offer", list(self.offered.offers))):
            for place in range(1, _LADDER + 1):
                self.fields[f"{name}{place}"].choices = [("", "–"), *choices]  # type: ignore[attr-defined]

    channel1 = forms.ChoiceField(label=_("Channel, first choice"), required=False)
    channel2 = forms.ChoiceField(label=_("Channel, second choice"), required=False)
    channel3 = forms.ChoiceField(label=_("Channel, third choice"), required=False)
    offer1 = forms.ChoiceField(label=_("Offer, the smallest"), required=False)
    offer2 = forms.ChoiceField(label=_("Offer, larger"), required=False)
    offer3 = forms.ChoiceField(label=_("Offer, the largest"), required=False)

    @classmethod
    def initial_of(cls, step: Mapping[str, Any]) -> dict[str, Any]:
        ladder = {
            f"{name}{place + 1}": code
            for name, codes in (("channel", step.get("channels", ())), ("offer", step.get("offers", ())))
            for place, code in enumerate(list(codes)[:_LADDER])
        }
        return {**step, **ladder}

    def options(self) -> dict[str, Any]:
        said = super().options()
        plain = {name: value for name, value in said.items() if name.rstrip("123") not in {"channel", "offer"}}
        for name in ("channel", "offer"):
            chosen = [said[f"{name}{place}"] for place in range(1, _LADDER + 1) if f"{name}{place}" in said]
            if chosen:
                plain[f"{name}s"] = list(dict.fromkeys(chosen))
        return plain


class MessageForm(_LadderForm):
    template = forms.ChoiceField(label=_("What it says"))
    purpose = forms.ChoiceField(label=_("Purpose"), choices=words.PURPOSE_WORDS.items())
    stock_rule = forms.ChoiceField(label=_("Goods that are not there"), choices=words.STOCK_WORDS.items())
    most_goods = forms.IntegerField(label=_("Products at most"), min_value=1, max_value=20, required=False)
    valid_days = forms.IntegerField(
        label=_("Worth sending for days"), min_value=1, max_value=60, required=False,
        help_text=_("Later it is not sent any more. Empty: as in the settings."),
    )  # fmt: skip
    at_moment = forms.BooleanField(
        label=_("At the moment that it is about"),
        required=False,
        help_text=_("The due date, the birthday: shifted by the days of the settings."),
    )
    field_order = ("template", "channel1", "channel2", "channel3", "offer1", "offer2", "offer3")

    @classmethod
    def initial_of(cls, step: Mapping[str, Any]) -> dict[str, Any]:
        return {"purpose": "marketing", "stock_rule": "hold", **super().initial_of(step)}

    def choose(self) -> None:
        self.fields["template"].choices = [("", "–"), *self.offered.templates]  # type: ignore[attr-defined]

    def options(self) -> dict[str, Any]:
        said = super().options()
        usual = {"at_moment": False, "purpose": "marketing", "stock_rule": "hold"}
        kept = {name: value for name, value in said.items() if name not in usual or value != usual[name]}
        # What the form does not show stays as it was.
        return {**({"value_minor": self.step["value_minor"]} if "value_minor" in self.step else {}), **kept}


class TagForm(StepForm):
    add = forms.CharField(label=_("Put on"), max_length=300, required=False, help_text=_("Tags with commas between."))
    remove = forms.CharField(label=_("Take off"), max_length=300, required=False)

    @classmethod
    def initial_of(cls, step: Mapping[str, Any]) -> dict[str, Any]:
        return {name: ", ".join(step.get(name, ())) for name in ("add", "remove")}

    def options(self) -> dict[str, Any]:
        said = {name: split_words(self.cleaned_data[name]) for name in ("add", "remove")}
        return {name: tags for name, tags in said.items() if tags} or {"add": []}


class ListForm(StepForm):
    segment = forms.ChoiceField(label=_("List"), required=False)
    action = forms.ChoiceField(label=_("What to do"), choices=[("add", _("put on it")), ("remove", _("take off it"))])

    def choose(self) -> None:
        self.fields["segment"].choices = [("", "–"), *self.offered.segments]  # type: ignore[attr-defined]

    def options(self) -> dict[str, Any]:
        return {"segment": self.cleaned_data["segment"], "action": self.cleaned_data["action"]}


class WebhookForm(StepForm):
    name = forms.CharField(
        label=_("Name of the step"), max_length=80, help_text=_("Receivers of the event journey.step read it.")
    )


class TaskForm(StepForm):
    text = forms.CharField(label=_("What is to be done"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class TriggerForm(StepForm):
    facts = forms.MultipleChoiceField(
        label=_("Comes in who"), choices=words.FACT_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    skus = forms.CharField(
        label=_("Only about these products"), required=False, max_length=_LONGEST,
        help_text=_("SKUs with commas between. Empty: any product."),
    )  # fmt: skip
    categories = forms.MultipleChoiceField(
        label=_("Only about these product types"), required=False, widget=forms.SelectMultiple(attrs={"size": 6})
    )
    subjects = forms.CharField(
        label=_("Only these"), required=False, max_length=_LONGEST,
        help_text=_("Segments, tiers or words that the fact names, with commas between."),
    )  # fmt: skip
    segments = forms.MultipleChoiceField(
        label=_("Only customers of one of these segments"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )
    not_segments = forms.MultipleChoiceField(
        label=_("Nobody of these segments"), required=False, widget=forms.SelectMultiple(attrs={"size": 5})
    )
    stays = forms.BooleanField(label=_("Who is no longer in these segments leaves the journey"), required=False)
    at_least = forms.CharField(
        label=_("Numbers of the fact"), required=False, max_length=300,
        help_text=_("Name and least number, for example churn_share=0.6"),
    )  # fmt: skip
    again = forms.ChoiceField(label=_("May come in"), choices=words.AGAIN_WORDS.items())
    again_days = forms.IntegerField(label=_("After days"), min_value=1, max_value=3650, required=False)

    @classmethod
    def initial_of(cls, step: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "again": "each",
            **step,
            "skus": ", ".join(step.get("skus", ())),
            "subjects": ", ".join(step.get("subjects", ())),
            "at_least": ", ".join(f"{name}={least:g}" for name, least in step.get("at_least", {}).items()),
        }

    def choose(self) -> None:
        self.fields["categories"].choices = list(self.offered.categories)  # type: ignore[attr-defined]
        self.fields["segments"].choices = list(self.offered.segments)  # type: ignore[attr-defined]
        self.fields["not_segments"].choices = list(self.offered.segments)  # type: ignore[attr-defined]

    def clean_at_least(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for part in split_words(self.cleaned_data["at_least"]):
            name, sign, number = part.partition("=")
            try:
                found[name.strip()] = float(number)
            except ValueError:
                sign = ""
            if not sign or not name.strip():
                raise forms.ValidationError(gettext("Write it as name=number."))
        return found

    def options(self) -> dict[str, Any]:
        said = super().options()
        for name in ("skus", "subjects"):
            if name in said:
                said[name] = split_words(said[name])
        return {name: value for name, value in said.items() if value not in ({}, False)}


class ExitForm(FactsForm):
    """One fact that ends the way, more than one of the same sort at once."""


class SettingsForm(_LadderForm):
    offset_days = forms.IntegerField(
        label=_("Days before (−) or after the moment"), min_value=-60, max_value=60, required=False,
        help_text=_("For messages that go at the moment that they are about."),
    )  # fmt: skip
    valid_days = forms.IntegerField(label=_("Worth sending for days"), min_value=1, max_value=60, required=False)


class TypeSettingsForm(SettingsForm):
    """Settings of one product type; what is left empty is as for all."""

    category = forms.ChoiceField(label=_("Product type"))
    field_order = ("category",)

    def choose(self) -> None:
        self.fields["category"].choices = list(self.offered.categories)  # type: ignore[attr-defined]


class SharedTypeForm(TypeSettingsForm):
    """Settings of a product type for several journeys at once; one without a type says nothing."""

    category = forms.ChoiceField(label=_("Product type"), required=False)

    def choose(self) -> None:
        super().choose()
        self.fields["category"].choices = [("", "–"), *self.offered.categories]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not said.get("category") and any(value not in (None, "") for value in said.values()):
            self.add_error("category", gettext("Choose the product type that this is for."))
        return said


class NewJourneyForm(SetupForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Small letters, digits and hyphens. It cannot be changed later.")
    )


FORMS: Final[Mapping[str, type[StepForm]]] = {
    "wait": SpanForm,
    "until": UntilForm,
    "listen": ListenForm,
    "condition": ConditionForm,
    "split": SplitForm,
    "message": MessageForm,
    "tag": TagForm,
    "segment": ListForm,
    "webhook": WebhookForm,
    "task": TaskForm,
    "exit": StepForm,
    "trigger": TriggerForm,
    "settings": SettingsForm,
}


def split_words(text: str) -> list[str]:
    """Words with commas between, in either script, each once."""
    parts: Iterable[str] = text.replace("，", ",").replace("、", ",").split(",")
    return list(dict.fromkeys(" ".join(one.split()) for one in parts if one.strip()))
