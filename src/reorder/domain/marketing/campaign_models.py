"""Campaigns: one message to the people of some segments, at one time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Campaign(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft"  # being written
        SUBMITTED = "submitted"  # waits for somebody else's word
        SCHEDULED = "scheduled"  # goes at its hour; its demand stands in the plan
        SENDING = "sending"  # its audience is being decided about, lot by lot
        SENT = "sent"  # everybody was decided about
        CANCELLED = "cancelled"

    class Timing(models.TextChoices):
        AT_ONCE = "at_once"  # from starts_at on, as soon as waking hours allow
        BEST_HOUR = "best_hour"  # at each person's own hour, from starts_at until ends_at

    code = models.CharField(max_length=40, unique=True)
    name = models.TextField()
    state = models.CharField(max_length=12, choices=State.choices, default="draft", db_default="draft")
    segments = ArrayField(models.TextField(), default=list, db_default=[], help_text="Members of any of these.")
    excluded_segments = ArrayField(models.TextField(), default=list, db_default=[], help_text="And of none of these.")
    template_code = models.TextField(blank=True, default="", db_default="")
    channels = ArrayField(models.TextField(), default=list, db_default=[])
    offers = ArrayField(models.TextField(), default=list, db_default=[], help_text="A ladder, the least first.")
    skus = ArrayField(models.TextField(), default=list, db_default=[])
    stock_rule = models.CharField(max_length=12, default="drop", db_default="drop")
    timing = models.CharField(max_length=12, choices=Timing.choices, default="best_hour", db_default="best_hour")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="What has not gone by then does not go.")
    holdout_share = models.FloatField(default=0.1, db_default=0.1)
    response_share = models.FloatField(
        default=0.02, db_default=0.02, help_text="Extra orders that it is expected to bring, a message."
    )
    units_each = models.FloatField(default=1, db_default=1, help_text="Units of its goods in such an order, together.")
    value_minor = models.FloatField(default=0, db_default=0, help_text="Expected extra margin of one message.")
    created_by = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField()
    submitted_by = models.TextField(blank=True, default="", db_default="")
    approved_by = models.TextField(blank=True, default="", db_default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.TextField(blank=True, default="", db_default="")
    audience_count = models.PositiveIntegerField(null=True, blank=True, help_text="As counted when it was scheduled.")
    last_customer_key = models.BigIntegerField(
        default=0, db_default=0, help_text="Everybody up to this one was decided about: where sending goes on."
    )
    outcomes = models.JSONField(default=dict, db_default={}, help_text="People decided about, by outcome.")

    class Meta:
        constraints = [
            models.CheckConstraint(name="campaign_has_name", condition=~models.Q(name="")),
            models.CheckConstraint(
                name="campaign_state_known",
                condition=models.Q(state__in=["draft", "submitted", "scheduled", "sending", "sent", "cancelled"]),
            ),
            models.CheckConstraint(
                name="campaign_ends_after_start",
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
            ),
            models.CheckConstraint(
                name="campaign_going_has_times",
                condition=~models.Q(state__in=["scheduled", "sending", "sent"])
                | models.Q(starts_at__isnull=False, ends_at__isnull=False),
            ),
            models.CheckConstraint(
                name="campaign_shares_are_shares",
                condition=models.Q(holdout_share__gte=0, holdout_share__lte=1)
                & models.Q(response_share__gte=0, response_share__lte=1),
            ),
        ]
        indexes = [models.Index(name="campaign_by_state", fields=["state", "starts_at"])]

    def __str__(self) -> str:
        return self.code
