"""What somebody should know or decide about stock, orders and plans; what the plan said in past weeks; who is told.

One open alert a (kind, key): a standing condition updates it, one that has ended resolves it.
"""

from django.db import models
from django.db.models.functions import Now


class Alert(models.Model):
    class Kind(models.TextChoices):
        BELOW_SAFETY_STOCK = "below_safety_stock"
        RUNS_OUT = "runs_out"  # probably before the next receipt
        EXCESS = "excess"
        DEAD_STOCK = "dead_stock"
        EXPIRING = "expiring"  # a lot that will not sell in time
        LATE_ORDER = "late_order"
        UNCONFIRMED_ORDER = "unconfirmed_order"
        FORECAST_DRIFT = "forecast_drift"
        BAD_DATA = "bad_data"
        LATE_PARCELS = "late_parcels"  # parcels to customers that should have left
        PRIVACY_REQUESTS = "privacy_requests"  # people wait for an answer about their data
        UNWELCOME_MARKETING = "unwelcome_marketing"  # more people refuse or complain of it than its limit

    class Severity(models.IntegerChoices):
        INFO = 1
        WARNING = 2
        CRITICAL = 3

    kind = models.CharField(max_length=20, choices=Kind.choices)
    key = models.TextField(help_text="What it is about within its kind; with the kind it is open once.")
    subject = models.TextField(blank=True, default="", db_default="", help_text="SKU or category; empty: no product.")
    place_code = models.TextField(blank=True, default="", db_default="", help_text="Empty: the whole shop.")
    supplier_code = models.TextField(blank=True, default="", db_default="")
    order_number = models.TextField(blank=True, default="", db_default="", help_text="The purchase order it is about.")
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    stake_minor = models.BigIntegerField(default=0, db_default=0, help_text="Money at stake, an estimate.")
    currency = models.CharField(max_length=3)
    probability = models.FloatField(null=True)
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict)
    run_key = models.BigIntegerField(null=True, help_text="The night that saw it last; empty: seen between nights.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    critical_at = models.DateTimeField(null=True, help_text="When it became critical; empty: it is not.")
    reopened_count = models.PositiveIntegerField(default=0, db_default=0)
    resolved_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    snoozed_by = models.TextField(blank=True, default="", db_default="")
    snooze_note = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="alert_open_once", fields=["kind", "key"], condition=models.Q(resolved_at__isnull=True)
            ),
            models.CheckConstraint(
                name="alert_probability_is_share",
                condition=models.Q(probability__isnull=True)
                | (models.Q(probability__gte=0) & models.Q(probability__lte=1)),
            ),
            models.CheckConstraint(name="alert_severity_known", condition=models.Q(severity__in=[1, 2, 3])),
        ]
        indexes = [
            models.Index(
                name="alert_open_by_stake",
                fields=["-stake_minor", "-id"],
                condition=models.Q(resolved_at__isnull=True),
            ),
            models.Index(name="alert_by_end", fields=["-resolved_at", "-id"]),
            models.Index(name="alert_history", fields=["kind", "key", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class PlannedWeek(models.Model):
    """What the plan of a night said of its first week, kept for some weeks, so that drift can be seen."""

    subject = models.TextField()
    place_code = models.TextField()
    date = models.DateField(help_text="The first of its seven days.")
    mean_units = models.FloatField()
    deviation_units = models.FloatField(help_text="As the plan's own band says.")

    class Meta:
        constraints = [models.UniqueConstraint(name="planned_week_once", fields=["date", "subject", "place_code"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.place_code} {self.date}"


class AlertSubscription(models.Model):
    """How one person wants to hear of alerts, and up to when they have heard."""

    user = models.OneToOneField("staff.User", on_delete=models.CASCADE, related_name="+", primary_key=True)
    by_mail = models.BooleanField(default=False, db_default=False)
    by_line = models.BooleanField(default=False, db_default=False)
    line_user_id = models.TextField(blank=True, default="", db_default="", help_text="As LINE names the person to us.")
    daily_hour = models.PositiveSmallIntegerField(null=True, help_text="On the shop's clock; empty: no daily digest.")
    is_urgent = models.BooleanField(default=False, db_default=False, help_text="Critical ones at once.")
    daily_told_at = models.DateTimeField(db_default=Now(), help_text="The daily digest has told what came before.")
    urgent_told_at = models.DateTimeField(db_default=Now(), help_text="So has the last urgent one.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="alert_hour_of_day", condition=models.Q(daily_hour__isnull=True) | models.Q(daily_hour__lte=23)
            ),
            models.CheckConstraint(
                name="alert_line_has_id", condition=models.Q(by_line=False) | ~models.Q(line_user_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"


class AlertDigest(models.Model):
    """One digest to one person by one way. Mail goes on through the outbox under the same key; LINE goes from here.

    `retry_key` makes repeating harmless: LINE takes a push with the same key once.
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"  # parked: a person mends the cause and has it sent again
        HANDED_OVER = "handed_over"  # the outbox has it and knows what came of it

    user = models.ForeignKey("staff.User", on_delete=models.CASCADE, related_name="+")
    idempotency_key = models.CharField(max_length=64, unique=True)
    way = models.CharField(max_length=8, choices=[("mail", "mail"), ("line", "line")])
    kind = models.CharField(max_length=8, choices=[("daily", "daily"), ("urgent", "urgent")])
    address = models.TextField()
    body_text = models.TextField()
    alerts_count = models.PositiveIntegerField()
    retry_key = models.UUIDField()
    state = models.CharField(max_length=12, choices=State.choices, default="planned", db_default="planned")
    attempts_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    planned_at = models.DateTimeField()
    send_after = models.DateTimeField()
    sending_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(
                name="alert_digest_waiting",
                fields=["send_after"],
                condition=models.Q(state__in=["planned", "sending"]),
            ),
            models.Index(name="alert_digest_of_user", fields=["user", "-id"]),
        ]

    def __str__(self) -> str:
        return self.idempotency_key
