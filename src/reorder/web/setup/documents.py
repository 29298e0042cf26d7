"""How a supplier wants its orders: the files with the mail, and the addresses of the X12 exchange."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.queries import SupplierRow
from reorder.domain.staff.rules import Ability
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.setup.exchange_forms import DocumentsForm
from reorder.web.setup.pages import show_form

_manage = Ability.MANAGE_SUPPLIERS


@desk(_manage)
def edit(request: HttpRequest, supplier_id: int) -> HttpResponse:
    supplier = queries.get_supplier_of_id(supplier_id=supplier_id)
    terms = queries.get_document_terms(supplier_code=supplier.code)
    return _draw(request, supplier, DocumentsForm(initial=asdict(terms)))


@desk(_manage, method="POST")
def change(request: HttpRequest, supplier_id: int) -> HttpResponse:
    """Save what was entered."""
    supplier = queries.get_supplier_of_id(supplier_id=supplier_id)
    form = DocumentsForm(request.POST)
    if not form.is_valid():
        return _draw(request, supplier, form)
    try:
        operations.save_document_terms(
            supplier_code=supplier.code, terms=form.terms(), saved_by=get_actor(request).name
        )
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, supplier, form)
    messages.success(request, _("How {supplier} gets its orders is saved.").format(supplier=supplier.name))
    return redirect("setup:supplier", supplier_id)


def _draw(request: HttpRequest, supplier: SupplierRow, form: DocumentsForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("How {supplier} gets its orders").format(supplier=supplier.name),
        state=_("X12 needs both interchange ids; every order then has one control number for ever."),
        eyebrow=supplier.name,
        back_url=reverse("setup:supplier", args=[supplier.id]),
        action_url=reverse("setup:change_documents", args=[supplier.id]),
        button=_("Save"),
    )
