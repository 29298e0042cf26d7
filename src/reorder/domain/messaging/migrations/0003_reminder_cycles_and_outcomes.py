"""One reminder a purchase cycle, kept by the database; and a coded reason for how a message ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_append_only")]
    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="outcome_code",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Why it ended, waits again or is parked; see engine/reasons.",
            ),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="error",
            field=models.TextField(blank=True, db_default="", default="", help_text="The mail server's own words."),
        ),
        migrations.AddField(
            model_name="outboxitem",
            name="subject_key",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="Planning key: SKU or category."
            ),
        ),
        migrations.AddField(
            model_name="outboxitem", name="last_bought_date", field=models.DateField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="outboxitem",
            name="cycle_key",
            field=models.CharField(
                blank=True,
                help_text="Customer, subject and last purchase: reminded at most once.",
                max_length=64,
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxitem",
            constraint=models.UniqueConstraint(fields=("cycle_key",), name="outbox_item_cycle_once"),
        ),
    ]
