"""Contact points, the append-only consent ledger, and the outbox: a message is planned once and sent at most once."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from reorder.domain.messaging.channel_models import (  # noqa: F401 - the rest of this room's tables
    ChannelDay,
    ChannelPace,
    ChannelPost,
    LinkWord,
    ReplyPass,
    SendingStep,
    StrayEvent,
)
from reorder.domain.messaging.compliance_models import (  # noqa: F401 - Django looks for models here
    CompliancePolicy,
    ConsentText,
    ContactPreference,
    PendingConsent,
    Suppression,
    Topic,
    TopicEntry,
)
from reorder.domain.messaging.short_link_models import ShortLink  # noqa: F401 - Django looks for models here


class Channel(models.TextChoices):
    """Ways to reach one person; what an address is, by channel, is said in rules.ADDRESS_MEANINGS."""

    EMAIL = "email"
    WEB_PUSH = "web_push"
    APP_PUSH = "app_push"
    LINE = "line"
    SMS = "sms"
    CHAT = "chat"
    WEBHOOK = "webhook"


class Purpose(models.TextChoices):
    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"
    SUPPLIER = "supplier"
    ANALYTICS = "analytics"  # whether a person opened a message and what was clicked in it


class ContactPoint(models.Model):
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="contact_points")
    channel = models.CharField(max_length=16, choices=Channel.choices)
    address = models.TextField()
    verified_at = models.DateTimeField(null=True, blank=True)
    unreachable_at = models.DateTimeField(null=True, blank=True)
    details = models.JSONField(
        default=dict, db_default={}, help_text="What else the channel needs: the keys of a browser's subscription."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="contact_point_once", fields=["customer", "channel", "address"]),
            models.CheckConstraint(name="contact_point_has_address", condition=~models.Q(address="")),
        ]
        # Migration 0006 adds the index contact_point_address: an address, or its beginning, in either case.

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class ConsentEntry(models.Model):
    """One declaration of a person; the latest for (customer, channel, purpose) holds. Never changed, never deleted."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=16, choices=Channel.choices)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    is_granted = models.BooleanField()
    source = models.TextField()
    text_version = models.TextField(blank=True, default="", db_default="")
    proof = models.TextField(blank=True, default="", db_default="")
    declared_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    idempotency_key = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [
            models.Index(name="consent_latest", fields=["customer", "channel", "purpose", "-declared_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.channel}: {self.is_granted}"


class MarketingPause(models.Model):
    """Marketing is kept from a person, whatever was agreed to: by staff, or by itself while something is open."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="pauses", db_index=False)
    reason = models.TextField()
    resumes_date = models.DateField(null=True, blank=True, help_text="Mail may go again from this day; empty: open.")
    paused_at = models.DateTimeField()
    paused_by = models.TextField()
    resumed_at = models.DateTimeField(null=True, blank=True, help_text="Ended by a person, or replaced by a new pause.")
    resumed_by = models.TextField(blank=True, default="", db_default="")
    cause = models.TextField(
        blank=True, default="", db_default="", help_text="Empty: a person. Several causes may hold side by side."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pause_cause_known",
                condition=models.Q(cause__in=["", "parcel", "return", "complaint", "order"]),
            ),
            models.UniqueConstraint(
                name="pause_open_once", fields=["customer", "cause"], condition=models.Q(resumed_at__isnull=True)
            ),
            models.CheckConstraint(name="pause_has_reason", condition=~models.Q(reason="")),
        ]
        indexes = [
            models.Index(name="pause_of_customer", fields=["customer", "-paused_at"]),
            models.Index(
                name="pause_open", fields=["paused_at", "customer"], condition=models.Q(resumed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} until {self.resumes_date}"


class OutboxMessage(models.Model):
    class State(models.TextChoices):
        PLANNED = "planned"  # will be sent at send_after
        HELD_OUT = "held_out"  # would have been sent; kept back to measure what sending earns
        SENDING = "sending"  # handed to the channel, answer not yet recorded
        SENT = "sent"
        FAILED = "failed"  # the channel surely refused it
        UNKNOWN = "unknown"  # the outcome was lost in a crash: parked for a person, never re-sent by itself
        STOPPED = "stopped"  # withdrawn by a person or a rule before it was sent

    idempotency_key = models.CharField(max_length=64, unique=True)
    message_id = models.TextField(unique=True, help_text="RFC 5322 Message-ID, fixed when planned.")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, null=True, blank=True, related_name="messages"
    )
    channel = models.CharField(max_length=16, choices=Channel.choices)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    address = models.TextField()
    subject = models.TextField()
    body_text = models.TextField()
    body_html = models.TextField(blank=True, default="", db_default="")
    state = models.CharField(max_length=12, choices=State.choices, default="planned", db_default="planned")
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict)
    run_key = models.BigIntegerField(null=True, blank=True, help_text="The planning run that decided it.")
    planned_at = models.DateTimeField(db_default=Now(), editable=False)
    send_after = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    sending_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    attempts_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    approved_by = models.TextField(
        blank=True, default="", db_default="", help_text="Who let it go, where messages wait for a person."
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    # Where it comes from, and with what content: the sources below are text, because journeys lie above this room.
    source_kind = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="reminder, journey, campaign, order, parcel …"
    )
    source_key = models.TextField(blank=True, default="", db_default="", help_text="Code of the journey or campaign.")
    step_key = models.TextField(blank=True, default="", db_default="")
    variant = models.CharField(max_length=32, blank=True, default="", db_default="")
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    template_version_id = models.BigIntegerField(
        null=True, blank=True, help_text="Rendered from it when it goes out; empty: the body stands here."
    )
    variables = models.JSONField(default=dict, db_default={}, help_text="What the template is filled with.")
    value_minor = models.FloatField(
        default=0, db_default=0, help_text="Expected extra margin: of two that cannot both go, the lesser gives way."
    )
    holdout = models.CharField(
        max_length=12, blank=True, default="", db_default="", help_text="Whose comparison holds it: source, global."
    )
    provider = models.TextField(blank=True, default="", db_default="", help_text="Code of the account that sent it.")
    provider_key = models.TextField(blank=True, default="", db_default="", help_text="The provider's own number of it.")
    cost_micros = models.BigIntegerField(
        null=True, blank=True, help_text="What sending cost, in millionths of the shop's currency."
    )
    outcome_code = models.TextField(
        blank=True, default="", db_default="", help_text="Why it ended, waits again or is parked; see engine/reasons."
    )
    error = models.TextField(blank=True, default="", db_default="", help_text="The mail server's own words.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="outbox_state_known",
                condition=models.Q(
                    state__in=["planned", "held_out", "sending", "sent", "failed", "unknown", "stopped"]
                ),
            ),
            models.CheckConstraint(
                name="outbox_finished_has_moment",
                condition=~models.Q(state__in=["sent", "failed", "stopped"]) | models.Q(finished_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="outbox_waiting", fields=["send_after"], condition=models.Q(state="planned")),
            models.Index(
                name="outbox_unfinished",
                fields=["send_after"],
                condition=models.Q(state__in=["planned", "held_out"], finished_at__isnull=True),
            ),
            models.Index(name="outbox_in_flight", fields=["sending_at"], condition=models.Q(state="sending")),
            models.Index(name="outbox_customer", fields=["customer", "-planned_at"]),
            # What may go out where marketing waits for a person: the claim must not walk over all that waits.
            models.Index(
                name="outbox_cleared",
                fields=["send_after"],
                condition=models.Q(state="planned")
                & (models.Q(approved_at__isnull=False) | ~models.Q(purpose="marketing")),
            ),
            models.Index(name="outbox_by_state", fields=["state", "-id"]),
            models.Index(name="outbox_by_end", fields=["state", "-finished_at", "-id"]),
            models.Index(name="outbox_supplier", fields=["-id"], condition=models.Q(purpose="supplier")),
            models.Index(
                name="outbox_of_source",
                fields=["source_kind", "source_key", "-id"],
                condition=~models.Q(source_kind=""),
            ),
            models.Index(
                name="outbox_provider_key", fields=["provider", "provider_key"], condition=~models.Q(provider_key="")
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class MessageEvent(models.Model):
    """What became of a message after it left, as its provider or its reader tells; append-only."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered"
        OPENED = "opened"
        CLICKED = "clicked"
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        UNSUBSCRIBED = "unsubscribed"

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    url = models.TextField(blank=True, default="", db_default="")
    details = models.JSONField(default=dict, db_default={})
    key = models.CharField(max_length=64, unique=True, help_text="Equal keys are one event, however often it is told.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="message_event_kind_known",
                condition=models.Q(
                    kind__in=["delivered", "opened", "clicked", "bounced", "complained", "unsubscribed"]
                ),
            )
        ]
        indexes = [
            models.Index(name="message_event_of", fields=["message", "kind"]),
            BrinIndex(name="message_event_moment", fields=["recorded_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class ChannelAccount(models.Model):
    """An account at a provider, or a way of our own, by which messages of one channel leave."""

    code = models.TextField(unique=True)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    provider = models.TextField(help_text="Which adapter of channels/ speaks to it.")
    name = models.TextField()
    options = models.JSONField(default=dict, db_default={}, help_text="What is not secret.")
    secret = models.TextField(blank=True, default="", db_default="", help_text="Sealed; see storage/sealing.")
    priority = models.SmallIntegerField(default=0, db_default=0, help_text="Of several active ones the least first.")
    secret_names = models.JSONField(default=list, db_default=[], help_text="Which secrets were entered.")
    callback_key = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Part of the address for its messages to us."
    )
    is_active = models.BooleanField(default=True, db_default=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    check_fault = models.JSONField(
        null=True, blank=True, help_text="Code and parameters of the last test; empty: well."
    )
    created_by = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(name="channel_account_has_code", condition=~models.Q(code="")),
            models.UniqueConstraint(
                name="channel_account_callback", fields=["callback_key"], condition=~models.Q(callback_key="")
            ),
        ]
        indexes = [models.Index(name="channel_account_choice", fields=["channel", "priority", "id"])]

    def __str__(self) -> str:
        return self.code


class OutboxItem(models.Model):
    """A product that a message is about."""

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    subject_key = models.TextField(blank=True, default="", db_default="", help_text="Planning key: SKU or category.")
    due_date = models.DateField(null=True, blank=True)
    last_bought_date = models.DateField(null=True, blank=True)
    cycle_key = models.CharField(  # noqa: DJ001 - empty is NULL, so that the unique rule skips it
        max_length=64, null=True, blank=True, help_text="Customer, subject and last purchase: reminded at most once."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="outbox_item_once", fields=["message", "product"]),
            models.UniqueConstraint(name="outbox_item_cycle_once", fields=["cycle_key"]),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.product_id}"


class OutboxAttachment(models.Model):
    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="attachments")
    filename = models.TextField()
    media_type = models.TextField()
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.filename


class MessageDecision(models.Model):
    """Why a customer got, or did not get, a message: of a reminder in one run, of a journey or campaign by its key."""

    run_key = models.BigIntegerField(null=True, blank=True, help_text="Reminders: the planning run.")
    decision_key = models.CharField(  # noqa: DJ001 - empty is NULL, so that the unique rule skips it
        max_length=64, null=True, blank=True, help_text="Others: what was wanted, and the how many-th look at it."
    )
    source_kind = models.CharField(max_length=16, default="reminder", db_default="reminder")
    source_key = models.TextField(blank=True, default="", db_default="")
    step_key = models.TextField(blank=True, default="", db_default="")
    channel = models.CharField(max_length=16, blank=True, default="", db_default="")
    trace = models.JSONField(
        default=list, db_default=[], help_text="Each check in order: name, verdict and what it saw."
    )
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="message_decisions")
    subject_key = models.TextField(help_text="SKU or category the decision is about.")
    outcome = models.TextField()
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict)
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="message_decision_once", fields=["run_key", "customer", "subject_key"]),
            models.UniqueConstraint(name="message_decision_key_once", fields=["decision_key"]),
        ]
        # Rows come in the order of their moments, so a few bytes a block are index enough to forget the old ones.
        indexes = [BrinIndex(name="message_decision_moment", fields=["decided_at"])]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.reason_code}"
