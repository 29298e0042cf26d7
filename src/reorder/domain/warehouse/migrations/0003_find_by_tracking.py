"""Orders are found by the tracking number of a parcel."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0002_life")]
    operations = [
        migrations.AddIndex(
            model_name="fulfilmentorder",
            index=models.Index(
                condition=models.Q(("tracking_number", ""), _negated=True),
                fields=["tracking_number"],
                name="fulfilment_tracking",
            ),
        ),
    ]
