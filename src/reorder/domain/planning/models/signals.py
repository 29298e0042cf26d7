"""What the world, the shop's calendar and people say about demand, each with the moment when it became known.

Signals are append-only: a corrected value is a new version with a later `known_at`, so that a backtest or a replay can
read what was known at its origin and nothing that came after.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from reorder.domain.planning.models.runs import concluded_by


def _scope_has_key(*, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=models.Q(scope="all", key="") | models.Q(scope__in=["category", "product"]) & ~models.Q(key=""),
    )


class Signal(models.Model):
    """One value of one day: a price, a promotion, a competitor's price, an event, the weather, open or closed."""

    kind = models.TextField()
    name = models.TextField(blank=True, default="", db_default="", help_text="Of the event, competitor or measure.")
    scope = models.CharField(max_length=8)
    key = models.TextField(blank=True, default="", db_default="", help_text="SKU or category code; empty for all.")
    place_code = models.TextField(default="*", db_default="*", help_text="* for all places.")
    date = models.DateField()
    number = models.FloatField(null=True)
    text = models.TextField(blank=True, default="", db_default="")
    known_at = models.DateTimeField(help_text="From this moment on it was known; a backtest reads nothing later.")
    source = models.TextField(blank=True, default="", db_default="")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="signal_once", fields=["kind", "date", "scope", "key", "place_code", "name", "known_at"]
            ),
            models.CheckConstraint(
                name="signal_kind_known",
                condition=models.Q(
                    kind__in=["price", "promotion", "competitor_price", "event", "holiday", "weather", "open"]
                ),
            ),
            _scope_has_key(name="signal_scope_has_key"),
        ]
        indexes = [models.Index(name="signal_day", fields=["date", "known_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.date}"


class CalendarEntry(models.Model):
    """A promotion, event, holiday or closing that a person entered; an edit withdraws it and makes its next version."""

    kind = models.TextField()
    name = models.TextField()
    from_date = models.DateField()
    until_date = models.DateField(help_text="Included.")
    scope = models.CharField(max_length=8, default="all", db_default="all")
    key = models.TextField(blank=True, default="", db_default="")
    place_code = models.TextField(default="*", db_default="*")
    price = models.FloatField(null=True, help_text="Major units of the product's currency; for one product only.")
    discount_share = models.FloatField(null=True, help_text="0.2 is 20 % off.")
    expected_effect_share = models.FloatField(
        null=True, help_text="What the person expects instead of what was learned: 0.5 is half as much again."
    )
    note = models.TextField(blank=True, default="", db_default="")
    source_key = models.TextField(
        blank=True, default="", db_default="", help_text="Which row of a file it came from; lands once."
    )
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    author = models.TextField()
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="calendar_entry_kind_known",
                condition=models.Q(kind__in=["promotion", "event", "holiday", "closed"]),
            ),
            models.CheckConstraint(
                name="calendar_entry_days_in_order", condition=models.Q(until_date__gte=models.F("from_date"))
            ),
            models.CheckConstraint(
                name="calendar_entry_discount_within_one",
                condition=models.Q(discount_share__isnull=True)
                | models.Q(discount_share__gte=0) & models.Q(discount_share__lte=1),
            ),
            models.UniqueConstraint(
                name="calendar_entry_of_file_once",
                fields=["source_key"],
                condition=models.Q(withdrawn_at__isnull=True) & ~models.Q(source_key=""),
            ),
            _scope_has_key(name="calendar_entry_scope_has_key"),
        ]
        indexes = [models.Index(name="calendar_entry_days", fields=["from_date", "id"])]

    def __str__(self) -> str:
        return f"{self.name} {self.from_date}"


class LearnedEffect(models.Model):
    """How much a promotion, an event or a price moved demand in the past, shrunk, with its 80 % interval."""

    run = concluded_by()
    name = models.TextField(help_text="The column that the forecast saw: event, holiday, on_promotion …")
    value = models.TextField(blank=True, default="", db_default="", help_text="The event's name where it has one.")
    scope = models.CharField(max_length=8)
    key = models.TextField(blank=True, default="", db_default="")
    effect_share = models.FloatField(help_text="0.38 is 38 % more than without it.")
    low_share = models.FloatField()
    high_share = models.FloatField()
    occurrences_count = models.PositiveIntegerField()
    days_count = models.PositiveIntegerField()
    as_of_date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="learned_effect_once", fields=["name", "value", "scope", "key"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class MethodOverride(models.Model):
    """Which methods a person wants one series forecast by, instead of those that the backtest chose."""

    subject = models.TextField()
    place_code = models.TextField()
    methods = ArrayField(models.TextField())
    note = models.TextField()
    author = models.TextField()
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="method_override_one_at_a_time",
                fields=["subject", "place_code"],
                condition=models.Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.place_code}"
