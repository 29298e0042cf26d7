"""Where somebody wanted to go who was asked to sign in first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_privacy")]

    operations = [
        migrations.AddField(
            model_name="portallink",
            name="onward",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="The page that was asked for before."
            ),
        ),
    ]
