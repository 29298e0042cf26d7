"""Journeys, their versions, and who is where in them; versions never change, and what happened is only added to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Journey(models.Model):
    """A way that customers take on their own: what starts it, what happens then, and what ends it."""

    class State(models.TextChoices):
        DRAFT = "draft"  # never switched on
        LIVE = "live"
        PAUSED = "paused"  # who is in it waits where they are
        OFF = "off"  # nobody enters, and nobody is in it

    code = models.TextField(unique=True)
    name = models.TextField(blank=True, default="", db_default="", help_text="Empty: that of the ready-made one.")
    ready_made = models.TextField(blank=True, default="", db_default="", help_text="Which ready-made one it began as.")
    state = models.CharField(max_length=8, choices=State.choices, default="draft", db_default="draft")
    draft = models.JSONField(default=dict, help_text="What is being edited; see journeys/definition.")
    draft_number = models.IntegerField(default=0, db_default=0, help_text="Grows with every change of the draft.")
    live_version = models.ForeignKey(
        "marketing.JourneyVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    changed_at = models.DateTimeField()
    changed_by = models.TextField()
    switched_at = models.DateTimeField(null=True, blank=True, help_text="When its state last changed.")

    class Meta:
        constraints = [
            models.CheckConstraint(name="journey_has_code", condition=~models.Q(code="")),
            models.CheckConstraint(
                name="journey_state_known", condition=models.Q(state__in=["draft", "live", "paused", "off"])
            ),
            models.CheckConstraint(
                name="journey_runs_a_version",
                condition=models.Q(state__in=["draft", "off"]) | models.Q(live_version__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class JourneyVersion(models.Model):
    """A journey as it was switched on once; immutable."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.IntegerField()
    definition = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(name="journey_version_once", fields=["journey", "number"])]

    def __str__(self) -> str:
        return f"{self.journey_id} v{self.number}"


class Enrolment(models.Model):
    """One customer on one way through a journey."""

    class State(models.TextChoices):
        ACTIVE = "active"
        HELD = "held"  # the journey is paused
        DONE = "done"
        LEFT = "left"  # a fact, a person or the audience took them out
        FAILED = "failed"

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(JourneyVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False)
    entry_key = models.CharField(max_length=64, help_text="What they came in for: equal keys are one way through.")
    state = models.CharField(max_length=8, choices=State.choices, default="active", db_default="active")
    step_key = models.TextField(blank=True, default="", db_default="", help_text="Where they are; empty: at the end.")
    is_waiting = models.BooleanField(default=False, db_default=False, help_text="The step was taken and has an end.")
    awaits = ArrayField(models.TextField(), default=list, db_default=[], help_text="Facts that end the wait sooner.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="When to go on; empty: at the end.")
    context = models.JSONField(
        default=dict, db_default={}, help_text="What they came in with, and what was seen since."
    )
    steps_count = models.IntegerField(default=0, db_default=0)
    faults_count = models.SmallIntegerField(default=0, db_default=0)
    entered_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    ended_code = models.TextField(blank=True, default="", db_default="", help_text="See journeys/rules.ENDS.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="enrolment_once", fields=["journey", "customer", "entry_key"]),
            models.CheckConstraint(
                name="enrolment_state_known",
                condition=models.Q(state__in=["active", "held", "done", "left", "failed"]),
            ),
            models.CheckConstraint(
                name="enrolment_active_is_due",
                condition=models.Q(state__in=["active", "held"], due_at__isnull=False, finished_at__isnull=True)
                | models.Q(state__in=["done", "left", "failed"], finished_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="enrolment_due", fields=["due_at", "id"], condition=models.Q(state="active")),
            models.Index(
                name="enrolment_open_of",
                fields=["customer", "journey"],
                condition=models.Q(state__in=["active", "held"]),
            ),
            models.Index(
                name="enrolment_at_step",
                fields=["journey", "step_key"],
                condition=models.Q(state__in=["active", "held"]),
            ),
            models.Index(
                name="enrolment_open_version",
                fields=["version"],
                condition=models.Q(state__in=["active", "held"]),
            ),
            models.Index(name="enrolment_of_customer", fields=["customer", "-entered_at"]),
            models.Index(name="enrolment_of_journey", fields=["journey", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} {self.customer_id} {self.entry_key}"


class EnrolmentEvent(models.Model):
    """What happened to a customer on the way; append-only."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="events", db_index=False)
    happened_at = models.DateTimeField()
    step_key = models.TextField(blank=True, default="", db_default="")
    code = models.CharField(max_length=16, help_text="See journeys/rules.EVENTS.")
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        indexes = [models.Index(name="enrolment_event_of", fields=["enrolment", "id"])]

    def __str__(self) -> str:
        return f"{self.code} {self.step_key}"


class JourneyCount(models.Model):
    """How often what happened at a step on a day: a projection of the events, so that pages need not count them."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="+", db_index=False)
    step_key = models.TextField(blank=True, default="", db_default="")
    code = models.CharField(max_length=16)
    date = models.DateField()
    count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="journey_count_once", fields=["journey", "date", "step_key", "code"])
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.date}"


class HandedCycle(models.Model):
    """A purchase cycle that a night gave to the journey of due goods: it is reminded at most once."""

    cycle_key = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id = models.BigIntegerField(help_text="The product that it was to be reminded with.")
    subject_key = models.TextField(help_text="Planning key: SKU or category.")
    due_date = models.DateField(null=True, blank=True)
    last_bought_date = models.DateField(null=True, blank=True)
    handed_at = models.DateTimeField()
    message_key = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Of the message that was asked for."
    )
    is_attached = models.BooleanField(default=False, db_default=False, help_text="The message names the cycle.")

    class Meta:
        indexes = [
            models.Index(name="handed_cycle_of", fields=["customer"]),
            models.Index(
                name="handed_cycle_open",
                fields=["message_key"],
                condition=models.Q(is_attached=False) & ~models.Q(message_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.cycle_key


class JourneyTask(models.Model):
    """Something that a journey asks a person to do for a customer."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False)
    step_key = models.TextField()
    key = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [models.CheckConstraint(name="journey_task_has_text", condition=~models.Q(text=""))]
        indexes = [
            models.Index(name="journey_task_open", fields=["asked_at"], condition=models.Q(done_at__isnull=True)),
            models.Index(name="journey_task_of_customer", fields=["customer"]),
            models.Index(name="journey_task_of", fields=["enrolment"]),
        ]

    def __str__(self) -> str:
        return self.text


class WatchedPrice(models.Model):
    """The price and stock of a product as journeys last saw them: what tells a drop, an arrival and a return."""

    sku = models.TextField(unique=True)
    price_minor = models.BigIntegerField(null=True, blank=True)
    is_there = models.BooleanField(null=True, blank=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sku


class JourneyLook(models.Model):
    """Until which moment was looked for facts that nobody tells; the next look begins there."""

    name = models.TextField(unique=True)
    looked_until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
