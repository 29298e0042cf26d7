"""What the shop lays down about prices: discounts and coupons with their uses, tax rates, shipping fees.

Imported by `models`, where Django looks for them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now, Upper


def _codes() -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.TextField(), default=list, blank=True, db_default=[])


class PriceRule(models.Model):
    """An automatic discount, or a coupon that customers name by its code; never deleted, only switched off.

    `uses_count` is kept only where there is a limit; without one the uses themselves are counted.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent"
        AMOUNT = "amount"
        FREE_SHIPPING = "free_shipping"
        BUY_X_GET_Y = "buy_x_get_y"
        GIFT = "gift"

    code = models.TextField(help_text="What customers type, or staff call it; in upper case.")
    name = models.TextField(help_text="What customers read.")
    is_coupon = models.BooleanField(help_text="Only for who names the code; otherwise for everybody.")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    currency = models.CharField(max_length=3, help_text="Of its amounts; orders in others do not get it.")
    share = models.DecimalField(max_digits=6, decimal_places=5, null=True, blank=True, help_text="0.1 is 10 % off.")
    amount_minor = models.BigIntegerField(default=0, db_default=0)
    maximum_discount_minor = models.BigIntegerField(null=True, blank=True)
    minimum_goods_minor = models.BigIntegerField(default=0, db_default=0)
    channels = _codes()
    skus = _codes()
    category_codes = _codes()
    buy_units = models.PositiveIntegerField(default=0, db_default=0)
    get_units = models.PositiveIntegerField(default=0, db_default=0)
    get_skus = _codes()
    get_category_codes = _codes()
    gift_sku = models.TextField(blank=True, default="", db_default="")
    gift_units = models.DecimalField(max_digits=14, decimal_places=3, default=1, db_default=1)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    maximum_uses = models.PositiveIntegerField(null=True, blank=True)
    maximum_uses_per_customer = models.PositiveIntegerField(null=True, blank=True)
    uses_count = models.IntegerField(default=0, db_default=0)
    is_combinable = models.BooleanField(default=True, db_default=True)
    priority = models.PositiveSmallIntegerField(default=100, db_default=100)
    is_active = models.BooleanField(default=True, db_default=True)
    is_issued = models.BooleanField(
        default=False, db_default=False, help_text="Terms of an offer: only codes of a single use name it."
    )
    margin_floor_share = models.DecimalField(
        max_digits=6, decimal_places=5, null=True, blank=True, help_text="Of the price paid, what must stay above cost."
    )
    created_by = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Upper("code"), name="price_rule_code_once"),
            models.CheckConstraint(
                name="price_rule_floor_is_share",
                condition=models.Q(margin_floor_share__isnull=True)
                | models.Q(margin_floor_share__gte=0, margin_floor_share__lt=1),
            ),
            models.CheckConstraint(name="price_rule_code_not_empty", condition=~models.Q(code="")),
            models.CheckConstraint(
                name="price_rule_kind_known",
                condition=models.Q(kind__in=["percent", "amount", "free_shipping", "buy_x_get_y", "gift"]),
            ),
            models.CheckConstraint(
                name="price_rule_share_is_share",
                condition=models.Q(share__isnull=True) | models.Q(share__gt=0, share__lte=1),
            ),
            models.CheckConstraint(
                name="price_rule_amounts_not_negative",
                condition=models.Q(amount_minor__gte=0, minimum_goods_minor__gte=0)
                & (models.Q(maximum_discount_minor__isnull=True) | models.Q(maximum_discount_minor__gte=0)),
            ),
            models.CheckConstraint(
                name="price_rule_begins_before_it_ends",
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(starts_at__lt=models.F("ends_at")),
            ),
            models.CheckConstraint(
                name="price_rule_uses_within_limit",
                condition=models.Q(uses_count__gte=0)
                & (models.Q(maximum_uses__isnull=True) | models.Q(uses_count__lte=models.F("maximum_uses"))),
            ),
        ]
        indexes = [
            models.Index(
                name="price_rule_automatic", fields=["priority"], condition=models.Q(is_active=True, is_coupon=False)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Coupon(models.Model):
    """A code of a single use that stands for an issued rule; never deleted, so that a code is not given twice."""

    rule = models.ForeignKey(PriceRule, on_delete=models.PROTECT, related_name="issued")
    code = models.CharField(max_length=40, unique=True, help_text="In upper case.")
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="For whom it was issued.",
    )
    is_bound = models.BooleanField(default=False, db_default=False, help_text="Nobody else may use it.")
    message_key = models.CharField(  # noqa: DJ001 - empty is NULL, so that the unique rule skips it
        max_length=64, null=True, blank=True, help_text="The message that carries it: equal keys are one code."
    )
    lot = models.TextField(blank=True, default="", db_default="", help_text="Of codes that were made together.")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    uses_count = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="coupon_once_a_message", fields=["rule", "message_key"]),
            models.CheckConstraint(
                name="coupon_used_once_at_most", condition=models.Q(uses_count__gte=0, uses_count__lte=1)
            ),
        ]
        indexes = [
            models.Index(name="coupon_of_customer", fields=["customer", "rule"]),
            models.Index(name="coupon_of_lot", fields=["rule", "lot", "id"]),
        ]

    def __str__(self) -> str:
        return self.code


