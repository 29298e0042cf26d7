"""Requests about personal data that are nearly or more than late are alerts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("planning", "0012_effects")]
    operations = [
        migrations.AlterField(
            model_name="alert",
            name="kind",
            field=models.CharField(
                choices=[
                    ("below_safety_stock", "Below Safety Stock"),
                    ("runs_out", "Runs Out"),
                    ("excess", "Excess"),
                    ("dead_stock", "Dead Stock"),
                    ("expiring", "Expiring"),
                    ("late_order", "Late Order"),
                    ("unconfirmed_order", "Unconfirmed Order"),
                    ("forecast_drift", "Forecast Drift"),
                    ("bad_data", "Bad Data"),
                    ("late_parcels", "Late Parcels"),
                    ("privacy_requests", "Privacy Requests"),
                ],
                max_length=20,
            ),
        ),
    ]
