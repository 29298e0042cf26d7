"""What is taken back, until when, and who pays the way; and what the grades of returned goods are called."""

from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.catalog.queries import find_category_id, list_categories, list_products_by_sku
from reorder.domain.staff.rules import Ability
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.return_rule_book import (
    GradeRow,
    RuleRow,
    list_grades,
    list_rule_rows,
    put_grades,
    put_rule,
    remove_rule,
)
from reorder.domain.warehouse.return_rules import DISPOSITIONS, REASONS, WAYS_BACK, Rule
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, explain_error
from reorder.kernel.formatting import format_money
from reorder.web import return_words as words
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import AmountField, SetupForm, amount_text, read_amount, read_optional_amount
from reorder.web.setup.shipping_forms import TEMPERATURE_WORDS

_manage = Ability.MANAGE_PRICES
_TEXT = {"autocomplete": "off"}


class ReturnRuleForm(SetupForm):
    """One rule; empty scope fields hold for everything."""

    sku = forms.CharField(
        label=gettext_lazy("SKU"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Only this product. Empty: see below."),
        widget=forms.TextInput(attrs=_TEXT),
    )
    category = forms.CharField(
        label=gettext_lazy("Category (code)"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"list": "known-categories", **_TEXT}),
        help_text=gettext_lazy("With the categories below it. Empty: all goods."),
    )
    temperature_class = forms.ChoiceField(label=gettext_lazy("Temperature"), required=False)
    channel = forms.CharField(
        label=gettext_lazy("Channel"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Empty: every channel."),
        widget=forms.TextInput(attrs=_TEXT),
    )
    is_returnable = forms.BooleanField(
        label=gettext_lazy("It can be sent back"),
        required=False,
        help_text=gettext_lazy("Not ticked: only when it came damaged, wrong or not as described. Hygiene goods."),
    )
    window_days = forms.IntegerField(
        label=gettext_lazy("Days after delivery"), min_value=0, max_value=3_650, initial=14
    )
    reasons = forms.MultipleChoiceField(
        label=gettext_lazy("Reasons that are accepted"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: every reason."),
    )
    payer = forms.ChoiceField(
        label=gettext_lazy("Who pays the way back"),
        choices=[("customer", gettext_lazy("the customer")), ("shop", gettext_lazy("the shop"))],
        help_text=gettext_lazy("When the fault is ours, the shop pays whatever stands here."),
    )
    fee = AmountField(
        label=gettext_lazy("Kept for the way back"),
        required=False,
        help_text=gettext_lazy("When the customer pays: so much less is given back. Empty: nothing."),
    )
    refunds_shipping = forms.BooleanField(
        label=gettext_lazy("The shipping fee goes back too"),
        required=False,
        help_text=gettext_lazy("When everything of an order comes back."),
    )
    accepts_up_to = AmountField(
        label=gettext_lazy("Accept by itself up to"),
        required=False,
        help_text=gettext_lazy("Value of the goods. Empty: a person decides each time."),
    )
    way_back = forms.ChoiceField(label=gettext_lazy("How they come back"))
    never_restocks = forms.BooleanField(
        label=gettext_lazy("Never sold again"),
        required=False,
        help_text=gettext_lazy("Whatever grade it has when it comes back."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["temperature_class"].choices = [  # type: ignore[attr-defined]
            ("", _("every temperature")),
            *TEMPERATURE_WORDS.items(),
        ]
        self.fields["reasons"].choices = [(one, words.said(one, templates=words.REASON_TEMPLATES)) for one in REASONS]  # type: ignore[attr-defined]
        self.fields["way_back"].choices = [(one, words.said(one, templates=words.WAY_TEMPLATES)) for one in WAYS_BACK]  # type: ignore[attr-defined]


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    """The rules, with the form filled by one of them where the address names it."""
    chosen = _chosen(request.GET.get("rule", ""))
    return _draw(request, form=ReturnRuleForm(initial=_initial(chosen)), chosen=chosen)


@desk(_manage, method="POST")
def put(request: HttpRequest) -> HttpResponse:
    """Lay a rule down, or change the one that the form names."""
    form, chosen = ReturnRuleForm(request.POST), _chosen(request.POST.get("rule", ""))
    if form.is_valid():
        _read(form)
    if not form.is_valid():
        return _draw(request, form=form, chosen=chosen, status=422)
    try:
        rule = replace(_rule(form), id=chosen.rule.id if chosen else 0)
        with one_transaction():
            put_rule(rule=rule, changed_by=get_actor(request).name, moment=current_moment())
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, form=form, chosen=chosen, status=422)
    messages.success(request, _("The rule is laid down. Returns that are asked for from now on follow."))
    return redirect("setup:return_rules")


@desk(_manage, method="POST")
def remove(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Take a rule back."""
    with one_transaction():
        remove_rule(rule_id=min(rule_id, 2**63 - 1), changed_by=get_actor(request).name)
    messages.success(request, _("The rule is taken back."))
    return redirect("setup:return_rules")


@desk(_manage, method="POST")
def put_grade_words(request: HttpRequest) -> HttpResponse:
    """Call the grades so from now on."""
    grades = [
        GradeRow(
            code=one.code,
            name=request.POST.get(f"name-{one.code}", "").replace("\x00", ""),
            name_zh=request.POST.get(f"name_zh-{one.code}", "").replace("\x00", ""),
            disposition=request.POST.get(f"disposition-{one.code}", ""),  # type: ignore[arg-type]
        )
        for one in list_grades()
    ]
    try:
        with one_transaction():
            put_grades(grades=grades, changed_by=get_actor(request).name)
    except BadInput as fault:
        sentence = explain_error(error=fault, translate=_)
        return _draw(request, form=ReturnRuleForm(initial=_initial(None)), chosen=None, fault=sentence, status=422)
    messages.success(request, _("The grades are called so from now on."))
    return redirect("setup:return_rules")


def _draw(
    request: HttpRequest, *, form: ReturnRuleForm, chosen: RuleRow | None, fault: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "rules": [_shown(one) for one in list_rule_rows()],
        "form": form,
        "chosen": chosen,
        "fault": fault,
        "categories": list_categories(),
        "grades": list_grades(),
        "dispositions": [(one, words.said(one, templates=words.DISPOSITION_TEMPLATES)) for one in DISPOSITIONS],
    }
    return render(request, "setup/return_rules.html", context, status=status)


def _chosen(text: str) -> RuleRow | None:
    return next((one for one in list_rule_rows() if str(one.rule.id) == text), None)


def _initial(row: RuleRow | None) -> dict[str, Any]:
    if row is None:
        return {"is_returnable": True, "refunds_shipping": True, "window_days": 14}
    rule, currency = row.rule, settings.REORDER.currency
    limit = rule.accepts_up_to_minor
    return {
        "sku": row.sku,
        "category": row.category_code,
        "temperature_class": rule.temperature_class,
        "channel": rule.channel,
        "is_returnable": rule.is_returnable,
        "window_days": rule.window_days,
        "reasons": list(rule.reasons),
        "payer": rule.payer,
        "fee": amount_text(minor=rule.fee_minor, currency=currency) if rule.fee_minor else "",
        "refunds_shipping": rule.refunds_shipping,
        "accepts_up_to": amount_text(minor=limit, currency=currency) if limit is not None else "",
        "way_back": rule.way_back,
        "never_restocks": rule.never_restocks,
    }


def _read(form: ReturnRuleForm) -> None:
    """Amounts in minor units, and the numbers of product and category; or say beside the field why there is none."""
    currency = settings.REORDER.currency
    read_amount(form=form, name="fee", currency=currency, empty=0)
    read_optional_amount(form=form, name="accepts_up_to", currency=currency)
    sku, code = form.cleaned_data["sku"], form.cleaned_data["category"]
    product = list_products_by_sku(skus=[sku]).get(sku) if sku else None
    category_id = find_category_id(code=code) if code else None
    if sku and product is None:
        form.add_error("sku", _("There is no product with this SKU."))
    if code and category_id is None:
        form.add_error("category", _("There is no category with this code."))
    form.cleaned_data |= {"product_id": product.id if product else None, "category_id": category_id}


def _rule(form: ReturnRuleForm) -> Rule:
    given = form.cleaned_data
    return Rule(
        product_id=given["product_id"],
        category_id=given["category_id"],
        channel=given["channel"],
        temperature_class=given["temperature_class"],
        is_returnable=given["is_returnable"],
        window_days=given["window_days"],
        reasons=tuple(given["reasons"]),
        payer=given["payer"],
        fee_minor=given["fee"],
        refunds_shipping=given["refunds_shipping"],
        accepts_up_to_minor=given["accepts_up_to"],
        way_back=given["way_back"],
        never_restocks=given["never_restocks"],
    )


def _shown(row: RuleRow) -> dict[str, Any]:
    rule, currency = row.rule, settings.REORDER.currency
    goods = row.product_name or row.category_name or _("All goods")
    parts = [goods, *([str(TEMPERATURE_WORDS[rule.temperature_class])] if rule.temperature_class else [])]
    limit = rule.accepts_up_to_minor
    return {
        "id": rule.id,
        "goods": " · ".join(parts),
        "code": row.sku or row.category_code,
        "channel": rule.channel,
        "is_returnable": rule.is_returnable,
        "days": rule.window_days,
        "payer": words.said(rule.payer, templates=words.PAYER_TEMPLATES),
        "fee": format_money(rule.fee_minor, currency=currency) if rule.fee_minor else "",
        "limit": format_money(limit, currency=currency) if limit is not None else "",
    }
