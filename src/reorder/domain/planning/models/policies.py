"""What people decided about how much to keep: the shop's service policy and rules of single products."""

from django.db import models
from django.db.models.functions import Now

from reorder.domain.planning.models.runs import concluded_by


class ServicePolicy(models.Model):
    """How service levels are set for the whole shop: decided on screen, the latest row counts; append-only.

    Empty numbers: those of the settings.
    """

    class Kind(models.TextChoices):
        FIXED = "fixed"  # one service level for everything
        ABC_XYZ = "abc_xyz"  # by how much is sold and how regularly
        MARGIN = "margin"  # by what a lost sale costs against what keeping costs
        FILL_RATE = "fill_rate"  # share of units served at once

    kind = models.CharField(max_length=12, choices=Kind.choices)
    service_level = models.FloatField(help_text="Of everything (fixed, fill rate) and where no other rule speaks.")
    class_levels = models.JSONField(default=dict, help_text="Service level by class: AX, AY … CZ.")
    method = models.TextField(help_text="The rule that sets targets: quantile, forecast, textbook …")
    review_days = models.PositiveSmallIntegerField(null=True)
    holding_share_per_year = models.FloatField(null=True, help_text="What keeping costs, as a share of the cost price.")
    order_cost_minor = models.BigIntegerField(null=True)
    sells_probability = models.FloatField(
        default=0.9, db_default=0.9, help_text="How sure it must be that goods sell before they expire."
    )
    note = models.TextField(blank=True, default="", db_default="")
    decided_by = models.TextField()
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="service_policy_kind_known",
                condition=models.Q(kind__in=["fixed", "abc_xyz", "margin", "fill_rate"]),
            ),
            models.CheckConstraint(
                name="service_policy_level_is_share",
                condition=models.Q(service_level__gt=0) & models.Q(service_level__lt=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.service_level}"


class StockRule(models.Model):
    """What a person laid down for one product: limits of its levels, its service level or its method.

    `place_code` is `*` for all places; a rule of a place wins over it. Changed in place, each change audited.
    """

    subject = models.TextField()
    place_code = models.TextField()
    minimum_units = models.FloatField(null=True, help_text="The reorder point is never lower.")
    maximum_units = models.FloatField(null=True, help_text="The order-up-to level is never higher.")
    service_level = models.FloatField(null=True)
    method = models.TextField(blank=True, default="", db_default="")
    note = models.TextField()
    author = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stock_rule_once", fields=["subject", "place_code"]),
            models.CheckConstraint(
                name="stock_rule_limits_in_order",
                condition=(models.Q(minimum_units__isnull=True) | models.Q(minimum_units__gte=0))
                & (models.Q(maximum_units__isnull=True) | models.Q(maximum_units__gte=0))
                & (
                    models.Q(minimum_units__isnull=True)
                    | models.Q(maximum_units__isnull=True)
                    | models.Q(maximum_units__gte=models.F("minimum_units"))
                ),
            ),
            models.CheckConstraint(
                name="stock_rule_level_is_share",
                condition=models.Q(service_level__isnull=True)
                | (models.Q(service_level__gt=0) & models.Q(service_level__lt=1)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.place_code}"


class ServiceCost(models.Model):
    """What a service level would cost and gain a class of products, counted by the night from the targets' own demand.

    Money in major units of the shop's currency; stock is the average one: safety stock and half an order.
    """

    run = concluded_by()
    class_code = models.CharField(max_length=2, help_text="AX … CZ.")
    service_level = models.FloatField()
    products_count = models.IntegerField(help_text="Products at places.")
    stock_value = models.FloatField()
    holding_cost_per_year = models.FloatField()
    lost_margin_per_year = models.FloatField(help_text="Expected, from sales that stock does not serve.")
    fill_rate = models.FloatField(null=True, help_text="Share of units served at once; empty: nothing is sold.")

    class Meta:
        constraints = [models.UniqueConstraint(name="service_cost_once", fields=["class_code", "service_level"])]

    def __str__(self) -> str:
        return f"{self.class_code} {self.service_level}"
