"""Customers: with messaging, the only room that holds personal facts.

The index `customer_words` (migration 0003) finds people by a Chinese character or two, the beginning of a word, or
by the shop's key; its SQL functions and `rules.read_words` cut text into the same words.
"""

from django.db import models
from django.db.models.functions import Now

from reorder.domain.customers.portal_models import (  # noqa: F401 - Django looks for models here
    Cart,
    PortalLink,
    PortalSession,
    ReturnRequest,
    SavedAddress,
)
from reorder.domain.customers.privacy_models import PrivacyRequest  # noqa: F401 - Django looks for models here
from reorder.domain.customers.profile_models import CustomerAttribute, CustomerTag  # noqa: F401 - as above


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
    # A merged record keeps its key, so that whatever comes under it later lands on the one that was kept; it is never
    # merged into one that is itself merged, so one step leads there.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="absorbed", db_index=False
    )
    merged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="customer_key_not_empty", condition=~models.Q(key="")),
            models.CheckConstraint(
                name="customer_not_merged_into_itself", condition=~models.Q(merged_into=models.F("id"))
            ),
            models.CheckConstraint(
                name="customer_merged_has_moment",
                condition=models.Q(merged_into__isnull=True) | models.Q(merged_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="customer_absorbed", fields=["merged_into"], condition=models.Q(merged_into__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.key


class Note(models.Model):
    """What staff want to remember about a person; never changed, only taken back by its author."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes", db_index=False)
    author = models.TextField(help_text="The staff's user name.")
    text = models.TextField()
    written_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="note_not_empty", condition=~models.Q(text=""))]
        indexes = [models.Index(name="note_of_customer", fields=["customer", "-written_at"])]

    def __str__(self) -> str:
        return f"{self.author} {self.written_at:%Y-%m-%d}"


class Address(models.Model):
    """Where a parcel goes; never changed, because orders point to it. The same address of a person is one row."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="addresses", db_index=False)
    content_hash = models.CharField(max_length=64)
    name = models.TextField(help_text="Who receives it.")
    phone = models.TextField(blank=True, default="", db_default="")
    company = models.TextField(blank=True, default="", db_default="")
    country = models.CharField(max_length=2)
    postcode = models.TextField(blank=True, default="", db_default="")
    region = models.TextField(blank=True, default="", db_default="", help_text="State, county, 縣市.")
    city = models.TextField(blank=True, default="", db_default="", help_text="City, district, 鄉鎮市區.")
    line1 = models.TextField(blank=True, default="", db_default="")
    line2 = models.TextField(blank=True, default="", db_default="")
    store_code = models.TextField(blank=True, default="", db_default="", help_text="Convenience store to collect at.")
    note = models.TextField(blank=True, default="", db_default="", help_text="For who delivers.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [models.UniqueConstraint(name="address_once", fields=["customer", "content_hash"])]
        indexes = [
            # A phone is found however it was written: by its digits.
            models.Index(
                models.Func(
                    models.F("phone"),
                    models.Value(r"\D"),
                    models.Value(""),
                    models.Value("g"),
                    function="regexp_replace",
                ),
                name="address_phone_digits",
                condition=~models.Q(phone=""),
            )
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"
