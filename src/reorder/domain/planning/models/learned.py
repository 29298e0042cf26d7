"""What is learned from many days at once, and how good it proved to be."""

from django.db import models
from django.db.models.functions import Now


class LearnedModel(models.Model):
    """A fitted model as one file, refused when version, checksum or age do not fit. The latest of a kind counts."""

    class Kind(models.TextChoices):
        REPURCHASE = "repurchase"
        QUICK = "quick"  # what a night learned in seconds, until the weekly job has learned everything
        BASKET = "basket"
        UPLIFT = "uplift"  # what reminders add, from held-out customers; JSON
        REMINDERS = "reminders"  # what each share of the best pairs would bring, counted by a night; JSON

    kind = models.CharField(max_length=12, choices=Kind.choices)
    version = models.IntegerField()
    as_of_date = models.DateField()
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the content.")
    content = models.BinaryField()
    summary = models.TextField()
    seconds = models.FloatField(default=0, db_default=0)

    class Meta:
        indexes = [models.Index(name="learned_latest", fields=["kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.as_of_date}"


class PredictionBacktest(models.Model):
    """One look back: the model as it would have been on `cut_date`, against what then happened.

    `figures` holds everything that the page shows, as `engine.repurchase.backtest.judging` gives it.
    """

    cut_date = models.DateField()
    horizon_days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    pairs_count = models.BigIntegerField()
    model_summary = models.TextField()
    figures = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(name="backtest_once", fields=["cut_date", "horizon_days"])]

    def __str__(self) -> str:
        return f"{self.cut_date}"


class SegmentMove(models.Model):
    """A customer who was in another segment the night before; append-only, one a customer and day.

    Empty `from_segment`: a customer seen for the first time.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False)
    date = models.DateField()
    from_segment = models.TextField(blank=True, default="", db_default="")
    to_segment = models.TextField()

    class Meta:
        # The included column lets a night read everybody's last segment from the index alone.
        constraints = [
            models.UniqueConstraint(name="segment_move_once", fields=["customer", "date"], include=["to_segment"])
        ]
        indexes = [models.Index(name="segment_move_day", fields=["date", "from_segment", "to_segment"])]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.from_segment} → {self.to_segment}"


class ReminderPolicy(models.Model):
    """How many reminders the marketer wants: decided on screen, the latest row counts; append-only."""

    budget_share = models.FloatField(help_text="Share of all pairs that may be reminded in a night, the best first.")
    decided_by = models.TextField()
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="budget_share_in_range", condition=models.Q(budget_share__gte=0) & models.Q(budget_share__lte=1)
            )
        ]

    def __str__(self) -> str:
        return f"{self.budget_share}"
