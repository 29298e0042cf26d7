"""Marketing that too many people refuse or complain of is an alert."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("planning", "0013_privacy_requests")]
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
                    ("unwelcome_marketing", "Unwelcome Marketing"),
                ],
                max_length=20,
            ),
        ),
    ]
