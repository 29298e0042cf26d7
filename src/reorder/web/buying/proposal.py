"""One proposal: why, what the order would mean, and asking for something else with the answer at once."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.purchasing.errors import ProposalChanged, ProposalDecided
from reorder.domain.purchasing.operations import ProposalEdit
from reorder.domain.purchasing.weighing import OfferTerms, WeighedOrder, weigh_order
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import restock
from reorder.insights import access, buying
from reorder.insights.buying import ProposalPage
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, Conflict, ReorderError, explain_error
from reorder.kernel.formatting import format_amount, format_money, format_share, format_units
from reorder.web.access import desk, get_actor
from reorder.web.buying.forms import EditForm
from reorder.web.buying.reading import clean, is_part, new_key, today
from reorder.web.buying.rows import Group, Line, edited_words, group_of, line_of, rule_words
from reorder.web.buying.words import (
    cause_words,
    caution_words,
    day_words,
    days_words,
    exact_units,
    plain_number,
    short_day_words,
)
from reorder.web.errors import status_of
from reorder.web.measures import unit_words


@dataclass(frozen=True, slots=True)
class Answer:
    """What an order would mean, said: rows of a name, a value and what explains it, and what speaks against it."""

    rows: list[tuple[str, str, str]]
    cautions: list[str]


@desk(Ability.VIEW_BUYING)
def show(request: HttpRequest, proposal_id: int) -> HttpResponse:
    page = _get_page(request, proposal_id)
    return _draw(request, page=page, form=_form(page, request.GET if "units" in request.GET else None))


@desk(Ability.VIEW_BUYING)
def weigh(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """The answer for the numbers that somebody is typing; nothing is kept."""
    page = _get_page(request, proposal_id)
    form = _form(page, request.GET)
    context = {"answer": _answer(page, form), "form": form}
    return render(request, "buying/answer.html", context, status=200 if form.is_valid() else 422)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def edit(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Keep what was typed; a proposal that changed meanwhile is shown as it is now, with what was typed still there."""
    page = _get_page(request, proposal_id)
    typed = request.POST.copy()
    if "as_planned" in typed and page.row.planned_units is not None and page.row.planned_order_by_date is not None:
        typed["units"], typed["unit"] = plain_number(page.row.planned_units), ""
        typed["supplier"] = page.row.planned_supplier_code
        typed["order_by"] = page.row.planned_order_by_date.isoformat()
    form = _form(page, typed)
    if not form.is_valid():
        return _draw(request, page=page, form=form, status=422)
    try:
        row = restock.edit_proposal(
            edit=ProposalEdit(
                proposal_id=proposal_id,
                seen_edits=form.cleaned_data["seen"],
                units=form.cleaned_data["units"],
                supplier_code=form.cleaned_data["supplier"],
                order_by_date=form.cleaned_data["order_by"],
                reason=form.cleaned_data["reason"],
            ),
            decided_by=get_actor(request).name,
            moment=clock.current_moment(),
        )
    except (Conflict, BadInput) as error:
        return _draw_stale(request, proposal_id=proposal_id, typed=typed, error=error)
    units = unit_words(units=row.units, unit=row.order_unit, held=row.order_unit_units)
    said = _("Saved: {units} units of {supplier}.").format(units=units, supplier=row.supplier_name)
    if not is_part(request):
        messages.success(request, said)
        return redirect("buying:proposal", proposal_id)
    after = _get_page(request, proposal_id)
    moved_from = page.row.supplier_code if page.row.supplier_code != row.supplier_code else ""
    return _draw(request, page=after, form=_form(after, None), said=said, moved_from=moved_from, has_changed=True)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def dismiss(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Turn one down."""
    actor = get_actor(request)
    access.refuse_other_places(actor=actor, proposal_ids=[proposal_id])
    try:
        restock.dismiss(
            proposal_ids=[proposal_id],
            decided_by=actor.name,
            moment=clock.current_moment(),
            reason=clean(request.POST.get("reason", "")),
        )
    except Conflict as error:
        return _draw_stale(request, proposal_id=proposal_id, typed=None, error=error)
    return _after_decision(
        request, proposal_id, _("Dismissed. If stock is still low, the next night proposes it again.")
    )


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def reopen(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Take a dismissal back, within its night."""
    actor = get_actor(request)
    access.refuse_other_places(actor=actor, proposal_ids=[proposal_id])
    count = restock.undo_dismissal(proposal_ids=[proposal_id], decided_by=actor.name)
    said = _("Open again.") if count else _("It cannot be opened again: a newer plan has replaced it.")
    return _after_decision(request, proposal_id, said)


def _after_decision(request: HttpRequest, proposal_id: int, said: str) -> HttpResponse:
    if not is_part(request):
        messages.success(request, said)
        return redirect("buying:proposal", proposal_id)
    page = _get_page(request, proposal_id)
    return _draw(request, page=page, form=_form(page, None), said=said, has_changed=True)


def _draw_stale(request: HttpRequest, *, proposal_id: int, typed: Any, error: ReorderError) -> HttpResponse:
    """What it is now, with what was typed: of the proposal that replaced it, when one did."""
    page = _get_page(request, proposal_id)
    if page.successor is not None:
        page = _get_page(request, page.successor.id)
    fault = explain_error(error=error, translate=_)
    if typed is not None:
        typed = typed.copy()
        typed["seen"] = str(page.row.edits_count)
        if isinstance(error, ProposalChanged | ProposalDecided) and page.state == "open":
            fault += " " + _("What you typed is still here: look at what is proposed now, and save again to keep it.")
    return _draw(request, page=page, form=_form(page, typed), fault=fault, status=status_of(error))


def _draw(
    request: HttpRequest,
    *,
    page: ProposalPage,
    form: EditForm,
    said: str = "",
    fault: str = "",
    moved_from: str = "",
    has_changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    actor = get_actor(request)
    line = line_of(page.change, today=today())
    context = {
        "row": page.row,
        "state": page.state,
        "line": line,
        "line_state": _("{units} units from {supplier}, {cost}").format(
            units=line.units, supplier=page.row.supplier_name, cost=line.cost
        ),
        "attempt": new_key(),
        "form": form,
        "answer": _answer(page, form),
        "facts": _facts(page),
        "causes": [cause_words(one) for one in page.causes],
        "edited": edited_words(page.row) if page.row.is_edited else "",
        "may_decide": actor.may(Ability.DECIDE_PROPOSALS) and page.state == "open",
        "may_reopen": actor.may(Ability.DECIDE_PROPOSALS) and page.state == "dismissed",
        "successor": page.successor,
        "said": said,
        "fault": fault,
        "is_part": is_part(request),
        "swaps": _swaps(actor, page, moved_from) if has_changed and is_part(request) else None,
    }
    template = "buying/proposal_side.html" if is_part(request) else "buying/proposal.html"
    return render(request, template, context, status=status)


@dataclass(frozen=True, slots=True)
class Swaps:
    """What else on the page has changed with a proposal: its row, and the heads of its suppliers."""

    line: Line | None
    gone_id: int
    groups: list[Group]


def _swaps(actor: Actor, page: ProposalPage, moved_from: str) -> Swaps:
    codes = [page.row.supplier_code, *([moved_from] if moved_from else [])]
    found = [
        group for code in codes for group in buying.list_supplier_groups(actor=actor, as_of=today(), supplier_code=code)
    ]
    marks = restock.marks_of(groups=[part for group in found for part in group.places])
    stays = page.state == "open" and not moved_from
    return Swaps(
        line=line_of(page.change, today=today()) if stays else None,
        gone_id=0 if stays else page.row.id,
        groups=[group_of(group, mark=marks[group.supplier_code], page=None, today=today()) for group in found],
    )


def _get_page(request: HttpRequest, proposal_id: int) -> ProposalPage:
    return buying.get_proposal_page(
        actor=get_actor(request),
        proposal_id=proposal_id,
        review_days=settings.REORDER.review_days,
        today=today(),
    )


def _form(page: ProposalPage, typed: Any) -> EditForm:
    row = page.row
    is_whole = bool(row.order_unit) and row.units % row.order_unit_units == 0
    current = {
        "units": plain_number(row.units / row.order_unit_units if is_whole else row.units),
        "unit": row.order_unit if is_whole else "",
        "supplier": row.supplier_code,
        "order_by": max(row.order_by_date, today()),
        "reason": row.edit_reason,
        "seen": row.edits_count,
    }
    if typed is not None and "seen" not in typed:
        typed = typed.copy()
        typed["seen"] = str(row.edits_count)
    return EditForm(typed, initial=current, terms=page.basis.terms, current=row.supplier_code, today=today())


def _answer(page: ProposalPage, form: EditForm) -> Answer | None:
    """What the numbers of the form mean; of the proposal itself where the form is untouched, None where it is wrong."""
    units, supplier, order_by = page.row.units, page.row.supplier_code, max(page.row.order_by_date, today())
    if form.is_bound:
        if not form.is_valid():
            return None
        values = form.cleaned_data
        units, supplier, order_by = values["units"], values["supplier"], values["order_by"]
    terms = next((one for one in page.basis.terms if one.supplier_code == supplier), None)
    if terms is None:
        return Answer(rows=[], cautions=[_("This supplier no longer offers the product: choose another one.")])
    weighed = weigh_order(
        units=units,
        order_date=order_by,
        today=today(),
        time=restock.shop_time(moment=clock.current_moment()),
        terms=terms,
        outlook=page.basis.outlook,
    )
    return Answer(
        rows=_answer_rows(page, weighed, terms, units), cautions=[caution_words(one) for one in weighed.cautions]
    )


def _answer_rows(
    page: ProposalPage, weighed: WeighedOrder, terms: OfferTerms, units: Decimal
) -> list[tuple[str, str, str]]:
    rows = [
        (
            _("Cost"),
            format_money(weighed.cost_minor, currency=weighed.currency),
            _cost_words(terms, units),
        ),
        (_("Packs"), exact_units(weighed.packs.quantize(Decimal("0.001")).normalize()), _packs_words(terms)),
        (
            _("Would last"),
            days_words(weighed.cover_days),
            _("With what is here and on the way, at the planned demand."),
        ),
        (
            _("Arrives about"),
            day_words(weighed.arrives_date),
            _("{days} days, measured from receipts.").format(days=f"{terms.lead_days:.1f}")
            if terms.is_lead_measured
            else _("{days} days, as the supplier says.").format(days=f"{terms.lead_days:.0f}"),
        ),
    ]
    if weighed.last_share is not None and weighed.last_share_without is not None:
        rows.append(
            (
                _("Chance to last until the next delivery"),
                format_share(weighed.last_share),
                _("{share} without this order.").format(share=format_share(weighed.last_share_without)),
            )
        )
    if weighed.risk_with is not None and weighed.risk_without is not None:
        currency = settings.REORDER.currency
        rows.append(
            (
                _("At risk"),
                format_amount(weighed.risk_with, currency=currency),
                _("{amount} without this order.").format(amount=format_amount(weighed.risk_without, currency=currency)),
            )
        )
    if terms.minimum_value_minor:
        rows.append(_minimum_row(weighed, terms))
    return rows


def _cost_words(terms: OfferTerms, units: Decimal) -> str:
    if terms.order_unit_cost_minor is None:
        cost = format_money(terms.unit_cost_minor, currency=terms.currency)
        return _("{units} × {cost}").format(units=exact_units(units), cost=cost)
    cost = format_money(terms.order_unit_cost_minor, currency=terms.currency)
    said = unit_words(units=units, unit=terms.order_unit, held=terms.order_unit_units)
    return _("{units} × {cost}").format(units=said, cost=cost)


def _packs_words(terms: OfferTerms) -> str:
    return _("of {pack}; at least {minimum} units").format(
        pack=exact_units(terms.pack_units), minimum=exact_units(terms.minimum_units)
    )


def _minimum_row(weighed: WeighedOrder, terms: OfferTerms) -> tuple[str, str, str]:
    minimum = format_money(terms.minimum_value_minor, currency=terms.currency)
    if weighed.missing_minor:
        missing = format_money(weighed.missing_minor, currency=terms.currency)
        value = _("{amount} more to the minimum").format(amount=missing)
    else:
        value = _("met")
    return _("Supplier's minimum"), value, _("{minimum} an order, with what else is proposed.").format(minimum=minimum)


def _facts(page: ProposalPage) -> list[tuple[str, str, str]]:
    row, basis = page.row, page.basis
    facts = [
        (_("In stock"), format_units(basis.on_hand_units), ""),
        (_("On the way"), format_units(basis.incoming_units), ""),
        (_("Stock and on the way, when proposed"), format_units(row.position_units), ""),
        (_("Reorder point"), format_units(row.reorder_point_units), ""),
        (_("Sold a day, as planned"), format_units(row.daily_units), ""),
        (_("Order by"), short_day_words(row.order_by_date), ""),
    ]
    if basis.service_level is not None:
        facts.append((_("Wanted chance to last"), format_share(basis.service_level), ""))
    if page.change.rule is not None:
        facts.append((_("Rule of this product"), rule_words(page.change.rule), page.change.rule.note))
    return facts
