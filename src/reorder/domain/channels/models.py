"""What arrives and what is told: the log of imported files, uploaded files, webhooks and their deliveries."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class ImportFile(models.Model):
    class State(models.TextChoices):
        STAGING = "staging"  # rows are being copied in
        STAGED = "staged"  # all rows are in staging, nothing applied yet
        DONE = "done"
        FAILED = "failed"

    sha256 = models.CharField(max_length=64)
    name = models.TextField()
    channel = models.TextField()
    kind = models.TextField(help_text="orders, products, stock or events.")
    format = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default="staging", db_default="staging")
    last_row = models.BigIntegerField(default=0, db_default=0, help_text="The file up to this row stands in staging.")
    rows_staged = models.BigIntegerField(
        default=0,
        db_default=0,
        help_text="Rows and refusals in staging; fewer are found after a crash of the database.",
    )
    rows_read = models.BigIntegerField(default=0, db_default=0)
    rows_imported = models.BigIntegerField(default=0, db_default=0)
    rows_unchanged = models.BigIntegerField(default=0, db_default=0)
    rows_rejected = models.BigIntegerField(default=0, db_default=0)
    counts = models.JSONField(default=dict, db_default={}, help_text="What else was counted, by name.")
    error = models.TextField(blank=True, default="", db_default="")
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(name="import_file_hash", fields=["sha256", "channel"])]

    def __str__(self) -> str:
        return self.name


class UploadedFile(models.Model):
    """A file that came through a page or the API; its bytes lie under `uploads` in the home folder until it is done.

    The row stays as history when the bytes are gone.
    """

    class State(models.TextChoices):
        RECEIVED = "received"  # whole on disk; waits for somebody to look at it and say go
        QUEUED = "queued"  # a job waits for a worker
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"  # nothing of it was taken in; may be started again
        REMOVED = "removed"  # taken away unused, by a person or after its days

    name = models.TextField(help_text="As the person's file was called, cleaned.")
    folder = models.CharField(max_length=32, unique=True, help_text="Folder of its bytes below uploads.")
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    type = models.CharField(max_length=12)
    encoding = models.TextField(blank=True, default="", db_default="")
    separator = models.TextField(blank=True, default="", db_default="")
    channel = models.TextField(default="file", db_default="file")
    kind = models.TextField(blank=True, default="", db_default="", help_text="Empty: the header decides.")
    columns = models.JSONField(default=dict, db_default={}, help_text="Our name to the file's column; empty: detected.")
    state = models.CharField(max_length=8, choices=State.choices, default="received", db_default="received")
    is_check = models.BooleanField(default=False, db_default=False, help_text="The job only looks; nothing is changed.")
    checked = models.JSONField(default=dict, db_default={}, help_text="What the last check found.")
    bytes_done = models.BigIntegerField(default=0, db_default=0)
    attempts_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    counts = models.JSONField(default=dict, db_default={}, help_text="What the import counted, by name.")
    outcome = models.CharField(max_length=12, blank=True, default="", db_default="")
    error_code = models.TextField(blank=True, default="", db_default="")
    error_parameters = models.JSONField(default=dict, db_default={})
    error = models.TextField(blank=True, default="", db_default="", help_text="The same in English.")
    has_rejected = models.BooleanField(default=False, db_default=False, help_text="A list of refused rows lies beside.")
    uploaded_by = models.TextField()
    uploaded_at = models.DateTimeField()
    started_by = models.TextField(blank=True, default="", db_default="")
    language = models.CharField(max_length=8, blank=True, default="", db_default="", help_text="Of who started it.")
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, help_text="When the job last told of progress.")
    finished_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True, help_text="When its folder was removed from disk.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="uploaded_file_state_known",
                condition=models.Q(state__in=["received", "queued", "running", "done", "failed", "removed"]),
            ),
            models.CheckConstraint(
                name="uploaded_file_done_has_moment",
                condition=~models.Q(state="done") | models.Q(finished_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="uploaded_file_state", fields=["state", "-id"]),
            models.Index(
                name="uploaded_file_kept", fields=["uploaded_at"], condition=models.Q(emptied_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookEndpoint(models.Model):
    """An address of another system that is told what happens here.

    Secrets are encrypted (`sealing`). A removed one keeps its row without secrets, for the history of its deliveries.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"  # by a person: what happens meanwhile waits
        DISABLED = "disabled"  # by us or a person: what happens meanwhile is kept but not sent
        REMOVED = "removed"

    url = models.TextField()
    description = models.TextField(blank=True, default="", db_default="")
    kinds = ArrayField(models.TextField(), default=list, blank=True, help_text="Events it wants; empty: all.")
    state = models.CharField(max_length=8, choices=State.choices, default="active", db_default="active")
    state_reason = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text="Why we disabled it: gone, failing, unreadable."
    )
    state_at = models.DateTimeField(help_text="Since when it is in this state.")
    secret = models.TextField(help_text="Sealed.")
    previous_secret = models.TextField(
        blank=True, default="", db_default="", help_text="Sealed; signs too for a while."
    )
    previous_until = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True, help_text="The first failure after the last success.")
    failures_in_row = models.PositiveIntegerField(default=0, db_default=0)
    quiet_until = models.DateTimeField(null=True, blank=True, help_text="It did not answer: nothing is sent before.")
    created_by = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="webhook_endpoint_state_known",
                condition=models.Q(state__in=["active", "paused", "disabled", "removed"]),
            ),
            models.CheckConstraint(
                name="webhook_endpoint_has_secret", condition=models.Q(state="removed") | ~models.Q(secret="")
            ),
            models.CheckConstraint(
                name="webhook_endpoint_previous_ends",
                condition=models.Q(previous_secret="") | models.Q(previous_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookMessage(models.Model):
    """One fact as it is told, written in the transaction of the fact; the body is kept as it is signed."""

    key = models.TextField(help_text="The webhook-id: the same at every attempt.")
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_key = models.TextField()
    event_key = models.TextField(help_text="Which event of the subject: told once.")
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="webhook_message_key_once", fields=["key"]),
            models.UniqueConstraint(
                name="webhook_message_once", fields=["subject_kind", "subject_key", "kind", "event_key"]
            ),
        ]
        indexes = [models.Index(name="webhook_message_kept", fields=["created_at"])]

    def __str__(self) -> str:
        return self.key


