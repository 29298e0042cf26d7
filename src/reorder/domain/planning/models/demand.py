"""What the night concludes of demand and stock, and the demand that we cause or hold already."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from reorder.domain.planning.models.runs import concluded_by


class Forecast(models.Model):
    run = concluded_by()
    subject = models.TextField()
    place_code = models.TextField()
    date = models.DateField()
    mean_units = models.FloatField()
    event_units = models.FloatField(
        default=0, db_default=0, help_text="Part of the mean that known events and promotions add or take."
    )
    p10_units = models.FloatField(null=True)
    p25_units = models.FloatField(null=True)
    p50_units = models.FloatField()
    p75_units = models.FloatField(null=True)
    p90_units = models.FloatField()
    p95_units = models.FloatField()
    p99_units = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(name="forecast_once", fields=["subject", "place_code", "date"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.date}"


class ForecastChoice(models.Model):
    """Which methods were chosen for one series, and why."""

    run = concluded_by()
    subject = models.TextField()
    place_code = models.TextField()
    demand_class = models.TextField()
    methods = ArrayField(models.TextField())
    backtest_rmsse = models.FloatField(null=True)
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict)
    is_override = models.BooleanField(default=False, db_default=False, help_text="A person demanded these methods.")
    is_kept = models.BooleanField(
        default=False, db_default=False, help_text="Kept from the night before, because nothing else was 2 % better."
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="forecast_choice_once", fields=["subject", "place_code"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.place_code}"


class MethodScore(models.Model):
    run = concluded_by()
    subject = models.TextField()
    place_code = models.TextField()
    method = models.TextField()
    window = models.PositiveSmallIntegerField()
    rmsse = models.FloatField(null=True)
    bias = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="method_score_once", fields=["subject", "place_code", "method", "window"])
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.method}"


class Commitment(models.Model):
    """Demand that we cause or already hold; later rooms fill it, the demand plan adds it to the baseline."""

    class Kind(models.TextChoices):
        RECURRING_ORDER = "recurring_order"
        PRE_ORDER = "pre_order"
        CAMPAIGN = "campaign"
        REMINDER = "reminder"
        PRICE_CHANGE = "price_change"
        ADJUSTMENT = "adjustment"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    key = models.TextField(help_text="What made it; with subject, place and date the same commitment lands once.")
    subject = models.TextField()
    place_code = models.TextField()
    date = models.DateField()
    units = models.FloatField(help_text="Selling units expected; negative only for an adjustment or a price change.")
    deviation_units = models.FloatField(
        default=0, db_default=0, help_text="Standard deviation of the units; 0: certain. One key is wrong as one."
    )
    realised_units = models.FloatField(null=True, blank=True, help_text="What it came to, once that is known.")
    author = models.TextField(blank=True, default="", db_default="")
    reason = models.TextField(blank=True, default="", db_default="")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="commitment_once", fields=["kind", "key", "subject", "place_code", "date"]),
            models.CheckConstraint(
                name="commitment_units_not_negative",
                condition=models.Q(kind__in=["adjustment", "price_change"]) | models.Q(units__gte=0),
            ),
            models.CheckConstraint(
                name="commitment_deviation_not_negative", condition=models.Q(deviation_units__gte=0)
            ),
        ]
        indexes = [models.Index(name="commitment_day", fields=["date", "subject"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.date}"


class DemandPlanDay(models.Model):
    """The number that marketing and replenishment share: mean = baseline + committed + adjustment, never below zero.

    Effects of events and the bottom-up correction are inside the baseline.
    """

    run = concluded_by()
    subject = models.TextField()
    place_code = models.TextField()
    date = models.DateField()
    baseline_units = models.FloatField()
    known_customers_units = models.FloatField(help_text="Part of the baseline that known customers explain.")
    event_units = models.FloatField(
        default=0, db_default=0, help_text="Part of the baseline that events and promotions add or take."
    )
    correction_units = models.FloatField(
        default=0, db_default=0, help_text="Part of the baseline by which the bottom-up gate moved it."
    )
    committed_units = models.FloatField()
    committed_deviation_units = models.FloatField(
        default=0, db_default=0, help_text="Standard deviation of the committed units."
    )
    adjustment_units = models.FloatField()
    mean_units = models.FloatField()
    p10_units = models.FloatField(null=True)
    p25_units = models.FloatField(null=True)
    p50_units = models.FloatField()
    p75_units = models.FloatField(null=True)
    p90_units = models.FloatField()
    p95_units = models.FloatField()
    p99_units = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="demand_plan_once", fields=["subject", "place_code", "date"]),
            models.CheckConstraint(name="demand_plan_not_negative", condition=models.Q(mean_units__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.date}"


class Scope(models.TextChoices):
    """What a week's row sums up: one planned subject, a category with everything in it, or the whole shop."""

    SUBJECT = "subject"
    CATEGORY = "category"
    SHOP = "shop"


