"""What is proposed, by supplier, the most money at risk first; all is ticked until somebody decides otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.purchasing.queries import WaitingOrder
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import restock
from reorder.insights import buying
from reorder.insights.buying import SupplierGroup
from reorder.kernel.errors import ReorderError, explain_error
from reorder.kernel.formatting import format_money
from reorder.kernel.money import Money
from reorder.web.access import desk, get_actor
from reorder.web.buying.done import Done, find_done
from reorder.web.buying.reading import Ticked, clean, new_key, today
from reorder.web.buying.rows import Group, group_of, line_of, more_url, reason_words
from reorder.web.buying.sentences import KINDS, changes_words, currencies, fate_words, kind_words, state_words
from reorder.web.buying.words import cause_words
from reorder.web.errors import status_of
from reorder.web.exports import table_response
from reorder.web.lists import BadCursor

PAGE_LINES = 25
FIRST_LINES = 10
MOST_GROUPS = 60


@dataclass(frozen=True, slots=True)
class ProposalsPage:
    """Everything that the page of proposals draws."""

    state: str
    groups: list[Group]
    more_groups_count: int
    changes: str
    has_changes: bool
    may_decide: bool
    may_receive: bool
    attempt: str
    done: Done | None
    one_supplier: str
    currencies: str
    waiting: Sequence[tuple[WaitingOrder, str, bool]] = ()
    fault: str = ""
    hidden_without: list[int] = field(default_factory=list)


@desk(Ability.VIEW_BUYING)
def index(request: HttpRequest) -> HttpResponse:
    return show_proposals(request)


def show_proposals(
    request: HttpRequest, *, error: ReorderError | None = None, kept: Ticked | None = None
) -> HttpResponse:
    """The page; after an error with what was ticked still so, as far as it is still open."""
    actor = get_actor(request)
    wanted = clean(request.GET.get("supplier", ""))
    groups = buying.list_supplier_groups(actor=actor, as_of=today())
    page = _page(request, actor=actor, groups=groups, wanted=wanted, error=error, kept=kept)
    return render(request, "buying/index.html", {"page": page}, status=status_of(error) if error else 200)


@desk(Ability.VIEW_BUYING)
def lines(request: HttpRequest) -> HttpResponse:
    """Some lines of a supplier: a table, or more rows for one, as htmx asks for them."""
    actor = get_actor(request)
    supplier = clean(request.GET.get("supplier", ""))
    after = _after(request)
    page = buying.list_lines(actor=actor, supplier_code=supplier, size=PAGE_LINES, after=after)
    context = {
        "lines": [line_of(one, today=today()) for one in page.lines],
        "more_url": more_url(supplier_code=supplier, page=page),
        "may_decide": actor.may(Ability.DECIDE_PROPOSALS),
        "supplier_code": supplier,
        "supplier_id": page.lines[0].row.supplier_id if page.lines else 0,
    }
    return render(request, "buying/rows.html" if after else "buying/table.html", context)


@desk(Ability.VIEW_BUYING)
def changes(request: HttpRequest) -> HttpResponse:
    """What the last night changed, kind by kind."""
    actor = get_actor(request)
    found = buying.find_changes(actor=actor)
    asked = request.GET.get("kind", "")
    kind = asked if asked in KINDS else next((one for one in KINDS if found and found.counts.get(one)), "new")
    rows = buying.list_changed(actor=actor, changes=found, kind=kind) if found else []
    causes = buying.find_causes(actor=actor, changes=found, rows=rows, today=today()) if found else {}
    context = {
        "changes": found,
        "sentence": changes_words(found),
        "tabs": [(one, kind_words(one), found.counts.get(one, 0)) for one in KINDS] if found else [],
        "kind": kind,
        "rows": [
            (row, fate_words(row), [cause_words(one) for one in causes.get((row.sku, row.place_code), [])])
            for row in rows
        ],
    }
    return render(request, "buying/changes.html", context)


@desk(Ability.VIEW_BUYING)
def export(request: HttpRequest) -> HttpResponseBase:
    """Every open proposal of the reader's places, with its reason, as CSV or XLSX."""
    rows = buying.list_open_rows(actor=get_actor(request), supplier_code=clean(request.GET.get("supplier", "")))
    heads = [
        _("Proposal"),
        _("Supplier"),
        _("Supplier's name"),
        _("Place"),
        _("SKU"),
        _("Product"),
        _("Units"),
        _("Unit cost"),
        _("Cost"),
        _("Currency"),
        _("At risk"),
        _("Order by"),
        _("Stock and on the way"),
        _("Reorder point"),
        _("Reason"),
        _("Changed by"),
    ]
    cells: Iterator[list[object]] = (
        [
            row.id,
            row.supplier_code,
            row.supplier_name,
            row.place_code,
            row.sku,
            row.product_name,
            row.units,
            Money(row.unit_cost_minor, row.currency),
            Money(row.cost_minor, row.currency),
            row.currency,
            Money(row.risk_minor, row.risk_currency),
            row.order_by_date,
            round(row.position_units, 3),
            round(row.reorder_point_units, 3),
            reason_words(row),
            row.edited_by,
        ]
        for row in rows
    )
    return table_response(request=request, name=_("proposals"), heads=heads, rows=cells)


def _page(
    request: HttpRequest,
    *,
    actor: Actor,
    groups: list[SupplierGroup],
    wanted: str,
    error: ReorderError | None,
    kept: Ticked | None,
) -> ProposalsPage:
    marks = restock.marks_of(groups=[part for group in groups for part in group.places])
    shown = [group for group in groups if group.supplier_code == wanted] if wanted else groups[:MOST_GROUPS]
    opened = wanted or (shown[0].supplier_code if shown else "")
    without = kept.without if kept else frozenset[int]()
    drawn = [
        group_of(
            group,
            mark=marks[group.supplier_code],
            page=buying.list_lines(
                actor=actor, supplier_code=group.supplier_code, size=PAGE_LINES if wanted else FIRST_LINES
            )
            if group.supplier_code == opened
            else None,
            today=today(),
            ticked=kept,
        )
        for group in shown
    ]
    listed = {line.id for group in drawn for line in group.lines}
    found = buying.find_changes(actor=actor)
    return ProposalsPage(
        state=state_words(groups),
        groups=drawn,
        more_groups_count=0 if wanted else len(groups) - len(shown),
        changes=changes_words(found),
        has_changes=bool(found and any(found.counts.get(kind) for kind in KINDS)),
        may_decide=actor.may(Ability.DECIDE_PROPOSALS),
        may_receive=actor.may(Ability.RECEIVE_GOODS),
        attempt=new_key(),
        done=find_done(request),
        one_supplier=wanted,
        currencies=currencies(groups),
        waiting=[
            (one, format_money(one.cost_minor, currency=one.currency), one.requested_by == actor.name)
            for one in buying.list_waiting(actor=actor)
        ],
        fault=explain_error(error=error, translate=_) if error else "",
        hidden_without=sorted(without - listed),
    )


def _after(request: HttpRequest) -> tuple[int, int] | None:
    if "risk" not in request.GET:
        return None
    try:
        risk, proposal_id = int(request.GET["risk"]), int(request.GET.get("id", ""))
    except ValueError:
        raise BadCursor from None
    if not (0 <= risk < 2**63 and 0 <= proposal_id < 2**63):
        raise BadCursor
    return risk, proposal_id
