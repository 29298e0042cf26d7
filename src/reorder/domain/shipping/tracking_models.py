"""What became of parcels after packing: what carriers said, how they were handed over, and links for their customers.

What a carrier said is append-only; the parcel's state is what all of it comes to, in whatever order it arrived.
"""

from django.db import models
from django.db.models.functions import Now

from reorder.domain.shipping.parcel_models import PARCEL_STATES, Parcel

_SOURCES = ("callback", "poll", "staff", "api", "floor")
_LATE_REASONS = ("promise_passed", "silent")
_PICK_UP_STATES = ("asking", "asked", "refused", "unsure", "cancelled")


class TrackingEvent(models.Model):
    """Append-only: one thing that a carrier, or one of us, said of a parcel. `key` makes the same word count once."""

    # No index of its own: the one below serves the key as well.
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="events", db_index=False)
    key = models.TextField(unique=True)
    state = models.CharField(max_length=16)
    reason = models.TextField(blank=True, default="", db_default="", help_text="Incident, in karrio's words.")
    carrier_code = models.TextField(blank=True, default="", db_default="")
    carrier_words = models.TextField(blank=True, default="", db_default="")
    place_text = models.TextField(blank=True, default="", db_default="")
    happened_at = models.DateTimeField(help_text="By the carrier's clock.")
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    source = models.CharField(max_length=8)
    told_by = models.TextField(blank=True, default="", db_default="", help_text="Account, or person.")

    class Meta:
        constraints = [
            models.CheckConstraint(name="tracking_state_known", condition=models.Q(state__in=list(PARCEL_STATES))),
            models.CheckConstraint(name="tracking_source_known", condition=models.Q(source__in=list(_SOURCES))),
            models.CheckConstraint(name="tracking_key_not_empty", condition=~models.Q(key="")),
        ]
        indexes = [models.Index(name="tracking_of_parcel", fields=["parcel", "happened_at", "id"])]

    def __str__(self) -> str:
        return f"{self.parcel_id} {self.state}"


class ParcelWatch(models.Model):
    """How a parcel under way is followed: when it was last heard of, when to ask again, and since when it is late."""

    parcel = models.OneToOneField(Parcel, on_delete=models.CASCADE, primary_key=True, related_name="watch")
    heard_at = models.DateTimeField(help_text="The carrier's last word, or when the parcel left.")
    is_followed = models.BooleanField(
        default=False, db_default=False, help_text="Somebody tells how it fares: only then silence means anything."
    )
    next_poll_at = models.DateTimeField(null=True, blank=True, help_text="Empty: the carrier calls us, or it is over.")
    failed_polls = models.PositiveSmallIntegerField(default=0, db_default=0)
    poll_fault = models.TextField(blank=True, default="", db_default="")
    late_reason = models.TextField(blank=True, default="", db_default="")
    late_at = models.DateTimeField(null=True, blank=True)
    expected_date = models.DateField(null=True, blank=True, help_text="What the carrier says.")
    collect_until_date = models.DateField(null=True, blank=True, help_text="Until when a store keeps it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="watch_late_reason_known",
                condition=models.Q(late_reason="", late_at__isnull=True)
                | models.Q(late_reason__in=list(_LATE_REASONS), late_at__isnull=False),
            )
        ]
        indexes = [
            models.Index(name="watch_to_poll", fields=["next_poll_at"], condition=models.Q(next_poll_at__isnull=False)),
            models.Index(name="watch_late", fields=["late_at"], condition=~models.Q(late_reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.parcel_id}"


class Manifest(models.Model):
    """What one carrier is handed at one place at one time; closed when the driver has it."""

    number = models.TextField(unique=True, help_text="Ours; also the code on the cage.")
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    carrier = models.TextField()
    service_code = models.TextField(blank=True, default="", db_default="")
    carrier_reference = models.TextField(blank=True, default="", db_default="")
    opened_at = models.DateTimeField()
    opened_by = models.TextField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="manifest_number_not_empty", condition=~models.Q(number="")),
            models.UniqueConstraint(
                name="manifest_open_once",
                fields=["place", "carrier", "service_code"],
                condition=models.Q(closed_at__isnull=True),
            ),
        ]
        indexes = [models.Index(name="manifest_of_place", fields=["place", "-id"])]

    def __str__(self) -> str:
        return self.number


class ManifestParcel(models.Model):
    """A parcel that was scanned onto a manifest; a parcel leaves once."""

    manifest = models.ForeignKey(Manifest, on_delete=models.PROTECT, related_name="parcels")
    parcel = models.OneToOneField(Parcel, on_delete=models.PROTECT, related_name="+")
    scanned_at = models.DateTimeField()
    scanned_by = models.TextField()

    def __str__(self) -> str:
        return f"{self.manifest_id}: {self.parcel_id}"


class PickUp(models.Model):
    """A carrier asked to come to a place; the row is there before the carrier is asked, so that nobody asks twice."""

    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    account_code = models.TextField(help_text="Account with the carrier.")
    carrier = models.TextField()
    wanted_date = models.DateField()
    from_time = models.TimeField()
    until_time = models.TimeField()
    parcels_count = models.PositiveIntegerField()
    grams = models.PositiveIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=10, default="asking", db_default="asking")
    carrier_reference = models.TextField(blank=True, default="", db_default="")
    fault = models.TextField(blank=True, default="", db_default="")
    asked_at = models.DateTimeField()
    asked_by = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="pick_up_state_known", condition=models.Q(state__in=list(_PICK_UP_STATES))),
            models.CheckConstraint(
                name="pick_up_from_before_until", condition=models.Q(from_time__lt=models.F("until_time"))
            ),
            models.UniqueConstraint(
                name="pick_up_once_a_day",
                fields=["place", "account_code", "wanted_date"],
                condition=models.Q(state__in=["asking", "asked", "unsure"]),
            ),
        ]
        indexes = [models.Index(name="pick_up_of_place", fields=["place", "-wanted_date", "-id"])]

    def __str__(self) -> str:
        return f"{self.account_code} {self.wanted_date}"


class PublicLink(models.Model):
    """The address at which whoever has it sees how far the parcels of an order are, and nothing about its person."""

    token = models.TextField(unique=True)
    order = models.OneToOneField("orders.Order", on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="public_link_token_long",
                condition=models.Q(token__regex=r"^[A-Za-z0-9_-]{22,}$"),  # noqa: S106 - what tokens look like
            )
        ]

    def __str__(self) -> str:
        return str(self.order_id)


class StrayCallback(models.Model):
    """What a carrier sent and we could not use, with the reason; read again when asked for, forgotten after 30 days."""

    account_code = models.TextField()
    reason_code = models.TextField()
    detail = models.TextField(blank=True, default="", db_default="")
    tracking_number = models.TextField(blank=True, default="", db_default="")
    key = models.TextField(unique=True, help_text="The same word is kept once.")
    said = models.JSONField(default=dict, db_default={}, help_text="What was read of it; empty: nothing could be.")
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="stray_reason_not_empty", condition=~models.Q(reason_code="")),
        ]
        indexes = [
            models.Index(name="stray_open", fields=["received_at", "id"], condition=models.Q(settled_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.account_code} {self.reason_code}"
