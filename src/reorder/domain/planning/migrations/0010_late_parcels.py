"""Parcels that should have left are a kind of their own: they say nothing about the data that purchases rest on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("planning", "0009_replay")]
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
                ],
                max_length=20,
            ),
        ),
        migrations.RunSQL(
            """UPDATE planning_alert SET kind = 'late_parcels', key = 'shop', reason_code = 'alert.late_parcels'
               WHERE kind = 'bad_data' AND key = 'late_parcels'""",
            migrations.RunSQL.noop,
        ),
    ]
