"""Tracked events: append-only facts of what people did besides buying, each taken once by its message id.

The table is partitioned by the month of `happened_at` (migration 0002); a partitioned table cannot keep message ids
unique over all its months, so `EventKey` does. It has no foreign keys in the database: checking two for each of five
thousand events a second costs a tenth of the machine, and opening a month would lock customers and products.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from reorder.domain.behaviour.rules import EVENT_KINDS
from reorder.domain.behaviour.tracking_models import (  # noqa: F401 - Django looks for models here
    EventKey,
    InboxEvent,
    TrackedDay,
    TrackingSource,
    Visitor,
    VisitorLink,
)


def unchecked_key(*, to: str, on_delete: Callable[..., None]) -> models.ForeignKey[Any, Any]:
    """Whom or what an event is about, where that is known; without what the database would check at each event."""
    return models.ForeignKey(
        to, on_delete=on_delete, null=True, blank=True, related_name="+", db_index=False, db_constraint=False
    )


class TrackedEvent(models.Model):
    """One thing that somebody did: a customer, or a visitor of whom nobody knows yet who it is."""

    message_id = models.TextField(help_text="Chosen by the sender: the same id again is the same event.")
    customer = unchecked_key(to="customers.Customer", on_delete=models.CASCADE)
    visitor = unchecked_key(to="behaviour.Visitor", on_delete=models.DO_NOTHING)
    source = unchecked_key(to="behaviour.TrackingSource", on_delete=models.DO_NOTHING)
    kind = models.CharField(max_length=12)
    product = unchecked_key(to="catalog.Product", on_delete=models.PROTECT)
    happened_at = models.DateTimeField()
    search_text = models.TextField(blank=True, default="", db_default="")
    results_count = models.IntegerField(null=True, blank=True, help_text="What a search found, where it was told.")
    engaged_ms = models.IntegerField(null=True, blank=True, help_text="How long a page was looked at.")
    page_path = models.TextField(blank=True, default="", db_default="")
    details = models.JSONField(null=True, blank=True, help_text="Known properties only (rules.DETAIL_NAMES).")
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="tracked_event_kind_known", condition=models.Q(kind__in=EVENT_KINDS)),
            models.CheckConstraint(
                name="tracked_event_of_somebody",
                condition=models.Q(customer__isnull=False) | models.Q(visitor__isnull=False),
            ),
        ]
        indexes = [
            # Events come roughly in the order of their moments, so a few bytes a block are index enough.
            BrinIndex(name="tracked_event_moment", fields=["happened_at"]),
            models.Index(
                name="tracked_event_customer",
                fields=["customer", "happened_at"],
                condition=models.Q(customer__isnull=False),
            ),
            models.Index(
                name="tracked_event_visitor",
                fields=["visitor", "happened_at"],
                condition=models.Q(customer__isnull=True),
            ),
            models.Index(name="tracked_event_search", fields=["happened_at"], condition=models.Q(kind="search")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_at}"
