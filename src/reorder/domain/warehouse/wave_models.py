"""Waves: parcels that are picked together before a cut-off, their batches (one walk, one cart), and the pick lines.

A parcel is in at most one wave at a time. A pick line is one visit to one bin for one line of one parcel; what it
picked moved goods in both ledgers in the same transaction. Whether its parcel still wants it is not copied here: it
is asked of the fulfilment order whenever the line is worked on, so that no change of an order can be overlooked.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

_TEMPERATURES = ["ambient", "chilled", "frozen"]


class WaveSetting(models.Model):
    """How a place picks: what a cart carries, and how much a wave holds."""

    place = models.OneToOneField(
        "inventory.Place", on_delete=models.CASCADE, primary_key=True, related_name="wave_setting"
    )
    cart_totes = models.PositiveSmallIntegerField(default=12, db_default=12, help_text="Tote positions of a cart.")
    tote_units = models.PositiveIntegerField(default=20, db_default=20, help_text="Selling units that a tote takes.")
    wave_orders = models.PositiveIntegerField(default=1000, db_default=1000, help_text="Parcels of one wave at most.")
    lead_minutes = models.PositiveIntegerField(
        default=240, db_default=240, help_text="How long before its cut-off a wave is proposed first."
    )
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="wave_setting_carts_hold_something",
                condition=models.Q(cart_totes__gte=1, tote_units__gte=1, wave_orders__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"waves of {self.place_id}"


class Wave(models.Model):
    """Parcels of one place that leave with one cut-off, given to the floor together."""

    class State(models.TextChoices):
        PLANNED = "planned"
        RELEASED = "released"
        PICKING = "picking"
        DONE = "done"
        CANCELLED = "cancelled"

    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=9, choices=State.choices, default="planned", db_default="planned")
    cut_off_at = models.DateTimeField(null=True, blank=True)
    temperature_class = models.CharField(max_length=8, default="ambient", db_default="ambient")
    is_express = models.BooleanField(default=False, db_default=False)
    criteria = models.JSONField(default=dict, db_default={}, help_text="What the proposal asked for, to be read later.")
    left_back = models.JSONField(default=list, db_default=[], help_text="Orders that could not be released, and why.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.TextField()
    release_asked_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="wave_state_known",
                condition=models.Q(state__in=["planned", "released", "picking", "done", "cancelled"]),
            ),
            models.CheckConstraint(
                name="wave_temperature_known", condition=models.Q(temperature_class__in=_TEMPERATURES)
            ),
        ]
        indexes = [
            models.Index(
                name="wave_live_at_place",
                fields=["place", "cut_off_at", "id"],
                condition=~models.Q(state__in=["done", "cancelled"]),
            ),
            models.Index(name="wave_of_place", fields=["place", "-id"]),
        ]

    def __str__(self) -> str:
        return f"wave {self.pk}"


class PickBatch(models.Model):
    """What one person picks on one walk with one cart."""

    class State(models.TextChoices):
        OPEN = "open"
        PICKING = "picking"
        DONE = "done"
        CANCELLED = "cancelled"

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="batches", db_index=False)
    number = models.PositiveIntegerField(help_text="Within the wave.")
    state = models.CharField(max_length=9, choices=State.choices, default="open", db_default="open")
    kind = models.CharField(max_length=7, default="cart", db_default="cart", help_text="cart or singles.")
    assigned_to = models.TextField(blank=True, default="", db_default="")
    totes = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Positions used; 0: one tote for all.")
    walk = ArrayField(models.TextField(), default=list, db_default=[], help_text="Bin codes in walking order.")
    length_mm = models.PositiveIntegerField(null=True, blank=True)
    by_name_length_mm = models.PositiveIntegerField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pick_batch_once", fields=["wave", "number"]),
            models.CheckConstraint(
                name="pick_batch_state_known",
                condition=models.Q(state__in=["open", "picking", "done", "cancelled"]),
            ),
            models.CheckConstraint(name="pick_batch_kind_known", condition=models.Q(kind__in=["cart", "singles"])),
        ]
        indexes = [
            models.Index(
                name="pick_batch_open", fields=["wave", "number"], condition=models.Q(state__in=["open", "picking"])
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.wave_id}-{self.number}"


class WaveParcel(models.Model):
    """A parcel's place in a wave, and in a batch once the wave is planned; it leaves with a word why."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="parcels", db_index=False)
    fulfilment = models.ForeignKey(
        "warehouse.FulfilmentOrder", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    batch = models.ForeignKey(PickBatch, on_delete=models.SET_NULL, null=True, blank=True, related_name="parcels")
    tote = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Position on the cart; 0: none.")
    left_at = models.DateTimeField(null=True, blank=True)
    left_why = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="wave_parcel_once", fields=["wave", "fulfilment"]),
            models.UniqueConstraint(
                name="wave_parcel_in_one_wave", fields=["fulfilment"], condition=models.Q(left_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fulfilment_id} in {self.wave_id}"


class PickLine(models.Model):
    """Units of a lot to take out of a bin for a line of a parcel; without a bin the goods are in none by the records.

    `open` is to be done, `picked` is done, `short` was not found, `moved` was replaced by other lines (another bin,
    another lot), `dropped` is not wanted any more. `bin_seen_at` and `product_seen_at` are the steps confirmed so far.
    """

    class State(models.TextChoices):
        OPEN = "open"
        PICKED = "picked"
        SHORT = "short"
        MOVED = "moved"
        DROPPED = "dropped"

    batch = models.ForeignKey(PickBatch, on_delete=models.CASCADE, related_name="lines", db_index=False)
    # Of several lines of one parcel and product: those of the parcel are found by it, whatever batch they are in.
    fulfilment = models.ForeignKey("warehouse.FulfilmentOrder", on_delete=models.CASCADE, related_name="+")
    # No constraint: a line that was cancelled is deleted from its order, and what was picked for it is not forgotten.
    order_line = models.ForeignKey(
        "orders.OrderLine", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.TextField(default="self", db_default="self")
    lot = models.TextField(blank=True, default="", db_default="")
    expires_date = models.DateField(null=True, blank=True)
    bin = models.ForeignKey(
        "warehouse.Bin", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    units = models.DecimalField(max_digits=14, decimal_places=3)
    picked_units = models.DecimalField(max_digits=14, decimal_places=3, default=0, db_default=0)
    sequence = models.PositiveIntegerField(help_text="Within the batch, in walking order.")
    tote = models.PositiveSmallIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=7, choices=State.choices, default="open", db_default="open")
    why = models.TextField(blank=True, default="", db_default="", help_text="Why it is short, moved or dropped.")
    bin_seen_at = models.DateTimeField(null=True, blank=True)
    product_seen_at = models.DateTimeField(null=True, blank=True)
    counted_units = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    picked_by = models.TextField(blank=True, default="", db_default="")
    picked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pick_line_state_known",
                condition=models.Q(state__in=["open", "picked", "short", "moved", "dropped"]),
            ),
            models.CheckConstraint(
                name="pick_line_units_in_bounds",
                condition=models.Q(units__gt=0, picked_units__gte=0, picked_units__lte=models.F("units")),
            ),
            models.CheckConstraint(
                name="pick_line_picked_has_moment",
                condition=~models.Q(state="picked") | models.Q(picked_at__isnull=False, picked_units__gt=0),
            ),
        ]
        indexes = [
            models.Index(name="pick_line_of_batch", fields=["batch", "sequence", "id"]),
            # Who picked how much, by day.
            models.Index(
                name="pick_line_by_person", fields=["picked_by", "picked_at"], condition=models.Q(state="picked")
            ),
            models.Index(name="pick_line_of_bin", fields=["bin"], condition=models.Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.units} for {self.fulfilment_id}"
