"""Suppliers and what they ask for our products."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Cast, Coalesce, Round


def line_cost(*, units: str) -> Cast:
    """The cost of a line in whole minor units: by the price of its order unit where it has one."""
    by_order_unit = models.F(units) * models.F("order_unit_cost_minor") / models.F("order_unit_units")
    by_unit = models.F(units) * models.F("unit_cost_minor")
    exact: models.DecimalField[Any, Any] = models.DecimalField(max_digits=40, decimal_places=10)
    cost = Coalesce(
        models.ExpressionWrapper(by_order_unit, output_field=exact),
        models.ExpressionWrapper(by_unit, output_field=exact),
        output_field=exact,
    )
    return Cast(Round(cost), models.BigIntegerField())


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
    country = models.CharField(
        max_length=2,
        blank=True,
        default="",
        db_default="",
        help_text="Its public holidays are closing days; empty: none.",
    )
    cut_off = models.TimeField(
        null=True, blank=True, help_text="In the shop's time zone: from then on the next order day counts."
    )
    delivery_weekdays = ArrayField(
        models.PositiveSmallIntegerField(), null=True, blank=True, help_text="ISO weekdays; empty: any day."
    )
    counts_working_days = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Lead days are the supplier's working days, not days of the calendar.",
    )
    automatic_limit_minor = models.BigIntegerField(
        null=True, blank=True, help_text="Proposals up to this value together are ordered by themselves; empty: never."
    )
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="supplier_automatic_limit_positive",
                condition=models.Q(automatic_limit_minor__isnull=True) | models.Q(automatic_limit_minor__gt=0),
            )
        ]

    def __str__(self) -> str:
        return self.code


class SupplierClosing(models.Model):
    """Days on which a supplier neither takes orders nor delivers, beyond the holidays of its country."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="closings")
    first_date = models.DateField()
    last_date = models.DateField()
    note = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="supplier_closing_once", fields=["supplier", "first_date", "last_date"]),
            models.CheckConstraint(
                name="supplier_closing_in_order", condition=models.Q(last_date__gte=models.F("first_date"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id} {self.first_date}"


class Offer(models.Model):
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="offers")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="offers")
    supplier_sku = models.TextField(blank=True, default="", db_default="")
    unit_cost_minor = models.BigIntegerField()
    pack_units = models.DecimalField(max_digits=12, decimal_places=3, default=1, db_default=1)
    minimum_units = models.DecimalField(max_digits=12, decimal_places=3, default=1, db_default=1)
    maximum_cover_days = models.PositiveSmallIntegerField(null=True, blank=True)
    lead_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: the supplier's.")
    # Bought and priced by the case: the unit's code, how many selling units it holds, and what one of it costs.
    order_unit = models.TextField(blank=True, default="", db_default="", help_text="Empty: the selling unit.")
    order_unit_units = models.DecimalField(max_digits=12, decimal_places=3, default=1, db_default=1)
    order_unit_cost_minor = models.BigIntegerField(
        null=True, blank=True, help_text="Price of one order unit; empty: priced by the selling unit."
    )
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="offer_once", fields=["supplier", "product"]),
            models.CheckConstraint(name="offer_pack_positive", condition=models.Q(pack_units__gt=0)),
            models.CheckConstraint(name="offer_minimum_not_negative", condition=models.Q(minimum_units__gte=0)),
            models.CheckConstraint(name="offer_cost_not_negative", condition=models.Q(unit_cost_minor__gte=0)),
            models.CheckConstraint(name="offer_order_unit_positive", condition=models.Q(order_unit_units__gt=0)),
            models.CheckConstraint(
                name="offer_order_unit_cost_not_negative",
                condition=models.Q(order_unit_cost_minor__isnull=True) | models.Q(order_unit_cost_minor__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id} {self.product_id}"
