"""Staff accounts; the role decides what a person may see and do."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    class Role(models.TextChoices):
        OWNER = "owner"
        MARKETER = "marketer"
        BUYER = "buyer"
        WAREHOUSE = "warehouse"
        SUPPORT = "support"
        VIEWER = "viewer"

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER, db_default=Role.VIEWER)
    language = models.CharField(max_length=8, default="en", db_default="en")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_role_known",
                condition=models.Q(role__in=["owner", "marketer", "buyer", "warehouse", "support", "viewer"]),
            )
        ]

    def __str__(self) -> str:
        return self.username
