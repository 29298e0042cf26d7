"""The stock policy: how service levels are set, and what each level would cost and gain, class by class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.planning import service_policies
from reorder.domain.planning.service_policies import ServiceCostRow, ServicePolicyChoice
from reorder.domain.staff.rules import Ability
from reorder.engine.stocking import CLASSES, USUAL_LEVELS
from reorder.insights import stock_policy
from reorder.kernel.errors import BadInput, explain_error
from reorder.kernel.formatting import format_money
from reorder.kernel.money import minor_digits
from reorder.web.access import desk, get_actor
from reorder.web.buying.reading import clean

KIND_CHOICES = (
    ("fixed", gettext_lazy("One level for everything")),
    ("abc_xyz", gettext_lazy("By class: how much is sold, how regularly")),
    ("margin", gettext_lazy("By margin: a lost sale against keeping")),
    ("fill_rate", gettext_lazy("Share of units served at once")),
)
METHOD_CHOICES = (
    ("quantile", gettext_lazy("What was sold in such spans (quantile)")),
    ("forecast", gettext_lazy("The forecast, where events and promotions matter")),
    ("textbook", gettext_lazy("Textbook: z times sigma times root of lead time")),
    ("textbook_lead_time_variance", gettext_lazy("Textbook with lead-time variance")),
)


def _percent(label: Any, **options: Any) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"class": "form-control", "step": "0.1"})
    return forms.FloatField(label=label, min_value=1, max_value=99.9, widget=widget, **options)


class PolicyForm(forms.Form):
    """Percent as people say them; a class field a class."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Service levels are set"),
        choices=KIND_CHOICES,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    service_level = _percent(
        gettext_lazy("Level (%)"), help_text=gettext_lazy("Of everything, and where no class and no rule says more.")
    )
    method = forms.ChoiceField(
        label=gettext_lazy("Method"), choices=METHOD_CHOICES, widget=forms.Select(attrs={"class": "form-select"})
    )
    review_days = forms.IntegerField(
        label=gettext_lazy("Days between two looks at the stock"),
        min_value=1,
        max_value=90,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    holding_percent = forms.FloatField(
        label=gettext_lazy("Keeping costs a year (% of the cost price)"),
        min_value=0,
        max_value=500,
        widget=forms.NumberInput(attrs={"class": "form-control", "step": "0.1"}),
    )
    sells_percent = _percent(
        gettext_lazy("Goods that expire: sold in time with (%)"),
        help_text=gettext_lazy("Never ordered beyond what sells within the shelf life with this certainty."),
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for code in CLASSES:
            self.fields[f"class_{code}"] = _percent(code)

    def class_fields(self) -> list[forms.BoundField]:
        """The nine classes, as the matrix shows them."""
        return [self[f"class_{code}"] for code in CLASSES]

    def choice(self) -> ServicePolicyChoice:
        """What was chosen, in shares."""
        given = self.cleaned_data
        return ServicePolicyChoice(
            kind=given["kind"],
            service_level=given["service_level"] / 100,
            class_levels={code: given[f"class_{code}"] / 100 for code in CLASSES},
            method=given["method"],
            review_days=given["review_days"],
            holding_share_per_year=given["holding_percent"] / 100,
            sells_probability=given["sells_percent"] / 100,
            note=clean(given["note"]),
        )


@dataclass(frozen=True, slots=True)
class CostLine:
    level: str
    is_chosen: bool
    stock: str
    holding: str
    lost: str
    fill: str


@dataclass(frozen=True, slots=True)
class CostTable:
    class_code: str
    products_count: int
    lines: list[CostLine]


@desk(Ability.VIEW_BUYING)
def show(request: HttpRequest) -> HttpResponse:
    return _draw(request, form=None)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """A new choice; the ones before stay in the book."""
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _draw(request, form=form, status=422)
    try:
        service_policies.set_service_policy(choice=form.choice(), decided_by=get_actor(request).name)
    except BadInput as fault:
        form.add_error(None, explain_error(error=fault, translate=_))
        return _draw(request, form=form, status=422)
    messages.success(request, _("The stock policy is saved. It counts from the next night on."))
    return redirect("buying:policy")


def _draw(request: HttpRequest, *, form: PolicyForm | None, status: int = 200) -> HttpResponse:
    actor = get_actor(request)
    seen = stock_policy.see_policy(actor=actor)
    choice = seen.policy.choice if seen.policy else ServicePolicyChoice(service_level=settings.REORDER.service_level)
    context = {
        "form": form or PolicyForm(initial=_initial(choice)),
        "policy": seen.policy,
        "state": _state(choice),
        "tables": _tables(seen.costs, choice),
        "may_set": actor.may(Ability.DECIDE_PROPOSALS),
    }
    return render(request, "buying/policy.html", context, status=status)


def _initial(choice: ServicePolicyChoice) -> dict[str, Any]:
    options = settings.REORDER
    holding = choice.holding_share_per_year
    levels = dict(USUAL_LEVELS) | dict(choice.class_levels)
    return {
        "kind": choice.kind,
        "service_level": round(choice.service_level * 100, 2),
        "method": choice.method,
        "review_days": choice.review_days or options.review_days,
        "holding_percent": round(100 * (options.holding_share_per_day * 365 if holding is None else holding), 1),
        "sells_percent": round(choice.sells_probability * 100, 1),
    } | {f"class_{code}": round(levels[code] * 100, 2) for code in CLASSES}


def _state(choice: ServicePolicyChoice) -> str:
    kinds = {
        "fixed": _("Everything is kept at {level} %."),
        "abc_xyz": _("Kept by class; {level} % where no class is known."),
        "margin": _("Kept by margin; {level} % where no margin is known."),
        "fill_rate": _("{level} % of all units are to be served at once."),
    }
    return kinds[choice.kind].format(level=f"{choice.service_level * 100:.4g}")


def _tables(costs: Sequence[ServiceCostRow], choice: ServicePolicyChoice) -> list[CostTable]:
    tables: dict[str, list[ServiceCostRow]] = {}
    for row in costs:
        tables.setdefault(row.class_code, []).append(row)
    made = []
    for code, rows in sorted(tables.items()):
        wanted = choice.class_levels.get(code, choice.service_level) if choice.kind == "abc_xyz" else None
        wanted = choice.service_level if choice.kind == "fixed" else wanted
        chosen = min(rows, key=lambda row: abs(row.service_level - wanted)) if wanted else None
        made.append(CostTable(code, rows[0].products_count, [_line(row, is_chosen=row is chosen) for row in rows]))
    return made


def _line(row: ServiceCostRow, *, is_chosen: bool) -> CostLine:
    return CostLine(
        level=f"{row.service_level * 100:.4g} %",
        is_chosen=is_chosen,
        stock=_money(row.stock_value),
        holding=_money(row.holding_cost_per_year),
        lost=_money(row.lost_margin_per_year),
        fill="" if row.fill_rate is None else f"{row.fill_rate * 100:.1f} %",
    )


def _money(amount: float) -> str:
    currency = settings.REORDER.currency
    minor = round(amount * 10 ** minor_digits(currency=currency))
    return format_money(minor, currency=currency)
