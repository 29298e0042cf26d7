"""Topics and what people said about them, pending sign-ups, suppressed addresses, and the shop's rules of compliance.

What people said and what the shop laid down is appended, never changed: the latest row holds.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Topic(models.Model):
    """What marketing is about, as people choose it; `sources` say which messages belong to it."""

    code = models.CharField(max_length=32, unique=True)
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="", db_default="", help_text="Traditional Chinese; empty: as name.")
    words = models.TextField(blank=True, default="", db_default="")
    words_zh = models.TextField(blank=True, default="", db_default="")
    sources = ArrayField(
        models.TextField(), default=list, blank=True, db_default=[], help_text="source_kind:source_key, * as the end."
    )
    category_codes = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        db_default=[],
        help_text="What is about these goods belongs to it.",
    )
    needs_explicit = models.BooleanField(default=False, db_default=False, help_text="Silence about it is a no.")
    position = models.SmallIntegerField(default=0, db_default=0)
    is_active = models.BooleanField(default=True, db_default=True)
    changed_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [models.CheckConstraint(name="topic_has_name", condition=~models.Q(code="") & ~models.Q(name=""))]

    def __str__(self) -> str:
        return self.code


class TopicEntry(models.Model):
    """One declaration about one topic; beside the consent ledger and under it, as append-only as that."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="topic_entries", db_index=False
    )
    topic = models.CharField(max_length=32)
    is_wanted = models.BooleanField()
    source = models.TextField()
    text_version = models.TextField(blank=True, default="", db_default="")
    proof = models.TextField(blank=True, default="", db_default="")
    declared_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    idempotency_key = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name_plural = "topic entries"
        indexes = [models.Index(name="topic_latest", fields=["customer", "topic", "-declared_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.topic}: {self.is_wanted}"


class ContactPreference(models.Model):
    """How often a person wants to hear from us, as far as they said."""

    customer = models.OneToOneField("customers.Customer", on_delete=models.CASCADE, related_name="contact_preference")
    messages_per_week = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: the shop's cap.")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_preference_range",
                condition=models.Q(messages_per_week__isnull=True) | models.Q(messages_per_week__range=(1, 7)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.messages_per_week}"


class PendingConsent(models.Model):
    """Somebody gave an address and asked for news; nothing is believed before the link in the mail was confirmed."""

    secret_hash = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=16, default="email", db_default="email")
    address = models.TextField(help_text="In lower case; emptied when it is over.")
    name = models.TextField(blank=True, default="", db_default="")
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    topics = ArrayField(models.TextField(), default=list, blank=True, db_default=[], help_text="Empty: all.")
    text_version = models.TextField(blank=True, default="", db_default="")
    source = models.TextField(help_text="Where it was asked: page, form, system.")
    client = models.TextField(blank=True, default="", db_default="", help_text="Network address of who asked.")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, null=True, blank=True, related_name="pending_consents"
    )

    class Meta:
        indexes = [models.Index(name="pending_consent_end", fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.channel} until {self.expires_at}"


class Suppression(models.Model):
    """An address that gets nothing any more, known by its keyed hash alone: whoever reads this learns no address."""

    class Cause(models.TextChoices):
        ERASED = "erased"
        COMPLAINED = "complained"
        BOUNCED = "bounced"
        BY_PERSON = "by_person"

    channel = models.CharField(max_length=16)
    address_hash = models.CharField(max_length=64)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    note = models.TextField(blank=True, default="", db_default="", help_text="For colleagues; no name, no address.")
    suppressed_at = models.DateTimeField()
    suppressed_by = models.TextField(blank=True, default="", db_default="")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="suppression_once", fields=["channel", "address_hash"]),
            models.CheckConstraint(
                name="suppression_cause_known",
                condition=models.Q(cause__in=["erased", "complained", "bounced", "by_person"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.cause}"


class ConsentText(models.Model):
    """The words that people agreed to; a changed text is a new version, so that what was agreed to can be shown."""

    kind = models.CharField(max_length=12, help_text="signup, notice")
    language = models.CharField(max_length=8)
    version = models.CharField(max_length=32)
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="consent_text_once", fields=["kind", "language", "version"]),
            models.CheckConstraint(name="consent_text_kind_known", condition=models.Q(kind__in=["signup", "notice"])),
            models.CheckConstraint(name="consent_text_not_empty", condition=~models.Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} {self.version}"


class CompliancePolicy(models.Model):
    """What the shop laid down about law and custom; the latest row holds, earlier ones tell what held when."""

    postal_address = models.TextField(blank=True, default="", db_default="", help_text="Stands in each marketing mail.")
    has_double_opt_in = models.BooleanField(default=True, db_default=True)
    minimum_age = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="0: none.")
    asks_unknown_age = models.BooleanField(
        default=False, db_default=False, help_text="Somebody whose birthday nobody knows counts as too young."
    )
    adult_years = models.PositiveSmallIntegerField(default=18, db_default=18)
    adult_categories = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        db_default=[],
        help_text="Only for people of adult_years and more.",
    )
    sensitive_needs_consent = models.BooleanField(default=True, db_default=True)
    quiet_hours = models.JSONField(default=dict, db_default={}, help_text="By country: [from, until], * for others.")
    kept_days = models.JSONField(default=dict, db_default={}, help_text="Days that kinds of facts are kept.")
    dkim_selectors = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    decided_by = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "compliance policies"

    def __str__(self) -> str:
        return f"{self.decided_at:%Y-%m-%d} {self.decided_by}"
