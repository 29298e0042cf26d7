"""Tracked events: append-only facts of what a known customer did, each taken once by its message id."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now


class TrackedEvent(models.Model):
    class Kind(models.TextChoices):
        VIEW = "view"
        CART = "cart"
        SEARCH = "search"
        PROMOTION = "promotion"

    message_id = models.TextField(help_text="Chosen by the sender: the same id again is the same event.")
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    happened_at = models.DateTimeField()
    search_text = models.TextField(blank=True, default="", db_default="")
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="tracked_event_once", fields=["message_id"]),
            models.CheckConstraint(
                name="tracked_event_kind_known",
                condition=models.Q(kind__in=["view", "cart", "search", "promotion"]),
            ),
        ]
        indexes = [
            # Events come roughly in the order of their moments, so a few bytes a block are index enough.
            BrinIndex(name="tracked_event_moment", fields=["happened_at"]),
            models.Index(name="tracked_event_customer", fields=["customer", "happened_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_at}"
