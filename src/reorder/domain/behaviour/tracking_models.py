"""What tracking needs besides events: who may send, what waits to be drained, whose browser it is, what was counted."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class TrackingSource(models.Model):
    """A shop, app or server that sends events under its own write key, which stands in pages: it is no secret."""

    class BeforeConsent(models.TextChoices):
        """What is taken of somebody who has not agreed."""

        NOTHING = "nothing"
        COUNTS = "counts"
        EVENTS = "events"

    code = models.CharField(max_length=40, unique=True)
    name = models.TextField()
    channel = models.TextField(help_text="The channel whose orders call customers as this source does.")
    write_key = models.CharField(max_length=40, unique=True)
    origins = ArrayField(models.TextField(), default=list, db_default=[], help_text="Whose pages may send.")
    address_patterns = ArrayField(
        models.TextField(), default=list, db_default=[], help_text="Where the SKU stands in addresses of products."
    )
    events_per_second = models.PositiveIntegerField(default=10_000, db_default=10_000)
    before_consent = models.CharField(
        max_length=8, choices=BeforeConsent.choices, default="counts", db_default="counts"
    )
    user_secret = models.TextField(help_text="Sealed; with it the shop proves who is signed in.")
    is_active = models.BooleanField(default=True, db_default=True)
    created_by = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class InboxEvent(models.Model):
    """An event as it came, judged but not yet placed; append-only, taken out by the drain.

    `outcome` is empty for what becomes an event; else why it is only counted.
    """

    source = models.ForeignKey(
        TrackingSource, on_delete=models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=24, default="", db_default="")
    subject = models.TextField(default="", db_default="", help_text="What is counted, for outcomes.")
    message_id = models.TextField()
    kind = models.CharField(max_length=12, default="", db_default="")
    anonymous_id = models.TextField(default="", db_default="")
    user_key = models.TextField(default="", db_default="", help_text="Proved: a customer's key, or an address.")
    proof = models.CharField(max_length=8, default="", db_default="")
    happened_at = models.DateTimeField()
    items = ArrayField(models.TextField(), default=list, db_default=[], help_text="What may be the SKU, best first.")
    search_text = models.TextField(default="", db_default="")
    results_count = models.IntegerField(null=True)
    engaged_ms = models.IntegerField(null=True)
    page_path = models.TextField(default="", db_default="")
    details = models.JSONField(null=True)
    may_market = models.BooleanField(default=True, db_default=True)

    def __str__(self) -> str:
        return f"{self.kind or self.outcome} {self.happened_at}"


class EventKey(models.Model):
    """A message id that was taken, as its digest: the same event again is found here, whatever moment it names."""

    key = models.UUIDField(primary_key=True)
    happened_on = models.DateField(help_text="Goes with the events of its day.")

    def __str__(self) -> str:
        return str(self.key)


class Visitor(models.Model):
    """A browser or app that sends events; who uses it is known once somebody proved it."""

    anonymous_id = models.TextField(unique=True)
    # Who used it last.
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, null=True, related_name="+")
    people_count = models.SmallIntegerField(default=0, db_default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    minute_at = models.DateTimeField(help_text="The latest minute in which it sent events …")
    minute_count = models.IntegerField(default=0, db_default=0, help_text="… and how many.")
    is_bot = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(name="visitor_last_seen", fields=["last_seen_at"])]

    def __str__(self) -> str:
        return self.anonymous_id


class VisitorLink(models.Model):
    """From this moment on a visitor is this customer, until a later link says otherwise. Append-only."""

    class Proof(models.TextChoices):
        SESSION = "session"
        HASH = "hash"
        SERVER = "server"
        MAIL = "mail"

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="links", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    proof = models.CharField(max_length=8, choices=Proof.choices)
    linked_at = models.DateTimeField()
    noted_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(name="visitor_link_moment", fields=["visitor", "linked_at"])]

    def __str__(self) -> str:
        return f"{self.visitor_id} is {self.customer_id}"


class TrackedDay(models.Model):
    """How much of something a source sent on a day of the shop's calendar: events, and what did not become one."""

    source = models.ForeignKey(TrackingSource, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    date = models.DateField()
    what = models.CharField(max_length=24)
    subject = models.TextField(default="", db_default="")
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="tracked_day_once", fields=["date", "source", "what", "subject"], nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.what} {self.subject}"
