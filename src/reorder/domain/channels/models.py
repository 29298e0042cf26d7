"""The log of imported files: what arrived, how far it got, what was refused; and files that people uploaded."""

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
