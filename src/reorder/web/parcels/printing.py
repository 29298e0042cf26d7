"""Labels as documents: one or many in one PDF, ZPL for label printers, and the carrier's own page."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.staff.rules import Ability
from reorder.flows import labels
from reorder.flows.labels import PrintedLabels
from reorder.insights.parcel_facts import get_parcel_facts
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web.access import desk, get_actor

_do = Ability.FULFIL_ORDERS
_MOST_PICKED = 500


@desk(_do)
def print_pdf(request: HttpRequest, parcel_id: int) -> HttpResponse:
    """The label of one parcel, counted as a print."""
    row = get_parcel_facts(parcel_id=parcel_id, actor=get_actor(request))
    made = labels.print_labels_pdf(parcel_ids=[row.id], actor=get_actor(request), moment=clock.current_moment())
    return _document(made.content, f"label-{row.number}.pdf", "application/pdf")


@desk(_do)
def print_zpl(request: HttpRequest, parcel_id: int) -> HttpResponse:
    """The label of one parcel for a label printer."""
    row = get_parcel_facts(parcel_id=parcel_id, actor=get_actor(request))
    made = labels.print_labels_zpl(parcel_ids=[row.id], actor=get_actor(request), moment=clock.current_moment())
    return _document(made.content, f"label-{row.number}.zpl", "application/zpl")


@desk(_do, method="POST")
def print_many(request: HttpRequest) -> HttpResponse:
    """The labels of parcels that are ticked, as one document in the order of the list."""
    picked = [int(one) for one in request.POST.getlist("id")[:_MOST_PICKED] if one.isdecimal() and len(one) < 18]
    is_zpl = request.POST.get("as") == "zpl"
    try:
        made = _printed(request, picked, is_zpl=is_zpl)
    except ReorderError as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return redirect("parcels:index")
    if made.missing:
        said = ngettext(
            "{count} parcel has no label to print: {numbers}",
            "{count} parcels have no label to print: {numbers}",
            len(made.missing),
        )
        messages.warning(request, said.format(count=len(made.missing), numbers=", ".join(made.missing[:10])))
    end, kind = ("zpl", "application/zpl") if is_zpl else ("pdf", "application/pdf")
    return _document(made.content, f"labels-{made.count}.{end}", kind)


@desk(_do, method="POST")
def carrier_form(request: HttpRequest, label_id: int) -> HttpResponseBase:
    """The carrier's own page that prints the label, opened by a button that posts signed fields there."""
    form = labels.carrier_form(label_id=label_id, actor=get_actor(request), moment=clock.current_moment())
    parcel_id = labels.get_label_at(label_id=label_id, actor=get_actor(request)).parcel_id
    there = urlsplit(form.url)
    context = {"form": form, "host": there.hostname, "parcel_id": parcel_id}
    answer = render(request, "parcels/carrier_form.html", context)
    answer["Cache-Control"] = "no-store"
    # This page alone may post to the carrier.
    policy = {"form-action": ["'self'", f"{there.scheme}://{there.netloc}"]}
    return csp_update(policy)(lambda _request: answer)(request)


def _printed(request: HttpRequest, picked: Sequence[int], *, is_zpl: bool) -> PrintedLabels:
    make = labels.print_labels_zpl if is_zpl else labels.print_labels_pdf
    return make(parcel_ids=picked, actor=get_actor(request), moment=clock.current_moment())


def _document(content: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
