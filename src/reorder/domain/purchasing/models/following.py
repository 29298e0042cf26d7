"""What follows an order: the answer, what was wrong with a delivery, claims, and documents in the exchange."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

FORMATS = ["pdf", "csv", "x12"]
KINDS = ["short", "over", "damaged", "wrong_item", "quality_refused"]


class SupplierDocuments(models.Model):
    """How a supplier wants its orders; without a row, PDF and CSV by e-mail."""

    supplier = models.OneToOneField(
        "purchasing.Supplier", on_delete=models.CASCADE, primary_key=True, related_name="documents"
    )
    formats = ArrayField(models.CharField(max_length=4))
    own_qualifier = models.CharField(max_length=2, blank=True, default="", db_default="")
    own_id = models.CharField(max_length=15, blank=True, default="", db_default="")
    their_qualifier = models.CharField(max_length=2, blank=True, default="", db_default="")
    their_id = models.CharField(max_length=15, blank=True, default="", db_default="")
    version = models.CharField(max_length=6, default="004010", db_default="004010")
    is_trial = models.BooleanField(default=False, db_default=False, help_text="ISA15 is T while the exchange is tried.")

    class Meta:
        constraints = [
            models.CheckConstraint(name="documents_formats_known", condition=models.Q(formats__contained_by=FORMATS))
        ]

    def __str__(self) -> str:
        return str(self.supplier_id)


class Interchange(models.Model):
    """The control number under which an order went out as X12: one order, one number, for ever."""

    order = models.OneToOneField(
        "purchasing.PurchaseOrder", on_delete=models.CASCADE, primary_key=True, related_name="interchange"
    )
    control_number = models.BigIntegerField(unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.control_number)


class Acknowledgement(models.Model):
    """What a supplier said to an order."""

    order = models.ForeignKey("purchasing.PurchaseOrder", on_delete=models.PROTECT, related_name="acknowledgements")
    idempotency_key = models.CharField(max_length=64, unique=True)
    fingerprint = models.CharField(max_length=64, help_text="Tells whether a repeat says the same.")
    supplier_reference = models.TextField(blank=True, default="", db_default="")
    note = models.TextField(blank=True, default="", db_default="")
    source = models.CharField(max_length=8, help_text="page, api, terminal or x12")
    acknowledged_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.TextField(blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.idempotency_key


class AcknowledgementLine(models.Model):
    acknowledgement = models.ForeignKey(Acknowledgement, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey("purchasing.PurchaseOrderLine", on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=12)
    asked_units = models.DecimalField(max_digits=14, decimal_places=3, help_text="Still to come when it was answered.")
    accepted_units = models.DecimalField(max_digits=14, decimal_places=3)
    unit_cost_minor = models.BigIntegerField(null=True, blank=True)
    promised_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="acknowledged_once", fields=["acknowledgement", "order_line"]),
            models.CheckConstraint(name="acknowledged_not_negative", condition=models.Q(accepted_units__gte=0)),
            models.CheckConstraint(
                name="acknowledged_answer_known",
                condition=models.Q(answer__in=["accepted", "changed", "backordered", "refused"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_line_id} {self.answer}"


class Claim(models.Model):
    """A list of what was wrong, sent to a supplier."""

    supplier = models.ForeignKey("purchasing.Supplier", on_delete=models.PROTECT, related_name="claims")
    number = models.TextField(unique=True)
    made_at = models.DateTimeField()
    made_by = models.TextField(blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.number


class Discrepancy(models.Model):
    """Units of a delivery that were not as ordered; refused ones never became stock."""

    receipt = models.ForeignKey("purchasing.Receipt", on_delete=models.PROTECT, related_name="discrepancies")
    order_line = models.ForeignKey(
        "purchasing.PurchaseOrderLine", on_delete=models.PROTECT, related_name="discrepancies"
    )
    kind = models.CharField(max_length=16)
    units = models.DecimalField(max_digits=14, decimal_places=3)
    note = models.TextField(blank=True, default="", db_default="")
    state = models.CharField(max_length=8, default="open", db_default="open")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="discrepancies")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.TextField(blank=True, default="", db_default="")
    settlement = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="discrepancy_units_positive", condition=models.Q(units__gt=0)),
            models.CheckConstraint(name="discrepancy_kind_known", condition=models.Q(kind__in=KINDS)),
            models.CheckConstraint(
                name="discrepancy_state_known", condition=models.Q(state__in=["open", "claimed", "settled"])
            ),
        ]
        indexes = [models.Index(name="discrepancy_unsettled", fields=["id"], condition=~models.Q(state="settled"))]

    def __str__(self) -> str:
        return f"{self.kind} {self.units}"
