"""Each minute looks for reminders whose moment has come, held-out ones too: by an index, not through all mail ever."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_reminder_cycles_and_outcomes")]
    operations = [
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                name="outbox_unfinished",
                fields=["send_after"],
                condition=models.Q(state__in=["planned", "held_out"], finished_at__isnull=True),
            ),
        ),
    ]
