"""Orders of ours are found by the postcode that they go to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_checks")]
    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("fulfilment", "reorder")), fields=["ship_postcode"], name="order_ours_postcode"
            ),
        ),
    ]