class ForecastWeek(models.Model):
    """The baseline of a week as a sum, with the quantiles of that sum; kept from the forecast until the plan is made.

    `key` is the subject or the category's code, empty for the shop; `place_code` is `*` for all places together.
    """

    run = concluded_by()
    scope = models.CharField(max_length=8, choices=Scope.choices)
    key = models.TextField()
    place_code = models.TextField()
    week = models.PositiveSmallIntegerField(help_text="0 is the first week of the forecast.")
    mean_units = models.FloatField()
    p10_units = models.FloatField()
    p25_units = models.FloatField()
    p50_units = models.FloatField()
    p75_units = models.FloatField()
    p90_units = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="forecast_week_once", fields=["scope", "key", "place_code", "week"])
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key} {self.week}"


class DemandWeek(models.Model):
    """The demand plan by weeks, summed at night so that no page adds up millions of days.

    Keys as in ForecastWeek. Weeks count from the plan's first day; those below zero hold what was sold, for categories
    and the shop only.
    """

    run = concluded_by()
    scope = models.CharField(max_length=8, choices=Scope.choices)
    key = models.TextField()
    place_code = models.TextField()
    week = models.SmallIntegerField()
    date = models.DateField(help_text="The first day of the week.")
    category_code = models.TextField(blank=True, default="", db_default="")
    sold_units = models.FloatField(null=True)
    baseline_units = models.FloatField(default=0, db_default=0)
    known_customers_units = models.FloatField(default=0, db_default=0)
    event_units = models.FloatField(default=0, db_default=0)
    correction_units = models.FloatField(default=0, db_default=0)
    committed_units = models.FloatField(default=0, db_default=0, help_text="The five kinds that follow, together.")
    recurring_order_units = models.FloatField(default=0, db_default=0)
    pre_order_units = models.FloatField(default=0, db_default=0)
    campaign_units = models.FloatField(default=0, db_default=0)
    reminder_units = models.FloatField(default=0, db_default=0)
    price_change_units = models.FloatField(default=0, db_default=0)
    committed_deviation_units = models.FloatField(default=0, db_default=0)
    adjustment_units = models.FloatField(default=0, db_default=0)
    mean_units = models.FloatField(default=0, db_default=0)
    p10_units = models.FloatField(null=True)
    p25_units = models.FloatField(null=True)
    p50_units = models.FloatField(null=True)
    p75_units = models.FloatField(null=True)
    p90_units = models.FloatField(null=True)
    previous_units = models.FloatField(null=True, help_text="What the night before planned for the same days.")
    horizon_units = models.FloatField(default=0, db_default=0, help_text="Plan of all weeks; the same in each row.")
    change_units = models.FloatField(
        default=0, db_default=0, help_text="Plan minus that of the night before over the weeks both know."
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="demand_week_once", fields=["scope", "key", "place_code", "week"])]
        indexes = [
            models.Index(name="demand_week_largest", fields=["scope", "place_code", "week", "-horizon_units", "key"])
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key} {self.date}"


class Standing(models.Model):
    """What the night knows of a product at a place, next to its stock: the list of products is sorted by it."""

    run = concluded_by()
    product = models.ForeignKey(  # the unique key below is its index
        "catalog.Product", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    place_code = models.TextField()
    sold_28_units = models.FloatField(default=0, db_default=0)
    planned_28_units = models.FloatField(null=True, help_text="Empty: planned as a part of its category, or not.")
    daily_units = models.FloatField(default=0, db_default=0)
    reorder_point_units = models.FloatField(null=True)
    expected_units = models.FloatField(null=True, help_text="Demand over lead time and review.")
    deviation_units = models.FloatField(null=True, help_text="Standard deviation of that demand.")
    lead_days = models.FloatField(null=True)
    lost_unit_cost = models.FloatField(default=0, db_default=0)
    demand_class = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(name="standing_once", fields=["product", "place_code"])]

    def __str__(self) -> str:
        return f"{self.product_id} {self.place_code}"


class Target(models.Model):
    run = concluded_by()
    subject = models.TextField()
    place_code = models.TextField()
    service_level = models.FloatField()
    safety_stock_units = models.FloatField()
    reorder_point_units = models.FloatField()
    order_up_to_units = models.FloatField()
    daily_units = models.FloatField()
    expected_units = models.FloatField(help_text="Demand over lead time and review, commitments included.")
    committed_units = models.FloatField(help_text="Commitments within lead time and review, added to both levels.")
    lead_days = models.FloatField()
    lost_unit_cost = models.FloatField(help_text="What one lost sale costs, in major units of the shop's currency.")
    class_code = models.CharField(
        max_length=2, blank=True, default="", db_default="", help_text="AX … CZ: how much is sold, how regularly."
    )
    fill_rate = models.FloatField(null=True, help_text="Share of units that the levels are expected to serve at once.")
    method = models.TextField()
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(name="target_once", fields=["subject", "place_code"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.place_code}"
