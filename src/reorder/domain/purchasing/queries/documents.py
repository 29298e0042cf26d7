"""How suppliers want their orders."""

from reorder.domain.purchasing.documents import DocumentTerms
from reorder.domain.purchasing.models import SupplierDocuments


def get_document_terms(*, supplier_code: str) -> DocumentTerms:
    """What a supplier wants; PDF and CSV when nobody has said anything."""
    row = SupplierDocuments.objects.filter(supplier__code=supplier_code).first()
    if row is None:
        return DocumentTerms()
    return DocumentTerms(
        formats=tuple(row.formats),
        own_qualifier=row.own_qualifier,
        own_id=row.own_id,
        their_qualifier=row.their_qualifier,
        their_id=row.their_id,
        version=row.version,
        is_trial=row.is_trial,
    )
