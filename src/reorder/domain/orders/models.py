"""Orders, their lines and their events; one external order lands exactly once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from reorder.domain.orders.price_models import (  # noqa: F401 - Django looks for models here
    CategoryTaxClass,
    Coupon,
    PriceRule,
    PriceRuleUse,
    ShippingFee,
    TaxRate,
)
from reorder.domain.orders.rules import PAYMENT_STATES, STATES


class Order(models.Model):
    """What somebody bought. One that is fulfilled elsewhere is history; one of ours is promised, routed and shipped.

    A draft is a cart or an order being typed in: it is nobody's demand yet. Every change of state appends an event.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        PLACED = "placed"
        ALLOCATED = "allocated"
        RELEASED = "released"
        PICKED = "picked"
        PACKED = "packed"
        SHIPPED = "shipped"
        DELIVERED = "delivered"
        CANCELLED = "cancelled"

    class Fulfilment(models.TextChoices):
        ELSEWHERE = "elsewhere"
        REORDER = "reorder"

    class PaymentState(models.TextChoices):
        NONE = "none"
        UNPAID = "unpaid"
        CASH_ON_DELIVERY = "cash_on_delivery"
        PAID = "paid"
        PART_REFUNDED = "part_refunded"
        REFUNDED = "refunded"

    channel = models.TextField(default="file", db_default="file", help_text="Which shop or file it came from.")
    external_id = models.TextField()
    # No index of its own: the one on customer and moment serves the key as well.
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="orders", db_index=False)
    ordered_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=State.choices, default="placed", db_default="placed")
    fulfilment = models.CharField(max_length=9, choices=Fulfilment.choices, default="elsewhere", db_default="elsewhere")
    payment_state = models.CharField(max_length=16, choices=PaymentState.choices, default="none", db_default="none")
    hold_reasons = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    ship_postcode = models.TextField(blank=True, default="", db_default="")
    ship_to = models.ForeignKey(
        "customers.Address", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    ship_method = models.TextField(blank=True, default="", db_default="", help_text="Code of a shipping service.")
    not_before_date = models.DateField(null=True, blank=True, help_text="The customer wants it no earlier.")
    goods_minor = models.BigIntegerField(null=True, blank=True, help_text="Lines at their list price.")
    discount_minor = models.BigIntegerField(default=0, db_default=0)
    shipping_minor = models.BigIntegerField(default=0, db_default=0)
    tax_added_minor = models.BigIntegerField(default=0, db_default=0)
    tax_included_minor = models.BigIntegerField(default=0, db_default=0)
    total_minor = models.BigIntegerField(null=True, blank=True)
    paid_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0, db_default=0)
    content_hash = models.CharField(max_length=64, help_text="Equal hash: the same order again, nothing to do.")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    tags = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    imported_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="order_once_per_channel", fields=["channel", "external_id"]),
            models.CheckConstraint(
                name="order_state_known",
                condition=models.Q(state__in=list(STATES)),
            ),
            models.CheckConstraint(
                name="order_fulfilment_known", condition=models.Q(fulfilment__in=["elsewhere", "reorder"])
            ),
            models.CheckConstraint(
                name="order_elsewhere_only_placed_or_cancelled",
                condition=models.Q(fulfilment="reorder") | models.Q(state__in=["placed", "cancelled"]),
            ),
            models.CheckConstraint(
                name="order_payment_state_known",
                condition=models.Q(payment_state__in=list(PAYMENT_STATES)),
            ),
            models.CheckConstraint(
                name="order_total_reconciles",
                condition=models.Q(total_minor__isnull=True)
                | models.Q(
                    total_minor=models.F("goods_minor")
                    - models.F("discount_minor")
                    + models.F("shipping_minor")
                    + models.F("tax_added_minor")
                ),
            ),
            models.CheckConstraint(
                name="order_refunds_within_paid",
                condition=models.Q(refunded_minor__gte=0) & models.Q(paid_minor__gte=models.F("refunded_minor")),
            ),
        ]
        indexes = [
            models.Index(name="order_customer_moment", fields=["customer", "ordered_at"]),
            models.Index(name="order_moment", fields=["ordered_at"]),
            # The desk's lists: orders of ours that are not through, the newest first.
            models.Index(
                name="order_open_by_state",
                fields=["state", "-id"],
                condition=models.Q(fulfilment="reorder") & ~models.Q(state__in=["delivered", "cancelled"]),
            ),
            models.Index(name="order_ours", fields=["-id"], condition=models.Q(fulfilment="reorder")),
            models.Index(
                name="order_ours_postcode", fields=["ship_postcode"], condition=models.Q(fulfilment="reorder")
            ),
            models.Index(name="order_merged", fields=["merged_into"], condition=models.Q(merged_into__isnull=False)),
            # Those whose day may have come: the job that lets them go looks at nothing else.
            models.Index(
                name="order_wanted_later",
                fields=["not_before_date"],
                condition=models.Q(hold_reasons__contains=["requested_date"]),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderLine(models.Model):
    # No index of its own: the one that makes a line unique in its order serves the key as well.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    line_key = models.TextField(help_text="The channel's line id, or the position in the order.")
    # Nor here: the index on product and order serves it.
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="order_lines", db_index=False)
    units = models.DecimalField(max_digits=14, decimal_places=3)
    unit_price_minor = models.BigIntegerField(null=True, blank=True)
    discount_minor = models.BigIntegerField(default=0, db_default=0, help_text="Its share of all discounts.")
    demand_place_code = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="Place that would serve it with unlimited stock: where the demand belongs.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="order_line_once", fields=["order", "line_key"]),
            models.CheckConstraint(name="order_line_units_positive", condition=models.Q(units__gt=0)),
        ]
        # Orders of a product are found in the index alone, however many lines there are.
        indexes = [models.Index(name="order_line_of_product", fields=["product", "order"])]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_key}"


class OrderEvent(models.Model):
    """Append-only (a trigger refuses UPDATE and DELETE): what happened to an order, by whom, and why.

    Holds keys and figures, never personal facts.
    """

    # No index of its own: the one on order and number serves the key as well.
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events", db_index=False)
    kind = models.TextField(help_text="placed, allocated, held, released, shipped, edited, noted …")
    happened_at = models.DateTimeField()
    actor = models.TextField()
    via = models.CharField(max_length=8)
    from_state = models.CharField(max_length=12, blank=True, default="", db_default="")
    to_state = models.CharField(max_length=12, blank=True, default="", db_default="")
    reason = models.TextField(blank=True, default="", db_default="")
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        indexes = [
            models.Index(name="order_event_of_order", fields=["order", "id"]),
            # Wishes to return goods that nobody has answered: asked for beside the desk on every page.
            models.Index(
                name="order_event_of_return",
                fields=["order", "kind"],
                condition=models.Q(kind__in=["return_requested", "return_accepted", "return_declined"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"


class OrderStep(models.Model):
    """Work for an order that may need somebody outside our database, such as a refund; done once."""

    class Kind(models.TextChoices):
        REFUND = "refund"

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=7, choices=State.choices, default="waiting", db_default="waiting")
    idempotency_key = models.CharField(max_length=64, unique=True)
    details = models.JSONField(default=dict, db_default={})
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    ended_at = models.DateTimeField(null=True, blank=True)
    fault = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="order_step_state_known", condition=models.Q(state__in=["waiting", "done", "failed"])
            ),
            models.CheckConstraint(
                name="order_step_ended_at_a_moment",
                condition=models.Q(state="waiting", ended_at__isnull=True)
                | models.Q(state__in=["done", "failed"], ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="order_step_due", fields=["due_at"], condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind} {self.state}"
