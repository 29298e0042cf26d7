"""Whether a part of a unit can be ordered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_units_of_measure")]
    operations = [
        migrations.AddField(
            "product",
            "is_sold_in_fractions",
            models.BooleanField(
                default=False, db_default=False, help_text="Sold by weight or length: 2.5 units of it can be ordered."
            ),
        ),
    ]
