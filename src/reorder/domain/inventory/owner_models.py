"""Shops that we store and ship for, and what they pay for it."""

from typing import Any

from django.db import models
from django.db.models.functions import Now


def _charge(told: str) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(max_digits=14, decimal_places=4, default=0, db_default=0, help_text=told)


class Owner(models.Model):
    """A shop whose goods stand here; its code is what products, levels and moves name. Our own goods are `self`.

    Charges are minor units of the shop's currency, with four decimals: a litre for a day costs less than a cent.
    """

    code = models.TextField(unique=True)
    name = models.TextField()
    email = models.TextField(blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True, db_default=True)
    litre_day_minor = _charge("For a litre of goods that stands here at the end of a day.")
    received_unit_minor = _charge("For a unit that is taken in.")
    shipped_order_minor = _charge("For an order that leaves.")
    picked_unit_minor = _charge("For a unit that was picked and left.")
    parcel_minor = _charge("For a parcel that leaves.")
    returned_unit_minor = _charge("For a unit that comes back.")
    decided_by = models.TextField()
    decided_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="owner_code_not_self", condition=~models.Q(code__in=["", "self"])),
            models.CheckConstraint(name="owner_name_not_empty", condition=~models.Q(name="")),
            models.CheckConstraint(
                name="owner_charges_not_negative",
                condition=models.Q(
                    litre_day_minor__gte=0,
                    received_unit_minor__gte=0,
                    shipped_order_minor__gte=0,
                    picked_unit_minor__gte=0,
                    parcel_minor__gte=0,
                    returned_unit_minor__gte=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code
