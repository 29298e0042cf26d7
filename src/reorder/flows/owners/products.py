"""Whose goods a product is: one owner at a time, one that is known, and no change while goods are about."""

from collections.abc import Collection

from reorder.domain.catalog.owning import assign_owner
from reorder.domain.catalog.queries import list_skus, owners_of
from reorder.domain.inventory.owner_errors import ProductHasStock, WrongOwner
from reorder.domain.inventory.owners import levels_of_product, list_known_codes, require_owner
from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.storage import one_transaction
from reorder.kernel.quantity import plain_decimal


def set_owner(*, product_id: int, sku: str, owner: str, decided_by: str) -> bool:
    """Say whose goods a product is (`self`, or an owner's code); whether that is new.

    Raises UnknownOwner, OwnerClosed, and ProductHasStock while goods of another owner are here or on their way.
    """
    require_owner(code=owner)
    with one_transaction():
        is_new = assign_owner(product_id=product_id, owner=owner, decided_by=decided_by)
        if is_new:
            refuse_stock_of_others(skus={product_id: sku}, owners={product_id: owner})
    return is_new


def refuse_stock_of_others(*, skus: dict[int, str], owners: dict[int, str]) -> None:
    """Raises ProductHasStock where goods of a product stand here, or are on their way, for another than its owner."""
    for product_id, owner, units in levels_of_product(product_ids=list(skus)):
        if owner != owners.get(product_id, OWN_GOODS):
            raise ProductHasStock(sku=skus[product_id], units=plain_decimal(number=units), owner=owner)


def refuse_wrong_owners(*, product_ids: Collection[int]) -> None:
    """What a file says of owners holds, or the file is not taken. Part of the caller's transaction.

    Raises UnknownOwner, OwnerClosed, and ProductHasStock for a product whose goods of another owner are here.
    """
    owners = owners_of(product_ids=list(product_ids))
    for owner in sorted(set(owners.values()) - list_known_codes()):
        require_owner(code=owner)
    refuse_stock_of_others(skus=list_skus(product_ids=list(product_ids)), owners=owners)


def refuse_wrong_owner(*, product_id: int, sku: str, wanted: str) -> None:
    """Raises WrongOwner when a product is not of the one whose goods are taken in."""
    owner = owners_of(product_ids=[product_id]).get(product_id, OWN_GOODS)
    if owner != wanted:
        raise WrongOwner(sku=sku, owner=owner, wanted=wanted)
