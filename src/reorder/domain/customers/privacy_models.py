"""Requests of people about their data, with the day by which each must be answered and what was done."""

from django.db import models


class PrivacyRequest(models.Model):
    """A person wants their data, or wants it gone; no name and no address stands here, so that it may stay."""

    class Kind(models.TextChoices):
        EXPORT = "export"
        ERASE = "erase"

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        REFUSED = "refused"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Kept when the person is gone: what was done for whom must be provable.
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="privacy_requests")
    state = models.CharField(max_length=8, choices=State.choices, default="open", db_default="open")
    asked_at = models.DateTimeField()
    due_date = models.DateField()
    asked_by = models.TextField(help_text="The staff's user name, a token, or customer.")
    how_known = models.TextField(
        blank=True, default="", db_default="", help_text="How the person was recognised; no name, no address."
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.TextField(blank=True, default="", db_default="")
    answer = models.TextField(blank=True, default="", db_default="", help_text="Why it was refused.")
    counts = models.JSONField(default=dict, db_default={}, help_text="Rows by table that were deleted or emptied.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="privacy_request_open_once", fields=["customer", "kind"], condition=models.Q(state="open")
            ),
            models.CheckConstraint(name="privacy_request_kind_known", condition=models.Q(kind__in=["export", "erase"])),
            models.CheckConstraint(
                name="privacy_request_end",
                condition=models.Q(state="open", done_at__isnull=True)
                | models.Q(state__in=["done", "refused"], done_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="privacy_request_due", fields=["due_date"], condition=models.Q(state="open"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id}"
