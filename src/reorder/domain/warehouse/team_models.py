"""Who was given which task of the floor, and logistic units with their SSCC."""

from django.db import models
from django.db.models.functions import Now


class FloorAssignment(models.Model):
    """A task that somebody was given; batches and counts keep that themselves, all other works keep it here.

    `work` and `task` are those of the floor (`flows/floor`). Given to somebody else, or back, the row ends.
    """

    place = models.ForeignKey("inventory.Place", on_delete=models.CASCADE, related_name="+", db_index=False)
    work = models.TextField()
    task = models.TextField()
    assigned_to = models.TextField()
    assigned_by = models.TextField()
    assigned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="floor_assignment_once",
                fields=["place", "work", "task"],
                condition=models.Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(name="floor_assignment_to_somebody", condition=~models.Q(assigned_to="")),
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.task}: {self.assigned_to}"


class SsccSeries(models.Model):
    """The next serial number under a GS1 company prefix; a number is given once, also when its label is thrown away."""

    company_prefix = models.TextField(unique=True)
    next_serial = models.BigIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name_plural = "sscc series"
        constraints = [
            models.CheckConstraint(name="sscc_serial_not_negative", condition=models.Q(next_serial__gte=0)),
        ]

    def __str__(self) -> str:
        return self.company_prefix


class LogisticUnit(models.Model):
    """A pallet or other unit that got an SSCC of ours, and what was on it then where that was all the same."""

    sscc = models.CharField(max_length=18, unique=True)
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    units = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    lot = models.TextField(blank=True, default="", db_default="")
    expires_date = models.DateField(null=True, blank=True)
    made_by = models.TextField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="logistic_unit_content_whole",
                condition=models.Q(product__isnull=True, units__isnull=True)
                | models.Q(product__isnull=False, units__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.sscc
