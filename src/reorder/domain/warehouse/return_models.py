"""Goods that come back: the case, what of which line, the pieces that came and what became of them, and the rules.

The stock of pieces is in the stock ledger (`inventory.keeping_apart`); these rows say why it came and how it was found.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from reorder.domain.warehouse.return_rules import DISPOSITIONS, ENDED, GRADES, RESOLUTIONS, RETURN_STATES, WAYS_BACK

_TEMPERATURES = ["", "ambient", "chilled", "frozen"]


class ReturnRule(models.Model):
    """What is taken back of which goods, until when, and who pays the way; the most particular rule holds.

    Empty scope fields mean every product, category, channel or temperature. Amounts in minor units of the shop's
    currency.
    """

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    category = models.ForeignKey("catalog.Category", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    channel = models.TextField(blank=True, default="", db_default="")
    temperature_class = models.CharField(max_length=8, blank=True, default="", db_default="")
    is_returnable = models.BooleanField(default=True, db_default=True, help_text="Not: hygiene goods, for example.")
    window_days = models.PositiveSmallIntegerField(default=14, db_default=14, help_text="From the day of delivery.")
    reasons = ArrayField(models.TextField(), default=list, blank=True, db_default=[], help_text="Empty: every reason.")
    payer = models.CharField(max_length=8, default="customer", db_default="customer", help_text="Of the way back.")
    fee_minor = models.BigIntegerField(default=0, db_default=0, help_text="Kept when the customer pays the way back.")
    refunds_shipping = models.BooleanField(
        default=True, db_default=True, help_text="The fee for shipping goes back when everything comes back."
    )
    accepts_up_to_minor = models.BigIntegerField(
        null=True, blank=True, help_text="Accepted by itself up to this value of goods; empty: a person decides."
    )
    way_back = models.CharField(max_length=5, default="own", db_default="own")
    never_restocks = models.BooleanField(default=False, db_default=False)
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="return_rule_once",
                fields=["product", "category", "channel", "temperature_class"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="return_rule_payer_known", condition=models.Q(payer__in=["shop", "customer"])),
            models.CheckConstraint(name="return_rule_way_known", condition=models.Q(way_back__in=list(WAYS_BACK))),
            models.CheckConstraint(
                name="return_rule_temperature_known", condition=models.Q(temperature_class__in=_TEMPERATURES)
            ),
            models.CheckConstraint(
                name="return_rule_amounts_not_negative",
                condition=models.Q(fee_minor__gte=0)
                & (models.Q(accepts_up_to_minor__isnull=True) | models.Q(accepts_up_to_minor__gte=0)),
            ),
            models.CheckConstraint(
                name="return_rule_product_or_category",
                condition=models.Q(product__isnull=True) | models.Q(category__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"return rule {self.pk}"


class ReturnGrade(models.Model):
    """What a grade is called here, and what becomes of its goods unless a rule or a person says otherwise."""

    code = models.CharField(max_length=1, primary_key=True)
    name = models.TextField(help_text="English.")
    name_zh = models.TextField(help_text="Traditional Chinese.")
    disposition = models.CharField(max_length=10)
    changed_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="return_grade_code_known", condition=models.Q(code__in=list(GRADES))),
            models.CheckConstraint(
                name="return_grade_disposition_known", condition=models.Q(disposition__in=list(DISPOSITIONS))
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Return(models.Model):
    """One case of goods that come back from a customer; its steps are events of the order."""

    number = models.TextField(unique=True, help_text="RMA number, on the slip and the parcel.")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.ForeignKey("inventory.Place", on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.TextField(default="self", db_default="self", help_text="Whose goods these are.")
    state = models.CharField(max_length=10, default="requested", db_default="requested")
    opened_by = models.CharField(max_length=8, help_text="customer, desk, dock")
    request_id = models.BigIntegerField(null=True, blank=True, unique=True, help_text="The customer's own words.")
    reason = models.TextField()
    note = models.TextField(blank=True, default="", db_default="")
    wants = models.CharField(max_length=8, default="refund", db_default="refund")
    way_back = models.CharField(max_length=5, default="own", db_default="own")
    payer = models.CharField(max_length=8, default="shop", db_default="shop")
    fee_minor = models.BigIntegerField(default=0, db_default=0)
    refunds_shipping = models.BooleanField(default=True, db_default=True)
    word = models.TextField(blank=True, default="", db_default="", help_text="What the customer was told last.")
    carrier = models.TextField(blank=True, default="", db_default="")
    tracking_number = models.TextField(blank=True, default="", db_default="")
    resolution = models.CharField(max_length=8, blank=True, default="", db_default="")
    refund_minor = models.BigIntegerField(default=0, db_default=0)
    shipping_refund_minor = models.BigIntegerField(default=0, db_default=0)
    exchange_order = models.ForeignKey(
        "orders.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Goods that are not here by then never come.")
    opened_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    inspected_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="return_state_known", condition=models.Q(state__in=list(RETURN_STATES))),
            models.CheckConstraint(name="return_wants_known", condition=models.Q(wants__in=list(RESOLUTIONS))),
            models.CheckConstraint(
                name="return_resolution_known", condition=models.Q(resolution__in=["", "none", *RESOLUTIONS])
            ),
            models.CheckConstraint(
                name="return_amounts_not_negative",
                condition=models.Q(fee_minor__gte=0, refund_minor__gte=0, shipping_refund_minor__gte=0),
            ),
            models.CheckConstraint(
                name="return_ended_at_a_moment",
                condition=models.Q(state__in=list(ENDED), ended_at__isnull=False)
                | (~models.Q(state__in=list(ENDED)) & models.Q(ended_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(name="return_of_order", fields=["order", "id"]),
            models.Index(
                name="return_open",
                fields=["state", "-id"],
                condition=~models.Q(state__in=list(ENDED)),
            ),
            models.Index(name="return_opened", fields=["-opened_at", "-id"]),
            models.Index(
                name="return_expires",
                fields=["expires_at"],
                condition=models.Q(state__in=["accepted", "sent"], expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnLine(models.Model):
    """Units of an order line that come back, in units of the line, and what was given back for them.

    `announced_units` were asked for; `units` count against what can still be returned: what was announced until the
    goods are here, and what came from then on.
    """

    of_return = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines", db_index=False)
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    announced_units = models.DecimalField(max_digits=14, decimal_places=3, default=0, db_default=0)
    units = models.DecimalField(max_digits=14, decimal_places=3)
    received_units = models.DecimalField(max_digits=14, decimal_places=3, default=0, db_default=0)
    refund_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="return_line_once", fields=["of_return", "order_line"]),
            models.CheckConstraint(
                name="return_line_units_within",
                condition=models.Q(announced_units__gte=0, received_units__gte=0, refund_minor__gte=0)
                & models.Q(units__gte=models.F("received_units")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of_return_id}: {self.units}"


class ReturnPiece(models.Model):
    """Units of one product and lot that came with a return: to be inspected, or graded, with what became of them.

    While `ended_at` is empty they stand at the place and are kept apart: nobody can buy them.
    """

    line = models.ForeignKey(ReturnLine, on_delete=models.PROTECT, related_name="pieces")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    lot = models.TextField(blank=True, default="", db_default="")
    expires_date = models.DateField(null=True, blank=True)
    units = models.DecimalField(max_digits=14, decimal_places=3)
    grade = models.CharField(max_length=1, blank=True, default="", db_default="")
    disposition = models.CharField(max_length=10, blank=True, default="", db_default="")
    reason = models.TextField(blank=True, default="", db_default="", help_text="Code of the rule, or a person's word.")
    is_overridden = models.BooleanField(default=False, db_default=False)
    bin_code = models.TextField(blank=True, default="", db_default="", help_text="Where it is kept apart.")
    claim_number = models.TextField(blank=True, default="", db_default="")
    claimed_from = models.TextField(blank=True, default="", db_default="", help_text="Code of the supplier.")
    graded_at = models.DateTimeField(null=True, blank=True)
    graded_by = models.TextField(blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    idempotency_key = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="return_piece_units_positive", condition=models.Q(units__gt=0)),
            models.CheckConstraint(
                name="return_piece_grade_known", condition=models.Q(grade="") | models.Q(grade__in=list(GRADES))
            ),
            models.CheckConstraint(
                name="return_piece_disposition_known",
                condition=models.Q(disposition="") | models.Q(disposition__in=list(DISPOSITIONS)),
            ),
        ]
        indexes = [
            models.Index(name="return_piece_apart", fields=["disposition"], condition=models.Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.units} {self.grade}"


class ReturnPhoto(models.Model):
    """A picture of goods that come back: the customer's, or one taken at the dock."""

    of_return = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="photos")
    content = models.BinaryField()
    media_type = models.TextField()
    taken_by = models.TextField()
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"photo of {self.of_return_id}"
