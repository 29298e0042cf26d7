"""Suppliers and what they ask for our products."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Supplier(models.Model):
    code = models.TextField(unique=True)
    name = models.TextField()
    email = models.TextField(blank=True, default="", db_default="")
    language = models.CharField(max_length=8, default="en", db_default="en")
    currency = models.CharField(max_length=3)
    minimum_value_minor = models.BigIntegerField(default=0, db_default=0)
    lead_days = models.PositiveSmallIntegerField(
        default=7, db_default=7, help_text="Agreed days from order to receipt."
    )
    order_weekdays = ArrayField(
        models.PositiveSmallIntegerField(), null=True, blank=True, help_text="ISO weekdays, 1 Monday; empty: any day."
    )
    is_active = models.BooleanField(default=True, db_default=True)

    def __str__(self) -> str:
        return self.code


class Offer(models.Model):
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="offers")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="offers")
    supplier_sku = models.TextField(blank=True, default="", db_default="")
    unit_cost_minor = models.BigIntegerField()
    pack_units = models.DecimalField(max_digits=12, decimal_places=3, default=1, db_default=1)
    minimum_units = models.DecimalField(max_digits=12, decimal_places=3, default=1, db_default=1)
    maximum_cover_days = models.PositiveSmallIntegerField(null=True, blank=True)
    lead_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: the supplier's.")
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="offer_once", fields=["supplier", "product"]),
            models.CheckConstraint(name="offer_pack_positive", condition=models.Q(pack_units__gt=0)),
            models.CheckConstraint(name="offer_minimum_not_negative", condition=models.Q(minimum_units__gte=0)),
            models.CheckConstraint(name="offer_cost_not_negative", condition=models.Q(unit_cost_minor__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id} {self.product_id}"