class WebhookDelivery(models.Model):
    """One message on its way to one endpoint."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for its moment, or claimed by a worker until `claimed_until`
        DELIVERED = "delivered"  # answered with 2xx
        FAILED = "failed"  # all attempts are used up
        GIVEN_UP = "given_up"  # its endpoint was disabled or removed

    # No constraint in the database: every order would lock the endpoint's row, and rows of endpoints are never deleted.
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries", db_constraint=False, db_index=False
    )
    # No index of its own: the one that makes it unique serves the key as well.
    message = models.ForeignKey(WebhookMessage, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    kind = models.CharField(max_length=40, help_text="That of its message, for lists.")
    subject_key = models.TextField(help_text="That of its message: two of one subject are not sent at once.")
    state = models.CharField(max_length=9, choices=State.choices, default="waiting", db_default="waiting")
    attempts_count = models.PositiveIntegerField(default=0, db_default=0)
    round_count = models.PositiveIntegerField(default=0, db_default=0, help_text="Attempts since the last replay.")
    next_attempt_at = models.DateTimeField(help_text="While it waits: not before this moment.")
    claimed_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker speaks with the endpoint; past this moment the worker has died."
    )
    outcome = models.CharField(
        max_length=10, blank=True, default="", db_default="", help_text="Of the last attempt: ok, refused, down, gone."
    )
    status = models.PositiveIntegerField(null=True, blank=True, help_text="HTTP status of the last answer.")
    error_code = models.TextField(blank=True, default="", db_default="")
    error_parameters = models.JSONField(default=dict, db_default={})
    excerpt = models.TextField(blank=True, default="", db_default="", help_text="The beginning of the last answer.")
    attempts = models.JSONField(default=list, db_default=[], help_text="The last attempts, the newest last.")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="webhook_delivery_once", fields=["message", "endpoint"]),
            models.CheckConstraint(
                name="webhook_delivery_state_known",
                condition=models.Q(state__in=["waiting", "delivered", "failed", "given_up"]),
            ),
        ]
        indexes = [
            models.Index(
                name="webhook_delivery_due",
                fields=["endpoint", "next_attempt_at", "id"],
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                name="webhook_delivery_claimed",
                fields=["claimed_until"],
                condition=models.Q(claimed_until__isnull=False),
            ),
            models.Index(name="webhook_delivery_state", fields=["state", "-id"]),
            models.Index(name="webhook_delivery_endpoint", fields=["endpoint", "-id"]),
            models.Index(name="webhook_delivery_kind", fields=["kind", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key}"
