"""Segments: who belongs to which now, who did before, how many there were on each day, and lists brought by files."""

from django.db import models
from django.db.models.functions import Now


class Segment(models.Model):
    """A group of customers: those to whom rules apply, or a list that people and programs keep by hand."""

    class Kind(models.TextChoices):
        RULES = "rules"
        LIST = "list"

    code = models.CharField(max_length=64, unique=True)
    name = models.TextField()
    description = models.TextField(blank=True, default="", db_default="")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    rules = models.JSONField(default=dict, db_default={}, help_text="See domain/marketing/segment_rules; of lists: {}.")
    member_tag = models.CharField(
        max_length=60, blank=True, default="", db_default="", help_text="A tag that its members wear while they are in."
    )
    members_count = models.IntegerField(default=0, db_default=0)
    counted_at = models.DateTimeField(
        null=True, blank=True, help_text="When everybody was last held against the rules; empty: not yet."
    )
    fault = models.TextField(blank=True, default="", db_default="", help_text="Why it could not be counted.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.TextField()
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="segment_kind_known", condition=models.Q(kind__in=["rules", "list"])),
            models.CheckConstraint(name="segment_named", condition=~models.Q(code="") & ~models.Q(name="")),
            models.CheckConstraint(name="segment_members_not_negative", condition=models.Q(members_count__gte=0)),
        ]

    def __str__(self) -> str:
        return self.code


class SegmentMember(models.Model):
    """A customer is in a segment now. No foreign keys in the database: five million rows are written by joins."""

    pk = models.CompositePrimaryKey("segment_id", "customer_id")
    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="members", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    since_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="segment_member_customer", fields=["customer", "segment"])]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.customer_id}"


class SegmentStay(models.Model):
    """A customer was in a segment from one moment to another: history, never changed."""

    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    since_at = models.DateTimeField()
    left_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="segment_stay_customer", fields=["customer", "-left_at"]),
            models.Index(name="segment_stay_segment", fields=["segment", "-left_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.customer_id}"


class SegmentDay(models.Model):
    """How many were in a segment at the end of a day of the shop, and how many came and went on it."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="days", db_index=False)
    date = models.DateField()
    members_count = models.IntegerField()
    came_count = models.IntegerField(default=0, db_default=0)
    left_count = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="segment_day_once", fields=["segment", "date"])]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.date}"


class ListImport(models.Model):
    """A file whose rows join a list, leave it, or are from then on all of it."""

    class Mode(models.TextChoices):
        ADD = "add"
        REMOVE = "remove"
        REPLACE = "replace"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="imports")
    mode = models.CharField(max_length=8, choices=Mode.choices)
    state = models.CharField(max_length=8, choices=State.choices, default="queued", db_default="queued")
    name = models.TextField(help_text="Of the file.")
    folder = models.TextField(help_text="Below uploads in the home folder.")
    bytes = models.BigIntegerField()
    bytes_done = models.BigIntegerField(default=0, db_default=0)
    read_count = models.IntegerField(default=0, db_default=0)
    came_count = models.IntegerField(default=0, db_default=0)
    left_count = models.IntegerField(default=0, db_default=0)
    known_count = models.IntegerField(default=0, db_default=0, help_text="Rows that changed nothing.")
    rejected_count = models.IntegerField(default=0, db_default=0)
    error = models.TextField(blank=True, default="", db_default="")
    asked_by = models.TextField()
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="list_import_mode_known", condition=models.Q(mode__in=["add", "remove", "replace"])
            ),
            models.CheckConstraint(
                name="list_import_state_known",
                condition=models.Q(state__in=["queued", "running", "done", "failed"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ListRejection(models.Model):
    """A row of a file that named nobody, or somebody whom another row named already; forgotten after 30 days."""

    of_import = models.ForeignKey(ListImport, on_delete=models.CASCADE, related_name="rejections", db_index=False)
    row_number = models.IntegerField()
    value = models.TextField(blank=True, default="", db_default="")
    reason_code = models.TextField()

    class Meta:
        indexes = [models.Index(name="list_rejection_of_import", fields=["of_import", "row_number"])]

    def __str__(self) -> str:
        return f"{self.row_number} {self.reason_code}"
