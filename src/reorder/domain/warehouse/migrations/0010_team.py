import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_fractions"), ("inventory", "0005_reserves"), ("warehouse", "0009_returns")]

    operations = [
        migrations.CreateModel(
            name="SsccSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company_prefix", models.TextField(unique=True)),
                ("next_serial", models.BigIntegerField(db_default=1, default=1)),
            ],
            options={
                "verbose_name_plural": "sscc series",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("next_serial__gte", 0)), name="sscc_serial_not_negative")
                ],
            },
        ),
        migrations.CreateModel(
            name="FloorAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("work", models.TextField()),
                ("task", models.TextField()),
                ("assigned_to", models.TextField()),
                ("assigned_by", models.TextField()),
                ("assigned_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "place",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inventory.place",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("place", "work", "task"),
                        name="floor_assignment_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("assigned_to", ""), _negated=True), name="floor_assignment_to_somebody"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LogisticUnit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sscc", models.CharField(max_length=18, unique=True)),
                ("units", models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True)),
                ("lot", models.TextField(blank=True, db_default="", default="")),
                ("expires_date", models.DateField(blank=True, null=True)),
                ("made_by", models.TextField()),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.place"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("product__isnull", True), ("units__isnull", True)),
                            models.Q(("product__isnull", False), ("units__gt", 0)),
                            _connector="OR",
                        ),
                        name="logistic_unit_content_whole",
                    )
                ],
            },
        ),
    ]
