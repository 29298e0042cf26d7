"""What the shop says of a person besides the plain facts: tags, and attributes with a value."""

from django.db import models
from django.db.models.functions import Now


class CustomerTag(models.Model):
    """A word that a person wears; the same word is worn once."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="tags", db_index=False)
    tag = models.CharField(max_length=60)
    added_by = models.TextField(help_text="Somebody's name, token:…, or segment:CODE for a tag that a segment gives.")
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="customer_tag_once", fields=["customer", "tag"]),
            models.CheckConstraint(name="customer_tag_not_empty", condition=~models.Q(tag="")),
        ]
        indexes = [models.Index(name="customer_tag_of", fields=["tag", "customer"])]

    def __str__(self) -> str:
        return self.tag


class CustomerAttribute(models.Model):
    """A named value of a person: skin type, size of the dog, favourite store …; the latest value stands."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="attributes", db_index=False
    )
    name = models.CharField(max_length=60)
    value = models.TextField()
    set_by = models.TextField()
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="customer_attribute_once", fields=["customer", "name"]),
            models.CheckConstraint(name="customer_attribute_given", condition=~models.Q(name="") & ~models.Q(value="")),
        ]
        indexes = [models.Index(name="customer_attribute_of", fields=["name", "customer"])]

    def __str__(self) -> str:
        return self.name
