"""Merging two records of one person: choose the other record, look at both, confirm."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.staff.rules import Ability
from reorder.flows import customer_care
from reorder.insights import customer_merge
from reorder.insights.customer_merge import Record
from reorder.kernel.clock import current_date, current_moment, date_at
from reorder.kernel.errors import BadInput, Busy, explain_error
from reorder.kernel.formatting import format_units
from reorder.web.access import desk, get_actor
from reorder.web.customers.listing import name_of
from reorder.web.templatetags.reorder import in_a_row


@desk(Ability.MERGE_CUSTOMERS)
def choose_record(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Records that may be the same person."""
    found = customer_merge.list_candidates(
        actor=get_actor(request), customer_id=customer_id, search=request.GET.get("q", "").strip()[:200]
    )
    facts = found.facts
    if facts.merged_into_id is not None:
        return redirect("customers:merge", facts.merged_into_id)
    context = {
        "found": found,
        "customer_id": facts.id,
        "name": name_of(name=facts.name, key=facts.key, is_erased=False),
        "rows": [
            {
                "id": one.row.id,
                "name": one.row.name or one.row.key,
                "key": one.row.key,
                "orders_count": one.orders.orders_count if one.orders else 0,
                "last_date": date_at(moment=one.orders.last_at, time_zone=settings.REORDER.time_zone)
                if one.orders
                else None,
                "shares_address": one.shares_address,
            }
            for one in found.rows
        ],
    }
    return render(request, "customers/merge.html", context)


@desk(Ability.MERGE_CUSTOMERS)
def compare(request: HttpRequest, customer_id: int, other_id: int) -> HttpResponse:
    """Both records beside each other, and what a merge does."""
    return _comparison(request, customer_id, other_id)


@desk(Ability.MERGE_CUSTOMERS, method="POST")
def confirm(request: HttpRequest, customer_id: int, other_id: int) -> HttpResponse:
    """Merge; what stands against it is said on the page that asked."""
    try:
        done = customer_care.merge_customers(
            keep_id=customer_id, absorb_id=other_id, decided_by=get_actor(request).name, moment=current_moment()
        )
    except (BadInput, Busy) as error:
        return _comparison(request, customer_id, other_id, refusal=explain_error(error=error, translate=_))
    told = [
        _("The records are merged."),
        ngettext("{count} order moved here.", "{count} orders moved here.", done.orders_count).format(
            count=format_units(done.orders_count)
        ),
    ]
    if done.stopped_count:
        withdrawn = ngettext(
            "{count} waiting message was withdrawn.", "{count} waiting messages were withdrawn.", done.stopped_count
        )
        told.append(withdrawn.format(count=format_units(done.stopped_count)))
    messages.success(request, in_a_row(*told))
    return redirect("customers:customer", customer_id)


def _comparison(request: HttpRequest, keep_id: int, absorb_id: int, *, refusal: str = "") -> HttpResponse:
    today = current_date(time_zone=settings.REORDER.time_zone)
    preview = customer_merge.preview_merge(actor=get_actor(request), keep_id=keep_id, absorb_id=absorb_id, today=today)
    for record, other in ((preview.keep, preview.absorb), (preview.absorb, preview.keep)):
        if record.facts.merged_into_id is not None:
            # Somebody has merged it meanwhile: there is nothing left to compare.
            messages.warning(request, refusal or _("{key} has been merged already.").format(key=record.facts.key))
            return redirect("customers:customer", record.facts.merged_into_id or other.facts.id)
    context = {
        "preview": preview,
        "keep": _side(preview.keep),
        "absorb": _side(preview.absorb),
        "sides": [_side(preview.keep), _side(preview.absorb)],
        "customer_id": keep_id,
        "other_id": absorb_id,
        "refusal": refusal,
    }
    return render(request, "customers/compare.html", context, status=422 if refusal else 200)


def _side(record: Record) -> dict[str, Any]:
    facts, zone = record.facts, settings.REORDER.time_zone
    return {
        "record": record,
        "name": name_of(name=facts.name, key=facts.key, is_erased=False),
        "key": facts.key,
        "orders_count": record.orders.orders_count if record.orders else 0,
        "first_date": date_at(moment=record.orders.first_at, time_zone=zone) if record.orders else None,
        "last_date": date_at(moment=record.orders.last_at, time_zone=zone) if record.orders else None,
        "addresses": [point.address for point in record.reach.contact_points],
        "since_date": date_at(moment=facts.created_at, time_zone=zone),
    }
