"""Where people want their parcels."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_merging")]
    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content_hash", models.CharField(max_length=64)),
                ("name", models.TextField(help_text="Who receives it.")),
                ("phone", models.TextField(blank=True, db_default="", default="")),
                ("company", models.TextField(blank=True, db_default="", default="")),
                ("country", models.CharField(max_length=2)),
                ("postcode", models.TextField(blank=True, db_default="", default="")),
                ("region", models.TextField(blank=True, db_default="", default="", help_text="State, county, 縣市.")),
                (
                    "city",
                    models.TextField(blank=True, db_default="", default="", help_text="City, district, 鄉鎮市區."),
                ),
                ("line1", models.TextField(blank=True, db_default="", default="")),
                ("line2", models.TextField(blank=True, db_default="", default="")),
                (
                    "store_code",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Convenience store to collect at."
                    ),
                ),
                ("note", models.TextField(blank=True, db_default="", default="", help_text="For who delivers.")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "addresses",
                "constraints": [models.UniqueConstraint(fields=("customer", "content_hash"), name="address_once")],
            },
        ),
    ]
