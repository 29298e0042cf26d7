"""What belongs in a customer's next basket, and which products go together."""

from django.db import models


class Recommendation(models.Model):
    """The list of one customer, the likeliest first; one row a customer, so that a million customers stay small.

    `items`: a list of {sku, score, code, parameters}. What may be shown of it (stock, discontinued products, sensitive
    categories) is decided when it is read, for that changes by the hour.
    """

    customer = models.OneToOneField(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", primary_key=True, db_constraint=False
    )
    as_of_date = models.DateField(help_text="The day from which the next visit was counted.")
    model_id = models.BigIntegerField(help_text="The learned model that ranked; a reference without a key.")
    method = models.CharField(max_length=12)
    items = models.JSONField()

    class Meta:
        indexes = [models.Index(name="recommendation_age", fields=["as_of_date", "customer"])]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.as_of_date}"


class Companions(models.Model):
    """Products bought together with one more often than by chance, the strongest first, as last learned.

    `items`: a list of {sku, lift, orders}.
    """

    sku = models.TextField(primary_key=True)
    as_of_date = models.DateField()
    items = models.JSONField()

    def __str__(self) -> str:
        return self.sku
