import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_likes"),
    ]

    operations = [
        migrations.CreateModel(
            name="BundleComponent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "units",
                    models.DecimalField(
                        decimal_places=3, help_text="Units of the component in one bundle.", max_digits=14
                    ),
                ),
                (
                    "bundle",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="components",
                        to="catalog.product",
                    ),
                ),
                (
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bundles", to="catalog.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("bundle", "component"), name="bundle_component_once"),
                    models.CheckConstraint(
                        condition=models.Q(("units__gt", 0)), name="bundle_component_units_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bundle", models.F("component")), _negated=True),
                        name="bundle_not_its_own_component",
                    ),
                ],
            },
        ),
    ]
