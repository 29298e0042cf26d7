"""Purchase orders: what was ordered and what came of it."""

from django.db import models
from django.db.models.functions import Now


class PurchaseOrder(models.Model):
    class State(models.TextChoices):
        PLACED = "placed"
        PARTLY_RECEIVED = "partly_received"
        RECEIVED = "received"
        CANCELLED = "cancelled"

    number = models.TextField(unique=True)
    supplier = models.ForeignKey("purchasing.Supplier", on_delete=models.PROTECT, related_name="purchase_orders")
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="purchase_orders")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=16, choices=State.choices, default="placed", db_default="placed")
    placed_at = models.DateTimeField()
    placed_by = models.TextField(blank=True, default="", db_default="")
    expected_date = models.DateField()
    asked_date = models.DateField(null=True, blank=True, help_text="Expected when it was placed, before any answer.")
    exchange_rate = models.DecimalField(
        max_digits=20,
        decimal_places=10,
        null=True,
        blank=True,
        help_text="What one unit of its currency was worth in the shop's when it was placed; empty: not known.",
    )
    approval_key = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="The approval that placed it: the same is one."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="purchase_order_state_known",
                condition=models.Q(state__in=["placed", "partly_received", "received", "cancelled"]),
            )
        ]
        indexes = [
            models.Index(name="purchase_order_newest", fields=["-placed_at", "-id"]),
            models.Index(name="purchase_order_by_state", fields=["state", "-placed_at", "-id"]),
            models.Index(
                name="purchase_order_awaited",
                fields=["expected_date", "id"],
                condition=models.Q(state__in=["placed", "partly_received"]),
            ),
            models.Index(name="purchase_order_approval", fields=["approval_key"], condition=~models.Q(approval_key="")),
        ]

    def __str__(self) -> str:
        return self.number


class PurchaseOrderLine(models.Model):
    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    ordered_units = models.DecimalField(max_digits=14, decimal_places=3)
    received_units = models.DecimalField(max_digits=14, decimal_places=3, default=0, db_default=0)
    unit_cost_minor = models.BigIntegerField()
    given_up_units = models.DecimalField(
        max_digits=14,
        decimal_places=3,
        default=0,
        db_default=0,
        help_text="Will not come: refused by the supplier, or cancelled while the rest of the order stands.",
    )
    confirmed_cost_minor = models.BigIntegerField(null=True, blank=True, help_text="The price the supplier confirmed.")
    promised_date = models.DateField(null=True, blank=True, help_text="The day the supplier promised.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="purchase_line_given_up_in_order",
                condition=models.Q(given_up_units__gte=0) & models.Q(given_up_units__lte=models.F("ordered_units")),
            ),
            models.UniqueConstraint(name="purchase_line_once", fields=["order", "product"]),
            models.CheckConstraint(name="purchase_line_units_positive", condition=models.Q(ordered_units__gt=0)),
            models.CheckConstraint(
                name="purchase_line_received_not_negative", condition=models.Q(received_units__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.product_id}"


class Receipt(models.Model):
    order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="receipts")
    idempotency_key = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.TextField(blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.idempotency_key


class ReceiptLine(models.Model):
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(PurchaseOrderLine, on_delete=models.PROTECT, related_name="receipt_lines")
    units = models.DecimalField(max_digits=14, decimal_places=3)
    lot = models.TextField(blank=True, default="", db_default="")
    expires_date = models.DateField(null=True, blank=True)
    # In minor units of the shop's currency, for all its units; empty where no exchange rate is known.
    goods_cost_minor = models.BigIntegerField(null=True, blank=True)
    landed_cost_minor = models.BigIntegerField(null=True, blank=True, help_text="Freight, duty and the like on top.")

    class Meta:
        constraints = [models.CheckConstraint(name="receipt_units_positive", condition=models.Q(units__gt=0))]

    def __str__(self) -> str:
        return f"{self.receipt_id} {self.units}"
