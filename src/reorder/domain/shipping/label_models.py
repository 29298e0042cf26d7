"""Accounts with carriers, and labels: each one a claim before it is bought, so that none is ever bought twice."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from reorder.domain.shipping.parcel_models import Parcel

LABEL_STATES = ("claimed", "bought", "failed", "unknown", "voiding", "voided")
# While a label is in one of these its parcel has a label, or may have: no other is bought.
LIVE_LABEL_STATES = ("claimed", "bought", "unknown", "voiding")


class CarrierAccount(models.Model):
    """An account with a carrier: which adapter speaks to it, how, from which places, for which of our services.

    `secrets` is sealed JSON and leaves the database only for a call. `services` names the carrier's own service for
    each of ours. `reference_start` makes our references unique at the carrier among several shops on one account.
    """

    name = models.TextField(unique=True)
    adapter = models.TextField()
    settings = models.JSONField(default=dict, db_default={})
    secrets = models.TextField(blank=True, default="", db_default="", help_text="Sealed.")
    secret_names = ArrayField(models.TextField(), default=list, db_default=[])
    services = models.JSONField(default=dict, db_default={})
    places = ArrayField(models.TextField(), default=list, db_default=[], help_text="Empty: every place.")
    reference_start = models.CharField(max_length=6)
    callback_key = models.TextField(unique=True, help_text="Part of the address for the carrier's messages.")
    is_active = models.BooleanField(default=True, db_default=True)
    is_test = models.BooleanField(default=False, db_default=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    check_fault = models.JSONField(null=True, blank=True)
    created_by = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="carrier_account_named", condition=~models.Q(name="")),
            models.CheckConstraint(name="carrier_account_has_adapter", condition=~models.Q(adapter="")),
        ]

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """One attempt to have a label for a parcel.

    The row is committed before the carrier is called (`claimed`; `called_at` says that the call began), and what came
    of it after. A label whose answer never came is `unknown` until the carrier, or a person, says what became of it.
    """

    # The unique key over live labels serves the parcel; the other index its history.
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="labels", db_index=False)
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="+")
    service_code = models.TextField()
    state = models.CharField(max_length=8, default="claimed", db_default="claimed")
    idempotency_key = models.TextField(unique=True)
    reference = models.TextField(help_text="Ours, at the carrier.")
    promised_date = models.DateField(null=True, blank=True)
    expected_minor = models.BigIntegerField(null=True, blank=True, help_text="What we thought it would cost.")
    claimed_at = models.DateTimeField()
    claimed_by = models.TextField(blank=True, default="", db_default="")
    called_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    tracking_number = models.TextField(blank=True, default="", db_default="")
    cost_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    pdf = models.BinaryField(null=True, blank=True)
    zpl = models.TextField(blank=True, default="", db_default="")
    carrier_reference = models.TextField(blank=True, default="", db_default="")
    details = models.JSONField(default=dict, db_default={})
    fault = models.JSONField(null=True, blank=True, help_text="Code and parameters of the last error.")
    decided_by = models.TextField(blank=True, default="", db_default="", help_text="Who settled an unknown one.")
    prints_count = models.PositiveIntegerField(default=0, db_default=0)
    last_printed_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="label_once_a_parcel", fields=["parcel"], condition=models.Q(state__in=list(LIVE_LABEL_STATES))
            ),
            models.CheckConstraint(name="label_state_known", condition=models.Q(state__in=list(LABEL_STATES))),
            models.CheckConstraint(
                name="label_bought_has_number",
                condition=~models.Q(state__in=["bought", "voiding"]) | ~models.Q(tracking_number=""),
            ),
            models.CheckConstraint(
                name="label_cost_not_negative",
                condition=models.Q(cost_minor__isnull=True) | models.Q(cost_minor__gte=0),
            ),
        ]
        indexes = [
            models.Index(name="label_of_parcel", fields=["parcel", "id"]),
            models.Index(
                name="label_unsettled",
                fields=["claimed_at"],
                condition=models.Q(state__in=["claimed", "unknown", "voiding"]),
            ),
            models.Index(name="label_by_number", fields=["tracking_number"], condition=~models.Q(tracking_number="")),
            models.Index(name="label_by_reference", fields=["reference"]),
        ]

    def __str__(self) -> str:
        return f"label {self.pk} of {self.parcel_id}"


class LabelBatch(models.Model):
    """Labels bought for many parcels at once by a job; `faults` says of parcels why they have none."""

    place_code = models.TextField()
    parcel_ids = ArrayField(models.BigIntegerField())
    started_at = models.DateTimeField()
    started_by = models.TextField()
    finished_at = models.DateTimeField(null=True, blank=True)
    done_count = models.PositiveIntegerField(default=0, db_default=0)
    faults = models.JSONField(default=dict, db_default={}, help_text="By the parcel's id: code, template, parameters.")

    class Meta:
        verbose_name_plural = "label batches"
        indexes = [models.Index(name="label_batch_newest", fields=["place_code", "-id"])]

    def __str__(self) -> str:
        return f"labels {self.pk}"
