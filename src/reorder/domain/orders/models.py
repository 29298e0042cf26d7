"""Orders and their lines, as the channel reported them; one external order lands exactly once."""

from django.db import models
from django.db.models.functions import Now


class Order(models.Model):
    class State(models.TextChoices):
        PLACED = "placed"
        CANCELLED = "cancelled"

    channel = models.TextField(default="file", db_default="file", help_text="Which shop or file it came from.")
    external_id = models.TextField()
    # No index of its own: the one on customer and moment serves the key as well.
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="orders", db_index=False)
    ordered_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=State.choices, default="placed", db_default="placed")
    ship_postcode = models.TextField(blank=True, default="", db_default="")
    content_hash = models.CharField(max_length=64, help_text="Equal hash: the same order again, nothing to do.")
    imported_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="order_once_per_channel", fields=["channel", "external_id"]),
            models.CheckConstraint(name="order_state_known", condition=models.Q(state__in=["placed", "cancelled"])),
        ]
        indexes = [
            models.Index(name="order_customer_moment", fields=["customer", "ordered_at"]),
            models.Index(name="order_moment", fields=["ordered_at"]),
        ]

    def __str__(self) -> str:
        return self.external_id


class OrderLine(models.Model):
    # No index of its own: the one that makes a line unique in its order serves the key as well.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    line_key = models.TextField(help_text="The channel's line id, or the position in the order.")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="order_lines")
    units = models.DecimalField(max_digits=14, decimal_places=3)
    unit_price_minor = models.BigIntegerField(null=True, blank=True)
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

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_key}"
