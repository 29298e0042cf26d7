"""Requests of people about their data, and one person's data: shown, handed out as a file or a paper, erased."""

import json
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from reorder.domain.customers.privacy import RequestRow, get_request, list_requests
from reorder.domain.staff.rules import Ability
from reorder.flows import privacy
from reorder.flows.privacy.looking import PersonPage, find_people, look_at_person
from reorder.flows.privacy.wording import TABLE_TEMPLATES
from reorder.insights.api_customers import CustomerProfile
from reorder.kernel.clock import current_date, current_moment
from reorder.kernel.errors import BadInput, Busy, explain_error
from reorder.kernel.formatting import format_money
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.privacy.words import ERASURE_TEMPLATES, WHY_TEMPLATES

_erase = Ability.ERASE_CUSTOMERS
_KINDS: Final = ("export", "erase")


@desk(_erase)
def index(request: HttpRequest) -> HttpResponse:
    """What waits, the most urgent first; a person to look for; what was answered."""
    return _list(request)


@desk(_erase)
def person(request: HttpRequest, customer_id: int) -> HttpResponse:
    """What is held about a person, how much of it, and what erasing would do."""
    return _person(request, look_at_person(customer_id=customer_id, moment=current_moment()))


@desk(_erase, method="POST")
def take(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Write a request down, to be answered within its days."""
    kind = request.POST.get("kind", "")
    page = look_at_person(customer_id=customer_id, moment=current_moment())
    if kind not in _KINDS:
        return _person(request, page, fault=_("Choose what the person wants."), status=422)
    privacy.take_request(
        kind=kind,
        customer_id=page.customer_id,
        how_known=request.POST.get("how_known", ""),
        decided_by=get_actor(request).name,
        moment=current_moment(),
    )
    messages.success(request, _("The request is written down."))
    return redirect("privacy:index")


@desk(_erase, method="POST")
def refuse(request: HttpRequest, request_id: int) -> HttpResponse:
    """Refuse a request with its reason."""
    row = get_request(request_id=request_id)
    try:
        privacy.refuse_request(
            request_id=row.id,
            answer=request.POST.get("answer", ""),
            decided_by=get_actor(request).name,
            moment=current_moment(),
        )
    except BadInput as fault:
        return _list(request, fault=explain_error(error=fault, translate=_), status=status_of(fault))
    messages.success(request, _("The request is refused. Tell the person why."))
    return redirect("privacy:index")


@desk(_erase, method="POST")
def export(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Everything about the person as a file: JSON for machines, PDF for reading."""
    made = privacy.export_person(
        customer_id=customer_id,
        decided_by=get_actor(request).name,
        moment=current_moment(),
        how_known=request.POST.get("how_known", ""),
    )
    name = f"personal-data-{made.customer_id}"
    if request.POST.get("form") == "pdf":
        content = privacy.export_pdf(export=made, language=get_language() or "en", time_zone=settings.REORDER.time_zone)
        return _file(content, name=f"{name}.pdf", media_type="application/pdf")
    text = json.dumps(made.as_json(), ensure_ascii=False, indent=2, default=str)
    return _file(text.encode(), name=f"{name}.json", media_type="application/json")


@desk(_erase, method="POST")
def erase(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Erase the person; the word must be typed, because nothing brings them back."""
    page = look_at_person(customer_id=customer_id, moment=current_moment())
    if request.POST.get("sure", "").strip().upper() != "ERASE":
        return _person(request, page, fault=_("Type ERASE to say that you are sure; it cannot be undone."), status=422)
    try:
        done = privacy.erase_person(
            customer_id=page.customer_id,
            decided_by=get_actor(request).name,
            moment=current_moment(),
            how_known=request.POST.get("how_known", ""),
        )
    except (BadInput, Busy) as fault:
        return _person(request, page, fault=explain_error(error=fault, translate=_), status=status_of(fault))
    count = sum(done.counts.values())
    said = ngettext("Erased: {count} row.", "Erased: {count} rows.", count).format(count=count)
    messages.success(request, said)
    return redirect("privacy:index")


def _list(request: HttpRequest, *, fault: str = "", status: int = 200) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:200]
    today = current_date(time_zone=settings.REORDER.time_zone)
    waiting = list_requests(is_open=True)
    context = {
        "tab": "requests",
        "search": search,
        "found": [_found(row) for row in find_people(text=search, limit=20)] if search else [],
        "waiting": [(row, row.due_date < today) for row in waiting],
        "overdue_count": sum(row.due_date < today for row in waiting),
        "answered": [_answered(row) for row in list_requests(is_open=False, limit=50)],
        "fault": fault,
    }
    return render(request, "privacy/index.html", context, status=status)


def _person(request: HttpRequest, page: PersonPage, *, fault: str = "", status: int = 200) -> HttpResponse:
    tables = [
        {
            "title": _(TABLE_TEMPLATES[one.table]) if one.table in TABLE_TEMPLATES else one.table,
            "name": one.table,
            "count": one.rows_count,
            "erasure": _(ERASURE_TEMPLATES[one.erasure]),
            "why": _(one.why) if one.why in WHY_TEMPLATES else one.why,
        }
        for one in page.tables
    ]
    context: dict[str, Any] = {
        "page": page,
        "tables": tables,
        "fault": fault,
        "balances": [format_money(minor, currency=currency) for currency, minor in page.balances],
    }
    return render(request, "privacy/person.html", context, status=status)


def _found(row: CustomerProfile) -> dict[str, Any]:
    return {"id": row.id, "name": row.name or row.key, "key": row.key, "addresses": row.email_addresses}


def _answered(row: RequestRow) -> dict[str, Any]:
    return {"row": row, "rows_count": sum(row.counts.values()) if row.counts else 0}


def _file(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
