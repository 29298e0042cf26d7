"""Fulfilment orders: the part of an order that one place serves, and why it was this place."""

from django.db import models
from django.db.models.functions import Now

from reorder.domain.warehouse.count_models import (  # noqa: F401 - Django looks for models here
    CountClass,
    CountEntry,
    CountPolicy,
    CountTask,
)
from reorder.domain.warehouse.floor_models import (  # noqa: F401 - Django looks for models here
    Bin,
    BinMove,
    BinStock,
    FloorPlan,
    StorageZone,
)
from reorder.domain.warehouse.pick_face_models import PickFace  # noqa: F401 - Django looks for models here
from reorder.domain.warehouse.return_models import (  # noqa: F401 - Django looks for models here
    Return,
    ReturnGrade,
    ReturnLine,
    ReturnPhoto,
    ReturnPiece,
    ReturnRule,
)
from reorder.domain.warehouse.scan_models import FloorScan, PackCode  # noqa: F401 - Django looks for models here
from reorder.domain.warehouse.team_models import (  # noqa: F401 - Django looks for models here
    FloorAssignment,
    LogisticUnit,
    SsccSeries,
)
from reorder.domain.warehouse.wave_models import (  # noqa: F401 - Django looks for models here
    PickBatch,
    PickLine,
    Wave,
    WaveParcel,
    WaveSetting,
)


class FulfilmentOrder(models.Model):
    """What one place does for one order, as one shipment."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for goods that are not there yet
        ALLOCATED = "allocated"
        RELEASED = "released"
        PICKED = "picked"
        PACKED = "packed"
        SHIPPED = "shipped"
        DELIVERED = "delivered"
        CANCELLED = "cancelled"

    # No index of its own: the one below serves the key as well.
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=State.choices, default="allocated", db_default="allocated")
    service_code = models.TextField(blank=True, default="", db_default="", help_text="Shipping service.")
    cost_minor = models.BigIntegerField(null=True, blank=True, help_text="What shipping it was expected to cost.")
    carrier = models.TextField(blank=True, default="", db_default="")
    tracking_number = models.TextField(blank=True, default="", db_default="")
    ship_by_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    released_at = models.DateTimeField(null=True, blank=True)
    picked_at = models.DateTimeField(null=True, blank=True)
    packed_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    told_late_at = models.DateTimeField(null=True, blank=True, help_text="When somebody was told that it is late.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="fulfilment_order_state_known",
                condition=models.Q(
                    state__in=[
                        "waiting",
                        "allocated",
                        "released",
                        "picked",
                        "packed",
                        "shipped",
                        "delivered",
                        "cancelled",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="fulfilment_order_shipped_has_moment",
                condition=~models.Q(state__in=["shipped", "delivered"]) | models.Q(shipped_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="fulfilment_of_order", fields=["order", "id"]),
            models.Index(
                name="fulfilment_tracking", fields=["tracking_number"], condition=~models.Q(tracking_number="")
            ),
            models.Index(
                name="fulfilment_open_at_place",
                fields=["place", "state", "id"],
                condition=~models.Q(state__in=["shipped", "delivered", "cancelled"]),
            ),
            # What should have left by now, of which nobody was told yet.
            models.Index(
                name="fulfilment_leaves_by",
                fields=["ship_by_at"],
                condition=~models.Q(state__in=["shipped", "delivered", "cancelled"])
                & models.Q(ship_by_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} at {self.place_id}"


class FulfilmentLine(models.Model):
    """Units of a product for an order line; a bundle's line has one for each of its components."""

    # No index of its own: the unique key serves it as well.
    fulfilment = models.ForeignKey(FulfilmentOrder, on_delete=models.CASCADE, related_name="lines", db_index=False)
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    units = models.DecimalField(max_digits=14, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="fulfilment_line_once", fields=["fulfilment", "order_line", "product"]),
            models.CheckConstraint(name="fulfilment_line_units_positive", condition=models.Q(units__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.fulfilment_id}: {self.units}"


class RoutingDecision(models.Model):
    """Append-only: which places could have served an order, at what cost, and which were chosen, why."""

    # No index of its own: the one below serves the key as well.
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()
    cause = models.TextField(help_text="placed, edited, short_pick, outage, manual …")
    places = models.JSONField(help_text="Place code by order line.")
    candidates = models.JSONField(help_text="What was considered, with costs and why it was not taken.")
    cost_minor = models.BigIntegerField(null=True, blank=True)
    reason = models.TextField()

    class Meta:
        indexes = [models.Index(name="routing_decision_of_order", fields=["order", "id"])]

    def __str__(self) -> str:
        return f"{self.order_id} {self.cause}"
