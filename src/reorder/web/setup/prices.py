"""Discounts and coupons: listed with their uses, added by kind, changed, switched off and on."""

from decimal import Decimal
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import ngettext as _n

from reorder.domain.orders import price_rules
from reorder.domain.orders.price_rules import COUNTED_USES, NewPriceRule, PriceRuleRow
from reorder.domain.staff.rules import Ability
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, Conflict, ReorderError
from reorder.kernel.formatting import format_money, format_units
from reorder.kernel.quantity import plain_decimal
from reorder.web import lists
from reorder.web.access import desk, get_actor
from reorder.web.setup.pages import show_form
from reorder.web.setup.price_forms import KIND_HELP, KIND_WORDS, RuleForm, RuleTermsForm, rule_values
from reorder.web.templatetags.reorder import in_a_row, state_mark
from reorder.web.templatetags.reorder import moment as said_moment

_manage = Ability.MANAGE_PRICES
_SPEC: Final = lists.ListSpec(
    page="setup.prices",
    columns=(
        lists.Column("code", gettext_lazy("Code")),
        lists.Column("name", gettext_lazy("Name")),
        lists.Column("gives", gettext_lazy("Gives")),
        lists.Column("goods", gettext_lazy("For")),
        lists.Column("who", gettext_lazy("Who gets it")),
        lists.Column("uses", gettext_lazy("Uses"), "number"),
        lists.Column("until", gettext_lazy("Ends"), "date"),
        lists.Column("state", gettext_lazy("State"), "state"),
        lists.Column("from", gettext_lazy("Begins"), "date", is_default=False),
        lists.Column("turn", gettext_lazy("Turn"), "number", is_default=False),
    ),
    tabs=(
        lists.Tab("live", gettext_lazy("In force now")),
        lists.Tab("coming", gettext_lazy("Still to come")),
        lists.Tab("ended", gettext_lazy("Over or off")),
        lists.Tab("all", gettext_lazy("All")),
    ),
    search_label=gettext_lazy("Code or name"),
    has_export=False,
)


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    state = lists.read_state(request=request, spec=_SPEC)
    found = price_rules.list_price_rule_page(
        moment=clock.current_moment(),
        tab=state.tab,
        search=state.search,
        after_code=_after(state),
        limit=lists.PAGE_SIZE + 1,
    )
    page = found[: lists.PAGE_SIZE]
    listed = lists.make_page(
        request=request,
        spec=_SPEC,
        state=state,
        rows=[_row(row, state) for row in page],
        next_after=(page[-1].terms.code,) if len(found) > lists.PAGE_SIZE else None,
    )
    return render(request, "setup/prices.html", {"list": listed})


@desk(_manage)
def choose(request: HttpRequest) -> HttpResponse:
    """Which kind is added."""
    kinds = [(kind, word, KIND_HELP[kind]) for kind, word in KIND_WORDS.items()]
    return render(request, "setup/price_kinds.html", {"kinds": kinds})


@desk(_manage)
def add(request: HttpRequest, rule_kind: str) -> HttpResponse:
    return _show_new(request, known_kind(kind=rule_kind), None)


@desk(_manage, method="POST")
def create(request: HttpRequest, rule_kind: str) -> HttpResponse:
    kind = known_kind(kind=rule_kind)
    form = RuleForm(request.POST, kind=kind, currency=settings.REORDER.currency)
    row = form.make(lambda: price_rules.create_price_rule(terms=form.terms(), created_by=get_actor(request).name))
    if row is None:
        return _show_new(request, kind, form)
    messages.success(request, _("{code} is there, and counts from now on within its days.").format(code=row.terms.code))
    return redirect("setup:prices")


@desk(_manage)
def show(request: HttpRequest, rule_id: int) -> HttpResponse:
    return _show(request, price_rules.get_price_rule(rule_id=rule_id), None)


@desk(_manage, method="POST")
def change(request: HttpRequest, rule_id: int) -> HttpResponse:
    row = price_rules.get_price_rule(rule_id=rule_id)
    form = RuleTermsForm(request.POST, kind=row.terms.kind, currency=row.terms.currency)
    if not form.is_valid():
        return _show(request, row, form)
    try:
        price_rules.change_price_rule(
            rule_id=rule_id, terms=form.terms(), seen=form.cleaned_data["seen"], changed_by=get_actor(request).name
        )
    except Conflict as fault:
        return _show(request, price_rules.get_price_rule(rule_id=rule_id), None, fault)
    except BadInput as fault:
        form.refuse(fault)
        return _show(request, row, form)
    messages.success(request, _("{code} is saved. Orders that have it keep their price.").format(code=row.terms.code))
    return redirect("setup:price", rule_id)


@desk(_manage, method="POST")
def switch_off(request: HttpRequest, rule_id: int) -> HttpResponse:
    row = price_rules.switch_price_rule(rule_id=rule_id, is_active=False, switched_by=get_actor(request).name)
    messages.success(request, _("{code} is off. Orders that have it keep their price.").format(code=row.terms.code))
    return redirect("setup:price", rule_id)


@desk(_manage, method="POST")
def switch_on(request: HttpRequest, rule_id: int) -> HttpResponse:
    row = price_rules.switch_price_rule(rule_id=rule_id, is_active=True, switched_by=get_actor(request).name)
    messages.success(request, _("{code} is on again.").format(code=row.terms.code))
    return redirect("setup:price", rule_id)


