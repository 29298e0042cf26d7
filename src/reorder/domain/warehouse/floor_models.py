"""The floor of a place: its plan, its bins, what stands in them, and the append-only ledger of goods between bins.

The stock ledger (`domain/inventory`) knows how much of a product, owner and lot a place has; this one knows where in
the place. What stands on the place's shelves (on hand less picked) and is in no bin is *not put away*: it is never
stored, it is the difference.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

_TEMPERATURES = ["ambient", "chilled", "frozen"]


class FloorPlan(models.Model):
    """How one walks through a place: parallel aisles between cross-aisles, or a graph of points and ways.

    Lengths are millimetres. `at_mm` runs along an aisle from the front; `cross_aisles_mm` are where aisles meet.
    A graph's `points` are [code, x_mm, y_mm] and its `ways` [from code, to code, length_mm, is_one_way].
    """

    class Kind(models.TextChoices):
        AISLES = "aisles"
        GRAPH = "graph"

    place = models.OneToOneField(
        "inventory.Place", on_delete=models.CASCADE, primary_key=True, related_name="floor_plan"
    )
    kind = models.CharField(max_length=6, choices=Kind.choices, default="aisles", db_default="aisles")
    aisle_codes = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    aisle_pitch_mm = models.PositiveIntegerField(default=3000, db_default=3000)
    cross_aisles_mm = ArrayField(models.PositiveIntegerField(), default=list, blank=True, db_default=[])
    depot_aisle = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Position in aisle_codes.")
    depot_at_mm = models.PositiveIntegerField(default=0, db_default=0)
    one_way_aisles = models.JSONField(
        default=dict,
        blank=True,
        db_default={},
        help_text="Aisle code to 'up' or 'down': walked in that direction only.",
    )
    points = models.JSONField(default=list, blank=True, db_default=[])
    ways = models.JSONField(default=list, blank=True, db_default=[])
    depot_point = models.TextField(blank=True, default="", db_default="")
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="floor_plan_kind_known", condition=models.Q(kind__in=["aisles", "graph"])),
            models.CheckConstraint(
                name="floor_plan_has_cross_aisles",
                condition=models.Q(kind="graph") | models.Q(cross_aisles_mm__len__gte=2, cross_aisles_mm__len__lte=6),
            ),
        ]

    def __str__(self) -> str:
        return f"floor plan of {self.place_id}"


class StorageZone(models.Model):
    """Bins of a place that are alike: what they are for, and how cold they are."""

    class Purpose(models.TextChoices):
        PICK = "pick"
        BULK = "bulk"
        QUARANTINE = "quarantine"
        RETURNS = "returns"
        HAZARD = "hazard"

    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="storage_zones", db_index=False)
    code = models.TextField()
    name = models.TextField()
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default="pick", db_default="pick")
    temperature_class = models.CharField(max_length=8, default="ambient", db_default="ambient")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="storage_zone_once", fields=["place", "code"]),
            models.CheckConstraint(name="storage_zone_code_not_empty", condition=~models.Q(code="")),
            models.CheckConstraint(
                name="storage_zone_purpose_known",
                condition=models.Q(purpose__in=["pick", "bulk", "quarantine", "returns", "hazard"]),
            ),
            models.CheckConstraint(
                name="storage_zone_temperature_known", condition=models.Q(temperature_class__in=_TEMPERATURES)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Bin(models.Model):
    """A place on a shelf with a code of its own, unique in the whole shop so that a scan says where one stands."""

    code = models.TextField(unique=True)
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="bins")
    zone = models.ForeignKey(StorageZone, on_delete=models.PROTECT, related_name="bins")
    aisle = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Position in the plan's aisles.")
    at_mm = models.PositiveIntegerField(default=0, db_default=0, help_text="Along the aisle from the front.")
    side = models.CharField(max_length=1, default="L", db_default="L", help_text="L or R of the aisle, from the front.")
    level = models.PositiveSmallIntegerField(default=1, db_default=1, help_text="1 is the lowest shelf.")
    point = models.TextField(blank=True, default="", db_default="", help_text="Where it is in a graph.")
    length_mm = models.PositiveIntegerField(null=True, blank=True)
    width_mm = models.PositiveIntegerField(null=True, blank=True)
    height_mm = models.PositiveIntegerField(null=True, blank=True)
    max_grams = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="bin_code_not_empty", condition=~models.Q(code="")),
            models.CheckConstraint(name="bin_side_known", condition=models.Q(side__in=["L", "R"])),
            models.CheckConstraint(name="bin_level_from_one", condition=models.Q(level__gte=1)),
        ]

    def __str__(self) -> str:
        return self.code


class BinStock(models.Model):
    """What the ledger of bins sums to; a row is gone when its last unit is."""

    bin = models.ForeignKey(Bin, on_delete=models.PROTECT, related_name="stock", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.TextField(default="self", db_default="self")
    lot = models.TextField(blank=True, default="", db_default="")
    expires_date = models.DateField(null=True, blank=True)
    units = models.DecimalField(max_digits=14, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="bin_stock_once", fields=["bin", "product", "owner", "lot"]),
            models.CheckConstraint(name="bin_stock_units_positive", condition=models.Q(units__gt=0)),
        ]
        indexes = [models.Index(name="bin_stock_of_product", fields=["product", "owner", "lot"])]

    def __str__(self) -> str:
        return f"{self.units} in {self.bin_id}"


class BinMove(models.Model):
    """Append-only (a trigger refuses UPDATE and DELETE): units out of one bin and into another.

    No source: they were not put away. No target: they are in no bin any more: picked, shipped, lost.
    """

    class Kind(models.TextChoices):
        PUT_AWAY = "put_away"
        MOVE = "move"
        REPLENISH = "replenish"
        PICK = "pick"
        COUNT = "count"
        FOLLOW = "follow"  # stock left by a way that names no bin; the bins follow

    idempotency_key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.TextField(default="self", db_default="self")
    lot = models.TextField(blank=True, default="", db_default="")
    units = models.DecimalField(max_digits=14, decimal_places=3)
    source = models.ForeignKey(Bin, on_delete=models.PROTECT, null=True, blank=True, related_name="moves_out")
    target = models.ForeignKey(Bin, on_delete=models.PROTECT, null=True, blank=True, related_name="moves_in")
    cause_kind = models.TextField(help_text="What made it: pick_line, count, floor_task …")
    cause_key = models.TextField()
    actor = models.TextField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="bin_move_units_positive", condition=models.Q(units__gt=0)),
            models.CheckConstraint(
                name="bin_move_between_two",
                condition=(models.Q(source__isnull=False) | models.Q(target__isnull=False))
                & (
                    models.Q(source__isnull=True) | models.Q(target__isnull=True) | ~models.Q(source=models.F("target"))
                ),
            ),
        ]
        indexes = [
            models.Index(name="bin_move_of_product", fields=["product", "happened_at"]),
            models.Index(name="bin_move_cause", fields=["cause_kind", "cause_key"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.units}"
