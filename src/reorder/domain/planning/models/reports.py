"""What reports show: figures of products at places as of the last night, checks of stock targets, and the past."""

from django.db import models

from reorder.domain.planning.models.runs import concluded_by


class StockFigure(models.Model):
    """One product at one place: what it holds, what that cost, how fast it turns and how old it is.

    Money is in minor units of the shop's currency; empty where no cost is known. Age is by FIFO: what stands there came
    last.
    """

    run = concluded_by()
    product = models.ForeignKey(  # the unique key below is its index
        "catalog.Product", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    place_code = models.TextField()
    on_hand_units = models.FloatField()
    value_minor = models.BigIntegerField(null=True)
    sold_90_units = models.FloatField(help_text="Units sold in the 90 days before the night.")
    mean_on_hand_units = models.FloatField(help_text="Mean stock of those days, or since the product came.")
    mean_days = models.FloatField(help_text="How many days that mean is of.")
    turns = models.FloatField(null=True, help_text="Units sold a year over mean stock; empty without stock.")
    cover_days = models.FloatField(null=True, help_text="Empty where nothing is expected to sell.")
    abc = models.CharField(max_length=1, blank=True, default="", db_default="")
    xyz = models.CharField(max_length=1, blank=True, default="", db_default="")
    oldest_days = models.PositiveIntegerField(null=True)
    young_minor = models.BigIntegerField(default=0, db_default=0, help_text="Value that came 30 days ago or later.")
    middle_minor = models.BigIntegerField(default=0, db_default=0, help_text="31 to 90 days.")
    aged_minor = models.BigIntegerField(default=0, db_default=0, help_text="91 to 180 days.")
    old_minor = models.BigIntegerField(default=0, db_default=0, help_text="More than 180 days.")

    class Meta:
        constraints = [models.UniqueConstraint(name="stock_figure_once", fields=["product", "place_code"])]
        indexes = [models.Index(name="stock_figure_by_value", fields=["-value_minor", "id"])]

    def __str__(self) -> str:
        return f"{self.product_id} {self.place_code}"


class ServiceCheck(models.Model):
    """Whether a stock target of an earlier day held: demand over lead time and review against the reorder point.

    The target is what the rules of today make of the history before `origin_date`, and nothing after it.
    """

    subject = models.TextField()
    place_code = models.TextField()
    origin_date = models.DateField()
    service_level = models.FloatField()
    reorder_point_units = models.FloatField()
    span_days = models.PositiveSmallIntegerField()
    demand_units = models.FloatField()
    lost_unit_cost = models.FloatField(help_text="In major units of the shop's currency.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="service_check_once", fields=["origin_date", "subject", "place_code"])
        ]
        indexes = [models.Index(name="service_check_subject", fields=["subject", "place_code"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.origin_date}"


class ReportDay(models.Model):
    """The sums of one night's reports, kept for ever: they show how stock and accuracy moved."""

    as_of_date = models.DateField(primary_key=True)
    made_at = models.DateTimeField()
    content = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.as_of_date}"


class ServiceFigure(models.Model):
    """All checks of one subject at one place, added up when the last of them was made."""

    subject = models.TextField()
    place_code = models.TextField()
    checks_count = models.PositiveSmallIntegerField()
    held_count = models.PositiveSmallIntegerField(help_text="Checks in which demand stayed within the reorder point.")
    promised_share = models.FloatField(help_text="Mean of the service levels that the targets aimed at.")
    short_units = models.FloatField(help_text="Demand beyond the reorder point, all checks together.")
    risk_minor = models.BigIntegerField(help_text="The same at what a lost sale costs, in the shop's currency.")

    class Meta:
        constraints = [models.UniqueConstraint(name="service_figure_once", fields=["subject", "place_code"])]
        indexes = [models.Index(name="service_figure_by_risk", fields=["-risk_minor", "id"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.place_code}"


class ServiceWeek(models.Model):
    """All checks of one week at one place."""

    origin_date = models.DateField()
    place_code = models.TextField()
    series_count = models.PositiveIntegerField()
    held_count = models.PositiveIntegerField()
    promised_sum = models.FloatField(help_text="Sum of the service levels aimed at: what was expected to hold.")
    risk_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="service_week_once", fields=["origin_date", "place_code"])]

    def __str__(self) -> str:
        return f"{self.origin_date} {self.place_code}"
