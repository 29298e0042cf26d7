"""Facts that journeys listen to; the tables of the other parts stand in modules of their own."""

from django.db import models
from django.db.models.functions import Now

from reorder.domain.marketing.campaign_models import Campaign  # noqa: F401 - Django looks for models here
from reorder.domain.marketing.content_models import (  # noqa: F401 - Django looks for models here
    CartTarget,
    CartVariant,
    LibraryArticle,
    MessageLook,
    ProductCard,
    Template,
    TemplateVersion,
)
from reorder.domain.marketing.journey_models import (  # noqa: F401 - Django looks for models here
    Enrolment,
    EnrolmentEvent,
    HandedCycle,
    Journey,
    JourneyCount,
    JourneyLook,
    JourneyTask,
    JourneyVersion,
    WatchedPrice,
)
from reorder.domain.marketing.offer_models import Offer  # noqa: F401 - Django looks for models here
from reorder.domain.marketing.proof_models import (  # noqa: F401 - Django looks for models here
    EffectFigure,
    Exposure,
    HoldoutChoice,
    ProofState,
)
from reorder.domain.marketing.segment_models import (  # noqa: F401 - Django looks for models here
    ListImport,
    ListRejection,
    Segment,
    SegmentDay,
    SegmentMember,
    SegmentStay,
)
from reorder.domain.marketing.waiting_models import (  # noqa: F401 - Django looks for models here
    ContactLimits,
    WaitingMessage,
)


class Fact(models.Model):
    """Something that happened to a customer and that a live journey waits for; gone once it was taken."""

    kind = models.CharField(max_length=32, help_text="One of rules.FACT_KINDS.")
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False)
    subject = models.TextField(blank=True, default="", db_default="", help_text="SKU, order, parcel, segment …")
    details = models.JSONField(default=dict, db_default={})
    happened_at = models.DateTimeField()
    noted_at = models.DateTimeField(db_default=Now(), editable=False)
    key = models.CharField(max_length=64, unique=True, help_text="Equal keys are one fact, however often it is noted.")

    class Meta:
        indexes = [models.Index(name="fact_of_customer", fields=["customer"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class WantedFact(models.Model):
    """A kind of fact that some live journey or waiting customer listens to; others are not even written down."""

    kind = models.CharField(max_length=32, unique=True)

    def __str__(self) -> str:
        return self.kind
