"""Owners of goods: kept, read, closed; every change is audited. `self` is nobody's code: our own goods."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum

from reorder.domain.inventory.models import Level
from reorder.domain.inventory.owner_errors import OwnerClosed, OwnerHasGoods, OwnerKnown, UnknownOwner
from reorder.domain.inventory.owner_models import Owner
from reorder.domain.inventory.owner_rules import CHARGES, OwnerRow, refuse_bad_owner
from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction


def list_owners() -> list[OwnerRow]:
    """Every owner, those in use first, by name."""
    return [_row(one) for one in Owner.objects.order_by("-is_active", "name", "code")]


def get_owner(*, code: str) -> OwnerRow:
    """One owner; raises UnknownOwner."""
    found = Owner.objects.filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise UnknownOwner(owner=code)
    return _row(found)


def require_owner(*, code: str) -> None:
    """Goods may be of `self` or of an owner in use. Raises UnknownOwner, OwnerClosed."""
    if code == OWN_GOODS:
        return
    if not get_owner(code=code).is_active:
        raise OwnerClosed(owner=code)


def list_known_codes() -> set[str]:
    """Codes that a product may name: `self`, and owners in use."""
    return {OWN_GOODS, *Owner.objects.filter(is_active=True).values_list("code", flat=True)}


def create_owner(*, owner: OwnerRow, decided_by: str, moment: dt.datetime) -> None:
    """Add an owner. Raises BadOwner, OwnerKnown."""
    refuse_bad_owner(owner=owner)
    with one_transaction():
        try:
            with transaction.atomic():
                Owner.objects.create(code=owner.code, **_values(owner, decided_by=decided_by, moment=moment))
        except IntegrityError:
            raise OwnerKnown(owner=owner.code) from None
        _audit("owners.create", owner=owner, decided_by=decided_by)


def change_owner(*, owner: OwnerRow, decided_by: str, moment: dt.datetime) -> None:
    """Write an owner and its charges anew; the code stays. Raises BadOwner, UnknownOwner, OwnerHasGoods when closed."""
    refuse_bad_owner(owner=owner)
    with one_transaction():
        known = Owner.objects.select_for_update().filter(code=owner.code).first()
        if known is None:
            raise UnknownOwner(owner=owner.code)
        if known.is_active and not owner.is_active:
            _refuse_goods(code=owner.code)
        Owner.objects.filter(pk=known.pk).update(**_values(owner, decided_by=decided_by, moment=moment))
        _audit("owners.change", owner=owner, decided_by=decided_by)


def levels_of_product(*, product_ids: Sequence[int]) -> list[tuple[int, str, Decimal]]:
    """Units of products that stand somewhere or are on their way: product, owner, units; none are left out."""
    found = (
        Level.objects.filter(product_id__in=list(product_ids), on_hand_units__gt=0)
        .values("product_id", "owner")
        .annotate(units=Sum("on_hand_units"))
        .order_by("product_id", "owner")
    )
    return [(row["product_id"], row["owner"], row["units"]) for row in found]


def _refuse_goods(*, code: str) -> None:
    units = Level.objects.filter(owner=code).aggregate(units=Sum("on_hand_units"))["units"] or Decimal(0)
    if units:
        raise OwnerHasGoods(owner=code, units=units.normalize())


def _values(owner: OwnerRow, *, decided_by: str, moment: dt.datetime) -> dict[str, Any]:
    return {
        "name": owner.name.strip(),
        "email": owner.email.strip(),
        "is_active": owner.is_active,
        "decided_by": decided_by,
        "decided_at": moment,
        **{f"{name}_minor": owner.rates.get(name, Decimal(0)) for name in CHARGES},
    }


def _audit(action: str, *, owner: OwnerRow, decided_by: str) -> None:
    record_audit(
        actor=decided_by,
        action=action,
        subject_kind="owner",
        subject_key=owner.code,
        details={
            "name": owner.name,
            "is_active": owner.is_active,
            **{name: str(owner.rates.get(name, Decimal(0))) for name in CHARGES},
        },
    )


def _row(found: Owner) -> OwnerRow:
    return OwnerRow(
        code=found.code,
        name=found.name,
        email=found.email,
        is_active=found.is_active,
        rates={name: getattr(found, f"{name}_minor") for name in CHARGES},
    )
