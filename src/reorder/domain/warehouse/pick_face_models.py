"""Pick faces: bins kept filled with a product, from bulk."""

from django.db import models


class PickFace(models.Model):
    """A bin where a product is picked from: filled up to `max_units` when fewer than `min_units` are left."""

    bin = models.ForeignKey("warehouse.Bin", on_delete=models.CASCADE, related_name="faces", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    min_units = models.DecimalField(max_digits=14, decimal_places=3)
    max_units = models.DecimalField(max_digits=14, decimal_places=3)
    decided_by = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pick_face_once", fields=["bin", "product"]),
            models.CheckConstraint(
                name="pick_face_min_below_max",
                condition=models.Q(min_units__gte=0) & models.Q(max_units__gt=models.F("min_units")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bin_id}: {self.min_units}–{self.max_units}"
