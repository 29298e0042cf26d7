"""What a merchant decides about promises: selling what is not there yet, goods kept for members, and fresh goods."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class SellingTerm(models.Model):
    """Whether and how far a product is sold beyond what is there; a product without a row is sold from stock only.

    Backorder: it is out and comes again. Pre-order: it has never been there and comes on its release date.
    """

    product = models.OneToOneField("catalog.Product", on_delete=models.CASCADE, related_name="+")
    allows_backorder = models.BooleanField(default=False, db_default=False)
    backorder_limit_units = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True, help_text="So many may wait at once; empty: no limit."
    )
    backorder_until_date = models.DateField(null=True, blank=True, help_text="Last day on which it is taken on.")
    wait_days = models.PositiveSmallIntegerField(
        default=14, db_default=14, help_text="What is told where nothing is on order."
    )
    preorder_from_date = models.DateField(null=True, blank=True)
    preorder_until_date = models.DateField(null=True, blank=True)
    release_date = models.DateField(null=True, blank=True)
    preorder_limit_units = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    decided_by = models.TextField()
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="selling_limits_positive",
                condition=(models.Q(backorder_limit_units__isnull=True) | models.Q(backorder_limit_units__gt=0))
                & (models.Q(preorder_limit_units__isnull=True) | models.Q(preorder_limit_units__gt=0)),
            ),
            models.CheckConstraint(
                name="selling_preorder_has_release",
                condition=models.Q(preorder_from_date__isnull=True) | models.Q(release_date__isnull=False),
            ),
            models.CheckConstraint(
                name="selling_preorder_days_in_order",
                condition=models.Q(preorder_from_date__isnull=True)
                | models.Q(preorder_until_date__isnull=True)
                | models.Q(preorder_until_date__gte=models.F("preorder_from_date")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}"


class Reserve(models.Model):
    """The last units of a product at a place that only customers of some segments get, until a moment."""

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+", db_index=False)
    place = models.ForeignKey("inventory.Place", on_delete=models.CASCADE, related_name="+", db_index=False)
    units = models.DecimalField(max_digits=14, decimal_places=3)
    segments = ArrayField(models.TextField(), help_text="Customers of these may take them.")
    ends_at = models.DateTimeField()
    decided_by = models.TextField()
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reserve_once", fields=["product", "place"]),
            models.CheckConstraint(name="reserve_units_positive", condition=models.Q(units__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.units} of {self.product_id}"


class FreshnessRule(models.Model):
    """How many days goods must still keep when promised: to a channel (empty: to all), of a product or category."""

    channel = models.TextField(blank=True, default="", db_default="")
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    category = models.ForeignKey(
        "catalog.Category", on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    minimum_days = models.PositiveSmallIntegerField()
    decided_by = models.TextField()
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="freshness_rule_once", fields=["channel", "product", "category"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="freshness_rule_one_subject",
                condition=models.Q(product__isnull=True) | models.Q(category__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.minimum_days}"
