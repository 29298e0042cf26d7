"""How the shop buys: who must agree above which value, and what is ordered without a person."""

from django.db import models
from django.db.models.functions import Now


class BuyingPolicy(models.Model):
    """Rules of buying for the whole shop: decided on screen, the latest row counts; append-only."""

    approval_limit_minor = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="In the shop's currency: an order above it waits for a second person; empty: none.",
    )
    is_automatic_stopped = models.BooleanField(
        default=False, help_text="The kill switch: nothing is ordered by itself."
    )
    usual_ratio = models.FloatField(default=3.0, help_text="More than so many times the usual order asks for a person.")
    note = models.TextField(blank=True, default="", db_default="")
    decided_by = models.TextField()
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="buying_policy_limit_not_negative",
                condition=models.Q(approval_limit_minor__isnull=True) | models.Q(approval_limit_minor__gte=0),
            ),
            models.CheckConstraint(name="buying_policy_ratio_from_one", condition=models.Q(usual_ratio__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.approval_limit_minor}"


class AutomaticCheck(models.Model):
    """What automatic ordering made of one supplier's proposals after a night: ordered, or why not."""

    run_key = models.BigIntegerField(help_text="The night whose proposals were looked at.")
    supplier = models.ForeignKey("purchasing.Supplier", on_delete=models.CASCADE, related_name="automatic_checks")
    checked_at = models.DateTimeField()
    outcome_code = models.TextField(help_text="A reason code: ordered, ordered in part, or what stood against it.")
    outcome_parameters = models.JSONField(default=dict)
    ordered_numbers = models.JSONField(default=list)
    left = models.JSONField(default=list, help_text="Lines left to a person: proposal, SKU, place, code, parameters.")

    class Meta:
        constraints = [models.UniqueConstraint(name="automatic_check_once", fields=["run_key", "supplier"])]
        indexes = [models.Index(name="automatic_check_newest", fields=["-run_key", "supplier"])]

    def __str__(self) -> str:
        return f"{self.supplier_id} {self.outcome_code}"
