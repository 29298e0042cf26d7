"""Short addresses of the links in text messages."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0013_clicks")]

    operations = [
        migrations.CreateModel(
            name="ShortLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=16, unique=True)),
                ("url", models.TextField()),
                ("is_followed", models.BooleanField()),
                ("created_at", models.DateTimeField()),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="short_links",
                        to="messaging.outboxmessage",
                    ),
                ),
            ],
            options={"indexes": [models.Index(name="short_link_age", fields=["created_at"])]},
        ),
    ]
