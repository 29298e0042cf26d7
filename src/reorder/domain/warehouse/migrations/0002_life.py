"""When a fulfilment order was picked, packed and given up, and what of it is late."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="fulfilmentorder", name="picked_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="fulfilmentorder", name="packed_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="fulfilmentorder", name="cancelled_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="fulfilmentorder",
            name="told_late_at",
            field=models.DateTimeField(blank=True, help_text="When somebody was told that it is late.", null=True),
        ),
        migrations.AddIndex(
            model_name="fulfilmentorder",
            index=models.Index(
                condition=models.Q(
                    models.Q(("state__in", ["shipped", "delivered", "cancelled"]), _negated=True),
                    ("ship_by_at__isnull", False),
                ),
                fields=["ship_by_at"],
                name="fulfilment_leaves_by",
            ),
        ),
    ]
