"""How goods are handled in parcels: upright, fragile, kept apart from others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_fractions")]

    operations = [
        migrations.AddField(
            model_name="product",
            name="is_upright",
            field=models.BooleanField(db_default=False, default=False, help_text="Its height stays up in a parcel."),
        ),
        migrations.AddField(
            model_name="product",
            name="is_fragile",
            field=models.BooleanField(db_default=False, default=False, help_text="Nothing lies on it in a parcel."),
        ),
        migrations.AddField(
            model_name="product",
            name="keep_apart",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Goods of two different groups never share a parcel (food, detergent); empty: goes with all.",
            ),
        ),
    ]
