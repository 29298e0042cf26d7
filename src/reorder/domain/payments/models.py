"""What orders owe and paid, what was given back, and store credit; money moves are append-only, sums are guarded."""

from django.db import models
from django.db.models.functions import Now


class Payment(models.Model):
    """One ask for money of an order by one way; what came in and went back is what its entries sum to.

    An order has one open payment at most. Money that comes after it ended is taken too: it is there.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        OWED = "owed"
        PART_PAID = "part_paid"
        PAID = "paid"
        ENDED = "ended"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="payments")
    provider = models.TextField(help_text="manual, bank_transfer, cash_on_delivery, store_credit …")
    state = models.CharField(max_length=9, choices=State.choices)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="What is asked for.")
    received_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0, db_default=0)
    reference = models.TextField(unique=True, help_text="What the customer names when paying.")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    idempotency_key = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="payment_open_once",
                fields=["order"],
                condition=models.Q(state__in=["waiting", "owed", "part_paid"]),
            ),
            models.CheckConstraint(
                name="payment_state_known",
                condition=models.Q(state__in=["waiting", "owed", "part_paid", "paid", "ended"]),
            ),
            models.CheckConstraint(name="payment_amount_positive", condition=models.Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="payment_refunds_within_receipts",
                condition=models.Q(refunded_minor__gte=0) & models.Q(received_minor__gte=models.F("refunded_minor")),
            ),
        ]
        indexes = [
            models.Index(
                name="payment_expiring",
                fields=["expires_at"],
                condition=models.Q(state__in=["waiting", "part_paid"], expires_at__isnull=False),
            ),
            models.Index(
                name="payment_open", fields=["-id"], condition=models.Q(state__in=["waiting", "owed", "part_paid"])
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class PaymentEntry(models.Model):
    """Append-only (a trigger refuses UPDATE and DELETE): money that came in, or went back."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt"
        REFUND = "refund"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    amount_minor = models.BigIntegerField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.TextField()
    note = models.TextField(
        blank=True, default="", db_default="", help_text="For example the last digits of the account."
    )
    idempotency_key = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="payment_entry_positive", condition=models.Q(amount_minor__gt=0)),
            models.CheckConstraint(name="payment_entry_kind_known", condition=models.Q(kind__in=["receipt", "refund"])),
        ]
        verbose_name_plural = "payment entries"

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor}"


class Refund(models.Model):
    """Money that goes back: counted as given back at once, `owed` until somebody has sent it."""

    class State(models.TextChoices):
        OWED = "owed"
        SENT = "sent"

    class Way(models.TextChoices):
        ORIGINAL = "original"
        STORE_CREDIT = "store_credit"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    way = models.CharField(max_length=12, choices=Way.choices)
    state = models.CharField(max_length=4, choices=State.choices)
    reason = models.TextField(blank=True, default="", db_default="")
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.TextField(blank=True, default="", db_default="")
    idempotency_key = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="refund_amount_positive", condition=models.Q(amount_minor__gt=0)),
            models.CheckConstraint(name="refund_way_known", condition=models.Q(way__in=["original", "store_credit"])),
            models.CheckConstraint(
                name="refund_sent_at_a_moment",
                condition=models.Q(state="owed", sent_at__isnull=True) | models.Q(state="sent", sent_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="refund_owed", fields=["id"], condition=models.Q(state="owed"))]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.amount_minor}"


class CreditMove(models.Model):
    """Append-only (a trigger refuses UPDATE and DELETE): store credit given to a customer (+) or taken (−)."""

    class Kind(models.TextChoices):
        GIVEN = "given"
        REFUNDED = "refunded"
        SPENT = "spent"
        TAKEN_BACK = "taken_back"
        MERGED = "merged"

    # No index of its own: the one on customer and number serves the key as well.
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount_minor = models.BigIntegerField()
    cause_kind = models.TextField(help_text="order, refund, staff, merge")
    cause_key = models.TextField(blank=True, default="", db_default="")
    reason = models.TextField(blank=True, default="", db_default="")
    actor = models.TextField()
    happened_at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="credit_move_not_zero", condition=~models.Q(amount_minor=0)),
            models.CheckConstraint(
                name="credit_move_kind_known",
                condition=models.Q(kind__in=["given", "refunded", "spent", "taken_back", "merged"]),
            ),
        ]
        indexes = [models.Index(name="credit_move_of_customer", fields=["customer", "id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor:+d}"


class CreditBalance(models.Model):
    """What a customer's credit moves sum to; written only together with them, and never below zero."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    balance_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="credit_balance_once", fields=["customer", "currency"]),
            models.CheckConstraint(name="credit_balance_not_negative", condition=models.Q(balance_minor__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.balance_minor} {self.currency}"
