"""Parcels: what is in a box, how large it is, with whom it travels, and how far it has come."""

from django.db import models
from django.db.models.functions import Now

# Where a parcel can be, in the words of karrio; what carriers say is translated to these.
PARCEL_STATES = (
    "pending",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "ready_for_pickup",
    "delivered",
    "delivery_delayed",
    "delivery_failed",
    "on_hold",
    "return_to_sender",
    "cancelled",
    "unknown",
)


class Parcel(models.Model):
    """One box on its way to a customer, or back; an order may have several, each with a tracking number of its own.

    `shipment_key` names whose box it is (`fulfilment:<id>` or `return:<id>`): this app knows neither. `contents` are
    [order_line_id, product_id, sku, units as text, lot]; `placements` say how the goods sit in the carton.
    """

    class Direction(models.TextChoices):
        OUT = "out"
        BACK = "back"

    number = models.TextField(unique=True, help_text="Ours, printed on the box.")
    shipment_key = models.TextField()
    direction = models.CharField(max_length=4, choices=Direction.choices, default="out", db_default="out")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.TextField(default="self", db_default="self", help_text="Whose goods are in it.")
    ship_to = models.ForeignKey(
        "customers.Address", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    temperature_class = models.CharField(max_length=8, default="ambient", db_default="ambient")
    carton_code = models.TextField(blank=True, default="", db_default="")
    length_mm = models.PositiveIntegerField(null=True, blank=True)
    width_mm = models.PositiveIntegerField(null=True, blank=True)
    height_mm = models.PositiveIntegerField(null=True, blank=True)
    grams = models.PositiveIntegerField(null=True, blank=True)
    contents = models.JSONField(default=list, db_default=[])
    placements = models.JSONField(default=list, db_default=[])
    service_code = models.TextField(blank=True, default="", db_default="")
    carrier = models.TextField(blank=True, default="", db_default="")
    tracking_number = models.TextField(blank=True, default="", db_default="")
    state = models.CharField(max_length=16, default="pending", db_default="pending")
    state_at = models.DateTimeField(db_default=Now())
    promised_date = models.DateField(null=True, blank=True, help_text="The day told to the customer.")
    packed_at = models.DateTimeField(null=True, blank=True)
    packed_by = models.TextField(blank=True, default="", db_default="")
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="parcel_number_not_empty", condition=~models.Q(number="")),
            models.CheckConstraint(name="parcel_state_known", condition=models.Q(state__in=list(PARCEL_STATES))),
            models.CheckConstraint(name="parcel_direction_known", condition=models.Q(direction__in=["out", "back"])),
            models.CheckConstraint(
                name="parcel_temperature_known",
                condition=models.Q(temperature_class__in=["ambient", "chilled", "frozen"]),
            ),
        ]
        indexes = [
            models.Index(name="parcel_of_shipment", fields=["shipment_key"]),
            models.Index(
                name="parcel_by_tracking", fields=["tracking_number"], condition=~models.Q(tracking_number="")
            ),
            models.Index(
                name="parcel_under_way",
                fields=["place", "state", "id"],
                condition=~models.Q(state__in=["delivered", "cancelled", "return_to_sender"]),
            ),
            models.Index(
                name="parcel_not_delivered",
                fields=["state_at"],
                condition=models.Q(state__in=["delivery_failed", "return_to_sender"]),
            ),
        ]

    def __str__(self) -> str:
        return self.number
