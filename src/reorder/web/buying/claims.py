"""What was wrong with deliveries: claimed from the supplier in one list, and settled one by one."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _

from reorder.domain.purchasing.queries import DiscrepancyRow
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.flows.restock.letters import FAULT_WORD_TEMPLATES
from reorder.insights import buying_suppliers
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.kernel.formatting import format_money
from reorder.kernel.money import Money
from reorder.web.access import desk, get_actor
from reorder.web.buying.following_words import SETTLEMENT_TEMPLATES, fault_words, settlement_words
from reorder.web.buying.orders import attached
from reorder.web.buying.reading import clean
from reorder.web.exports import table_response

_MOST_ROWS = 300


@desk(Ability.VIEW_BUYING)
def index(request: HttpRequest) -> HttpResponse:
    actor = get_actor(request)
    groups = buying_suppliers.list_open_claims(actor=actor, limit=_MOST_ROWS)
    claimed = buying_suppliers.list_claimed(actor=actor, limit=_MOST_ROWS)
    open_count = sum(len(group.rows) for group in groups)
    context = {
        "groups": [(group, [_row(row) for row in group.rows]) for group in groups],
        "claimed": [_row(row) for row in claimed],
        "settlements": [(key, gettext(words)) for key, words in SETTLEMENT_TEMPLATES.items()],
        "may_claim": actor.may(Ability.DECIDE_PROPOSALS),
        "state": _state(open_count, len(claimed)),
        "is_cut": open_count >= _MOST_ROWS or len(claimed) >= _MOST_ROWS,
    }
    return render(request, "buying/claims.html", context)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def send(request: HttpRequest) -> HttpResponse:
    """Everything open with one supplier, in one letter."""
    actor = get_actor(request)
    try:
        claim = restock.claim_supplier(
            supplier_code=clean(request.POST.get("supplier", "")),
            place_codes=actor.place_codes,
            decided_by=actor.name,
            moment=clock.current_moment(),
        )
    except BadInput as error:
        messages.warning(request, explain_error(error=error, translate=_))
        return redirect("buying:claims")
    if claim.supplier_email:
        said = _("Claim {number} goes to {address}.").format(number=claim.number, address=claim.supplier_email)
    else:
        said = _("Claim {number} is made. No e-mail address is known: send the file yourself.").format(
            number=claim.number
        )
    messages.success(request, said)
    return redirect("buying:claims")


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def settle(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """Say how one of them ended."""
    actor = get_actor(request)
    wanted = request.POST.get("settlement", "")
    try:
        buying_suppliers.refuse_other_places(actor=actor, discrepancy_id=discrepancy_id)
        restock.settle_fault(
            discrepancy_id=discrepancy_id,
            settlement=wanted if wanted in SETTLEMENT_TEMPLATES else "dropped",
            decided_by=actor.name,
            moment=clock.current_moment(),
        )
    except BadInput as error:
        messages.warning(request, explain_error(error=error, translate=_))
    else:
        messages.success(request, _("Settled."))
    return redirect("buying:claims")


@desk(Ability.VIEW_BUYING)
def file(request: HttpRequest, number: str) -> HttpResponseBase:
    """A claim as CSV, as it went to the supplier."""
    claim = buying_suppliers.get_claim(actor=get_actor(request), number=number)
    return attached(restock.claim_as_csv(claim=claim), kind="text/csv; charset=utf-8", name=f"{claim.number}.csv")


@desk(Ability.VIEW_BUYING)
def export(request: HttpRequest) -> HttpResponseBase:
    """Every discrepancy ever, as CSV or XLSX."""
    heads = [
        _("Purchase order"),
        _("Supplier"),
        _("Place"),
        _("SKU"),
        _("Product"),
        _("Received on"),
        _("Fault"),
        _("Units"),
        _("Cost"),
        _("Currency"),
        _("Note"),
        _("State"),
        _("Claim"),
        _("Settled by"),
    ]
    rows: Iterator[list[object]] = (
        [
            row.order_number,
            row.supplier_code,
            row.place_code,
            row.sku,
            row.product_name,
            restock.shop_date(moment=row.received_at),
            gettext(FAULT_WORD_TEMPLATES[row.kind]),
            row.units,
            Money(row.cost_minor, row.currency),
            row.currency,
            row.note,
            _(row.state),
            row.claim_number,
            settlement_words(row),
        ]
        for row in buying_suppliers.iterate_discrepancies(actor=get_actor(request))
    )
    return table_response(request=request, name=_("discrepancies"), heads=heads, rows=rows)


def _row(row: DiscrepancyRow) -> tuple[DiscrepancyRow, str, str]:
    return row, fault_words(row), format_money(row.cost_minor, currency=row.currency)


def _state(open_count: int, claimed_count: int) -> str:
    first = ngettext("{count} fault is not claimed yet.", "{count} faults are not claimed yet.", open_count)
    then = ngettext("{count} waits for the supplier.", "{count} wait for the supplier.", claimed_count)
    return f"{first.format(count=open_count)} {then.format(count=claimed_count)}"
