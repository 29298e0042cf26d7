"""Pick faces: bins kept filled with a product from bulk."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0004_floor"), ("catalog", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="PickFace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("min_units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("max_units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("decided_by", models.TextField()),
                (
                    "bin",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="faces",
                        to="warehouse.bin",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("bin", "product"), name="pick_face_once"),
                    models.CheckConstraint(
                        condition=models.Q(("min_units__gte", 0), ("max_units__gt", models.F("min_units"))),
                        name="pick_face_min_below_max",
                    ),
                ],
            },
        ),
    ]
