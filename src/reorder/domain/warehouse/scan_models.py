"""The log of scans: every confirmed step of floor work once, with what it came to; and packs learnt by their code."""

from django.db import models
from django.db.models.functions import Now


class FloorScan(models.Model):
    """Append-only (a trigger refuses UPDATE and DELETE): one scan as it was sent, and the answer that it got.

    Written in the transaction of what the scan did, so that a scan that is here was done, and one that is not, was not.
    """

    class Outcome(models.TextChoices):
        RIGHT = "right"
        WRONG = "wrong"
        CONFLICT = "conflict"
        DONE = "done"

    key = models.CharField(max_length=64, unique=True, help_text="Made by the handheld; a replay has the same.")
    actor = models.TextField()
    user_id = models.BigIntegerField(null=True, blank=True, help_text="None for a token.")
    device = models.TextField(blank=True, default="", db_default="", help_text="A handheld's own name, kept by it.")
    place_code = models.TextField()
    work = models.TextField()
    task = models.TextField()
    step = models.TextField(blank=True, default="", db_default="")
    code = models.TextField(blank=True, default="", db_default="", help_text="What was scanned, as read.")
    sent = models.JSONField(help_text="The rest of the scan: bin, product, units, lot, expiry, details.")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    answer = models.JSONField(help_text="Template, values and plan of the answer.")
    scanned_at = models.DateTimeField(help_text="By the handheld's clock, never later than it arrived.")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="floor_scan_key_not_empty", condition=~models.Q(key="")),
            models.CheckConstraint(
                name="floor_scan_outcome_known",
                condition=models.Q(outcome__in=["right", "wrong", "conflict", "done"]),
            ),
        ]
        indexes = [
            models.Index(name="floor_scan_of_task", fields=["work", "task", "id"]),
            models.Index(name="floor_scan_of_place", fields=["place_code", "recorded_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.task}: {self.outcome}"


class PackCode(models.Model):
    """The code on a case, an inner or a pallet: which product it holds, in which of its units."""

    code = models.TextField(unique=True, help_text="A GTIN in 14 digits, or another code upper-case without spaces.")
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+")
    unit_code = models.TextField(help_text="A unit of the product (catalog.ProductUnit); empty: the selling unit.")
    told_by = models.TextField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="pack_code_not_empty", condition=~models.Q(code=""))]

    def __str__(self) -> str:
        return self.code