def say_what_it_gives(terms: NewPriceRule) -> str:
    """What an order gets, in a few words."""
    if terms.kind == "gift":
        return _("{units} × {sku} as a gift").format(units=plain_decimal(number=terms.gift_units), sku=terms.gift_sku)
    if terms.kind == "free_shipping":
        return _("free shipping")
    if terms.kind == "amount":
        return _("{amount} off").format(amount=format_money(terms.amount_minor, currency=terms.currency))
    percent = plain_decimal(number=(terms.share or Decimal(0)) * 100)
    if terms.kind == "buy_x_get_y":
        said = _("{get} more at {percent}% off for {buy} bought")
        return said.format(get=terms.get_units, percent=percent, buy=terms.buy_units)
    if terms.maximum_discount_minor is None:
        return _("{percent}% off").format(percent=percent)
    most = format_money(terms.maximum_discount_minor, currency=terms.currency)
    return _("{percent}% off, at most {maximum}").format(percent=percent, maximum=most)


def say_goods(terms: NewPriceRule) -> str:
    """Which goods it is for, and from which value on."""
    parts = []
    if terms.skus:
        count = len(terms.skus)
        parts.append(_n("{count} product", "{count} products", count).format(count=count))
    if terms.category_codes:
        count = len(terms.category_codes)
        parts.append(_n("{count} category", "{count} categories", count).format(count=count))
    if terms.minimum_goods_minor:
        amount = format_money(terms.minimum_goods_minor, currency=terms.currency)
        parts.append(_("from {amount} on").format(amount=amount))
    return in_a_row(*parts) if parts else _("all goods")


def _state(row: PriceRuleRow) -> str:
    moment, terms = clock.current_moment(), row.terms
    if not row.is_active:
        return "switched off"
    if terms.ends_at and terms.ends_at <= moment:
        return "over"
    if terms.starts_at and terms.starts_at > moment:
        return "to come"
    return "used up" if terms.maximum_uses is not None and row.uses_count >= terms.maximum_uses else "in force"


def _uses(row: PriceRuleRow) -> str:
    count = format_units(min(row.uses_count, COUNTED_USES))
    if row.terms.maximum_uses is not None:
        return _("{count} of {most}").format(
            count=format_units(row.uses_count), most=format_units(row.terms.maximum_uses)
        )
    return _("more than {count}").format(count=count) if row.uses_count > COUNTED_USES else count


def _row(row: PriceRuleRow, state: lists.ListState) -> lists.Row:
    terms = row.terms
    cells = {
        "code": lists.Cell(terms.code),
        "name": lists.Cell(terms.name),
        "gives": lists.Cell(say_what_it_gives(terms)),
        "goods": lists.Cell(say_goods(terms)),
        "who": lists.Cell(_("who names the code") if terms.is_coupon else _("everybody")),
        "uses": lists.Cell(_uses(row), "number"),
        "until": lists.Cell(said_moment(terms.ends_at) if terms.ends_at else "–", "date"),
        "from": lists.Cell(said_moment(terms.starts_at) if terms.starts_at else "–", "date"),
        "state": lists.Cell(state_mark(_state(row))),
        "turn": lists.Cell(str(terms.priority), "number"),
    }
    url = reverse("setup:price", args=[row.id])
    return lists.Row(key=str(row.id), url=url, cells=[cells[column.key] for column in state.columns])


def _after(state: lists.ListState) -> str | None:
    match state.after:
        case None:
            return None
        case (str(code),):
            return code
        case _:
            raise lists.BadCursor


def known_kind(*, kind: str) -> str:
    """A kind out of an address, if there is such a one."""
    if kind not in KIND_WORDS:
        raise Http404
    return kind


def show_new_rule(
    *, request: HttpRequest, form: RuleForm, kind: str, eyebrow: str, leave: str, action_url: str
) -> HttpResponse:
    """The page on which a discount of a kind is added, here or as an offer of marketing."""
    return show_form(
        request=request,
        form=form,
        template="setup/price_new.html",
        title=KIND_WORDS[kind],
        state=KIND_HELP[kind],
        eyebrow=eyebrow,
        leave=leave,
        action_url=action_url,
    )


def _show_new(request: HttpRequest, kind: str, form: RuleForm | None) -> HttpResponse:
    return show_new_rule(
        request=request,
        form=form or RuleForm(kind=kind, currency=settings.REORDER.currency),
        kind=kind,
        eyebrow=_("Discounts and coupons"),
        leave=reverse("setup:prices"),
        action_url=reverse("setup:create_price", args=[kind]),
    )


def _show(
    request: HttpRequest, row: PriceRuleRow, form: RuleTermsForm | None, fault: ReorderError | None = None
) -> HttpResponse:
    shown = form or RuleTermsForm(initial=rule_values(row=row), kind=row.terms.kind, currency=row.terms.currency)
    return show_form(
        request=request,
        form=shown,
        template="setup/price.html",
        fault=fault,
        row=row,
        gives=say_what_it_gives(row.terms),
        goods=say_goods(row.terms),
        uses=_uses(row),
        mark=_state(row),
        kind=KIND_WORDS[row.terms.kind],
    )
