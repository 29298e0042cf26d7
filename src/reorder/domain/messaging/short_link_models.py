"""Short addresses of the links in text messages, where each character costs."""

from django.db import models


class ShortLink(models.Model):
    """A few letters that stand for one link of one message; whether clicks are counted was settled when it went."""

    token = models.CharField(max_length=16, unique=True)
    message = models.ForeignKey("messaging.OutboxMessage", on_delete=models.CASCADE, related_name="short_links")
    url = models.TextField()
    is_followed = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="short_link_age", fields=["created_at"])]

    def __str__(self) -> str:
        return self.token
