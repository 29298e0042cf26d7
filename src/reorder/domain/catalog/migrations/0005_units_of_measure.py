import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_bundles"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProductUnit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField(help_text="case, inner, pallet …")),
                ("contains_count", models.DecimalField(decimal_places=3, max_digits=12)),
                (
                    "contains_code",
                    models.TextField(blank=True, db_default="", default="", help_text="Empty: the selling unit."),
                ),
                (
                    "units",
                    models.DecimalField(decimal_places=3, help_text="In selling units, exactly.", max_digits=12),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="units", to="catalog.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(name="product_unit_once", fields=["product", "code"]),
                    models.CheckConstraint(name="product_unit_code_not_empty", condition=~models.Q(code="")),
                    models.CheckConstraint(
                        name="product_unit_not_itself", condition=~models.Q(code=models.F("contains_code"))
                    ),
                    models.CheckConstraint(
                        name="product_unit_positive", condition=models.Q(contains_count__gt=0) & models.Q(units__gt=0)
                    ),
                ]
            },
        ),
    ]
