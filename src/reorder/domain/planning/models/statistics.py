"""Sufficient statistics of purchases: what predictions need to know of the past, kept up to date by what is new.

Each row is a pure function of the live order lines up to today: counted again for the customers and days that were
marked, and equal to what a full count gives (tested). The engine's `repurchase.statistics` says the same in frames.
`effect` columns are those of the last fit.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class PairStatistic(models.Model):
    """One customer and one planning subject; a purchase is a day of the shop's calendar on which they met."""

    customer = models.ForeignKey(  # the unique key below is its index
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    subject = models.TextField()
    purchases_count = models.IntegerField()
    first_date = models.DateField()
    last_date = models.DateField()
    previous_date = models.DateField(null=True, help_text="The purchase before the last one.")
    earlier_date = models.DateField(null=True, help_text="The one before that.")
    gap_square_days = models.BigIntegerField(default=0, db_default=0, help_text="Sum of the squared gaps.")
    units = models.FloatField()
    last_units = models.FloatField()
    first_visit_number = models.IntegerField(help_text="Which visit of the customer (from 1) was the first purchase.")
    last_visit_number = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="pair_statistic_once", fields=["customer", "subject"])]
        # To find the first and last purchase of a product again when one of them was cancelled.
        indexes = [models.Index(name="pair_statistic_subject", fields=["subject"])]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.subject}"


class CustomerStatistic(models.Model):
    """One customer; a visit is a day with a live order. Money is in major units of the shop's usual currency."""

    customer = models.OneToOneField(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", primary_key=True, db_constraint=False
    )
    visits_count = models.IntegerField()
    purchases_count = models.IntegerField(help_text="Sum over the customer's pairs.")
    first_date = models.DateField()
    last_date = models.DateField()
    previous_date = models.DateField(null=True)
    gap_square_days = models.BigIntegerField(default=0, db_default=0)
    recent_visit_dates = ArrayField(models.DateField(), help_text="The latest twenty, the last one first.")
    monetary = models.FloatField(default=0, db_default=0)
    valued_orders = models.IntegerField(default=0, db_default=0, help_text="Visits of which a price is known.")
    later_orders = models.IntegerField(default=0, db_default=0, help_text="Those after the first visit.")
    later_value = models.FloatField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.customer_id}"


class ProductStatistic(models.Model):
    """One planning subject over all its pairs."""

    subject = models.TextField(primary_key=True)
    category_code = models.TextField(blank=True, default="", db_default="")
    pairs_count = models.IntegerField()
    purchases_count = models.BigIntegerField()
    first_date = models.DateField()
    last_date = models.DateField()
    units = models.FloatField()
    effect = models.FloatField(default=1, db_default=1)

    def __str__(self) -> str:
        return self.subject


class CategoryStatistic(models.Model):
    """The effect of a category in the last fit; its counts are sums over products."""

    category_code = models.TextField(primary_key=True)
    effect = models.FloatField(default=1, db_default=1)

    def __str__(self) -> str:
        return self.category_code


class ProductDay(models.Model):
    """What a subject sold on a day of the shop's calendar: purchases (customers) and units; of recent days only."""

    subject = models.TextField()
    date = models.DateField()
    purchases_count = models.IntegerField()
    units = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(name="product_day_once", fields=["date", "subject"])]

    def __str__(self) -> str:
        return f"{self.subject} {self.date}"


class ShopDay(models.Model):
    """How many customers bought on a day, and how many (customer, subject) purchases they made."""

    date = models.DateField(primary_key=True)
    visits_count = models.IntegerField()
    purchases_count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.date}"


class CountedSubject(models.Model):
    """Under which subject a product was counted last: when it is planned otherwise, its buyers are counted again."""

    product = models.OneToOneField(
        "catalog.Product", on_delete=models.CASCADE, related_name="+", primary_key=True, db_constraint=False
    )
    subject = models.TextField()

    def __str__(self) -> str:
        return self.subject


class StatisticsState(models.Model):
    """The one row that says what the statistics were counted by, and what the last fit found for the whole shop.

    Without it, or with another version, time zone or currency, everything is counted anew.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, db_default=1)
    version = models.IntegerField()
    time_zone = models.TextField()
    currency = models.CharField(max_length=3, blank=True, default="", db_default="", help_text="That of all money.")
    rebuilt_at = models.DateTimeField(db_default=Now(), help_text="The last full count.")
    base_rate_per_day = models.FloatField(null=True, help_text="Purchases a pair and day; null before the first fit.")
    shape = models.FloatField(null=True)
    effects_date = models.DateField(null=True, help_text="The day of the last fit.")
    is_refresh_needed = models.BooleanField(
        default=True, db_default=True, help_text="Every pair must be predicted again, not only touched and due ones."
    )

    class Meta:
        constraints = [models.CheckConstraint(name="statistics_state_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"{self.time_zone} {self.currency}"
