"""Offers listed with their codes, added by kind, changed, switched; lots of codes made, loaded down, taken back."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.marketing import offers
from reorder.domain.marketing.offers import OfferRow
from reorder.domain.orders import coupons
from reorder.domain.orders.coupons import CouponCounts
from reorder.domain.orders.price_rules import get_price_rule
from reorder.domain.staff.rules import Ability
from reorder.flows.offers import find_cost_gap, make_lot, take_codes_back
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, Conflict, ReorderError, explain_error
from reorder.kernel.formatting import format_share
from reorder.web.access import desk, get_actor
from reorder.web.exports import table_response
from reorder.web.marketing.offers.forms import LotForm, OfferForm, OfferTermsForm, offer_values
from reorder.web.setup.pages import show_form
from reorder.web.setup.price_forms import KIND_HELP, KIND_WORDS
from reorder.web.setup.prices import known_kind, say_goods, say_what_it_gives, show_new_rule

_see, _edit = Ability.VIEW_MARKETING, Ability.EDIT_MARKETING


@desk(_see)
def index(request: HttpRequest) -> HttpResponse:
    moment = clock.current_moment()
    tab = request.GET.get("tab", "live")
    rows = offers.list_offers(tab=tab if tab in ("live", "ended", "all") else "live", moment=moment)
    counts = coupons.count_coupons(rule_ids=[row.rule_id for row in rows])
    context = {
        "tab": "offers",
        "chosen": tab,
        "rows": [_told(row, counts.get(row.rule_id, CouponCounts())) for row in rows],
        "may_edit": get_actor(request).may(_edit),
    }
    return render(request, "marketing/offers/index.html", context)


@desk(_edit)
def choose(request: HttpRequest) -> HttpResponse:
    """Which kind is added."""
    kinds = [(kind, word, KIND_HELP[kind]) for kind, word in KIND_WORDS.items()]
    return render(request, "marketing/offers/kinds.html", {"tab": "offers", "kinds": kinds})


@desk(_edit)
def add(request: HttpRequest, rule_kind: str) -> HttpResponse:
    return _show_new(request, known_kind(kind=rule_kind), None)


@desk(_edit, method="POST")
def create(request: HttpRequest, rule_kind: str) -> HttpResponse:
    kind = known_kind(kind=rule_kind)
    form = OfferForm(request.POST, kind=kind, currency=settings.REORDER.currency)
    row = form.make(lambda: offers.create_offer(offer=form.offer(), created_by=get_actor(request).name))
    if row is None:
        return _show_new(request, kind, form)
    messages.success(request, _("{code} can be given from now on.").format(code=row.code))
    return redirect("offers:offer", row.code)


@desk(_see)
def show(request: HttpRequest, offer_code: str) -> HttpResponse:
    return _show(request, offers.get_offer(code=offer_code), None)


@desk(_edit, method="POST")
def change(request: HttpRequest, offer_code: str) -> HttpResponse:
    row = offers.get_offer(code=offer_code)
    form = OfferTermsForm(request.POST, kind=row.terms.kind, currency=row.terms.currency)
    if not form.is_valid():
        return _show(request, row, form)
    try:
        offers.change_offer(
            offer=form.offer(code=row.code), seen=form.cleaned_data["seen"], changed_by=get_actor(request).name
        )
    except Conflict as fault:
        return _show(request, offers.get_offer(code=row.code), None, fault)
    except BadInput as fault:
        form.refuse(fault)
        return _show(request, row, form)
    messages.success(request, _("Saved. Codes that are out follow at once; their own end stays."))
    return redirect("offers:offer", row.code)


@desk(_edit, method="POST")
def switch(request: HttpRequest, offer_code: str) -> HttpResponse:
    """Give it, or give it no more."""
    row = offers.switch_offer(
        code=offer_code, is_active=bool(request.POST.get("on")), switched_by=get_actor(request).name
    )
    said = _("It can be given again.") if row.is_active else _("It is given no more. Codes that are out stay good.")
    messages.success(request, said)
    return redirect("offers:offer", row.code)


@desk(_edit, method="POST")
def lot(request: HttpRequest, offer_code: str) -> HttpResponse:
    """Make codes for print and partners."""
    form = LotForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say a name, and how many: 1 to 100,000."))
        return redirect("offers:offer", offer_code)
    try:
        made = make_lot(
            offer_code=offer_code,
            lot=form.cleaned_data["lot"],
            count=form.cleaned_data["count"],
            made_by=get_actor(request).name,
            moment=clock.current_moment(),
        )
    except BadInput as fault:
        messages.error(request, explain_error(error=fault, translate=_))
    else:
        said = ngettext("{count} code was made.", "{count} codes were made.", len(made))
        messages.success(request, said.format(count=len(made)))
    return redirect("offers:offer", offer_code)


@desk(_edit)
def load_down(request: HttpRequest, offer_code: str) -> StreamingHttpResponse:
    """The codes of a lot as a file."""
    row = offers.get_offer(code=offer_code)
    found = coupons.list_codes_of_lot(rule_id=row.rule_id, lot=request.GET.get("lot", "")[:60])
    rows = [[code, _("used") if is_used else ""] for code, is_used in found]
    return table_response(request=request, name=f"{row.code.lower()}-codes", heads=[_("Code"), _("Used")], rows=rows)


@desk(_edit, method="POST")
def take_back(request: HttpRequest, offer_code: str) -> HttpResponse:
    """Make codes useless that nobody has used."""
    given = request.POST.get("lot", "")[:60]
    count = take_codes_back(
        offer_code=offer_code,
        lot=given or None,
        taken_by=get_actor(request).name,
        moment=clock.current_moment(),
    )
    said = ngettext("{count} code is useless now.", "{count} codes are useless now.", count)
    messages.success(request, said.format(count=count))
    return redirect("offers:offer", offer_code)


def _told(row: OfferRow, counts: CouponCounts) -> dict[str, object]:
    share = counts.used_count / counts.issued_count if counts.issued_count else None
    return {
        "row": row,
        "gives": say_what_it_gives(row.terms),
        "goods": say_goods(row.terms),
        "counts": counts,
        "share": "–" if share is None else format_share(share),
        "why_not": _(reason) if (reason := row.why_not(moment=clock.current_moment())) else "",
    }


def _show_new(request: HttpRequest, kind: str, form: OfferForm | None) -> HttpResponse:
    return show_new_rule(
        request=request,
        form=form or OfferForm(kind=kind, currency=settings.REORDER.currency),
        kind=kind,
        eyebrow=_("Offers to customers"),
        leave=reverse("offers:index"),
        action_url=reverse("offers:create", args=[kind]),
    )


def _show(
    request: HttpRequest, row: OfferRow, form: OfferTermsForm | None, fault: ReorderError | None = None
) -> HttpResponse:
    shown = form or OfferTermsForm(
        initial=offer_values(row=row, rule=get_price_rule(rule_id=row.rule_id)),
        kind=row.terms.kind,
        currency=row.terms.currency,
    )
    counts = coupons.count_coupons(rule_ids=[row.rule_id]).get(row.rule_id, CouponCounts())
    return show_form(
        request=request,
        form=shown,
        template="marketing/offers/offer.html",
        fault=fault,
        told=_told(row, counts),
        kind=KIND_WORDS[row.terms.kind],
        gap=find_cost_gap(offer=row),
        lots=coupons.list_lots(rule_id=row.rule_id),
        may_edit=get_actor(request).may(_edit),
        tab="offers",
    )
