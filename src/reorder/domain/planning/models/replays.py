"""Past nights taken again: what they would have decided, kept one by one so that a replay goes on where it stopped."""

from django.db import models


class ReplayNight(models.Model):
    """One night of a replay.

    `figures` say how its forecast fared, `targets` (an Arrow file) what stock it would have aimed at.
    """

    as_of_date = models.DateField()
    horizon_days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    figures = models.JSONField(default=dict)
    targets = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(name="replay_night_once", fields=["as_of_date", "horizon_days"])]

    def __str__(self) -> str:
        return f"{self.as_of_date}"
