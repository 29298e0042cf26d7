"""What messages were found to add, by the channel that carried them and the offer in them."""

from django.db import models


class ContactResponse(models.Model):
    """Extra orders that a channel or an offer brings, as a share of those that would have come anyway.

    Learned from held-out customers and shrunk to the whole; of everybody (no segment) and of segments. Replaced as one
    by each night that measures; the decision about messages reads it.
    """

    class Scope(models.TextChoices):
        ALL = "all"
        CHANNEL = "channel"
        OFFER = "offer"

    scope = models.CharField(max_length=8, choices=Scope.choices)
    key = models.TextField(blank=True, default="", db_default="", help_text="The channel, or the code of the offer.")
    segment = models.CharField(max_length=32, blank=True, default="", db_default="")
    treated_count = models.BigIntegerField()
    held_out_count = models.BigIntegerField()
    lift_share = models.FloatField()
    deviation = models.FloatField()
    learned_share = models.FloatField(help_text="How much of it the comparison says; 0: all assumed.")
    as_of_date = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(name="contact_response_once", fields=["scope", "key", "segment"])]

    def __str__(self) -> str:
        return f"{self.scope} {self.key} {self.segment}: {self.lift_share}"
