"""Counting of bins: what is to be counted when, what somebody counted, and the rules of a place for both.

What was counted is append-only: a trigger refuses UPDATE and DELETE. What came of a count stands in its task.
"""

from decimal import Decimal

from django.db import models
from django.db.models.functions import Now

_STATES = ["open", "counting", "counted", "approved", "rejected", "cancelled"]
_LIVE = ["open", "counting", "counted"]


class CountTask(models.Model):
    """One bin that somebody is to count, and what came of it; a bin has at most one that is not finished.

    `round` 2 is a second count by another person than `not_by`. A `product` limits the count to that product.
    """

    class State(models.TextChoices):
        OPEN = "open"
        COUNTING = "counting"
        COUNTED = "counted"  # waits for somebody who approves the variance
        APPROVED = "approved"
        REJECTED = "rejected"
        CANCELLED = "cancelled"

    class Cause(models.TextChoices):
        CYCLE = "cycle"
        ZERO = "zero"
        SHORT = "short"
        ASKED = "asked"
        FOLLOW = "follow"

    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    bin = models.ForeignKey("warehouse.Bin", on_delete=models.PROTECT, related_name="counts", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cause = models.CharField(max_length=8, choices=Cause.choices)
    abc_class = models.CharField(max_length=1, blank=True, default="", db_default="", help_text="Of a cycle count.")
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default="open", db_default="open")
    round = models.PositiveSmallIntegerField(default=1, db_default=1)
    not_by = models.TextField(blank=True, default="", db_default="", help_text="Who counted the round before.")
    assigned_to = models.TextField(blank=True, default="", db_default="")
    asked_by = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    counted_by = models.TextField(blank=True, default="", db_default="")
    counted_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(
        blank=True, default="", db_default="", help_text="exact, booked, misplaced, put_away, rejected …"
    )
    note = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="count_task_once_a_bin", fields=["bin"], condition=models.Q(state__in=_LIVE)),
            models.CheckConstraint(name="count_task_state_known", condition=models.Q(state__in=_STATES)),
            models.CheckConstraint(
                name="count_task_cause_known",
                condition=models.Q(cause__in=["cycle", "zero", "short", "asked", "follow"]),
            ),
            models.CheckConstraint(name="count_task_round_from_one", condition=models.Q(round__gte=1)),
        ]
        indexes = [
            models.Index(
                name="count_task_to_do", fields=["place", "state", "due_on", "id"], condition=models.Q(state__in=_LIVE)
            ),
            models.Index(name="count_task_of_bin", fields=["bin", "counted_at"]),
            models.Index(name="count_task_done", fields=["place", "decided_at", "id"]),
        ]

    def __str__(self) -> str:
        return f"count of {self.bin_id}: {self.state}"


class CountEntry(models.Model):
    """What one person counted of one product, owner and lot in a bin, beside what was to be there at that moment.

    Of several entries of a round for the same goods the last holds. `moved_units` came (above zero) or left between
    the look at the shelf and the entry, when that travelled through a Wi-Fi gap.
    """

    task = models.ForeignKey(CountTask, on_delete=models.PROTECT, related_name="entries", db_index=False)
    idempotency_key = models.CharField(max_length=64, unique=True)
    round = models.PositiveSmallIntegerField()
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    owner = models.TextField(default="self", db_default="self")
    lot = models.TextField(blank=True, default="", db_default="")
    expires_date = models.DateField(null=True, blank=True)
    counted_units = models.DecimalField(max_digits=14, decimal_places=3)
    expected_units = models.DecimalField(max_digits=14, decimal_places=3)
    moved_units = models.DecimalField(max_digits=14, decimal_places=3, default=0, db_default=0)
    variance_units = models.DecimalField(max_digits=14, decimal_places=3)
    variance_minor = models.BigIntegerField(null=True, blank=True, help_text="At cost; empty: no cost is known.")
    counted_by = models.TextField()
    counted_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "count entries"
        constraints = [
            models.CheckConstraint(name="count_entry_not_negative", condition=models.Q(counted_units__gte=0)),
            models.CheckConstraint(
                name="count_entry_variance_adds_up",
                condition=models.Q(
                    variance_units=models.F("counted_units") + models.F("moved_units") - models.F("expected_units")
                ),
            ),
        ]
        indexes = [models.Index(name="count_entry_of_task", fields=["task", "round", "id"])]

    def __str__(self) -> str:
        return f"{self.counted_units} of {self.product_id}"


class CountPolicy(models.Model):
    """How often a place counts, and what it does about a variance. A place without one uses the defaults.

    Shares are of the expected units; amounts are minor units of the shop's currency. A variance within all `book_`
    limits is booked by itself; one beyond any `recount_` limit is counted again by somebody else first.
    """

    place = models.OneToOneField(
        "inventory.Place", on_delete=models.CASCADE, primary_key=True, related_name="count_policy"
    )
    a_days = models.PositiveSmallIntegerField(default=30, db_default=30)
    b_days = models.PositiveSmallIntegerField(default=91, db_default=91)
    c_days = models.PositiveSmallIntegerField(default=365, db_default=365)
    a_value_share = models.DecimalField(
        max_digits=4, decimal_places=3, default=Decimal("0.8"), db_default=Decimal("0.8")
    )
    b_value_share = models.DecimalField(
        max_digits=4, decimal_places=3, default=Decimal("0.95"), db_default=Decimal("0.95")
    )
    book_units = models.DecimalField(max_digits=14, decimal_places=3, default=2, db_default=2)
    book_share = models.DecimalField(
        max_digits=5, decimal_places=3, default=Decimal("0.05"), db_default=Decimal("0.05")
    )
    book_minor = models.BigIntegerField(default=50_000, db_default=50_000)
    recount_units = models.DecimalField(max_digits=14, decimal_places=3, default=5, db_default=5)
    recount_share = models.DecimalField(
        max_digits=5, decimal_places=3, default=Decimal("0.1"), db_default=Decimal("0.1")
    )
    recount_minor = models.BigIntegerField(default=200_000, db_default=200_000)
    counts_empty_bins = models.BooleanField(default=True, db_default=True, help_text="Zero-confirmation.")
    decided_by = models.TextField()
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "count policies"
        constraints = [
            models.CheckConstraint(
                name="count_policy_days_positive",
                condition=models.Q(a_days__gte=1, b_days__gte=1, c_days__gte=1),
            ),
            models.CheckConstraint(
                name="count_policy_shares_in_order",
                condition=models.Q(a_value_share__gt=0)
                & models.Q(b_value_share__gte=models.F("a_value_share"))
                & models.Q(b_value_share__lte=1),
            ),
            models.CheckConstraint(
                name="count_policy_limits_not_negative",
                condition=models.Q(
                    book_units__gte=0,
                    book_share__gte=0,
                    book_minor__gte=0,
                    recount_units__gte=0,
                    recount_share__gte=0,
                    recount_minor__gte=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"count policy of {self.place_id}"


class CountClass(models.Model):
    """How much of a place's movement a product was, by value over a year: A, B or C. Written anew each night."""

    place = models.ForeignKey("inventory.Place", on_delete=models.CASCADE, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+", db_index=False)
    abc_class = models.CharField(max_length=1)
    moved_minor = models.BigIntegerField()
    computed_on = models.DateField()

    class Meta:
        verbose_name_plural = "count classes"
        constraints = [
            models.UniqueConstraint(name="count_class_once", fields=["place", "product"]),
            models.CheckConstraint(name="count_class_known", condition=models.Q(abc_class__in=["A", "B", "C"])),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.abc_class}"
