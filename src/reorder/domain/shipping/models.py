"""Carrier services, zones by the beginning of postcodes, rates between zones, and the merchant's rules of routing.

A table of rates is what somebody typed in or uploaded, not a carrier's promise. Amounts are minor units of the shop's
currency.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from reorder.domain.shipping.carton_models import (  # noqa: F401 - Django looks for models here
    Carton,
    CartonTrial,
    PackingPlan,
)
from reorder.domain.shipping.label_models import (  # noqa: F401 - Django looks for models here
    CarrierAccount,
    Label,
    LabelBatch,
)
from reorder.domain.shipping.parcel_models import Parcel  # noqa: F401 - Django looks for models here
from reorder.domain.shipping.tracking_models import (  # noqa: F401 - Django looks for models here
    Manifest,
    ManifestParcel,
    ParcelWatch,
    PickUp,
    PublicLink,
    StrayCallback,
    TrackingEvent,
)


class Service(models.Model):
    """What a carrier offers: which goods it takes, how large, and how long it needs."""

    code = models.TextField(unique=True)
    name = models.TextField()
    carrier = models.TextField()
    temperature_classes = ArrayField(models.TextField())
    max_grams = models.PositiveIntegerField(null=True, blank=True)
    max_longest_mm = models.PositiveIntegerField(null=True, blank=True)
    max_sum_mm = models.PositiveIntegerField(null=True, blank=True, help_text="Length + width + height.")
    is_store_pickup = models.BooleanField(default=False, db_default=False)
    delivery_days = models.PositiveSmallIntegerField(default=1, db_default=1)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="service_code_not_empty", condition=~models.Q(code="")),
            models.CheckConstraint(
                name="service_takes_some_temperature",
                condition=models.Q(temperature_classes__len__gte=1)
                & models.Q(temperature_classes__contained_by=["ambient", "chilled", "frozen"]),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Zone(models.Model):
    code = models.TextField(unique=True)
    name = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(name="zone_code_not_empty", condition=~models.Q(code=""))]

    def __str__(self) -> str:
        return self.code


class ZonePrefix(models.Model):
    """Addresses of a country whose postcode begins so; an empty beginning is the whole country."""

    country = models.CharField(max_length=2)
    postcode_start = models.TextField(blank=True, default="", db_default="")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="prefixes")

    class Meta:
        verbose_name_plural = "zone prefixes"
        constraints = [models.UniqueConstraint(name="zone_prefix_once", fields=["country", "postcode_start"])]

    def __str__(self) -> str:
        return f"{self.country} {self.postcode_start}"


class Rate(models.Model):
    """What a parcel of up to so many grams costs with a service from one zone to another."""

    # No index of its own: the unique key serves it as well.
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="rates", db_index=False)
    from_zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    to_zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    up_to_grams = models.PositiveIntegerField()
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="rate_once", fields=["service", "from_zone", "to_zone", "up_to_grams"]),
            models.CheckConstraint(name="rate_price_not_negative", condition=models.Q(price_minor__gte=0)),
            models.CheckConstraint(name="rate_weight_positive", condition=models.Q(up_to_grams__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} up to {self.up_to_grams} g"


class RoutingRule(models.Model):
    """A merchant's rule on top of costs; what is empty fits everything."""

    class Kind(models.TextChoices):
        PLACE_PENALTY = "place_penalty"
        EXCLUDE_PLACE = "exclude_place"
        NEVER_SPLIT = "never_split"
        SPLIT_PENALTY = "split_penalty"
        MINIMUM_SPLIT_VALUE = "minimum_split_value"
        DAY_PENALTY = "day_penalty"
        FAILED_PROMISE = "failed_promise"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    place = models.ForeignKey("inventory.Place", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    channel = models.TextField(blank=True, default="", db_default="")
    category = models.ForeignKey("catalog.Category", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    temperature_class = models.TextField(blank=True, default="", db_default="")
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    postcode_start = models.TextField(blank=True, default="", db_default="")
    amount_minor = models.BigIntegerField(null=True, blank=True)
    decided_by = models.TextField()
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="routing_rule_kind_known",
                condition=models.Q(
                    kind__in=[
                        "place_penalty",
                        "exclude_place",
                        "never_split",
                        "split_penalty",
                        "minimum_split_value",
                        "day_penalty",
                        "failed_promise",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="routing_rule_place_where_needed",
                condition=models.Q(kind__in=["place_penalty", "exclude_place"], place__isnull=False)
                | ~models.Q(kind__in=["place_penalty", "exclude_place"]),
            ),
            models.CheckConstraint(
                name="routing_rule_amount_where_needed",
                condition=models.Q(kind__in=["exclude_place", "never_split"])
                | models.Q(amount_minor__isnull=False, amount_minor__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Revision(models.Model):
    """The moment (microseconds) at which services, zones, rates or rules last changed: readers then read them again."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.CheckConstraint(name="shipping_revision_is_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(self.number)