class PriceRuleUse(models.Model):
    """Append-only (a trigger refuses UPDATE and DELETE): an order used a rule (+1) or gave the use back (−1)."""

    rule = models.ForeignKey(PriceRule, on_delete=models.PROTECT, related_name="uses")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="rule_uses")
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, null=True, blank=True, related_name="uses")
    uses = models.SmallIntegerField()
    discount_minor = models.BigIntegerField(default=0, db_default=0, help_text="What it took off the goods.")
    happened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="price_rule_use_is_one", condition=models.Q(uses__in=[1, -1])),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.uses:+d}"


class TaxRate(models.Model):
    """The tax of one class of goods in one country; an empty country means all others."""

    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    tax_class = models.TextField(help_text="standard, shipping, or a class that goods were given.")
    share = models.DecimalField(max_digits=6, decimal_places=5, help_text="0.05 is 5 %.")
    name = models.TextField(help_text="What customers read.")
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="tax_rate_once", fields=["country", "tax_class"]),
            models.CheckConstraint(name="tax_rate_is_share", condition=models.Q(share__gte=0, share__lte=1)),
            models.CheckConstraint(name="tax_rate_class_not_empty", condition=~models.Q(tax_class="")),
        ]

    def __str__(self) -> str:
        return f"{self.country or '*'} {self.tax_class}"


class CategoryTaxClass(models.Model):
    """Goods of a category, and of everything below it, that are not taxed as standard."""

    category = models.OneToOneField("catalog.Category", on_delete=models.CASCADE, related_name="tax_class")
    tax_class = models.TextField()

    class Meta:
        verbose_name_plural = "category tax classes"

    def __str__(self) -> str:
        return f"{self.category_id} {self.tax_class}"


class ShippingFee(models.Model):
    """What customers pay for a way of shipping to a country and beginning of postcodes; empty parts mean any."""

    method = models.TextField(help_text="Code of the way of shipping, as orders hold it.")
    name = models.TextField(help_text="What customers read.")
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    postcode_start = models.TextField(blank=True, default="", db_default="")
    currency = models.CharField(max_length=3)
    fee_minor = models.BigIntegerField()
    free_from_minor = models.BigIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="shipping_fee_once", fields=["method", "country", "postcode_start", "currency"]
            ),
            models.CheckConstraint(name="shipping_fee_method_not_empty", condition=~models.Q(method="")),
            models.CheckConstraint(
                name="shipping_fee_not_negative",
                condition=models.Q(fee_minor__gte=0)
                & (models.Q(free_from_minor__isnull=True) | models.Q(free_from_minor__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.country} {self.postcode_start}"
