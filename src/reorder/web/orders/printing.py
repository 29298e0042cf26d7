"""Pick lists, packing slips and confirmations as PDF, for one order or many."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows import order_desk
from reorder.flows.documents.orders import KINDS
from reorder.insights.order_documents import list_printed_orders
from reorder.insights.order_page import get_order_facts
from reorder.kernel.clock import current_moment
from reorder.web.access import desk, get_actor
from reorder.web.lists import BadFilter


@desk(Ability.VIEW_ORDERS)
def print_one(request: HttpRequest, order_id: int, sheet: str) -> HttpResponse:
    """One order's document, `?language=en` or `zh-hant`; the reader's language else."""
    facts = get_order_facts(actor=get_actor(request), order_id=order_id)
    return printed(request=request, order_ids=[facts.id], kind=sheet)


def printed(*, request: HttpRequest, order_ids: Sequence[int], kind: str) -> HttpResponse:
    """The documents of these orders in one PDF. Raises BadFilter for a kind that there is not."""
    if kind not in KINDS:
        raise BadFilter(value=kind[:40], name="sheet", reason=_("ask for pick, slip or receipt"))
    orders = list_printed_orders(actor=get_actor(request), order_ids=order_ids)
    language = request.GET.get("language") or get_language() or "en"
    content = order_desk.print_orders(kind=kind, orders=orders, language=language, moment=current_moment())
    name = f"{kind}-{orders[0].external_id}" if len(orders) == 1 else f"{kind}-{len(orders)}"
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{name}.pdf".replace("/", "-")) or "attachment"
    )
    return answer
