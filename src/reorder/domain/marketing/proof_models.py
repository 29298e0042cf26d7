"""Who was kept back to measure what marketing earns, what became of both arms, and what that says."""

from django.db import models
from django.db.models.functions import Now


class HoldoutChoice(models.Model):
    """How many of the customers hear nothing from a source, or from marketing at all; append-only, the latest holds."""

    source_kind = models.CharField(max_length=16, help_text="global, or the kind of source as messages name it.")
    source_key = models.TextField(blank=True, default="", db_default="", help_text="Empty: every source of the kind.")
    share = models.FloatField()
    note = models.TextField(blank=True, default="", db_default="")
    decided_by = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="holdout_share_is_a_share", condition=models.Q(share__gte=0) & models.Q(share__lte=1)
            )
        ]
        indexes = [models.Index(name="holdout_latest", fields=["source_kind", "source_key", "-id"])]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_key} {self.share}"


class Exposure(models.Model):
    """One customer decided about, in one arm, with what happened until the window ended; counted by intent to treat.

    Of the whole of marketing (source_kind global), of a source (no step_key) and of a step of it, each for itself. A
    customer is exposed again only after the window, so that no order counts twice for one of them.
    """

    source_kind = models.CharField(max_length=16)
    source_key = models.TextField(blank=True, default="", db_default="")
    step_key = models.TextField(blank=True, default="", db_default="")
    customer = models.ForeignKey(  # the unique key below is its index
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    arm = models.CharField(max_length=8, help_text="treated or held_out.")
    message_key = models.BigIntegerField(help_text="The message that was decided about first.")
    variant = models.CharField(max_length=32, blank=True, default="", db_default="")
    channel = models.CharField(max_length=16, blank=True, default="", db_default="")
    offer = models.TextField(blank=True, default="", db_default="")
    segment = models.CharField(max_length=32, blank=True, default="", db_default="")
    exposed_at = models.DateTimeField()
    until_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    orders_count = models.PositiveIntegerField(default=0, db_default=0)
    revenue_minor = models.BigIntegerField(default=0, db_default=0)
    margin_minor = models.BigIntegerField(default=0, db_default=0)
    before_orders_count = models.PositiveIntegerField(default=0, db_default=0)
    before_revenue_minor = models.BigIntegerField(default=0, db_default=0)
    before_margin_minor = models.BigIntegerField(default=0, db_default=0)
    is_clicked = models.BooleanField(default=False, db_default=False)
    is_unsubscribed = models.BooleanField(default=False, db_default=False)
    is_complained = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="exposure_once", fields=["customer", "source_kind", "source_key", "step_key", "exposed_at"]
            ),
            models.CheckConstraint(name="exposure_arm_known", condition=models.Q(arm__in=["treated", "held_out"])),
            models.CheckConstraint(name="exposure_has_window", condition=models.Q(until_at__gt=models.F("exposed_at"))),
        ]
        indexes = [
            models.Index(name="exposure_of_source", fields=["source_kind", "source_key", "step_key", "exposed_at"]),
            models.Index(name="exposure_to_settle", fields=["until_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_key} {self.arm}"


class EffectFigure(models.Model):
    """What a source, a step or a variant was found to cause, as one night knew it; history for the chart.

    Values are means of one exposure; difference, low and high are what the treated had more than the held out.
    """

    as_of_date = models.DateField()
    source_kind = models.CharField(max_length=16)
    source_key = models.TextField(blank=True, default="", db_default="")
    step_key = models.TextField(blank=True, default="", db_default="")
    variant = models.CharField(max_length=32, blank=True, default="", db_default="")
    measure = models.CharField(max_length=16, help_text="buyers, orders, revenue, margin, unsubscribes, complaints.")
    treated_count = models.BigIntegerField()
    held_out_count = models.BigIntegerField()
    treated_value = models.FloatField()
    held_out_value = models.FloatField()
    difference = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    is_always_valid = models.BooleanField()
    variance_cut_share = models.FloatField(default=0, db_default=0, help_text="What the days before explained.")
    details = models.JSONField(default=dict, db_default={})
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="effect_figure_once",
                fields=["source_kind", "source_key", "step_key", "variant", "measure", "as_of_date"],
            )
        ]
        indexes = [models.Index(name="effect_figure_day", fields=["as_of_date"])]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_key} {self.measure} {self.as_of_date}"


class ProofState(models.Model):
    """How far the messages have been looked through; one row."""

    last_message_key = models.BigIntegerField(default=0, db_default=0)
    measured_at = models.DateTimeField(null=True, blank=True)
    as_of_date = models.DateField(null=True, blank=True)
    base = models.JSONField(
        default=dict, db_default={}, help_text="People who may be written to, and how many buy in a window anyway."
    )

    def __str__(self) -> str:
        return f"{self.as_of_date}"
