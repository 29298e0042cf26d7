"""Marks of subjects whose facts changed."""

from django.db import models
from django.db.models.functions import Now


class DirtyMark(models.Model):
    """A subject whose facts changed and whose conclusions must be drawn again (mark, then drain)."""

    kind = models.CharField(max_length=16)
    subject_key = models.TextField()
    marked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="dirty_once", fields=["kind", "subject_key"])]
        indexes = [models.Index(name="dirty_oldest", fields=["kind", "marked_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key}"
