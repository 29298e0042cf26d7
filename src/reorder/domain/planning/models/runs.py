"""Runs and their steps, kept for ever: which work of ours made a conclusion."""

from django.db import models


class Run(models.Model):
    class State(models.TextChoices):
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    kind = models.TextField()
    as_of_date = models.DateField()
    state = models.CharField(max_length=12, choices=State.choices, default="running", db_default="running")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="run_state_known", condition=models.Q(state__in=["running", "succeeded", "failed"])
            ),
        ]
        indexes = [models.Index(name="run_latest", fields=["kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.as_of_date}"


def concluded_by() -> "models.ForeignKey[Run, Run]":
    """The run of a conclusion. Half a million rows a night are written by the very run they name: checking that it
    exists for every row costs as much as writing them, so the database is not asked to.
    """
    return models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)


class RunStep(models.Model):
    class State(models.TextChoices):
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    name = models.TextField()
    ordinal = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default="running", db_default="running")
    attempts_count = models.PositiveSmallIntegerField(default=1, db_default=1)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    rows_read = models.BigIntegerField(default=0, db_default=0)
    rows_written = models.BigIntegerField(default=0, db_default=0)
    details = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(name="run_step_once", fields=["run", "name"])]

    def __str__(self) -> str:
        return self.name
