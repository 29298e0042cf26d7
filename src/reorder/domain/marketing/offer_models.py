"""Offers: terms of a discount that messages may hand out as codes of a single use."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Offer(models.Model):
    """What may be given, to whom and how often; the discount itself is a price rule that nobody can name."""

    code = models.TextField(unique=True)
    rule = models.OneToOneField("orders.PriceRule", on_delete=models.PROTECT, related_name="+")
    words = models.JSONField(default=dict, db_default={}, help_text="What customers read, by language.")
    valid_days = models.PositiveIntegerField(null=True, blank=True, help_text="A code ends so long after its issue.")
    maximum_codes = models.PositiveIntegerField(null=True, blank=True)
    maximum_codes_per_customer = models.PositiveIntegerField(null=True, blank=True)
    segment_codes = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    is_personal = models.BooleanField(default=True, db_default=True, help_text="Only for whom the code was issued.")
    is_active = models.BooleanField(default=True, db_default=True)
    created_by = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(name="offer_code_not_empty", condition=~models.Q(code="")),
            models.CheckConstraint(
                name="offer_days_positive", condition=models.Q(valid_days__isnull=True) | models.Q(valid_days__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.code
