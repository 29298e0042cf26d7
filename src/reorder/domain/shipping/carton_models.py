"""Cartons that parcels are packed into, and what-ifs of the catalogue."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from reorder.domain.shipping.carton_rules import MATERIALS


class Carton(models.Model):
    """A kind of box by its inner size; carriers measure the outer one. Cost in the shop's currency."""

    code = models.TextField(unique=True, help_text="Printed on it: packers scan it.")
    name = models.TextField()
    length_mm = models.PositiveIntegerField()
    width_mm = models.PositiveIntegerField()
    height_mm = models.PositiveIntegerField()
    outer_length_mm = models.PositiveIntegerField()
    outer_width_mm = models.PositiveIntegerField()
    outer_height_mm = models.PositiveIntegerField()
    own_grams = models.PositiveIntegerField(default=0, db_default=0)
    max_grams = models.PositiveIntegerField(null=True, blank=True, help_text="Of goods.")
    cost_minor = models.BigIntegerField(default=0, db_default=0)
    temperature_classes = ArrayField(models.TextField())
    place = models.ForeignKey(
        "inventory.Place", on_delete=models.CASCADE, null=True, blank=True, related_name="+", help_text="None: at all."
    )
    material = models.TextField(default="carton", db_default="carton")
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="carton_code_not_empty", condition=~models.Q(code="")),
            models.CheckConstraint(
                name="carton_inside_positive",
                condition=models.Q(length_mm__gt=0) & models.Q(width_mm__gt=0) & models.Q(height_mm__gt=0),
            ),
            models.CheckConstraint(
                name="carton_outside_not_smaller",
                condition=models.Q(outer_length_mm__gte=models.F("length_mm"))
                & models.Q(outer_width_mm__gte=models.F("width_mm"))
                & models.Q(outer_height_mm__gte=models.F("height_mm")),
            ),
            models.CheckConstraint(name="carton_cost_not_negative", condition=models.Q(cost_minor__gte=0)),
            models.CheckConstraint(name="carton_material_known", condition=models.Q(material__in=MATERIALS)),
            models.CheckConstraint(
                name="carton_takes_some_temperature",
                condition=models.Q(temperature_classes__len__gte=1)
                & models.Q(temperature_classes__contained_by=["ambient", "chilled", "frozen"]),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CartonTrial(models.Model):
    """A what-if: shipments of the past packed again with a changed catalogue; made by a job, with its progress."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default="waiting", db_default="waiting")
    added = models.JSONField(help_text="The carton that is tried: its fields.")
    removed_codes = ArrayField(models.TextField(), default=list, db_default=[])
    shipments = models.PositiveIntegerField(help_text="How many of the last ones.")
    packed_count = models.PositiveIntegerField(default=0, db_default=0)
    outcome = models.JSONField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="carton_trial_state_known",
                condition=models.Q(state__in=["waiting", "running", "done", "failed"]),
            ),
            models.CheckConstraint(name="carton_trial_some_shipments", condition=models.Q(shipments__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class PackingPlan(models.Model):
    """How the goods of one shipment are to be packed, and how far the packer has come.

    A suggestion that the packer may change; boxes become parcels when they are opened. `goods_key` is made of the goods
    that were planned for: a plan for other goods is made anew.
    """

    shipment_key = models.TextField(unique=True)
    goods_key = models.TextField()
    plan = models.JSONField()
    verified = models.JSONField(default=dict, db_default={}, help_text="What is done of each step: units as text.")
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="packing_plan_of_a_shipment", condition=~models.Q(shipment_key="")),
        ]

    def __str__(self) -> str:
        return self.shipment_key
