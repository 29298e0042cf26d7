"""What the engine concluded, each row with the run that made it.

`subject` is a product's SKU, or `category:CODE` where a category is planned as a whole (see kernel.ids). Due dates,
forecasts, the plan and targets hold only the current night; runs and their steps are kept.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Run(models.Model):
    class State(models.TextChoices):
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    kind = models.TextField()
    as_of_date = models.DateField()
    state = models.CharField(max_length=12, choices=State.choices, default="running", db_default="running")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="run_state_known", condition=models.Q(state__in=["running", "succeeded", "failed"])
            ),
        ]
        indexes = [models.Index(name="run_latest", fields=["kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.as_of_date}"


def concluded_by() -> "models.ForeignKey[Run, Run]":
    """The run of a conclusion. Half a million rows a night are written by the very run they name: checking that it
    exists for every row costs as much as writing them, so the database is not asked to.
    """
    return models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)


class RunStep(models.Model):
    class State(models.TextChoices):
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    name = models.TextField()
    ordinal = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default="running", db_default="running")
    attempts_count = models.PositiveSmallIntegerField(default=1, db_default=1)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    rows_read = models.BigIntegerField(default=0, db_default=0)
    rows_written = models.BigIntegerField(default=0, db_default=0)
    details = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(name="run_step_once", fields=["run", "name"])]

    def __str__(self) -> str:
        return self.name


class DueDate(models.Model):
    run = concluded_by()
    customer = models.ForeignKey(  # the unique key below is its index
        "customers.Customer", on_delete=models.CASCADE, related_name="due_dates", db_index=False
    )
    subject = models.TextField()
    due_date = models.DateField()
    due_p10_date = models.DateField()
    due_p25_date = models.DateField()
    due_p75_date = models.DateField()
    due_p90_date = models.DateField()
    active_share = models.FloatField()
    within_7_days = models.FloatField()
    within_14_days = models.FloatField()
    within_30_days = models.FloatField()
    remind_date = models.DateField()
    remind_hit_share = models.FloatField()
    expected_units = models.FloatField()
    orders_count = models.PositiveIntegerField()
    evidence = models.CharField(max_length=12)
    usual_gap_days = models.FloatField()
    last_bought_date = models.DateField()
    reason_code = models.TextField(help_text="Its parameters are the columns above.")

    class Meta:
        constraints = [models.UniqueConstraint(name="due_date_once", fields=["customer", "subject"])]
        indexes = [
            models.Index(name="due_remind", fields=["remind_date", "-remind_hit_share"]),
            models.Index(name="due_subject", fields=["subject", "-within_7_days"]),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.subject} {self.due_date}"


class NextDue(models.Model):
    """Of each customer the product that is due first, so that a list of a million customers can be sorted by it.

    A copy of one row of DueDate, written with it; a pair that has probably ended comes only where there is no other.
    """

    run = concluded_by()
    customer = models.OneToOneField(
        "customers.Customer", on_delete=models.CASCADE, related_name="next_due", primary_key=True
    )
    subject = models.TextField()
    due_date = models.DateField()
    due_p10_date = models.DateField()
    due_p25_date = models.DateField()
    due_p75_date = models.DateField()
    due_p90_date = models.DateField()
    active_share = models.FloatField()
    remind_date = models.DateField()
    remind_hit_share = models.FloatField()
    evidence = models.CharField(max_length=12)

    class Meta:
        indexes = [models.Index(name="next_due_order", fields=["due_date", "customer"])]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.subject} {self.due_date}"


class CustomerValue(models.Model):
    run = concluded_by()
    customer = models.OneToOneField("customers.Customer", on_delete=models.CASCADE, related_name="value")
    recency_days = models.FloatField()
    frequency = models.PositiveIntegerField()
    monetary = models.FloatField()
    r_score = models.PositiveSmallIntegerField()
    f_score = models.PositiveSmallIntegerField()
    m_score = models.PositiveSmallIntegerField()
    segment = models.TextField()
    active_share = models.FloatField()
    expected_orders = models.FloatField()
    expected_value = models.FloatField()
    churn_share = models.FloatField()

    class Meta:
        indexes = [
            models.Index(name="customer_value_order", fields=["expected_value", "customer"]),
            models.Index(name="customer_segment_order", fields=["segment", "expected_value", "customer"]),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.segment}"


class Forecast(models.Model):
    run = concluded_by()
    subject = models.TextField()
    place_code = models.TextField()
    date = models.DateField()
    mean_units = models.FloatField()
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
    units = models.FloatField(help_text="Selling units; negative only for an adjustment.")
    author = models.TextField(blank=True, default="", db_default="")
    reason = models.TextField(blank=True, default="", db_default="")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="commitment_once", fields=["kind", "key", "subject", "place_code", "date"]),
            models.CheckConstraint(
                name="commitment_units_not_negative", condition=models.Q(kind="adjustment") | models.Q(units__gte=0)
            ),
        ]
        indexes = [models.Index(name="commitment_day", fields=["date", "subject"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.date}"


class DemandPlanDay(models.Model):
    """The number that marketing and replenishment share: mean = baseline + committed + adjustment, never below zero."""

    run = concluded_by()
    subject = models.TextField()
    place_code = models.TextField()
    date = models.DateField()
    baseline_units = models.FloatField()
    known_customers_units = models.FloatField(help_text="Part of the baseline that known customers explain.")
    committed_units = models.FloatField()
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
    committed_units = models.FloatField(default=0, db_default=0)
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
    method = models.TextField()
    reason_code = models.TextField()
    reason_parameters = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(name="target_once", fields=["subject", "place_code"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.place_code}"


class DirtyMark(models.Model):
    """A subject whose facts changed and whose conclusions must be drawn again (mark, then drain)."""

    kind = models.CharField(max_length=16)
    subject_key = models.TextField()
    marked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="dirty_once", fields=["kind", "subject_key"])]
        indexes = [models.Index(name="dirty_oldest", fields=["kind", "marked_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key}"
