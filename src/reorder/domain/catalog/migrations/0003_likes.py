"""A product that sells like another one, also in staged product files."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_sensitive_categories"),
        ("channels", "0005_staged_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="like_product",
            field=models.ForeignKey(
                blank=True,
                help_text=(
                    "A product that sells as this one is expected to; its past stands in until this one has its own."
                ),
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="catalog.product",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("like_product__isnull", True),
                    models.Q(("like_product", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="product_not_like_itself",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE channels_stagedproducts ADD COLUMN like_sku text",
            "ALTER TABLE channels_stagedproducts DROP COLUMN like_sku",
        ),
    ]
