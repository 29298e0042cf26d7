from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0008_alerts"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplayNight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of_date", models.DateField()),
                ("horizon_days", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField()),
                ("figures", models.JSONField(default=dict)),
                ("targets", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("as_of_date", "horizon_days"), name="replay_night_once")
                ],
            },
        ),
    ]
