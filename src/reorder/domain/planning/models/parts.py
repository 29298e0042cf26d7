"""What the parts of the demand plan rest on: looks back, the weight of bottom-up, and who serves which region."""

from django.db import models

from reorder.domain.planning.models.runs import concluded_by


class PartOrigin(models.Model):
    """What each part said of one subject on one day for the days after it, and what then was sold; all places together.

    Written by nights as they happen and by `reorder backtest demand` for days gone by; `sold_units` is empty until the
    days are over.
    """

    as_of_date = models.DateField(help_text="The day on which it was said: facts before it only.")
    subject = models.TextField()
    horizon_days = models.PositiveSmallIntegerField()
    top_down_units = models.FloatField(help_text="The forecast from past sales.")
    bottom_up_units = models.FloatField(help_text="Chance times usual units over known customers, as it is.")
    committed_units = models.FloatField(default=0, db_default=0, help_text="Commitments known on that day.")
    sold_units = models.FloatField(null=True)
    smoothing_units = models.FloatField(null=True, help_text="Simple exponential smoothing, to compare with.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="part_origin_once", fields=["as_of_date", "horizon_days", "subject"])
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.as_of_date} {self.horizon_days}"


class DemandGate(models.Model):
    """How much bottom-up counts in one subject's plan, by that subject's own looks back; no row: not at all."""

    run = concluded_by()
    subject = models.TextField(primary_key=True)
    weight_share = models.FloatField(
        help_text="How much of what bottom-up says beyond top-down counts; 0: nothing, at most 2."
    )
    scale = models.FloatField(help_text="Units sold a unit that known customers explained.")
    origins_count = models.PositiveSmallIntegerField()
    top_down_error_share = models.FloatField(help_text="Absolute error over units sold, of top-down alone.")
    gated_error_share = models.FloatField(help_text="The same with the weight that each origin would have had.")
    chance_share = models.FloatField(help_text="How likely so large a gain is by luck (one-sided paired test).")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="demand_gate_weight_bounded",
                condition=models.Q(weight_share__gte=0) & models.Q(weight_share__lte=2),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.weight_share}"


class PartScore(models.Model):
    """What one part does to the error of the plan, over all looks back: of the whole shop or one category."""

    class Scope(models.TextChoices):
        SHOP = "shop"
        CATEGORY = "category"

    run = models.ForeignKey("planning.Run", on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False)
    scope = models.CharField(max_length=8, choices=Scope.choices)
    key = models.TextField(blank=True, default="", db_default="")
    horizon_days = models.PositiveSmallIntegerField()
    part = models.TextField(help_text="smoothing, top_down, bottom_up, gated or plan.")
    error_share = models.FloatField(help_text="WAPE: absolute error over units sold, subject by subject.")
    bias_share = models.FloatField()
    sold_units = models.FloatField()
    origins_count = models.PositiveSmallIntegerField()
    subjects_count = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="part_score_once", fields=["scope", "key", "horizon_days", "part"])]

    def __str__(self) -> str:
        return f"{self.scope} {self.key} {self.part}"


class DemandRegion(models.Model):
    """Which place would serve a region if stock had no end: where demand from there belongs.

    The longest matching beginning of a postcode wins, then the country; a row with neither is the default place, for
    orders whose lines name no place.
    """

    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    postcode_start = models.TextField(blank=True, default="", db_default="")
    place_code = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="demand_region_once", fields=["country", "postcode_start"]),
            models.CheckConstraint(name="demand_region_has_place", condition=~models.Q(place_code="")),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.postcode_start} → {self.place_code}"
