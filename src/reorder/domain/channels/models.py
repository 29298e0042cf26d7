"""The log of imported files: what arrived, how far it got, what was refused."""

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
    kind = models.TextField(help_text="orders, products or stock.")
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
