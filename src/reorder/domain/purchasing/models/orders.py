"""Purchase orders: what was ordered and what came of it."""

from django.db import models
from django.db.models.functions import Now

from reorder.domain.purchasing.models.suppliers import line_cost


class PurchaseOrder(models.Model):
    class State(models.TextChoices):
        AWAITING_APPROVAL = "awaiting_approval"  # over the limit: nothing is on the way before a second person agrees
        REFUSED = "refused"  # a second person did not agree: it never reached the supplier
        PLACED = "placed"
        PARTLY_RECEIVED = "partly_received"
        RECEIVED = "received"
        CANCELLED = "cancelled"

    number = models.TextField(unique=True)
    supplier = models.ForeignKey("purchasing.Supplier", on_delete=models.PROTECT, related_name="purchase_orders")
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="purchase_orders")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20, choices=State.choices, default="placed", db_default="placed")
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
    # Above the limit of the shop a second person decides; `placed_at` is then the moment of that decision.
    requested_at = models.DateTimeField(null=True, blank=True, help_text="When the first person asked; empty: at once.")
    limit_minor = models.BigIntegerField(null=True, blank=True, help_text="The limit that it exceeded.")
    second_by = models.TextField(blank=True, default="", db_default="")
    second_at = models.DateTimeField(null=True, blank=True)
    second_reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="purchase_order_state_known",
                condition=models.Q(
                    state__in=["awaiting_approval", "refused", "placed", "partly_received", "received", "cancelled"]
                ),
            ),
            models.CheckConstraint(
                name="purchase_order_second_is_another",
                condition=models.Q(second_by="") | ~models.Q(second_by=models.F("placed_by")),
            ),
        ]
        indexes = [
            models.Index(name="purchase_order_newest", fields=["-placed_at", "-id"]),
            models.Index(name="purchase_order_by_state", fields=["state", "-placed_at", "-id"]),
            models.Index(
                name="purchase_order_awaited",
                fields=["expected_date", "id"],
                condition=models.Q(state__in=["placed", "partly_received"]),
            ),
            models.Index(name="purchase_order_awaiting", fields=["id"], condition=models.Q(state="awaiting_approval")),
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
    order_unit = models.TextField(blank=True, default="", db_default="", help_text="Empty: the selling unit.")
    order_unit_units = models.DecimalField(max_digits=12, decimal_places=3, default=1, db_default=1)
    order_unit_cost_minor = models.BigIntegerField(null=True, blank=True)
    cost_minor = models.GeneratedField(
        expression=line_cost(units="ordered_units"), output_field=models.BigIntegerField(), db_persist=True
    )
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
