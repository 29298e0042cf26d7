"""What sending keeps besides the messages: the journal of a pass, paces, daily sums, link words, posts."""

from django.db import models
from django.db.models.functions import Now


class SendingStep(models.Model):
    """How far a sender came with a claimed message; an unlogged table, so that a line costs no wait for the disk.

    PostgreSQL empties it after a crash of its own, and a message without a line counts as perhaps sent.
    """

    class Stage(models.TextChoices):
        CLAIMED = "claimed"  # nothing was handed over yet
        BEGUN = "begun"  # the conversation may have happened
        DONE = "done"  # `outcome` says what came of it

    message_id = models.BigIntegerField(primary_key=True)
    attempts_count = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=8, choices=Stage.choices, default="claimed", db_default="claimed")
    outcome = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.message_id} {self.stage}"


class ChannelPace(models.Model):
    """Until when nothing is tried by a way out that said "not now"; kept, so that the next pass heeds it too."""

    way = models.TextField(unique=True, help_text="Code of the account.")
    rests_until = models.DateTimeField()
    reason_code = models.TextField()
    error = models.TextField(blank=True, default="", db_default="")
    failures_in_row = models.PositiveSmallIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.way} until {self.rests_until}"


class ChannelDay(models.Model):
    """What left by a way on a day of the shop, to one mail domain; the sum of what was recorded as sent."""

    way = models.TextField()
    day_date = models.DateField()
    domain = models.TextField(blank=True, default="", db_default="", help_text="Of the address, for mail.")
    sent_count = models.PositiveIntegerField(default=0, db_default=0)
    billed_count = models.PositiveIntegerField(
        default=0, db_default=0, help_text="What the provider counts: messages against a quota, parts of an SMS."
    )
    cost_micros = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="channel_day_once", fields=["way", "day_date", "domain"])]
        indexes = [models.Index(name="channel_day_date", fields=["day_date"])]

    def __str__(self) -> str:
        return f"{self.way} {self.day_date} {self.domain}"


class LinkWord(models.Model):
    """A word by which a person ties an account at a channel to the customer record, once and for a while."""

    word = models.CharField(max_length=64, unique=True, help_text="A digest of the word.")
    channel = models.CharField(max_length=16)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class ReplyPass(models.Model):
    """A provider lets us answer what a person wrote, free of charge, once and within a minute."""

    way = models.TextField()
    address = models.TextField()
    token = models.TextField(unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="reply_pass_of", fields=["way", "address", "-expires_at"])]

    def __str__(self) -> str:
        return f"{self.way} {self.expires_at}"


class ChannelPost(models.Model):
    """A post on a page or in a room: it goes to nobody in person, so it needs no consent and meets no cap."""

    class State(models.TextChoices):
        PLANNED = "planned"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNKNOWN = "unknown"
        STOPPED = "stopped"

    key = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey("messaging.ChannelAccount", on_delete=models.PROTECT, related_name="posts")
    title = models.TextField(blank=True, default="", db_default="")
    text = models.TextField()
    link = models.TextField(blank=True, default="", db_default="")
    state = models.CharField(max_length=12, choices=State.choices, default="planned", db_default="planned")
    send_after = models.DateTimeField()
    sending_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    planned_by = models.TextField()
    provider_key = models.TextField(blank=True, default="", db_default="")
    error = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="channel_post_has_text", condition=~models.Q(text="")),
            models.CheckConstraint(
                name="channel_post_state_known",
                condition=models.Q(state__in=["planned", "sending", "sent", "failed", "unknown", "stopped"]),
            ),
        ]
        indexes = [
            models.Index(name="channel_post_moment", fields=["send_after"]),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class StrayEvent(models.Model):
    """What a provider told about a message that is none of ours, or that could not be used; gone after 30 days."""

    way = models.TextField()
    kind = models.TextField()
    reason_code = models.TextField()
    digest = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="stray_event_moment", fields=["received_at"])]

    def __str__(self) -> str:
        return f"{self.way} {self.kind}"
