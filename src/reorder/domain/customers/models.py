"""Customers: with messaging, the only room that holds personal facts."""

from django.db import models
from django.db.models.functions import Now


class Customer(models.Model):
    key = models.TextField(unique=True, help_text="The shop's own id of this person; e-mail where it has none.")
    name = models.TextField(blank=True, default="", db_default="")
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    time_zone = models.TextField(blank=True, default="", db_default="")
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    postcode = models.TextField(blank=True, default="", db_default="")
    birthday = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="customer_key_not_empty", condition=~models.Q(key=""))]

    def __str__(self) -> str:
        return self.key
