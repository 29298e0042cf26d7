"""What comparisons taught."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0011_campaigns"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactResponse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope",
                    models.CharField(
                        choices=[("all", "All"), ("channel", "Channel"), ("offer", "Offer")], max_length=8
                    ),
                ),
                (
                    "key",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="The channel, or the code of the offer."
                    ),
                ),
                ("segment", models.CharField(blank=True, db_default="", default="", max_length=32)),
                ("treated_count", models.BigIntegerField()),
                ("held_out_count", models.BigIntegerField()),
                ("lift_share", models.FloatField()),
                ("deviation", models.FloatField()),
                ("learned_share", models.FloatField(help_text="How much of it the comparison says; 0: all assumed.")),
                ("as_of_date", models.DateField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("scope", "key", "segment"), name="contact_response_once")
                ],
            },
        ),
    ]
