"""Writes of whose goods products are; who an owner is, the caller has checked."""

from reorder.domain.catalog.models import Product
from reorder.domain.staff.operations import record_audit


def assign_owner(*, product_id: int, owner: str, decided_by: str) -> bool:
    """Say whose goods a product is; whether that is new. Part of the caller's transaction: it locks the product."""
    known = Product.objects.select_for_update().filter(pk=product_id).values_list("sku", "goods_owner").first()
    if known is None or known[1] == owner:
        return False
    Product.objects.filter(pk=product_id).update(goods_owner=owner)
    record_audit(
        actor=decided_by,
        action="catalog.assign_owner",
        subject_kind="product",
        subject_key=known[0],
        details={"from": known[1], "to": owner},
    )
    return True
