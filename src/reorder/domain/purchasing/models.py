"""Suppliers and their terms, proposals, purchase orders and receipts."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


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


class PurchaseOrder(models.Model):
    class State(models.TextChoices):
        PLACED = "placed"
        PARTLY_RECEIVED = "partly_received"
        RECEIVED = "received"
        CANCELLED = "cancelled"

    number = models.TextField(unique=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="purchase_orders")
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="purchase_orders")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=16, choices=State.choices, default="placed", db_default="placed")
    placed_at = models.DateTimeField()
    placed_by = models.TextField(blank=True, default="", db_default="")
    expected_date = models.DateField()
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

    class Meta:
        constraints = [
            models.UniqueConstraint(name="purchase_line_once", fields=["order", "product"]),
            models.CheckConstraint(name="purchase_line_units_positive", condition=models.Q(ordered_units__gt=0)),
            models.CheckConstraint(
                name="purchase_line_received_not_negative", condition=models.Q(received_units__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.product_id}"


class Proposal(models.Model):
    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        DISMISSED = "dismissed"
        SUPERSEDED = "superseded"

    run_key = models.BigIntegerField(help_text="The planning run that made it.")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="proposals")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="proposals")
    units = models.DecimalField(max_digits=14, decimal_places=3)
    unit_cost_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    order_by_date = models.DateField()
    position_units = models.FloatField()
    reorder_point_units = models.FloatField()
    daily_units = models.FloatField()
    risk_minor = models.BigIntegerField(
        default=0, db_default=0, help_text="Sales at risk until the goods would arrive."
    )
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default="open", db_default="open")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True, default="", db_default="")
    decision_reason = models.TextField(blank=True, default="", db_default="")
    purchase_order = models.ForeignKey(
        PurchaseOrder, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    # What the plan asked for, once a person has asked for something else.
    planned_units = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    planned_supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    planned_order_by_date = models.DateField(null=True, blank=True)
    edits_count = models.PositiveIntegerField(default=0, db_default=0, help_text="Tells whether a page is stale.")
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.TextField(blank=True, default="", db_default="")
    edit_reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="proposal_open_once", fields=["product", "place"], condition=models.Q(state="open")
            ),
            models.CheckConstraint(name="proposal_units_positive", condition=models.Q(units__gt=0)),
            models.CheckConstraint(
                name="proposal_state_known",
                condition=models.Q(state__in=["open", "approved", "dismissed", "superseded"]),
            ),
            models.CheckConstraint(
                name="proposal_approved_has_order",
                condition=~models.Q(state="approved") | models.Q(purchase_order__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_edited_remembers_plan",
                condition=models.Q(edits_count=0)
                | models.Q(
                    planned_units__isnull=False, planned_supplier__isnull=False, planned_order_by_date__isnull=False
                ),
            ),
        ]
        indexes = [
            models.Index(
                name="proposal_open_by_risk",
                fields=["supplier", "-risk_minor", "id"],
                condition=models.Q(state="open"),
            ),
            models.Index(name="proposal_by_run", fields=["run_key", "product", "place"]),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.units}"


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

    class Meta:
        constraints = [models.CheckConstraint(name="receipt_units_positive", condition=models.Q(units__gt=0))]

    def __str__(self) -> str:
        return f"{self.receipt_id} {self.units}"
