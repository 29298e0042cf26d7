"""Staff accounts, API tokens, and the audit trail of what they did."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class User(AbstractUser):
    """The role decides what a person may see and do; `place_codes` limits it to these places, empty means all."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MARKETER = "marketer"
        BUYER = "buyer"
        WAREHOUSE = "warehouse"
        SUPPORT = "support"
        VIEWER = "viewer"

    class Theme(models.TextChoices):
        SYSTEM = "system"
        LIGHT = "light"
        DARK = "dark"

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER, db_default=Role.VIEWER)
    language = models.CharField(max_length=8, default="en", db_default="en")
    theme = models.CharField(max_length=8, choices=Theme.choices, default="system", db_default="system")
    has_high_contrast = models.BooleanField(default=False, db_default=False)
    is_dense = models.BooleanField(default=False, db_default=False)
    place_codes = ArrayField(models.TextField(), default=list, blank=True, db_default=[])

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_role_known",
                condition=models.Q(role__in=["owner", "marketer", "buyer", "warehouse", "support", "viewer"]),
            ),
            models.CheckConstraint(name="user_theme_known", condition=models.Q(theme__in=["system", "light", "dark"])),
        ]

    def __str__(self) -> str:
        return self.username


class SignInLink(models.Model):
    """A link that signs one person in once; only the hash of its secret is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires_at}"


class SavedView(models.Model):
    """A person's own filter and columns of one list, shown as a tab."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.TextField()
    name = models.TextField()
    query = models.TextField(blank=True, default="", db_default="")
    columns = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="saved_view_once", fields=["user", "page", "name"]),
            models.CheckConstraint(name="saved_view_named", condition=~models.Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.page}: {self.name}"


class ApiToken(models.Model):
    """A bearer token; only the hash is kept, `hint` are its first characters, so that people can tell tokens apart."""

    name = models.TextField()
    secret_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=16)
    scopes = ArrayField(models.TextField())
    place_codes = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the setting's.")
    created_by = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="api_token_named", condition=~models.Q(name=""))]

    def __str__(self) -> str:
        return self.name


class StoredAnswer(models.Model):
    """The answer to an idempotent API write, committed with the write itself; a repetition gets it again."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    content_type = models.TextField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="stored_answer_once", fields=["token", "key"])]
        indexes = [models.Index(name="stored_answer_age", fields=["created_at"])]

    def __str__(self) -> str:
        return self.key


class AuditEntry(models.Model):
    """Append-only (a trigger refuses UPDATE and DELETE): who did what, to what, through which door.

    Holds keys, never personal facts.
    """

    happened_at = models.DateTimeField(db_default=Now())
    actor = models.TextField()
    via = models.CharField(max_length=8)
    request_id = models.TextField(blank=True, default="", db_default="")
    address = models.TextField(blank=True, default="", db_default="")
    action = models.TextField(help_text="Dotted, for example purchasing.approve.")
    subject_kind = models.TextField(blank=True, default="", db_default="")
    subject_key = models.TextField(blank=True, default="", db_default="")
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(name="audit_subject", fields=["subject_kind", "subject_key", "-id"]),
            models.Index(name="audit_actor", fields=["actor", "-id"]),
            models.Index(name="audit_action", fields=["action", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject_key}"
