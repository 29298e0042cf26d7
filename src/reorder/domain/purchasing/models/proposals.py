"""Proposals: what the plan would buy, and what a person made of it."""

from django.db import models
from django.db.models.functions import Now

from reorder.domain.purchasing.models.suppliers import line_cost


class Proposal(models.Model):
    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        DISMISSED = "dismissed"
        SUPERSEDED = "superseded"

    run_key = models.BigIntegerField(help_text="The planning run that made it.")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="proposals")
    supplier = models.ForeignKey("purchasing.Supplier", on_delete=models.PROTECT, related_name="proposals")
    units = models.DecimalField(max_digits=14, decimal_places=3)
    unit_cost_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    order_unit = models.TextField(blank=True, default="", db_default="", help_text="Empty: the selling unit.")
    order_unit_units = models.DecimalField(max_digits=12, decimal_places=3, default=1, db_default=1)
    order_unit_cost_minor = models.BigIntegerField(null=True, blank=True)
    # Rounded once, from the price that the supplier names: 5 cases at 1,000 cost 5,000, whatever a unit comes to.
    cost_minor = models.GeneratedField(
        expression=line_cost(units="units"), output_field=models.BigIntegerField(), db_persist=True
    )
    order_by_date = models.DateField()
    position_units = models.FloatField()
    reorder_point_units = models.FloatField()
    daily_units = models.FloatField()
    risk_minor = models.BigIntegerField(
        default=0, db_default=0, help_text="Sales at risk until the goods would arrive."
    )
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict)
    basis = models.JSONField(
        default=dict, db_default={}, help_text="Numbers of the target that it rests on: tells later what has changed."
    )
    state = models.CharField(max_length=12, choices=State.choices, default="open", db_default="open")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True, default="", db_default="")
    decision_reason = models.TextField(blank=True, default="", db_default="")
    purchase_order = models.ForeignKey(
        "purchasing.PurchaseOrder", on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    # What the plan asked for, once a person has asked for something else.
    planned_units = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    planned_supplier = models.ForeignKey(
        "purchasing.Supplier", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
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
