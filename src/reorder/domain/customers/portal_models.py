"""The customer's side of the shop: links that let in once, sessions, carts, kept addresses, and wishes to return goods.

Goods are named by SKU and orders by their number: those rooms lie above this one.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class PortalLink(models.Model):
    """A link that lets whoever reads this mailbox into the portal once; only the hash of its secret is kept."""

    address = models.TextField(help_text="The mailbox it was sent to, in lower case.")
    # Nobody yet: whoever opens it becomes a customer by it.
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, null=True, blank=True, related_name="portal_links"
    )
    cart_code = models.TextField(blank=True, default="", db_default="", help_text="What lay in the cart before.")
    onward = models.TextField(blank=True, default="", db_default="", help_text="The page that was asked for before.")
    secret_hash = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(name="portal_link_end", fields=["expires_at"])]

    def __str__(self) -> str:
        return f"until {self.expires_at}"


class PortalSession(models.Model):
    """One browser of a customer, or of somebody who only fills a cart so far. Its secret changes daily."""

    secret_hash = models.CharField(max_length=64, unique=True)
    # Pages that were loading side by side when the secret changed may still come with the one before.
    previous_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    previous_until = models.DateTimeField(null=True, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, null=True, blank=True, related_name="portal_sessions"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="When its secret was last changed.")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(name="portal_session_end", fields=["expires_at"]),
            models.Index(name="portal_session_before", fields=["previous_hash"], condition=~models.Q(previous_hash="")),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} until {self.expires_at}"


class Cart(models.Model):
    """What somebody is about to buy; its code becomes the number of the order that it becomes, once."""

    code = models.TextField(unique=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, null=True, blank=True, related_name="carts"
    )
    session = models.ForeignKey(PortalSession, on_delete=models.CASCADE, null=True, blank=True, related_name="carts")
    lines = models.JSONField(default=list, db_default=[], help_text="Pairs of SKU and units, units as text.")
    coupon_codes = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    held_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField()
    order_id = models.BigIntegerField(null=True, blank=True, help_text="Number of the order that it became.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cart_of_customer_once", fields=["customer"], condition=models.Q(order_id__isnull=True)
            ),
            models.UniqueConstraint(
                name="cart_of_session_once",
                fields=["session"],
                condition=models.Q(order_id__isnull=True, customer__isnull=True),
            ),
            models.CheckConstraint(
                name="cart_of_somebody", condition=models.Q(customer__isnull=False) | models.Q(session__isnull=False)
            ),
        ]
        indexes = [models.Index(name="cart_age", fields=["changed_at"])]

    def __str__(self) -> str:
        return self.code


class SavedAddress(models.Model):
    """An address that a customer may choose again; taking it off the list leaves the address to its orders."""

    # No index of its own: the unique key serves it as well.
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="saved_addresses", db_index=False
    )
    address = models.ForeignKey("customers.Address", on_delete=models.PROTECT, related_name="+", db_index=False)
    used_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "saved addresses"
        constraints = [models.UniqueConstraint(name="saved_address_once", fields=["customer", "address"])]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.address_id}"


class ReturnRequest(models.Model):
    """A customer's wish to send goods back, in the customer's own words; the order's event points to it."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="return_requests")
    order_id = models.BigIntegerField(help_text="Number of the order.")
    reason = models.TextField()
    lines = models.JSONField(help_text="Units by line of the order, as text.")
    note = models.TextField(blank=True, default="", db_default="")
    photo = models.BinaryField(null=True, blank=True)
    photo_type = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="return_request_reason", condition=~models.Q(reason=""))]
        indexes = [models.Index(name="return_request_of_order", fields=["order_id", "id"])]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.reason}"
