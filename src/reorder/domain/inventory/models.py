"""Places, the append-only stock ledger, and levels, its projection.

A move takes units out of one location and puts them into another, so the ledger sums to zero by construction. Goods on
order are a location too (`incoming` of a place): a receipt moves them into stock, and nothing is counted twice. So are
goods promised to an order (`allocated`) and goods in the hands of a picker (`picked`): they still stand at the place.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from reorder.domain.inventory.owner_models import Owner  # noqa: F401 - Django looks for models here
from reorder.domain.inventory.promise_models import (  # noqa: F401 - Django looks for models here
    FreshnessRule,
    Reserve,
    SellingTerm,
)


class Place(models.Model):
    class Kind(models.TextChoices):
        WAREHOUSE = "warehouse"
        STORE = "store"
        SUPPLIER = "supplier"

    code = models.TextField(unique=True)
    name = models.TextField()
    kind = models.CharField(max_length=12, choices=Kind.choices, default="warehouse", db_default="warehouse")
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="place_code_not_empty", condition=~models.Q(code="")),
            models.CheckConstraint(
                name="place_kind_known", condition=models.Q(kind__in=["warehouse", "store", "supplier"])
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Location(models.Model):
    class Kind(models.TextChoices):
        STOCK = "stock"
        INCOMING = "incoming"
        ALLOCATED = "allocated"
        PICKED = "picked"
        SUPPLIER = "supplier"
        CUSTOMER = "customer"
        ADJUSTMENT = "adjustment"

    code = models.TextField(unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="locations")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="location_of_goods_has_place",
                condition=models.Q(kind__in=["stock", "incoming", "allocated", "picked"], place__isnull=False)
                | models.Q(kind__in=["supplier", "customer", "adjustment"], place__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Move(models.Model):
    """Append-only: a database trigger refuses UPDATE and DELETE; a mistake is mended by a counter-move."""

    class Kind(models.TextChoices):
        OPENING = "opening"
        ON_ORDER = "on_order"
        RECEIPT = "receipt"
        ALLOCATE = "allocate"
        RELEASE = "release"
        PICK = "pick"
        SHIP = "ship"
        RETURN = "return"
        ADJUST = "adjust"
        COUNT = "count"
        TRANSFER = "transfer"

    idempotency_key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    owner = models.TextField(default="self", db_default="self", help_text="Whose goods these are.")
    lot = models.TextField(blank=True, default="", db_default="")
    expires_date = models.DateField(null=True, blank=True)
    units = models.DecimalField(max_digits=14, decimal_places=3)
    source = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="moves_out")
    target = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="moves_in")
    cause_kind = models.TextField(help_text="What made it, for example purchase_order, import, count.")
    cause_key = models.TextField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="move_units_positive", condition=models.Q(units__gt=0)),
            models.CheckConstraint(name="move_between_two_locations", condition=~models.Q(source=models.F("target"))),
        ]
        indexes = [
            models.Index(name="move_product_moment", fields=["product", "happened_at"]),
            models.Index(name="move_cause", fields=["cause_kind", "cause_key"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.units}"


class Level(models.Model):
    """What the ledger sums to for goods at a place; written only together with the moves.

    `on_hand_units` stand there, promised or not; `allocated_units` of them are promised to orders (picked ones
    included), `held_units` are kept for carts.
    """

    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="levels")
    owner = models.TextField(default="self", db_default="self")
    lot = models.TextField(blank=True, default="", db_default="")
    expires_date = models.DateField(null=True, blank=True)
    on_hand_units = models.DecimalField(max_digits=14, decimal_places=3, default=0, db_default=0)
    allocated_units = models.DecimalField(max_digits=14, decimal_places=3, default=0, db_default=0)
    held_units = models.DecimalField(max_digits=14, decimal_places=3, default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="level_once", fields=["product", "location", "owner", "lot"]),
            models.CheckConstraint(name="level_on_hand_not_negative", condition=models.Q(on_hand_units__gte=0)),
            models.CheckConstraint(
                name="level_promises_within_stock",
                condition=models.Q(allocated_units__gte=0)
                & models.Q(held_units__gte=0)
                & models.Q(on_hand_units__gte=models.F("allocated_units") + models.F("held_units")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} at {self.location_id}: {self.on_hand_units}"


class Allocation(models.Model):
    """Units of one lot at a place that are promised to a demand, such as an order line; `picked_units` of them are out.

    What all allocations of a level sum to is its `allocated_units`; gone when the goods are shipped or given back.
    """

    demand_key = models.TextField()
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="allocations")
    units = models.DecimalField(max_digits=14, decimal_places=3)
    picked_units = models.DecimalField(max_digits=14, decimal_places=3, default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allocation_once", fields=["demand_key", "level"]),
            models.CheckConstraint(
                name="allocation_picked_within_units",
                condition=models.Q(picked_units__gte=0)
                & models.Q(units__gt=0)
                & models.Q(units__gte=models.F("picked_units")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.demand_key}: {self.units}"


class Hold(models.Model):
    """Units kept for a cart until a moment; what all holds of a level sum to is its `held_units`."""

    hold_key = models.TextField()
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="holds")
    units = models.DecimalField(max_digits=14, decimal_places=3)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="hold_once", fields=["hold_key", "level"]),
            models.CheckConstraint(name="hold_units_positive", condition=models.Q(units__gt=0)),
        ]
        indexes = [models.Index(name="hold_expiry", fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.hold_key}: {self.units}"


class Backorder(models.Model):
    """Units promised that are not there yet: they wait for goods at a place, until the day that was told."""

    class Kind(models.TextChoices):
        BACKORDER = "backorder"
        PREORDER = "preorder"

    demand_key = models.TextField()
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices, default="backorder", db_default="backorder")
    units = models.DecimalField(max_digits=14, decimal_places=3)
    promised_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="backorder_once", fields=["demand_key", "product"]),
            models.CheckConstraint(name="backorder_units_positive", condition=models.Q(units__gt=0)),
            models.CheckConstraint(name="backorder_kind_known", condition=models.Q(kind__in=["backorder", "preorder"])),
        ]
        indexes = [models.Index(name="backorder_queue", fields=["product", "place", "created_at"])]

    def __str__(self) -> str:
        return f"{self.demand_key}: {self.units}"


class PlaceTerms(models.Model):
    """What a place can do for orders: from where, how many a day, until which hour, at what cost, how cold.

    A place without terms sends any number of parcels at once, for nothing; a supplier without terms sends none.
    Amounts are minor units of the shop's currency.
    """

    place = models.OneToOneField(Place, on_delete=models.CASCADE, primary_key=True, related_name="terms")
    postcode = models.TextField(blank=True, default="", db_default="", help_text="Parcels leave from here.")
    orders_a_day = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: as many as come.")
    cut_off_time = models.TimeField(null=True, blank=True, help_text="Orders until then leave the same day.")
    working_weekdays = ArrayField(models.SmallIntegerField(), help_text="1 is Monday.")
    processing_days = models.PositiveSmallIntegerField(default=0, db_default=0)
    parcel_cost_minor = models.BigIntegerField(default=0, db_default=0)
    line_cost_minor = models.BigIntegerField(default=0, db_default=0)
    temperature_classes = ArrayField(models.TextField())
    stock_confidence_share = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        default=1,
        db_default=1,
        help_text="How often it has what it says: of a supplier's stock only so much is counted on.",
    )
    decided_by = models.TextField()
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "place terms"
        constraints = [
            models.CheckConstraint(
                name="place_terms_costs_not_negative",
                condition=models.Q(parcel_cost_minor__gte=0, line_cost_minor__gte=0),
            ),
            models.CheckConstraint(
                name="place_terms_confidence_is_share",
                condition=models.Q(stock_confidence_share__gte=0, stock_confidence_share__lte=1),
            ),
            models.CheckConstraint(
                name="place_terms_works_some_day",
                condition=models.Q(working_weekdays__len__gte=1)
                & models.Q(working_weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]),
            ),
            models.CheckConstraint(
                name="place_terms_temperatures_known",
                condition=models.Q(temperature_classes__contained_by=["ambient", "chilled", "frozen"]),
            ),
        ]

    def __str__(self) -> str:
        return f"terms of {self.place_id}"
