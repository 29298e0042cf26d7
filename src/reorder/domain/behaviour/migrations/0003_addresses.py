"""Where a shop's addresses name the product, and how fast a write key may send."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("behaviour", "0002_visitors")]

    operations = [
        migrations.AddField(
            model_name="trackingsource",
            name="address_patterns",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                db_default=[],
                default=list,
                help_text="Where the SKU stands in addresses of products.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="trackingsource",
            name="events_per_second",
            field=models.PositiveIntegerField(db_default=10000, default=10000),
        ),
    ]
