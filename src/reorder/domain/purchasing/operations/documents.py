"""Saving how suppliers want their orders, and the control numbers of the exchange."""

import datetime as dt
from dataclasses import asdict

from django.db import connection, transaction

from reorder.domain.purchasing.documents import DocumentTerms, refuse_bad_documents
from reorder.domain.purchasing.models import Interchange, SupplierDocuments
from reorder.domain.purchasing.queries import get_supplier
from reorder.domain.purchasing.queries.documents import get_document_terms
from reorder.domain.staff.operations import record_audit


def save_document_terms(*, supplier_code: str, terms: DocumentTerms, saved_by: str) -> None:
    """How this supplier wants its orders from now on. Raises UnknownSupplier, BadDocuments."""
    supplier = get_supplier(code=supplier_code)
    refuse_bad_documents(supplier_code=supplier_code, terms=terms)
    with transaction.atomic():
        before = asdict(get_document_terms(supplier_code=supplier_code))
        values = asdict(terms) | {"formats": list(terms.formats)}
        SupplierDocuments.objects.update_or_create(supplier_id=supplier.id, defaults=values)
        changed = {name: value for name, value in asdict(terms).items() if value != before[name]}
        if changed:
            record_audit(
                actor=saved_by,
                action="purchasing.change_documents",
                subject_kind="supplier",
                subject_key=supplier_code,
                details={name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()},
            )


def take_control_number(*, order_id: int, moment: dt.datetime) -> int:
    """The control number of an order's X12 file: taken once, the same for ever, unique over all orders."""
    known = Interchange.objects.filter(order_id=order_id).values_list("control_number", flat=True).first()
    if known is not None:
        return known
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('purchasing_interchange_number')")
        ordinal = int(cursor.fetchone()[0])
    row, _ = Interchange.objects.get_or_create(
        order_id=order_id, defaults={"control_number": ordinal, "made_at": moment}
    )
    return row.control_number
