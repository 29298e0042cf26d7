"""What the night concludes of customers: when they will buy each subject again, and what they are worth."""

from django.db import models

from reorder.domain.planning.models.runs import concluded_by


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
    as_of_date = models.DateField(
        null=True, help_text="The day from which it was predicted; not every pair every night."
    )

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
    expected_orders_90 = models.FloatField(default=0, db_default=0)
    expected_value_90 = models.FloatField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(name="customer_value_order", fields=["expected_value", "customer"]),
            models.Index(name="customer_segment_order", fields=["segment", "expected_value", "customer"]),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.segment}"
