"""What goods cost beyond their price: freight and duty of orders, and what other currencies are worth."""

from django.db import models
from django.db.models.functions import Now


class Charge(models.Model):
    """Freight, duty or another cost of an order, or of one of its deliveries, spread over their lines."""

    order = models.ForeignKey("purchasing.PurchaseOrder", on_delete=models.PROTECT, related_name="charges")
    receipt = models.ForeignKey(
        "purchasing.Receipt", on_delete=models.PROTECT, null=True, blank=True, related_name="charges"
    )
    kind = models.CharField(max_length=8)
    basis = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    note = models.TextField(blank=True, default="", db_default="")
    idempotency_key = models.CharField(max_length=64, unique=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.TextField(blank=True, default="", db_default="")
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="Entered by mistake: counts no longer.")
    withdrawn_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="charge_positive", condition=models.Q(amount_minor__gt=0)),
            models.CheckConstraint(name="charge_kind_known", condition=models.Q(kind__in=["freight", "duty", "other"])),
            models.CheckConstraint(
                name="charge_basis_known", condition=models.Q(basis__in=["value", "weight", "units"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor} {self.currency}"


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in the shop's currency from a day on, until the next row."""

    currency = models.CharField(max_length=3)
    rate_date = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.TextField(blank=True, default="", db_default="")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="exchange_rate_once", fields=["currency", "rate_date"]),
            models.CheckConstraint(name="exchange_rate_positive", condition=models.Q(rate__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate_date} {self.rate}"
