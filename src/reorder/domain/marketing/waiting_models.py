"""Messages that wait to be decided about again, and the limits that the shop laid down for all of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class WaitingMessage(models.Model):
    """A wanted message that could not go yet: it is looked at again, and gone from here once it is settled."""

    key = models.CharField(max_length=64, unique=True, help_text="The wanted message's own; see wanted.WantedMessage.")
    customer = models.ForeignKey(  # waiting_of_customer is its index
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    source_kind = models.CharField(max_length=16)
    source_key = models.TextField()
    step_key = models.TextField(blank=True, default="", db_default="")
    wanted = models.JSONField(help_text="The rest of the wanted message.")
    skus = ArrayField(models.TextField(), default=list, db_default=[])
    value_minor = models.FloatField(default=0, db_default=0)
    outcome = models.CharField(max_length=16, help_text="rescheduled or held_for_stock.")
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict, db_default={})
    look_at = models.DateTimeField()
    latest_at = models.DateTimeField()
    looks_count = models.PositiveIntegerField(default=1, db_default=1)
    wanted_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="waiting_outcome_known", condition=models.Q(outcome__in=["rescheduled", "held_for_stock"])
            )
        ]
        indexes = [
            models.Index(name="waiting_next", fields=["look_at", "id"]),
            models.Index(name="waiting_of_customer", fields=["customer"]),
            models.Index(name="waiting_of_source", fields=["source_kind", "source_key", "customer"]),
        ]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_key} {self.key}"


class ContactLimits(models.Model):
    """How much marketing one person gets and when, what it promises and what it may cost; append-only."""

    per_day = models.PositiveSmallIntegerField(help_text="Messages in any 24 hours, all channels together.")
    per_week = models.PositiveSmallIntegerField(help_text="Messages in any seven days, all channels together.")
    channel_caps = models.JSONField(
        default=dict, db_default={}, help_text="By channel: [in 24 hours or null, in seven days or null]."
    )
    first_hour = models.PositiveSmallIntegerField(help_text="On the person's clock.")
    last_hour = models.PositiveSmallIntegerField(help_text="From this hour on nothing goes.")
    promise_units = models.FloatField(help_text="What one open message promises of each of its goods.")
    margin_floor_share = models.FloatField(help_text="No offer leaves less than this share of the price.")
    costs = models.JSONField(default=dict, db_default={}, help_text="By channel, in whole units of the currency.")
    decided_by = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "contact limits"
        constraints = [
            models.CheckConstraint(
                name="contact_hours_in_order",
                condition=models.Q(first_hour__lt=models.F("last_hour")) & models.Q(last_hour__lte=24),
            ),
            models.CheckConstraint(name="contact_promise_positive", condition=models.Q(promise_units__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.per_day} a day, {self.per_week} a week"
