"""Transfers between our own places: what a lane costs, what the plan would move, and what became of it."""

from django.db import models
from django.db.models.functions import Now


class TransferLane(models.Model):
    """Goods may be sent from one place to another, at this cost; without a lane nothing is proposed."""

    source = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+")
    transfer_cost_minor = models.BigIntegerField(default=0, db_default=0, help_text="Of one journey.")
    unit_cost_minor = models.BigIntegerField(default=0, db_default=0, help_text="Of one unit on it.")
    decided_by = models.TextField(blank=True, default="", db_default="")
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="transfer_lane_once", fields=["source", "destination"]),
            models.CheckConstraint(
                name="transfer_lane_between_two_places", condition=~models.Q(source=models.F("destination"))
            ),
            models.CheckConstraint(
                name="transfer_lane_costs_not_negative",
                condition=models.Q(transfer_cost_minor__gte=0) & models.Q(unit_cost_minor__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.destination_id}"


class Transfer(models.Model):
    class State(models.TextChoices):
        OPEN = "open"
        IN_TRANSIT = "in_transit"
        RECEIVED = "received"
        DISMISSED = "dismissed"
        SUPERSEDED = "superseded"

    run_key = models.BigIntegerField(help_text="The planning run that made it.")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+")
    units = models.DecimalField(max_digits=14, decimal_places=3)
    saving_minor = models.BigIntegerField(help_text="Keeping and lost margin that it saves.")
    cost_minor = models.BigIntegerField(help_text="Of its units; the journey's cost comes on top.")
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default="open", db_default="open")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True, default="", db_default="")
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="transfer_open_once",
                fields=["product", "source", "destination"],
                condition=models.Q(state="open"),
            ),
            models.CheckConstraint(name="transfer_units_positive", condition=models.Q(units__gt=0)),
            models.CheckConstraint(
                name="transfer_between_two_places", condition=~models.Q(source=models.F("destination"))
            ),
            models.CheckConstraint(
                name="transfer_state_known",
                condition=models.Q(state__in=["open", "in_transit", "received", "dismissed", "superseded"]),
            ),
        ]
        indexes = [models.Index(name="transfer_by_state", fields=["state", "-saving_minor", "id"])]

    def __str__(self) -> str:
        return f"{self.product_id} {self.units}"
